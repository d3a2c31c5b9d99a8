/** Referral tokens for a partner's agent, which follows no link: given without a click, as many a day as the campaign lets. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { referralSecretsOf } from "../../domain/referralSecrets.ts";
import { newClickId, signReferral } from "../../domain/referralToken.ts";
import { countAgentToken } from "../../store/agentTokens.ts";
import { PARTNER, requireReferrer } from "../auth.ts";
import type { Services } from "../context.ts";
import { linkParameter, requireLink, requireLinkCampaign } from "../link.ts";
import { json } from "../schemas.ts";

const DAY_SECONDS = 86_400;

const agentToken = z
  .object({
    token: z.string().openapi({ description: "What a report takes as `referralToken`." }),
    provider: z.string().openapi({
      description:
        "Whose token it is, for `affiliate_attribution.provider` of an agent's checkout: the relayer's host.",
    }),
    expiresAt: z.string().openapi({ description: "The end of the campaign's attribution window." }),
    left: z.int().openapi({ description: "How many more there are today (UTC)." }),
  })
  .openapi("AgentToken");

const give = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/links/{code}/tokens",
  tags: ["Invites"],
  summary: "Get a referral token without a click",
  description:
    "For the agent of a customer who follows no link. The partner's session, or its key with the scope `refer`; as many a day as the campaign's `attribution.agentTokensPerDay`, for all its links together.",
  security: PARTNER,
  request: { params: linkParameter },
  responses: {
    201: json(agentToken, "A token of this link, made now."),
    ...problems(401, 403, 404, 409),
  },
});

export function agentTokenRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  app.openapi(give, async (c) => {
    const partner = await requireReferrer(c, services);
    const { campaignId, code } = c.req.valid("param");
    const campaign = await requireLinkCampaign(services, campaignId);
    await requireLink(services, campaign, code, partner);
    const attribution = campaign.description?.attribution;
    const max = attribution?.agentTokensPerDay;
    if (attribution === undefined || max === undefined)
      throw new Problem(
        403,
        "The campaign gives no tokens without a click: its description has no `attribution.agentTokensPerDay`. Share the link.",
      );
    const given = await countAgentToken(database, { campaignId, partner, code }, max);
    if (given === undefined) {
      const seconds = DAY_SECONDS - (Math.floor(Date.now() / 1_000) % DAY_SECONDS);
      c.header("retry-after", String(seconds));
      throw new Problem(429, `All ${max} tokens of today are given. There are more at midnight (UTC).`);
    }
    const now = Date.now();
    const expiresAt = now + attribution.windowSeconds * 1_000;
    const token = signReferral(referralSecretsOf(config).current, {
      code,
      clickedAt: now,
      expiresAt,
      clickId: newClickId(),
    });
    const provider = new URL(config.PUBLIC_URL).host;
    return c.json({ token, provider, expiresAt: new Date(expiresAt).toISOString(), left: max - given }, 201);
  });
  return app;
}
