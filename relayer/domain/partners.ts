/** The partners who could be paid for a customer, by the links that it came by and the partner that it is bound to. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { type ListedKinds, payableKinds } from "@partner-programs/protocol/kinds";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
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
  /** Milliseconds since 1970 at which it joined. */
  readonly since: number;
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

/** A code that customers say. */
export interface SpokenCode {
  readonly id: bigint;
  readonly partnershipId: bigint;
  /** In its one spelling. */
  readonly name: string;
  readonly shown: string;
  /** The offer that pays what comes by it. */
  readonly offerId: number | undefined;
  readonly retired: boolean;
}

/** A customer as a brand's server names it, and who brought it. */
export interface Introduction extends CustomerNames {
  readonly emailDomain: string | undefined;
  /** A keyed hash. */
  readonly network: string | undefined;
  /** What the token says; "unknown": it is not one of ours. */
  readonly referral: Referral | "unknown" | undefined;
  /** A code that the customer gave, in its one spelling: a spoken one, or a link's code or alias. */
  readonly code: string | undefined;
  /** The lead that the customer was, by the brand's word. */
  readonly lead?: RegisteredLead | undefined;
  /** Of a bonus, which has no customer: who is paid. */
  readonly bonus?: RewardedPartner | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** A prospect that its partner registered. Times are milliseconds since 1970. */
export interface RegisteredLead {
  readonly partnershipId: bigint;
  readonly registeredAt: number;
  readonly protectedUntil: number;
}

/** A partner that gets a bonus. */
export interface RewardedPartner {
  readonly partnershipId: bigint;
  /** The mask of the kinds whose offers may pay it; undefined: all. */
  readonly kinds: bigint | undefined;
}

export interface Partners {
  /** The link by which the customer came, by a click or by its name. */
  linkOf(introduction: Introduction): InviteLink | undefined;
  /** The spoken code that it gave. */
  codeOf(introduction: Introduction): SpokenCode | undefined;
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
    readonly codes: readonly SpokenCode[];
    readonly partnerships: readonly Partnership[];
    readonly description: { readonly attribution: Pick<CampaignDescription["attribution"], "codeOrClick"> };
  },
  usage: Pick<Usage, "ofPartner" | "lastHour">,
): Partners {
  const byId = new Map(known.partnerships.map((partnership) => [partnership.id, partnership]));
  const linkByCode = new Map(known.links.map((link) => [link.code, link]));
  // The oldest of those that sound the same.
  const linkBySound = new Map<string | undefined, InviteLink>();
  for (const link of known.links.toReversed())
    for (const name of [link.alias, link.code]) if (name !== undefined) linkBySound.set(canonicalCode(name), link);
  const codeByName = new Map<string | undefined, SpokenCode>(known.codes.map((code) => [code.name, code]));

  const clickedLink = ({ referral }: Introduction) =>
    typeof referral === "object" ? linkByCode.get(referral.code) : undefined;
  const codeOf: Partners["codeOf"] = ({ code }) => codeByName.get(code);
  /** A code is looked for before a link that is called so. */
  const namedLink = (introduction: Introduction) =>
    introduction.code === undefined || codeOf(introduction) !== undefined
      ? undefined
      : linkBySound.get(introduction.code);
  const linkOf: Partners["linkOf"] = (introduction) => clickedLink(introduction) ?? namedLink(introduction);

  const payee: Partners["payee"] = (wallet, kinds, at) => ({
    wallet,
    // The shortest period with this moment in it.
    payableKinds: payableKinds(kinds, known.campaign.openKinds, Math.floor(at / 1000) + 1),
  });

  const candidate: Partners["candidate"] = (partnershipId, touchedAt, at, event) => {
    const partnership = byId.get(partnershipId);
    if (partnership === undefined) return undefined;
    const { id, partner, payouts, network, since, kinds, recruiter } = partnership;
    return {
      ...payee(partner, kinds, at),
      partnershipId: id,
      payouts,
      network,
      since,
      recruiter: recruiter && payee(recruiter.wallet, recruiter.kinds, at),
      touchedAt,
      lastHour: usage.lastHour(id),
      counted: usage.ofPartner(id, event),
    };
  };

  function byClick(introduction: Introduction, event: string | undefined): Touches["touch"] {
    const { referral, receivedAt } = introduction;
    if (referral === undefined) return undefined;
    const link = clickedLink(introduction);
    if (referral === "unknown" || link === undefined) return "unknown_token";
    const partner = candidate(link.partnershipId, referral.clickedAt, receivedAt, event);
    return partner === undefined ? "unknown_token" : { ...partner, until: referral.expiresAt };
  }

  /** A code counts from when it is given. */
  function byCode(introduction: Introduction, event: string | undefined): Touches["touch"] {
    const { code, receivedAt } = introduction;
    if (code === undefined) return undefined;
    const spoken = codeOf(introduction);
    if (spoken?.retired) return "retired_code";
    const of = (spoken ?? namedLink(introduction))?.partnershipId;
    const partner = of === undefined ? undefined : candidate(of, receivedAt, receivedAt, event);
    return partner === undefined ? "unknown_code" : { ...partner, until: receivedAt };
  }

  /** A lead counts from when it was registered, for as long as it is protected: not as long as a click. */
  function byLead(lead: RegisteredLead, { receivedAt }: Introduction, event: string | undefined): Touches["touch"] {
    const partner = candidate(lead.partnershipId, lead.registeredAt, receivedAt, event);
    return partner && { ...partner, until: lead.protectedUntil };
  }

  function byBonus({ partnershipId }: RewardedPartner, at: number, event: string | undefined): Touches["touch"] {
    const partner = candidate(partnershipId, at, at, event);
    return partner && { ...partner, until: at };
  }

  return {
    linkOf,
    codeOf,
    payee,
    candidate,
    walletOf: (partnershipId) => byId.get(partnershipId)?.partner,

    touch(introduction, event) {
      if (introduction.bonus !== undefined) return byBonus(introduction.bonus, introduction.receivedAt, event);
      if (introduction.lead !== undefined) return byLead(introduction.lead, introduction, event);
      const [click, code] = [byClick(introduction, event), byCode(introduction, event)];
      const [first, second] = known.description.attribution.codeOrClick === "click" ? [click, code] : [code, click];
      // Of one that leads nowhere, or whose time is over, the other is as good as alone.
      const good = (touch: Touches["touch"]) => typeof touch === "object" && introduction.receivedAt <= touch.until;
      return [first, second].find(good) ?? first ?? second;
    },
  };
}
