/** How far a partner is in the campaign's targets, and what the brand gave beside them. */
import { Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Campaign } from "../../api/campaign.ts";
import { targetsApi } from "../../api/targets.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { Failed } from "../../components/Failed.tsx";
import { Reaching } from "../../components/Reaching.tsx";
import { moneyText } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function Targets({ campaign }: { campaign: Campaign }) {
  const { token, address } = useSession();
  const { description } = campaign;
  const progress = useQuery({
    queryKey: ["targets", campaign.id, address],
    queryFn: () => targetsApi.progress(token, campaign.id),
  });
  const bonuses = useQuery({
    queryKey: ["bonuses", campaign.id, address],
    queryFn: () => targetsApi.bonuses(token, campaign.id),
    enabled: description?.bonuses !== undefined,
  });
  const format = tokenOf(campaign);
  const given = bonuses.data?.items ?? [];
  const failed = progress.error ?? bonuses.error;
  if (failed !== null)
    return <Failed error={failed} retry={() => Promise.all([progress.refetch(), bonuses.refetch()])} />;
  if ((progress.data ?? []).length === 0 && given.length === 0) return null;
  return (
    <Paper component="section" aria-label="Targets">
      <Title order={2} mb="md">
        Targets
      </Title>
      <Stack gap="lg">
        {progress.data?.map((one) => (
          <Reaching key={`${one.name} ${one.period.name}`} progress={one} token={format} />
        ))}
        {given.map((one) => (
          <Text key={one.bonusId} size="sm">
            {moneyText(one.amount, format)} from the brand: {one.reason}
            {one.stateReason !== null && ` It is ${one.state}: ${one.stateReason}`}
          </Text>
        ))}
      </Stack>
    </Paper>
  );
}
