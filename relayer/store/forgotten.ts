/** Batches that attesters signed for this relayer and that are not numbered here: what is still open of them, and whose orders they have. */
import type {
  RememberedBatch,
  RememberedConversion,
  SignedAttestation,
} from "@partner-programs/protocol/attesterMemory";
import type { Sql } from "#service/database.ts";
import { leaveToBrand } from "./conversions.ts";
import { neverAttested } from "./deadBatches.ts";
import { notSetAside } from "./setAside.ts";

/** Campaigns that this relayer works for, of which nothing was compared with the attesters yet; those with something to number first. */
export async function findToReconcile(sql: Sql, done: readonly string[], most: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT campaigns.id FROM campaigns
       LEFT JOIN conversion_states AS waiting
         ON waiting.campaign_id = campaigns.id AND waiting.state = 'accepted'
     WHERE campaigns.id <> ALL($1::text[]) AND ${notSetAside("campaigns.id")}
       AND (EXISTS (SELECT 1 FROM conversion_states WHERE campaign_id = campaigns.id AND conversions > 0)
         OR EXISTS (SELECT 1 FROM api_keys WHERE campaign_id = campaigns.id))
     ORDER BY coalesce(waiting.conversions, 0) DESC, campaigns.id LIMIT $2`,
    [[...done], most],
  );
  return rows.map(({ id }) => id);
}

/** The number behind the last attested batch that was numbered here: what was numbered and forgotten comes after it. */
export async function readRememberedUpTo(sql: Sql, campaignId: string): Promise<bigint> {
  const [row] = await sql.query<{ next: bigint }>(
    `SELECT first_conversion + conversions AS next FROM batches
     WHERE campaign_id = $1 AND state IN ('attested', 'released')
       AND EXISTS (SELECT 1 FROM conversions WHERE batch = digest)
     ORDER BY first_conversion DESC LIMIT 1`,
    [campaignId],
  );
  return row?.next ?? 1n;
}

/**
 * Which of these this database knows as they are: numbered here, or found before. One that was `built` here, and that nobody was asked to
 * sign as far as this database knows, is not.
 */
export async function readKnownBatches(sql: Sql, digests: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query<{ digest: string }>(
    `SELECT digest FROM batches WHERE digest = ANY($1::text[]) AND (state IN ('asked', 'signed')
         OR (state IN ('attested', 'released') AND EXISTS (SELECT 1 FROM conversions WHERE batch = digest)))
     UNION SELECT digest FROM forgotten_batches WHERE digest = ANY($1::text[])`,
    [[...digests]],
  );
  return new Set(rows.map(({ digest }) => digest));
}

/**
 * Whether a batch with this digest and these numbers may be on the chain, or may still get there: `attested` or `open`. undefined: it is dead,
 * as far as the chain is final.
 */
export async function readFate(
  sql: Sql,
  campaignId: string,
  { digest, firstConversion, deadline }: SignedAttestation,
): Promise<"attested" | "open" | undefined> {
  const [row] = await sql.query<{ fate: "attested" | "open" | null }>(
    `SELECT CASE
       WHEN EXISTS (SELECT 1 FROM batches WHERE digest = $2 AND state IN ('attested', 'released'))
       THEN 'attested'
       WHEN ${neverAttested("$3::bigint", "$4::bigint")} THEN NULL
       ELSE 'open' END AS fate
     FROM campaigns, chain_cursor WHERE campaigns.id = $1`,
    [campaignId, digest, firstConversion, deadline],
  );
  return row === undefined ? "open" : (row.fate ?? undefined);
}

/** A batch that is found to be forgotten. */
export interface FoundForgotten {
  readonly digest: string;
  readonly batch: RememberedBatch;
  /** Who says so. */
  readonly attester: string;
  /** Unix seconds from which on it is not waited for, whatever its deadline says. */
  readonly until: number;
  /** Whether a conversion's key is this relayer's own. */
  readonly isOurs: (conversion: RememberedConversion) => boolean;
}

/** Writes down what an attester signed and this database does not know. */
export async function insertForgotten(
  sql: Sql,
  { digest, batch: { attestation, conversions }, attester, until, isOurs }: FoundForgotten,
): Promise<void> {
  const { campaignId, firstConversion } = attestation;
  await sql.query(
    `INSERT INTO forgotten_batches (digest, campaign_id, first_conversion, conversions, deadline, attester)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [digest, campaignId, firstConversion, attestation.conversions, Math.min(attestation.deadline, until), attester],
  );
  await sql.query(
    `INSERT INTO forgotten_conversions (digest, campaign_id, number, key, event, order_id, ours)
     SELECT $1, $2, given.* FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::boolean[])
       AS given (number, key, event, order_id, ours)`,
    [
      digest,
      campaignId,
      conversions.map(({ number }) => number.toString()),
      conversions.map(({ key }) => key),
      conversions.map(({ order }) => order?.event ?? null),
      conversions.map(({ order }) => order?.orderId ?? null),
      conversions.map(isOurs),
    ],
  );
}

/** Forgotten batches with what became of each. */
const FATES = `SELECT forgotten_batches.*, batches.attested_block,
    CASE WHEN batches.attested_block IS NULL THEN
        CASE WHEN ${neverAttested("forgotten_batches.first_conversion", "forgotten_batches.deadline")}
        THEN 'dead' ELSE 'open' END
      WHEN batches.attested_block > chain_cursor.final_block THEN 'open'
      ELSE 'attested' END AS fate
  FROM forgotten_batches JOIN campaigns ON campaigns.id = forgotten_batches.campaign_id
    CROSS JOIN chain_cursor
    LEFT JOIN batches
      ON batches.digest = forgotten_batches.digest AND batches.state IN ('attested', 'released')`;

/** Whether something that was signed and forgotten may still be attested, or was not finally: then no number is given. */
export async function isForgottenOpen(sql: Sql, campaignId: string): Promise<boolean> {
  const rows = await sql.query(`SELECT 1 FROM (${FATES}) AS fates WHERE campaign_id = $1 AND fate = 'open' LIMIT 1`, [
    campaignId,
  ]);
  return rows.length > 0;
}

/** Campaigns that wait for the deadline of something forgotten, and were not compared with the contract since it passed. */
export async function findForgottenToCompare(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ campaign_id: string }>(
    `SELECT DISTINCT campaign_id
     FROM (${FATES}) AS fates JOIN campaigns ON campaigns.id = campaign_id, chain_cursor
     WHERE fate = 'open' AND chain_cursor.final_time > fates.deadline
       AND coalesce(campaigns.agreed_time, 0) <= fates.deadline AND ${notSetAside("campaign_id")}`,
  );
  return rows.map(({ campaign_id }) => campaign_id);
}

/** What of a campaign waits here and was attested under a number that this database does not know goes to the brand. @returns how many */
export async function reviewForgotten(sql: Sql, campaignId: string): Promise<number> {
  const rows = await sql.query<{ id: bigint; digest: string }>(
    `SELECT DISTINCT ON (conversions.id) conversions.id, fates.digest
     FROM (${FATES}) AS fates JOIN forgotten_conversions AS forgotten USING (digest)
       JOIN conversions ON conversions.campaign_id = $1 AND conversions.state = 'accepted'
         AND (conversions.key = forgotten.key
           OR (conversions.event = forgotten.event AND conversions.order_id = forgotten.order_id))
     WHERE fates.campaign_id = $1 AND fate = 'attested'
     ORDER BY conversions.id, fates.digest`,
    [campaignId],
  );
  const reason = (digest: string) => `its key or its order was attested before, in ${digest}.`;
  await leaveToBrand(sql, new Map(rows.map(({ id, digest }) => [id, reason(digest)])));
  return rows.length;
}

/** Numbers are not given in the campaign, for this reason; undefined: they are. */
export async function noteUnreconciled(sql: Sql, campaignId: string, problem: string | undefined): Promise<void> {
  if (problem === undefined) await sql.query("DELETE FROM unreconciled WHERE campaign_id = $1", [campaignId]);
  else
    await sql.query(
      `INSERT INTO unreconciled (campaign_id, problem) VALUES ($1, $2)
       ON CONFLICT (campaign_id) DO UPDATE SET problem = $2`,
      [campaignId, problem],
    );
}

/** A batch that was signed and forgotten. */
export interface ForgottenBatch {
  readonly digest: string;
  readonly campaignId: string;
  readonly firstConversion: bigint;
  readonly conversions: bigint;
  readonly deadline: number;
  readonly fate: "open" | "attested";
  /** Of its orders those that are not known here at all. */
  readonly missing: bigint;
}

/** What was found in the last 30 days and is not dead, nor another relayer's. */
const LISTED = `SELECT digest, campaign_id, first_conversion, conversions, deadline, fate, found_at,
    (SELECT count(*) FROM forgotten_conversions AS forgotten
     WHERE forgotten.digest = fates.digest AND ours AND NOT EXISTS (
       SELECT 1 FROM conversions WHERE conversions.campaign_id = fates.campaign_id
         AND conversions.event = forgotten.event AND conversions.order_id = forgotten.order_id)) AS missing
  FROM (${FATES}) AS fates
  WHERE found_at > now() - interval '30 days' AND (fate = 'open' OR (fate = 'attested' AND EXISTS (
    SELECT 1 FROM forgotten_conversions WHERE forgotten_conversions.digest = fates.digest AND ours)))`;

/** The newest first, so many at most. */
export async function readForgotten(sql: Sql, most: number): Promise<ForgottenBatch[]> {
  const rows = await sql.query<{
    digest: string;
    campaign_id: string;
    first_conversion: bigint;
    conversions: bigint;
    deadline: bigint;
    fate: ForgottenBatch["fate"];
    missing: bigint;
  }>(
    `SELECT digest, campaign_id, first_conversion, conversions, deadline, fate, missing
     FROM (${LISTED}) AS listed
     ORDER BY found_at DESC, digest LIMIT $1`,
    [most],
  );
  return rows.map(({ campaign_id, first_conversion, deadline, ...row }) => ({
    ...row,
    campaignId: campaign_id,
    firstConversion: first_conversion,
    deadline: Number(deadline),
  }));
}

export interface ForgottenCount {
  /** Campaigns that numbers are not given in until attesters answer, and the reason of the first. */
  readonly unreconciled: bigint;
  readonly problem: string | null;
  /** Batches that may still be attested, and when the last of them cannot any more, in Unix seconds. */
  readonly open: bigint;
  readonly until: bigint | null;
  /** Batches on the chain, and the orders of theirs that are not known here. */
  readonly attested: bigint;
  readonly missing: bigint;
}

export async function countForgotten(sql: Sql): Promise<ForgottenCount> {
  const [row] = await sql.query<ForgottenCount>(
    `WITH found AS (${LISTED})
     SELECT (SELECT count(*) FROM unreconciled) AS unreconciled,
       (SELECT campaign_id || ': ' || problem
        FROM unreconciled ORDER BY since, campaign_id LIMIT 1) AS problem,
       count(*) FILTER (WHERE fate = 'open') AS open, max(deadline) FILTER (WHERE fate = 'open') AS until,
       count(*) FILTER (WHERE fate = 'attested') AS attested,
       coalesce(sum(missing) FILTER (WHERE fate = 'attested'), 0)::bigint AS missing
     FROM found`,
  );
  return row as ForgottenCount;
}
