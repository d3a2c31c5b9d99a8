/** Who has reached what the description promises a better group for. The relayer proposes; the brand's wallet decides. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { readDescription } from "@partner-programs/protocol/description";
import { kindMask, kindName } from "@partner-programs/protocol/kinds";
import type { Sql } from "#service/database.ts";
import { Problem, problems } from "#service/problem.ts";
import { type PromotionTerms, readPromotionTerms, readReached } from "../../store/promotions.ts";
import { requireBrand } from "../actor.ts";
import { WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { requireKnown } from "../requireCampaign.ts";
import { address, amount, campaignParameter, json } from "../schemas.ts";

const promotion = z
  .object({
    partner: address,
    kind: z.int().openapi({ description: "The group that the partner has reached and is not in." }),
    kindName: z.string(),
    days: z.int(),
    conversions: z.int(),
    volumeBaseUnits: amount,
  })
  .openapi("Promotion");

const call = z.object({
  partners: z.array(address),
  mask: z
    .string()
    .openapi({ description: "All their kinds, those they have and the new ones: 64 bits, as a decimal number." }),
  to: address,
  data: z.string(),
});

const proposal = z
  .object({
    promotions: z.array(promotion),
    calls: z
      .array(call)
      .openapi({ description: "`setKinds`, to be sent from the brand's wallet: one call for each mask." }),
  })
  .openapi("PromotionProposal");

/** So many partners in one call; more are proposed once these are in. */
const MAX_IN_A_CALL = 200;

const propose = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/promotions",
  security: WALLET,
  request: { params: campaignParameter },
  responses: {
    200: json(proposal, "Who is to be promoted, and the transactions that would do it."),
    ...problems(401, 403, 404, 409),
  },
});

type Promotion = z.output<typeof promotion>;

/** What the campaign promises better groups for. @throws Problem 409 */
function requireRules(campaignId: string, { description }: PromotionTerms) {
  if (description === null)
    throw new Problem(
      409,
      `The description of campaign ${campaignId} is not known here. Upload it with POST /v1/descriptions.`,
    );
  const reading = readDescription(description);
  if (reading.description === undefined)
    throw new Problem(409, `The description of campaign ${campaignId} is not understood: ${reading.problem}`);
  return reading.description.promotions;
}

/** Who reached what, and of each of them all the kinds that it would have. */
async function promotionsOf(
  sql: Sql,
  campaignId: string,
): Promise<{ promotions: Promotion[]; masks: ReadonlyMap<string, bigint> }> {
  const terms = requireKnown(campaignId, await readPromotionTerms(sql, campaignId));
  const promotions: Promotion[] = [];
  const masks = new Map<string, bigint>();
  for (const { kind, conversions = 0, volume = "0", days } of requireRules(campaignId, terms)) {
    const least = { conversions, volume: toBaseUnitsDown(volume, terms.token_decimals) };
    const rows = await readReached(sql, campaignId, { kind, days, ...least, openKinds: terms.open_kinds });
    for (const { partner, mask, ...row } of rows) {
      masks.set(partner, (masks.get(partner) ?? mask) | kindMask(kind));
      promotions.push({
        partner,
        kind,
        kindName: kindName(kind),
        days,
        conversions: Number(row.conversions),
        volumeBaseUnits: String(row.volume),
      } as Promotion);
    }
  }
  return { promotions, masks };
}

export function promotionRoutes(services: Services) {
  const { database, chain } = services;
  const app = new OpenAPIHono();

  app.openapi(propose, async (c) => {
    const { campaignId } = c.req.valid("param");
    await requireBrand(c, services, campaignId);
    const { promotions, masks } = await promotionsOf(database, campaignId);
    const byMask = Map.groupBy(masks.keys(), (partner) => masks.get(partner) as bigint);
    const calls = [...byMask].map(([mask, all]) => {
      const partners = all.slice(0, MAX_IN_A_CALL);
      const data = chain.programs.interface.encodeFunctionData("setKinds", [campaignId, partners, mask]);
      return { partners, mask: String(mask), to: chain.address, data };
    });
    return c.json({ promotions, calls } as z.output<typeof proposal>, 200);
  });
  return app;
}
