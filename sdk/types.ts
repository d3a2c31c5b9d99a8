/** What the server SDK sends and gets. Written by scripts/api-types.ts from the relayer's /v1/openapi.json: not edited, but run again. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    readonly ConversionReport: {
      readonly event: string;
      /** @description The brand's own id of the order. With the event it is the conversion's key, for ever. */
      readonly orderId: string;
      /**
       * @description Whole tokens; or, of a sale in its own currency, whole units of that: 49.90.
       * @default 0
       */
      readonly volume?: string | null;
      /** @description Instead of `volume`, with a `currency`: its smallest units, as ISO 4217 has them. 4990 of EUR are 49.90, of JPY 4990, of KWD 4.990. */
      readonly volumeMinor?: string | number | null;
      /** @description Of a sale in its own currency its code by ISO 4217. It is converted by the rate that the campaign's description names; left out: the volume is in whole tokens. */
      readonly currency?: string | null;
      /** @description The `_ushrt` that the customer arrived with. */
      readonly referralToken?: string | null;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      readonly customerId?: string | null;
      /** @description Instead of `customerId`, where customers are known by their e-mail addresses: in one spelling, and then the same customer as one with that `customerId`. Kept only as a keyed hash. */
      readonly customerEmail?: string | null;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      readonly customerWallet?: string | null;
      /** @description Compared with providers of throw-away addresses; not kept. What is no domain is left out. */
      readonly customerEmailDomain?: string | null;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. A port is cut, and what is no address left out. */
      readonly customerIp?: string | null;
      /** @description A code that the customer said: a partner's code, or the code or alias of a link. Without capitals, blanks and hyphens, O as 0, I and L as 1. */
      readonly code?: string | null;
      /** @description What was sold, by the names that the campaign's description has for the event: texts, whole numbers, true or false. Conditions on offers ask for it. */
      readonly attributes?: {
        readonly [key: string]: string | number | boolean | null;
      } | null;
      /**
       * Format: date-time
       * @description When the order was made. A sale in its own currency that is reported late has the rate of then; otherwise it is noted alone. What is no moment with its offset is left out.
       */
      readonly occurredAt?: string | null;
    };
    readonly Conversion: {
      readonly id: string;
      readonly campaignId: string;
      readonly event: string;
      readonly orderId: string;
      /** @enum {string} */
      readonly state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
      readonly reason: string | null;
      readonly reasonText: string | null;
      /** @description What the attesters said against it, or which conditions of which offers did not hold. Only the brand sees it. */
      readonly note?: string;
      readonly partner: string | null;
      /** @description What the brand calls the partner, or else what it says of itself, where either is known. Only the brand sees it. */
      readonly partnerName?: string;
      /** @description The reported `volume`, in base units of the campaign's token. */
      readonly volumeBaseUnits: string;
      /** @description Of the volume, what the customer was given back. */
      readonly refunded: string;
      /** @description Of a sale in its own currency that, and the rate that it was converted by; null: it is in tokens. */
      readonly sale: {
        readonly currency: string;
        /** @description A decimal number of the currency. */
        readonly volume: string;
        /** @description Of that, what the customer was given back. */
        readonly refunded: string;
        /** @description What one of the currency is in whole tokens, as a fraction, and where that stands: rounds of feeds on the campaign's chain, or a day's signed file (GET /v1/rate-files/{digest}). null: there is none yet. */
        readonly rate: {
          readonly numerator: string;
          readonly denominator: string;
          readonly observedAt: number;
          readonly sources: readonly (
            | {
                readonly feed: string;
                readonly round: string;
              }
            | {
                readonly file: string;
                /** Format: date */
                readonly day: string;
              }
          )[];
        } | null;
        /** @description With it the receipt's salt is the hash of this sale and its rate: neither can be told otherwise later. */
        readonly nonce: string | null;
      } | null;
      /** @description The partner's; 0 of what is rejected or reversed. */
      readonly commission: string;
      /** @description With what its recruiter and the customer get. */
      readonly totalCommission: string;
      /** @description What was reported of what was sold, as the campaign's description has it. */
      readonly attributes: {
        readonly [key: string]: string | number | boolean;
      };
      /** @description By what else the conditions on the campaign's offers were judged: by event what its customer counted for before, and when its partner joined (Unix seconds); null: they have none, or it was rejected. */
      readonly history: {
        readonly customer?: {
          readonly [key: string]: {
            readonly conversions: number;
            readonly firstAt?: number;
          };
        };
        readonly partnerSince?: number;
      } | null;
      readonly receivedAt: string;
      /** @description The code of the link that brought it; null: it came without one. */
      readonly link: string | null;
      /** @description The partner's code that the customer said; null: none. */
      readonly code: string | null;
      /** @description When it happened, as it was reported. Only the brand sees it. */
      readonly occurredAt?: string | null;
      /** @description The customer as the relayer knows it: a keyed hash, the same in all conversions of one customer of the campaign. Only the brand sees it; by its own id it asks with `customerId`. */
      readonly customer?: string | null;
      readonly number: string | null;
      readonly batch: string | null;
      readonly releaseAt: number | null;
      /** @description The relayer's signed promise (EIP-712 `Receipt`). */
      readonly receipt: {
        readonly conversionKey: string;
        readonly salt: string;
        readonly receivedAt: number;
        readonly attestBy: number;
        readonly entries: readonly string[];
        readonly signature: string;
      } | null;
      /** @description What the brand should look at. Only the brand sees it. */
      readonly flags?: readonly {
        readonly flag: string;
        readonly text: string;
      }[];
      readonly refunds: readonly {
        readonly id: string;
        /** @description Base units of the campaign's token. */
        readonly volumeBaseUnits: string;
        /** @description The same in the sale's own currency. */
        readonly saleVolume: string | null;
        readonly whole: boolean;
        readonly reason: string;
        /** @enum {string} */
        readonly state: "requested" | "sent" | "done" | "late";
        readonly at: string;
        /** @description Why it was not carried to the chain yet: what the attesters or the contract say. `late`: the hold was over before. */
        readonly problem: string | null;
      }[];
      readonly moves: readonly {
        readonly state: string;
        readonly reason: string | null;
        readonly transaction: string | null;
        readonly at: string;
      }[];
    };
    readonly BindingRequest: {
      /** @description The `_ushrt` that the customer arrived with. */
      readonly referralToken?: string | null;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      readonly customerId?: string | null;
      /** @description Instead of `customerId`, where customers are known by their e-mail addresses: in one spelling, and then the same customer as one with that `customerId`. Kept only as a keyed hash. */
      readonly customerEmail?: string | null;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      readonly customerWallet?: string | null;
      /** @description Compared with providers of throw-away addresses; not kept. What is no domain is left out. */
      readonly customerEmailDomain?: string | null;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. A port is cut, and what is no address left out. */
      readonly customerIp?: string | null;
      /** @description The code, or the code or alias of a link, that the customer gave where there was no click. */
      readonly code?: string | null;
    };
    readonly Binding: {
      readonly partner: string;
      readonly code: string;
      readonly boundAt: string;
      /** @description null: for life. */
      readonly boundUntil: string | null;
    };
    readonly Refund: {
      /** @description Whole tokens that this refund gives back. Without it: all that is left. */
      readonly volume?: string;
      /**
       * @description All that is left, said in so many words; not with `volume`.
       * @enum {boolean}
       */
      readonly all?: true;
      /** @description The brand's own id of the refund: the same again takes back nothing more. */
      readonly refundId?: string | null;
    };
    readonly WaitingRefund: {
      readonly id: string;
      readonly event: string;
      readonly orderId: string;
      /** @description As it was reported; null: it came without. */
      readonly refundId: string | null;
      /** @description Whole tokens, as reported; null: all that is left. */
      readonly volume: string | null;
      /**
       * @description `waiting`: its order is not known yet. `nothing_due`: the order was rejected, so that nothing is to be taken back; should it be accepted after all, it is. `done`: taken back. `refused`: it could not be, and `problem` says why. `expired`: the order did not come within 400 days. `withdrawn`: by who reported it, before it was taken back.
       * @enum {string}
       */
      readonly state: "waiting" | "nothing_due" | "done" | "refused" | "expired" | "withdrawn";
      readonly problem: string | null;
      /** @description The order's conversion; null: not known yet. */
      readonly conversionId: string | null;
      readonly createdAt: string;
      readonly settledAt: string | null;
    };
    readonly Import: {
      readonly id: string;
      /** @enum {string} */
      readonly state: "running" | "done" | "failed" | "interrupted";
      readonly problem: string | null;
      readonly rows: number;
      readonly accepted: number;
      readonly rejected: number;
      /** @description Taken in before, by an earlier import or a single report. */
      readonly known: number;
      /** @description The order was reported before with another content. */
      readonly conflicting: number;
      readonly invalid: number;
      readonly createdAt: string;
      readonly progressedAt: string;
    };
    readonly Batch: {
      readonly digest: string;
      readonly campaignId: string;
      readonly firstConversion: string;
      readonly conversions: number;
      readonly periodFrom: number;
      readonly periodTo: number;
      readonly deadline: number;
      readonly conversionsRoot: string;
      readonly linesRoot: string;
      readonly lineCount: number;
      /** @description What all lines are worth: commissions and fees. */
      readonly total: string;
      /** @description Of the tree as reversals left it. */
      readonly currentRoot: string;
      /** @description Base units of the campaign's token. */
      readonly currentTotal: string;
      readonly state: string;
      readonly releaseAt: number | null;
      readonly problem: string | null;
      /** @description Whether the lines are known here. If not, `lines` is empty: somebody else attested the batch, and its attesters were not reached yet. */
      readonly linesKnown: boolean;
      readonly lines: readonly {
        /** @description As it was signed. */
        readonly attested: string;
        /** @description As reversals left it. */
        readonly current: string;
        /** @enum {string} */
        readonly state: "signed" | "held" | "pullable" | "credited" | "claimed" | "pulled" | "refused";
        /** @enum {string|null} */
        readonly fault:
          | "unknown_offer"
          | "period_outside_offer"
          | "partner_is_zero"
          | "volume_exceeds_cap"
          | "count_exceeds_conversions"
          | "kind_not_payable"
          | "offer_for_other_partner"
          | null;
      }[];
      /** @description Its conversions, as far as they were reported here. */
      readonly leaves: readonly {
        readonly number: string;
        readonly key: string;
        readonly salt: string;
        readonly entries: readonly string[];
      }[];
    };
    readonly Lead: {
      readonly id: string;
      readonly campaignId: string;
      readonly partner: string;
      /**
       * @description registered: it waits for the brand. lapsed: it was protected until `protectedUntil`, and is nobody's now. won: it bought.
       * @enum {string}
       */
      readonly state: "registered" | "qualified" | "won" | "lost" | "rejected" | "lapsed";
      readonly company: string | null;
      readonly email: string | null;
      readonly name: string | null;
      readonly note: string | null;
      /** @description Who it was is not kept any more: it ended 30 days ago. */
      readonly erased: boolean;
      readonly registeredAt: string;
      /** @description Until then the brand can reject it. */
      readonly answerBy: string;
      readonly protectedUntil: string;
      /** @description The customer that it became is bound to the partner. */
      readonly isCustomer: boolean;
      /** @description The first sale to it. */
      readonly conversionId: string | null;
      /** @enum {string|null} */
      readonly reason: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other" | null;
      readonly reasonText: string | null;
      readonly comment: string | null;
      /** @description The relayer's signed word for who came first (EIP-712 `LeadReceipt`). */
      readonly receipt: {
        readonly leadHash: string;
        /** @description With it, `leadHash` shows who it is. null: erased. */
        readonly salt: string | null;
        readonly registeredAt: number;
        readonly protectedUntil: number;
        readonly signature: string;
      };
      readonly moves: readonly {
        /** @enum {string} */
        readonly state: "registered" | "qualified" | "won" | "lost" | "rejected" | "lapsed";
        /** @enum {string|null} */
        readonly reason: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other" | null;
        readonly comment: string | null;
        /** @description The brand's wallet, or `key` and an API key's id; null: time or a sale. Only the brand sees it. */
        readonly by?: string | null;
        readonly at: string;
      }[];
    };
    readonly LeadDecision: {
      /**
       * @description qualify: it is a prospect, and this partner's. reject: until `answerBy`, with a `reason`. win: it bought. lose: it was qualified, and did not buy.
       * @enum {string}
       */
      readonly decision: "qualify" | "reject" | "win" | "lose";
      /** @description The brand's own id of the customer; or `customerEmail`. */
      readonly customerId?: string | null;
      /** @description The customer's e-mail address, where that is its name. */
      readonly customerEmail?: string;
      /** @enum {string} */
      readonly reason?: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other";
      /** @description What the partner reads beside it. Kept. */
      readonly comment?: string | null;
    };
    readonly Problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type ConversionReport = components["schemas"]["ConversionReport"];
export type Conversion = components["schemas"]["Conversion"];
export type BindingRequest = components["schemas"]["BindingRequest"];
export type Binding = components["schemas"]["Binding"];
export type Refund = components["schemas"]["Refund"];
export type WaitingRefund = components["schemas"]["WaitingRefund"];
export type Import = components["schemas"]["Import"];
export type Batch = components["schemas"]["Batch"];
export type Lead = components["schemas"]["Lead"];
export type LeadDecision = components["schemas"]["LeadDecision"];
export type Problem = components["schemas"]["Problem"];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
