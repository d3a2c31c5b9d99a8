/** A campaign by whoever answers: the relayer, which knows its name; or the chain alone, where the relayer is away. */

import type { Campaign } from "../api/campaign.ts";
import { isAway } from "../api/client.ts";
import { useAsked } from "../components/asked.ts";
import { useCampaign } from "./queries.ts";

export interface KnownCampaign {
  readonly campaign: Campaign | undefined;
  /** Who says so. */
  readonly by: "relayer" | "chain";
  /** Whether the relayer answers: where it does not, what is shown of it is of `at`. */
  readonly away: boolean;
  /** When the relayer said what is shown of it, in milliseconds. */
  readonly at: number;
  /** Why there is no campaign to show. */
  readonly error: unknown;
  readonly retry: () => Promise<unknown>;
}

export function useKnownCampaign(id: string): KnownCampaign {
  const asked = useCampaign(id);
  const away = isAway(asked.error);
  const chain = useAsked({
    queryKey: ["campaign from chain", id],
    // Loaded with the rest of what reads the chain.
    queryFn: async () => (await import("./fromChain.ts")).readCampaignFromChain(id),
    enabled: away && asked.data === undefined,
  });
  const by = asked.data === undefined && chain.data !== undefined ? "chain" : "relayer";
  return {
    campaign: asked.data ?? chain.data,
    by,
    away,
    at: asked.dataUpdatedAt,
    error: asked.data !== undefined || (away && chain.error === null) ? null : asked.error,
    retry: () => Promise.all([asked.refetch(), ...(away && asked.data === undefined ? [chain.refetch()] : [])]),
  };
}
