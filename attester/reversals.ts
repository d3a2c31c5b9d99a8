import type { Line } from "@partner-programs/protocol/line";
import type { Reversal } from "@partner-programs/protocol/typedData";
import { REVERSAL_REASONS, readUnits, refuseForNow } from "./chain.ts";
import { checkLowered, checkTargets, type Refusal, refundedOf, refuse, refuseSome } from "./check.ts";
import type { Judge } from "./examine.ts";
import { readSigned, readTakenBack } from "./memory.ts";
import { rulesOf, UnusableRules } from "./rules.ts";

/** Why the attester does not sign a reversal of the conversions with these keys; undefined if it does. */
export async function examineReversal(
  judge: Judge,
  reversal: Reversal,
  keys: readonly string[],
): Promise<Refusal | undefined> {
  try {
    return await opine(judge, reversal, keys);
  } catch (error) {
    if (error instanceof UnusableRules) return refuse(error.message, true);
    return refuseForNow(judge.chain, error);
  }
}

async function opine(judge: Judge, reversal: Reversal, keys: readonly string[]): Promise<Refusal | undefined> {
  const { campaignId, attestation, targets, reasonHash } = reversal;
  const rules = rulesOf(await judge.rules(), campaignId);
  if (rules === undefined) return refuse(`This attester does not sign for campaign ${campaignId}.`);
  const signed = await readSigned(judge.database, attestation);
  if (signed?.campaignId !== campaignId) return refuse(`Attestation ${attestation} was not signed here.`);
  if (!REVERSAL_REASONS.has(reasonHash))
    return refuse(
      `Reason ${reasonHash} is none that this attester signs: ${[...REVERSAL_REASONS.values()].join(", ")}.`,
    );
  const raised = checkTargets(signed.lines, targets);
  if (raised !== undefined) return raised;
  const takenBack = await readTakenBack(judge.database, attestation, keys);
  const known = new Set(takenBack.map(({ key }) => key));
  const foreign = keys.find((key) => !known.has(key));
  if (foreign !== undefined) return refuse(`The attestation has no conversion with the key ${foreign}.`);
  if (rules.reversals === "trust") return undefined;

  if (keys.length === 0)
    return refuse("The attester looks every reversal up in its source: name the conversions that are taken back.");
  if (takenBack.some(({ entries, order }) => entries === undefined || order === undefined))
    return refuse("Some of these conversions were signed without their orders; they cannot be looked up.");
  const units = await readUnits(judge.chain, campaignId);
  const found = (await judge.sourceOf(rules)?.find(takenBack.flatMap(({ order }) => order ?? []))) ?? [];
  const standing: { number: bigint; reason: string }[] = [];
  const away: Line[] = [];
  for (const [i, { key, number, entries = [], order }] of takenBack.entries()) {
    const answer = found[i];
    if (answer !== undefined && "unavailable" in answer) {
      standing.push({ number: number ?? 0n, reason: answer.unavailable });
      continue;
    }
    const refunded = refundedOf(entries, answer, units);
    away.push(...refunded);
    if (refunded.length === 0 && keys.includes(key))
      standing.push({
        number: number ?? 0n,
        reason: `order "${order?.orderId}" is not refunded in the attester's source.`,
      });
  }
  return refuseSome(standing, true) ?? checkLowered(signed.lines, targets, away);
}
