/**
 * Has batches signed: first it is asked who would, and only when enough would, for signatures. A batch that nobody was asked to
 * sign can be dissolved, so that a conversion that is not wanted does not hold up the others.
 */
import { type BatchToSign, packEntries, type ShownConversion } from "@partner-programs/protocol/attesterApi";
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import { time } from "@partner-programs/protocol/time";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { type LineFault, rehearse } from "#service/chain/rehearsal.ts";
import { isSignature } from "../attesters/client.ts";
import { attestArguments, attesterSetNow } from "../chain/calls.ts";
import { type Revert, revertOf } from "../chain/sender.ts";
import { crashPoint } from "../crashPoint.ts";
import { keyOf } from "../domain/lines.ts";
import { afterOpinions, afterRevert, type Remedy } from "../domain/refusals.ts";
import {
  type BatchToAsk,
  type BatchToCarry,
  findBatchesToSign,
  markAsked,
  markSigned,
  postponeBatch,
  shownConversions,
} from "../store/batches.ts";
import { noteSecondsAhead } from "../store/cursor.ts";
import { type Dissolution, dissolveBatch } from "../store/deadBatches.ts";
import { readSignedLines } from "../store/lines.ts";
import { describeAnswers, signaturesOf } from "./attempt.ts";
import { compare } from "./compare.ts";
import type { Reconciled, Work } from "./work.ts";

/** Batches of which attesters are asked at once: one campaign's slow attester does not hold up the others'. */
export const BATCHES_AT_ONCE = 8;

/** Conversions that are asked about one by one, at once. */
const ASKED_AT_ONCE = 20;

export async function sign(work: Work & Reconciled, now: number): Promise<number> {
  const found = await findBatchesToSign(work.database);
  // One that nobody was asked to sign as far as this database knows may be signed all the same: it must not be dissolved.
  const batches = found.filter(
    ({ state, attestation }) => state !== "built" || work.isReconciled(attestation.campaignId),
  );
  await work.failures.eachItem(
    "sign",
    batches,
    ({ digest, attestation }) => ({ batch: digest, campaignId: attestation.campaignId }),
    (batch) => signBatch(work, batch, now),
    BATCHES_AT_ONCE,
  );
  return batches.length;
}

async function signBatch(work: Work, batch: BatchToAsk, now: number): Promise<void> {
  const { database, attesters, chain } = work;
  const given = { attestation: batch.attestation, conversions: shownConversions(database, batch.digest) };
  const { members, threshold } = await attesterSetNow(chain, batch.attestation.campaignId, Math.floor(now / 1000));
  if (batch.state === "built") {
    const refused = await whyRefused(work, batch.digest, given, members, threshold, now);
    if (refused !== undefined) return applyRemedy(work, batch, refused.remedy, refused.problem);
    await markAsked(database, batch.digest);
    crashPoint("asked");
  }
  const answers = await attesters.attest(members, given);
  crashPoint("signed");
  if (answers.filter(isSignature).length < threshold)
    return postponeBatch(database, batch.digest, describeAnswers(members, answers));
  await markSigned(database, batch.digest, signaturesOf(answers));
}

/** Why the contract or the attesters would not have a batch, and what to do about it. */
async function whyRefused(
  work: Work,
  digest: string,
  batch: BatchToSign,
  members: readonly string[],
  threshold: number,
  now: number,
): Promise<{ remedy: Remedy; problem: string } | undefined> {
  const { database, chain, attesters } = work;
  // The contract looks at signatures and then at lines last: if signatures are missing, nothing before them is.
  const revert = await revertOf(chain, "attest", attestArguments(batch.attestation));
  if (revert !== undefined) await heed(work, batch.attestation.campaignId, revert, now);
  if (revert !== undefined && revert.name !== "TooFewSignatures")
    return { remedy: afterRevert(numbersOf(batch.attestation), revert.name, revert.message), problem: revert.message };
  const faulty = await whyNotPaid(chain, batch, readSignedLines(database, digest));
  if (faulty !== undefined) return faulty;
  const opinions = await attesters.check(members, batch);
  if (opinions.filter((opinion) => opinion === undefined).length >= threshold) return undefined;
  return {
    remedy: afterOpinions(numbersOf(batch.attestation), opinions, threshold),
    problem: describeAnswers(members, opinions),
  };
}

/** What the contract refuses a batch with may say that it is not known here what the chain has, or what time it is there. */
async function heed(work: Work, campaignId: string, { name, args }: Revert, now: number): Promise<void> {
  if (name === "ConversionOutOfOrder") await compare(work, [campaignId]);
  if (name === "DeadlinePassed") await noteSecondsAhead(work.database, Number(args.time) - Math.floor(now / 1000));
}

const numbersOf = ({ firstConversion, conversions }: Attestation) =>
  Array.from({ length: conversions }, (_, i) => firstConversion + BigInt(i));

/** Which lines the contract would not pay, if there are any, and what is to be done about their conversions. */
async function whyNotPaid(
  chain: Work["chain"],
  { attestation, conversions }: BatchToSign,
  lines: AsyncIterable<readonly string[]>,
): Promise<{ remedy: Remedy; problem: string } | undefined> {
  const { worth, faults } = await rehearse(chain, attestation, lines);
  if (faults.length === 0) {
    if (worth === attestation.total) return undefined;
    const problem = `By the contract the lines are worth ${worth}, and by the offers known here ${attestation.total}.`;
    return { remedy: { do: "rebuild" }, problem };
  }
  const problem = describeFaults(faults);
  const faultOf = new Map(faults.map(({ line, fault }) => [keyOf(line), fault]));
  const faulty: { conversion: ShownConversion; fault: number }[] = [];
  for await (const conversion of conversions) {
    const fault = packEntries(conversion.entries)
      .map((entry) => faultOf.get(keyOf(entry)))
      .find((one) => one !== undefined);
    if (fault !== undefined) faulty.push({ conversion, fault });
  }
  for (let from = 0; from < faulty.length; from += ASKED_AT_ONCE) {
    const some = faulty.slice(from, from + ASKED_AT_ONCE);
    const alone = await Promise.all(some.map(({ conversion }) => holdsAlone(chain, attestation, conversion)));
    if (alone.includes(true)) return { remedy: { do: "halve" }, problem };
  }
  const rejected = new Map(faulty.map(({ conversion, fault }) => [conversion.number, faultReason(fault)]));
  return { remedy: { do: "reject", rejected }, problem };
}

/**
 * Whether a conversion is paid in a batch of its own, with a period of its second alone: another may have come after the partner's
 * kinds were taken away.
 */
async function holdsAlone(
  chain: Work["chain"],
  attestation: Attestation,
  conversion: ShownConversion,
): Promise<boolean> {
  const second = time.parse(conversion.order?.receivedAt);
  const alone = { ...attestation, periodFrom: second, periodTo: second + 1 };
  return (await rehearse(chain, alone, [packEntries(conversion.entries)])).faults.length === 0;
}

/** Why lines do not hold, the first of them in words. */
function describeFaults(faults: readonly LineFault[]): string {
  const shown = faults.slice(0, 5).map(({ index, fault }) => `line ${index}: ${REASONS[faultReason(fault)]}`);
  return [...shown, ...(faults.length > shown.length ? [`and ${faults.length - shown.length} more`] : [])].join("; ");
}

async function applyRemedy({ database }: Work, batch: BatchToCarry, remedy: Remedy, reason: string): Promise<void> {
  const dissolve = (why: Omit<Dissolution, "reason">) =>
    database.transaction((sql) => dissolveBatch(sql, batch.digest, { reason, ...why }));
  switch (remedy.do) {
    case "wait":
      return postponeBatch(database, batch.digest, reason);
    case "rebuild":
      return dissolve({});
    case "halve":
      return dissolve({ limit: Math.ceil(batch.attestation.conversions / 2) });
    case "setAside":
      return dissolve({ refused: remedy.refused });
    case "reject":
      return dissolve({ rejected: remedy.rejected });
  }
}
