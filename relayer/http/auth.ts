/** Who makes a request: a wallet by its session, or a brand's server by its API key. What it may do for a brand is in actor.ts. */
import type { Context } from "hono";
import type { Database } from "#service/database.ts";
import { Problem } from "#service/problem.ts";
import { Busy } from "../intake/errors.ts";
import { createGroupQueue } from "../intake/queue.ts";
import { hashSecret, isWholeKey } from "../secrets.ts";
import { findApiKeys, noteApiKeyUse, type Scope, type UsedKeyRow } from "../store/apiKeys.ts";
import { noteKeyUse, type PartnerScope } from "../store/partnerKeys.ts";
import { deleteSession, findSession } from "../store/sessions.ts";
import type { Services } from "./context.ts";

/** Who makes a request, once its credential was found good; the rate limits count by it. */
declare module "hono" {
  interface ContextVariableMap {
    /** Set by the rate limits; not there where nothing is limited. @throws Problem 429 */
    identified?: (who: "key" | "session", id: string) => void;
  }
}

function bearer(c: Context): string {
  const secret = /^Bearer (\S{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (secret === undefined)
    throw new Problem(401, "Send the header `Authorization: Bearer …` with a session token or an API key.");
  return secret;
}

/** Whether a request comes with an API key; otherwise it may come with a session. */
export function comesWithKey(c: Context): boolean {
  return /^Bearer sk_/i.test(c.req.header("authorization") ?? "");
}

/** The wallet that is signed in. */
export async function requireSession(c: Context, { database }: Services): Promise<string> {
  if (comesWithKey(c))
    throw new Problem(
      401,
      "This is a wallet's to do: it takes a session token (us_…), and an API key (sk_…) came. Sign in: POST /v1/auth/nonces, then /v1/auth/sessions.",
    );
  if (bearer(c).startsWith("pk_"))
    throw new Problem(
      401,
      "A partner's key (pk_…) reads /v1/me/partnerships and earnings, or gets tokens for its agents, and does nothing else. Sign in.",
    );
  const address = await findSession(database, hashSecret(bearer(c)));
  if (address === undefined)
    throw new Problem(
      401,
      "The session is unknown or has ended. Sign in again: POST /v1/auth/nonces, then /v1/auth/sessions.",
    );
  c.get("identified")?.("session", address);
  return address;
}

/** Who may ask, as the API's document says it: a wallet alone, a brand's server alone. Both may where a route says nothing. */
export const WALLET: Record<string, string[]>[] = [{ session: [] }];
export const SERVER: Record<string, string[]>[] = [{ apiKey: [] }];

/** What attesters ask of the relayer they answer: the token that both have, as the API's document says it. */
export const ATTESTERS: Record<string, string[]>[] = [{ attesters: [] }];

/** What is good for what a partner's own programs do, as the API's document says it. */
export const PARTNER: Record<string, string[]>[] = [{ session: [] }, { partnerKey: [] }];

/** The wallet that is signed in, or whose key comes and may read. */
export const requireReader = (c: Context, services: Services) => requirePartner(c, services, "read");

/** The wallet that is signed in, or whose key comes and may refer customers without a click. */
export const requireReferrer = (c: Context, services: Services) => requirePartner(c, services, "refer");

async function requirePartner(c: Context, services: Services, scope: PartnerScope): Promise<string> {
  const secret = bearer(c);
  if (!secret.startsWith("pk_")) return requireSession(c, services);
  const key = await noteKeyUse(services.database, hashSecret(secret));
  if (key === undefined)
    throw new Problem(401, "The key is unknown or was deleted. Its wallet makes one with POST /v1/me/keys.");
  c.get("identified")?.("key", `partner ${key.id}`);
  if (!key.scopes.includes(scope))
    throw new Problem(403, `This needs a key with the scope ${scope}; this key has ${key.scopes.join(", ")}.`);
  return key.wallet;
}

/** Ends the session that the request comes with. */
export async function endSession(c: Context, services: Services): Promise<void> {
  await requireSession(c, services);
  await deleteSession(services.database, hashSecret(bearer(c)));
}

const lookups = new WeakMap<Database, (lane: string, hash: string) => Promise<UsedKeyRow | undefined>>();

/** Finds the key with a hash. Looked up every time, so that a revoked one is refused at once; under load many in one query. */
function keysOf(database: Database) {
  const known = lookups.get(database);
  if (known !== undefined) return known;
  const lookup = createGroupQueue<string, UsedKeyRow | undefined>({
    max: 1_000,
    keysOf: () => [],
    work: (_, hashes) => findApiKeys(database, hashes),
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
  const secret = bearer(c);
  if (secret.startsWith("us_"))
    throw new Problem(
      401,
      "This is a server's to do: it takes an API key (sk_…), and a session token (us_…) came. The brand makes a key with POST /v1/campaigns/{campaignId}/keys.",
    );
  const key = await keysOf(database)("", hashSecret(secret));
  if (key === undefined && !isWholeKey(secret))
    throw new Problem(
      401,
      `The API key is not whole: of its ${secret.length} characters one is missing, wrong or too many, as its checksum says. Copy it again.`,
    );
  if (key === undefined)
    throw new Problem(
      401,
      "The API key is unknown, revoked or rotated, or was made by a former brand. The brand makes one with POST /v1/campaigns/{campaignId}/keys.",
    );
  c.get("identified")?.("key", String(key.id));
  if (!key.scopes.includes(scope))
    throw new Problem(403, `This needs a key with the scope ${scope}; this key has ${key.scopes.join(", ")}.`);
  if (!key.noted) await noteApiKeyUse(database, key.id);
  return { apiKeyId: key.id, campaignId: key.campaign_id, brand: key.brand };
}
