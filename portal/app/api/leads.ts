/** Leads, asked of the relayer. */
import { answer, as, relayer } from "./client.ts";
import type { Lead, LeadDecision, NewLead, operations } from "./schema.d.ts";

type Query = NonNullable<operations["getV1CampaignsCampaignIdLeads"]["parameters"]["query"]>;

const at = (campaignId: string, token: string) => ({ headers: as(token), params: { path: { campaignId } } });

export const leadsApi = {
  list: (token: string, campaignId: string, query: Query) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/leads", {
        headers: as(token),
        params: { path: { campaignId }, query },
      }),
    ),
  register: (token: string, campaignId: string, body: NewLead): Promise<Lead> =>
    answer(relayer().POST("/v1/campaigns/{campaignId}/leads", { ...at(campaignId, token), body })),
  decide: (token: string, { campaignId, id }: Pick<Lead, "campaignId" | "id">, body: LeadDecision): Promise<Lead> =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/leads/{id}/decisions", {
        headers: as(token),
        params: { path: { campaignId, id } },
        body,
      }),
    ),
};
