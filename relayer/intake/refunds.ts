import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, packLine, unpackLine } from "@partner-programs/protocol/line";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Sql } from "#service/database.ts";
import { BESIDE } from "../domain/judge.ts";
import type { Reason } from "../domain/reasons.ts";
import { entriesLeft, takenBack } from "../domain/refund.ts";
import { type ConversionState, takeBack } from "../store/conversions.ts";
import { RefusedRefund } from "./errors.ts";

/** What is to be taken back of a conversion. */
export interface Refund {
  readonly conversionId: bigint;
  /** A decimal number of whole tokens; undefined: all that is left. */
  readonly volume: string | undefined;
  /** The same key again takes back nothing more. */
  readonly key: string;
  readonly bodyHash: string;
  readonly reason: Extract<Reason, "refunded" | "fraud_confirmed">;
}

interface Row {
  state: ConversionState;
  volume: bigint;
  refunded: bigint;
  entries: string[];
  commission: bigint;
  fee: bigint;
  key: string;
  salt: string;
  received_at: Date;
  attest_by: bigint;
  batch: string | null;
  release_at: bigint | null;
  token_decimals: number;
  unit_exponent: number;
  fee_bps: number;
}

/**
 * Takes a conversion back, or a part of it: before it is numbered by shrinking it, with a new receipt; after that by a reversal
 * that the worker carries to the chain within the hold.
 * @returns whether the campaign has such a conversion. @throws RefusedRefund
 */
export async function refund(
  sql: Sql,
  signReceipts: SignReceipts,
  campaignId: string,
  asked: Refund,
  now: number,
): Promise<boolean> {
  const { conversionId, reason } = asked;
  // Under the campaign's lock, so that no batch takes the conversion up at the same moment.
  await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
  const [row] = await sql.query<Row>(
    `SELECT c.state, c.volume, c.refunded, c.entries, c.commission, c.fee, c.key, c.salt, c.received_at, c.attest_by, c.batch,
       batches.release_at, token_decimals, unit_exponent, fee_bps
     FROM conversions c JOIN campaigns ON campaigns.id = c.campaign_id LEFT JOIN batches ON batches.digest = c.batch
     WHERE c.id = $1 AND c.campaign_id = $2`,
    [conversionId, campaignId],
  );
  if (row === undefined) return false;
  const before = await sql.query<{ key: string; body_hash: string; whole: boolean }>(
    "SELECT key, body_hash, whole FROM refunds WHERE conversion_id = $1",
    [conversionId],
  );
  const same = before.find(({ key }) => key === asked.key);
  if (same !== undefined && same.body_hash !== asked.bodyHash)
    throw new RefusedRefund(`This refund of conversion ${conversionId} was reported before with another body.`);
  if (same !== undefined) return true;
  const gone = row.state === "reversed" || before.some(({ whole }) => whole);
  if (gone && asked.volume === undefined) return true;
  const refusal = gone ? "is taken back already; nothing of it is left" : untouchable(row, now);
  if (refusal !== undefined) throw new RefusedRefund(`Conversion ${conversionId} ${refusal}.`);

  const { amount, whole } = measure(row, asked);
  const [noted] = await sql.query<{ id: bigint }>(
    "INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    [conversionId, asked.key, asked.bodyHash, amount, whole, reason],
  );
  await sql.query("UPDATE conversions SET refunded = refunded + $2 WHERE id = $1", [conversionId, amount]);

  const entries = row.entries.map(unpackLine);
  const units = (refunded: bigint) => (row.volume - refunded) / 10n ** BigInt(row.unit_exponent);
  const then = entriesLeft(entries, units(row.refunded));
  const left = entriesLeft(entries, whole ? undefined : units(row.refunded + amount));
  const prices = await priceOf(sql, campaignId, row);
  const paid = left.map(prices);
  const commission = paid.reduce((sum, one) => sum + one.commission, 0n);
  const partnerCommission = paid.reduce((sum, one) => (one.beside ? sum : sum + one.commission), 0n);
  const fee = paid.reduce((sum, one) => sum + one.fee, 0n);

  if (row.state !== "accepted" && row.state !== "review") {
    const away = takenBack(then, left);
    if (away.length === 0) return true;
    await sql.query(
      `INSERT INTO reversals (conversion_id, refund_id, batch, reason, state, whole, taken_back, commission_left, partner_commission_left, fee_left)
       VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9)`,
      [
        conversionId,
        noted?.id,
        row.batch,
        reason,
        whole,
        JSON.stringify(away.map(packLine)),
        commission,
        partnerCommission,
        fee,
      ],
    );
    return true;
  }
  // A refund that waited for a batch that died is in what is left now.
  await sql.query("UPDATE reversals SET state = 'done' WHERE conversion_id = $1 AND state = 'requested'", [
    conversionId,
  ]);
  if (commission === 0n) await takeBack(sql, [conversionId], reason);
  else await shrink(left.filter((_, i) => (paid[i]?.commission ?? 0n) > 0n));
  return true;

  /** The conversion as it would have been accepted with the volume that is left; the receipt is for what it is now. */
  async function shrink(remaining: readonly Line[]): Promise<void> {
    const { key, salt, received_at, attest_by } = row as Row;
    const entries = remaining.map(packLine);
    const [receipt] = await signReceipts([
      {
        campaignId,
        conversionKey: key,
        salt,
        receivedAt: Math.floor(received_at.getTime() / 1000),
        attestBy: Number(attest_by),
        entries,
      },
    ]);
    await sql.query(
      "UPDATE conversions SET entries = $2, commission = $3, partner_commission = $4, fee = $5, receipt = $6 WHERE id = $1",
      [conversionId, JSON.stringify(entries), commission, partnerCommission, fee, receipt],
    );
    await sql.query("UPDATE campaigns SET promised = promised - $2 WHERE id = $1", [
      campaignId,
      (row as Row).commission + (row as Row).fee - commission - fee,
    ]);
    await sql.query("INSERT INTO conversion_moves (conversion_id, state, reason) VALUES ($1, $2, 'partly_refunded')", [
      conversionId,
      (row as Row).state,
    ]);
  }
}

function untouchable({ state, release_at }: Row, now: number): string | undefined {
  if (state === "rejected") return "was rejected; there is nothing to take back";
  if (state === "released" || (release_at !== null && Number(release_at) * 1000 <= now))
    return `is released: its hold ended at ${new Date(Number(release_at) * 1000).toISOString()}, and the commission is the partner's`;
  return undefined;
}

/** How much of the volume a refund takes, in base units, and whether nothing is left of the conversion. */
function measure(row: Row, { volume, conversionId }: Refund): { amount: bigint; whole: boolean } {
  const left = row.volume - row.refunded;
  if (volume === undefined) return { amount: left, whole: true };
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals > row.token_decimals)
    throw new RefusedRefund(
      `volume ${volume} has ${decimals} decimals, the campaign's token has ${row.token_decimals}. Round it.`,
    );
  const amount = toBaseUnitsDown(volume, row.token_decimals);
  if (amount > left)
    throw new RefusedRefund(
      `The refund is of ${amount} base units, and ${left} of conversion ${conversionId}'s ${row.volume} are left.`,
    );
  return { amount, whole: amount === left };
}

async function priceOf(sql: Sql, campaignId: string, { unit_exponent, fee_bps }: Row) {
  const offers = await sql.query<{ offer_id: number; kind: number; flat_amount: bigint; rate_bps: number }>(
    "SELECT offer_id, kind, flat_amount, rate_bps FROM offers WHERE campaign_id = $1",
    [campaignId],
  );
  const rates = new Map(offers.map((offer) => [offer.offer_id, offer]));
  return (entry: Line) => {
    const offer = rates.get(entry.offerId);
    if (offer === undefined)
      throw new Error(`An entry names offer ${entry.offerId}, which ${campaignId} does not have.`);
    const price = commissionOfLineDown(
      entry,
      { flatAmount: offer.flat_amount, rateBps: offer.rate_bps },
      { unitExponent: unit_exponent, feeBps: fee_bps },
    );
    return { ...price, beside: (BESIDE & (1 << offer.kind)) !== 0 };
  };
}
