/** A report of a conversion, and what becomes of it. */
import type { GivenAttributes } from "../domain/attributes.ts";
import type { RewardedPartner } from "../domain/partners.ts";
import type { LookedUpRate } from "../domain/sale.ts";
import type { ConversionRow } from "../store/conversionRow.ts";

/** What a brand's server says of a customer and of who brought it. */
export interface Person {
  readonly referralToken: string | undefined;
  /** A code that the customer gave: a spoken one, or a link's code or alias. */
  readonly code?: string | undefined;
  readonly customerId: string | undefined;
  /** Instead of it, in its one spelling. */
  readonly customerEmail?: string | undefined;
  readonly customerWallet: string | undefined;
  readonly customerEmailDomain?: string | undefined;
  readonly customerIp?: string | undefined;
}

/** A conversion as the brand's server reports it. */
export interface Report extends Person {
  readonly event: string;
  /** A decimal number of whole tokens; or of `currency`. */
  readonly volume: string;
  /** Of a sale in its own currency its code. */
  readonly currency?: string | undefined;
  readonly orderId: string;
  /** What it says of what was sold; undefined: nothing. */
  readonly attributes?: GivenAttributes | undefined;
  /** When it happened, as the brand says; the conversion's time is when the relayer received it. */
  readonly occurredAt: string | undefined;
  /** Whose bonus it is: nobody reports one. */
  readonly bonus?: RewardedPartner | undefined;
}

/** A report that waits to be judged. */
export interface PendingReport {
  readonly report: Report;
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly bodyHash: string;
  /** What was looked up for its currency when it came. */
  readonly lookedUp?: LookedUpRate | undefined;
}

/** The conversion that a report became, accepted or rejected. */
export interface Acceptance {
  readonly conversion: ConversionRow;
  /** false: the order was taken in before. */
  readonly created: boolean;
  /** It was rejected before, and judged again just now. */
  readonly judgedAgain: boolean;
}
