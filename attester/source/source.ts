/** What a source of orders is: where an attester looks up what the relayer says, without asking the relayer. */
import { DECIMAL } from "@partner-programs/protocol/amount";
import { time } from "@partner-programs/protocol/time";
import { z } from "zod";

/** An order as the attester's own source has it. */
export interface SourceOrder {
  readonly orderId: string;
  /** Undefined: the source does not tell events apart. */
  readonly event: string | undefined;
  /** A decimal number of whole tokens. */
  readonly volume: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Whether all of it was given back; or how much of its volume. */
  readonly refunded: boolean | string;
  /** Who bought, and by whose code, where the source has it. */
  readonly brought?: { readonly customer: string | undefined; readonly code: string | undefined } | undefined;
}

/** What a source knows of an order: the order; that there is none; why what it has is none; or why it cannot say now. */
export type SourceAnswer =
  | { readonly order: SourceOrder }
  | { readonly refused: string }
  | { readonly missing: true }
  | { readonly unavailable: string };

/** What an order is asked for by. */
export interface OrderName {
  readonly event: string;
  readonly orderId: string;
}

/** Where an attester looks up orders without asking the relayer. */
export interface OrderSource {
  /**
   * One answer for each order, in their order.
   * @param anew as the orders are now, and not as they were a moment ago
   */
  find(orders: readonly OrderName[], anew?: "anew"): Promise<SourceAnswer[]>;
}

const decimal = z.string().regex(DECIMAL, "must be a decimal number such as 49.90");

/** Whether all of an order was given back, or how much of its volume. */
export const refunded = z.union(
  [z.boolean(), decimal],
  'must be true, false, or how much of the volume was given back, as text such as "12.50"',
);

/** An order as a source gives it; more fields than these do no harm. */
export const sourceOrder = z.object({
  orderId: z.string().min(1).max(200),
  event: z.string().max(24).optional(),
  volume: decimal,
  createdAt: time,
  refunded: refunded.default(false),
});
