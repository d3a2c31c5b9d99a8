import { unpackLine } from "@partner-programs/protocol/line";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database, Sql } from "#service/database.ts";
import type { Config } from "../config.ts";
import { buildAttestation, fitting, type Waiting } from "../domain/batch.ts";
import { freePromises, moveConversions } from "../store/conversions.ts";
import { readPrices, writeLines } from "../store/lines.ts";
import { followConversions, returnRefunds } from "../store/reversals.ts";

/**
 * Numbers accepted conversions and writes their batch down, before anybody signs it. Under a lock on the campaign, and only
 * when none of its batches is outstanding, so that a number is given once.
 * @returns the digests of the batches built.
 */
export async function buildBatches(
  database: Database,
  chain: ProgramsChain,
  config: Pick<Config, "BATCH_SECONDS" | "BATCH_CONVERSIONS" | "DEADLINE_SECONDS">,
  now: number,
): Promise<string[]> {
  const due = await database.query<{ campaign_id: string }>(
    `SELECT campaign_id FROM conversions WHERE state = 'accepted' GROUP BY campaign_id
     HAVING min(received_at) <= $1 OR count(*) >= $2`,
    [new Date(now - config.BATCH_SECONDS * 1000), config.BATCH_CONVERSIONS],
  );
  const built: string[] = [];
  for (const { campaign_id } of due) {
    const digest = await buildBatch(database, chain, campaign_id, config, now);
    if (digest !== undefined) built.push(digest);
  }
  return built;
}

async function buildBatch(
  database: Database,
  chain: ProgramsChain,
  campaignId: string,
  config: Pick<Config, "BATCH_CONVERSIONS" | "DEADLINE_SECONDS">,
  now: number,
): Promise<string | undefined> {
  return database.transaction(async (sql) => {
    const [campaign] = await sql.query<{
      next_conversion: bigint;
      suspended_until: bigint;
      notice_seconds: number;
      batch_limit: number | null;
    }>("SELECT next_conversion, suspended_until, notice_seconds, batch_limit FROM campaigns WHERE id = $1 FOR UPDATE", [
      campaignId,
    ]);
    const [outstanding] = await sql.query(
      "SELECT 1 FROM batches WHERE campaign_id = $1 AND state IN ('built', 'asked', 'signed')",
      [campaignId],
    );
    if (campaign === undefined || outstanding !== undefined || Number(campaign.suspended_until) * 1000 > now)
      return undefined;

    const most = Math.min(config.BATCH_CONVERSIONS, campaign.batch_limit ?? config.BATCH_CONVERSIONS);
    const rows = await sql.query<{ id: bigint; key: string; salt: string; entries: string[]; received_at: Date }>(
      // The second in which it was received has to be over: a period does not end in the future.
      "SELECT id, key, salt, entries, received_at FROM conversions WHERE campaign_id = $1 AND state = 'accepted' AND received_at < $3 ORDER BY id LIMIT $2",
      [campaignId, most, new Date(Math.floor(now / 1000) * 1000)],
    );
    const waiting: Waiting[] = rows.map(({ received_at, entries, ...row }) => ({
      ...row,
      entries: entries.map(unpackLine),
      receivedAt: received_at.getTime(),
    }));
    const offers = await sql.query<{ offer_id: number; valid_from: bigint; valid_to: bigint }>(
      "SELECT offer_id, valid_from, valid_to FROM offers WHERE campaign_id = $1",
      [campaignId],
    );
    const validity = new Map(
      offers.map((offer) => [offer.offer_id, { from: Number(offer.valid_from), to: Number(offer.valid_to) }]),
    );
    const seconds = Math.floor(now / 1000);
    const deadline = seconds + config.DEADLINE_SECONDS;
    // Young enough for the contract until the deadline.
    const endsFrom = Math.min(seconds, deadline - campaign.notice_seconds);
    const conversions = fitting(waiting, validity, most, endsFrom);
    if (conversions.length === 0) {
      // The first of them fits into no batch any more, not even alone, and must not hold up those behind it.
      await expire(sql, waiting.slice(0, 1));
      return undefined;
    }

    const attestation = buildAttestation(campaignId, campaign.next_conversion, conversions, deadline, endsFrom);
    const digest = digestOf(chain.domain, attestationTypedData(attestation));
    await sql.query(
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'built')`,
      [
        digest,
        campaignId,
        attestation.firstConversion,
        attestation.conversions,
        attestation.periodFrom,
        attestation.periodTo,
        deadline,
        attestation.conversionsRoot,
      ],
    );
    await writeLines(sql, digest, attestation.lines, await readPrices(sql, campaignId), "signed");
    await sql.query(
      `WITH numbered AS (
         UPDATE conversions SET state = 'batched', batch = $1, number = $2 + given.ordinal - 1
         FROM unnest($3::bigint[]) WITH ORDINALITY AS given (id, ordinal) WHERE conversions.id = given.id RETURNING conversions.id
       )
       INSERT INTO conversion_moves (conversion_id, state) SELECT id, 'batched' FROM numbered`,
      [digest, attestation.firstConversion, conversions.map(({ id }) => id.toString())],
    );
    await followConversions(sql, digest);
    return digest;
  });
}

/** Rejects what was accepted and can be attested no more: its offer's time is over. */
async function expire(sql: Sql, waiting: readonly Waiting[]): Promise<void> {
  const ids = waiting.map(({ id }) => id);
  await moveConversions(sql, { ids, from: ["accepted"], to: "rejected", reason: "attested_too_late" });
  await freePromises(sql, ids);
}

const IS_DEAD = `batches.campaign_id = campaigns.id AND batches.state IN ('built', 'asked', 'signed') AND chain_cursor.block >= chain_cursor.final_block
  AND ((chain_cursor.final_time > batches.deadline AND campaigns.next_conversion <= batches.first_conversion)
    OR EXISTS (SELECT 1 FROM batches other WHERE other.campaign_id = batches.campaign_id AND other.digest <> batches.digest
      AND other.state IN ('attested', 'released') AND other.attested_block <= chain_cursor.final_block
      AND other.first_conversion <= batches.first_conversion AND other.first_conversion + other.conversions > batches.first_conversion))`;

/**
 * Gives the conversions of batches back that can never be attested any more. A batch is dead when the chain, as far as it is
 * final, is past its deadline and the campaign's next number has not moved; or when another attestation took its number.
 */
export async function buryDeadBatches(database: Database): Promise<number> {
  const seen = await database.query<{ id: string }>(
    `SELECT campaigns.id FROM batches, campaigns, chain_cursor WHERE ${IS_DEAD}`,
  );
  if (seen.length === 0) return 0;
  return database.transaction(async (sql) => {
    // Before anything else, as whoever changes a campaign's conversions does: refunds come at the same time.
    const ids = seen.map(({ id }) => id);
    await sql.query("SELECT 1 FROM campaigns WHERE id = ANY($1) ORDER BY id FOR UPDATE", [ids]);
    const dead = await sql.query<{ digest: string; late: boolean }>(
      `UPDATE batches SET state = 'dead' FROM campaigns, chain_cursor WHERE ${IS_DEAD} AND campaigns.id = ANY($1)
       RETURNING batches.digest, chain_cursor.final_time > batches.deadline AS late`,
      [ids],
    );
    for (const { digest, late } of dead)
      await giveBack(sql, digest, late ? "the batch passed its deadline" : "another batch took its numbers");
    return dead.length;
  });
}

/**
 * Dissolves a batch that nobody was asked to sign: its conversions wait again, the refused ones for the brand. The next batch
 * has at most `limit` conversions, if that is given.
 */
export async function dissolve(
  database: Database,
  digest: string,
  why: { readonly reason: string; readonly refused?: ReadonlyMap<bigint, string>; readonly limit?: number },
): Promise<void> {
  await database.transaction(async (sql) => {
    await sql.query(
      "SELECT 1 FROM campaigns WHERE id = (SELECT campaign_id FROM batches WHERE digest = $1) FOR UPDATE",
      [digest],
    );
    const [batch] = await sql.query<{ campaign_id: string }>(
      "UPDATE batches SET state = 'dead', problem = $2 WHERE digest = $1 AND state = 'built' RETURNING campaign_id",
      [digest, why.reason],
    );
    if (batch === undefined) return;
    const refused = [...(why.refused ?? [])];
    await sql.query(
      `WITH aside AS (
         UPDATE conversions SET state = 'review', reason = 'attesters_refused', note = refused.note, batch = NULL, number = NULL
         FROM unnest($2::bigint[], $3::text[]) AS refused (number, note)
         WHERE conversions.batch = $1 AND conversions.number = refused.number AND conversions.state = 'batched' RETURNING conversions.id
       )
       INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, 'review', 'attesters_refused' FROM aside`,
      [digest, refused.map(([number]) => number.toString()), refused.map(([, note]) => note)],
    );
    if (why.limit !== undefined) {
      await sql.query("UPDATE campaigns SET batch_limit = $2 WHERE id = $1", [batch.campaign_id, why.limit]);
    }
    await giveBack(sql, digest, why.reason);
  });
}

/** Conversions of a batch that is dead wait again; what was refunded meanwhile is taken back at once. */
async function giveBack(sql: Sql, digest: string, reason: string): Promise<void> {
  await returnRefunds(sql, digest);
  await sql.query("DELETE FROM batch_lines WHERE digest = $1", [digest]);
  await sql.query(
    `WITH back AS (UPDATE conversions SET state = 'accepted', batch = NULL, number = NULL WHERE batch = $1 AND state = 'batched' RETURNING id)
     INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, 'accepted', $2 FROM back`,
    [digest, reason],
  );
  // What was taken back meanwhile has no number either: another conversion gets it.
  await sql.query("UPDATE conversions SET batch = NULL, number = NULL WHERE batch = $1", [digest]);
}
