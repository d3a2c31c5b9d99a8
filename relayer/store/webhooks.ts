/** Webhook endpoints, as the brands of now have them. A secret is made of the seed and of what only the relayer knows. */
import type { Sql, Transaction } from "#service/database.ts";
import { lockCampaign } from "./campaigns.ts";
import { beyond, direction, type Page } from "./page.ts";

export interface EndpointRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly url: string;
  /** null: every type. */
  readonly events: string[] | null;
  readonly seed: string;
  readonly previous_until: Date | null;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly disabled_by: string | null;
}

const ENDPOINT = "id, campaign_id, url, events, seed, previous_until, created_at, disabled_at, disabled_by";

/** A new endpoint; undefined if the campaign has `max` already. */
export async function insertEndpoint(
  sql: Transaction,
  endpoint: {
    readonly campaignId: string;
    readonly brand: string;
    readonly url: string;
    readonly events: readonly string[] | undefined;
    readonly seed: string;
  },
  max: number,
): Promise<EndpointRow | undefined> {
  // Under a lock, so that two requests at once do not both find room for one more.
  await lockCampaign(sql, endpoint.campaignId);
  const [row] = await sql.query<EndpointRow>(
    `INSERT INTO webhook_endpoints (campaign_id, brand, url, events, seed) SELECT $1, $2, $3, $4, $5
     WHERE (SELECT count(*) FROM brand_webhooks WHERE campaign_id = $1) < $6 RETURNING ${ENDPOINT}`,
    [endpoint.campaignId, endpoint.brand, endpoint.url, endpoint.events ?? null, endpoint.seed, max],
  );
  return row;
}

/** A page of the campaign's endpoints. */
export async function readEndpoints(sql: Sql, campaignId: string, page: Page): Promise<EndpointRow[]> {
  return sql.query(
    `SELECT ${ENDPOINT} FROM brand_webhooks
     WHERE campaign_id = $1 AND id ${beyond(page)} $2 ORDER BY id ${direction(page)} LIMIT $3`,
    [campaignId, page.from, page.limit],
  );
}

export async function findEndpoint(sql: Sql, id: string): Promise<EndpointRow | undefined> {
  const [row] = await sql.query<EndpointRow>(`SELECT ${ENDPOINT} FROM brand_webhooks WHERE id = $1`, [id]);
  return row;
}

/** What is not given stays as it is. */
export interface EndpointChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** The endpoint as it is now; undefined if it is gone. */
export async function changeEndpoint(sql: Sql, id: bigint, change: EndpointChange): Promise<EndpointRow | undefined> {
  const [row] = await sql.query<EndpointRow>(
    `UPDATE brand_webhooks SET url = coalesce($2, url), events = CASE WHEN $3 THEN $4::text[] ELSE events END,
       disabled_at = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now())
         ELSE disabled_at END,
       disabled_by = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_by, 'brand')
         ELSE disabled_by END
     WHERE id = $1 RETURNING ${ENDPOINT}`,
    [id, change.url ?? null, change.events !== undefined, change.events ?? null, change.enabled ?? null],
  );
  return row;
}

/** Gives an endpoint another seed; with the one before messages are signed too, for the grace period. */
export async function rotateEndpoint(
  sql: Sql,
  id: bigint,
  seed: string,
  graceSeconds: number,
): Promise<EndpointRow | undefined> {
  const [row] = await sql.query<EndpointRow>(
    `UPDATE brand_webhooks
     SET previous_seed = seed, previous_until = now() + make_interval(secs => $2), seed = $3
     WHERE id = $1 RETURNING ${ENDPOINT}`,
    [id, graceSeconds, seed],
  );
  return row;
}

/** Deletes an endpoint and its deliveries. */
export async function deleteEndpoint(sql: Sql, id: bigint): Promise<void> {
  await sql.query("DELETE FROM brand_webhooks WHERE id = $1", [id]);
}

/** Nothing more is sent to the endpoint, because of what it answered. */
export async function disableEndpoint(sql: Sql, id: bigint, answer: string): Promise<void> {
  await sql.query(
    `UPDATE webhook_endpoints SET disabled_at = now(), disabled_by = $2
     WHERE id = $1 AND disabled_at IS NULL`,
    [id, answer],
  );
}
