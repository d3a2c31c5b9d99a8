/** Asks attesters for the lines of batches that somebody else carried to the chain, where the chain has none. */
import { setImmediate } from "node:timers/promises";
import { LINE_BYTES } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import type { FetchLines } from "../attesters/lines.ts";
import { priced } from "../domain/batch.ts";
import { type BatchWithoutLines, findBatchesWithoutLines, postponeBatch } from "../store/batches.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { lockIndex } from "../store/cursor.ts";
import { readPrices, writeLines } from "../store/lines.ts";
import type { Work } from "./work.ts";

type FetchWork = Pick<Work, "database" | "failures"> & { readonly fetchLines: FetchLines };

/** Of how many batches in one round: they may be large. */
const AT_ONCE = 3;
/** More are not asked for: who would have this relayer keep them has not asked it. */
const MAX_LINES = 1_000_000;

/** @returns how many batches were asked for */
export async function fetchLines(work: FetchWork): Promise<number> {
  const batches = await findBatchesWithoutLines(work.database, AT_ONCE);
  await work.failures.eachItem(
    "fetch lines",
    batches,
    ({ digest, attestation }) => ({ batch: digest, campaignId: attestation.campaignId }),
    (batch) => fetchBatch(work, batch),
  );
  return batches.length;
}

async function fetchBatch({ database, fetchLines }: FetchWork, batch: BatchWithoutLines): Promise<void> {
  const { digest, attestation } = batch;
  const { lineCount } = attestation;
  if (lineCount > MAX_LINES)
    return postponeBatch(database, digest, `It has ${lineCount} lines; at most ${MAX_LINES} are asked for.`);
  const bytes = await fetchLines(digest, lineCount);
  if (bytes === undefined) return postponeBatch(database, digest, "No attester gives its lines.");
  const lines = toLines(bytes);
  const priceOf = await readPrices(database, attestation.campaignId, attestation);
  const tree = await LineTree.inSlices(priced(lines, priceOf), setImmediate);
  if (tree.root !== attestation.linesRoot || tree.total !== attestation.total)
    return postponeBatch(
      database,
      digest,
      `The lines that an attester gives are not those that were signed: their root is ${tree.root}, and the batch's ${attestation.linesRoot}.`,
    );
  await database.transaction(async (sql) => {
    // In the order in which the indexer takes them: what lines add to a partner's sums, events of its batches change as well.
    await lockIndex(sql);
    await lockCampaign(sql, attestation.campaignId);
    await writeLines(sql, digest, lines, priceOf);
  });
}

/** The lines as text, each only while it is looked at. */
function toLines(bytes: Uint8Array): Iterable<string> & { readonly length: number } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    length: all.length / LINE_BYTES,
    *[Symbol.iterator]() {
      for (let at = 0; at < all.length; at += LINE_BYTES) yield `0x${all.toString("hex", at, at + LINE_BYTES)}`;
    },
  };
}
