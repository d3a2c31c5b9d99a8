/** A conversion as the brand's server reports it. */
export interface ConversionReport {
  /** As in the campaign's offers, for example "signup". */
  readonly event: string;
  /** The brand's own id of the order: with the event it is the conversion's key, for ever. */
  readonly orderId: string;
  /** A decimal number of whole tokens, for example "49.90". */
  readonly volume?: string;
  /** The `_ushrt` that the customer arrived with. */
  readonly referralToken?: string;
  /** The brand's own id of the customer; later conversions need nothing else. */
  readonly customerId?: string;
  readonly customerWallet?: string;
  /** ISO 8601. */
  readonly occurredAt?: string;
}

/** A conversion as the relayer has it. Amounts are base units of the campaign's token. */
export interface Conversion {
  readonly id: string;
  readonly campaignId: string;
  readonly state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
  readonly reason: string | null;
  readonly reasonText: string | null;
  readonly partner: string | null;
  readonly volume: string;
  readonly commission: string;
  readonly number: string | null;
  readonly batch: string | null;
  readonly releaseAt: number | null;
  readonly receipt: {
    readonly conversionKey: string;
    readonly salt: string;
    readonly receivedAt: number;
    readonly attestBy: number;
    readonly entries: readonly string[];
    readonly signature: string;
  } | null;
}

/** The relayer said no. `status` is its HTTP status, the message its reason. */
export class RelayerError extends Error {
  override readonly name = "RelayerError";
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export interface ServerClient {
  /** Reports a conversion. Reporting the same order again is safe, and answers with the same conversion. */
  reportConversion(report: ConversionReport): Promise<Conversion>;
  /** Takes a conversion back, as long as its hold is not over. */
  refund(conversionId: string): Promise<Conversion>;
  conversion(conversionId: string): Promise<Conversion>;
}

const TRIES = 5;

/**
 * The brand's server side. `secretKey` never leaves the server. A request that got no answer, or a 5xx or 429, is sent
 * again with the same idempotency key, so that a lost answer never makes a second conversion.
 */
export function createServerClient(options: { readonly url: string; readonly secretKey: string }): ServerClient {
  async function request(method: string, path: string, body?: unknown): Promise<Conversion> {
    const idempotencyKey = crypto.randomUUID();
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(new URL(path, options.url), {
          method,
          headers: {
            authorization: `Bearer ${options.secretKey}`,
            ...(method === "POST" ? { "idempotency-key": idempotencyKey } : {}),
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(10_000),
        });
        const answer = (await response.json()) as Conversion & { detail?: string };
        if (response.ok) return answer;
        throw new RelayerError(response.status, answer.detail ?? response.statusText);
      } catch (error) {
        const final = error instanceof RelayerError && error.status < 500 && error.status !== 429;
        if (final || attempt === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
      }
    }
  }

  return {
    reportConversion: (report) => request("POST", "/v1/conversions", report),
    refund: (conversionId) => request("POST", `/v1/conversions/${conversionId}/refunds`),
    conversion: (conversionId) => request("GET", `/v1/conversions/${conversionId}`),
  };
}
