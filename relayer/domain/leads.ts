/** Leads: how a prospect is known, until when it is its partner's, and what the brand can decide of it when. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { LeadField, LeadState, Prospect } from "@partner-programs/protocol/leads";
import { getDomain, getHostname } from "tldts";
import { canonicalDomain } from "./spelling.ts";

export type LeadRules = NonNullable<CampaignDescription["leads"]>;

/** What a partner says of a prospect. */
export interface ProspectDetails extends Prospect {
  readonly name: string | null;
  readonly note: string | null;
}

const DAY = 86_400_000;

/** So many registrations of one partner in a campaign are answered in a day (UTC), whatever is answered: who asks for more is probing. */
export const MAX_LEADS_A_DAY = 20;

/** So long after a lead has ended, its contact is kept. */
export const KEPT_MILLISECONDS = 30 * DAY;

/**
 * The domain that a company has registered: `acme.co.uk` for `www.shop.ACME.co.uk` or an address of its site. Of what is a suffix
 * itself, and so anybody's, none. undefined: it names no company.
 */
export function canonicalCompany(text: string): string | undefined {
  if (text.includes("@")) return undefined;
  const host = canonicalDomain(getHostname(text.trim()) ?? "");
  return host === undefined ? undefined : (getDomain(host, { allowPrivateDomains: true }) ?? undefined);
}

/** The fields that the campaign asks for and that are missing. */
export const missingFields = ({ asks }: Pick<LeadRules, "asks">, details: ProspectDetails): LeadField[] =>
  asks.filter((field) => details[field] === null);

/** Of a lead that is registered now. Milliseconds since 1970. */
export function deadlines({ answerDays, protectedDays }: LeadRules, now: number) {
  return { registeredAt: now, answerBy: now + answerDays * DAY, protectedUntil: now + protectedDays * DAY };
}

export const LEAD_DECISIONS = ["qualify", "reject", "win", "lose"] as const;
export type LeadDecision = (typeof LEAD_DECISIONS)[number];

const MOVES: Readonly<Record<LeadDecision, { readonly from: readonly LeadState[]; readonly to: LeadState }>> = {
  qualify: { from: ["registered"], to: "qualified" },
  reject: { from: ["registered"], to: "rejected" },
  win: { from: ["registered", "qualified"], to: "won" },
  lose: { from: ["qualified"], to: "lost" },
};

/** The state that a decision leads to; or in words why it cannot be taken. Saying it again changes nothing. */
export function decideLead(
  lead: { readonly state: LeadState; readonly answerBy: number },
  decision: LeadDecision,
  now: number,
): LeadState | { readonly refused: string } {
  const { from, to } = MOVES[decision];
  if (lead.state === to) return to;
  if (!from.includes(lead.state)) return { refused: `it is ${lead.state}` };
  if (decision === "reject" && now > lead.answerBy)
    return { refused: `the brand had until ${new Date(lead.answerBy).toISOString()} to reject it` };
  return to;
}
