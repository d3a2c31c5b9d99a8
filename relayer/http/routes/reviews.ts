import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { type ConversionRow, readConversions } from "../../store/conversions.ts";
import { requireBrand, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { conversion, conversionPageQuery, toConversion } from "../conversion.ts";
import { body, campaignParameter, json } from "../schemas.ts";
import { conversionParameter } from "./conversions.ts";

/** What the attesters would not have, and what is flagged as long as it can be taken back. */
const REVIEWABLE = `(c.state = 'review' OR c.flags <> '{}') AND c.state IN ('accepted', 'review', 'batched', 'attested')
  AND (batches.release_at IS NULL OR batches.release_at > extract(epoch FROM now()))
  AND NOT EXISTS (SELECT 1 FROM refunds WHERE refunds.conversion_id = c.id AND refunds.whole)`;

/** The brand's word on conversions that are flagged, and paid without it, and on those that the attesters refused, which wait for it. */
export function reviewRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/reviews",
      request: { params: campaignParameter, query: conversionPageQuery },
      responses: {
        200: json(
          z.object({ items: z.array(conversion), next: z.string().nullable() }),
          "Flagged conversions that can still be taken back, and refused ones, the newest first.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { cursor, limit } = c.req.valid("query");
      await requireBrand(c, services, campaignId);
      const rows = await readConversions(
        database,
        `c.campaign_id = $1 AND ($2::bigint IS NULL OR c.id < $2::bigint) AND ${REVIEWABLE}`,
        [campaignId, cursor ?? null],
        limit + 1,
      );
      const items = rows.slice(0, limit);
      return c.json(
        {
          items: items.map((row) => toConversion(row, "brand")),
          next: rows.length > limit ? String(items.at(-1)?.id) : null,
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions/{id}/reviews",
      request: {
        params: conversionParameter,
        body: body(
          z.strictObject({
            decision: z.enum(["release", "confirm"]).openapi({
              description:
                "`release`: nothing is wrong; the flags go, and what the attesters refused is shown to them again. `confirm`: it is not genuine, and is taken back.",
            }),
          }),
        ),
      },
      responses: {
        202: json(conversion, "The flags are gone; or the conversion is taken back, within the hold by a reversal."),
        ...problems(400, 401, 404, 409),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const wallet = await requireSession(c, services);
      const [row] = await readConversions(database, "c.id = $1 AND campaigns.brand = $2", [id, wallet]);
      if (row === undefined) throw new Problem(404, `You are the brand of no conversion ${id}.`);
      await intake.review(row.campaign_id, row.id, c.req.valid("json").decision, Date.now());
      const [after] = await readConversions(database, "c.id = $1", [id]);
      return c.json(toConversion(after as ConversionRow, "brand"), 202);
    },
  );
  return app;
}
