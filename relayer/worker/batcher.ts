import { commissionOfLineDown } from "../../protocol/commission.ts";
import { packLine, unpackLine } from "../../protocol/line.ts";
import { attestationTypedData, digestOf } from "../../protocol/typedData.ts";
import type { Database } from "../../server/database.ts";
import type { ProgramsChain } from "../../server/programs.ts";
import type { Config } from "../config.ts";
import { buildAttestation, fitting, type Waiting } from "../domain/batch.ts";
import { takeBack } from "../store/conversions.ts";

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
      unit_exponent: number;
      fee_bps: number;
    }>("SELECT next_conversion, suspended_until, unit_exponent, fee_bps FROM campaigns WHERE id = $1 FOR UPDATE", [
      campaignId,
    ]);
    const [outstanding] = await sql.query(
      "SELECT 1 FROM batches WHERE campaign_id = $1 AND state IN ('built', 'signed')",
      [campaignId],
    );
    if (campaign === undefined || outstanding !== undefined || Number(campaign.suspended_until) * 1000 > now)
      return undefined;

    const rows = await sql.query<{ id: bigint; key: string; salt: string; entries: string[]; received_at: Date }>(
      // The second in which it was received has to be over: a period does not end in the future.
      "SELECT id, key, salt, entries, received_at FROM conversions WHERE campaign_id = $1 AND state = 'accepted' AND received_at < $3 ORDER BY id LIMIT $2",
      [campaignId, config.BATCH_CONVERSIONS, new Date(Math.floor(now / 1000) * 1000)],
    );
    const waiting: Waiting[] = rows.map(({ received_at, entries, ...row }) => ({
      ...row,
      entries: entries.map(unpackLine),
      receivedAt: received_at.getTime(),
    }));
    const offers = await sql.query<{
      offer_id: number;
      flat_amount: bigint;
      rate_bps: number;
      valid_from: bigint;
      valid_to: bigint;
    }>("SELECT offer_id, flat_amount, rate_bps, valid_from, valid_to FROM offers WHERE campaign_id = $1", [campaignId]);
    const validity = new Map(
      offers.map((offer) => [offer.offer_id, { from: Number(offer.valid_from), to: Number(offer.valid_to) }]),
    );
    const conversions = fitting(waiting, validity, config.BATCH_CONVERSIONS);
    if (conversions.length === 0) return undefined;

    const deadline = Math.floor(now / 1000) + config.DEADLINE_SECONDS;
    const attestation = buildAttestation(campaignId, campaign.next_conversion, conversions, deadline);
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
    const rates = new Map(
      offers.map(({ offer_id, flat_amount, rate_bps }) => [offer_id, { flatAmount: flat_amount, rateBps: rate_bps }]),
    );
    for (const [index, line] of attestation.lines.entries()) {
      const rate = rates.get(line.offerId);
      if (rate === undefined)
        throw new Error(`Conversion entries name offer ${line.offerId}, which campaign ${campaignId} does not have.`);
      const { commission, fee } = commissionOfLineDown(line, rate, {
        unitExponent: campaign.unit_exponent,
        feeBps: campaign.fee_bps,
      });
      await sql.query(
        "INSERT INTO batch_lines (digest, index, attested, line, partner, commission, fee, state) VALUES ($1, $2, $3, $3, $4, $5, $6, 'signed')",
        [digest, index, packLine(line), line.partner, commission, fee],
      );
    }
    await sql.query(
      `WITH numbered AS (
         UPDATE conversions SET state = 'batched', batch = $1, number = $2 + given.ordinal - 1
         FROM unnest($3::bigint[]) WITH ORDINALITY AS given (id, ordinal) WHERE conversions.id = given.id RETURNING conversions.id
       )
       INSERT INTO conversion_moves (conversion_id, state) SELECT id, 'batched' FROM numbered`,
      [digest, attestation.firstConversion, conversions.map(({ id }) => id.toString())],
    );
    return digest;
  });
}

/**
 * Gives the conversions of a batch back that can never be attested any more: the chain, as far as it is confirmed, is past the
 * batch's deadline and the campaign's next number has not moved.
 */
export async function buryDeadBatches(database: Database): Promise<number> {
  return database.transaction(async (sql) => {
    const dead = await sql.query<{ digest: string }>(
      `UPDATE batches SET state = 'dead' FROM campaigns, chain_cursor
       WHERE batches.campaign_id = campaigns.id AND batches.state IN ('built', 'signed')
         AND chain_cursor.block_time > batches.deadline AND campaigns.next_conversion <= batches.first_conversion
       RETURNING batches.digest`,
    );
    for (const { digest } of dead) {
      // Refunded while it was in the batch: nothing has to be taken back from the chain.
      const refunded = await sql.query<{ conversion_id: bigint }>(
        "UPDATE reversals SET state = 'done' WHERE batch = $1 AND state IN ('requested', 'sent') RETURNING conversion_id",
        [digest],
      );
      await takeBack(
        sql,
        refunded.map(({ conversion_id }) => conversion_id),
      );
      await sql.query("DELETE FROM batch_lines WHERE digest = $1", [digest]);
      await sql.query(
        `WITH back AS (UPDATE conversions SET state = 'accepted', batch = NULL, number = NULL WHERE batch = $1 AND state = 'batched' RETURNING id)
         INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, 'accepted', 'the batch passed its deadline' FROM back`,
        [digest],
      );
    }
    return dead.length;
  });
}
