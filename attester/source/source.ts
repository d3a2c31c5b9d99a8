/** What a source of orders is: where an attester looks up what the relayer says, without asking the relayer. */
import { DECIMAL } from "@partner-programs/protocol/amount";
import { type Attributes, type JudgedHistory, saidAttributes } from "@partner-programs/protocol/conditions";
import { time } from "@partner-programs/protocol/time";
import { z } from "zod";

/** An order as the attester's own source has it. */
export interface SourceOrder {
  readonly orderId: string;
  /** Undefined: the source does not tell events apart. */
  readonly event: string | undefined;
  /** A decimal number of whole tokens, or of `currency`. */
  readonly volume: string;
  /** Undefined: the source does not say, or it is in the token. */
  readonly currency?: string | undefined;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Whether all of it was given back; or how much of its volume. */
  readonly refunded: boolean | string;
  /** What was sold, by the names that the campaign's conditions have; undefined: the source does not say. */
  readonly attributes?: Attributes | undefined;
  /** What its customer had bought before, by event; undefined: the source does not say. */
  readonly customer?: JudgedHistory["customer"];
  /** Who bought, and by whose code, where the source has it. */
  readonly brought?:
    | {
        readonly customer: string | undefined;
        readonly code: string | undefined;
        /** The wallet itself, where the source names it. */
        readonly partner?: string | undefined;
      }
    | undefined;
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

/** A file has texts alone, and a shop may write its numbers as such. */
export const asTyped = (said: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(said).map(([name, value]) => {
      if (typeof value !== "string") return [name, value];
      const small = value.trim().toLowerCase();
      if (small === "true" || small === "false") return [name, small === "true"];
      return [name, /^(0|[1-9]\d{0,14})$/.test(small) ? Number(small) : value];
    }),
  );

/** Those that are attributes at all: a condition on another finds it not said. */
const readable = (said: Readonly<Record<string, unknown>>): Attributes =>
  asTyped(
    Object.assign({}, ...Object.entries(said).map(([name, value]) => saidAttributes.safeParse({ [name]: value }).data)),
  );

/**
 * An order as a source gives it; more fields than these do no harm. Nor do fields of a shop's own that happen to be called `attributes` or
 * `customer`: what has another shape than conditions are judged by says nothing, and nothing that is not said holds.
 */
export const sourceOrder = z.object({
  orderId: z.string().min(1).max(200),
  event: z.string().max(24).optional(),
  volume: decimal,
  currency: z
    .string()
    .nullable()
    .transform((code) => code?.trim().toUpperCase() || undefined)
    .optional(),
  createdAt: time,
  refunded: refunded.default(false),
  attributes: z.record(z.string(), z.unknown()).transform(readable).optional().catch(undefined),
  // As a whole: an event that was left out counts as never bought.
  customer: z
    .record(z.string().min(1).max(24), z.object({ conversions: z.int().min(0), firstAt: time.optional() }))
    .optional()
    .catch(undefined),
});
