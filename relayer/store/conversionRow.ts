/** Conversions as the store gives and takes them. */
import type { Flag, Reason } from "@partner-programs/protocol/reasons";

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

/** A conversion as it was judged, to be written down. Amounts are base units. */
export interface NewConversion {
  readonly event: string;
  readonly orderId: string;
  readonly bodyHash: string;
  readonly key: string;
  readonly customer: string | undefined;
  readonly partnershipId: bigint | undefined;
  /** The partnership's wallet. */
  readonly partner: string | undefined;
  /** The link whose token brought it. */
  readonly linkId: bigint | undefined;
  readonly volume: bigint;
  readonly occurredAt: string | undefined;
  readonly receivedAt: number;
  readonly state: "accepted" | "rejected";
  readonly reason: Reason | undefined;
  /** Packed lines. */
  readonly entries: readonly string[];
  readonly commission: bigint;
  readonly partnerCommission: bigint;
  readonly fee: bigint;
  readonly salt: string;
  readonly attestBy: number | undefined;
  readonly receipt: string | undefined;
  readonly flags: readonly Flag[];
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
}
