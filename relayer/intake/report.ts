import type { ConversionRow } from "../store/conversions.ts";
import type { Occurrence } from "./books.ts";

/** A conversion as the brand's server reports it. */
export interface Report extends Occurrence {
  readonly orderId: string;
  /** When it happened, as the brand says; the conversion's time is when the relayer received it. */
  readonly occurredAt: string | undefined;
}

/** A report that waits to be taken in. */
export interface PendingReport {
  readonly report: Report;
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly bodyHash: string;
}

export interface Acceptance {
  readonly conversion: ConversionRow;
  /** false: the same report was taken in before. */
  readonly created: boolean;
}
