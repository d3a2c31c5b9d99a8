/** What becomes of a draft: the description to publish, and the arguments of `createCampaign`. */

import { type CampaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { FOR_ONE_PARTNER, kindMask } from "@partner-programs/protocol/kinds";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import { getAddress, ZeroAddress } from "../chain/address.ts";
import { config } from "../config.ts";
import { fromTyped } from "../text/typed.ts";
import type { OfferWords } from "../text/words.ts";
import { toCurrencies } from "./currencyDraft.ts";
import type { Draft, OfferDraft } from "./draft.ts";
import { addresses } from "./draft.ts";

const toEvent = (offer: OfferDraft) => ({
  name: offer.event,
  title: offer.title.trim(),
  perCustomer: offer.oncePerCustomer ? 1 : null,
});

/** What is published; its hash is on the chain. Of currencies, what the form does not ask for is as before. */
export function toDescription(draft: Draft, before?: CampaignDescription): CampaignDescription {
  const currencies = toCurrencies(draft.currencies, before?.currencies);
  const events = new Map(draft.offers.map((offer) => [offer.event, { ...toEvent(offer), perPartner: [] }]));
  return {
    version: 1,
    name: draft.name.trim(),
    summary: draft.summary.trim(),
    destination: draft.destination,
    allowedOrigins: [],
    attribution: {
      touch: draft.touch,
      windowSeconds: draft.windowSeconds,
      codeOrClick: "code",
      bindingSeconds: draft.bindingSeconds,
    },
    events: [...events.values()],
    objectives: draft.objectives
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
    expectations: Object.fromEntries(Object.entries(draft.expectations).filter(([, text]) => text.trim() !== "")),
    resources: draft.resources
      .filter(({ title, content }) => title.trim() !== "" && content.trim() !== "")
      .map(({ title, content }) =>
        URL.canParse(content.trim()) ? { title, url: content.trim() } : { title, text: content },
      ),
    promotions: [],
    conditions: [],
    targets: [],
    fraud: { velocityPerHour: draft.velocityPerHour === "" ? null : Number(draft.velocityPerHour) },
    ...(currencies !== undefined && { currencies }),
    ...(draft.leadDays !== "" && {
      leads: {
        protectedDays: Number(draft.leadDays),
        answerDays: Number(draft.leadAnswerDays),
        asks: ["company"],
        openPerPartner: 50,
      },
    }),
  };
}

/** A volume unit is a millionth of a token: fine enough for any price, and 72 billion tokens fit a line. */
export const UNIT_DECIMALS = 6;
export const unitExponentFor = (decimals: number) => Math.max(0, decimals - UNIT_DECIMALS);

/** The percentage of a draft in hundredths; undefined if it is none, or finer. */
export function basisPoints({ ratePercent }: Pick<OfferDraft, "ratePercent">): number | undefined {
  const rate = ratePercent.trim() === "" ? 0n : fromTyped(ratePercent, 2);
  return rate === undefined ? undefined : Number(rate);
}

export function toOffer(draft: OfferDraft, decimals: number, unitExponent: number) {
  return {
    flatAmount: fromTyped(draft.flat === "" ? "0" : draft.flat, decimals) ?? 0n,
    rateBps: basisPoints(draft) ?? 0,
    capUnits:
      draft.ratePercent === ""
        ? 0n
        : (fromTyped(draft.cap === "" ? "0" : draft.cap, decimals) ?? 0n) / 10n ** BigInt(unitExponent),
    validFrom: 0,
    validTo: 0,
    kind: draft.kind,
    eventName: encodeEventName(draft.event),
    lockedUntil: 0,
    partner: draft.kind === FOR_ONE_PARTNER ? getAddress(draft.partner.trim()) : ZeroAddress,
  };
}

/** An offer as it will be published, in words: what is finer than the contract counts is gone here as well. */
export function toWords(
  draft: OfferDraft,
  decimals: number,
  unitExponent: number = unitExponentFor(decimals),
): OfferWords {
  // Half a form has no name and no address yet.
  const priced = { ...draft, event: "-", kind: 0 };
  const { flatAmount, rateBps, capUnits } = toOffer(priced, decimals, unitExponent);
  return {
    event: draft.event,
    kind: draft.kind,
    partner: draft.partner.trim(),
    flatAmount,
    rateBps,
    cap: capUnits * 10n ** BigInt(unitExponent),
  };
}

/** The arguments of `createCampaign`, for a draft without problems. */
export function toNewCampaign(
  draft: Draft,
  salt: string,
  published: { text: string; uri: string },
): IPartnerPrograms.NewCampaignStruct {
  if (draft.format === undefined) throw new Error("The token is not known.");
  const { operator } = config();
  const { decimals } = draft.format;
  const unitExponent = unitExponentFor(decimals);
  return {
    salt,
    terms: {
      token: draft.token,
      holdSeconds: draft.holdSeconds,
      noticeSeconds: draft.noticeSeconds,
      openKinds: kindMask(...draft.openKinds),
      feeBps: operator?.feeBps ?? 0,
      unitExponent,
      linesOnChain: draft.linesOnChain,
      operator: (operator?.feeBps ?? 0) === 0 ? ZeroAddress : (operator?.address ?? ZeroAddress),
    },
    offers: draft.offers.map((offer) => toOffer(offer, decimals, unitExponent)),
    // Ascending: that is how the contract knows that none stands there twice.
    attesters: addresses(draft.attesters)
      .map((member) => getAddress(member))
      .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
    threshold: Number(draft.threshold),
    dailyLimit: draft.dailyLimit === "" ? NO_LIMIT : (fromTyped(draft.dailyLimit, decimals) ?? NO_LIMIT),
    descriptionHash: descriptionHash(published.text),
    descriptionUri: published.uri,
  };
}
