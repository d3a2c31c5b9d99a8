/** Asks attesters for the lines of batches that somebody else carried to the chain, where the chain has none. */
import { LINE_BYTES } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import type { FetchLines } from "../attesters/lines.ts";
import type { PriceOf } from "../domain/batch.ts";
import { readPacked } from "../domain/lines.ts";
import { type BatchWithoutLines, findBatchesWithoutLines, postponeBatch } from "../store/batches.ts";
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
    ({ digest, campaign_id }) => ({ batch: digest, campaignId: campaign_id }),
    (batch) => fetchBatch(work, batch),
  );
  return batches.length;
}

async function fetchBatch({ database, fetchLines }: FetchWork, batch: BatchWithoutLines): Promise<void> {
  const { digest, campaign_id, attestation } = batch;
  const { lineCount } = attestation;
  if (lineCount > MAX_LINES)
    return postponeBatch(database, digest, `It has ${lineCount} lines; at most ${MAX_LINES} are asked for.`);
  const bytes = await fetchLines(digest, lineCount);
  if (bytes === undefined) return postponeBatch(database, digest, "No attester gives its lines.");
  const lines = toLines(bytes);
  const priceOf = await readPrices(database, campaign_id, attestation);
  const prices = lines.map((line) => priceOf(readPacked(line)));
  const tree = treeOf(lines, prices);
  if (tree.root !== attestation.linesRoot || tree.total !== attestation.total)
    return postponeBatch(
      database,
      digest,
      `The lines that an attester gives are not those that were signed: their root is ${tree.root}, and the batch's ${attestation.linesRoot}.`,
    );
  await database.transaction((sql) => writeLines(sql, digest, { lines, prices }));
}

function toLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return Array.from(
    { length: bytes.length / LINE_BYTES },
    (_, i) => `0x${text.slice(2 * LINE_BYTES * i, 2 * LINE_BYTES * (i + 1))}`,
  );
}

function treeOf(lines: readonly string[], prices: readonly ReturnType<PriceOf>[]): LineTree {
  return LineTree.of({
    length: lines.length,
    *[Symbol.iterator]() {
      for (const [i, line] of lines.entries()) {
        const { commission, fee } = prices[i] as ReturnType<PriceOf>;
        yield { line: readPacked(line), worth: commission + fee };
      }
    },
  });
}
