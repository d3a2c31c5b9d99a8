/** A conversion as the store gives it to whoever shows it. */
import type { Flag } from "@partner-programs/protocol/reasons";

export type ConversionState = "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";

/** What makes a conversion one and the same within its campaign, for ever. */
export function naturalKey(event: string, orderId: string): string {
  return JSON.stringify([event, orderId]);
}

/** A conversion with its moves and refunds. */
export interface ConversionRow {
  id: bigint;
  campaign_id: string;
  event: string;
  order_id: string;
  key: string;
  partner: string | null;
  brand: string;
  volume: bigint;
  refunded: bigint;
  occurred_at: Date | null;
  received_at: Date;
  state: ConversionState;
  reason: string | null;
  note: string | null;
  flags: Flag[];
  entries: string[];
  commission: bigint;
  partner_commission: bigint;
  salt: string;
  attest_by: bigint | null;
  receipt: string | null;
  number: bigint | null;
  batch: string | null;
  release_at: bigint | null;
  moves: { state: string; reason: string | null; transaction: string | null; at: string }[];
  refunds: { id: string; volume: string; whole: boolean; reason: string; state: string; at: string }[];
}
