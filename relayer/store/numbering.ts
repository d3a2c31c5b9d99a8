/** What numbering conversions reads and writes, under a lock on their campaign. */
import { unpackLine } from "@partner-programs/protocol/line";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";
import type { Validity, Waiting } from "../domain/batch.ts";
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

interface CampaignToNumber {
  readonly next_conversion: bigint;
  readonly suspended_until: bigint;
  readonly notice_seconds: number;
  /** The most that a batch may have, after a larger one was refused. */
  readonly batch_limit: number | null;
  /** Whether one of its batches is under way: then no number is given. */
  readonly outstanding: boolean;
}

/** The campaign, locked. */
export async function lockToNumber(sql: Sql, campaignId: string): Promise<CampaignToNumber | undefined> {
  const [campaign] = await sql.query<Omit<CampaignToNumber, "outstanding">>(
    `SELECT next_conversion, suspended_until, notice_seconds, batch_limit
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

/** The oldest accepted conversions that were received before `before`, so many at most. */
export async function readWaiting(sql: Sql, campaignId: string, before: Date, most: number): Promise<Waiting[]> {
  const rows = await sql.query<{ id: bigint; key: string; salt: string; entries: string[]; received_at: Date }>(
    `SELECT id, key, salt, entries, received_at FROM conversions
     WHERE campaign_id = $1 AND state = 'accepted' AND received_at < $3 ORDER BY id LIMIT $2`,
    [campaignId, most, before],
  );
  return rows.map(({ received_at, entries, ...row }) => ({
    ...row,
    entries: entries.map(unpackLine),
    receivedAt: received_at.getTime(),
  }));
}

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

export async function insertBatch(sql: Sql, digest: string, attestation: Attestation): Promise<void> {
  await sql.query(
    `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to,
       deadline, conversions_root, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'built')`,
    [
      digest,
      attestation.campaignId,
      attestation.firstConversion,
      attestation.conversions,
      attestation.periodFrom,
      attestation.periodTo,
      attestation.deadline,
      attestation.conversionsRoot,
    ],
  );
}
