/** What pages ask for, by names under which it is kept. */

import { admissionApi } from "../api/admission.ts";
import { api } from "../api/api.ts";
import type { Admission, OwnAdmission } from "../api/schema.d.ts";
import { teamApi } from "../api/team.ts";
import { useAsked } from "../components/asked.ts";
import { PAGED } from "../components/listState.ts";
import { useWallet } from "../wallet/wallet.tsx";

/** A brand's campaigns; without one everybody's, as far as an answer goes. */
export function useCampaigns(brand?: string, enabled = true) {
  return useAsked({
    queryKey: ["campaigns", "of", brand],
    queryFn: () => (brand === undefined ? api.someCampaigns() : api.campaigns(brand)),
    enabled,
    structuralSharing: true,
  });
}

/** These campaigns, as far as the relayer knows them; undefined: it is not known yet which. */
export function useCampaignsNamed(ids: readonly string[] | undefined) {
  const named = [...new Set(ids)].sort();
  return useAsked({
    queryKey: ["campaigns", named],
    queryFn: () => api.campaignsNamed(named),
    enabled: ids !== undefined,
    ...PAGED,
  });
}

export function useCampaign(id: string, enabled = true) {
  return useAsked({ queryKey: ["campaign", id], queryFn: () => api.campaign(id), enabled });
}

/** The signed-in wallet's partnerships; nothing while nobody is signed in. */
export function usePartnerships() {
  const { session } = useWallet();
  return useAsked({
    queryKey: ["partnerships", session?.address],
    queryFn: () => api.partnerships(session?.token ?? ""),
    enabled: session !== undefined,
    structuralSharing: true,
  });
}

/** The teams that the signed-in wallet is in. */
export function useOwnTeams() {
  const { session } = useWallet();
  return useAsked({
    queryKey: ["own-teams", session?.address],
    queryFn: () => teamApi.own(session?.token ?? ""),
    enabled: session !== undefined && session.token !== "",
  });
}

/** Who can be a partner of a campaign; of the wallet that is signed in, whether it is paid and what became of its application. */
export function useAdmission(campaignId: string) {
  const { session } = useWallet();
  return useAsked({
    queryKey: ["admission", campaignId, session?.address],
    queryFn: (): Promise<Admission | OwnAdmission> =>
      session === undefined ? admissionApi.admission(campaignId) : admissionApi.own(session.token, campaignId),
  });
}
