/** A brand's tab: keys, webhooks, and what only the brand can do to a campaign. */

import { Skeleton, Stack } from "@mantine/core";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Attesters, DailyLimit, SuspendAndClose } from "./Control.tsx";
import { Keys } from "./Keys.tsx";
import { Transfer } from "./Transfer.tsx";
import { Webhooks } from "./Webhooks.tsx";

export default function Settings({ campaign }: { campaign: Campaign }) {
  return (
    <Stack gap="lg">
      <Keys campaign={campaign} />
      <Webhooks campaign={campaign} />
      <Control campaign={campaign} />
    </Stack>
  );
}

/** What only the brand can do to a campaign, with its notice. */
function Control({ campaign }: { campaign: Campaign }) {
  const chain = useAsked({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  if (chain.error !== null && chain.data === undefined) return <Failed error={chain.error} retry={chain.refetch} />;
  if (chain.data === undefined) return <Skeleton h={400} radius="lg" />;
  return (
    <>
      <DailyLimit campaign={campaign} chain={chain.data} />
      <Attesters campaign={campaign} chain={chain.data} />
      <Transfer campaign={campaign} chain={chain.data} />
      <SuspendAndClose campaign={campaign} chain={chain.data} />
    </>
  );
}
