/** One webhook endpoint: read, changed, deleted, given another secret. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { changeEndpoint, deleteEndpoint, rotateEndpoint } from "../../store/webhooks.ts";
import type { Services } from "../context.ts";
import { body, json, rotation } from "../schemas.ts";
import {
  checkUrl,
  endpoint,
  endpointParameter,
  endpointUrl,
  endpointWithSecret,
  events,
  newSeed,
  noEndpoint,
  requireEndpoint,
  toEndpoint,
  webhookRoute,
  withSecret,
} from "../webhook.ts";

/** For the brand, its managers, or a key with the scope `admin`. */
export function oneWebhookRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "get",
      path: "/v1/webhooks/{webhookId}",
      summary: "Read an endpoint",
      request: { params: endpointParameter },
      responses: { 200: json(endpoint, "The endpoint."), ...problems(401, 403, 404) },
    }),
    async (c) => c.json(toEndpoint(await requireEndpoint(c, services, c.req.valid("param").webhookId)), 200),
  );

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "patch",
      path: "/v1/webhooks/{webhookId}",
      summary: "Change an endpoint",
      description: "A disabled endpoint is told of nothing. What waited for it is sent when it is enabled again.",
      request: {
        params: endpointParameter,
        body: body(
          z
            .strictObject({
              url: endpointUrl.optional(),
              events: events.nullable().optional(),
              enabled: z.boolean().optional(),
            })
            .openapi("WebhookEndpointChange"),
        ),
      },
      responses: { 200: json(endpoint, "The endpoint as it is now."), ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { id, note } = await requireEndpoint(c, services, c.req.valid("param").webhookId);
      const given = c.req.valid("json");
      const url = given.url === undefined ? undefined : checkUrl(services, given.url);
      const row = await database.transaction(async (sql) => {
        const one = await changeEndpoint(sql, id, { ...given, url });
        if (one !== undefined) await note(sql, { webhook: String(id), changed: Object.keys(given).join(", ") });
        return one;
      });
      if (row === undefined) throw noEndpoint(String(id));
      return c.json(toEndpoint(row), 200);
    },
  );

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "delete",
      path: "/v1/webhooks/{webhookId}",
      summary: "Delete an endpoint and its deliveries",
      request: { params: endpointParameter },
      responses: { 204: { description: "It is gone." }, ...problems(401, 403, 404) },
    }),
    async (c) => {
      const { id, note, url } = await requireEndpoint(c, services, c.req.valid("param").webhookId);
      await database.transaction(async (sql) => {
        await note(sql, { webhook: String(id), host: new URL(url).host });
        await deleteEndpoint(sql, id);
      });
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "post",
      path: "/v1/webhooks/{webhookId}/rotations",
      summary: "Give an endpoint a new secret",
      description:
        "For the grace period messages are signed with both. A second rotation within it ends the oldest secret at once.",
      request: { params: endpointParameter, body: body(rotation) },
      responses: { 201: json(endpointWithSecret, "The endpoint, with its new secret."), ...problems(401, 403, 404) },
    }),
    async (c) => {
      const { id, note } = await requireEndpoint(c, services, c.req.valid("param").webhookId);
      const row = await database.transaction(async (sql) => {
        const one = await rotateEndpoint(sql, id, newSeed(), c.req.valid("json").graceSeconds);
        if (one !== undefined) await note(sql, { webhook: String(id) });
        return one;
      });
      if (row === undefined) throw noEndpoint(String(id));
      return c.json(withSecret(services, row), 201);
    },
  );
  return app;
}
