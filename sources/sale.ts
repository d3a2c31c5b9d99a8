/** What something sold is to a campaign, whoever sold it: an order with its event and its volume; or why it is none. */

/** A sale as a campaign counts it. */
export interface Order {
  /** A sale has one, whatever is known of it first. */
  readonly orderId: string;
  readonly event: string;
  /** A decimal number of whole tokens, or of `currency`. */
  readonly volume: string;
  /** Of a sale that counts in its own currency its code by ISO 4217. */
  readonly currency?: string | undefined;
  /** Of that, how much was given back; true: all of it. */
  readonly back: string | true;
  /** Unix seconds. */
  readonly at: number;
  /** What was sold, by the names that conditions have, in the order of those; undefined: its source does not say. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/**
 * Why a sale counts as nothing. `yet`: it may still become an order. `never`: the campaign does not count its like. `refused`: it
 * is one that the campaign counts, and its volume cannot be told.
 */
export interface NoOrder {
  readonly reason: string;
  readonly why: "yet" | "never" | "refused";
  /** Nothing of it is left: what was counted of it, when less was known, is taken back. */
  readonly gone?: true;
}

/** What came is one that counts, and does not look as its sender documents it. */
export class UnreadableObject extends Error {
  override readonly name = "UnreadableObject";
}
