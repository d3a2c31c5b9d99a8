/** Keys by which a partner's own programs read its earnings, or refer customers: made and deleted by its wallet alone. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, last4, newSecret } from "../../secrets.ts";
import {
  deletePartnerKey,
  insertPartnerKey,
  PARTNER_SCOPES,
  type PartnerKeyRow,
  readPartnerKeys,
} from "../../store/partnerKeys.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { body, json, rowId } from "../schemas.ts";

const MAX_KEYS = 20;

const scopes = z
  .array(z.enum(PARTNER_SCOPES))
  .min(1)
  .openapi({ description: "`read`: what the partner earns; `refer`: referral tokens of its links without a click." });

const key = z
  .object({
    id: z.string(),
    label: z.string(),
    scopes,
    last4: z.string().openapi({ description: "The last four characters of the secret." }),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable().openapi({ description: "To the minute." }),
  })
  .openapi("PartnerKey");

const keyWithSecret = key
  .extend({ secret: z.string().openapi({ description: "`pk_…`. Shown this once; only its hash is kept." }) })
  .openapi("NewPartnerKey");

const route = { tags: ["Partnerships"], security: [{ session: [] }] };

const listKeys = createRoute({
  ...route,
  method: "get",
  path: "/v1/me/keys",
  summary: "List the signed-in partner's read keys",
  responses: { 200: json(z.array(key), "Its keys."), ...problems(401) },
});

const makeKey = createRoute({
  ...route,
  method: "post",
  path: "/v1/me/keys",
  summary: "Make a read key",
  description:
    "With the scope `read` it reads `/v1/me/partnerships`, `/v1/me/earnings` and `/v1/me/statement.csv`; with `refer` it gets tokens for the partner's agents. It does nothing else: it changes nothing and makes no other keys.",
  request: {
    body: body(
      z
        .strictObject({ label: z.string().min(1).max(100), scopes: scopes.default(["read"]) })
        .openapi("PartnerKeyRequest"),
    ),
  },
  responses: { 201: json(keyWithSecret, "The key, with its secret."), ...problems(401, 409) },
});

const deleteKey = createRoute({
  ...route,
  method: "delete",
  path: "/v1/me/keys/{keyId}",
  summary: "Delete a read key",
  request: { params: z.object({ keyId: rowId }) },
  responses: { 204: { description: "It is good for nothing from now on." }, ...problems(401, 404) },
});

const toKey = (row: PartnerKeyRow): z.output<typeof key> => ({
  id: String(row.id),
  label: row.label,
  scopes: [...row.scopes],
  last4: row.last4,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

export function partnerKeyRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(listKeys, async (c) => {
    const wallet = await requireSession(c, services);
    return c.json((await readPartnerKeys(database, wallet)).map(toKey), 200);
  });

  app.openapi(makeKey, async (c) => {
    const wallet = await requireSession(c, services);
    const secret = newSecret("pk");
    const kept = { hash: hashSecret(secret), last4: last4(secret) };
    const given = c.req.valid("json");
    const key = { wallet, label: given.label, scopes: [...new Set(given.scopes)], secret: kept };
    const made = await insertPartnerKey(database, key, MAX_KEYS);
    if (made === undefined) throw new Problem(409, `A wallet has at most ${MAX_KEYS} read keys. Delete one first.`);
    return c.json({ ...toKey(made), secret }, 201);
  });

  app.openapi(deleteKey, async (c) => {
    const wallet = await requireSession(c, services);
    const { keyId } = c.req.valid("param");
    if (!(await deletePartnerKey(database, wallet, keyId)))
      throw new Problem(404, `${wallet} has no read key ${keyId}.`);
    return c.body(null, 204);
  });
  return app;
}
