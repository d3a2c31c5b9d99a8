/** Whether the offers that pay a batch may, by the campaign's conditions and by what this attester knows itself. */
import type { GivenConversion, Order, Refusal } from "@partner-programs/protocol/attesterApi";
import { type ConditionFacts, type OfferCondition, whyNot } from "@partner-programs/protocol/conditions";
import type { CampaignRules } from "../rules.ts";
import type { SourceAnswer } from "../source/source.ts";
import type { Offers } from "./offers.ts";
import { partnerOf } from "./partner.ts";
import { refuseSome } from "./refusals.ts";

/** By partner in small letters, when its first conversion came, of those that are signed. Unix seconds. */
export type FirstSigned = ReadonlyMap<string, number>;

/** When the first of these conversions came for each partner; of campaigns whose conditions ask since when partners are partners. */
export function firstsOf(
  conversions: Iterable<GivenConversion>,
  offers: Offers,
  { conditions }: Pick<CampaignRules, "conditions">,
): FirstSigned {
  const firsts = new Map<string, number>();
  if (!conditions.some(asksForPartner)) return firsts;
  for (const { entries, order } of conversions) {
    const partner = partnerOf(entries, offers);
    if (partner === undefined || order === undefined) continue;
    firsts.set(partner, Math.min(firsts.get(partner) ?? order.receivedAt, order.receivedAt));
  }
  return firsts;
}

const asksForPartner = ({ partner }: OfferCondition): boolean => partner !== undefined;

/**
 * @param found one answer for each conversion; empty without a source
 * @param firstSigned of the partners of these conversions, these included
 */
export function checkConditions(
  conversions: readonly GivenConversion[],
  found: readonly (SourceAnswer | undefined)[],
  { conditions, facts: whose }: Pick<CampaignRules, "conditions" | "facts">,
  offers: Offers,
  firstSigned: FirstSigned,
): Refusal | undefined {
  if (conditions.length === 0) return undefined;
  const refused: { number: bigint; reason: string }[] = [];
  for (const [i, { number, entries, order }] of conversions.entries()) {
    const answer = found[i];
    // The rules refuse what came without its order, and the source what it does not have or cannot look up.
    if (order === undefined || (whose === "source" && (answer === undefined || !("order" in answer)))) continue;
    const facts = factsOf(order, answer, whose);
    const first = firstSigned.get(partnerOf(entries, offers) ?? "");
    for (const { offerId } of entries) {
      const failing = whyNot(conditions, offerId, facts) ?? contradiction(conditions, offerId, facts, first);
      if (failing === undefined) continue;
      const reason = `offer ${offerId} does not pay order "${order.orderId}", as ${READINGS[whose]}: ${failing}.`;
      refused.push({ number, reason });
      break;
    }
  }
  return refuseSome(refused);
}

const READINGS = { source: "the attester's source has it", trust: "the relayer has it" };

/** No source knows when a partner joined: that is the relayer's word, which must not contradict what was signed. */
function factsOf(
  { event, receivedAt, attributes: reported = {}, history }: Order,
  answer: SourceAnswer | undefined,
  whose: CampaignRules["facts"],
): ConditionFacts {
  const known = answer !== undefined && "order" in answer ? answer.order : undefined;
  const trusts = whose === "trust";
  return {
    event,
    at: receivedAt,
    attributes: { ...(trusts ? reported : {}), ...known?.attributes },
    customer: trusts ? merged(history?.customer, known?.customer) : known?.customer,
    partnerSince: history?.partnerSince,
  };
}

/** Event by event: a source that says something of one knows nothing of the others. */
const merged = (reported: ConditionFacts["customer"], known: ConditionFacts["customer"]): ConditionFacts["customer"] =>
  reported === undefined && known === undefined ? undefined : { ...reported, ...known };

function contradiction(
  conditions: readonly OfferCondition[],
  offerId: number,
  { partnerSince = 0 }: ConditionFacts,
  first: number | undefined,
): string | undefined {
  if (first === undefined || first >= partnerSince) return undefined;
  if (!conditions.some((one) => asksForPartner(one) && one.offers.includes(offerId))) return undefined;
  return `the relayer says that the partner joined at ${partnerSince}, and a conversion of it came at ${first}`;
}
