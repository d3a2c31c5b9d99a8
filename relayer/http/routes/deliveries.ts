/** What an endpoint was told, is to be told, or could not be told. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import {
  DELIVERY_STATES,
  type DeliveryRow,
  readDeliveries,
  readDelivery,
  repeatDelivery,
} from "../../store/deliveries.ts";
import { EVENTS } from "../../webhooks/message.ts";
import type { Services } from "../context.ts";
import { json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";
import { endpointParameter, requireEndpoint, webhookRoute } from "../webhook.ts";

const delivery = z
  .object({
    id: z.string(),
    endpointId: z.string(),
    moveId: z.string().nullable().openapi({ description: "Of a conversion's move; null: it tells other news." }),
    conversionId: z.string().nullable(),
    newsId: z.string().nullable(),
    subject: z.string().nullable().openapi({ description: "What the news are about, `lead:17`." }),
    type: z.string(),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    dueAt: z.string().nullable().openapi({ description: "Of a pending one: when it is to be sent next." }),
    lastAttemptAt: z.string().nullable(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable().openapi({
      description:
        "Why there was no answer at all. RELAYER_FAULT: the relayer could not make the message; its operator sees why.",
    }),
    createdAt: z.string(),
  })
  .openapi("WebhookDelivery");

const toDelivery = (row: DeliveryRow): z.output<typeof delivery> => ({
  id: String(row.id),
  endpointId: String(row.endpoint_id),
  moveId: row.move_id === null ? null : String(row.move_id),
  conversionId: row.conversion_id === null ? null : String(row.conversion_id),
  newsId: row.news_id === null ? null : String(row.news_id),
  subject: row.subject,
  type: row.type,
  state: row.state,
  attempts: row.attempts,
  dueAt: row.state === "pending" ? row.due_at.toISOString() : null,
  lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
  createdAt: row.created_at.toISOString(),
});

/** For the brand, its managers, or a key with the scope `admin`. */
export function deliveryRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "get",
      path: "/v1/webhooks/{webhookId}/deliveries",
      summary: "List an endpoint's deliveries",
      description: "With `state=dead` those that were given up. Kept for 30 days.",
      request: {
        params: endpointParameter,
        query: sortedPageQuery.extend({ state: z.enum(DELIVERY_STATES).optional(), type: z.enum(EVENTS).optional() }),
      },
      responses: {
        200: json(
          page(delivery).openapi("WebhookDeliveries"),
          "The deliveries, the newest first unless `sort` says otherwise.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { id } = await requireEndpoint(c, services, c.req.valid("param").webhookId);
      const { state, type, ...query } = c.req.valid("query");
      const { list, ...place } = placeIn(`deliveries ${id}`, query);
      const rows = await readDeliveries(database, id, { state, type }, place);
      return c.json(toPage(list, rows, query.limit, toDelivery), 200);
    },
  );

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "post",
      path: "/v1/webhooks/deliveries/{deliveryId}/redeliveries",
      summary: "Send a delivery again",
      description: "One that was delivered or given up: with the same `webhook-id`, and a first attempt of all again.",
      request: { params: z.object({ deliveryId: rowId }) },
      responses: { 202: json(delivery, "It is due now."), ...problems(401, 403, 404, 409) },
    }),
    async (c) => {
      const { deliveryId } = c.req.valid("param");
      const found = await readDelivery(database, deliveryId);
      const { disabled_at, note } = await requireEndpoint(c, services, String(found?.endpoint_id ?? 0));
      if (disabled_at !== null) throw new Problem(409, "The endpoint is disabled. Enable it first.");
      const repeated = await database.transaction(async (sql) => {
        const done = await repeatDelivery(sql, deliveryId);
        if (done) await note(sql, { delivery: deliveryId });
        return done;
      });
      if (!repeated) throw new Problem(409, `Delivery ${deliveryId} is under way already.`);
      const row = await readDelivery(database, deliveryId);
      if (row === undefined) throw new Problem(404, `There is no delivery ${deliveryId}.`);
      return c.json(toDelivery(row), 202);
    },
  );
  return app;
}
