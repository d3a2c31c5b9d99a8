/** The brand's word on conversions that are flagged, or that the attesters refused. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { RefusedRefund } from "../../intake/errors.ts";
import { readConversion, readConversions } from "../../store/conversionList.ts";
import { readNames } from "../../store/profiles.ts";
import { requireBrand } from "../actor.ts";
import { requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  conversion,
  conversionPage,
  conversionPageQuery,
  conversionParameter,
  placesOf,
  toConversion,
  toConversionPage,
} from "../conversion.ts";
import { body, campaignParameter, json, rowId, sort, toId } from "../schemas.ts";

/** Of one request: each is a transaction of its own. */
const MAX_REVIEWED = 50;

const decision = z.enum(["release", "confirm"]).openapi({
  description:
    "`release`: nothing is wrong; the flags go, and what the attesters refused is shown to them again. `confirm`: it is not genuine, and is taken back.",
});

const reviewMany = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/reviews",
  summary: "Review many conversions at once",
  description: `One decision on ${MAX_REVIEWED} conversions at most. Each is reviewed by itself: one that cannot be does not keep the others from it. Sent again it changes nothing.`,
  request: {
    params: campaignParameter,
    body: body(
      z.strictObject({
        decision,
        conversionIds: z
          .array(rowId)
          .min(1)
          .max(MAX_REVIEWED, `has at most ${MAX_REVIEWED} ids; send the others in another request`)
          .refine((ids) => new Set(ids).size === ids.length, "has an id twice"),
      }),
    ),
  },
  responses: {
    200: json(
      z.object({
        outcomes: z.array(
          z.object({
            conversionId: z.string(),
            done: z.boolean(),
            detail: z.string().nullable().openapi({ description: "Why it was not done; null: it was." }),
          }),
        ),
      }),
      "What became of each, in the order of the request.",
    ),
    ...problems(400, 401, 403, 404),
  },
});

/** The brand's word on conversions that are flagged, and paid without it, and on those that the attesters refused, which wait for it. */
export function reviewRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/reviews",
      security: WALLET,
      request: { params: campaignParameter, query: conversionPageQuery.extend({ sort }) },
      responses: {
        200: json(
          conversionPage,
          "Flagged conversions that can still be taken back, and refused ones, the newest first unless `sort` says otherwise.",
        ),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { cursor, limit, sort } = c.req.valid("query");
      await requireBrand(c, services, campaignId);
      const place = { [sort === "newest" ? "before" : "after"]: toId(cursor) };
      const rows = await readConversions(database, { campaignId, ...place, reviewable: true }, limit + 1, sort);
      return c.json(
        toConversionPage(rows, limit, () => "brand", await readNames(database, placesOf(rows))),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions/{id}/reviews",
      security: WALLET,
      request: {
        params: conversionParameter,
        body: body(z.strictObject({ decision })),
      },
      responses: {
        202: json(conversion, "The flags are gone; or the conversion is taken back, within the hold by a reversal."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await requireSession(c, services);
      const none = new Problem(404, `You are the brand of no conversion ${id}.`);
      const [row] = await readConversions(database, { ids: [BigInt(id)] });
      if (row === undefined) throw none;
      const { note } = await requireBrand(c, services, row.campaign_id, none);
      await intake.review(row.campaign_id, row.id, c.req.valid("json").decision, Date.now(), note);
      return c.json(toConversion((await readConversion(database, row.id)) ?? row, "brand"), 202);
    },
  );

  app.openapi(reviewMany, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { decision: word, conversionIds } = c.req.valid("json");
    const { note } = await requireBrand(c, services, campaignId);
    const ids = conversionIds.map(BigInt);
    const found = new Set((await readConversions(database, { campaignId, ids })).map(({ id }) => id));
    const outcomes = [];
    for (const id of ids) {
      const detail = found.has(id)
        ? await whyNot(() => intake.review(campaignId, id, word, Date.now(), note))
        : `Campaign ${campaignId} has no conversion ${id}.`;
      outcomes.push({ conversionId: String(id), done: detail === null, detail });
    }
    return c.json({ outcomes }, 200);
  });
  return app;
}

/** Why a review was refused; null: it was done. */
async function whyNot(review: () => Promise<void>): Promise<string | null> {
  try {
    await review();
    return null;
  } catch (error) {
    if (error instanceof RefusedRefund) return error.message;
    throw error;
  }
}
