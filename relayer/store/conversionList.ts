/** Conversions with their moves and refunds, as the API shows them. */
import type { Sql } from "#service/database.ts";
import type { ConversionRow, ConversionState } from "./conversionRow.ts";
import { keyIs, type Sort } from "./page.ts";

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
  /** The code that its customer said, in its one spelling. */
  readonly code?: string | undefined;
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

/** The ids that a value stands for. */
const IDS = {
  link: (value: string) => `SELECT id FROM links WHERE ${value} IN (code, alias)`,
  code: (value: string) => `SELECT id FROM codes WHERE name = ${value}`,
  partner: (value: string) => `SELECT id FROM partnerships WHERE partner = ${value}`,
  brand: (value: string) => `SELECT id FROM campaigns WHERE brand = ${value}`,
};

type Values = ReadonlyMap<keyof ConversionFilter, string>;

/**
 * Where the ids of a page are found: by an index that has those of one key in their order, key by key, so that a page costs what it has on
 * it, of whoever has little as well. `keys` are those that the value stands for, `of` is the column that has them. The first that is given
 * is asked; all the others are conditions.
 */
const SOURCES: readonly {
  readonly by: keyof ConversionFilter;
  readonly of: string;
  readonly keys: (value: string, all: Values) => string;
}[] = [
  { by: "link", of: "link_id", keys: IDS.link },
  { by: "code", of: "code_id", keys: IDS.code },
  { by: "customer", of: "customer", keys: (value) => `SELECT unnest(${value}::text[])` },
  {
    by: "partner",
    of: "partnership_id",
    keys: (value, all) => `${IDS.partner(value)} AND campaign_id = ${all.get("campaignId") ?? "campaign_id"}`,
  },
  { by: "campaignId", of: "campaign_id", keys: (value) => `SELECT ${value}` },
  { by: "brand", of: "campaign_id", keys: IDS.brand },
  { by: "brandOrPartner", of: "partnership_id", keys: IDS.partner },
  { by: "brandOrPartner", of: "campaign_id", keys: IDS.brand },
];

const CONDITIONS: { readonly [Name in keyof ConversionFilter]-?: (value: string) => string } = {
  ids: (value) => `c.id = ANY(${value}::bigint[])`,
  campaignId: (value) => `c.campaign_id = ${value}`,
  brand: (value) => `c.campaign_id IN (${IDS.brand(value)})`,
  partner: (value) => `c.partnership_id IN (${IDS.partner(value)})`,
  brandOrPartner: (value) => `(c.partnership_id IN (${IDS.partner(value)}) OR c.campaign_id IN (${IDS.brand(value)}))`,
  state: (value) => `c.state = ${value}`,
  reason: (value) => `c.reason = ${value}`,
  event: (value) => `c.event = ${value}`,
  orderId: (value) => `c.order_id = ${value}`,
  link: (value) => `c.link_id IN (${IDS.link(value)})`,
  code: (value) => `c.code_id IN (${IDS.code(value)})`,
  customer: (value) => `c.customer = ANY(${value}::text[])`,
  from: (value) => `c.received_at >= ${value}::timestamptz`,
  to: (value) => `c.received_at < ${value}::timestamptz`,
  before: (value) => `c.id < ${value}::bigint`,
  after: (value) => `c.id > ${value}::bigint`,
  reviewable: (value) => `${value}::boolean
    AND (c.state = 'review' OR c.flags <> '{}') AND c.state IN ('accepted', 'review', 'batched', 'attested')
    AND NOT EXISTS (SELECT 1 FROM batches WHERE digest = c.batch AND release_at <= extract(epoch FROM now()))
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
  const values: Values = new Map(given.map(([name], i) => [name as keyof ConversionFilter, `$${i + 1}`]));
  // Whose ids are known are looked up by them.
  const first = values.has("ids") ? undefined : SOURCES.find(({ by }) => values.has(by))?.by;
  const others = [...values].filter(([name]) => name !== first);
  const condition = others.map(([name, value]) => CONDITIONS[name](value)).join(" AND ") || "true";
  const direction = sort === "newest" ? "DESC" : "ASC";
  const most = `LIMIT $${given.length + 1}`;
  const pages = SOURCES.filter(({ by }) => by === first).map(
    ({ by, of, keys }) => `
      SELECT page.id FROM (${keys(values.get(by) as string, values)}) AS source (key) CROSS JOIN LATERAL (
        SELECT c.id FROM conversions c WHERE ${keyIs(`c.${of}`, "source.key")} AND ${condition}
        ORDER BY c.${of} ${direction}, c.id ${direction} ${most}) AS page`,
  );
  const ids = pages.length > 0 ? pages.join(" UNION ") : `SELECT c.id FROM conversions c WHERE ${condition}`;
  return sql.query<ConversionRow>(
    `SELECT c.id, c.campaign_id, c.event, c.order_id, c.key, partnerships.partner, campaigns.brand,
       (SELECT code FROM links WHERE links.id = c.link_id) AS link,
       (SELECT shown FROM codes WHERE codes.id = c.code_id) AS code, c.customer, c.volume,
       c.refunded, c.sale, c.attributes, c.history, c.occurred_at, c.received_at, c.state, c.reason, c.note,
       c.flags, c.entries, c.commission, c.partner_commission, c.salt, c.attest_by, c.receipt, c.number,
       c.batch, batches.release_at, moves.list AS moves, coalesce(refunds.list, '[]') AS refunds
     FROM (${ids} ORDER BY id ${direction} ${most}) AS shown JOIN conversions c ON c.id = shown.id
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
         'saleVolume', trim_scale(refunds.sale_volume)::text,
         'whole', refunds.whole, 'reason', refunds.reason, 'state', coalesce(reversals.state, 'done'),
         'at', refunds.created_at, 'problem', CASE WHEN reversals.state IN ('requested', 'sent')
           AND batches.state = 'attested' THEN batches.problem END) ORDER BY refunds.id) AS list
       FROM refunds LEFT JOIN reversals ON reversals.refund_id = refunds.id WHERE refunds.conversion_id = c.id
     ) refunds ON true
     ORDER BY c.id ${direction}`,
    [...given.map(([, value]) => (Array.isArray(value) ? value.map(String) : value)), limit ?? null],
  );
}

export async function readConversion(sql: Sql, id: bigint): Promise<ConversionRow | undefined> {
  const [row] = await readConversions(sql, { ids: [id] });
  return row;
}
