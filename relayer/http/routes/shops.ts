/** A shop as a campaign's source: connected, changed and disconnected by its brand. */
import { createRoute, OpenAPIHono, type z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { SHOPS, type ShopName } from "#sources/shops.ts";
import type { SourceRow } from "../../store/sources.ts";
import { requireManager } from "../actor.ts";
import { connectionOf } from "../connection.ts";
import type { Services } from "../context.ts";
import { body, campaignParameter, json } from "../schemas.ts";
import { shopName, shopSource, shopSourceRequest, sourceRoute } from "../source.ts";

const PATH = "/v1/campaigns/{campaignId}/sources/{shop}";
const params = campaignParameter.extend({ shop: shopName });

/** For the brand, its managers, or a key with the scope `admin`. */
export function shopRoutes(services: Services) {
  const app = new OpenAPIHono();
  const connection = (shop: ShopName) => connectionOf(services, shop, SHOPS[shop].title);

  const show = async (shop: ShopName, row: SourceRow): Promise<z.output<typeof shopSource>> => ({
    ...(await connection(shop).shown(row)),
    topics: [...SHOPS[shop].topics],
    testMode: row.test_mode,
  });

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "put",
      path: PATH,
      summary: "Connect a shop",
      description:
        "Connects it, or replaces what it is connected with. What it sends is reported under a key of its own, which stands among the campaign's keys by the shop's name; revoking that disconnects it.",
      request: { params, body: body(shopSourceRequest) },
      responses: { 200: json(shopSource, "As it is connected now."), ...problems(400, 401, 403, 404, 409) },
    }),
    async (c) => {
      const { campaignId, shop } = c.req.valid("param");
      const actor = await requireManager(c, services, campaignId);
      const given = c.req.valid("json");
      if (given.testMode && shop === "woocommerce")
        throw new Problem(400, "`testMode` is true, and WooCommerce marks no order as a test. Leave it out.");
      return c.json(await show(shop, await connection(shop).connect(campaignId, actor, given)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "get",
      path: PATH,
      summary: "Read how a shop is connected",
      request: { params },
      responses: { 200: json(shopSource, "As it is connected."), ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId, shop } = c.req.valid("param");
      await requireManager(c, services, campaignId);
      return c.json(await show(shop, await connection(shop).require(campaignId)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "delete",
      path: PATH,
      summary: "Disconnect a shop",
      description: "Nothing that it sends is taken in any more. What was reported stays reported.",
      request: { params },
      responses: { 204: { description: "It is not connected." }, ...problems(400, 401, 403, 404) },
    }),
    async (c) => {
      const { campaignId, shop } = c.req.valid("param");
      const { note } = await requireManager(c, services, campaignId);
      await connection(shop).disconnect(campaignId, note);
      return c.body(null, 204);
    },
  );
  return app;
}
