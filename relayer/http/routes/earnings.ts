/** What a partner earned: a page at a time, or as a file. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readEarnings } from "../../store/earnings.ts";
import { PARTNER, requireReader } from "../auth.ts";
import type { Services } from "../context.ts";
import { days, toDays } from "../days.ts";
import { earning, toEarning } from "../earning.ts";
import { bytes32, idBefore, json, page, pageQuery, toPage } from "../schemas.ts";
import { statementCsv } from "../statement.ts";

const MAX_ROWS = 20_000;

const listEarnings = createRoute({
  method: "get",
  path: "/v1/me/earnings",
  security: PARTNER,
  summary: "List what a partner earned",
  request: { query: pageQuery.extend({ campaignId: bytes32.optional() }) },
  responses: {
    200: json(
      page(earning).openapi("Earnings"),
      "What the signed-in partner earned by each conversion, the newest first.",
    ),
    ...problems(400, 401),
  },
});

const takeStatement = createRoute({
  method: "get",
  path: "/v1/me/statement.csv",
  security: PARTNER,
  summary: "Take the earnings home as CSV",
  request: { query: z.object(days) },
  responses: {
    200: {
      description: "The signed-in partner's earnings, conversion by conversion, as CSV.",
      content: { "text/csv": { schema: z.string() } },
    },
    ...problems(400, 401),
  },
});

export function earningRoutes(services: Services) {
  const app = new OpenAPIHono();

  app.openapi(listEarnings, async (c) => {
    const { campaignId, cursor, limit } = c.req.valid("query");
    const wallet = await requireReader(c, services);
    const list = `earnings ${wallet}`;
    const query = { campaignId, before: idBefore(list, cursor), limit: limit + 1 };
    const rows = await readEarnings(services.database, wallet, query);
    return c.json(
      toPage(list, rows, limit, (row) => toEarning(wallet, row)),
      200,
    );
  });

  app.openapi(takeStatement, async (c) => {
    const wallet = await requireReader(c, services);
    const { from, to } = toDays(c.req.valid("query"));
    const rows = await readEarnings(services.database, wallet, { days: { from, to }, limit: MAX_ROWS + 1 });
    if (rows.length > MAX_ROWS)
      throw new Problem(400, `These are more than ${MAX_ROWS} conversions. Ask for fewer days.`);
    return c.body(statementCsv(wallet, rows), 200, {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="statement-${from}.csv"`,
      "cache-control": "no-store",
    });
  });
  return app;
}
