/** A batch as it is shown, compared with how it stands by the chain: its head, and each line with what became of it. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { FAULT_REASONS } from "@partner-programs/protocol/reasons";
import { getBytes, hexlify } from "ethers";
import { z } from "zod";
import type { Batch } from "./batch.ts";
import { differences, OneOf } from "./expected.ts";
import { readPacked } from "./packed.ts";
import { NotGiven, type PublicBatch } from "./publicBatch.ts";
import type { Replay } from "./replay.ts";

/** Clocks of a relayer and of who checks it differ by no more than this: a hold that ends about now may be over, or not. */
export const SKEW_SECONDS = 60;
/** Of one batch no more are said. */
const MAX_SAID = 100;

/** What a line is by the chain, at `now` (Unix seconds). */
export function lineState(replay: Replay, batch: Batch, index: number, partner: string, now: number): unknown {
  switch (batch.state(index)) {
    case "credited":
      return (replay.claims.get(partner) ?? 0) > batch.settledBy(index) ? "claimed" : "credited";
    case "paid":
      return "pulled";
    case "refused":
    case "due":
      return "refused";
    case "held":
      if (batch.releaseAt > now + SKEW_SECONDS) return "held";
      return batch.releaseAt < now - SKEW_SECONDS ? "pullable" : new OneOf("held", "pullable");
  }
}

export const lineFault = (batch: Batch, index: number) => FAULT_REASONS[batch.faults.get(index) ?? 0] ?? null;

/** The ten words that were signed, as an API gives them. */
export const bodyOf = ({ body }: Batch, campaignId: string) => ({
  campaignId,
  ...body,
  firstConversion: String(body.firstConversion),
  total: String(body.total),
});

const shownLine = z.looseObject({ attested: bytes32, current: z.string() });

/** Which partners' lines are wanted, and who is told of them, as they were signed. */
export interface Wanted {
  readonly wants: (partner: string) => boolean;
  readonly seen: (index: number, attested: string) => void;
}
const NOBODY: Wanted = { wants: () => false, seen: () => {} };

/** What is not as the chain has it. `live`: it is said of now; a file may show the batch as it once stood. */
export async function checkShownBatch(
  { replay, campaignId, now }: { readonly replay: Replay; readonly campaignId: string; readonly now: number },
  batch: Batch,
  { source, live, data }: { readonly source: string; readonly live: boolean; readonly data: PublicBatch },
  { wants, seen }: Wanted = NOBODY,
): Promise<string[]> {
  const where = `${source} shows batch ${batch.digest}`;
  const head: Record<string, unknown> = {};
  const said: string[] = [];
  const wanted: [index: number, attested: string][] = [];
  const hash = keccak_256.create();
  let lines = 0;
  try {
    for await (const { item, ...of } of data) {
      if ("name" in of) head[of.name] = item;
      if (!("list" in of)) continue;
      // Lines come before conversions, of which all was said before.
      if (of.list !== "lines") break;
      const index = lines++;
      const { attested, ...line } = shownLine.parse(item);
      hash.update(getBytes(attested));
      const versions = [attested, ...batch.versions(index)];
      const current = live ? versions.at(-1) : new OneOf(...versions);
      const { partner } = readPacked(attested);
      const standing = { state: lineState(replay, batch, index, partner, now), fault: lineFault(batch, index) };
      if (said.length < MAX_SAID)
        said.push(...differences(`${where}, line ${index}`, line, { current, ...(live ? standing : {}) }));
      if (wants(partner)) wanted.push([index, attested]);
    }
  } catch (error) {
    if (error instanceof NotGiven) throw error;
    return [`${where} in a way that cannot be read: ${(error as Error).message.replaceAll("\n", " ").slice(0, 300)}`];
  }
  const ofHead = differences(where, head, expectedHead(replay, batch, campaignId, live, head, lines));
  if (lines === 0 || batch.signedHash === undefined) return ofHead;
  if (lines !== batch.body.lineCount || hexlify(hash.digest()) !== batch.signedHash)
    return [...ofHead, `${where}: its ${lines} lines are not the ${batch.body.lineCount} that were signed.`];
  for (const [index, attested] of wanted) seen(index, attested);
  return [...ofHead, ...said];
}

function expectedHead(
  replay: Replay,
  batch: Batch,
  campaignId: string,
  live: boolean,
  head: Record<string, unknown>,
  lines: number,
) {
  const { digest, heads } = batch;
  const current = live ? heads.slice(-1) : heads;
  const signed = { digest, ...bodyOf(batch, campaignId), releaseAt: batch.releaseAt };
  // A file was maybe saved before there were other fields, or not all of it.
  const whole = live ? signed : Object.fromEntries(Object.entries(signed).filter(([name]) => name in head));
  const roots = {
    currentRoot: new OneOf(...current.map(({ root }) => root)),
    currentTotal: new OneOf(...current.map(({ total }) => String(total))),
  };
  return {
    ...whole,
    ...(live || "currentRoot" in head ? roots : {}),
    ...(live ? { state: batchState(replay, batch), linesKnown: lines > 0 } : {}),
  };
}

/** It is released once nothing is left to settle that is worth something; what is worth nothing nobody has to settle. */
function batchState(replay: Replay, batch: Batch): unknown {
  let left = false;
  for (const index of batch.in("held")) {
    left = true;
    const line = batch.line(index);
    const worth = line && replay.worth(batch, line);
    if (worth !== undefined && worth.commission + worth.fee > 0n) return "attested";
  }
  return left ? new OneOf("attested", "released") : "released";
}
