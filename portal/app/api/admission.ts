/** Applications and invitations, asked of the relayer. */
import { answer, as, relayer } from "./client.ts";
import type { Application, ApplicationRequest, InvitationRequest, operations } from "./schema.d.ts";

type StateOf = NonNullable<operations["getV1CampaignsCampaignIdApplications"]["parameters"]["query"]>["state"];

const ofCampaign = (campaignId: string) => ({ path: { campaignId } });

export const admissionApi = {
  admission: (id: string) => answer(relayer().GET("/v1/campaigns/{campaignId}/admission", { params: ofCampaign(id) })),
  ask: (token: string, id: string, questions: string[]) =>
    answer(
      relayer().PUT("/v1/campaigns/{campaignId}/admission", {
        headers: as(token),
        params: ofCampaign(id),
        body: { questions },
      }),
    ),
  own: (token: string, id: string) =>
    answer(relayer().GET("/v1/me/admissions/{campaignId}", { headers: as(token), params: ofCampaign(id) })),
  apply: (token: string, id: string, body: ApplicationRequest) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/applications", { headers: as(token), params: ofCampaign(id), body }),
    ),
  mine: (token: string) => answer(relayer().GET("/v1/me/applications", { headers: as(token) })),
  applications: (token: string, campaignId: string, query: { state?: StateOf; cursor?: string; limit?: number }) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/applications", {
        headers: as(token),
        params: { path: { campaignId }, query },
      }),
    ),
  decline: (token: string, id: string, reason: string): Promise<Application> =>
    answer(
      relayer().POST("/v1/applications/{id}/decisions", {
        headers: as(token),
        params: { path: { id } },
        body: { decision: "decline", reason },
      }),
    ),
  reconsider: (token: string, id: string): Promise<Application> =>
    answer(
      relayer().POST("/v1/applications/{id}/decisions", {
        headers: as(token),
        params: { path: { id } },
        body: { decision: "reconsider" },
      }),
    ),
  invitations: (token: string, id: string) =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/invitations", { headers: as(token), params: ofCampaign(id) })),
  invite: (token: string, id: string, body: InvitationRequest) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/invitations", { headers: as(token), params: ofCampaign(id), body }),
    ),
  revoke: (token: string, campaignId: string, id: string) =>
    answer(
      relayer().DELETE("/v1/campaigns/{campaignId}/invitations/{id}", {
        headers: as(token),
        params: { path: { campaignId, id } },
      }),
    ),
  invitation: (invitation: string) =>
    answer(relayer().GET("/v1/invitations/{invitation}", { params: { path: { invitation } } })),
};
