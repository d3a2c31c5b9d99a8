/** Stripe as a campaign's source: connected, changed and disconnected by its brand. */
import { createRoute, OpenAPIHono, type z } from "@hono/zod-openapi";
import { readDescription } from "@partner-programs/protocol/description";
import { Problem, problems } from "#service/problem.ts";
import { EVENTS } from "#sources/stripe/events.ts";
import { hashSecret, last4, newSecret, seal, unseal } from "../../secrets.ts";
import { purposes } from "../../sources/context.ts";
import { insertApiKey, revokeApiKey } from "../../store/apiKeys.ts";
import { readDescriptionBody } from "../../store/campaigns.ts";
import { repeatSourceEvents } from "../../store/sourceEvents.ts";
import { readSource, type SourceRow, upsertSource } from "../../store/sources.ts";
import { requireManager } from "../auth.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json } from "../schemas.ts";
import { sourceRoute, stripeSource, stripeSourceRequest } from "../source.ts";

export const PATH = "/v1/campaigns/{campaignId}/sources/stripe";
/** As of a campaign's other keys; one more is the source's. */
const MAX_KEYS = 101;
const notConnected = new Problem(404, `Stripe is not connected. Connect it with PUT ${PATH}.`);

/** For the brand's wallet, or a key with the scope `admin`. */
export function sourceRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  async function show(row: SourceRow): Promise<z.output<typeof stripeSource>> {
    const { campaign_id: campaignId } = row;
    const text = await readDescriptionBody(database, campaignId);
    const secrets: string[] = JSON.parse(unseal(config.RELAYER_SECRET, purposes.secrets(campaignId), row.secrets));
    const key =
      row.reading_key === null ? null : unseal(config.RELAYER_SECRET, purposes.readingKey(campaignId), row.reading_key);
    return {
      url: new URL(`/v1/sources/${campaignId}/stripe`, config.PUBLIC_URL).href,
      events: [...EVENTS],
      webhookSecrets: secrets.map(last4),
      restrictedKey: key && last4(key),
      testMode: row.test_mode,
      mapping: (text ? readDescription(text).description?.sources?.stripe : undefined) ?? null,
      changedBy: row.changed_by,
      changedAt: row.changed_at.toISOString(),
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
      const brand = await requireManager(c, services, campaignId);
      const { webhookSecrets, restrictedKey, testMode } = c.req.valid("json");
      const secret = config.RELAYER_SECRET;
      await database.transaction(async (sql) => {
        const known = await readSource(sql, campaignId, "stripe");
        const sealedKey = restrictedKey && seal(secret, purposes.readingKey(campaignId), restrictedKey);
        await upsertSource(sql, "stripe", {
          campaign_id: campaignId,
          api_key_id: known?.api_key_id ?? (await newKey()),
          secrets: seal(secret, purposes.secrets(campaignId), JSON.stringify([...new Set(webhookSecrets)])),
          reading_key: restrictedKey === undefined ? (known?.reading_key ?? null) : (sealedKey ?? null),
          test_mode: testMode,
          changed_by: brand,
        });

        async function newKey(): Promise<bigint> {
          // Nobody ever has its secret: reports are noted under it, and that is all.
          const unused = newSecret("sk");
          const kept = { hash: hashSecret(unused), last4: last4(unused) };
          const key = { campaignId, brand, secret: kept, label: "Stripe", scopes: ["report"] as const };
          const row = await insertApiKey(sql, key, MAX_KEYS);
          if (row === undefined)
            throw new Problem(409, `The campaign has ${MAX_KEYS} keys, and Stripe needs one. Revoke one first.`);
          return row.id;
        }
      });
      // What waited for a key may be read now.
      await repeatSourceEvents(database, campaignId, "stripe", undefined);
      return c.json(await show((await readSource(database, campaignId, "stripe")) as SourceRow), 200);
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
      const row = await readSource(database, campaignId, "stripe");
      if (row === undefined) throw notConnected;
      return c.json(await show(row), 200);
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
      await requireManager(c, services, campaignId);
      const row = await readSource(database, campaignId, "stripe");
      if (row !== undefined) await revokeApiKey(database, String(row.api_key_id), campaignId);
      return c.body(null, 204);
    },
  );
  return app;
}
