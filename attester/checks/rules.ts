/** Whether the attester's own rules allow a batch: offers, kinds, partners, and how much it signs at once and in a day. */
import { getAddress } from "@partner-programs/protocol/address";
import type { GivenConversion, Refusal } from "@partner-programs/protocol/attesterApi";
import type { CampaignRate } from "@partner-programs/protocol/commission";
import { FOR_ONE_PARTNER, kindName } from "@partner-programs/protocol/kinds";
import type { Line } from "@partner-programs/protocol/line";
import { bonusEvents } from "@partner-programs/protocol/targets";
import type { CampaignRules } from "../rules.ts";
import { commissionOf, type Offers } from "./offers.ts";
import { firstReasons, refuse, refuseSome } from "./refusals.ts";

/** What the attester's own rules say about a batch, apart from its source and the day's limit. */
export function checkRules(
  lines: Iterable<Line>,
  conversions: Iterable<GivenConversion>,
  rules: CampaignRules,
  offers: Offers,
  campaign: CampaignRate,
): Refusal | undefined {
  const { maxCommission, partnersDenied, conditions } = rules;
  const denied = new Set(partnersDenied.map((partner) => partner.toLowerCase()));
  const needsOrder =
    rules.source.kind !== "none" ||
    rules.age !== undefined ||
    conditions.length > 0 ||
    rules.currencies !== undefined ||
    bonusEvents(rules).size > 0;
  const refused = firstReasons(conversions, ({ entries, order }) => {
    if (needsOrder && order === undefined) return "it came without its order, which the attester's rules ask for.";
    for (const { offerId, partner } of entries) {
      const offer = offers.get(offerId);
      if (offer === undefined) continue;
      if (rules.offers?.includes(offerId) === false) return `offer ${offerId} is none that this attester signs.`;
      if (rules.events?.includes(offer.event) === false)
        return `the event "${offer.event}" is none that this attester signs.`;
      if (rules.kinds?.includes(offer.kind) === false)
        return offer.kind === FOR_ONE_PARTNER
          ? `offer ${offerId} is for one partner, and "one partner" is none of the kinds that this attester signs.`
          : `the kind "${kindName(offer.kind)}" is none that this attester signs.`;
      if (denied.has(partner.toLowerCase())) return `the attester does not sign for partner ${getAddress(partner)}.`;
    }
    const commission = commissionOf(entries, offers, campaign);
    if (maxCommission.conversion !== undefined && commission > maxCommission.conversion)
      return `its commission is ${commission}, the attester signs at most ${maxCommission.conversion} for one.`;
    return undefined;
  });
  if (refused.length > 0) return refuseSome(refused);
  const commission = commissionOf(lines, offers, campaign);
  const most = [maxCommission.batch, maxCommission.day].filter((limit) => limit !== undefined);
  const limit = most.find((limit) => commission > limit);
  if (limit === undefined) return undefined;
  return refuse(
    `The batch's commission is ${commission}, the attester signs at most ${limit} at once. Make it smaller.`,
  );
}

/** What the attester signs at most in one UTC day; `spent` is what it signed today already. */
export function checkDay(commission: bigint, spent: bigint, rules: CampaignRules): Refusal | undefined {
  const most = rules.maxCommission.day;
  if (most === undefined || spent + commission <= most) return undefined;
  return refuse(
    `The batch's commission is ${commission}; of the ${most} that the attester signs in a day, ${spent} are used.`,
    true,
  );
}
