/** Webhooks of any sender as a campaign's source: connected by its brand, received, and applied by the worker as the description maps them. */
import { createHash } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { isSignedBy } from "#sources/webhook/events.ts";
import { seal } from "../../secrets.ts";
import { purposes } from "../../sources/context.ts";
import { insertSourceEvent } from "../../store/sourceEvents.ts";
import { requireManager } from "../actor.ts";
import { connectionOf } from "../connection.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json } from "../schemas.ts";
import { receivedEvent, sourceRoute, webhookSource, webhookSourceRequest } from "../source.ts";

const PATH = "/v1/campaigns/{campaignId}/sources/webhook";
const request = { params: campaignParameter };

/** For the brand's wallet, or a key with the scope `admin`; the webhooks themselves for whoever signs them. */
export function webhookSourceRoutes(services: Services) {
  const { database, config } = services;
  const connection = connectionOf(services, "webhook", "Webhooks");
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "put",
      path: PATH,
      summary: "Connect webhooks of any sender",
      description:
        "Sets what they are signed with. What of them counts is in the campaign's description, `sources.webhook`. They are reported under a key of their own, which stands among the campaign's keys as `Webhooks`; revoking that disconnects them.",
      request: { ...request, body: body(webhookSourceRequest) },
      responses: { 200: json(webhookSource, "As they are connected now."), ...problems(400, 401, 403, 404, 409) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const actor = await requireManager(c, services, campaignId);
      const given = { ...c.req.valid("json"), testMode: false };
      return c.json(await connection.shown(await connection.connect(campaignId, actor, given)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "get",
      path: PATH,
      summary: "Read how webhooks are connected",
      request,
      responses: { 200: json(webhookSource, "As they are connected."), ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      await requireManager(c, services, campaignId);
      return c.json(await connection.shown(await connection.require(campaignId)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "delete",
      path: PATH,
      summary: "Disconnect webhooks",
      description: "Nothing that they say is taken in any more. What was reported stays reported.",
      request,
      responses: { 204: { description: "They are not connected." }, ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { note } = await requireManager(c, services, campaignId);
      await connection.disconnect(campaignId, note);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      tags: ["Sources"],
      method: "post",
      path: "/v1/sources/{campaignId}/webhook",
      summary: "Receive a webhook of any sender",
      description:
        "It is believed for its signature, by one of the secrets that the brand set, in the way that the campaign's description names; the same body again is not kept twice.",
      security: [],
      request: { ...request, body: { required: true, content: { "application/json": { schema: z.looseObject({}) } } } },
      responses: { 200: json(receivedEvent, "It is stored, and applied soon."), ...problems(400, 404) },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const source = await connection.require(campaignId);
      const mapping = await connection.mappingOf(campaignId);
      if (mapping === undefined)
        throw new Problem(
          404,
          "The campaign's description says nothing of webhooks. Publish one with `sources.webhook`, and send this again.",
        );
      const text = await c.req.text();
      if (!isSignedBy(mapping.signature, text, (name) => c.req.header(name), connection.secretsOf(source), Date.now()))
        throw new Problem(
          400,
          "The webhook is not signed, in the way that the campaign's description names, with a secret that the brand set.",
        );
      c.get("identified")?.("key", `webhook ${campaignId}`);
      const kept = await insertSourceEvent(database, {
        campaignId,
        source: "webhook",
        eventId: createHash("sha256").update(text).digest("hex").slice(0, 32),
        type: typeIn(c.req.valid("json")),
        objectId: undefined,
        body: seal(config.RELAYER_SECRET, purposes.body(campaignId, "webhook"), text),
        state: "waiting",
        note: undefined,
      });
      return c.json({ received: true as const, again: !kept }, 200);
    },
  );
  return app;
}

/** What most senders call what happened; shown, and nothing rests on it. */
function typeIn({ type, event, topic }: Readonly<Record<string, unknown>>): string {
  const said = [type, event, topic].find((one) => typeof one === "string" && /^[\w .:/-]{1,64}$/.test(one));
  return typeof said === "string" ? said : "unnamed";
}
