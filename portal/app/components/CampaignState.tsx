/** How a campaign stands by the relayer's numbers, as a badge in lists and headers: nothing where all is as it should be. */
import { Badge } from "@mantine/core";
import type { Campaign } from "../api/campaign.ts";
import { sayStanding } from "../text/admission.ts";

export function CampaignState({ campaign }: { campaign: Campaign }) {
  const standing = sayStanding(campaign);
  return standing === undefined ? null : <Badge color={standing === "Closed" ? "gray" : "yellow"}>{standing}</Badge>;
}
