/** A brand's team, asked of the relayer. */
import { answer, as, relayer } from "./client.ts";
import type { operations, TeamInvitationRequest } from "./schema.d.ts";

type ActsQuery = NonNullable<operations["getV1BrandsBrandActs"]["parameters"]["query"]>;
type Role = TeamInvitationRequest["role"];

export const teamApi = {
  /** The teams that the signed-in wallet is in, and those that it is invited into. */
  own: (token: string) => answer(relayer().GET("/v1/me/teams", { headers: as(token) })),
  team: (token: string, brand: string) =>
    answer(relayer().GET("/v1/brands/{brand}/team", { headers: as(token), params: { path: { brand } } })),
  invite: (token: string, brand: string, body: TeamInvitationRequest) =>
    answer(
      relayer().POST("/v1/brands/{brand}/team/invitations", { headers: as(token), params: { path: { brand } }, body }),
    ),
  uninvite: (token: string, brand: string, id: string) =>
    answer(
      relayer().DELETE("/v1/brands/{brand}/team/invitations/{id}", {
        headers: as(token),
        params: { path: { brand, id } },
      }),
    ),
  change: (token: string, brand: string, wallet: string, role: Role) =>
    answer(
      relayer().PUT("/v1/brands/{brand}/team/members/{wallet}", {
        headers: as(token),
        params: { path: { brand, wallet } },
        body: { role },
      }),
    ),
  remove: (token: string, brand: string, wallet: string) =>
    answer(
      relayer().DELETE("/v1/brands/{brand}/team/members/{wallet}", {
        headers: as(token),
        params: { path: { brand, wallet } },
      }),
    ),
  acts: (token: string, brand: string, query: ActsQuery) =>
    answer(relayer().GET("/v1/brands/{brand}/acts", { headers: as(token), params: { path: { brand }, query } })),
  actsFile: (token: string, brand: string) =>
    answer(
      relayer().GET("/v1/brands/{brand}/acts.csv", {
        headers: as(token),
        params: { path: { brand } },
        parseAs: "blob",
      }),
    ),
  look: (token: string) => answer(relayer().POST("/v1/team-invitations/lookups", { body: { token } })),
  accept: (session: string, body: { token: string } | { invitation: string }) =>
    answer(relayer().POST("/v1/me/teams", { headers: as(session), body })),
};
