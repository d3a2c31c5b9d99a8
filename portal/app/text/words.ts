/** The project's terms, in sentences for people who do not know them. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { FOR_ONE_PARTNER, kindName, kindsIn } from "@partner-programs/protocol/kinds";
import type { Line } from "@partner-programs/protocol/line";
import { isNative } from "@partner-programs/protocol/native";
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import type { Conversion, Earning, PartnerLine } from "../api/schema.d.ts";
import { dateText, durationText } from "./dates.ts";
import { sayLeadRules } from "./leads.ts";
import { countText, exactText, percentText, shortAddress, type TokenFormat } from "./money.ts";
import type { StateText } from "./stateText.ts";
import { sayTarget } from "./targets.ts";

/** Where a conversion is, and what happens next and when. */
export function sayState(
  given: Pick<Conversion, "state" | "reasonText" | "releaseAt"> & {
    readonly attestBy?: number | null;
    readonly paid?: Earning["paid"];
  },
  now = Date.now() / 1000,
  viewer: "brand" | "partner" = "brand",
): StateText {
  const its = viewer === "partner" ? "yours" : "the partner's";
  const { state, reasonText, releaseAt, attestBy } = given;
  const promised = attestBy === null || attestBy === undefined ? "" : ` by ${dateText(attestBy)} at the latest`;
  const why = reasonText === null ? "" : reasonText;
  switch (state) {
    case "accepted":
      return { label: "Accepted", color: "blue", text: `The relayer has it, and brings it to the chain${promised}.` };
    case "batched":
      return { label: "On its way", color: "blue", text: "Signed by the attesters, on its way to the chain." };
    case "review":
      return { label: "In review", color: "yellow", text: why };
    case "attested":
      if (releaseAt === null) return { label: "Pending", color: "yellow", text: "On the chain." };
      return releaseAt > now
        ? {
            label: "Pending",
            color: "yellow",
            text: `On hold until ${dateText(releaseAt, "second")}: a refund until then takes it back.`,
          }
        : {
            label: "Being released",
            color: "yellow",
            text: `The hold ended ${dateText(releaseAt, "second")}; the release is on its way.`,
          };
    case "released":
      return given.paid === "claimed"
        ? {
            label: "Claimed",
            color: "gray",
            text: `Paid to ${viewer === "partner" ? "your" : "the partner's"} wallet.`,
          }
        : { label: "Released", color: "green", text: `It is ${its} for good, and can be claimed at any time.` };
    case "rejected":
      return { label: "Rejected", color: "red", text: why };
    case "reversed":
      return { label: "Reversed", color: "gray", text: why };
  }
}

/** Where a partner's line on the chain is: why it pays or does not, and when. */
export function sayLine(
  { state, releaseAt, lowered, faultText }: Pick<PartnerLine, "state" | "releaseAt" | "lowered" | "faultText">,
  now = Date.now() / 1000,
): StateText {
  const after = lowered ? " A refund within the hold lowered it." : "";
  switch (state) {
    case "signed":
      return { label: "On its way", color: "blue", text: "Signed by the attesters, on its way to the chain." };
    case "held":
      return releaseAt !== null && releaseAt > now
        ? {
            label: "On hold",
            color: "yellow",
            text: `Yours from ${dateText(releaseAt, "second")} on; a refund until then can lower it.${after}`,
          }
        : { label: "Due", color: "green", text: `The hold is over.${after}` };
    case "pullable":
      return {
        label: "Due",
        color: "green",
        text: `The hold is over, and nobody can take it back. It is released for you shortly, or you collect it yourself.${after}`,
      };
    case "credited":
      return {
        label: "Released",
        color: "green",
        text: `It is yours for good, and can be claimed at any time.${after}`,
      };
    case "claimed":
      return { label: "Claimed", color: "gray", text: `Paid by a claim.${after}` };
    case "pulled":
      return { label: "Paid", color: "gray", text: `Paid at once, to where you are paid.${after}` };
    case "refused":
      return {
        label: "Refused",
        color: "red",
        text: `${faultText ?? "It does not hold: the contract pays nobody for it."} What it was worth went back to the campaign's budget. If you earned it, ask the brand to attest it again.`,
      };
  }
}

/** What a line counts. */
export function whatText({ offerId, count }: Pick<Line, "offerId" | "count">): string {
  return `${countText(count)} ${count === 1 ? "conversion" : "conversions"} by offer ${offerId}`;
}

/** Where a line is that nobody settled yet, as the contract says it. */
export function sayOwnLine(
  { fault, releaseAt }: { readonly fault: number; readonly releaseAt: number },
  now = Date.now() / 1000,
): StateText {
  if (fault !== 0)
    return {
      label: "Does not hold",
      color: "red",
      text: `${REASONS[faultReason(fault)]} Once it is settled, what it was worth goes back to the campaign's budget. If you earned it, ask the brand to attest it again.`,
    };
  if (releaseAt > now)
    return {
      label: "On hold",
      color: "yellow",
      text: `Yours from ${dateText(releaseAt, "second")} on; a refund until then can lower it.`,
    };
  return { label: "Due", color: "green", text: "The hold is over, and nobody can take it back: collect it." };
}

export const STATES: readonly Conversion["state"][] = [
  "accepted",
  "review",
  "batched",
  "attested",
  "released",
  "rejected",
  "reversed",
];

const PLURALS: Readonly<Record<string, string>> = {
  affiliate: "affiliates",
  referral: "referral partners",
  reseller: "resellers",
  customer: "customers themselves",
  recruiter: "partners who recruit partners",
};

export const kindPlural = (kind: number) => PLURALS[kindName(kind)] ?? `the brand's ${kindName(kind)}`;

/** Whom an offer is for: a kind of partner, or one partner. */
export const paidTo = ({ kind, partner }: Pick<OfferWords, "kind" | "partner">) =>
  kind === FOR_ONE_PARTNER ? `one partner alone, ${partner === "" ? "…" : shortAddress(partner)}` : kindPlural(kind);

export interface OfferWords {
  readonly event: string;
  readonly kind: number;
  /** Of an offer for one partner. */
  readonly partner: string;
  readonly flatAmount: bigint;
  readonly rateBps: number;
  /** The most volume that counts, in base units. */
  readonly cap: bigint;
}

/** "2.00 DUSD for each, and 20 % of what is paid, of at most 10,000 DUSD". */
export function sayPrice({ flatAmount, rateBps, cap }: OfferWords, token: TokenFormat): string {
  const parts: string[] = [];
  if (flatAmount > 0n) parts.push(`${exactText(flatAmount, token)} each time`);
  if (rateBps > 0) parts.push(`${percentText(rateBps)} of what is paid, counting at most ${exactText(cap, token)}`);
  return parts.join(" and ");
}

export function eventTitle(event: string, description: CampaignDescription | null): string {
  return description?.events.find(({ name }) => name === event)?.title ?? event;
}

/** What a partner has to know before it joins, a sentence each. */
export function sayTerms(
  terms: {
    readonly holdSeconds: number;
    readonly noticeSeconds: number;
    readonly openKinds: bigint;
    readonly linesOnChain: boolean;
    readonly token: string;
  },
  description: CampaignDescription | null,
): string[] {
  const kinds = kindsIn(terms.openKinds);
  const sentences = [
    terms.holdSeconds === 0
      ? "There is no hold: a commission is yours as soon as it is on the chain, and no refund takes it back."
      : `A commission is held for ${durationText(terms.holdSeconds)} after it is on the chain. If the customer is refunded in that time, it is taken back; after it, nobody can.`,
    `Any change for the worse is announced ${durationText(terms.noticeSeconds)} ahead.`,
    kinds.length === 0
      ? "Only partners that the brand has listed are paid."
      : `Open to ${kinds.map(kindPlural).join(" and ")}: nobody has to approve you.`,
  ];
  sentences.push(
    terms.linesOnChain || terms.holdSeconds === 0
      ? "Who is paid how much is written on the chain: whoever has the chain has all that is needed to be paid."
      : "Who is paid how much is public, but not on the chain: the relayer and every attester keep it. Keep a copy of your own lines; they are checked against the chain.",
  );
  if (isNative(terms.token)) sentences.push("Commissions are paid in the network's own coin.");
  if (description === null)
    return [
      ...sentences,
      "The brand's description is not known to this relayer: ask the brand for it before you join.",
    ];
  const { touch, windowSeconds, bindingSeconds } = description.attribution;
  sentences.push(
    `A click counts for ${durationText(windowSeconds)}. If a customer came by several partners, the ${touch} one counts.`,
    bindingSeconds === 0
      ? "Each conversion needs a click of its own."
      : bindingSeconds === null
        ? "A customer stays yours for life: what it buys later counts too."
        : `A customer stays yours for ${durationText(bindingSeconds)}: what it buys in that time counts too.`,
  );
  if (description.attribution.agentTokensPerDay !== undefined)
    sentences.push(
      `An agent of yours can refer customers without a click, with at most ${description.attribution.agentTokensPerDay} tokens a day.`,
    );
  if (description.leads !== undefined) sentences.push(...sayLeadRules(description.leads));
  for (const target of description.targets) sentences.push(`“${target.title}” pays ${sayTarget(target)}.`);
  for (const event of description.events) {
    if (event.perCustomer !== null)
      sentences.push(
        `“${event.title}” counts ${event.perCustomer === 1 ? "once" : `${event.perCustomer} times`} for each customer.`,
      );
    if (event.minimumVolume !== undefined)
      sentences.push(`“${event.title}” counts from a volume of ${event.minimumVolume} up.`);
  }
  return sentences;
}
