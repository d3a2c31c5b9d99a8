/** What a partner earned: a page at a time, or as a file. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { readEarnings } from "../../store/earnings.ts";
import { PARTNER, requireReader } from "../auth.ts";
import type { Services } from "../context.ts";
import { DAY, days, toDays } from "../days.ts";
import { earning, toEarning } from "../earning.ts";
import { csvAnswer, csvResponse, WHOLE_FILE } from "../exports/csv.ts";
import { statementLines } from "../exports/statement.ts";
import { bytes32, json, page, placeIn, sortedPageQuery, toPage } from "../schemas.ts";

const listEarnings = createRoute({
  method: "get",
  path: "/v1/me/earnings",
  security: PARTNER,
  summary: "List what a partner earned",
  request: { query: sortedPageQuery.extend({ campaignId: bytes32.optional(), ...days }) },
  responses: {
    200: json(
      page(earning).openapi("Earnings"),
      "What the signed-in partner earned by each conversion, the newest first unless `sort` says otherwise.",
    ),
    ...problems(400, 401),
  },
});

const takeStatement = createRoute({
  method: "get",
  path: "/v1/me/statement.csv",
  security: PARTNER,
  summary: "Take the earnings home as CSV",
  description: WHOLE_FILE,
  request: { query: z.object({ ...days, campaignId: bytes32.optional() }) },
  responses: {
    200: csvAnswer("The signed-in partner's earnings, conversion by conversion, and their sums."),
    ...problems(400, 401),
  },
});

export function earningRoutes(services: Services) {
  const app = new OpenAPIHono();

  app.openapi(listEarnings, async (c) => {
    const { campaignId, cursor, limit, sort, ...span } = c.req.valid("query");
    const wallet = await requireReader(c, services);
    const { list, ...place } = placeIn(`earnings ${wallet}`, { cursor, limit, sort });
    const asked = span.from === undefined && span.to === undefined ? undefined : toDays(span);
    const query = { campaignId, days: asked, ...place };
    const rows = await readEarnings(services.database, wallet, query);
    return c.json(
      toPage(list, rows, limit, (row) => toEarning(wallet, row)),
      200,
    );
  });

  app.openapi(takeStatement, async (c) => {
    const wallet = await requireReader(c, services);
    const { campaignId, ...span } = c.req.valid("query");
    const asked = toDays(span);
    const lastDay = new Date(Date.parse(asked.to) - DAY).toISOString().slice(0, 10);
    const lines = statementLines(services.database, { wallet, campaignId, days: asked, lastDay });
    return csvResponse(c, services.log, `statement-${asked.from}-${lastDay}.csv`, lines);
  });
  return app;
}
