/** The partners who could be paid for a customer, by the links that it came by and the partner that it is bound to. */
import { type ListedKinds, payableKinds } from "@partner-programs/protocol/kinds";
import type { CustomerNames } from "./customers.ts";
import type { Candidate, Payee, Touches } from "./judge.ts";
import type { Referral } from "./referralToken.ts";
import type { Usage } from "./usage.ts";

export interface Partnership {
  readonly id: bigint;
  readonly partner: string;
  /** Other addresses that it had its credit sent to. */
  readonly payouts: readonly string[];
  /** A keyed hash of the network that it last came from. */
  readonly network: string | undefined;
  /** undefined: the kinds that every wallet has. */
  readonly kinds: ListedKinds | undefined;
  readonly recruiter: { readonly wallet: string; readonly kinds: ListedKinds | undefined } | undefined;
}

export interface InviteLink {
  readonly id: bigint;
  readonly partnershipId: bigint;
  readonly code: string;
  readonly alias: string | undefined;
}

/** A customer as a brand's server names it, and who brought it. */
export interface Introduction extends CustomerNames {
  readonly emailDomain: string | undefined;
  /** A keyed hash. */
  readonly network: string | undefined;
  /** What the token says; "unknown": it is not one of ours. */
  readonly referral: Referral | "unknown" | undefined;
  /** An invite code that the customer gave, without a click. */
  readonly code: string | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

export interface Partners {
  /** The link by which the customer came. */
  linkOf(introduction: Introduction): InviteLink | undefined;
  walletOf(partnershipId: bigint): string | undefined;
  payee(wallet: string, kinds: ListedKinds | undefined, at: number): Payee;
  candidate(partnershipId: bigint, touchedAt: number, at: number, event: string | undefined): Candidate | undefined;
  /** Who brought the customer, as the introduction says. */
  touch(introduction: Introduction, event: string | undefined): Touches["touch"];
}

export function createPartners(
  known: {
    readonly campaign: { readonly openKinds: bigint };
    readonly links: readonly InviteLink[];
    readonly partnerships: readonly Partnership[];
  },
  usage: Pick<Usage, "ofPartner" | "lastHour">,
): Partners {
  const byId = new Map(known.partnerships.map((partnership) => [partnership.id, partnership]));
  const linkByName = new Map<string, InviteLink>();
  for (const link of known.links) {
    linkByName.set(link.code, link);
    if (link.alias !== undefined) linkByName.set(link.alias, link);
  }

  const linkOf: Partners["linkOf"] = ({ referral, code }) => {
    if (referral === "unknown") return undefined;
    const name = referral?.code ?? code;
    return name === undefined ? undefined : linkByName.get(name);
  };

  const payee: Partners["payee"] = (wallet, kinds, at) => ({
    wallet,
    // The shortest period with this moment in it.
    payableKinds: payableKinds(kinds, known.campaign.openKinds, Math.floor(at / 1000) + 1),
  });

  const candidate: Partners["candidate"] = (partnershipId, touchedAt, at, event) => {
    const partnership = byId.get(partnershipId);
    if (partnership === undefined) return undefined;
    const { id, partner, payouts, network, kinds, recruiter } = partnership;
    return {
      ...payee(partner, kinds, at),
      partnershipId: id,
      payouts,
      network,
      recruiter: recruiter && payee(recruiter.wallet, recruiter.kinds, at),
      touchedAt,
      lastHour: usage.lastHour(id),
      counted: usage.ofPartner(id, event),
    };
  };

  return {
    linkOf,
    payee,
    candidate,
    walletOf: (partnershipId) => byId.get(partnershipId)?.partner,

    touch(introduction, event) {
      const { referral, code, receivedAt } = introduction;
      if (referral === undefined && code === undefined) return undefined;
      if (referral === "unknown") return "unknown_token";
      // A code that was given without a click counts from now.
      const { clickedAt, expiresAt } = referral ?? { clickedAt: receivedAt, expiresAt: receivedAt };
      const link = linkOf(introduction);
      const partner = link && candidate(link.partnershipId, clickedAt, receivedAt, event);
      if (partner === undefined) return referral === undefined ? "unknown_code" : "unknown_token";
      return { ...partner, until: expiresAt };
    },
  };
}
