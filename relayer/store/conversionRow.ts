/** Conversions as the store gives and takes them. */
import type { Attributes, JudgedHistory } from "@partner-programs/protocol/conditions";
import type { Sale } from "@partner-programs/protocol/rates";
import type { Flag, Reason } from "@partner-programs/protocol/reasons";

export type ConversionState = "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";

/** What makes a conversion one and the same within its campaign, for ever. */
export function naturalKey(event: string, orderId: string): string {
  return JSON.stringify([event, orderId]);
}

/** Rejected when it was judged: what was accepted had a receipt, and is never judged again. */
export const MENDABLE = "state = 'rejected' AND receipt IS NULL";

/** A conversion with its moves and refunds. */
export interface ConversionRow {
  id: bigint;
  campaign_id: string;
  event: string;
  order_id: string;
  key: string;
  partner: string | null;
  brand: string;
  /** The code of the link that brought it. */
  link: string | null;
  /** The code that its customer said, as its maker wrote it. */
  code: string | null;
  /** Its customer's key. */
  customer: string | null;
  volume: bigint;
  refunded: bigint;
  sale: Sale | null;
  attributes: Attributes;
  history: JudgedHistory | null;
  occurred_at: Date | null;
  received_at: Date;
  state: ConversionState;
  reason: string | null;
  note: string | null;
  flags: Flag[];
  entries: string[];
  commission: bigint;
  partner_commission: bigint;
  salt: string;
  attest_by: bigint | null;
  receipt: string | null;
  number: bigint | null;
  batch: string | null;
  release_at: bigint | null;
  moves: { state: string; reason: string | null; transaction: string | null; at: string }[];
  refunds: {
    id: string;
    volumeBaseUnits: string;
    /** Of a sale in its own currency. */
    saleVolume: string | null;
    whole: boolean;
    reason: string;
    state: "requested" | "sent" | "done" | "late";
    at: string;
    problem: string | null;
  }[];
}

/** A conversion as it was judged, to be written down. Amounts are base units. */
export interface NewConversion {
  readonly event: string;
  readonly orderId: string;
  readonly bodyHash: string;
  readonly key: string;
  readonly customer: string | undefined;
  readonly partnershipId: bigint | undefined;
  /** The partnership's wallet. */
  readonly partner: string | undefined;
  /** The link whose token brought it. */
  readonly linkId: bigint | undefined;
  /** That link's code. */
  readonly link: string | undefined;
  /** The code that its customer said. */
  readonly codeId: bigint | undefined;
  /** As its maker wrote it. */
  readonly code: string | undefined;
  readonly volume: bigint;
  /** Of one in its own currency. */
  readonly sale: Sale | undefined;
  readonly attributes: Attributes;
  readonly history: JudgedHistory | undefined;
  readonly occurredAt: string | undefined;
  readonly receivedAt: number;
  readonly state: "accepted" | "rejected";
  readonly reason: Reason | undefined;
  /** What more there is to say of the reason, to the brand alone. */
  readonly note: string | undefined;
  /** Packed lines. */
  readonly entries: readonly string[];
  readonly commission: bigint;
  readonly partnerCommission: bigint;
  readonly fee: bigint;
  readonly salt: string;
  readonly attestBy: number | undefined;
  readonly receipt: string | undefined;
  readonly flags: readonly Flag[];
  /** Of a rejected one: what judging it again takes. */
  readonly introduced: unknown;
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
}

/** As a statement takes it, in JSON. */
export function toRecord(one: NewConversion, ordinal: number) {
  return {
    ordinal,
    event: one.event,
    order_id: one.orderId,
    body_hash: one.bodyHash,
    key: one.key,
    customer: one.customer ?? null,
    partnership_id: one.partnershipId === undefined ? null : String(one.partnershipId),
    link_id: one.linkId === undefined ? null : String(one.linkId),
    code_id: one.codeId === undefined ? null : String(one.codeId),
    volume: String(one.volume),
    sale: one.sale ?? null,
    attributes: one.attributes,
    history: one.history ?? null,
    occurred_at: one.occurredAt ?? null,
    received_at: new Date(one.receivedAt),
    state: one.state,
    reason: one.reason ?? null,
    note: one.note ?? null,
    entries: one.entries,
    commission: String(one.commission),
    partner_commission: String(one.partnerCommission),
    fee: String(one.fee),
    salt: one.salt,
    attest_by: one.attestBy ?? null,
    receipt: one.receipt ?? null,
    flags: one.flags,
    introduced: one.introduced ?? null,
    api_key_id: String(one.apiKeyId),
    idempotency_key: one.idempotencyKey ?? null,
  };
}

/** A conversion that was just written, as it would be read. */
export function toNewRow(
  campaign: { readonly id: string; readonly brand: string },
  one: NewConversion,
  id: bigint,
  movedAt: Date,
): ConversionRow {
  const reason = one.reason ?? null;
  return {
    id,
    campaign_id: campaign.id,
    event: one.event,
    order_id: one.orderId,
    key: one.key,
    partner: one.partner ?? null,
    brand: campaign.brand,
    link: one.link ?? null,
    code: one.code ?? null,
    customer: one.customer ?? null,
    volume: one.volume,
    refunded: 0n,
    sale: one.sale ?? null,
    attributes: one.attributes,
    history: one.history ?? null,
    occurred_at: one.occurredAt === undefined ? null : new Date(one.occurredAt),
    received_at: new Date(one.receivedAt),
    state: one.state,
    reason,
    note: one.note ?? null,
    flags: [...one.flags],
    entries: [...one.entries],
    commission: one.commission,
    partner_commission: one.partnerCommission,
    salt: one.salt,
    attest_by: one.attestBy === undefined ? null : BigInt(one.attestBy),
    receipt: one.receipt ?? null,
    number: null,
    batch: null,
    release_at: null,
    moves: [{ state: one.state, reason, transaction: null, at: movedAt.toISOString() }],
    refunds: [],
  };
}
