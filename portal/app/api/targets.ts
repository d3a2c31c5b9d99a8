/** Targets and bonuses, asked of the relayer. */
import { answer, as, relayer } from "./client.ts";
import type { Bonus, Bonuses, Leaderboard, NewBonus, TargetProgress } from "./schema.d.ts";

const at = (campaignId: string, token: string) => ({ headers: as(token), params: { path: { campaignId } } });

export const targetsApi = {
  progress: (token: string, campaignId: string): Promise<TargetProgress[]> =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/targets", at(campaignId, token))),
  /** Of one partner, for the brand. */
  progressOf: (token: string, campaignId: string, partner: string): Promise<TargetProgress[]> => {
    const { headers, params } = at(campaignId, token);
    const asked = { headers, params: { ...params, query: { partner } } };
    return answer(relayer().GET("/v1/campaigns/{campaignId}/targets", asked));
  },
  leaderboard: (token: string, campaignId: string): Promise<Leaderboard> =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/leaderboard", at(campaignId, token))),
  give: (token: string, campaignId: string, body: NewBonus): Promise<Bonus> =>
    answer(relayer().POST("/v1/campaigns/{campaignId}/bonuses", { ...at(campaignId, token), body })),
  bonuses: (token: string, campaignId: string): Promise<Bonuses> =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/bonuses", {
        headers: as(token),
        params: { path: { campaignId }, query: { limit: 20 } },
      }),
    ),
};
