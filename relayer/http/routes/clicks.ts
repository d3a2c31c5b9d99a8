/** How often a link was followed. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { readClickDays } from "../../store/clicks.ts";
import type { Services } from "../context.ts";
import { linkParameter, requireLink, requireLinkCampaign, viewerOf } from "../link.ts";
import { day, json } from "../schemas.ts";

const MAX_DAYS = 366;

/** A link's clicks by day, for its partner and for the brand. */
export function clickRoutes(services: Services) {
  const app = new OpenAPIHono();
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/links/{code}/clicks",
      request: {
        params: linkParameter,
        query: z
          .object({ from: day.optional(), to: day.optional() })
          .openapi({ description: "Days in UTC, both included." }),
      },
      responses: {
        200: json(
          z.array(z.object({ day, clicks: z.int(), bots: z.int() })),
          `The link's clicks by day (UTC), oldest first; days without any are left out. At most the last ${MAX_DAYS} of them.`,
        ),
        ...problems(400, 401, 404),
      },
    }),
    async (c) => {
      const { campaignId, code } = c.req.valid("param");
      const campaign = await requireLinkCampaign(services, campaignId);
      await requireLink(services, campaign, code, await viewerOf(c, services, campaign));
      const rows = await readClickDays(services.database, code, c.req.valid("query"), MAX_DAYS);
      return c.json(
        rows.map((row) => ({ day: row.day, clicks: Number(row.clicks), bots: Number(row.bots) })),
        200,
      );
    },
  );
  return app;
}
