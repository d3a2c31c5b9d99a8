/** What the events of a batch's life change: attested, lowered, reversed, released, pulled, refused. */
import { faultReason } from "@partner-programs/protocol/reasons";
import { ATTESTATION_COLUMNS, fromAttestation } from "#service/attestationRow.ts";
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";
import { readPacked } from "../domain/lines.ts";
import { attestConversions, refuseConversions, releaseConversions } from "./conversions.ts";
import { type Period, partnerOf, readPrices, writeLines } from "./lines.ts";
import { finishReversals } from "./reversals.ts";

/** What the events themselves leave open of a block and of a batch. */
export interface BatchFacts {
  /** Unix seconds of the blocks in which something began to run. */
  readonly times: ReadonlyMap<number, number>;
  /** Of batches that were settled as they were attested, the lines that do not hold, and what they were worth together. */
  readonly refusedAtOnce: ReadonlyMap<string, { readonly indices: readonly bigint[]; readonly returned: bigint }>;
}

interface BatchTerms {
  readonly hold_seconds: number;
  readonly fee_bps: number;
}

async function lockTerms(sql: Sql, campaignId: string): Promise<BatchTerms> {
  const [campaign] = await sql.query<BatchTerms>(
    "SELECT hold_seconds, fee_bps FROM campaigns WHERE id = $1 FOR UPDATE",
    [campaignId],
  );
  if (campaign === undefined) throw new Error(`Campaign ${campaignId} has an event but was never seen being created.`);
  return campaign;
}

export async function applyAttested(sql: Sql, event: ChainEvent, { times, refusedAtOnce }: BatchFacts): Promise<void> {
  const { args, transaction, block } = event;
  const { body, attestation: digest } = args;
  const id: string = args.campaignId;
  const { hold_seconds } = await lockTerms(sql, id);
  const held = hold_seconds > 0;
  const refused = held ? undefined : refusedAtOnce.get(digest);
  const taken: bigint = body.total - (refused?.returned ?? 0n);
  await sql.query(
    `UPDATE campaigns SET available = available - $2, reserved = reserved + $3, next_conversion = $4,
       withdrawal_amount = least(withdrawal_amount, available - $2),
       batch_limit = CASE WHEN batch_limit < 1000000 THEN 2 * batch_limit END
     WHERE id = $1`,
    [id, taken, held ? taken : 0n, body.firstConversion + body.conversions],
  );
  const numberedHere = await writeAttested(sql, event, held, (times.get(block) ?? 0) + hold_seconds);
  const lines: string[] = [...args.lines];
  if (lines.length > 0) {
    const period = { periodFrom: Number(body.periodFrom), periodTo: Number(body.periodTo) };
    const priceOf = await readPrices(sql, id, period);
    await writeLines(sql, digest, lines, priceOf);
  }
  if (numberedHere) await attestConversions(sql, id, digest, transaction);
  if (held) return;
  const indices = Array.from({ length: lines.length }, (_, index) => BigInt(index));
  const gone = new Set(refused?.indices);
  const paid = await settleLines(
    sql,
    event,
    indices.filter((index) => !gone.has(index)),
    "released",
  );
  await sql.query("UPDATE campaigns SET released = released + $2, fees = fees + $3 WHERE id = $1", [
    id,
    paid.commission,
    paid.fee,
  ]);
}

/** @returns whether it was known before: of any other there are no conversions here */
async function writeAttested(
  sql: Sql,
  { args, block }: ChainEvent,
  held: boolean,
  releaseAt: number,
): Promise<boolean> {
  const { body } = args;
  const [written] = await sql.query<{ was_known: boolean }>(
    `INSERT INTO batches (digest, state, release_at, attested_block, current_root, current_total,
       ${ATTESTATION_COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     ON CONFLICT (digest) DO UPDATE SET state = $2, release_at = $3, attested_block = $4, problem = NULL
       WHERE batches.state NOT IN ('attested', 'released')
     RETURNING xmax <> 0 AS was_known`,
    [
      args.attestation,
      held ? "attested" : "released",
      releaseAt,
      block,
      body.linesRoot,
      body.total,
      ...fromAttestation(body),
    ],
  );
  if (written === undefined) throw new Error(`Batch ${args.attestation} is attested a second time.`);
  return written.was_known;
}

/** Comes before the `Reversed` that it is part of. */
export async function applyLineLowered(sql: Sql, { args }: ChainEvent): Promise<void> {
  const [period] = await sql.query<Period>(
    `SELECT period_from::float8 AS "periodFrom", period_to::float8 AS "periodTo" FROM batches WHERE digest = $1`,
    [args.attestation],
  );
  if (period === undefined)
    throw new Error(`Batch ${args.attestation} has an event but was never seen being attested.`);
  const { commission, fee } = (await readPrices(sql, args.campaignId, period))(readPacked(args.line));
  await sql.query(
    `INSERT INTO batch_lines (digest, index, lowered, partner, commission, fee)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (digest, index) DO UPDATE SET lowered = $3, partner = $4, commission = $5, fee = $6`,
    [args.attestation, args.index, args.line, partnerOf(args.line), commission, fee],
  );
}

export async function applyReversed(sql: Sql, { args, transaction }: ChainEvent): Promise<void> {
  await sql.query("UPDATE campaigns SET available = available + $2, reserved = reserved - $2 WHERE id = $1", [
    args.campaignId,
    args.returned,
  ]);
  await sql.query("UPDATE batches SET current_root = $2, current_total = $3 WHERE digest = $1", [
    args.attestation,
    args.linesRoot,
    args.total,
  ]);
  await finishReversals(sql, args.attestation, args.reasonHash, transaction);
  await finishBatch(sql, args.attestation, transaction);
}

export async function applyReleased(sql: Sql, event: ChainEvent): Promise<void> {
  const { args, transaction } = event;
  const indices = marked(args.word, args.lines);
  await payCommission(sql, args.campaignId, args.commission, args.fee);
  await settleLines(sql, event, indices, "released", args.commission);
  await finishBatch(sql, args.attestation, transaction);
}

/** The places of the lines that a mask of 256 is about. */
function marked(word: bigint, mask: bigint): bigint[] {
  const indices: bigint[] = [];
  for (let bit = 0n, left = mask; left > 0n; bit++, left >>= 1n) if (left & 1n) indices.push(256n * word + bit);
  return indices;
}

export async function applyPulled(sql: Sql, event: ChainEvent): Promise<void> {
  const { args, transaction } = event;
  const { fee_bps } = await lockTerms(sql, args.campaignId);
  await payCommission(sql, args.campaignId, args.commission, (args.commission * BigInt(fee_bps)) / 10_000n);
  await settleLines(sql, event, [args.index], "pulled", args.commission, args.partner);
  await finishBatch(sql, args.attestation, transaction);
}

/** A line that does not hold pays nobody; what it was worth is available again, and its conversions are rejected for that reason. */
export async function applyLineRefused(sql: Sql, event: ChainEvent): Promise<void> {
  const { args, transaction } = event;
  const { hold_seconds } = await lockTerms(sql, args.campaignId);
  // Without a hold nothing of it was taken.
  if (hold_seconds > 0)
    await sql.query("UPDATE campaigns SET available = available + $2, reserved = reserved - $2 WHERE id = $1", [
      args.campaignId,
      args.returned,
    ]);
  await settleLines(sql, event, [args.index], "refused");
  await sql.query(
    "UPDATE batch_lines SET fault = $3, partner = coalesce(partner, $4) WHERE digest = $1 AND index = $2",
    [args.attestation, args.index, args.fault, partnerOf(args.line)],
  );
  await refuseConversions(sql, args.attestation, args.index, faultReason(args.fault), transaction);
  await finishBatch(sql, args.attestation, transaction);
}

async function payCommission(sql: Sql, campaignId: string, commission: bigint, fee: bigint): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET reserved = reserved - $2 - $3, released = released + $2, fees = fees + $3
     WHERE id = $1`,
    [campaignId, commission, fee],
  );
}

/**
 * Lines were settled, each once; those that are not known yet as well. With a line the conversions are released whose partner it
 * pays. `noted`: what the chain says that they paid; `partner`: whom, where it says so. @returns what the lines pay, as far as they are known
 */
async function settleLines(
  sql: Sql,
  { args, block, index, transaction }: ChainEvent,
  indices: readonly bigint[],
  state: "released" | "pulled" | "refused",
  noted = 0n,
  partner: string | null = null,
): Promise<{ commission: bigint; fee: bigint }> {
  if (indices.length === 0) return { commission: 0n, fee: 0n };
  const [settled] = await sql.query<{ commission: bigint; fee: bigint; numbered_here: boolean }>(
    `WITH settled AS (
       INSERT INTO batch_lines (digest, index, state, settled_block, settled_index, partner)
       SELECT $1, given, $3, $4, $5, $7 FROM unnest($2::bigint[]) AS given
       ON CONFLICT (digest, index) DO UPDATE SET state = $3, settled_block = $4, settled_index = $5,
         partner = coalesce(batch_lines.partner, excluded.partner)
         WHERE batch_lines.state = 'open'
       RETURNING commission, fee
     ), counted AS (
       SELECT count(*) AS lines, coalesce(sum(commission), 0) AS commission, coalesce(sum(fee), 0) AS fee
       FROM settled
     ), noted AS (
       UPDATE batches
       SET settled_lines = settled_lines + lines, settled_commission = settled_commission + $6::numeric
       FROM counted WHERE digest = $1
     )
     SELECT commission, fee, EXISTS (SELECT 1 FROM conversions WHERE batch = $1) AS numbered_here
     FROM counted`,
    [args.attestation, indices.map(String), state, block, index, noted, partner],
  );
  if (state !== "refused" && settled?.numbered_here === true)
    await releaseConversions(sql, { batch: args.attestation, lines: indices }, transaction);
  return settled ?? { commission: 0n, fee: 0n };
}

/** A batch is released once nothing of it is left that is worth something; and with it what is left of its conversions. */
async function finishBatch(sql: Sql, digest: string, transaction: string): Promise<void> {
  const [finished] = await sql.query<{ numbered_here: boolean }>(
    `UPDATE batches SET state = 'released' WHERE digest = $1 AND state = 'attested' AND (
       settled_lines = line_count OR (lines_known AND NOT EXISTS (
         SELECT 1 FROM batch_lines l WHERE l.digest = $1 AND l.state = 'open' AND l.commission + l.fee > 0)))
     RETURNING EXISTS (SELECT 1 FROM conversions WHERE batch = $1) AS numbered_here`,
    [digest],
  );
  if (finished?.numbered_here === true) await releaseConversions(sql, { batch: digest }, transaction);
}
