import { DECIMAL } from "@partner-programs/protocol/amount";
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
}

/** What a source knows of an order: the order; that there is none; or why it cannot say now. */
export type Found = { readonly order: SourceOrder } | { readonly missing: true } | { readonly unavailable: string };

export interface AskedOrder {
  readonly event: string;
  readonly orderId: string;
}

/** Where an attester looks up orders without asking the relayer. */
export interface OrderSource {
  /** One answer for each order, in their order. */
  find(orders: readonly AskedOrder[]): Promise<Found[]>;
}

/** A time as programs write it: ISO 8601 with its offset, or Unix seconds. */
export const time = z.union([
  z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
  z
    .int()
    .min(0)
    .max(2 ** 40 - 1),
]);

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
