/** A brand's API keys: made, listed, given another secret, revoked. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Database, Sql } from "#service/database.ts";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, last4, newSecret } from "../../secrets.ts";
import type { Note } from "../../store/acts.ts";
import {
  type ApiKeyRow,
  hasApiKey,
  insertApiKey,
  type KeptSecret,
  readApiKeys,
  revokeApiKey,
  rotateApiKey,
  SCOPES,
} from "../../store/apiKeys.ts";
import { requireBrand } from "../actor.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json, page, placeIn, rotation, rowId, sortedPageQuery, toPage } from "../schemas.ts";

/** Keys of one campaign that are not revoked. */
const MAX_KEYS = 100;

const key = z
  .object({
    id: z.string(),
    label: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    last4: z.string().nullable().openapi({ description: "The last four characters of the secret." }),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable().openapi({ description: "To the minute." }),
    previousUntil: z.string().nullable().openapi({ description: "Until when the secret before the rotation is good." }),
    revokedAt: z.string().nullable(),
  })
  .openapi("ApiKey");

const keyWithSecret = key
  .extend({ secret: z.string().openapi({ description: "`sk_…`. Shown this once; only its hash is kept." }) })
  .openapi("NewApiKey");

const keyRequest = z
  .strictObject({
    label: z.string().min(1).max(100),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .default(["read", "report"])
      .transform((scopes) => [...new Set(scopes)]),
  })
  .openapi("KeyRequest");

const toKey = (row: ApiKeyRow): z.input<typeof key> => ({
  id: String(row.id),
  label: row.label,
  scopes: row.scopes,
  last4: row.last4,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  previousUntil: row.previous_until?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

const kept = (secret: string): KeptSecret => ({ hash: hashSecret(secret), last4: last4(secret) });

const keyParameter = campaignParameter.extend({ keyId: rowId });
const route = { tags: ["API keys"], security: [{ session: [] }] };

/** Changes a key, if there is one, and notes it. */
const noted = (database: Database, note: Note, change: (sql: Sql) => Promise<ApiKeyRow | undefined>) =>
  database.transaction(async (sql) => {
    const row = await change(sql);
    if (row !== undefined) await note(sql, { key: String(row.id), label: row.label });
    return row;
  });

/** The secret keys of a brand's servers. Only a wallet makes them, the brand's or a manager's: a key that leaked makes no others. */
export function keyRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...route,
      method: "post",
      path: "/v1/campaigns/{campaignId}/keys",
      summary: "Make a key",
      request: {
        params: campaignParameter,
        body: body(keyRequest),
      },
      responses: {
        201: json(keyWithSecret, "The key, with its secret. Shown this once."),
        ...problems(401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { brand, note } = await requireBrand(c, services, campaignId);
      const { label, scopes } = c.req.valid("json");
      const secret = newSecret("sk");
      const made = { campaignId, brand, secret: kept(secret), label, scopes };
      const row = await database.transaction(async (sql) => {
        const one = await insertApiKey(sql, made, MAX_KEYS);
        if (one !== undefined) await note(sql, { key: String(one.id), label, scopes: scopes.join(", ") });
        return one;
      });
      if (row === undefined) throw new Problem(409, `The campaign has ${MAX_KEYS} keys. Revoke one first.`);
      return c.json({ ...toKey(row), secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "get",
      path: "/v1/campaigns/{campaignId}/keys",
      summary: "List the keys",
      request: { params: campaignParameter, query: sortedPageQuery },
      responses: {
        200: json(
          page(key).openapi("ApiKeys"),
          "The keys that the campaign's brand made, newest first unless `sort` says otherwise, revoked ones too.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const query = c.req.valid("query");
      await requireBrand(c, services, campaignId);
      const place = placeIn(`keys ${campaignId}`, query);
      const rows = await readApiKeys(database, campaignId, place);
      return c.json(toPage(place.list, rows, query.limit, toKey), 200);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "post",
      path: "/v1/campaigns/{campaignId}/keys/{keyId}/rotations",
      summary: "Give a key a new secret",
      description:
        "The secret before is good for the grace period. A second rotation within it ends the oldest secret at once.",
      request: { params: keyParameter, body: body(rotation) },
      responses: {
        201: json(keyWithSecret, "The key, with its new secret. Shown this once."),
        ...problems(401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId, keyId } = c.req.valid("param");
      const { note } = await requireBrand(c, services, campaignId);
      const secret = newSecret("sk");
      const { graceSeconds } = c.req.valid("json");
      const row = await noted(database, note, (sql) =>
        rotateApiKey(sql, { id: keyId, campaignId }, kept(secret), graceSeconds),
      );
      if (row === undefined) throw await missing(campaignId, keyId, "It cannot be rotated; make a new one.");
      return c.json({ ...toKey(row), secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "delete",
      path: "/v1/campaigns/{campaignId}/keys/{keyId}",
      summary: "Revoke a key",
      request: { params: keyParameter },
      responses: {
        200: json(key, "The key. Neither of its secrets is good any more."),
        ...problems(401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId, keyId } = c.req.valid("param");
      const { note } = await requireBrand(c, services, campaignId);
      const row = await noted(database, note, (sql) => revokeApiKey(sql, keyId, campaignId));
      if (row === undefined) throw new Problem(404, `The campaign has no key ${keyId}.`);
      return c.json(toKey(row), 200);
    },
  );

  async function missing(campaignId: string, keyId: string, remedy: string): Promise<Problem> {
    return (await hasApiKey(database, keyId, campaignId))
      ? new Problem(409, `Key ${keyId} is revoked. ${remedy}`)
      : new Problem(404, `The campaign has no key ${keyId}.`);
  }
  return app;
}
