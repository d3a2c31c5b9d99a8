/**
 * What each event of the contract changes in the database: a table, event → function. Everything that is written here is of the
 * event's block, and can be taken back.
 */
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { WITHDRAWAL_WINDOW } from "@partner-programs/protocol/limits";
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";
import {
  applyAttested,
  applyLineLowered,
  applyLineRefused,
  applyPulled,
  applyReleased,
  applyReversed,
  type BatchFacts,
} from "./batchProjection.ts";
import { readBrand } from "./campaigns.ts";
import { noteUndo } from "./cursor.ts";
import { toColumn } from "./masks.ts";
import { noteEvent } from "./notices.ts";
import { applyClaimed, applyOptedOut, applyOrdersRevoked, applyPayoutAnnounced } from "./owners.ts";
import { applyOrSetAside, attempt, readSetAside } from "./setAside.ts";

/** What the events leave open and the chain knows. */
export interface ChainFacts extends BatchFacts {
  readonly tokens: ReadonlyMap<string, { readonly symbol: string; readonly decimals: number }>;
}

type Apply = (sql: Sql, event: ChainEvent, facts: ChainFacts) => Promise<unknown>;

const PROJECTION: Readonly<Record<string, Apply>> = {
  CampaignCreated: createCampaign,
  BrandTransferAnnounced: (sql, { args }) =>
    sql.query("UPDATE campaigns SET pending_brand = $2, transferable_at = $3 WHERE id = $1", [
      args.campaignId,
      somebody(args.pendingBrand),
      somebody(args.pendingBrand) === null ? 0 : args.effectiveAt,
    ]),
  BrandTransferred: (sql, { args }) =>
    sql.query("UPDATE campaigns SET brand = $2, pending_brand = NULL, transferable_at = 0 WHERE id = $1", [
      args.campaignId,
      args.brand,
    ]),
  DailyLimitAnnounced: announceDailyLimit,
  DescriptionAnnounced: (sql, { args }) =>
    sql.query("INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, $3, $4)", [
      args.campaignId,
      args.contentHash,
      storable(args.uri),
      args.effectiveAt,
    ]),
  OfferAppended: appendOffer,
  OfferRetirementAnnounced: (sql, { args }) =>
    sql.query("UPDATE offers SET valid_to = $3 WHERE campaign_id = $1 AND offer_id = $2", [
      args.campaignId,
      args.offerId,
      args.effectiveAt,
    ]),
  KindsSet: (sql, { args }) =>
    sql.query(
      `INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (campaign_id, partner) DO UPDATE SET mask = $3, mask_before = $4, effective_at = $5`,
      [args.campaignId, args.partner, toColumn(args.mask), toColumn(args.before), args.effectiveAt],
    ),
  Suspended: suspend,
  Resumed: resume,
  ClosingAnnounced: (sql, { args }) =>
    sql.query("UPDATE campaigns SET closes_at = $2, final_at = $3 WHERE id = $1", [
      args.campaignId,
      args.effectiveAt,
      args.finalAt,
    ]),
  Funded: (sql, { args }) =>
    sql.query("UPDATE campaigns SET funded = funded + $2, available = available + $2 WHERE id = $1", [
      args.campaignId,
      args.amount,
    ]),
  WithdrawalAnnounced: (sql, { args }) =>
    sql.query("UPDATE campaigns SET withdrawal_amount = $2, withdrawable_at = $3 WHERE id = $1", [
      args.campaignId,
      args.amount,
      args.effectiveAt,
    ]),
  WithdrawalCancelled: (sql, { args }) =>
    sql.query("UPDATE campaigns SET withdrawal_amount = 0, withdrawable_at = 0 WHERE id = $1", [args.campaignId]),
  Withdrawn: (sql, { args }) =>
    sql.query(
      `UPDATE campaigns SET available = available - $2, withdrawn = withdrawn + $2,
         withdrawal_amount = 0, withdrawable_at = 0
       WHERE id = $1`,
      [args.campaignId, args.amount],
    ),
  Attested: applyAttested,
  LineLowered: applyLineLowered,
  Reversed: applyReversed,
  Released: applyReleased,
  Pulled: applyPulled,
  LineRefused: applyLineRefused,
  Claimed: applyClaimed,
  PayoutAnnounced: applyPayoutAnnounced,
  PayOutOptedOut: applyOptedOut,
  OrdersRevoked: applyOrdersRevoked,
};

/** Events that are no campaign's. */
const OWNERS = { Claimed: true, PayoutAnnounced: true, PayOutOptedOut: true, OrdersRevoked: true };

/** An address, or null for the zero address: nobody. */
const somebody = (address: string) => (BigInt(address) === 0n ? null : address);

/** PostgreSQL holds any text but the character NUL. */
const storable = (text: string) => text.replaceAll("\0", "\u{FFFD}");

/**
 * Applies events in their order. What is of blocks after `final`, or a campaign's, is noted, so that it can be taken back. An event
 * that cannot be applied sets its campaign aside: nothing of it is applied from there on, and the others go on.
 */
export async function applyEvents(
  sql: Sql,
  events: readonly ChainEvent[],
  facts: ChainFacts,
  final: number,
): Promise<void> {
  const aside = new Set((await readSetAside(sql)).map(({ campaignId }) => campaignId));
  const due = events.filter((event) => {
    const campaignId = campaignOf(event);
    return Object.hasOwn(PROJECTION, event.name) && (campaignId === undefined || !aside.has(campaignId));
  });
  const owners = due.filter((event) => campaignOf(event) === undefined);
  for (const event of owners) {
    await noteUndo(sql, event.block > final ? { block: event.block, campaignId: undefined } : undefined);
    await applyEvent(sql, event, facts);
  }
  // What campaigns did does not depend on each other's: each campaign's events follow each other here.
  const campaigns = [
    ...Map.groupBy(
      due.filter((event) => campaignOf(event) !== undefined),
      campaignOf,
    ),
  ];
  await applyTogether(sql, campaigns as [string, ChainEvent[]][], { ...facts, final });
  await noteUndo(sql, undefined);
}

type NotedFacts = ChainFacts & { readonly final: number };

/** Nobody goes back to between two final blocks that were read together: they are noted as one. */
const notedBlock = ({ block }: ChainEvent, { final }: NotedFacts): number => Math.max(block, final);

/**
 * Applies all events of some campaigns or, where one cannot be applied, none of them, and then those of each half: so the campaign is
 * found that is to be set aside, and events that anybody may send cost the others little.
 */
async function applyTogether(
  sql: Sql,
  campaigns: readonly (readonly [string, readonly ChainEvent[]])[],
  facts: NotedFacts,
): Promise<void> {
  if (campaigns.length === 0 || !(await attempt(sql, () => applyCampaigns(sql, campaigns, facts)))) return;
  const [only] = campaigns;
  if (campaigns.length === 1 && only !== undefined) return applyOneByOne(sql, only[1], facts);
  const half = Math.ceil(campaigns.length / 2);
  await applyTogether(sql, campaigns.slice(0, half), facts);
  await applyTogether(sql, campaigns.slice(half), facts);
}

async function applyCampaigns(
  sql: Sql,
  campaigns: readonly (readonly [string, readonly ChainEvent[]])[],
  facts: NotedFacts,
): Promise<void> {
  const known = await readKnown(
    sql,
    campaigns.map(([campaignId]) => campaignId),
  );
  for (const [campaignId, events] of campaigns) {
    let noted: number | undefined;
    for (const event of events) {
      const block = notedBlock(event, facts);
      if (block !== noted) await noteUndo(sql, { block, campaignId });
      noted = block;
      if (event.name === "CampaignCreated") known.add(campaignId);
      if (!known.has(campaignId)) throw new Error(neverSeen(campaignId));
      await project(sql, event, facts);
    }
  }
}

/** From the first that cannot be applied on, none is. */
async function applyOneByOne(sql: Sql, events: readonly ChainEvent[], facts: NotedFacts): Promise<void> {
  for (const event of events) {
    const { block, index, name } = event;
    const campaignId = campaignOf(event) as string;
    await noteUndo(sql, { block: notedBlock(event, facts), campaignId });
    const place = { campaignId, block, index, event: name };
    if (!(await applyOrSetAside(sql, place, () => applyEvent(sql, event, facts)))) return;
  }
}

// Without this an update would change nothing, and nobody would know.
const neverSeen = (campaignId: string) => `Campaign ${campaignId} has an event but was never seen being created.`;

/** Of which campaign an event is; undefined: of an owner, whatever it was paid by. */
export function campaignOf({ name, args }: Pick<ChainEvent, "name" | "args">): string | undefined {
  return Object.hasOwn(OWNERS, name) ? undefined : args.campaignId;
}

/** Attester sets are read from the chain where they matter. */
async function applyEvent(sql: Sql, event: ChainEvent, facts: ChainFacts): Promise<void> {
  const campaignId = campaignOf(event);
  if (campaignId !== undefined && event.name !== "CampaignCreated" && (await readBrand(sql, campaignId)) === undefined)
    throw new Error(neverSeen(campaignId));
  await project(sql, event, facts);
}

/** What an event changes, and whom it is told to. */
async function project(sql: Sql, event: ChainEvent, facts: ChainFacts): Promise<void> {
  await PROJECTION[event.name]?.(sql, event, facts);
  await noteEvent(sql, event);
}

/** Which of these campaigns were seen being created. */
async function readKnown(sql: Sql, campaignIds: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query<{ id: string }>("SELECT id FROM campaigns WHERE id = ANY($1::text[])", [
    [...campaignIds],
  ]);
  return new Set(rows.map(({ id }) => id));
}

async function createCampaign(sql: Sql, { args }: ChainEvent, facts: ChainFacts): Promise<void> {
  const { terms } = args;
  const token = facts.tokens.get(args.token) ?? { symbol: "tokens", decimals: 0 };
  await sql.query(
    // It is there already if a reorganisation took its creation back.
    `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds,
       open_kinds, fee_bps, unit_exponent, operator, lines_on_chain)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
    [
      args.campaignId,
      args.brand,
      args.token,
      token.symbol,
      token.decimals,
      terms.holdSeconds,
      terms.noticeSeconds,
      toColumn(terms.openKinds),
      terms.feeBps,
      terms.unitExponent,
      terms.operator,
      terms.linesOnChain,
    ],
  );
}

async function appendOffer(sql: Sql, { args, block }: ChainEvent, { times }: ChainFacts): Promise<void> {
  const { offer } = args;
  await sql.query(
    `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units,
       valid_from, valid_to, partner)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      args.campaignId,
      args.offerId,
      decodeEventName(offer.eventName),
      offer.kind,
      offer.flatAmount,
      offer.rateBps,
      offer.capUnits,
      offer.validFrom,
      offer.validTo,
      somebody(offer.partner),
    ],
  );
  if (offer.lockedUntil === 0n) return;
  // An announced withdrawal waits for a new guarantee; one that lapsed does not come back by it.
  await sql.query(
    `UPDATE campaigns SET locked_until = $2,
       withdrawable_at = CASE WHEN withdrawable_at + ${WITHDRAWAL_WINDOW} > $3
         THEN greatest(withdrawable_at, $2) ELSE withdrawable_at END
     WHERE id = $1 AND locked_until < $2`,
    [args.campaignId, offer.lockedUntil, times.get(block)],
  );
}

/** The first is in force at once; a later one after the notice, and replaces one that is announced and not in force. */
async function announceDailyLimit(sql: Sql, { args }: ChainEvent): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET
       daily_limit = CASE WHEN daily_limit IS NULL THEN $2
         WHEN next_daily_limit_at <> 0 AND next_daily_limit_at <= $3 - notice_seconds THEN next_daily_limit
         ELSE daily_limit END,
       next_daily_limit = CASE WHEN daily_limit IS NULL THEN NULL ELSE $2 END,
       next_daily_limit_at = CASE WHEN daily_limit IS NULL THEN 0 ELSE $3 END
     WHERE id = $1`,
    [args.campaignId, args.dailyLimit, args.effectiveAt],
  );
}

/** Announced withdrawal and closing stand still for as long as the suspension lasts. */
async function suspend(sql: Sql, { args }: ChainEvent): Promise<void> {
  const moved = (column: string) =>
    `${column} = CASE WHEN ${column} > $2::bigint - notice_seconds THEN ${column} + notice_seconds ELSE ${column} END`;
  await sql.query(
    `UPDATE campaigns SET suspended_until = $2, ${moved("withdrawable_at")}, ${moved("closes_at")},
       ${moved("final_at")}
     WHERE id = $1`,
    [args.campaignId, args.suspendedUntil],
  );
}

/** What the suspension added and was not used is taken back from the countdowns that were running. */
async function resume(sql: Sql, { args, block }: ChainEvent, facts: ChainFacts): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET suspended_until = $2,
       withdrawable_at = CASE WHEN withdrawable_at > suspended_until
         THEN greatest(withdrawable_at - (suspended_until - $2), locked_until) ELSE withdrawable_at END,
       closes_at = CASE WHEN closes_at > suspended_until
         THEN greatest(closes_at - (suspended_until - $2), locked_until) ELSE closes_at END,
       final_at = CASE
         WHEN closes_at > suspended_until
           THEN greatest(closes_at - (suspended_until - $2), locked_until) + notice_seconds
         WHEN final_at > suspended_until THEN final_at - (suspended_until - $2) ELSE final_at END
     WHERE id = $1`,
    [args.campaignId, facts.times.get(block)],
  );
}
