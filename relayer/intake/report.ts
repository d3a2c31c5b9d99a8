import type { ConversionRow } from "../store/conversions.ts";
import type { Asked } from "./books.ts";

/** A conversion as the brand's server reports it. */
export interface Report extends Asked {
  readonly orderId: string;
  /** When it happened, as the brand says; the conversion's time is when the relayer received it. */
  readonly occurredAt: string | undefined;
}

/** A report that waits to be taken in. */
export interface Incoming {
  readonly report: Report;
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly bodyHash: string;
}

export interface Taken {
  readonly conversion: ConversionRow;
  /** false: the same report was taken in before. */
  readonly created: boolean;
}

/** The same order was reported before, with another content. */
export class ConflictingReport extends Error {
  override readonly name = "ConflictingReport";
  readonly conversionId: bigint;
  constructor(conversionId: bigint, what: string) {
    super(
      `${what} was used before for conversion ${conversionId}, with another body. Report a correction as a refund.`,
    );
    this.conversionId = conversionId;
  }
}

/** The report cannot be of this campaign. */
export class InvalidReport extends Error {
  override readonly name = "InvalidReport";
}

/** More reports wait than will be taken soon. */
export class Busy extends Error {
  override readonly name = "Busy";
}
