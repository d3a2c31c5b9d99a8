import type { Context } from "hono";
import type { Database } from "#service/database.ts";
import { Problem } from "#service/problem.ts";
import { Busy } from "../intake/errors.ts";
import { createGroupQueue } from "../intake/queue.ts";
import { hashSecret } from "../secrets.ts";
import type { Services } from "./context.ts";
import { requireCampaign } from "./requireCampaign.ts";

/**
 * What an API key may do: `read` conversions, `report` (and refund) them, and `admin`: manage the campaign's webhooks. No scope
 * includes another.
 */
export const SCOPES = ["read", "report", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request, once its credential was found good; the rate limits count by it. */
declare module "hono" {
  interface ContextVariableMap {
    /** Set by the rate limits; not there where nothing is limited. @throws Problem 429 */
    identified?: (who: "key" | "session", id: string) => void;
  }
}

function bearer(c: Context): string {
  const secret = /^Bearer (\S{1,200})$/.exec(c.req.header("authorization") ?? "")?.[1];
  if (secret === undefined)
    throw new Problem(401, "Send the header `Authorization: Bearer …` with a session token or an API key.");
  return secret;
}

/** Whether a request comes with an API key; otherwise it may come with a session. */
export function comesWithKey(c: Context): boolean {
  return c.req.header("authorization")?.startsWith("Bearer sk_") === true;
}

/** The wallet that is signed in. */
export async function requireSession(c: Context, { database }: Services): Promise<string> {
  const [session] = await database.query<{ address: string }>(
    "SELECT address FROM sessions WHERE token_hash = $1 AND expires_at > now()",
    [hashSecret(bearer(c))],
  );
  if (session === undefined)
    throw new Problem(
      401,
      "The session is unknown or has ended. Sign in again: POST /v1/auth/nonces, then /v1/auth/sessions.",
    );
  c.get("identified")?.("session", session.address);
  return session.address;
}

/** Ends the session that the request comes with. */
export async function endSession(c: Context, services: Services): Promise<void> {
  await requireSession(c, services);
  await services.database.query("DELETE FROM sessions WHERE token_hash = $1", [hashSecret(bearer(c))]);
}

/** The campaign's brand, signed in. */
export async function requireBrand(c: Context, services: Services, campaignId: string): Promise<string> {
  const address = await requireSession(c, services);
  const brand = await requireCampaign(services.database, campaignId);
  if (brand !== address)
    throw new Problem(403, `Only the campaign's brand ${brand} may do this; ${address} is signed in.`);
  return address;
}

interface KeyRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly brand: string;
  readonly scopes: Scope[];
  readonly noted: boolean;
}

const lookups = new WeakMap<Database, (lane: string, hash: string) => Promise<KeyRow | undefined>>();

/** Finds the key with a hash. Looked up every time, so that a revoked one is refused at once; under load many in one query. */
function keysOf(database: Database) {
  const known = lookups.get(database);
  if (known !== undefined) return known;
  const lookup = createGroupQueue<string, KeyRow | undefined>({
    max: 1_000,
    keysOf: () => [],
    async work(_, hashes) {
      const rows = await database.query<KeyRow & { hash: string }>(
        `SELECT hash, id, campaign_id, brand, scopes, last_used_at IS NOT NULL AND last_used_at > now() - interval '1 minute' AS noted
         FROM unnest($1::text[]) AS given (hash) JOIN brand_keys
           ON secret_hash = hash OR (previous_hash = hash AND previous_until > now()) WHERE revoked_at IS NULL`,
        [[...new Set(hashes)]],
      );
      const byHash = new Map(rows.map((row) => [row.hash, row]));
      return hashes.map((hash) => byHash.get(hash));
    },
    whenFull: (waiting) => new Busy(`${waiting} requests with API keys wait already. Send it again in a moment.`),
  });
  lookups.set(database, lookup);
  return lookup;
}

/** The campaign that an API key belongs to, if the key has `scope`. */
export async function requireApiKey(
  c: Context,
  { database }: Services,
  scope: Scope,
): Promise<{ apiKeyId: bigint; campaignId: string; brand: string }> {
  const key = await keysOf(database)("", hashSecret(bearer(c)));
  if (key === undefined)
    throw new Problem(
      401,
      "The API key is unknown, revoked or rotated, or was made by a former brand. The brand makes one with POST /v1/campaigns/{campaignId}/keys.",
    );
  c.get("identified")?.("key", String(key.id));
  if (!key.scopes.includes(scope))
    throw new Problem(403, `This needs a key with the scope ${scope}; this key has ${key.scopes.join(", ")}.`);
  if (!key.noted) {
    await database.query(
      "UPDATE api_keys SET last_used_at = date_trunc('minute', now()) WHERE id = $1 AND last_used_at IS DISTINCT FROM date_trunc('minute', now())",
      [key.id],
    );
  }
  return { apiKeyId: key.id, campaignId: key.campaign_id, brand: key.brand };
}

/** The brand of the campaign, by its session or by a key with the scope `admin`. */
export async function requireManager(c: Context, services: Services, campaignId: string): Promise<string> {
  if (!comesWithKey(c)) return requireBrand(c, services, campaignId);
  const key = await requireApiKey(c, services, "admin");
  if (key.campaignId !== campaignId) throw new Problem(403, `The key is of another campaign than ${campaignId}.`);
  return key.brand;
}
