/** A conversion as the API and its webhooks show it, to its brand or to its partner. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { MAX_SALE_DECIMALS } from "@partner-programs/protocol/currency";
import type { Sale } from "@partner-programs/protocol/rates";
import { FLAGS, REASONS, type Reason } from "@partner-programs/protocol/reasons";
import type { ConversionRow } from "./store/conversionRow.ts";

export type Viewer = "brand" | "partner";

/** A sale in its own currency, with what of it was given back. */
export function viewSale(
  { currency, volume, rate, nonce }: Sale,
  refunds: readonly { readonly saleVolume: string | null }[],
) {
  const back = refunds.reduce((sum, { saleVolume }) => sum + toBaseUnitsDown(saleVolume ?? "0", MAX_SALE_DECIMALS), 0n);
  return {
    currency,
    volume,
    refunded: fromBaseUnits(back, MAX_SALE_DECIMALS),
    rate: rate ?? null,
    nonce: nonce ?? null,
  };
}

export function viewConversion(row: ConversionRow, viewer: Viewer) {
  const at = <T extends { at: string }>(item: T): T => ({ ...item, at: new Date(item.at).toISOString() });
  // Rows keep what they were promised last, which reports of what was reversed count.
  const pays = row.state !== "rejected" && row.state !== "reversed";
  return {
    id: String(row.id),
    campaignId: row.campaign_id,
    event: row.event,
    orderId: row.order_id,
    state: row.state,
    reason: row.reason,
    reasonText: row.reason === null ? null : (REASONS[row.reason as Reason] ?? row.reason),
    partner: row.partner,
    volumeBaseUnits: String(row.volume),
    refunded: String(row.refunded),
    sale: row.sale === null ? null : viewSale(row.sale, row.refunds),
    commission: pays ? String(row.partner_commission) : "0",
    totalCommission: pays ? String(row.commission) : "0",
    attributes: row.attributes,
    history: row.history,
    receivedAt: row.received_at.toISOString(),
    link: row.link,
    code: row.code,
    ...(viewer === "brand" ? { occurredAt: row.occurred_at?.toISOString() ?? null, customer: row.customer } : {}),
    number: row.number === null ? null : String(row.number),
    batch: row.batch,
    releaseAt: row.release_at === null ? null : Number(row.release_at),
    receipt:
      row.receipt === null
        ? null
        : {
            conversionKey: row.key,
            salt: row.salt,
            receivedAt: Math.floor(row.received_at.getTime() / 1000),
            attestBy: Number(row.attest_by),
            entries: row.entries,
            signature: row.receipt,
          },
    ...(viewer === "brand" ? { flags: row.flags.map((flag) => ({ flag, text: FLAGS[flag] })) } : {}),
    ...(viewer === "brand" && row.note !== null ? { note: row.note } : {}),
    refunds: row.refunds.map(at),
    moves: row.moves.map(at),
  };
}
