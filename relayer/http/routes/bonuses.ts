/** Targets and bonuses: how far a partner is, and what a brand gives by its own word. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { DECIMAL } from "@partner-programs/protocol/amount";
import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import { PERIODS } from "@partner-programs/protocol/targets";
import type { Context } from "hono";
import { problems } from "#service/problem.ts";
import { readProgress } from "../../progress.ts";
import { type BonusRow, readBonus, readBonuses } from "../../store/bonuses.ts";
import { brandOrWallet, requireBrand } from "../actor.ts";
import { WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, amount, body, campaignParameter, json, page, placeIn, sortedPageQuery, toPage } from "../schemas.ts";

const progress = z
  .object({
    name: z.string(),
    title: z.string(),
    period: z.object({ kind: z.enum(PERIODS), name: z.string(), from: z.int(), to: z.int() }),
    counts: z.array(z.string()),
    pays: z.enum(["each", "highest"]),
    conversions: z.int().openapi({ description: "Whose hold is over for good: these count." }),
    volumeBaseUnits: amount,
    waiting: z.int().openapi({ description: "Conversions of the period that count once their hold is over." }),
    steps: z.array(
      z.object({
        conversions: z.int().nullable(),
        volume: z.string().nullable(),
        bonus: amount.openapi({ description: "What this step pays, in base units." }),
        reached: z.boolean(),
      }),
    ),
  })
  .openapi("TargetProgress");

const bonus = z
  .object({
    bonusId: z.string(),
    partner: address,
    amount: amount.openapi({ description: "Base units." }),
    reason: z.string(),
    givenAt: z.string(),
    conversionId: z.string().nullable(),
    state: z.string().nullable(),
    stateReason: z.string().nullable().openapi({ description: "Why it was rejected or taken back." }),
  })
  .openapi("Bonus");

const newBonus = z
  .strictObject({
    bonusId: z
      .string()
      .regex(/^[0-9A-Za-z-]{1,64}$/, "must be letters, digits and -, at most 64")
      .openapi({ description: "As the brand calls it: sent again, it gives nothing more." }),
    partner: address,
    amount: z.string().regex(DECIMAL, "must be a decimal number of whole tokens, such as 49.90"),
    reason: z.string().trim().min(1).max(500).openapi({ description: "The partner reads it." }),
  })
  .openapi("NewBonus");

const showProgress = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/targets",
  security: WALLET,
  summary: "How far a partner is in the campaign's targets",
  description: "Of the signed-in partner; for the brand, of the partner that it names.",
  request: { params: campaignParameter, query: z.object({ partner: address.optional() }) },
  responses: { 200: json(z.array(progress), "Of the periods that are now."), ...problems(400, 401, 404) },
});

const give = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/bonuses",
  security: WALLET,
  summary: "Give a partner a bonus",
  description:
    "By the brand's own word, as far as the description's `bonuses` allow it. It is a conversion of that event, which attesters sign for within their own rules.",
  request: { params: campaignParameter, body: body(newBonus) },
  responses: {
    201: json(bonus, "It is given, or was rejected, as its state says."),
    200: json(bonus, "It was given before. One that was rejected was judged again."),
    ...problems(400, 401, 403, 404, 409),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/bonuses",
  security: WALLET,
  summary: "List bonuses by the brand's own word",
  request: { params: campaignParameter, query: sortedPageQuery },
  responses: {
    200: json(page(bonus).openapi("Bonuses"), "The signed-in partner's; for the brand, all."),
    ...problems(400, 401, 404),
  },
});

const toBonus = (row: BonusRow) =>
  ({
    bonusId: row.bonus_id,
    partner: row.partner,
    amount: String(row.amount),
    reason: row.reason,
    givenAt: row.given_at.toISOString(),
    conversionId: row.conversion_id === null ? null : String(row.conversion_id),
    state: row.state,
    stateReason: row.why === null ? null : (REASONS[row.why as Reason] ?? row.why),
  }) as z.output<typeof bonus>;

export function bonusRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  /** Whose: the signed-in partner's, or for the brand whom it names; undefined: all. */
  async function whose(c: Context, campaignId: string, named?: string): Promise<string | undefined> {
    const { wallet, actor } = await brandOrWallet(c, services, campaignId);
    return actor === undefined ? wallet : named;
  }

  app.openapi(showProgress, async (c) => {
    const { campaignId } = c.req.valid("param");
    const partner = await whose(c, campaignId, c.req.valid("query").partner);
    const reached = partner === undefined ? [] : await readProgress(database, campaignId, partner, Date.now());
    return c.json(reached as z.output<typeof progress>[], 200);
  });

  app.openapi(give, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { by, note } = await requireBrand(c, services, campaignId);
    const gift = c.req.valid("json");
    const created = await intake.giveBonus(campaignId, { ...gift, by }, Date.now(), note);
    const row = (await readBonus(database, campaignId, gift.bonusId)) as BonusRow;
    return c.json(toBonus(row), created ? 201 : 200);
  });

  app.openapi(list, async (c) => {
    const { campaignId } = c.req.valid("param");
    const query = c.req.valid("query");
    const partner = await whose(c, campaignId);
    const place = placeIn(`bonuses ${campaignId}`, query);
    const rows = await readBonuses(database, campaignId, partner, place);
    return c.json(toPage(place.list, rows, query.limit, toBonus), 200);
  });
  return app;
}
