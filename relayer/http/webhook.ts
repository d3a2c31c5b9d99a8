/** A webhook endpoint as the API shows it, who may manage it, and where it may be. */
import { randomBytes } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem } from "#service/problem.ts";
import { webhookSecret } from "../secrets.ts";
import { type EndpointRow, findEndpoint } from "../store/webhooks.ts";
import { EVENTS } from "../webhooks/message.ts";
import { checkLiteralHost, checkName } from "../webhooks/publicAddress.ts";
import { type Actor, requireManager } from "./actor.ts";
import { comesWithKey, requireApiKey, requireSession } from "./auth.ts";
import type { Services } from "./context.ts";
import { bytes32, rowId } from "./schemas.ts";

export const events = z
  .array(z.enum(EVENTS))
  .min(1)
  .max(EVENTS.length)
  .transform((given) => [...new Set(given)]);

export const endpointUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .openapi({ description: "https, at a public address. Redirects are not followed." });

export const endpoint = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    url: z.string(),
    events: z.array(z.string()).openapi({ description: "The types that it is told of." }),
    allEvents: z.boolean().openapi({ description: "Also of those that come later." }),
    enabled: z.boolean(),
    disabledBy: z.string().nullable().openapi({ description: "`brand`, or what the endpoint answered." }),
    previousUntil: z
      .string()
      .nullable()
      .openapi({ description: "Until when the secret before the rotation signs too." }),
    createdAt: z.string(),
  })
  .openapi("WebhookEndpoint");

export const endpointWithSecret = endpoint
  .extend({ secret: z.string().openapi({ description: "`whsec_…`, to verify messages with. Shown this once." }) })
  .openapi("NewWebhookEndpoint");

export const endpointParameter = z.object({ webhookId: rowId });
const security: Record<string, string[]>[] = [{ session: [] }, { apiKey: [] }];
/** What the documentation of each of these routes begins with. */
export const webhookRoute = { tags: ["Webhooks"], security };

export const toEndpoint = (row: EndpointRow): z.output<typeof endpoint> => ({
  id: String(row.id),
  campaignId: row.campaign_id,
  url: row.url,
  events: row.events ?? [...EVENTS],
  allEvents: row.events === null,
  enabled: row.disabled_at === null,
  disabledBy: row.disabled_by,
  previousUntil: row.previous_until?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});

export const withSecret = ({ config }: Services, row: EndpointRow) => ({
  ...toEndpoint(row),
  secret: webhookSecret(config.RELAYER_SECRET, row.seed),
});

export const newSeed = () => randomBytes(16).toString("hex");

/** The endpoint, if whoever asks may manage it; another's is as none. @throws Problem 404 */
export async function requireEndpoint(
  c: Context,
  services: Services,
  webhookId: string,
): Promise<EndpointRow & Pick<Actor, "note">> {
  await (comesWithKey(c) ? requireApiKey(c, services, "admin") : requireSession(c, services));
  const row = await findEndpoint(services.database, webhookId);
  if (row === undefined) throw noEndpoint(webhookId);
  const { note } = await requireManager(c, services, row.campaign_id, noEndpoint(webhookId));
  return { ...row, note };
}

export const noEndpoint = (id: string) => new Problem(404, `You have no webhook endpoint ${id}.`);

/** The address as messages are sent to it. @throws Problem 400 */
export function checkUrl({ config }: Services, text: string): string {
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
      checkName(url.hostname);
    } catch (error) {
      throw new Problem(400, `${(error as Error).message} Use an address that the internet can reach.`);
    }
  }
  url.hash = "";
  return url.href;
}
