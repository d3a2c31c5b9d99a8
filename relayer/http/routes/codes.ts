/** Codes that a partner's customers say: made by it, given by its brand, retired, looked up by a shop. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { newSpokenCode } from "../../domain/spokenCode.ts";
import { lockCampaign } from "../../store/campaigns.ts";
import { type CodeRow, changeCode, countOwnCodes, insertCodes, readCodes, readNamedCodes } from "../../store/codes.ts";
import { readOffers } from "../../store/ledger.ts";
import { findPartnership, readPartnershipIds } from "../../store/partnerships.ts";
import { type Actor, brandOrWallet, requireManager } from "../actor.ts";
import { comesWithKey, requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { address, amount, body, campaignParameter, json, page, placeIn, sortedPageQuery, toPage } from "../schemas.ts";

/** Retired ones included: what is in the world is never given to another. */
const MAX_OWN_CODES = 20;
const MAX_GIVEN_AT_ONCE = 500;

const shown = z
  .string()
  .trim()
  .max(32)
  .transform((text) => text.toUpperCase())
  .refine(
    (text) => /^[A-Z0-9][A-Z0-9 -]*$/.test(text) && canonicalCode(text) !== undefined,
    "has to be 3 to 24 letters A to Z and digits; blanks and hyphens between them do not count",
  )
  .openapi({ type: "string", example: "SPRING-24" });
const customerGets = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, "must not have control characters")
  .nullable()
  .openapi({ description: "What the customer gets for it, in the brand's words.", example: "10 % off" });

const code = z
  .object({
    code: z
      .string()
      .openapi({ description: "As it is shown. Capitals, blanks and hyphens do not count, O is 0, I and L are 1." }),
    partner: address,
    givenBy: z.enum(["partner", "brand"]),
    offerId: z.int().nullable().openapi({
      description: "The offer that pays what comes by it, where that offer can; null: the best, as by a link.",
    }),
    customerGets,
    createdAt: z.string(),
    retiredAt: z
      .string()
      .nullable()
      .openapi({ description: "From then on it counts no more. It is given to nobody else." }),
    conversions: z.int(),
    rejected: z.int(),
    commission: amount,
  })
  .openapi("Code");

const publicCode = z.object({ code: z.string(), customerGets, retired: z.boolean() }).openapi("PublicCode");

const newCode = z
  .strictObject({ code: shown.optional().openapi({ description: "Without it one is made." }) })
  .openapi("NewCode");

const grants = z
  .strictObject({
    codes: z
      .array(
        z.strictObject({
          partner: address,
          code: shown.optional().openapi({ description: "Without it one is made." }),
          offerId: z.int().min(0).nullable().default(null),
          customerGets: customerGets.default(null),
        }),
      )
      .min(1)
      .max(MAX_GIVEN_AT_ONCE),
  })
  .openapi("CodeGrants");

const change = z
  .strictObject({
    retired: z.literal(true).optional().openapi({ description: "For good." }),
    customerGets: customerGets.optional().openapi({ description: "The brand's to say." }),
  })
  .refine(({ retired, customerGets }) => retired === true || customerGets !== undefined, "give retired or customerGets")
  .openapi("CodeChange");

const codeParameter = campaignParameter.extend({ code: z.string().min(1).max(200) });

const toCode = (row: CodeRow): z.input<typeof code> => ({
  code: row.shown,
  partner: row.partner,
  givenBy: row.given_by,
  offerId: row.offer_id,
  customerGets: row.customer_gets,
  createdAt: row.created_at.toISOString(),
  retiredAt: row.retired_at?.toISOString() ?? null,
  conversions: Number(row.conversions),
  rejected: Number(row.rejected),
  commission: String(row.commission),
});

const makeOne = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/codes",
  security: WALLET,
  summary: "Make a code of one's own",
  request: { params: campaignParameter, body: body(newCode) },
  responses: {
    201: json(code, "A new code of the signed-in partner."),
    ...problems(400, 401, 403, 404, 409),
  },
});

const giveSome = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/code-grants",
  summary: "Give partners codes",
  description: "For the brand, by its session or a key with the scope `admin`. All of them are given, or none.",
  request: { params: campaignParameter, body: body(grants) },
  responses: {
    201: json(z.object({ codes: z.array(code) }), "The new codes, in the order in which they were asked for."),
    ...problems(400, 401, 403, 404, 409),
  },
});

const listAll = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/codes",
  summary: "List codes with their numbers",
  request: {
    params: campaignParameter,
    query: sortedPageQuery.extend({
      partner: address.optional().openapi({ description: "For the brand: of this partner." }),
    }),
  },
  responses: {
    200: json(page(code).openapi("Codes"), "The signed-in partner's codes; for the brand, those of all its partners."),
    ...problems(400, 401, 403, 404),
  },
});

const lookUp = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/codes/{code}",
  summary: "Look a code up",
  description:
    "For a checkout: whether there is such a code, however it was typed, and what the customer gets. Nobody has to sign in.",
  request: { params: codeParameter },
  responses: { 200: json(publicCode, "The code."), ...problems(404, 429) },
});

const changeOne = createRoute({
  method: "patch",
  path: "/v1/campaigns/{campaignId}/codes/{code}",
  summary: "Retire a code, or say what its customers get",
  request: { params: codeParameter, body: body(change) },
  responses: { 200: json(code, "The code as it is now."), ...problems(400, 401, 403, 404) },
});

export function codeRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  /** Who may see and change codes: the brand all of them, a partner its own (`partner`). */
  async function viewerOf(
    c: Context,
    campaignId: string,
  ): Promise<{ readonly partner: string | undefined; readonly actor: Actor | undefined }> {
    if (comesWithKey(c)) return { partner: undefined, actor: await requireManager(c, services, campaignId) };
    const { wallet, actor } = await brandOrWallet(c, services, campaignId);
    return { partner: actor === undefined ? wallet : undefined, actor };
  }

  async function requireCode(campaignId: string, typed: string): Promise<CodeRow> {
    const name = canonicalCode(typed);
    const [row] = name === undefined ? [] : await readNamedCodes(database, campaignId, [name]);
    if (row === undefined) throw new Problem(404, `The campaign has no code ${JSON.stringify(typed)}.`);
    return row;
  }

  app.openapi(makeOne, async (c) => {
    const partner = await requireSession(c, services);
    const { campaignId } = c.req.valid("param");
    await requireCampaign(database, campaignId);
    const given = c.req.valid("json").code ?? newSpokenCode();
    const name = canonicalCode(given) as string;
    await database.transaction(async (sql) => {
      // Behind the lock, so that nobody else takes the same code, or the last place.
      await lockCampaign(sql, campaignId);
      const partnershipId = await findPartnership(sql, campaignId, partner);
      if (partnershipId === undefined)
        throw new Problem(403, `${partner} is not a partner here. Join first: POST /v1/campaigns/{id}/partnerships.`);
      if ((await countOwnCodes(sql, partnershipId)) >= MAX_OWN_CODES)
        throw new Problem(409, `A partner makes at most ${MAX_OWN_CODES} codes in a campaign, retired ones included.`);
      const one = { name, shown: given, partnershipId, givenBy: "partner", offerId: null, customerGets: null } as const;
      await insertCodes(sql, campaignId, [one]);
    });
    return c.json(toCode(await requireCode(campaignId, name)), 201);
  });

  app.openapi(giveSome, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { note } = await requireManager(c, services, campaignId);
    const asked = c.req.valid("json").codes.map((one) => ({ ...one, code: one.code ?? newSpokenCode() }));
    const names = asked.map((one) => canonicalCode(one.code) as string);
    const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
    if (twice !== -1)
      throw new Problem(400, `codes.${twice}.code: ${asked[twice]?.code} reads like another code of this request.`);
    await database.transaction(async (sql) => {
      await lockCampaign(sql, campaignId);
      const partnerships = await readPartnershipIds(sql, campaignId, [...new Set(asked.map(({ partner }) => partner))]);
      const offers = await readOffers(sql, campaignId);
      for (const [i, { partner, offerId }] of asked.entries()) {
        if (!partnerships.has(partner))
          throw new Problem(400, `codes.${i}.partner: ${partner} has not joined this campaign.`);
        if (offerId === null) continue;
        const offer = offers.find((one) => one.offerId === offerId);
        if (offer === undefined)
          throw new Problem(400, `codes.${i}.offerId: the campaign has no offer ${offerId} that goes on.`);
        if (offer.partner !== undefined && offer.partner !== partner)
          throw new Problem(400, `codes.${i}.offerId: offer ${offerId} is for ${offer.partner} alone.`);
      }
      await insertCodes(
        sql,
        campaignId,
        asked.map((one, i) => ({
          name: names[i] as string,
          shown: one.code,
          partnershipId: partnerships.get(one.partner) as bigint,
          givenBy: "brand",
          offerId: one.offerId,
          customerGets: one.customerGets,
        })),
      );
      await note(sql, {
        codes: asked
          .map((one) => one.code)
          .slice(0, 20)
          .join(", "),
      });
    });
    return c.json({ codes: (await readNamedCodes(database, campaignId, names)).map(toCode) }, 201);
  });

  app.openapi(listAll, async (c) => {
    const { campaignId } = c.req.valid("param");
    const query = c.req.valid("query");
    const viewer = await viewerOf(c, campaignId);
    const place = placeIn(`codes ${campaignId}`, query);
    const rows = await readCodes(database, campaignId, viewer.partner ?? query.partner, place);
    return c.json(toPage(place.list, rows, query.limit, toCode), 200);
  });

  app.openapi(lookUp, async (c) => {
    const { campaignId, code } = c.req.valid("param");
    const row = await requireCode(campaignId, code);
    return c.json({ code: row.shown, customerGets: row.customer_gets, retired: row.retired_at !== null }, 200);
  });

  app.openapi(changeOne, async (c) => {
    const { campaignId, code } = c.req.valid("param");
    const { partner, actor } = await viewerOf(c, campaignId);
    const row = await requireCode(campaignId, code);
    const { retired, customerGets } = c.req.valid("json");
    if (partner !== undefined && partner !== row.partner)
      throw new Problem(403, `The code ${row.shown} is ${row.partner}'s.`);
    if (partner !== undefined && customerGets !== undefined)
      throw new Problem(403, "What the customer gets is the brand's to say.");
    await database.transaction(async (sql) => {
      await actor?.note(sql, { code: row.shown, ...(retired === true ? { retired: "true" } : {}) });
      await changeCode(sql, row.id, { retired: retired === true, customerGets });
    });
    return c.json(toCode(await requireCode(campaignId, row.name)), 200);
  });
  return app;
}
