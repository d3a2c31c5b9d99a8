/** How a campaign stands, as a badge: active, suspended, closing, closed, without budget. */
import { Badge } from "@mantine/core";
import type { ChainCampaign } from "#portal/app/chain/campaign.ts";
import { dateText } from "#portal/app/text/dates.ts";

export function Standing({ chain }: { chain: ChainCampaign }) {
  const { overview } = chain;
  if (overview.closed) return <Badge color="gray">Closed</Badge>;
  if (overview.suspended) return <Badge color="yellow">Suspended</Badge>;
  if (Number(overview.closesAt) > 0) return <Badge color="yellow">Closes {dateText(overview.closesAt, "day")}</Badge>;
  return overview.spendable === 0n ? <Badge color="yellow">Without budget</Badge> : <Badge color="green">Active</Badge>;
}
