/** What a partner earned by a conversion, as the API and the statement show it. */
import { z } from "@hono/zod-openapi";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { rate, type Sale } from "@partner-programs/protocol/rates";
import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import { entriesLeft } from "../domain/refund.ts";
import type { EarningRow } from "../store/earnings.ts";
import { states } from "./conversion.ts";
import { saleLeft } from "./exports/sale.ts";
import { amount, bytes32 } from "./schemas.ts";

export const earning = z
  .object({
    conversionId: z.string(),
    campaignId: bytes32,
    event: z.string(),
    receivedAt: z.string(),
    state: states,
    paid: z.enum(["no", "claimable", "claimed"]),
    reasonText: z.string().nullable(),
    volumeBaseUnits: amount.openapi({ description: "Without what the customer was given back." }),
    sale: z
      .object({
        currency: z.string(),
        volume: z.string().openapi({ description: "Without what the customer was given back." }),
        rate: rate.nullable(),
      })
      .nullable()
      .openapi({
        description:
          "Of a sale in its own currency that, and the rate that it was converted by; null: it is in tokens.",
      }),
    earned: amount.openapi({ description: "The signed-in partner's own commission." }),
    attestBy: z.int().nullable(),
    releaseAt: z.int().nullable(),
    recruited: z.boolean().openapi({ description: "Of a partner that this one recruited." }),
  })
  .openapi("Earning");

export type Earning = z.output<typeof earning>;

export function toEarning(wallet: string, row: EarningRow): Earning {
  const counts = row.state !== "rejected" && row.state !== "reversed";
  return {
    conversionId: String(row.id),
    campaignId: row.campaign_id,
    event: row.event,
    receivedAt: row.received_at.toISOString(),
    state: row.state,
    paid: row.state !== "released" ? "no" : row.claimed === true ? "claimed" : "claimable",
    reasonText: row.reason === null ? null : (REASONS[row.reason as Reason] ?? row.reason),
    volumeBaseUnits: String(row.volume - row.refunded),
    sale: row.sale === null ? null : toSale(row.sale, row.sale_refunded),
    earned: counts ? String(earnedDown(wallet, row)) : "0",
    attestBy: row.attest_by === null ? null : Number(row.attest_by),
    releaseAt: row.release_at === null ? null : Number(row.release_at),
    recruited: !row.mine,
  };
}

const toSale = (sale: Sale, refunded: string) => ({
  currency: sale.currency,
  volume: saleLeft(sale, refunded),
  rate: sale.rate ?? null,
});

/** The wallet's commission on what refunds left. */
function earnedDown(wallet: string, row: EarningRow): bigint {
  const unitsLeft = (row.volume - row.refunded) / 10n ** BigInt(row.unit_exponent);
  const left = row.refunded === 0n ? row.entries : entriesLeft(row.entries, unitsLeft);
  return left
    .filter(({ partner }) => partner === wallet)
    .reduce((sum, entry) => {
      const offer = row.offers[entry.offerId];
      if (offer === undefined) throw new Error(`Conversion ${row.id} names an offer that is not there.`);
      const rate = { flatAmount: BigInt(offer.flat), rateBps: offer.rate };
      return sum + commissionOfLineDown(entry, rate, { unitExponent: row.unit_exponent, feeBps: 0 }).commission;
    }, 0n);
}
