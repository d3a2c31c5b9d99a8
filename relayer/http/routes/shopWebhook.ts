/** Where shops send their webhooks: answered once they are stored, and applied by the worker. */
import { createHash } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { isSigned } from "#sources/shop/events.ts";
import type { ShopOrder } from "#sources/shop/orders.ts";
import { SHOPS, type ShopName } from "#sources/shops.ts";
import { seal } from "../../secrets.ts";
import { purposes } from "../../sources/context.ts";
import { insertSourceEvent } from "../../store/sourceEvents.ts";
import { connectionOf } from "../connection.ts";
import type { Services } from "../context.ts";
import { campaignParameter, json } from "../schemas.ts";
import { receivedEvent, shopName } from "../source.ts";

const header = (what: string) => z.string().max(500).optional().openapi({ description: what });

/** WooCommerce tries an address with this, unsigned and as a form, before it takes it; it says nothing that is believed. */
export const answerTrial: MiddlewareHandler = async (c, next) => {
  const isForm = c.req.header("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  if (c.req.method === "POST" && isForm && /^webhook_id=\d{1,20}$/.test(await c.req.text()))
    return c.json({ received: true, again: false });
  return next();
};

export function shopWebhookRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      tags: ["Sources"],
      method: "post",
      path: "/v1/sources/{campaignId}/{shop}",
      summary: "Receive a webhook of a shop",
      description:
        "The URL of a webhook at Shopify or WooCommerce. It is believed for the signature of its body, by one of the secrets that the brand set; the same body again is not kept twice.",
      security: [],
      request: {
        params: campaignParameter.extend({ shop: shopName }),
        headers: z.object({
          [SHOPS.shopify.signature]: header("The signature, of Shopify's."),
          [SHOPS.shopify.topic]: header("What it is about, at Shopify."),
          [SHOPS.woocommerce.signature]: header("The signature, of WooCommerce's."),
          [SHOPS.woocommerce.topic]: header("What it is about, at WooCommerce."),
        }),
        body: { required: true, content: { "application/json": { schema: z.looseObject({}) } } },
      },
      responses: { 200: json(receivedEvent, "It is stored, and applied soon."), ...problems(400, 404) },
    }),
    async (c) => {
      const { campaignId, shop } = c.req.valid("param");
      const { title, signature, topic } = SHOPS[shop];
      const connection = connectionOf(services, shop, title);
      const source = await connection.require(campaignId);
      const text = await c.req.text();
      if (!isSigned(text, c.req.header(signature) ?? "", connection.secretsOf(source)))
        throw new Problem(
          400,
          `The body is not signed with a secret that the brand set. Set what ${title} signs with.`,
        );
      c.get("identified")?.("key", `${shop} ${campaignId}`);
      // Its header is not signed: it is shown, and nothing rests on it.
      const type = /^[\w./-]{1,64}$/.exec(c.req.header(topic) ?? "")?.[0] ?? "unnamed";
      const order = read(shop, text);
      const ignored = whyIgnored(order, source.test_mode, type);
      const kept = await insertSourceEvent(database, {
        campaignId,
        source: shop,
        eventId: createHash("sha256").update(text).digest("hex").slice(0, 32),
        type,
        objectId: order === "unreadable" ? undefined : order?.id,
        body: ignored === undefined ? seal(config.RELAYER_SECRET, purposes.body(campaignId, shop), text) : null,
        state: ignored === undefined ? "waiting" : "ignored",
        note: ignored,
      });
      return c.json({ received: true as const, again: !kept }, 200);
    },
  );
  return app;
}

/** What cannot be read is kept, and refused with the reason where the brand sees it: a shop that is told so soon sends no more. */
function read(shop: ShopName, text: string): ShopOrder | "unreadable" | undefined {
  try {
    return SHOPS[shop].readOrder(JSON.parse(text));
  } catch (error) {
    if (error instanceof UnreadableObject) return "unreadable";
    throw error;
  }
}

function whyIgnored(order: ShopOrder | "unreadable" | undefined, testMode: boolean, type: string): string | undefined {
  if (order === "unreadable") return undefined;
  if (order === undefined) return `Nothing counts of ${type}: it is no order.`;
  if (order.test === testMode) return undefined;
  return `It is a ${order.test ? "test" : "real"} order, and the campaign counts the other.`;
}
