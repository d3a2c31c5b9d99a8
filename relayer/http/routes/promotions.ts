import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { campaignDescription } from "@partner-programs/protocol/description";
import { kindName } from "@partner-programs/protocol/kinds";
import { Problem, problems } from "#service/problem.ts";
import { requireBrand } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, amount, campaignParameter, json } from "../schemas.ts";

const promotion = z
  .object({
    partner: address,
    kind: z.int().openapi({ description: "The group that the partner has reached and is not in." }),
    kindName: z.string(),
    days: z.int(),
    conversions: z.int(),
    volume: amount,
  })
  .openapi("Promotion");

const proposal = z
  .object({
    promotions: z.array(promotion),
    calls: z
      .array(
        z.object({
          partners: z.array(address),
          mask: z.int().openapi({ description: "All their kinds, those they have and the new ones." }),
          to: address,
          data: z.string(),
        }),
      )
      .openapi({ description: "`setKinds`, to be sent from the brand's wallet: one call for each mask." }),
  })
  .openapi("PromotionProposal");

/** So many partners in one call; more are proposed once these are in. */
const MOST_IN_A_CALL = 200;

/** Who has reached what the description promises a better group for. The relayer proposes; the brand's wallet decides. */
export function promotionRoutes(services: Services) {
  const { database, chain } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/promotions",
      request: { params: campaignParameter },
      responses: {
        200: json(proposal, "Who is to be promoted, and the transactions that would do it."),
        ...problems(401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      await requireBrand(c, services, campaignId);
      const [campaign] = await database.query<{ body: string | null; token_decimals: number; open_kinds: number }>(
        `SELECT body, token_decimals, open_kinds FROM campaigns LEFT JOIN descriptions_in_force ON campaign_id = campaigns.id
         WHERE campaigns.id = $1`,
        [campaignId],
      );
      if (campaign === undefined || campaign.body === null)
        throw new Problem(
          409,
          `The description of campaign ${campaignId} is not known here. Upload it with POST /v1/descriptions.`,
        );
      const { promotions: rules } = campaignDescription.parse(JSON.parse(campaign.body));
      const reached: z.input<typeof promotion>[] = [];
      const masks = new Map<string, number>();
      for (const { kind, conversions = 0, volume = "0", days } of rules) {
        const rows = await database.query<{ partner: string; mask: number; conversions: bigint; volume: bigint }>(
          `SELECT partnerships.partner, coalesce(kinds.mask, $5::int) AS mask, count(*) AS conversions, sum(volume - refunded) AS volume
           FROM conversions JOIN partnerships ON partnerships.id = partnership_id
           LEFT JOIN kinds ON kinds.campaign_id = partnerships.campaign_id AND kinds.partner = partnerships.partner
           WHERE partnerships.campaign_id = $1 AND conversions.state NOT IN ('rejected', 'reversed', 'review')
             AND received_at > now() - make_interval(days => $2) AND coalesce(kinds.mask, $5::int) & (1 << $6::int) = 0
           GROUP BY partnerships.partner, kinds.mask HAVING count(*) >= $3 AND sum(volume - refunded) >= $4 ORDER BY partnerships.partner`,
          [campaignId, days, conversions, toBaseUnitsDown(volume, campaign.token_decimals), campaign.open_kinds, kind],
        );
        for (const { partner, mask, ...row } of rows) {
          masks.set(partner, (masks.get(partner) ?? mask) | (1 << kind));
          reached.push({
            partner,
            kind,
            kindName: kindName(kind),
            days,
            conversions: Number(row.conversions),
            volume: String(row.volume),
          });
        }
      }
      const byMask = Map.groupBy(masks.keys(), (partner) => masks.get(partner) as number);
      const calls = [...byMask].map(([mask, all]) => {
        const partners = all.slice(0, MOST_IN_A_CALL);
        const data = chain.programs.interface.encodeFunctionData("setKinds", [campaignId, partners, mask]);
        return { partners, mask, to: chain.address, data };
      });
      return c.json({ promotions: reached, calls } as z.output<typeof proposal>, 200);
    },
  );
  return app;
}
