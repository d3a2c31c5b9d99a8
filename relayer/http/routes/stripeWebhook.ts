/** Where Stripe sends its events: answered once they are stored, and applied by the worker. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { isSigned, readEvent, TOLERANCE_SECONDS } from "#sources/stripe/events.ts";
import { seal } from "../../secrets.ts";
import { purposes } from "../../sources/context.ts";
import { insertSourceEvent } from "../../store/sourceEvents.ts";
import { connectionOf } from "../connection.ts";
import type { Services } from "../context.ts";
import { campaignParameter, json } from "../schemas.ts";
import { receivedEvent } from "../source.ts";

export function stripeWebhookRoutes(services: Services) {
  const { database, config } = services;
  const connection = connectionOf(services, "stripe", "Stripe");
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      tags: ["Sources"],
      method: "post",
      path: "/v1/sources/{campaignId}/stripe",
      summary: "Receive an event of Stripe",
      description:
        "The URL of a webhook endpoint at Stripe, snapshot or thin. Its signature is what it is believed for: `Stripe-Signature`, by one of the secrets that the brand set.",
      security: [],
      request: {
        params: campaignParameter,
        headers: z.object({ "stripe-signature": z.string().max(2_000) }),
        body: { required: true, content: { "application/json": { schema: z.looseObject({}) } } },
      },
      responses: { 200: json(receivedEvent, "It is stored, and applied soon."), ...problems(400, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const source = await connection.require(campaignId);
      const secrets = connection.secretsOf(source);
      const text = await c.req.text();
      if (!isSigned(text, c.req.valid("header")["stripe-signature"], secrets, Date.now()))
        throw new Problem(
          400,
          `The body is not signed with a secret that the brand set, or more than ${TOLERANCE_SECONDS} seconds ago. Set the endpoint's signing secret (whsec_…), and look at this server's clock.`,
        );
      c.get("identified")?.("key", `stripe ${campaignId}`);
      const event = read(text);
      const counts = event.live !== source.test_mode;
      const objectId = event.related?.id ?? (event.object as { id?: unknown } | undefined)?.id;
      const kept = await insertSourceEvent(database, {
        campaignId,
        source: "stripe",
        eventId: event.id,
        type: event.type,
        objectId: typeof objectId === "string" ? objectId.slice(0, 255) : undefined,
        body: counts ? seal(config.RELAYER_SECRET, purposes.body(campaignId, "stripe"), text) : null,
        state: counts ? "waiting" : "ignored",
        note: counts
          ? undefined
          : `It is of Stripe's ${event.live ? "live" : "test"} mode, and the campaign counts the other.`,
      });
      return c.json({ received: true as const, again: !kept }, 200);
    },
  );
  return app;
}

function read(text: string) {
  try {
    return readEvent(text);
  } catch (error) {
    if (error instanceof UnreadableObject) throw new Problem(400, error.message);
    throw error;
  }
}
