/** What the events of a batch's life change: attested, reversed, released, pulled, and the claims that end it. */
import { lineKey, packLine, unpackLine } from "@partner-programs/protocol/line";
import { isReleased } from "@partner-programs/protocol/releasedLines";
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";
import { attestConversions, releaseConversions } from "./conversions.ts";
import { readPrices, writeLines } from "./lines.ts";
import { finishReversals } from "./reversals.ts";
import { notSetAside } from "./setAside.ts";

export async function applyAttested(sql: Sql, { args, transaction, block }: ChainEvent): Promise<void> {
  const { body, attestation: digest } = args;
  const id: string = args.campaignId;
  const sum: bigint = args.commission + args.fee;
  const [campaign] = await sql.query<{ hold_seconds: number }>(
    "SELECT hold_seconds FROM campaigns WHERE id = $1 FOR UPDATE",
    [id],
  );
  if (campaign === undefined) throw new Error(`Campaign ${id} has an event but was never seen being created.`);
  const held = campaign.hold_seconds > 0;
  await sql.query(
    `UPDATE campaigns SET available = available - $2, reserved = reserved + $3, released = released + $4,
       fees = fees + $5, next_conversion = $6,
       batch_limit = CASE WHEN batch_limit < 100000 THEN 2 * batch_limit END
     WHERE id = $1`,
    [
      id,
      sum,
      held ? sum : 0n,
      held ? 0n : args.commission,
      held ? 0n : args.fee,
      body.firstConversion + body.conversions,
    ],
  );
  await sql.query(
    `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to,
       deadline, conversions_root, state, release_at, attested_block)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (digest) DO UPDATE SET state = $9, release_at = $10, attested_block = $11, problem = NULL`,
    [
      digest,
      id,
      body.firstConversion,
      body.conversions,
      body.periodFrom,
      body.periodTo,
      body.deadline,
      body.conversionsRoot,
      held ? "attested" : "released",
      args.releaseAt,
      block,
    ],
  );
  const lines = (body.lines as string[]).map(unpackLine);
  await writeLines(sql, digest, lines, await readPrices(sql, id), held ? "held" : "released");
  await attestConversions(sql, id, digest, held, transaction);
}

export async function applyReversed(sql: Sql, { args, transaction }: ChainEvent): Promise<void> {
  const returned: bigint = args.commission + args.fee;
  await sql.query("UPDATE campaigns SET available = available + $2, reserved = reserved - $2 WHERE id = $1", [
    args.campaignId,
    returned,
  ]);
  const priceOf = await readPrices(sql, args.campaignId);
  const stored = await sql.query<{ index: number; line: string }>(
    "SELECT index, line FROM batch_lines WHERE digest = $1",
    [args.attestation],
  );
  const byKey = new Map(stored.map(({ index, line }) => [lineKey(unpackLine(line)), index]));
  for (const packed of args.lines as string[]) {
    const line = unpackLine(packed);
    const { commission, fee } = priceOf(line);
    await sql.query("UPDATE batch_lines SET line = $3, commission = $4, fee = $5 WHERE digest = $1 AND index = $2", [
      args.attestation,
      byKey.get(lineKey(line)),
      packLine(line),
      commission,
      fee,
    ]);
  }
  await finishReversals(sql, args.attestation, args.reasonHash, transaction);
}

export async function applyReleased(sql: Sql, event: ChainEvent): Promise<void> {
  const words: readonly bigint[] = event.args.lines;
  const lines = await sql.query<{ index: number }>("SELECT index FROM batch_lines WHERE digest = $1", [
    event.args.attestation,
  ]);
  const released = lines.map(({ index }) => index).filter((index) => isReleased(words, index));
  await settleLines(sql, event, released, "released");
}

export async function applyPulled(sql: Sql, event: ChainEvent): Promise<void> {
  await settleLines(sql, event, [Number(event.args.index)], "claimed");
}

/**
 * A claim always takes the whole credit, so every line released before it is paid by it: of all campaigns whose events were read
 * so far, or of `only` one that is read again.
 */
export async function applyClaimed(sql: Sql, { args }: ChainEvent, only?: string): Promise<void> {
  await sql.query(
    `UPDATE batch_lines SET state = 'claimed' FROM batches, campaigns
     WHERE batch_lines.digest = batches.digest AND batches.campaign_id = campaigns.id
       AND batch_lines.partner = $1 AND campaigns.token = $2 AND batch_lines.state = 'released'
       AND ($3::text IS NULL OR campaigns.id = $3) AND ${notSetAside("campaigns.id")}`,
    [args.owner, args.token, only ?? null],
  );
  if (args.receiver === args.owner) return;
  await sql.query("INSERT INTO payouts (owner, receiver) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    args.owner,
    args.receiver,
  ]);
}

/** Lines of a batch left the hold; with the last of them the batch and its conversions are released. */
async function settleLines(
  sql: Sql,
  { args, transaction }: ChainEvent,
  indices: readonly number[],
  state: "released" | "claimed",
): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET reserved = reserved - $2 - $3, released = released + $2, fees = fees + $3
     WHERE id = $1`,
    [args.campaignId, args.commission, args.fee],
  );
  await sql.query("UPDATE batch_lines SET state = $3 WHERE digest = $1 AND index = ANY($2::int[]) AND state = 'held'", [
    args.attestation,
    indices,
    state,
  ]);
  const held = await sql.query("SELECT 1 FROM batch_lines WHERE digest = $1 AND state = 'held' LIMIT 1", [
    args.attestation,
  ]);
  if (held.length > 0) return;
  await sql.query("UPDATE batches SET state = 'released' WHERE digest = $1", [args.attestation]);
  await releaseConversions(sql, args.attestation, transaction);
}
