/** Refunds that came before the sale that they take back, and what became of them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readWaitingRefund, readWaitingRefunds } from "../../store/waitingRefunds.ts";
import { requireApiKey, SERVER } from "../auth.ts";
import type { Services } from "../context.ts";
import { text } from "../conversion.ts";
import { json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";
import { toWaitingRefund, waitingRefund, waitingStates } from "../waitingRefund.ts";

const LIST = "waiting-refunds";

export function waitingRefundRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/waiting-refunds",
      security: SERVER,
      request: {
        query: sortedPageQuery.extend({
          orderId: text(200).optional(),
          event: text(24).optional(),
          state: waitingStates.optional(),
        }),
      },
      responses: {
        200: json(
          page(waitingRefund).openapi("WaitingRefunds"),
          "Refunds that were reported before a sale that they take back, the newest first unless `sort` says otherwise.",
        ),
        ...problems(400, 401, 403),
      },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "read");
      const { cursor, limit, sort, ...which } = c.req.valid("query");
      const place = placeIn(LIST, { cursor, limit, sort });
      const rows = await readWaitingRefunds(database, campaignId, which, place);
      return c.json(toPage(place.list, rows, limit, toWaitingRefund), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/waiting-refunds/{id}",
      security: SERVER,
      request: { params: z.object({ id: rowId }) },
      responses: { 200: json(waitingRefund, "The refund, and what became of it."), ...problems(401, 403, 404) },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "read");
      const { id } = c.req.valid("param");
      const row = await readWaitingRefund(database, campaignId, BigInt(id));
      if (row === undefined) throw new Problem(404, `You have no waiting refund ${id}.`);
      return c.json(toWaitingRefund(row), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/v1/waiting-refunds/{id}",
      security: SERVER,
      summary: "Withdraw a refund that waits",
      description:
        "Its order will not be taken back by it. It stays on record, and the same refund again is refused. What is taken back already cannot be withdrawn.",
      request: { params: z.object({ id: rowId }) },
      responses: {
        200: json(waitingRefund, "The refund is withdrawn, now or before."),
        ...problems(401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "report");
      const { id } = c.req.valid("param");
      const row = await services.intake.withdrawRefund(campaignId, BigInt(id));
      if (row === undefined) throw new Problem(404, `You have no waiting refund ${id}.`);
      return c.json(toWaitingRefund(row), 200);
    },
  );
  return app;
}
