/**
 * The one door to a conversion's state: nobody else writes `state`, `conversion_moves` or a campaign's `promised`, so that a move,
 * its note and the promise that goes with it are written together.
 */
import type { Reason } from "@partner-programs/protocol/reasons";
import type { Sql } from "#service/database.ts";
import {
  type ConversionRow,
  type ConversionState,
  MENDABLE,
  type NewConversion,
  naturalKey,
  toNewRow,
  toRecord,
} from "./conversionRow.ts";
import { DELIVERIES_OF_MOVES } from "./deliveries.ts";
import { TELL_REVIEWS } from "./news.ts";
import { NOTICES_OF_MOVES } from "./notices.ts";
import { CALLS_OF_MOVES } from "./postbacks.ts";

/** Those with these ids, or of a batch; `lines`: of it those that some of its lines pay the partner of. */
type Which = { readonly ids: readonly bigint[] } | { readonly batch: string; readonly lines?: readonly bigint[] };

/**
 * Moves conversions from one state to the next and notes the move. Only those in a state of `from` move, so repeating it
 * does nothing.
 */
export async function moveConversions(
  sql: Sql,
  move: Which & {
    readonly from: readonly ConversionState[];
    readonly to: ConversionState;
    readonly reason?: Reason;
    readonly transaction?: string;
  },
): Promise<number> {
  const [condition, ...which] = conditionOf(move);
  const [moved] = await sql.query<{ count: bigint }>(
    `WITH moved AS (
       UPDATE conversions SET state = $1::text, reason = coalesce($2::text, reason)
       WHERE ${condition} AND state = ANY($3::text[]) RETURNING id
     ), noted AS (
       INSERT INTO conversion_moves (conversion_id, state, reason, transaction)
       SELECT id, $1::text, $2::text, $4::text FROM moved
     )
     SELECT count(*) AS count FROM moved`,
    [move.to, move.reason ?? null, [...move.from], move.transaction ?? null, ...which],
  );
  return Number(moved?.count ?? 0n);
}

function conditionOf(which: Which): [condition: string, ...parameters: unknown[]] {
  if ("ids" in which) return ["id = ANY($5::bigint[])", which.ids.map(String)];
  if (which.lines === undefined) return ["batch = $5", which.batch];
  return ["batch = $5 AND line = ANY($6::bigint[])", which.batch, which.lines.map(String)];
}

/** Takes conversions back that are on no chain: what they were promised is free again. Repeating it does nothing. */
export async function takeBack(sql: Sql, ids: readonly bigint[], reason: Reason = "refunded"): Promise<void> {
  const from = ["accepted", "review", "batched"] as const;
  const open = await sql.query<{ id: bigint }>(
    "SELECT id FROM conversions WHERE id = ANY($1::bigint[]) AND state = ANY($2::text[])",
    [ids.map(String), [...from]],
  );
  const unattested = open.map(({ id }) => id);
  await freePromises(sql, unattested);
  await moveConversions(sql, { ids: unattested, from, to: "reversed", reason });
}

/** What conversions were promised is free again. */
async function freePromises(sql: Sql, ids: readonly bigint[]): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET promised = promised - sums.sum
     FROM (
       SELECT campaign_id, sum(commission + fee) AS sum FROM conversions
       WHERE id = ANY($1::bigint[]) GROUP BY campaign_id
     ) AS sums
     WHERE campaigns.id = sums.campaign_id`,
    [ids.map(String)],
  );
}

/** Rejects what was accepted and can be attested no more. */
export async function expireConversions(sql: Sql, ids: readonly bigint[], reason: Reason): Promise<void> {
  await moveConversions(sql, { ids, from: ["accepted"], to: "rejected", reason });
  await freePromises(sql, ids);
}

/** So many at a time: a batch can have hundreds of thousands. */
const PAGE = 10_000;

/** Gives conversions their numbers in a batch, from `first` on, in the order given, each with the place of its own line. */
export async function numberConversions(
  sql: Sql,
  batch: string,
  first: bigint,
  ids: readonly bigint[],
  lines: Uint32Array,
): Promise<void> {
  for (let from = 0; from < ids.length; from += PAGE) {
    const [some, places] = [ids.slice(from, from + PAGE), lines.subarray(from, from + PAGE)];
    await sql.query(
      `WITH numbered AS (
         UPDATE conversions
         SET state = 'batched', batch = $1, number = $2 + given.ordinal - 1, line = given.line
         FROM unnest($3::bigint[], $4::bigint[]) WITH ORDINALITY AS given (id, line, ordinal)
         WHERE conversions.id = given.id RETURNING conversions.id
       )
       INSERT INTO conversion_moves (conversion_id, state) SELECT id, 'batched' FROM numbered`,
      [batch, first + BigInt(from), some.map(String), [...places]],
    );
  }
}

/** Rejects those of a batch that the contract would not pay, by their numbers, with the reason of each: what they were promised is free again. */
export async function rejectNumbered(sql: Sql, batch: string, rejected: ReadonlyMap<bigint, Reason>): Promise<void> {
  for (const [reason, numbers] of Map.groupBy(rejected.keys(), (number) => rejected.get(number) as Reason)) {
    const rows = await sql.query<{ id: bigint }>(
      `UPDATE conversions SET batch = NULL, number = NULL, line = NULL
       WHERE batch = $1 AND number = ANY($2::bigint[]) AND state = 'batched' RETURNING id`,
      [batch, numbers.map(String)],
    );
    const ids = rows.map(({ id }) => id);
    await moveConversions(sql, { ids, from: ["batched"], to: "rejected", reason });
    await freePromises(sql, ids);
  }
}

/** Leaves those of a batch that the attesters would not have, by their numbers, to the brand, with the reason given for each. */
export async function setConversionsAside(
  sql: Sql,
  batch: string,
  refused: ReadonlyMap<bigint, string>,
): Promise<void> {
  const found = "SELECT id, number FROM conversions WHERE batch = $1 AND number = ANY($2::bigint[])";
  const rows = await sql.query<{ id: bigint; number: bigint }>(found, [batch, [...refused.keys()].map(String)]);
  await leaveToBrand(sql, new Map(rows.map(({ id, number }) => [id, refused.get(number) as string])));
}

/** What is accepted or numbered, and no attester would sign: each with its note. */
export async function leaveToBrand(sql: Sql, notes: ReadonlyMap<bigint, string>): Promise<void> {
  await sql.query(
    `WITH aside AS (
       UPDATE conversions SET state = 'review', reason = 'attesters_refused', note = given.note,
         batch = NULL, number = NULL, line = NULL
       FROM unnest($1::bigint[], $2::text[]) AS given (id, note)
       WHERE conversions.id = given.id AND state IN ('accepted', 'batched') RETURNING conversions.id
     )
     INSERT INTO conversion_moves (conversion_id, state, reason)
     SELECT id, 'review', 'attesters_refused' FROM aside`,
    [[...notes.keys()].map(String), [...notes.values()]],
  );
}

/** Conversions of a batch that is dead wait for another. What was taken back meanwhile loses its number too: another gets it. */
export async function returnConversions(sql: Sql, batch: string, reason: string): Promise<void> {
  await sql.query(
    `WITH back AS (
       UPDATE conversions SET state = 'accepted', batch = NULL, number = NULL, line = NULL
       WHERE batch = $1 AND state = 'batched' RETURNING id
     )
     INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, 'accepted', $2 FROM back`,
    [batch, reason],
  );
  await sql.query("UPDATE conversions SET batch = NULL, number = NULL, line = NULL WHERE batch = $1", [batch]);
}

/** The batch is on the chain: what its conversions were promised is reserved there. */
export async function attestConversions(
  sql: Sql,
  campaignId: string,
  batch: string,
  transaction: string,
): Promise<void> {
  // Of somebody else's batch nothing was promised here.
  if ((await moveConversions(sql, { batch, from: ["batched"], to: "attested", transaction })) === 0) return;
  await sql.query(
    `UPDATE campaigns SET promised = promised - coalesce((
       SELECT sum(commission + fee) FROM conversions WHERE batch = $2 AND state IN ('attested', 'released')
     ), 0) WHERE id = $1`,
    [campaignId, batch],
  );
}

/** A batch is settled, or some lines of it: whatever they pay the partner of is released. */
export async function releaseConversions(
  sql: Sql,
  settled: { readonly batch: string; readonly lines?: readonly bigint[] },
  transaction: string,
): Promise<void> {
  await moveConversions(sql, { ...settled, from: ["attested"], to: "released", transaction });
}

/** A line of a batch does not hold: whatever it would pay the partner of pays nothing. */
export async function refuseConversions(
  sql: Sql,
  batch: string,
  line: bigint,
  reason: Reason,
  transaction: string,
): Promise<void> {
  await moveConversions(sql, { batch, lines: [line], from: ["attested"], to: "rejected", reason, transaction });
}

/** Attested conversions that a reversal on the chain took back as a whole. */
export async function reverseConversions(
  sql: Sql,
  ids: readonly bigint[],
  reason: Reason,
  transaction: string,
): Promise<void> {
  await moveConversions(sql, { ids, from: ["attested"], to: "reversed", reason, transaction });
}

/** Attested conversions that a reversal took back in part pay what the last of their reversals leaves. */
export async function lowerConversions(sql: Sql, ids: readonly bigint[], transaction: string): Promise<void> {
  await sql.query(
    `WITH lowered AS (
       SELECT DISTINCT ON (conversion_id) conversion_id, commission_left, partner_commission_left, fee_left
       FROM reversals WHERE conversion_id = ANY($1::bigint[]) AND state = 'done'
       ORDER BY conversion_id, id DESC
     ), priced AS (
       UPDATE conversions
       SET commission = commission_left, partner_commission = partner_commission_left, fee = fee_left
       FROM lowered WHERE conversions.id = lowered.conversion_id
     )
     INSERT INTO conversion_moves (conversion_id, state, reason, transaction)
     SELECT conversion_id, 'attested', 'partly_refunded', $2 FROM lowered`,
    [ids.map(String), transaction],
  );
}

/** Refunds of attested conversions came too late: nothing moves, and whoever listens is told. */
export async function noteLateRefunds(sql: Sql, ids: readonly bigint[]): Promise<void> {
  await sql.query(
    `INSERT INTO conversion_moves (conversion_id, state, reason)
     SELECT id, state, 'refund_late' FROM conversions WHERE id = ANY($1::bigint[])`,
    [ids.map(String)],
  );
}

/** A conversion that pays less by now, with the receipt for what is left. */
export interface ShrunkConversion {
  readonly id: bigint;
  /** Packed lines. */
  readonly entries: readonly string[];
  readonly commission: bigint;
  readonly partnerCommission: bigint;
  readonly fee: bigint;
  readonly receipt: string | undefined;
}

/** Makes a conversion that is not numbered yet pay less; what it gives up of its promise is free again. */
export async function shrinkConversion(sql: Sql, shrunk: ShrunkConversion): Promise<void> {
  await sql.query(
    `WITH before AS (
       SELECT id, campaign_id, state, commission + fee AS promise FROM conversions WHERE id = $1
     ), shrunk AS (
       UPDATE conversions SET entries = $2, commission = $3, partner_commission = $4, fee = $5, receipt = $6
       WHERE id = $1
     ), freed AS (
       UPDATE campaigns SET promised = promised - (before.promise - $3::numeric - $5::numeric)
       FROM before WHERE campaigns.id = before.campaign_id
     )
     INSERT INTO conversion_moves (conversion_id, state, reason)
     SELECT id, state, 'partly_refunded' FROM before`,
    [
      shrunk.id,
      JSON.stringify(shrunk.entries),
      shrunk.commission,
      shrunk.partnerCommission,
      shrunk.fee,
      shrunk.receipt ?? null,
    ],
  );
}

/** Clears a conversion's flags; one that the attesters refused waits for a batch again. Repeating it does nothing. */
export async function clearFlags(sql: Sql, campaignId: string, conversionId: bigint): Promise<void> {
  await sql.query(
    `WITH cleared AS (
       UPDATE conversions SET flags = '{}', state = CASE state WHEN 'review' THEN 'accepted' ELSE state END,
         reason = CASE state WHEN 'review' THEN NULL ELSE reason END, note = NULL
       WHERE id = $1 AND campaign_id = $2 AND (flags <> '{}' OR state = 'review') RETURNING id, state
     )
     INSERT INTO conversion_moves (conversion_id, state, reason)
     SELECT id, state, 'review_released' FROM cleared`,
    [conversionId, campaignId],
  );
}

/** As `toRecord` gives them. */
const RECORD = `(ordinal int, id bigint, event text, order_id text, body_hash text, key text, customer text,
  partnership_id bigint, link_id bigint, code_id bigint, volume numeric, sale jsonb, attributes jsonb, history jsonb,
  occurred_at timestamptz, received_at timestamptz, state text, reason text, note text, entries jsonb, commission numeric, partner_commission numeric, fee numeric,
  salt text, attest_by bigint, receipt text, flags text[], introduced jsonb, api_key_id bigint,
  idempotency_key text, noted boolean)`;
/** What a judgement says of a conversion. */
const JUDGED = `body_hash, customer, partnership_id, link_id, code_id, volume, sale, attributes, history, occurred_at, received_at,
  state, reason, note, entries, commission, partner_commission, fee, salt, attest_by, receipt, flags, introduced`;
/** Of a rejected conversion another order may have taken the key that it was reported under. */
const KEYED = `
  INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id)
  SELECT api_key_id, idempotency_key, body_hash, written.id
  FROM given JOIN written USING (event, order_id) WHERE idempotency_key IS NOT NULL
  ON CONFLICT (api_key_id, idempotency_key)
    DO UPDATE SET request_hash = excluded.request_hash, conversion_id = excluded.conversion_id`;

/** The budget keeps what newly accepted conversions are promised. */
async function reserve(sql: Sql, campaignId: string, conversions: readonly NewConversion[]): Promise<void> {
  const accepted = conversions.filter(({ state }) => state === "accepted");
  const promised = accepted.reduce((sum, { commission, fee }) => sum + commission + fee, 0n);
  if (promised === 0n) return;
  await sql.query("UPDATE campaigns SET promised = promised + $2 WHERE id = $1", [campaignId, promised]);
}

/**
 * Writes conversions with their first moves and the keys they were reported under, and reserves what they promise. Returns them
 * in the order given, as `readConversions` would.
 */
export async function insertConversions(
  sql: Sql,
  campaign: { readonly id: string; readonly brand: string },
  conversions: readonly NewConversion[],
): Promise<ConversionRow[]> {
  if (conversions.length === 0) return [];
  const reserved = reserve(sql, campaign.id, conversions);
  const written = sql.query<{ id: bigint; event: string; order_id: string; moved_at: Date }>(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset($2::jsonb) AS given ${RECORD}
     ), written AS (
       INSERT INTO conversions (campaign_id, event, order_id, key, ${JUDGED})
       SELECT $1, event, order_id, key, ${JUDGED}
       FROM given ORDER BY ordinal RETURNING id, event, order_id, state, reason
     ), noted AS (
       INSERT INTO conversion_moves (conversion_id, state, reason)
       SELECT id, state, reason FROM written RETURNING conversion_id, moved_at
     ), keyed AS (${KEYED})
     SELECT id, event, order_id, moved_at FROM written JOIN noted ON conversion_id = id`,
    [campaign.id, JSON.stringify(conversions.map(toRecord))],
  );
  const [ids] = await Promise.all([written, reserved]);
  const byKey = new Map(ids.map((row) => [naturalKey(row.event, row.order_id), row]));
  return conversions.map((one) => {
    const row = byKey.get(naturalKey(one.event, one.orderId)) as (typeof ids)[number];
    return toNewRow(campaign, one, row.id, row.moved_at);
  });
}

/** What a rejected conversion is by another judgement. `noted`: another than the one before, which is a move. */
export type JudgedAgain = NewConversion & { readonly id: bigint; readonly noted: boolean };

/** Writes down what became of rejected conversions that were judged again, and reserves what they promise now. */
export async function rejudgeConversions(
  sql: Sql,
  campaignId: string,
  conversions: readonly JudgedAgain[],
): Promise<void> {
  if (conversions.length === 0) return;
  const rows = conversions.map((one, i) => ({ ...toRecord(one, i), id: String(one.id), noted: one.noted }));
  await Promise.all([
    sql.query(
      `WITH given AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS given ${RECORD}
       ), written AS (
         UPDATE conversions SET (${JUDGED}) = (SELECT ${JUDGED} FROM given WHERE given.id = conversions.id)
         WHERE id IN (SELECT id FROM given) AND ${MENDABLE}
         RETURNING id, event, order_id, state, reason
       ), noted AS (
         INSERT INTO conversion_moves (conversion_id, state, reason)
         SELECT id, written.state, written.reason FROM written JOIN given USING (id) WHERE noted
       ) ${KEYED}`,
      [JSON.stringify(rows)],
    ),
    reserve(sql, campaignId, conversions),
  ]);
}

const MAX_ANNOUNCED = 5_000;

/**
 * Makes a delivery of each new move for each endpoint that wants it, a notice and a call for its partner, and tells what is to be looked at; and marks the
 * move, in one statement: a move is announced exactly once, whatever crashes and however many processes do this.
 * @returns how many moves were announced.
 */
export async function announceMoves(sql: Sql): Promise<number> {
  const announced = await sql.query(
    `WITH fresh AS (
       SELECT id, conversion_id, state, transaction, moved_at FROM conversion_moves
       WHERE NOT announced ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
     ), made AS (${DELIVERIES_OF_MOVES}), noted AS (${NOTICES_OF_MOVES}), told AS (${TELL_REVIEWS}),
     called AS (${CALLS_OF_MOVES})
     UPDATE conversion_moves SET announced = true FROM fresh
     WHERE conversion_moves.id = fresh.id RETURNING (SELECT count(*) FROM told)`,
    [MAX_ANNOUNCED],
  );
  return announced.length;
}
