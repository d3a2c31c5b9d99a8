import { randomBytes } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { webhookSecret } from "../../secrets.ts";
import { EVENTS } from "../../webhooks/message.ts";
import { checkLiteralHost } from "../../webhooks/publicAddress.ts";
import { comesWithKey, requireApiKey, requireManager, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  body,
  bytes32,
  campaignParameter,
  idBefore,
  json,
  page,
  pageQuery,
  rotation,
  rowId,
  toPage,
} from "../schemas.ts";

const MOST_ENDPOINTS = 10;

const events = z
  .array(z.enum(EVENTS))
  .min(1)
  .max(EVENTS.length)
  .transform((given) => [...new Set(given)]);

const endpoint = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    url: z.string(),
    events: z.array(z.string()).openapi({ description: "The types that it is told of." }),
    enabled: z.boolean(),
    disabledBy: z.string().nullable().openapi({ description: "`brand`, or what the endpoint answered." }),
    previousUntil: z
      .string()
      .nullable()
      .openapi({ description: "Until when the secret before the rotation signs too." }),
    createdAt: z.string(),
  })
  .openapi("WebhookEndpoint");

const endpointWithSecret = endpoint
  .extend({ secret: z.string().openapi({ description: "`whsec_…`, to verify messages with. Shown this once." }) })
  .openapi("NewWebhookEndpoint");

const delivery = z
  .object({
    id: z.string(),
    endpointId: z.string(),
    moveId: z.string(),
    conversionId: z.string(),
    type: z.string(),
    state: z.enum(["pending", "delivered", "dead"]),
    attempts: z.int(),
    dueAt: z.string().nullable().openapi({ description: "Of a pending one: when it is to be sent next." }),
    lastAttemptAt: z.string().nullable(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable().openapi({ description: "Why there was no answer at all." }),
    createdAt: z.string(),
  })
  .openapi("WebhookDelivery");

interface EndpointRow {
  id: bigint;
  campaign_id: string;
  url: string;
  events: string[] | null;
  seed: string;
  previous_until: Date | null;
  created_at: Date;
  disabled_at: Date | null;
  disabled_by: string | null;
}

interface DeliveryRow {
  id: bigint;
  endpoint_id: bigint;
  move_id: bigint;
  conversion_id: bigint;
  move_state: string;
  state: "pending" | "delivered" | "dead";
  attempts: number;
  due_at: Date;
  last_attempt_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  created_at: Date;
}

const ENDPOINT = "id, campaign_id, url, events, seed, previous_until, created_at, disabled_at, disabled_by";

const DELIVERIES = `
  SELECT d.id, d.endpoint_id, d.move_id, m.conversion_id, m.state AS move_state, d.state, d.attempts, d.due_at, d.last_attempt_at,
    d.last_status, d.last_error, d.created_at
  FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id JOIN conversion_moves m ON m.id = d.move_id`;

const toEndpoint = (row: EndpointRow): z.output<typeof endpoint> => ({
  id: String(row.id),
  campaignId: row.campaign_id,
  url: row.url,
  events: row.events ?? [...EVENTS],
  enabled: row.disabled_at === null,
  disabledBy: row.disabled_by,
  previousUntil: row.previous_until?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});

const toDelivery = (row: DeliveryRow): z.output<typeof delivery> => ({
  id: String(row.id),
  endpointId: String(row.endpoint_id),
  moveId: String(row.move_id),
  conversionId: String(row.conversion_id),
  type: `conversion.${row.move_state}`,
  state: row.state,
  attempts: row.attempts,
  dueAt: row.state === "pending" ? row.due_at.toISOString() : null,
  lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
  createdAt: row.created_at.toISOString(),
});

const endpointParameter = z.object({ webhookId: rowId });
const security: Record<string, string[]>[] = [{ session: [] }, { apiKey: [] }];
const route = { tags: ["Webhooks"], security };
const newSeed = () => randomBytes(16).toString("hex");

/** Where a campaign's brand is told of every move of its conversions. For the brand's wallet, or a key with the scope `admin`. */
export function webhookRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();
  const withSecret = (row: EndpointRow) => ({
    ...toEndpoint(row),
    secret: webhookSecret(config.RELAYER_SECRET, row.seed),
  });

  /** The endpoint, if whoever asks may manage it; another's is as none. */
  async function requireEndpoint(c: Context, webhookId: string): Promise<EndpointRow> {
    const byKey = comesWithKey(c);
    const who = byKey ? (await requireApiKey(c, services, "admin")).campaignId : await requireSession(c, services);
    const [row] = await database.query<EndpointRow>(
      `SELECT ${ENDPOINT} FROM brand_webhooks
       WHERE id = $1 AND campaign_id IN (SELECT id FROM campaigns WHERE ${byKey ? "id" : "brand"} = $2)`,
      [webhookId, who],
    );
    if (row === undefined) throw noEndpoint(webhookId);
    return row;
  }

  function checkUrl(text: string): string {
    const url = new URL(text);
    if (url.username !== "" || url.password !== "")
      throw new Problem(
        400,
        "The URL contains a user or password. Messages are signed instead: verify webhook-signature.",
      );
    if (config.WEBHOOKS_ALLOW_PRIVATE !== true) {
      if (url.protocol !== "https:") throw new Problem(400, `The URL begins with ${url.protocol}//. Use https.`);
      try {
        checkLiteralHost(url.hostname);
      } catch (error) {
        throw new Problem(400, `${(error as Error).message} Use an address that the internet can reach.`);
      }
    }
    url.hash = "";
    return url.href;
  }

  const url = z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .openapi({ description: "https, at a public address. Redirects are not followed." });

  app.openapi(
    createRoute({
      ...route,
      method: "post",
      path: "/v1/campaigns/{campaignId}/webhooks",
      summary: "Make an endpoint",
      request: {
        params: campaignParameter,
        body: body(
          z
            .strictObject({
              url,
              events: events.optional().openapi({ description: "The types to tell of; all, if there are none given." }),
            })
            .openapi("WebhookEndpointRequest"),
        ),
      },
      responses: {
        201: json(endpointWithSecret, "The endpoint, with its secret. It is told of moves from now on."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const brand = await requireManager(c, services, campaignId);
      const given = c.req.valid("json");
      const target = checkUrl(given.url);
      const row = await database.transaction(async (sql) => {
        // Under a lock, so that two requests at once do not both find room for one more.
        await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
        const [made] = await sql.query<EndpointRow>(
          `INSERT INTO webhook_endpoints (campaign_id, brand, url, events, seed) SELECT $1, $2, $3, $4, $5
           WHERE (SELECT count(*) FROM brand_webhooks WHERE campaign_id = $1) < $6 RETURNING ${ENDPOINT}`,
          [campaignId, brand, target, given.events ?? null, newSeed(), MOST_ENDPOINTS],
        );
        return made;
      });
      if (row === undefined)
        throw new Problem(409, `The campaign has ${MOST_ENDPOINTS} webhook endpoints. Delete one first.`);
      return c.json(withSecret(row), 201);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "get",
      path: "/v1/campaigns/{campaignId}/webhooks",
      summary: "List the endpoints",
      request: { params: campaignParameter, query: pageQuery },
      responses: {
        200: json(
          page(endpoint).openapi("WebhookEndpoints"),
          "The endpoints that the campaign's brand made, newest first.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { cursor, limit } = c.req.valid("query");
      await requireManager(c, services, campaignId);
      const list = `webhooks ${campaignId}`;
      const rows = await database.query<EndpointRow>(
        `SELECT ${ENDPOINT} FROM brand_webhooks WHERE campaign_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
        [campaignId, idBefore(list, cursor), limit + 1],
      );
      return c.json(toPage(list, rows, limit, toEndpoint), 200);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "get",
      path: "/v1/webhooks/{webhookId}",
      summary: "Read an endpoint",
      request: { params: endpointParameter },
      responses: { 200: json(endpoint, "The endpoint."), ...problems(401, 403, 404) },
    }),
    async (c) => c.json(toEndpoint(await requireEndpoint(c, c.req.valid("param").webhookId)), 200),
  );

  app.openapi(
    createRoute({
      ...route,
      method: "patch",
      path: "/v1/webhooks/{webhookId}",
      summary: "Change an endpoint",
      description: "A disabled endpoint is told of nothing. What waited for it is sent when it is enabled again.",
      request: {
        params: endpointParameter,
        body: body(
          z
            .strictObject({
              url: url.optional(),
              events: events.nullable().optional(),
              enabled: z.boolean().optional(),
            })
            .openapi("WebhookEndpointChange"),
        ),
      },
      responses: { 200: json(endpoint, "The endpoint as it is now."), ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { id } = await requireEndpoint(c, c.req.valid("param").webhookId);
      const given = c.req.valid("json");
      const [row] = await database.query<EndpointRow>(
        `UPDATE brand_webhooks SET url = coalesce($2, url), events = CASE WHEN $3 THEN $4::text[] ELSE events END,
           disabled_at = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now()) ELSE disabled_at END,
           disabled_by = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_by, 'brand') ELSE disabled_by END
         WHERE id = $1 RETURNING ${ENDPOINT}`,
        [
          id,
          given.url === undefined ? null : checkUrl(given.url),
          given.events !== undefined,
          given.events ?? null,
          given.enabled ?? null,
        ],
      );
      if (row === undefined) throw noEndpoint(String(id));
      return c.json(toEndpoint(row), 200);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "delete",
      path: "/v1/webhooks/{webhookId}",
      summary: "Delete an endpoint and its deliveries",
      request: { params: endpointParameter },
      responses: { 204: { description: "It is gone." }, ...problems(401, 403, 404) },
    }),
    async (c) => {
      const { id } = await requireEndpoint(c, c.req.valid("param").webhookId);
      await database.query("DELETE FROM brand_webhooks WHERE id = $1", [id]);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "post",
      path: "/v1/webhooks/{webhookId}/rotations",
      summary: "Give an endpoint a new secret",
      description:
        "For the grace period messages are signed with both. A second rotation within it ends the oldest secret at once.",
      request: { params: endpointParameter, body: body(rotation) },
      responses: { 201: json(endpointWithSecret, "The endpoint, with its new secret."), ...problems(401, 403, 404) },
    }),
    async (c) => {
      const { id } = await requireEndpoint(c, c.req.valid("param").webhookId);
      const [row] = await database.query<EndpointRow>(
        `UPDATE brand_webhooks SET previous_seed = seed, previous_until = now() + make_interval(secs => $2), seed = $3
         WHERE id = $1 RETURNING ${ENDPOINT}`,
        [id, c.req.valid("json").graceSeconds, newSeed()],
      );
      if (row === undefined) throw noEndpoint(String(id));
      return c.json(withSecret(row), 201);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "get",
      path: "/v1/webhooks/{webhookId}/deliveries",
      summary: "List an endpoint's deliveries",
      description: "With `state=dead` those that were given up. Kept for 30 days.",
      request: {
        params: endpointParameter,
        query: pageQuery.extend({ state: z.enum(["pending", "delivered", "dead"]).optional() }),
      },
      responses: {
        200: json(page(delivery).openapi("WebhookDeliveries"), "The deliveries, newest first."),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { id } = await requireEndpoint(c, c.req.valid("param").webhookId);
      const { cursor, limit, state } = c.req.valid("query");
      const list = `deliveries ${id}`;
      const rows = await database.query<DeliveryRow>(
        `${DELIVERIES} WHERE d.endpoint_id = $1 AND d.id < $2 AND ($4::text IS NULL OR d.state = $4) ORDER BY d.id DESC LIMIT $3`,
        [id, idBefore(list, cursor), limit + 1, state ?? null],
      );
      return c.json(toPage(list, rows, limit, toDelivery), 200);
    },
  );

  app.openapi(
    createRoute({
      ...route,
      method: "post",
      path: "/v1/webhooks/deliveries/{deliveryId}/redeliveries",
      summary: "Send a delivery again",
      description: "One that was delivered or given up: with the same `webhook-id`, and a first attempt of all again.",
      request: { params: z.object({ deliveryId: rowId }) },
      responses: { 202: json(delivery, "It is due now."), ...problems(401, 403, 404, 409) },
    }),
    async (c) => {
      const { deliveryId } = c.req.valid("param");
      const [found] = await database.query<{ endpoint_id: bigint }>(
        "SELECT endpoint_id FROM webhook_deliveries WHERE id = $1",
        [deliveryId],
      );
      const { disabled_at } = await requireEndpoint(c, String(found?.endpoint_id ?? 0));
      if (disabled_at !== null) throw new Problem(409, "The endpoint is disabled. Enable it first.");
      const changed = await database.query(
        "UPDATE webhook_deliveries SET state = 'pending', attempts = 0, due_at = now() WHERE id = $1 AND state <> 'pending' RETURNING 1",
        [deliveryId],
      );
      if (changed.length === 0) throw new Problem(409, `Delivery ${deliveryId} is under way already.`);
      const [row] = await database.query<DeliveryRow>(`${DELIVERIES} WHERE d.id = $1`, [deliveryId]);
      if (row === undefined) throw new Problem(404, `There is no delivery ${deliveryId}.`);
      return c.json(toDelivery(row), 202);
    },
  );
  return app;
}

const noEndpoint = (id: string) => new Problem(404, `You have no webhook endpoint ${id}.`);
