/** Takes a batch back that this attester signed and forgot, from whoever remembers it. */
import {
  type RememberedBatch,
  readRemembered,
  rememberedPath,
  whyNotRemembered,
} from "@partner-programs/protocol/attesterMemory";
import { unpackLine } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import { readPrices } from "./chain/campaign.ts";
import { findForgotten, type Remembering } from "./chain/forgotten.ts";
import { NodeTrouble } from "./chain/trouble.ts";
import { commissionOf } from "./checks/offers.ts";
import { PackedLines, sumEntries } from "./lines.ts";
import { digestFor, type Reviewer } from "./review.ts";
import { deleteForgotten, type Forgotten, keepSilent } from "./store/memory.ts";
import { insertSigned, lockSigned, type SignedConversion, wasSigned } from "./store/signed.ts";

interface Recalling extends Pick<Reviewer, "database" | "chain" | "finality"> {
  /** What the others are asked with. */
  readonly token: string;
  /** How far ahead a deadline can be that was signed and forgotten. */
  readonly deadlineSeconds: number;
}

const TIMEOUT_MILLISECONDS = 300_000;

/**
 * Takes back what is forgotten of these campaigns: one that cannot be had keeps no other waiting.
 * @param say what became of each
 * @returns what is still forgotten, or could not be looked up, and why
 */
export async function recallAll(
  recalling: Recalling & Remembering,
  campaignIds: Iterable<string>,
  urls: readonly string[],
  say: (line: string) => void,
): Promise<string[]> {
  const failed: string[] = [];
  for (const campaignId of campaignIds) {
    try {
      const forgotten = await findForgotten(recalling, campaignId);
      if (forgotten.length === 0) say(`${campaignId}: nothing on the chain is forgotten`);
      for (const one of forgotten)
        await recall(recalling, one, urls).then(
          (from) => say(`${one.digest}: given back by ${from}`),
          (error: Error) => failed.push(`${campaignId}: ${error.message}`),
        );
    } catch (error) {
      failed.push(`${campaignId}: ${(error as Error).message}`);
    }
  }
  return failed;
}

/** @returns which of `urls` gave it @throws Error that says what each of them answered */
export async function recall(recalling: Recalling, forgotten: Forgotten, urls: readonly string[]): Promise<string> {
  const answers: string[] = [];
  for (const url of urls) {
    const batch = await fetchBatch(url, forgotten.digest, recalling.token).catch((error: Error) => error.message);
    if (typeof batch === "string") answers.push(`${url}: ${batch}`);
    else {
      const refused = await takeBack(recalling, forgotten, batch);
      if (refused === undefined) return url;
      answers.push(`${url}: ${refused}`);
    }
  }
  throw new Error(`Nobody gives attestation ${forgotten.digest} back. ${answers.join("; ")}`);
}

async function fetchBatch(url: string, digest: string, token: string): Promise<RememberedBatch | string> {
  const response = await fetch(new URL(rememberedPath(digest), url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (response.ok && response.body !== null) return readRemembered(response.body);
  await response.body?.cancel();
  return `it answers ${response.status}`;
}

/** @returns why this cannot be what was signed; undefined: it is known again */
async function takeBack(
  { database, chain, finality, deadlineSeconds }: Recalling,
  { digest, campaignId, block }: Forgotten,
  batch: RememberedBatch,
): Promise<string | undefined> {
  const { attestation, conversions } = batch;
  const given = digestFor(chain, attestation);
  if (given !== digest) return `what it gives is ${given}`;
  const wrong = whyNotRemembered(batch);
  if (wrong !== undefined) return wrong;
  // Its keys would be anybody's word, and one that is wrong would be signed again.
  const saltless = conversions.find(({ salt }) => salt === undefined);
  if (saltless !== undefined)
    return `conversion ${saltless.number} comes without its salt, so that nobody can see whether its key is the one that was signed; the relayer that numbered it has it`;
  const lines = sumEntries(PackedLines.of(conversions.flatMap(({ entries }) => entries.map(unpackLine))));
  const { offers, campaign } = await readPrices(chain, campaignId, lines);
  const { root, total } = treeOf(lines, offers, campaign, attestation);
  if (root !== attestation.linesRoot || total !== attestation.total)
    return `its lines have root ${root}, and ${attestation.linesRoot} was signed`;
  const attestedAt = await chain.block(block);
  if (attestedAt === undefined) throw new NodeTrouble(`The chain's node does not have block ${block}.`);
  const commission = commissionOf(lines, offers, campaign);
  const { time } = await finality();
  await database.transaction(async (sql) => {
    await lockSigned(sql);
    if (!(await wasSigned(sql, digest)))
      // The block before it did not have it.
      await insertSigned(
        sql,
        digest,
        attestation,
        sliced(conversions),
        { commission, lines, offers, signedAfter: block - 1 },
        attestedAt.time,
      );
    await deleteForgotten(sql, digest);
    await keepSilent(sql, campaignId, latestDeadline(time, deadlineSeconds));
  });
  return undefined;
}

/** Until when something can be attested that was signed and forgotten: it may have been signed a moment ago. */
function latestDeadline(finalTime: number, deadlineSeconds: number): number {
  return Math.max(finalTime, Math.floor(Date.now() / 1000)) + deadlineSeconds;
}

function sliced(conversions: RememberedBatch["conversions"]) {
  return {
    *slices(size: number): Generator<SignedConversion[]> {
      for (let from = 0; from < conversions.length; from += size)
        yield conversions
          .slice(from, from + size)
          .map(({ entries, ...one }) => ({ ...one, entries: entries.map(unpackLine) }));
    },
  };
}
