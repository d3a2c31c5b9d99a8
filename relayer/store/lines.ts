/** The lines of batches: as they were signed, as they stand, and what they are worth. */
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, packLine, unpackLine } from "@partner-programs/protocol/line";
import type { Sql } from "#service/database.ts";

export type LineState = "signed" | "held" | "released" | "claimed";

/** What a line is worth in its campaign, in base units of the token. @throws Error if its offer was never seen. */
export type PriceOf = (line: Line) => { commission: bigint; fee: bigint };

/** The prices of a campaign's lines, by the offers that the chain announced. */
export async function readPrices(sql: Sql, campaignId: string): Promise<PriceOf> {
  const offers = await sql.query<{
    offer_id: number;
    flat_amount: bigint;
    rate_bps: number;
    unit_exponent: number;
    fee_bps: number;
  }>(
    `SELECT offer_id, flat_amount, rate_bps, unit_exponent, fee_bps
     FROM offers JOIN campaigns ON campaigns.id = campaign_id WHERE campaign_id = $1`,
    [campaignId],
  );
  const byId = new Map(offers.map((offer) => [offer.offer_id, offer]));
  return (line) => {
    const offer = byId.get(line.offerId);
    if (offer === undefined)
      throw new Error(`A line names offer ${line.offerId}, which campaign ${campaignId} was never seen to have.`);
    const rate = { flatAmount: offer.flat_amount, rateBps: offer.rate_bps };
    return commissionOfLineDown(line, rate, { unitExponent: offer.unit_exponent, feeBps: offer.fee_bps });
  };
}

/** Writes the lines of a batch down in their order, as they were signed; those that are there change their state only. */
export async function writeLines(
  sql: Sql,
  digest: string,
  lines: readonly Line[],
  priceOf: PriceOf,
  state: LineState,
): Promise<void> {
  const prices = lines.map(priceOf);
  await sql.query(
    `INSERT INTO batch_lines (digest, index, attested, line, partner, commission, fee, state)
     SELECT $1, given.ordinal - 1, given.line, given.line, given.partner, given.commission, given.fee, $6
     FROM unnest($2::text[], $3::text[], $4::numeric[], $5::numeric[])
       WITH ORDINALITY AS given (line, partner, commission, fee, ordinal)
     ON CONFLICT (digest, index) DO UPDATE SET state = excluded.state`,
    [
      digest,
      lines.map(packLine),
      lines.map(({ partner }) => partner),
      prices.map(({ commission }) => commission.toString()),
      prices.map(({ fee }) => fee.toString()),
      state,
    ],
  );
}

/** The lines of a batch in their order: as they were signed, and as they stand after reversals. */
export async function readLines(sql: Sql, digest: string): Promise<{ attested: Line[]; current: Line[] }> {
  const rows = await sql.query<{ attested: string; line: string }>(
    "SELECT attested, line FROM batch_lines WHERE digest = $1 ORDER BY index",
    [digest],
  );
  return {
    attested: rows.map(({ attested }) => unpackLine(attested)),
    current: rows.map(({ line }) => unpackLine(line)),
  };
}
