/** Targets and bonuses, asked of the relayer. */
import { answer, as, relayer } from "./client.ts";
import type { Bonuses, TargetProgress } from "./schema.d.ts";

const at = (campaignId: string, token: string) => ({ headers: as(token), params: { path: { campaignId } } });

export const targetsApi = {
  progress: (token: string, campaignId: string): Promise<TargetProgress[]> =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/targets", at(campaignId, token))),
  bonuses: (token: string, campaignId: string): Promise<Bonuses> =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/bonuses", {
        headers: as(token),
        params: { path: { campaignId }, query: { limit: 20 } },
      }),
    ),
};
