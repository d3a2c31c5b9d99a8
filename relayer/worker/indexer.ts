import { decodeEventName } from "@partner-programs/protocol/eventName";
import { lineKey, packLine, unpackLine } from "@partner-programs/protocol/line";
import { isReleased } from "@partner-programs/protocol/releasedLines";
import type { ChainEvent, Head, ProgramsChain } from "#service/chain/programs.ts";
import type { Database, Sql } from "#service/database.ts";
import { crashPoint } from "../crashPoint.ts";
import { moveConversions } from "../store/conversions.ts";
import { readPrices, writeLines } from "../store/lines.ts";
import { finishReversals } from "../store/reversals.ts";

/** Blocks taken in one transaction at most. */
const BLOCKS = 2_000;

/** The chain is another one since a block that counted as final. */
export class DeepReorganisation extends Error {
  override readonly name = "DeepReorganisation";
}

/**
 * Follows the contract's events from the stored cursor to the head. The events of some blocks and the cursor behind them are
 * stored in one transaction, so that each event is applied exactly once. What is not final (less than `confirmations` blocks
 * deep) is stored together with how to take it back, and is taken back when the chain was reorganised.
 * @returns how many blocks were taken.
 */
export async function index(database: Database, chain: ProgramsChain, confirmations: number): Promise<number> {
  const head = await chain.block("latest");
  if (head === undefined) return 0;
  let cursor = await readCursor(database, chain);
  if (cursor !== undefined && !(await isOnChain(chain, cursor))) {
    cursor = await rollBack(database, chain, cursor, confirmations);
  }
  const final = await chain.block(Math.max(head.number - confirmations, 0));
  if (final === undefined) return 0;
  const from = cursor === undefined ? chain.deployedAt : Number(cursor.block) + 1;
  // Never past what is final in one go: from there on it must be possible to go back to it.
  const end = from <= final.number ? final.number : head.number;
  const to = Math.min(end, from + BLOCKS - 1);
  if (to < from && BigInt(final.number) === cursor?.final_block) return 0;
  const last = to < from ? cursorHead(cursor) : to === head.number ? head : await chain.block(to);
  if (last === undefined) return 0;
  const events = to < from ? [] : await chain.events(from, to);
  // The chain may have moved while it was read: what was read counts only if both ends still stand.
  const still = await chain.block(last.number);
  if (still?.hash !== last.hash || (cursor !== undefined && !(await isOnChain(chain, cursor)))) return 0;
  // Asked for before the transaction: a database transaction does not wait for the network.
  const facts = await gatherFacts(chain, events);
  const stored = await database.transaction(async (sql) => {
    // Another relayer may have taken these blocks meanwhile.
    const [now] = await sql.query<{ block: bigint }>("SELECT block FROM chain_cursor FOR UPDATE");
    if (now?.block !== cursor?.block) return false;
    for (const event of events) {
      await noteUndo(sql, event.block > final.number ? event.block : undefined);
      await apply(sql, event, facts);
    }
    await noteUndo(sql, undefined);
    await writeCursor(sql, chain, last, final);
    return true;
  });
  if (stored && events.length > 0) crashPoint("indexed");
  return stored ? Math.max(to - from + 1, 0) : 0;
}

interface Cursor {
  block: bigint;
  block_hash: string;
  block_time: bigint;
  final_block: bigint;
  chain_id: bigint;
  programs: string;
}

const cursorHead = (cursor: Cursor | undefined): Head | undefined =>
  cursor && { number: Number(cursor.block), hash: cursor.block_hash, time: Number(cursor.block_time) };

async function isOnChain(chain: ProgramsChain, { block, block_hash }: Pick<Cursor, "block" | "block_hash">) {
  return (await chain.block(Number(block)))?.hash === block_hash;
}

/** Takes back what was applied of blocks that are not on the chain any more, down to the newest indexed one that is. */
async function rollBack(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor,
  confirmations: number,
): Promise<Cursor> {
  const indexed = await database.query<{ block: bigint; hash: string; time: bigint }>(
    "SELECT block, hash, time FROM indexed_blocks WHERE block < $1 ORDER BY block DESC",
    [cursor.block],
  );
  for (const { block, hash, time } of indexed) {
    if (!(await isOnChain(chain, { block, block_hash: hash }))) continue;
    await database.transaction(async (sql) => {
      const [now] = await sql.query<{ block: bigint }>("SELECT block FROM chain_cursor FOR UPDATE");
      if (now?.block !== cursor.block) return;
      // What is promised is added up again: a conversion that another transaction is just writing down would be left out.
      await sql.query("SELECT 1 FROM campaigns ORDER BY id FOR UPDATE");
      await sql.query("SELECT undo_to($1)", [block]);
      await sql.query("UPDATE chain_cursor SET block = $1, block_hash = $2, block_time = $3", [block, hash, time]);
    });
    crashPoint("rolledBack");
    return { ...cursor, block, block_hash: hash, block_time: time };
  }
  throw new DeepReorganisation(
    `Block ${cursor.block} was indexed as ${cursor.block_hash} and is another now, and so are all before it that are kept: the chain was reorganised deeper than CONFIRMATIONS (${confirmations}). Restore the database to before that, or start with an empty one and a higher CONFIRMATIONS.`,
  );
}

/** What is written from here on in this transaction is of `block`, and is noted so that it can be taken back; undefined: no more. */
async function noteUndo(sql: Sql, block: number | undefined): Promise<void> {
  await sql.query("SELECT set_config('relayer.block', $1, true)", [block === undefined ? "" : String(block)]);
}

async function readCursor(sql: Sql, chain: ProgramsChain): Promise<Cursor | undefined> {
  const [cursor] = await sql.query<Cursor>("SELECT * FROM chain_cursor");
  if (cursor !== undefined && (Number(cursor.chain_id) !== chain.chainId || cursor.programs !== chain.address)) {
    throw new Error(
      `This database belongs to ${cursor.programs} on chain ${cursor.chain_id}, not to ${chain.address} on chain ${chain.chainId}. Give each deployment its own DATABASE_URL or DATA_DIR.`,
    );
  }
  return cursor;
}

async function writeCursor(sql: Sql, chain: ProgramsChain, head: Head, final: Head): Promise<void> {
  await sql.query(
    `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (only_row) DO UPDATE SET block = $3, block_hash = $4, block_time = $5,
       final_block = greatest(chain_cursor.final_block, $6), final_time = greatest(chain_cursor.final_time, $7)`,
    [chain.chainId, chain.address, head.number, head.hash, head.time, final.number, final.time],
  );
  await sql.query("INSERT INTO indexed_blocks (block, hash, time) VALUES ($1, $2, $3) ON CONFLICT (block) DO NOTHING", [
    head.number,
    head.hash,
    head.time,
  ]);
  // The newest final one stays: it is what everything after it stands on.
  await sql.query(
    "DELETE FROM indexed_blocks WHERE block < (SELECT max(block) FROM indexed_blocks WHERE block <= $1)",
    [final.number],
  );
  await sql.query("DELETE FROM undo WHERE block <= $1", [final.number]);
}

/** What the events leave open and the chain knows. */
interface Facts {
  readonly tokens: ReadonlyMap<string, { symbol: string; decimals: number }>;
  /** Unix seconds of the blocks in which something resumed. */
  readonly times: ReadonlyMap<number, number>;
}

async function gatherFacts(chain: ProgramsChain, events: readonly ChainEvent[]): Promise<Facts> {
  const tokens = new Map<string, { symbol: string; decimals: number }>();
  const times = new Map<number, number>();
  for (const { name, args, block } of events) {
    if (name === "CampaignCreated" && !tokens.has(args.token)) tokens.set(args.token, await chain.token(args.token));
    if (name === "Resumed") times.set(block, (await chain.block(block))?.time ?? 0);
  }
  return { tokens, times };
}

async function apply(sql: Sql, event: ChainEvent, facts: Facts): Promise<void> {
  const { name, args } = event;
  const id: string = args.campaignId;
  switch (name) {
    case "CampaignCreated": {
      const { terms } = args;
      const token = facts.tokens.get(args.token) ?? { symbol: "tokens", decimals: 0 };
      await sql.query(
        // It is there already if a reorganisation took its creation back.
        `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps, unit_exponent, operator)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
        [
          id,
          args.brand,
          args.token,
          token.symbol,
          token.decimals,
          terms.holdSeconds,
          terms.noticeSeconds,
          terms.openKinds,
          terms.feeBps,
          terms.unitExponent,
          terms.operator,
        ],
      );
      return;
    }
    case "BrandTransferred":
      await sql.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [id, args.brand]);
      return;
    case "DescriptionAnnounced":
      await sql.query(
        "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, $3, $4)",
        [id, args.contentHash, args.uri, args.effectiveAt],
      );
      return;
    case "OfferAppended": {
      const { offer } = args;
      await sql.query(
        `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          args.offerId,
          decodeEventName(offer.eventName),
          offer.kind,
          offer.flatAmount,
          offer.rateBps,
          offer.capUnits,
          offer.validFrom,
          offer.validTo,
        ],
      );
      await sql.query("UPDATE campaigns SET locked_until = greatest(locked_until, $2) WHERE id = $1", [
        id,
        offer.lockedUntil,
      ]);
      return;
    }
    case "OfferRetirementAnnounced":
      await sql.query("UPDATE offers SET valid_to = $3 WHERE campaign_id = $1 AND offer_id = $2", [
        id,
        args.offerId,
        args.effectiveAt,
      ]);
      return;
    case "KindsSet":
      await sql.query(
        `INSERT INTO kinds (campaign_id, partner, mask, previous_mask, effective_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (campaign_id, partner) DO UPDATE SET mask = $3, previous_mask = $4, effective_at = $5`,
        [id, args.partner, args.mask, args.previousMask, args.effectiveAt],
      );
      return;
    case "Suspended":
      // Announced withdrawal and closing stand still for as long as the suspension lasts.
      await sql.query(
        `UPDATE campaigns SET suspended_until = $2,
           withdrawable_at = CASE WHEN withdrawable_at > $2 - notice_seconds THEN withdrawable_at + notice_seconds ELSE withdrawable_at END,
           closes_at = CASE WHEN closes_at > $2 - notice_seconds THEN closes_at + notice_seconds ELSE closes_at END
         WHERE id = $1`,
        [id, args.suspendedUntil],
      );
      return;
    case "Resumed":
      // What the suspension added and was not used is taken back from the countdowns that were running.
      await sql.query(
        `UPDATE campaigns SET suspended_until = $2,
           withdrawable_at = CASE WHEN withdrawable_at > suspended_until THEN withdrawable_at - (suspended_until - $2) ELSE withdrawable_at END,
           closes_at = CASE WHEN closes_at > suspended_until THEN greatest(closes_at - (suspended_until - $2), locked_until) ELSE closes_at END
         WHERE id = $1`,
        [id, facts.times.get(event.block)],
      );
      return;
    case "ClosingAnnounced":
      await sql.query("UPDATE campaigns SET closes_at = $2 WHERE id = $1", [id, args.effectiveAt]);
      return;
    case "Funded":
      await sql.query("UPDATE campaigns SET funded = funded + $2, available = available + $2 WHERE id = $1", [
        id,
        args.amount,
      ]);
      return;
    case "WithdrawalAnnounced":
      await sql.query("UPDATE campaigns SET withdrawal_amount = $2, withdrawable_at = $3 WHERE id = $1", [
        id,
        args.amount,
        args.effectiveAt,
      ]);
      return;
    case "WithdrawalCancelled":
      await sql.query("UPDATE campaigns SET withdrawal_amount = 0, withdrawable_at = 0 WHERE id = $1", [id]);
      return;
    case "Withdrawn":
      await sql.query(
        "UPDATE campaigns SET available = available - $2, withdrawn = withdrawn + $2, withdrawal_amount = 0, withdrawable_at = 0 WHERE id = $1",
        [id, args.amount],
      );
      return;
    case "Attested":
      return applyAttested(sql, event);
    case "Reversed":
      return applyReversed(sql, event);
    case "Released":
      return applyReleased(sql, event, await releasedLines(sql, args.attestation, args.lines), "released");
    case "Pulled":
      return applyReleased(sql, event, [Number(args.index)], "claimed");
    case "Claimed":
      // A claim always takes the whole credit, so every line released before it is paid by it.
      await sql.query(
        `UPDATE batch_lines SET state = 'claimed' FROM batches, campaigns
         WHERE batch_lines.digest = batches.digest AND batches.campaign_id = campaigns.id
           AND batch_lines.partner = $1 AND campaigns.token = $2 AND batch_lines.state = 'released'`,
        [args.owner, args.token],
      );
      if (args.receiver !== args.owner)
        await sql.query("INSERT INTO payouts (owner, receiver) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
          args.owner,
          args.receiver,
        ]);
      return;
    default:
      // Attester sets, daily limits, transfers under way and opt-outs are read from the chain where they matter.
      return;
  }
}

async function applyAttested(sql: Sql, { args, transaction, block }: ChainEvent): Promise<void> {
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
    `UPDATE campaigns SET available = available - $2, reserved = reserved + $3, released = released + $4, fees = fees + $5, next_conversion = $6,
       batch_limit = CASE WHEN batch_limit < 100000 THEN 2 * batch_limit END WHERE id = $1`,
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
    `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, state, release_at, attested_block)
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
  await moveConversions(sql, { batch: digest, from: ["batched"], to: "attested", transaction });
  if (!held) await moveConversions(sql, { batch: digest, from: ["attested"], to: "released", transaction });
  // What was promised is now reserved on the chain.
  await sql.query(
    `UPDATE campaigns SET promised = promised - coalesce((SELECT sum(commission + fee) FROM conversions WHERE batch = $2 AND state IN ('attested', 'released')), 0) WHERE id = $1`,
    [id, digest],
  );
}

async function applyReversed(sql: Sql, { args, transaction }: ChainEvent): Promise<void> {
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

async function applyReleased(
  sql: Sql,
  { args, transaction }: ChainEvent,
  indices: number[],
  state: "released" | "claimed",
): Promise<void> {
  await sql.query(
    "UPDATE campaigns SET reserved = reserved - $2 - $3, released = released + $2, fees = fees + $3 WHERE id = $1",
    [args.campaignId, args.commission, args.fee],
  );
  await sql.query("UPDATE batch_lines SET state = $3 WHERE digest = $1 AND index = ANY($2::int[]) AND state = 'held'", [
    args.attestation,
    indices,
    state,
  ]);
  const [left] = await sql.query("SELECT 1 FROM batch_lines WHERE digest = $1 AND state = 'held' LIMIT 1", [
    args.attestation,
  ]);
  if (left !== undefined) return;
  await sql.query("UPDATE batches SET state = 'released' WHERE digest = $1", [args.attestation]);
  await moveConversions(sql, { batch: args.attestation, from: ["attested"], to: "released", transaction });
}

async function releasedLines(sql: Sql, digest: string, words: readonly bigint[]): Promise<number[]> {
  const lines = await sql.query<{ index: number }>("SELECT index FROM batch_lines WHERE digest = $1", [digest]);
  return lines.map(({ index }) => index).filter((index) => isReleased(words, index));
}
