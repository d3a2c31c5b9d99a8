/** A brand's transactions with what they mean. */

import { FOR_ONE_PARTNER, kindName, kindsIn } from "@partner-programs/protocol/kinds";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import type { Campaign } from "../api/campaign.ts";
import { dateText, durationText } from "../text/dates.ts";
import { exactText, shortAddress } from "../text/money.ts";
import { paidTo, sayPrice } from "../text/words.ts";
import type { Plan } from "../transactions/plan.ts";
import { type Change, sayChange } from "./changes.ts";
import type { OfferDraft } from "./draft.ts";
import { tokenOf } from "./naming.ts";
import { toOffer, toWords } from "./newCampaign.ts";

type Of = Pick<Campaign, "id" | "noticeSeconds" | "tokenSymbol" | "tokenDecimals">;

const inNotice = ({ noticeSeconds }: Of) =>
  `in ${durationText(noticeSeconds)} (${dateText(Date.now() / 1000 + noticeSeconds)})`;

function plan(
  campaign: Of,
  title: string,
  summary: readonly string[],
  what: string,
  method: string,
  ...args: readonly unknown[]
): Plan {
  return {
    title,
    summary,
    token: tokenOf(campaign),
    steps: [{ kind: "call", what, to: "programs", method, args: [campaign.id, ...args] }],
  };
}

export function setKindsPlan(campaign: Of, partners: readonly string[], mask: bigint): Plan {
  const kinds = kindsIn(mask);
  return plan(
    campaign,
    "Set kinds of partners",
    [
      `${partners.length === 1 ? "One partner is" : `${partners.length} partners are`} from now on: ${kinds.map(kindName).join(", ") || "of no kind"}.`,
      `Kinds that are taken away stay payable until ${inNotice(campaign)}; new ones count at once.`,
      ...(kinds.length === 0 ? ["They are paid for nothing new after that."] : []),
    ],
    "Set kinds",
    "setKinds",
    partners,
    mask,
  );
}

export function retireOfferPlan(campaign: Of, offerId: number, lockedUntil: number): Plan {
  const locked = lockedUntil > Date.now() / 1000 + campaign.noticeSeconds;
  return plan(
    campaign,
    `Retire offer ${offerId}`,
    [
      `It ends ${locked ? `at its guarantee, on ${dateText(lockedUntil)}` : inNotice(campaign)}. Until then it pays as published.`,
      "Commissions that are attested are not touched. This cannot be taken back; a new offer can follow.",
    ],
    "Retire the offer",
    "retireOffer",
    offerId,
  );
}

export function appendOfferPlan(campaign: Of, draft: OfferDraft, unitExponent: number): Plan {
  const token = tokenOf(campaign);
  return plan(
    campaign,
    "Publish an offer",
    [
      `Pays ${paidTo(draft)} ${sayPrice(toWords(draft, token.decimals, unitExponent), token)} for “${draft.event}”, from now on.`,
      ...(draft.kind === FOR_ONE_PARTNER ? [`Nobody else is paid by it: ${draft.partner.trim()}.`] : []),
      `It can be retired with a notice of ${durationText(campaign.noticeSeconds)}, and never changed.`,
    ],
    "Publish the offer",
    "appendOffer",
    toOffer(draft, token.decimals, unitExponent),
  );
}

/** What an offer is that another follows. */
export interface Followed {
  readonly offerId: number;
  readonly lockedUntil: number;
  /** It was retired before, and ends then. */
  readonly ends: number | undefined;
  /** Whether the description has conditions for it: they name it by its number, and do not pass to the next. */
  readonly conditional: boolean;
}

/**
 * Retires an offer and publishes the one that follows it. `endOf`: when it ends, by the contract, asked once it is retired: the next
 * begins in that second, and there is none in which nobody is paid.
 */
export function changeOfferPlan(
  campaign: Of,
  { offerId, lockedUntil, ends, conditional }: Followed,
  draft: OfferDraft,
  unitExponent: number,
  endOf: () => Promise<number>,
): Plan {
  const token = tokenOf(campaign);
  const afterNotice = Date.now() / 1000 + campaign.noticeSeconds;
  const then = Math.ceil(ends ?? Math.max(afterNotice, lockedUntil));
  const argsFrom = (validFrom: number) => [campaign.id, { ...toOffer(draft, token.decimals, unitExponent), validFrom }];
  const publish: Plan["steps"][number] = {
    kind: "call",
    what: "Publish the one that follows",
    to: "programs",
    method: "appendOffer",
    args: argsFrom(then),
    ...(ends === undefined && { settle: async () => argsFrom(await endOf()) }),
  };
  return {
    title: `Change what offer ${offerId} pays`,
    summary: [
      `Offer ${offerId} pays as published until ${dateText(then)}${lockedUntil > afterNotice ? ", the end of its guarantee" : ""}.`,
      `From that second on a new offer pays ${paidTo(draft)} ${sayPrice(toWords(draft, token.decimals, unitExponent), token)} for “${draft.event}”.`,
      "Partners see both at once. What is attested is not touched. This cannot be taken back; the new one can be retired in its turn.",
      ...(conditional
        ? [
            `Conditions of offer ${offerId} do not pass to the new one, which has another number: announce them for it under Description.`,
          ]
        : []),
    ],
    token,
    steps: [...(ends === undefined ? retireOfferPlan(campaign, offerId, lockedUntil).steps : []), publish],
  };
}

export const suspendPlan = (campaign: Of) =>
  plan(
    campaign,
    "Suspend the campaign",
    [
      `Nothing new is attested until you resume, or ${inNotice(campaign)}.`,
      "What is attested is not touched: holds end, and partners claim, as ever. Links still lead to you.",
      "After it, you cannot suspend again for as long as the notice is.",
    ],
    "Suspend",
    "suspend",
  );

export const resumePlan = (campaign: Of) =>
  plan(campaign, "Resume the campaign", ["New conversions are attested again at once."], "Resume", "resume");

export const closePlan = (campaign: Of) =>
  plan(
    campaign,
    "Close the campaign for ever",
    [
      `What happens after ${inNotice(campaign)}, or after its last guarantee, is not paid any more.`,
      `What happened until then can be attested for ${durationText(campaign.noticeSeconds)} more. Then the rest of the budget is yours to withdraw.`,
      "This cannot be taken back.",
    ],
    "Announce the closing",
    "closeCampaign",
  );

/** `lockedUntil`: the last guarantee of its offers, which no withdrawal comes before. */
export const announceWithdrawalPlan = (campaign: Of, amount: bigint, lockedUntil: number) =>
  plan(
    campaign,
    "Announce a withdrawal",
    [
      `${exactText(amount, tokenOf(campaign))} can be withdrawn ${
        lockedUntil > Date.now() / 1000 + campaign.noticeSeconds
          ? `at the last offer's guarantee, on ${dateText(lockedUntil)}`
          : inNotice(campaign)
      }, for seven days.`,
      "Partners see it at once. New conversions cannot count on this part of the budget from now on; what is reserved is not touched.",
      "It can become less: an attestation that leaves less available lowers it to what it leaves. Nothing makes it more.",
    ],
    "Announce the withdrawal",
    "announceWithdrawal",
    amount,
  );

export const cancelWithdrawalPlan = (campaign: Of) =>
  plan(campaign, "Take the withdrawal back", ["The budget stays, and counts again."], "Take back", "cancelWithdrawal");

/** `amount`: what it would pay now. */
export const withdrawPlan = (campaign: Of, receiver: string, amount: bigint) =>
  plan(
    campaign,
    "Withdraw",
    [
      amount === 0n
        ? "Nothing is left of what was announced: attestations took it."
        : `${exactText(amount, tokenOf(campaign))} are paid to ${receiver}: what was announced, or what attestations left of it.`,
    ],
    "Withdraw",
    "withdraw",
    receiver,
  );

export const dailyLimitPlan = (campaign: Of, limit: bigint | undefined) =>
  plan(
    campaign,
    "Change the daily limit",
    [
      limit === undefined
        ? "There is no daily limit any more: a stolen key, or attesters who lie, can take all that is available in a day."
        : `At most ${exactText(limit, tokenOf(campaign))}, fees included, can be attested in a day.`,
      `It takes effect ${inNotice(campaign)}, whether that is more or less than now. Until then the present limit holds.`,
      "A change that was announced before and is not in force yet is replaced.",
    ],
    "Announce the daily limit",
    "announceDailyLimit",
    limit ?? NO_LIMIT,
  );

export const attestersPlan = (campaign: Of, threshold: number, members: readonly string[]) =>
  plan(
    campaign,
    "Replace the attesters",
    [
      `${threshold} of these ${members.length} have to sign, ${inNotice(campaign)}.`,
      "What the present ones signed and nobody submitted until then is void.",
    ],
    "Announce the attesters",
    "announceAttesters",
    threshold,
    members,
  );

export const announceDescriptionPlan = (campaign: Of, changes: readonly Change[], hash: string, uri: string) =>
  plan(
    campaign,
    "Announce a new description",
    [
      ...changes.map(sayChange),
      `It counts ${inNotice(campaign)}; until then the present one does. Partners see at once what comes.`,
      "Its hash goes on the chain: nobody, not even you, can change the text unseen.",
    ],
    "Announce the description",
    "announceDescription",
    hash,
    uri,
  );

export const transferPlan = (campaign: Of, newBrand: string, available: bigint) =>
  plan(
    campaign,
    `Offer the campaign to ${shortAddress(newBrand)}`,
    [
      `${newBrand} can accept it ${inNotice(campaign)}, and not before. Nothing changes until then, and until it accepts you can take the offer back.`,
      "Partners see it at once.",
      `Then the campaign is theirs: they alone fund offers, suspend, close and replace attesters, and withdraw with notice what is not reserved, now ${exactText(available, tokenOf(campaign))}.`,
      "What partners have earned is not touched. Terms, offers, attesters and whatever is announced stay as they are.",
      "From then on your API keys are refused and your webhooks are told nothing more.",
    ],
    "Offer the campaign",
    "transferCampaign",
    newBrand,
  );

export const cancelTransferPlan = (campaign: Of, pending: string) =>
  plan(
    campaign,
    "Take the offer back",
    [`${shortAddress(pending)} cannot accept the campaign any more. It stays yours.`],
    "Take the offer back",
    "transferCampaign",
    ZERO_ADDRESS,
  );

export const acceptPlan = (campaign: Of, brand: string, done: () => Promise<void>): Plan => ({
  ...plan(
    campaign,
    "Accept the campaign",
    [
      `You become its brand in the place of ${shortAddress(brand)}, who can do nothing with it any more.`,
      "Terms, offers, attesters and whatever is announced stay as they are. What partners have earned stays theirs.",
      "The API keys and webhooks of before end. Make your own under Settings at once: until then no server can report.",
    ],
    "Accept",
    "acceptCampaign",
  ),
  action: "Accept",
  done,
});

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;
