/** Leads on their way into the database: registered by partners, first come; decided by the brand. */
import { randomBytes } from "node:crypto";
import { hasKind, kindMask, kindsIn, payableKinds } from "@partner-programs/protocol/kinds";
import { type LeadReason, leadHash } from "@partner-programs/protocol/leads";
import type { SignLeadReceipt } from "#service/chain/receipts.ts";
import type { Sql } from "#service/database.ts";
import { isDisposable } from "../domain/disposableDomains.ts";
import {
  deadlines,
  decideLead as judgeDecision,
  type LeadDecision,
  type LeadRules,
  MAX_LEADS_A_DAY,
  missingFields,
  type ProspectDetails,
} from "../domain/leads.ts";
import { leadNameKey, seal, unseal } from "../secrets.ts";
import { readAdmission } from "../store/admission.ts";
import { lockCampaign } from "../store/campaigns.ts";
import {
  bindLead,
  countAttempt,
  countOpenLeads,
  insertLead,
  keepLeads,
  type LeadRow,
  moveLead,
  readFirstSale,
  readHeldNames,
  readLead,
} from "../store/leads.ts";
import { lockTerms, readKinds } from "../store/ledger.ts";
import { readKeysOfCustomer } from "../store/mergedCustomers.ts";
import { findPartnership } from "../store/partnerships.ts";
import { InvalidReport, RefusedBinding, RefusedLead, requireNotSetAside, TooManyLeads } from "./errors.ts";
import { introduce, readLedger, requireDescription, writeChanges } from "./ledger.ts";

export interface LeadContext {
  readonly secret: string;
  readonly signLead: SignLeadReceipt;
}

/** What a lead's row keeps sealed. */
export interface KeptProspect extends ProspectDetails {
  readonly salt: string;
}

export const openProspect = (secret: string, sealed: string): KeptProspect =>
  JSON.parse(unseal(secret, "lead", sealed));

/** A lead of the partner's, new or as it was; or that another partner's protects the prospect, until when (milliseconds since 1970). */
export type Registration = { readonly id: bigint; readonly created: boolean } | { readonly takenUntil: number };

/**
 * Registers a prospect as a partner's, if it is nobody's. The same partner again gets the lead that it has. Who has as many as it may learns
 * nothing of this one, and it costs nothing; every other attempt is counted, whatever is answered.
 * @throws RefusedLead, InvalidReport, TooManyLeads, MissingDescription
 */
export async function registerLead(
  sql: Sql,
  { secret, signLead }: LeadContext,
  campaignId: string,
  partner: string,
  given: ProspectDetails,
  now: number,
): Promise<Registration> {
  const { rules, partnershipId } = await requireTaken(sql, campaignId, partner, now);
  requireFields(rules, given);
  await keepLeads(sql, campaignId, now);

  const names = (["company", "email"] as const).flatMap((field) => {
    const value = given[field];
    return value === null ? [] : [leadNameKey(secret, campaignId, field, value)];
  });
  const held = await readHeldNames(sql, campaignId, names);
  const others = held.filter((one) => one.partnership_id !== partnershipId);
  const [own] = held;
  if (own !== undefined && others.length === 0) return { id: own.lead_id, created: false };
  if ((await countOpenLeads(sql, partnershipId)) >= rules.openPerPartner)
    throw new RefusedLead(
      `${partner} has ${rules.openPerPartner} open leads in campaign ${campaignId}, as many as it may. Register more when the brand has decided on some.`,
    );
  if ((await countAttempt(sql, partnershipId, now)) > MAX_LEADS_A_DAY)
    throw new TooManyLeads(
      `${partner} tried to register ${MAX_LEADS_A_DAY} leads in campaign ${campaignId} today. Go on tomorrow (UTC).`,
    );
  if (others.length > 0) return { takenUntil: Math.max(...others.map(({ held_until }) => held_until.getTime())) };

  const times = deadlines(rules, now);
  const salt = `0x${randomBytes(32).toString("hex")}`;
  const hash = leadHash(given, salt);
  const [registeredAt, protectedUntil] = [toSecond(times.registeredAt), toSecond(times.protectedUntil)];
  const signature = await signLead({ campaignId, partner, leadHash: hash, registeredAt, protectedUntil });
  const { company, email, name, note } = given;
  const kept: KeptProspect = { company, email, name, note, salt };
  const prospect = seal(secret, "lead", JSON.stringify(kept));
  const id = await insertLead(sql, { campaignId, partnershipId, hash, signature, prospect, names, ...times });
  return { id, created: true };
}

/** As receipts have it, and the API shows it. */
const toSecond = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** That the campaign takes leads of this partner now. Locks the campaign. @throws RefusedLead, MissingDescription */
async function requireTaken(
  sql: Sql,
  campaignId: string,
  partner: string,
  now: number,
): Promise<{ readonly rules: LeadRules; readonly partnershipId: bigint }> {
  const { campaign, description } = await lockTerms(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const rules = requireDescription(campaignId, description).leads;
  const second = Math.floor(now / 1000);
  if (rules === undefined) throw new RefusedLead(`Campaign ${campaignId} takes no leads: its description names none.`);
  if (campaign.closesAt !== 0 && second >= campaign.closesAt)
    throw new RefusedLead(`Campaign ${campaignId} is closed: it takes no leads any more.`);
  const partnershipId = await findPartnership(sql, campaignId, partner);
  if (partnershipId === undefined)
    throw new RefusedLead(`${partner} is not a partner here. Join first: POST /v1/campaigns/{id}/partnerships.`);
  const listed = (await readKinds(sql, campaignId, [partner])).get(partner);
  const kinds = kindsIn(payableKinds(listed, campaign.openKinds, second + 1));
  const wanted = rules.kinds === undefined ? undefined : kindMask(...rules.kinds);
  if (wanted !== undefined && !kinds.some((kind) => hasKind(wanted, kind)))
    throw new RefusedLead(
      `Campaign ${campaignId} takes leads of partners of the kinds ${rules.kinds?.join(", ")} alone. Ask the brand for one of them.`,
    );
  if ((await readAdmission(sql, campaignId, partner))?.payable !== true)
    throw new RefusedLead(`No offer of campaign ${campaignId} pays ${partner}. Apply, and wait for the brand.`);
  return { rules, partnershipId };
}

/** @throws InvalidReport */
function requireFields(rules: LeadRules, given: ProspectDetails): void {
  const missing = missingFields(rules, given);
  if (missing.length > 0) throw new InvalidReport(`The campaign asks for ${missing.join(" and ")} as well. Add it.`);
  if (given.company === null && given.email === null)
    throw new InvalidReport("A prospect is known by its company's domain or by an e-mail address. Add one of them.");
  const domain = given.email?.split("@").at(-1);
  if (domain !== undefined && isDisposable(domain))
    throw new InvalidReport(`email: ${domain} gives throw-away addresses. Register the contact by its own.`);
}

/** What the brand says of a lead. */
export interface BrandDecision {
  readonly decision: LeadDecision;
  /** The customer that it became, by one of its names. */
  readonly customerId: string | undefined;
  readonly customerEmail: string | undefined;
  readonly reason: LeadReason | undefined;
  readonly comment: string | undefined;
  /** Who says so. */
  readonly by: string;
}

/**
 * Moves a lead by the brand's word. Named as a customer, it is bound to the lead's partner as the campaign's rule has it. Saying it
 * again changes nothing.
 * @returns whether the campaign has such a lead. @throws RefusedLead, RefusedBinding
 */
export async function decideLead(
  sql: Sql,
  { secret }: LeadContext,
  campaignId: string,
  id: bigint,
  decision: BrandDecision,
  now: number,
): Promise<boolean> {
  await lockCampaign(sql, campaignId);
  await keepLeads(sql, campaignId, now);
  const lead = await readLead(sql, campaignId, id);
  if (lead === undefined) return false;
  const outcome = judgeDecision({ state: lead.state, answerBy: lead.answer_by.getTime() }, decision.decision, now);
  if (typeof outcome === "object")
    throw new RefusedLead(`Lead ${id} cannot be moved by ${decision.decision}: ${outcome.refused}.`);
  const { customerId, customerEmail } = decision;
  const isNamed = customerId !== undefined || customerEmail !== undefined;
  if (isNamed) {
    const names = { referralToken: undefined, customerId, customerEmail, customerWallet: undefined };
    await bindCustomer(sql, secret, lead, names, now);
  } else if (decision.decision === "win" && lead.customer === null)
    throw new RefusedLead(
      `Lead ${id} is no customer yet, so its sales would count for nobody. Send customerId or customerEmail.`,
    );
  if (outcome !== lead.state) await moveLead(sql, id, { ...decision, state: outcome }, now);
  return true;
}

/** Binds the customer that a lead became to its partner. @throws RefusedLead, RefusedBinding */
async function bindCustomer(
  sql: Sql,
  secret: string,
  lead: LeadRow,
  names: Parameters<typeof introduce>[2],
  now: number,
): Promise<void> {
  const campaignId = lead.campaign_id;
  const introduction = {
    ...introduce(secret, campaignId, names, now),
    lead: {
      partnershipId: lead.partnership_id,
      registeredAt: lead.registered_at.getTime(),
      protectedUntil: lead.protected_until.getTime(),
    },
  };
  const [customer = "", ...merged] = await readKeysOfCustomer(sql, campaignId, introduction.idKey ?? "");
  if (lead.customer !== null && ![customer, ...merged].includes(lead.customer))
    throw new RefusedLead(`Lead ${lead.id} became another customer before. Say by a merge that they are one.`);
  const first = await readFirstSale(sql, [customer, ...merged]);
  if (first !== undefined && first < lead.registered_at.getTime())
    throw new RefusedLead(
      `The customer bought at ${new Date(first).toISOString()}, before lead ${lead.id} was registered (${lead.registered_at.toISOString()}). Reject it: known_already.`,
    );
  const { ledger } = await readLedger(sql, campaignId, [introduction], [], now);
  const outcome = ledger.bind(introduction);
  if ("reason" in outcome) throw new RefusedBinding(outcome.reason);
  if (outcome.binding.partnershipId !== lead.partnership_id)
    throw new RefusedLead(
      "The customer is another partner's by the campaign's rule. Reject the lead, or give the customer to its partner: POST /v1/binding-moves.",
    );
  await writeChanges(sql, campaignId, ledger);
  await bindLead(sql, lead.id, customer);
}
