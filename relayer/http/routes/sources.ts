/** Stripe as a campaign's source: connected, changed and disconnected by its brand. */
import { createRoute, OpenAPIHono, type z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { EVENTS } from "#sources/stripe/events.ts";
import { last4, unseal } from "../../secrets.ts";
import { purposes } from "../../sources/context.ts";
import type { SourceRow } from "../../store/sources.ts";
import { requireManager } from "../actor.ts";
import { connectionOf } from "../connection.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json } from "../schemas.ts";
import { sourceRoute, stripeSource, stripeSourceRequest } from "../source.ts";

const PATH = "/v1/campaigns/{campaignId}/sources/stripe";

/** For the brand, its managers, or a key with the scope `admin`. */
export function sourceRoutes(services: Services) {
  const { config } = services;
  const connection = connectionOf(services, "stripe", "Stripe");
  const app = new OpenAPIHono();

  async function show(row: SourceRow): Promise<z.output<typeof stripeSource>> {
    const { campaign_id: campaignId } = row;
    const key =
      row.reading_key === null
        ? null
        : unseal(config.RELAYER_SECRET, purposes.readingKey(campaignId, "stripe"), row.reading_key);
    return {
      ...(await connection.shown(row)),
      events: [...EVENTS],
      restrictedKey: key && last4(key),
      testMode: row.test_mode,
    };
  }

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "put",
      path: PATH,
      summary: "Connect Stripe",
      description:
        "Connects it, or replaces what it is connected with. What it sends is reported under a key of its own, which stands among the campaign's keys as `Stripe`; revoking that disconnects it.",
      request: { params: campaignParameter, body: body(stripeSourceRequest) },
      responses: { 200: json(stripeSource, "As it is connected now."), ...problems(400, 401, 403, 404, 409) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const actor = await requireManager(c, services, campaignId);
      const { webhookSecrets, restrictedKey, testMode } = c.req.valid("json");
      const given = { webhookSecrets, readingKey: restrictedKey, testMode };
      return c.json(await show(await connection.connect(campaignId, actor, given)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "get",
      path: PATH,
      summary: "Read how Stripe is connected",
      request: { params: campaignParameter },
      responses: { 200: json(stripeSource, "As it is connected."), ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      await requireManager(c, services, campaignId);
      return c.json(await show(await connection.require(campaignId)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "delete",
      path: PATH,
      summary: "Disconnect Stripe",
      description: "Nothing that it sends is taken in any more. What was reported stays reported.",
      request: { params: campaignParameter },
      responses: { 204: { description: "It is not connected." }, ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { note } = await requireManager(c, services, campaignId);
      await connection.disconnect(campaignId, note);
      return c.body(null, 204);
    },
  );
  return app;
}
