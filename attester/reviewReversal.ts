/** Reviews a reversal before it is signed: by what was signed here, and, if its rules say so, by the attester's own source. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import type { Line } from "@partner-programs/protocol/line";
import { isPar } from "@partner-programs/protocol/rates";
import { REVERSAL_REASONS } from "@partner-programs/protocol/reasons";
import { bonusEvents, readBonusOrderId } from "@partner-programs/protocol/targets";
import type { Reversal } from "@partner-programs/protocol/typedData";
import { readUnits } from "./chain/campaign.ts";
import { readLowered } from "./chain/reversals.ts";
import { refuseForNow } from "./chain/trouble.ts";
import { refuse, refuseSome } from "./checks/refusals.ts";
import { checkLowered, checkTargets, type Lowering } from "./checks/reversal.ts";
import { refundedOf } from "./checks/source.ts";
import type { Reviewer } from "./review.ts";
import { type CampaignRules, rulesOf, UnusableRules } from "./rules.ts";
import type { SourceAnswer } from "./source/source.ts";
import { readLines } from "./store/lines.ts";
import { readTakenBack } from "./store/reversals.ts";
import { readSigned, type SignedBatch } from "./store/signed.ts";

/** Why the attester does not sign a reversal of the conversions with these keys; undefined if it does. */
export async function reviewReversal(
  reviewer: Reviewer,
  reversal: Reversal,
  keys: readonly string[],
): Promise<Refusal | undefined> {
  try {
    return await reviewer.chain.agreed(() => review(reviewer, reversal, keys));
  } catch (error) {
    if (error instanceof UnusableRules) return refuse(error.message, true);
    return refuseForNow(reviewer.chain, error);
  }
}

async function review(reviewer: Reviewer, reversal: Reversal, keys: readonly string[]): Promise<Refusal | undefined> {
  const { campaignId, attestation, reasonHash } = reversal;
  const rules = rulesOf(await reviewer.rules(), campaignId);
  if (rules === undefined) return refuse(`This attester does not sign for campaign ${campaignId}.`);
  const signed = await readSigned(reviewer.database, attestation);
  if (signed?.attestation.campaignId !== campaignId) return refuse(`Attestation ${attestation} was not signed here.`);
  if (!REVERSAL_REASONS.has(reasonHash))
    return refuse(
      `Reason ${reasonHash} is none that this attester signs: ${[...REVERSAL_REASONS.values()].join(", ")}.`,
    );
  const lowerings = await findLowerings(reviewer, reversal, signed);
  if ("reason" in lowerings) return lowerings;
  const raised = checkTargets(lowerings);
  if (raised !== undefined) return raised;
  const takenBack = await readTakenBack(reviewer.database, attestation, keys);
  const known = new Set(takenBack.map(({ key }) => key));
  const foreign = keys.find((key) => !known.has(key));
  if (foreign !== undefined) return refuse(`The attestation has no conversion with the key ${foreign}.`);
  if (rules.reversals === "trust") return undefined;

  if (keys.length === 0)
    return refuse("The attester looks every reversal up in its source: name the conversions that are taken back.");
  if (takenBack.some(({ order }) => order === undefined))
    return refuse("Some of these conversions were signed without their orders; they cannot be looked up.");
  const units = await readUnits(reviewer.chain, campaignId);
  const orders = takenBack.flatMap(({ order }) => order ?? []);
  // What was just attested may be refunded now, and its hold does not wait until what is known of it is forgotten.
  const found = (await reviewer.sourceOf(rules)?.find(orders, "anew")) ?? [];
  const standing: { number: bigint; reason: string }[] = [];
  const away: Line[] = [];
  const bonuses = bonusEvents(rules);
  for (const [i, { key, number, entries, order, sale }] of takenBack.entries()) {
    const answer = found[i];
    // No source has a target's bonus, and what was reached stays reached.
    if (order !== undefined && bonuses.has(order.event) && readBonusOrderId(order.orderId) !== undefined) {
      if (keys.includes(key))
        standing.push({ number, reason: `order "${order.orderId}" is a bonus, which is not given back.` });
      continue;
    }
    if (answer !== undefined && "unavailable" in answer) {
      standing.push({ number, reason: answer.unavailable });
      continue;
    }
    if (sale === undefined && isForeign(answer, rules)) {
      standing.push({ number, reason: `the rate of order "${order?.orderId}" was forgotten here.` });
      continue;
    }
    const refunded = refundedOf(entries, answer, units, sale?.rate);
    away.push(...refunded);
    if (refunded.length === 0 && keys.includes(key))
      standing.push({
        number,
        reason: `order "${order?.orderId}" is not refunded in the attester's source.`,
      });
  }
  return refuseSome(standing, true) ?? checkLowered(lowerings, away);
}

/** Whether a part was given back of a sale that is in no tokens, so that its rate says how much that is. */
function isForeign(answer: SourceAnswer | undefined, { currencies }: CampaignRules): boolean {
  if (currencies === undefined || answer === undefined || !("order" in answer)) return false;
  const { currency, refunded } = answer.order;
  return currency !== undefined && !isPar(currencies, currency) && typeof refunded === "string";
}

/** Each target beside its line: as it was signed here, and as the reversals on the chain left it. */
async function findLowerings(
  { database, chain }: Reviewer,
  { attestation: digest, targets }: Reversal,
  { attestation, signedAfter }: SignedBatch,
): Promise<Refusal | Lowering[]> {
  const lines = await readLines(database, digest);
  const lowered = await readLowered(chain, digest, attestation, signedAfter, lines);
  const places = targets.map((target) => lines.placeOf(target));
  const missing = targets[places.indexOf(undefined)];
  if (missing !== undefined)
    return refuse(`The attestation has no line of offer ${missing.offerId} for ${missing.partner}.`);
  return targets.map((target, i) => {
    const place = places[i] as number;
    const signed = lines.at(place);
    return { signed, standing: lowered.get(place) ?? signed, target };
  });
}
