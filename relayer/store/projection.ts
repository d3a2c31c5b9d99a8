/**
 * What each event of the contract changes in the database: a table, event → function. Everything that is written here is of the
 * event's block, and can be taken back.
 */
import { decodeEventName } from "@partner-programs/protocol/eventName";
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";
import { applyAttested, applyClaimed, applyPulled, applyReleased, applyReversed } from "./batchProjection.ts";

/** What the events leave open and the chain knows. */
export interface ChainFacts {
  readonly tokens: ReadonlyMap<string, { readonly symbol: string; readonly decimals: number }>;
  /** Unix seconds of the blocks in which something resumed. */
  readonly times: ReadonlyMap<number, number>;
}

type Apply = (sql: Sql, event: ChainEvent, facts: ChainFacts) => Promise<unknown>;

const PROJECTION: Readonly<Record<string, Apply>> = {
  CampaignCreated: createCampaign,
  BrandTransferred: (sql, { args }) =>
    sql.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [args.campaignId, args.brand]),
  DescriptionAnnounced: (sql, { args }) =>
    sql.query("INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, $3, $4)", [
      args.campaignId,
      args.contentHash,
      args.uri,
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
      `INSERT INTO kinds (campaign_id, partner, mask, previous_mask, effective_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (campaign_id, partner) DO UPDATE SET mask = $3, previous_mask = $4, effective_at = $5`,
      [args.campaignId, args.partner, args.mask, args.previousMask, args.effectiveAt],
    ),
  Suspended: suspend,
  Resumed: resume,
  ClosingAnnounced: (sql, { args }) =>
    sql.query("UPDATE campaigns SET closes_at = $2 WHERE id = $1", [args.campaignId, args.effectiveAt]),
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
  Reversed: applyReversed,
  Released: applyReleased,
  Pulled: applyPulled,
  Claimed: applyClaimed,
};

/** Applies an event. Attester sets, daily limits, transfers under way and opt-outs are read from the chain where they matter. */
export async function applyEvent(sql: Sql, event: ChainEvent, facts: ChainFacts): Promise<void> {
  if (Object.hasOwn(PROJECTION, event.name)) await PROJECTION[event.name]?.(sql, event, facts);
}

async function createCampaign(sql: Sql, { args }: ChainEvent, facts: ChainFacts): Promise<void> {
  const { terms } = args;
  const token = facts.tokens.get(args.token) ?? { symbol: "tokens", decimals: 0 };
  await sql.query(
    // It is there already if a reorganisation took its creation back.
    `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds,
       open_kinds, fee_bps, unit_exponent, operator)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
    [
      args.campaignId,
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
}

async function appendOffer(sql: Sql, { args }: ChainEvent): Promise<void> {
  const { offer } = args;
  await sql.query(
    `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units,
       valid_from, valid_to)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
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
    ],
  );
  await sql.query("UPDATE campaigns SET locked_until = greatest(locked_until, $2) WHERE id = $1", [
    args.campaignId,
    offer.lockedUntil,
  ]);
}

/** Announced withdrawal and closing stand still for as long as the suspension lasts. */
async function suspend(sql: Sql, { args }: ChainEvent): Promise<void> {
  const moved = (column: string) =>
    `${column} = CASE WHEN ${column} > $2 - notice_seconds THEN ${column} + notice_seconds ELSE ${column} END`;
  await sql.query(
    `UPDATE campaigns SET suspended_until = $2, ${moved("withdrawable_at")}, ${moved("closes_at")}
     WHERE id = $1`,
    [args.campaignId, args.suspendedUntil],
  );
}

/** What the suspension added and was not used is taken back from the countdowns that were running. */
async function resume(sql: Sql, { args, block }: ChainEvent, facts: ChainFacts): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET suspended_until = $2,
       withdrawable_at = CASE WHEN withdrawable_at > suspended_until
         THEN withdrawable_at - (suspended_until - $2) ELSE withdrawable_at END,
       closes_at = CASE WHEN closes_at > suspended_until
         THEN greatest(closes_at - (suspended_until - $2), locked_until) ELSE closes_at END
     WHERE id = $1`,
    [args.campaignId, facts.times.get(block)],
  );
}
