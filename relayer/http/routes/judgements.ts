/** The brand's word that a rejected conversion is to be judged again. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readConversion, readConversions } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { requireBrandOrKey } from "../actor.ts";
import { comesWithKey, requireApiKey, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { conversion, conversionParameter, toConversion } from "../conversion.ts";
import { json } from "../schemas.ts";

const judge = createRoute({
  method: "post",
  path: "/v1/conversions/{id}/judgements",
  summary: "Judge a rejected conversion again",
  description:
    "What stood against it may be gone: the budget is funded, the customer is bound, the description knows the event. First as of when it was reported, then as of now. What is not rejected stays as it is.",
  request: { params: conversionParameter },
  responses: {
    200: json(conversion, "The conversion as it is now, with both outcomes among its moves."),
    ...problems(401, 403, 404, 409),
  },
});

/** For the brand, its managers, or a key that may report. */
export function judgementRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();
  app.openapi(judge, async (c) => {
    const { id } = c.req.valid("param");
    await (comesWithKey(c) ? requireApiKey(c, services, "report") : requireSession(c, services));
    const none = new Problem(404, `You are the brand of no conversion ${id}.`);
    const [found] = await readConversions(database, { ids: [BigInt(id)] });
    if (found === undefined) throw none;
    const { note } = await requireBrandOrKey(c, services, "report", found.campaign_id, none);
    await intake.judgeAgain(found.campaign_id, found.id, Date.now(), note);
    return c.json(toConversion((await readConversion(database, found.id)) as ConversionRow, "brand"), 200);
  });
  return app;
}
