/** Conversions with their moves and refunds, as the API shows them. */
import type { Sql } from "#service/database.ts";
import type { ConversionRow, ConversionState } from "./conversionRow.ts";
import type { Sort } from "./page.ts";

/** Which conversions: those that all that is given holds for. */
export interface ConversionFilter {
  readonly ids?: readonly bigint[] | undefined;
  readonly campaignId?: string | undefined;
  /** Whose campaign it is. */
  readonly brand?: string | undefined;
  /** Who brought it. */
  readonly partner?: string | undefined;
  /** Whoever of the two the wallet is. */
  readonly brandOrPartner?: string | undefined;
  readonly state?: ConversionState | undefined;
  /** Why it is in that state. */
  readonly reason?: string | undefined;
  readonly event?: string | undefined;
  readonly orderId?: string | undefined;
  /** The code or the alias of the link that brought it. */
  readonly link?: string | undefined;
  /** The customer as the database knows it: all of its keys. */
  readonly customer?: readonly string[] | undefined;
  /** Received at this time or later. ISO 8601. */
  readonly from?: string | undefined;
  /** Received before this time. */
  readonly to?: string | undefined;
  /** Only smaller ids: where a page begins. */
  readonly before?: bigint | undefined;
  /** Only greater ids: where a page begins of what is listed from the oldest on. */
  readonly after?: bigint | undefined;
  /** What the attesters refused, and what is flagged, as long as it can be taken back. */
  readonly reviewable?: true | undefined;
}

const CONDITIONS: { readonly [Name in keyof ConversionFilter]-?: (value: string) => string } = {
  ids: (value) => `c.id = ANY(${value}::bigint[])`,
  campaignId: (value) => `c.campaign_id = ${value}`,
  brand: (value) => `campaigns.brand = ${value}`,
  partner: (value) => `partnerships.partner = ${value}`,
  brandOrPartner: (value) => `(c.partnership_id IN (SELECT id FROM partnerships WHERE partner = ${value})
    OR c.campaign_id IN (SELECT id FROM campaigns WHERE brand = ${value}))`,
  state: (value) => `c.state = ${value}`,
  reason: (value) => `c.reason = ${value}`,
  event: (value) => `c.event = ${value}`,
  orderId: (value) => `c.order_id = ${value}`,
  link: (value) => `c.link_id IN (SELECT id FROM links WHERE ${value} IN (code, alias))`,
  customer: (value) => `c.customer = ANY(${value}::text[])`,
  from: (value) => `c.received_at >= ${value}::timestamptz`,
  to: (value) => `c.received_at < ${value}::timestamptz`,
  before: (value) => `c.id < ${value}::bigint`,
  after: (value) => `c.id > ${value}::bigint`,
  reviewable: (value) => `${value}::boolean
    AND (c.state = 'review' OR c.flags <> '{}') AND c.state IN ('accepted', 'review', 'batched', 'attested')
    AND (batches.release_at IS NULL OR batches.release_at > extract(epoch FROM now()))
    AND NOT EXISTS (SELECT 1 FROM refunds WHERE refunds.conversion_id = c.id AND refunds.whole)`,
};

/** The newest first, unless it is said otherwise. */
export async function readConversions(
  sql: Sql,
  filter: ConversionFilter,
  limit?: number,
  sort: Sort = "newest",
): Promise<ConversionRow[]> {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = given.map(([name], i) => CONDITIONS[name as keyof ConversionFilter](`$${i + 1}`));
  return sql.query<ConversionRow>(
    `SELECT c.id, c.campaign_id, c.event, c.order_id, c.key, partnerships.partner, campaigns.brand,
       (SELECT code FROM links WHERE links.id = c.link_id) AS link, c.customer, c.volume,
       c.refunded, c.occurred_at, c.received_at, c.state, c.reason, c.note, c.flags, c.entries, c.commission,
       c.partner_commission, c.salt, c.attest_by, c.receipt, c.number, c.batch,
       batches.release_at, moves.list AS moves, coalesce(refunds.list, '[]') AS refunds
     FROM conversions c
     JOIN campaigns ON campaigns.id = c.campaign_id
     LEFT JOIN partnerships ON partnerships.id = c.partnership_id
     LEFT JOIN batches ON batches.digest = c.batch
     LEFT JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object(
         'state', state, 'reason', reason, 'transaction', transaction, 'at', moved_at) ORDER BY id) AS list
       FROM conversion_moves WHERE conversion_id = c.id
     ) moves ON true
     LEFT JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object('id', refunds.id::text, 'volumeBaseUnits', refunds.volume::text,
         'whole', refunds.whole, 'reason', refunds.reason, 'state', coalesce(reversals.state, 'done'),
         'at', refunds.created_at, 'problem', CASE WHEN reversals.state IN ('requested', 'sent')
           AND batches.state = 'attested' THEN batches.problem END) ORDER BY refunds.id) AS list
       FROM refunds LEFT JOIN reversals ON reversals.refund_id = refunds.id WHERE refunds.conversion_id = c.id
     ) refunds ON true
     WHERE ${conditions.join(" AND ") || "true"}
     ORDER BY c.id ${sort === "newest" ? "DESC" : "ASC"} LIMIT $${given.length + 1}`,
    [...given.map(([, value]) => (Array.isArray(value) ? value.map(String) : value)), limit ?? null],
  );
}

export async function readConversion(sql: Sql, id: bigint): Promise<ConversionRow | undefined> {
  const [row] = await readConversions(sql, { ids: [id] });
  return row;
}
