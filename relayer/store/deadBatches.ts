/** Batches that end without being attested, and what becomes of their conversions and refunds. */
import type { Reason } from "@partner-programs/protocol/reasons";
import type { Sql } from "#service/database.ts";
import { lockCampaign } from "./campaigns.ts";
import { rejectNumbered, returnConversions, setConversionsAside } from "./conversions.ts";
import { returnRefunds } from "./reversals.ts";
import { notSetAside } from "./setAside.ts";

/**
 * Whether what is not attested with this first number and deadline can never be, as far as the chain is final: past the deadline with the
 * number unmoved, or another attestation has the number. That it is unmoved is what the contract itself said after the deadline, and not
 * only that no event told of a move: unless `byEvents`, a condition, says that events are enough.
 */
export const neverAttested = (first: string, deadline: string, byEvents = "false") => `(
  chain_cursor.block >= chain_cursor.final_block AND (
    (chain_cursor.final_time > ${deadline} AND campaigns.next_conversion <= ${first}
      AND (campaigns.agreed_time > ${deadline} OR ${byEvents}))
    OR EXISTS (SELECT 1 FROM batches other
      WHERE other.campaign_id = campaigns.id AND other.state IN ('attested', 'released')
        AND other.attested_block <= chain_cursor.final_block
        AND other.first_conversion <= ${first} AND other.first_conversion + other.conversions > ${first})))`;

/** `$1`: only what the contract was asked about since. */
const IS_DEAD = `batches.campaign_id = campaigns.id AND batches.state IN ('built', 'asked', 'signed')
  AND ${notSetAside("campaigns.id")} AND ${neverAttested("batches.first_conversion", "batches.deadline", "NOT $1")}`;

/** Campaigns of which a batch can never be attested any more, as far as events tell. */
export async function findCampaignsWithDeadBatches(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT DISTINCT campaigns.id FROM batches, campaigns, chain_cursor WHERE ${IS_DEAD}`,
    [false],
  );
  return rows.map(({ id }) => id);
}

/**
 * Ends a campaign's dead batches: their conversions wait for another. Of those that are past their deadline only after the campaign was
 * compared with the contract since. @returns how many there were
 */
export async function expireBatches(sql: Sql, campaignId: string): Promise<number> {
  // Before anything else, as whoever changes a campaign's conversions does: refunds come at the same time.
  await lockCampaign(sql, campaignId);
  const dead = await sql.query<{ digest: string; late: boolean }>(
    `UPDATE batches SET state = 'dead' FROM campaigns, chain_cursor WHERE ${IS_DEAD} AND campaigns.id = $2
     RETURNING batches.digest, chain_cursor.final_time > batches.deadline AS late`,
    [true, campaignId],
  );
  for (const { digest, late } of dead)
    await empty(sql, digest, late ? "the batch passed its deadline" : "another batch took its numbers");
  return dead.length;
}

/** Why a batch is dissolved: what was refused of it, by number, and how large the next one may be. */
export interface Dissolution {
  readonly reason: string;
  readonly refused?: ReadonlyMap<bigint, string>;
  /** What the contract would never pay, by number. */
  readonly rejected?: ReadonlyMap<bigint, Reason>;
  readonly limit?: number;
}

/** Dissolves a batch that nobody was asked to sign: its conversions wait again, the refused ones for the brand. */
export async function dissolveBatch(sql: Sql, digest: string, why: Dissolution): Promise<void> {
  await sql.query("SELECT 1 FROM campaigns WHERE id = (SELECT campaign_id FROM batches WHERE digest = $1) FOR UPDATE", [
    digest,
  ]);
  const [batch] = await sql.query<{ campaign_id: string }>(
    "UPDATE batches SET state = 'dead', problem = $2 WHERE digest = $1 AND state = 'built' RETURNING campaign_id",
    [digest, why.reason],
  );
  if (batch === undefined) return;
  await setConversionsAside(sql, digest, why.refused ?? new Map());
  await rejectNumbered(sql, digest, why.rejected ?? new Map());
  if (why.limit !== undefined)
    await sql.query("UPDATE campaigns SET batch_limit = $2 WHERE id = $1", [batch.campaign_id, why.limit]);
  await empty(sql, digest, why.reason);
}

/** What was refunded meanwhile is taken back at once; everything else of the batch waits again. */
async function empty(sql: Sql, digest: string, reason: string): Promise<void> {
  await returnRefunds(sql, digest);
  await sql.query("DELETE FROM batch_lines WHERE digest = $1", [digest]);
  await sql.query("UPDATE batches SET lines_known = false WHERE digest = $1", [digest]);
  await returnConversions(sql, digest, reason);
}
