/** A campaign's webhook endpoints: made and listed. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { insertEndpoint, readEndpoints } from "../../store/webhooks.ts";
import { requireManager } from "../actor.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json, page, placeIn, sortedPageQuery, toPage } from "../schemas.ts";
import {
  checkUrl,
  endpoint,
  endpointUrl,
  endpointWithSecret,
  events,
  newSeed,
  toEndpoint,
  webhookRoute,
  withSecret,
} from "../webhook.ts";

const MAX_ENDPOINTS = 10;

/** Where a campaign's brand is told of every move of its conversions. For the brand, its managers, or a key with the scope `admin`. */
export function webhookRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "post",
      path: "/v1/campaigns/{campaignId}/webhooks",
      summary: "Make an endpoint",
      request: {
        params: campaignParameter,
        body: body(
          z
            .strictObject({
              url: endpointUrl,
              events: events.optional().openapi({
                description: "The types to tell of; all, also those that come later, if there are none given.",
              }),
            })
            .openapi("WebhookEndpointRequest"),
        ),
      },
      responses: {
        201: json(endpointWithSecret, "The endpoint, with its secret. It is told of what happens from now on."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { brand, note } = await requireManager(c, services, campaignId);
      const given = c.req.valid("json");
      const target = checkUrl(services, given.url);
      const asked = { campaignId, brand, url: target, events: given.events, seed: newSeed() };
      const row = await database.transaction(async (sql) => {
        const one = await insertEndpoint(sql, asked, MAX_ENDPOINTS);
        if (one !== undefined) await note(sql, { webhook: String(one.id), host: new URL(target).host });
        return one;
      });
      if (row === undefined)
        throw new Problem(409, `The campaign has ${MAX_ENDPOINTS} webhook endpoints. Delete one first.`);
      return c.json(withSecret(services, row), 201);
    },
  );

  app.openapi(
    createRoute({
      ...webhookRoute,
      method: "get",
      path: "/v1/campaigns/{campaignId}/webhooks",
      summary: "List the endpoints",
      request: { params: campaignParameter, query: sortedPageQuery },
      responses: {
        200: json(
          page(endpoint).openapi("WebhookEndpoints"),
          "The endpoints that the campaign's brand made, newest first unless `sort` says otherwise.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const query = c.req.valid("query");
      await requireManager(c, services, campaignId);
      const place = placeIn(`webhooks ${campaignId}`, query);
      const rows = await readEndpoints(database, campaignId, place);
      return c.json(toPage(place.list, rows, query.limit, toEndpoint), 200);
    },
  );
  return app;
}
