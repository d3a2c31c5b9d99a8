/** What a source sent to a campaign, and what became of each; for the brand, its managers, or a key with the scope `admin`. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readSourceEvent, readSourceEvents, repeatSourceEvents } from "../../store/sourceEvents.ts";
import { SOURCES } from "../../store/sources.ts";
import { requireManager } from "../actor.ts";
import type { Services } from "../context.ts";
import { campaignParameter, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";
import { eventStates, sourceEvent, sourceRoute, toSourceEvent } from "../source.ts";

const sourceParameter = campaignParameter.extend({ source: z.enum(SOURCES) });
const LIST = "/v1/campaigns/{campaignId}/sources/{source}/events";

export function sourceEventRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "get",
      path: LIST,
      summary: "List what a source sent",
      description: "With what became of each. Applied ones are kept for 30 days, refused ones for good.",
      request: { params: sourceParameter, query: sortedPageQuery.extend({ state: eventStates.optional() }) },
      responses: {
        200: json(page(sourceEvent).openapi("SourceEvents"), "The events, newest first unless `sort` says otherwise."),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId, source } = c.req.valid("param");
      await requireManager(c, services, campaignId);
      const { state, ...query } = c.req.valid("query");
      const place = placeIn(`${source} ${campaignId}`, query);
      const rows = await readSourceEvents(database, campaignId, source, state, place);
      return c.json(toPage(place.list, rows, query.limit, toSourceEvent), 200);
    },
  );

  app.openapi(
    createRoute({
      ...sourceRoute,
      method: "post",
      path: `${LIST}/{id}/retries`,
      summary: "Have an event applied again",
      description: "One that was refused, once what stood against it is mended; or one that waits, at once.",
      request: { params: sourceParameter.extend({ id: rowId }) },
      responses: { 202: json(sourceEvent, "It is due now."), ...problems(400, 401, 403, 404, 409) },
    }),
    async (c) => {
      const { campaignId, source, id } = c.req.valid("param");
      const { note } = await requireManager(c, services, campaignId);
      const repeated = await database.transaction(async (sql) => {
        const events = await repeatSourceEvents(sql, campaignId, source, id);
        if (events > 0) await note(sql, { source, event: id });
        return events;
      });
      const row = await readSourceEvent(database, campaignId, source, id);
      if (row === undefined) throw new Problem(404, `There is no event ${id} of ${source}.`);
      if (repeated === 0)
        throw new Problem(409, `Event ${id} is ${row.state}: only one that waits or was refused is applied again.`);
      return c.json(toSourceEvent(row), 202);
    },
  );
  return app;
}
