/** API keys, as the brands of now have them. Of a key's secret only the hash is here. */
import type { Sql, Transaction } from "#service/database.ts";
import { lockCampaign } from "./campaigns.ts";
import { beyond, direction, type Page } from "./page.ts";

/**
 * What an API key may do: `read` conversions, `report` (and refund) them, and `admin`: manage the campaign's webhooks. No scope
 * includes another.
 */
export const SCOPES = ["read", "report", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKeyRow {
  readonly id: bigint;
  readonly label: string;
  readonly scopes: Scope[];
  readonly last4: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly previous_until: Date | null;
  readonly revoked_at: Date | null;
}

const KEY = "id, label, scopes, last4, created_at, last_used_at, previous_until, revoked_at";

/** A secret as it is kept. */
export interface KeptSecret {
  readonly hash: string;
  readonly last4: string;
}

/** A new key; undefined if the campaign has `max` that are not revoked. */
export async function insertApiKey(
  sql: Transaction,
  key: {
    readonly campaignId: string;
    readonly brand: string;
    readonly secret: KeptSecret;
    readonly label: string;
    readonly scopes: readonly Scope[];
  },
  max: number,
): Promise<ApiKeyRow | undefined> {
  // Under a lock, so that two requests at once do not both find room for one more.
  await lockCampaign(sql, key.campaignId);
  const [row] = await sql.query<ApiKeyRow>(
    `INSERT INTO api_keys (campaign_id, brand, secret_hash, label, scopes, last4)
     SELECT $1, $2, $3, $4, $5, $6
     WHERE (SELECT count(*) FROM brand_keys WHERE campaign_id = $1 AND revoked_at IS NULL) < $7
     RETURNING ${KEY}`,
    [key.campaignId, key.brand, key.secret.hash, key.label, key.scopes, key.secret.last4, max],
  );
  return row;
}

/** A page of the campaign's keys, revoked ones too. */
export async function readApiKeys(sql: Sql, campaignId: string, page: Page): Promise<ApiKeyRow[]> {
  return sql.query(
    `SELECT ${KEY} FROM brand_keys
     WHERE campaign_id = $1 AND id ${beyond(page)} $2 ORDER BY id ${direction(page)} LIMIT $3`,
    [campaignId, page.from, page.limit],
  );
}

/** Gives a key another secret; the one before stays good for the grace period. undefined: there is no such key that is not revoked. */
export async function rotateApiKey(
  sql: Sql,
  key: { readonly id: string; readonly campaignId: string },
  secret: KeptSecret,
  graceSeconds: number,
): Promise<ApiKeyRow | undefined> {
  const [row] = await sql.query<ApiKeyRow>(
    `UPDATE brand_keys SET previous_hash = secret_hash, previous_until = now() + make_interval(secs => $3),
       secret_hash = $4, last4 = $5
     WHERE id = $1 AND campaign_id = $2 AND revoked_at IS NULL RETURNING ${KEY}`,
    [key.id, key.campaignId, graceSeconds, secret.hash, secret.last4],
  );
  return row;
}

/** Revokes a key. Again is no failure, and does not change when it was revoked. undefined: there is no such key. */
export async function revokeApiKey(sql: Sql, id: string, campaignId: string): Promise<ApiKeyRow | undefined> {
  const [row] = await sql.query<ApiKeyRow>(
    `UPDATE brand_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND campaign_id = $2
     RETURNING ${KEY}`,
    [id, campaignId],
  );
  return row;
}

/** Whether the campaign has this key, revoked or not. */
export async function hasApiKey(sql: Sql, id: string, campaignId: string): Promise<boolean> {
  const found = await sql.query(
    `SELECT 1 FROM brand_keys
     WHERE id = $1 AND campaign_id = $2`,
    [id, campaignId],
  );
  return found.length > 0;
}

/** A key that a request came with. */
export interface UsedKeyRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly brand: string;
  readonly scopes: Scope[];
  /** Whether its use within this minute is noted. */
  readonly noted: boolean;
}

/** The good keys whose secrets have these hashes, in the hashes' order. */
export async function findApiKeys(sql: Sql, hashes: readonly string[]): Promise<(UsedKeyRow | undefined)[]> {
  const rows = await sql.query<UsedKeyRow & { hash: string }>(
    `SELECT hash, id, campaign_id, brand, scopes,
       last_used_at IS NOT NULL AND last_used_at > now() - interval '1 minute' AS noted
     FROM unnest($1::text[]) AS given (hash) JOIN brand_keys
       ON secret_hash = hash OR (previous_hash = hash AND previous_until > now()) WHERE revoked_at IS NULL`,
    [[...new Set(hashes)]],
  );
  const byHash = new Map(rows.map((row) => [row.hash, row]));
  return hashes.map((hash) => byHash.get(hash));
}

/** Notes that a key is used, to the minute. */
export async function noteApiKeyUse(sql: Sql, id: bigint): Promise<void> {
  await sql.query(
    `UPDATE api_keys SET last_used_at = date_trunc('minute', now())
     WHERE id = $1 AND last_used_at IS DISTINCT FROM date_trunc('minute', now())`,
    [id],
  );
}
