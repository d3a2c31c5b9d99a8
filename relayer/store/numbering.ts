/** What numbering conversions reads and writes, under a lock on their campaign. */
import { hasKind } from "@partner-programs/protocol/kinds";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { ATTESTATION_COLUMNS, fromAttestation } from "#service/attestationRow.ts";
import type { Sql } from "#service/database.ts";
import type { Validity, Waiting } from "../domain/batch.ts";
import { fromColumn } from "./masks.ts";
import { notSetAside } from "./setAside.ts";

/** Campaigns of which a conversion has waited since `since`, or so many wait. */
export async function findCampaignsToNumber(sql: Sql, since: Date, conversions: number): Promise<string[]> {
  const rows = await sql.query<{ campaign_id: string }>(
    `SELECT campaign_id FROM conversions
     WHERE state = 'accepted' AND ${notSetAside("campaign_id")} GROUP BY campaign_id
     HAVING min(received_at) <= $1 OR count(*) >= $2`,
    [since, conversions],
  );
  return rows.map(({ campaign_id }) => campaign_id);
}

export interface CampaignToNumber {
  readonly next_conversion: bigint;
  readonly suspended_until: bigint;
  readonly hold_seconds: number;
  readonly lines_on_chain: boolean;
  /** 0: it does not close. */
  readonly closes_at: bigint;
  readonly final_at: bigint;
  /** The most that a batch may have, after a larger one was refused. */
  readonly batch_limit: number | null;
  /** Unix seconds on the chain, as far as it is known here, or ours, if that is later. */
  readonly chain_now: bigint;
  /** Whether one of its batches is under way: then no number is given. */
  readonly outstanding: boolean;
}

/** The campaign, locked. */
export async function lockToNumber(sql: Sql, campaignId: string): Promise<CampaignToNumber | undefined> {
  const [campaign] = await sql.query<Omit<CampaignToNumber, "outstanding">>(
    `SELECT next_conversion, suspended_until, hold_seconds, lines_on_chain, closes_at, final_at, batch_limit,
       ceil(chain_now())::bigint AS chain_now
     FROM campaigns WHERE id = $1 FOR UPDATE`,
    [campaignId],
  );
  if (campaign === undefined) return undefined;
  // Read after the lock: another relayer may just have built one.
  const outstanding = await sql.query(
    "SELECT 1 FROM batches WHERE campaign_id = $1 AND state IN ('built', 'asked', 'signed')",
    [campaignId],
  );
  return { ...campaign, outstanding: outstanding.length > 0 };
}

/** The oldest accepted conversions that were received before `before`, so many at most, some at a time. */
export async function* readWaiting(
  sql: Sql,
  campaignId: string,
  before: Date,
  most: number,
): AsyncGenerator<Waiting[]> {
  for (let after = 0n, left = most; left > 0; ) {
    const rows = await sql.query<{ id: bigint; key: string; salt: string; entries: string[]; received_at: Date }>(
      `SELECT id, key, salt, entries, received_at FROM conversions
       WHERE campaign_id = $1 AND state = 'accepted' AND received_at < $3 AND id > $4 ORDER BY id LIMIT $2`,
      [campaignId, Math.min(PAGE, left), before, after],
    );
    if (rows.length > 0) yield rows.map(({ received_at, ...row }) => ({ ...row, receivedAt: received_at.getTime() }));
    if (rows.length < PAGE) return;
    left -= rows.length;
    after = rows.at(-1)?.id ?? after;
  }
}

/** So many rows at a time: a batch can have hundreds of thousands of conversions. */
const PAGE = 2_000;

/** When each offer of a campaign is valid. */
export async function readValidity(sql: Sql, campaignId: string): Promise<Map<number, Validity>> {
  const offers = await sql.query<{ offer_id: number; valid_from: bigint; valid_to: bigint }>(
    "SELECT offer_id, valid_from, valid_to FROM offers WHERE campaign_id = $1",
    [campaignId],
  );
  return new Map(
    offers.map((offer) => [offer.offer_id, { from: Number(offer.valid_from), to: Number(offer.valid_to) }]),
  );
}

/**
 * When the kinds of listed partners end that an offer needs: a period that ends later is not paid. Kinds that a partner never had
 * are found when the batch is rehearsed.
 */
export async function readKindsEnd(
  sql: Sql,
  campaignId: string,
): Promise<(offerId: number, partner: string) => number> {
  const [offers, ending] = await Promise.all([
    sql.query<{ offer_id: number; kind: number }>("SELECT offer_id, kind FROM offers WHERE campaign_id = $1", [
      campaignId,
    ]),
    sql.query<{ partner: string; mask: bigint; mask_before: bigint; effective_at: bigint }>(
      `SELECT lower(partner) AS partner, mask, mask_before, effective_at FROM kinds
       WHERE campaign_id = $1 AND mask <> mask_before`,
      [campaignId],
    ),
  ]);
  const kindOf = new Map(offers.map(({ offer_id, kind }) => [offer_id, kind]));
  const ofPartner = new Map(ending.map((row) => [row.partner, row]));
  return (offerId, partner) => {
    const row = ofPartner.get(partner);
    const kind = kindOf.get(offerId);
    if (row === undefined || kind === undefined) return Number.POSITIVE_INFINITY;
    const ends = hasKind(fromColumn(row.mask_before), kind) && !hasKind(fromColumn(row.mask), kind);
    return ends ? Number(row.effective_at) : Number.POSITIVE_INFINITY;
  };
}

export async function insertBatch(sql: Sql, digest: string, attestation: Attestation): Promise<void> {
  await sql.query(
    `INSERT INTO batches (digest, state, current_root, current_total, ${ATTESTATION_COLUMNS})
     VALUES ($1, 'built', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [digest, attestation.linesRoot, attestation.total, ...fromAttestation(attestation)],
  );
}
