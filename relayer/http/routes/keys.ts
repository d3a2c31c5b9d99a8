import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, last4, newSecret } from "../../secrets.ts";
import { requireBrand, SCOPES, type Scope } from "../auth.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, idBefore, json, page, pageQuery, rotation, rowId, toPage } from "../schemas.ts";

/** Keys of one campaign that are not revoked. */
const MOST_KEYS = 100;

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

interface KeyRow {
  id: bigint;
  label: string;
  scopes: Scope[];
  last4: string | null;
  created_at: Date;
  last_used_at: Date | null;
  previous_until: Date | null;
  revoked_at: Date | null;
}

const KEY = "id, label, scopes, last4, created_at, last_used_at, previous_until, revoked_at";

const toKey = (row: KeyRow): z.input<typeof key> => ({
  id: String(row.id),
  label: row.label,
  scopes: row.scopes,
  last4: row.last4,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  previousUntil: row.previous_until?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

const keyParameter = campaignParameter.extend({ keyId: rowId });
const route = { tags: ["API keys"], security: [{ session: [] }] };

/** The secret keys of a brand's servers. Only the brand's wallet makes them: a key that leaked makes no others. */
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
        body: body(
          z
            .strictObject({
              label: z.string().min(1).max(100),
              scopes: z
                .array(z.enum(SCOPES))
                .min(1)
                .max(SCOPES.length)
                .default(["read", "report"])
                .transform((scopes) => [...new Set(scopes)]),
            })
            .openapi("KeyRequest"),
        ),
      },
      responses: {
        201: json(keyWithSecret, "The key, with its secret. Shown this once."),
        ...problems(401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const brand = await requireBrand(c, services, campaignId);
      const { label, scopes } = c.req.valid("json");
      const secret = newSecret("sk");
      const row = await database.transaction(async (sql) => {
        // Under a lock, so that two requests at once do not both find room for one more.
        await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
        const [made] = await sql.query<KeyRow>(
          `INSERT INTO api_keys (campaign_id, brand, secret_hash, label, scopes, last4) SELECT $1, $2, $3, $4, $5, $6
           WHERE (SELECT count(*) FROM brand_keys WHERE campaign_id = $1 AND revoked_at IS NULL) < $7 RETURNING ${KEY}`,
          [campaignId, brand, hashSecret(secret), label, scopes, last4(secret), MOST_KEYS],
        );
        return made;
      });
      if (row === undefined) throw new Problem(409, `The campaign has ${MOST_KEYS} keys. Revoke one first.`);
      return c.json({ ...toKey(row), secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "get",
      path: "/v1/campaigns/{campaignId}/keys",
      summary: "List the keys",
      request: { params: campaignParameter, query: pageQuery },
      responses: {
        200: json(
          page(key).openapi("ApiKeys"),
          "The keys that the campaign's brand made, newest first, revoked ones too.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { cursor, limit } = c.req.valid("query");
      await requireBrand(c, services, campaignId);
      const list = `keys ${campaignId}`;
      const rows = await database.query<KeyRow>(
        `SELECT ${KEY} FROM brand_keys WHERE campaign_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
        [campaignId, idBefore(list, cursor), limit + 1],
      );
      return c.json(toPage(list, rows, limit, toKey), 200);
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
      await requireBrand(c, services, campaignId);
      const secret = newSecret("sk");
      const [row] = await database.query<KeyRow>(
        `UPDATE brand_keys SET previous_hash = secret_hash, previous_until = now() + make_interval(secs => $3), secret_hash = $4, last4 = $5
         WHERE id = $1 AND campaign_id = $2 AND revoked_at IS NULL RETURNING ${KEY}`,
        [keyId, campaignId, c.req.valid("json").graceSeconds, hashSecret(secret), last4(secret)],
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
      await requireBrand(c, services, campaignId);
      // Again is no failure, and does not change when it was revoked.
      const [row] = await database.query<KeyRow>(
        `UPDATE brand_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND campaign_id = $2 RETURNING ${KEY}`,
        [keyId, campaignId],
      );
      if (row === undefined) throw new Problem(404, `The campaign has no key ${keyId}.`);
      return c.json(toKey(row), 200);
    },
  );

  async function missing(campaignId: string, keyId: string, remedy: string): Promise<Problem> {
    const [revoked] = await database.query("SELECT 1 FROM brand_keys WHERE id = $1 AND campaign_id = $2", [
      keyId,
      campaignId,
    ]);
    return revoked === undefined
      ? new Problem(404, `The campaign has no key ${keyId}.`)
      : new Problem(409, `Key ${keyId} is revoked. ${remedy}`);
  }
  return app;
}
