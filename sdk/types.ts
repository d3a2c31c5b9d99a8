// Written by scripts/sdk-types.ts from the relayer's /v1/openapi.json. Do not edit: run it again.

export interface ConversionReport {
  readonly event: string;
  /** The brand's own id of the order. With the event it is the conversion's key, for ever. */
  readonly orderId: string;
  /** Whole tokens. */
  readonly volume?: string;
  /** The `_ushrt` that the customer arrived with. */
  readonly referralToken?: string;
  /** The brand's own id of the customer; kept only as a keyed hash. */
  readonly customerId?: string;
  /** Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
  readonly customerWallet?: string;
  /** Compared with providers of throw-away addresses; not kept. */
  readonly customerEmailDomain?: string;
  /** Compared, as a keyed hash, with the partner's own network; not kept. */
  readonly customerIp?: string;
  readonly occurredAt?: string;
}

export interface Conversion {
  readonly id: string;
  readonly campaignId: string;
  readonly event: string;
  readonly orderId: string;
  readonly state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
  readonly reason: string | null;
  readonly reasonText: string | null;
  /** What the attesters said against it. Only the brand sees it. */
  readonly note?: string;
  readonly partner: string | null;
  /** Base units of the campaign's token. */
  readonly volume: string;
  /** Of the volume, what the customer was given back. */
  readonly refunded: string;
  /** The partner's. */
  readonly commission: string;
  /** With what its recruiter and the customer get. */
  readonly totalCommission: string;
  readonly receivedAt: string;
  readonly number: string | null;
  readonly batch: string | null;
  readonly releaseAt: number | null;
  /** The relayer's signed promise (EIP-712 `Receipt`). */
  readonly receipt: {
    readonly conversionKey: string;
    readonly salt: string;
    readonly receivedAt: number;
    readonly attestBy: number;
    readonly entries: readonly string[];
    readonly signature: string;
  } | null;
  /** What the brand should look at. Only the brand sees it. */
  readonly flags?: readonly {
    readonly flag: string;
    readonly text: string;
  }[];
  readonly refunds: readonly {
    readonly id: string;
    /** Base units of the campaign's token. */
    readonly volume: string;
    readonly whole: boolean;
    readonly reason: string;
    readonly state: "requested" | "sent" | "done" | "late";
    readonly at: string;
  }[];
  readonly moves: readonly {
    readonly state: string;
    readonly reason: string | null;
    readonly transaction: string | null;
    readonly at: string;
  }[];
}

export interface BindingRequest {
  /** The `_ushrt` that the customer arrived with. */
  readonly referralToken?: string;
  /** The brand's own id of the customer; kept only as a keyed hash. */
  readonly customerId: string;
  /** Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
  readonly customerWallet?: string;
  /** Compared with providers of throw-away addresses; not kept. */
  readonly customerEmailDomain?: string;
  /** Compared, as a keyed hash, with the partner's own network; not kept. */
  readonly customerIp?: string;
  /** The invite code or alias that the customer gave, where there was no click. */
  readonly code?: string;
}

export interface Binding {
  readonly partner: string;
  readonly code: string;
  readonly boundAt: string;
  /** null: for life. */
  readonly boundUntil: string | null;
}

export interface Refund {
  /** Whole tokens that this refund gives back. Without it: all that is left. */
  readonly volume?: string;
  /** The brand's own id of the refund: the same again takes back nothing more. */
  readonly refundId?: string;
}

export interface Import {
  readonly id: string;
  readonly state: "running" | "done" | "failed" | "interrupted";
  readonly problem: string | null;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Taken in before, by an earlier import or a single report. */
  readonly known: number;
  /** The order was reported before with another content. */
  readonly conflicting: number;
  readonly invalid: number;
  readonly createdAt: string;
  readonly progressedAt: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}
