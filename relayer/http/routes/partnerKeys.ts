/** Keys by which a partner's own programs read its earnings: made and deleted by its wallet alone. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, last4, newSecret } from "../../secrets.ts";
import { deletePartnerKey, insertPartnerKey, type PartnerKeyRow, readPartnerKeys } from "../../store/partnerKeys.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { body, json, rowId } from "../schemas.ts";

const MAX_KEYS = 20;

const key = z
  .object({
    id: z.string(),
    label: z.string(),
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
    "It reads `/v1/me/partnerships`, `/v1/me/earnings` and `/v1/me/statement.csv`, and does nothing else: it changes nothing and makes no other keys.",
  request: { body: body(z.strictObject({ label: z.string().min(1).max(100) }).openapi("PartnerKeyRequest")) },
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
    const made = await insertPartnerKey(database, { wallet, label: c.req.valid("json").label, secret: kept }, MAX_KEYS);
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
