/** A campaign's public page: its terms, its money, and joining it. */

import { Grid, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { readDescriptions } from "../../campaign/description.ts";
import { nameOf } from "../../campaign/naming.ts";
import { useCampaign } from "../../campaign/queries.ts";
import { readCampaign } from "../../chain/campaign.ts";
import { readMoney } from "../../chain/moneyFlow.ts";
import { Changes } from "../../components/Changes.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Refusals } from "../../components/Refusals.tsx";
import { SetAside } from "../../components/SetAside.tsx";
import { PageSkeleton } from "../../components/states.tsx";
import { Join } from "./campaign/Join.tsx";
import { Solvency } from "./campaign/Solvency.tsx";
import { Standing } from "./campaign/Standing.tsx";
import { OffersPaid, Terms } from "./campaign/Terms.tsx";
import { Tiles } from "./campaign/Tiles.tsx";
import { Announced, Attesters, Notice } from "./campaign/Trust.tsx";

/** What anybody may know of a campaign. The numbers are the chain's; the relayer's are put beside them. */
export default function Campaign() {
  const { id = "" } = useParams();
  const { data: campaign, error, refetch } = useCampaign(id);
  useTitle(campaign === undefined ? "Campaign" : nameOf(campaign));
  const chain = useQuery({ queryKey: ["chain", id], queryFn: () => readCampaign(id) });
  const money = useQuery({
    queryKey: ["money", id],
    queryFn: () => readMoney(id, campaign?.token ?? "", campaign?.feeBps ?? 0),
    enabled: campaign !== undefined,
  });
  const descriptions = useQuery({ queryKey: ["descriptions", id], queryFn: () => readDescriptions(id) });
  if (error !== null && campaign === undefined) return <Failed error={error} retry={refetch} />;
  if (campaign === undefined) return <PageSkeleton />;
  return (
    <Stack gap="xl">
      <Group justify="space-between" align="start">
        <Stack gap={4} maw={640}>
          <Group gap="sm">
            <Title order={1}>{nameOf(campaign)}</Title>
            {chain.data !== undefined && <Standing chain={chain.data} />}
          </Group>
          <Text c="dimmed">{campaign.description?.summary}</Text>
          <Text size="sm" c="dimmed">
            By <Explorer address={campaign.brand} />
          </Text>
        </Stack>
        <Join campaign={campaign} />
      </Group>

      <SetAside campaign={campaign} />
      {chain.error !== null && <Failed error={chain.error} retry={chain.refetch} title="The chain cannot be read" />}
      <Announced campaign={campaign} chain={chain.data} />
      {descriptions.data?.coming.map((next, i, all) => (
        <Changes
          key={next.hash + next.effectiveAt}
          at={next.effectiveAt}
          before={(i === 0 ? descriptions.data.inForce : all[i - 1])?.description ?? null}
          after={next.description}
        />
      ))}
      <Tiles campaign={campaign} chain={chain.data} money={money.data} />

      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <OffersPaid campaign={campaign} chain={chain.data} />
            <Terms campaign={campaign} chain={chain.data} />
            <Notice chain={chain.data} />
            {campaign.description !== null && campaign.description.objectives.length > 0 && (
              <Paper>
                <Title order={2} mb="sm">
                  What the brand wants to reach
                </Title>
                <List size="sm" spacing="xs">
                  {campaign.description.objectives.map((objective) => (
                    <List.Item key={objective}>{objective}</List.Item>
                  ))}
                </List>
              </Paper>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Solvency campaign={campaign} chain={chain.data} money={money.data} />
            <Attesters campaign={campaign} chain={chain.data} />
          </Stack>
        </Grid.Col>
      </Grid>
      <Refusals campaign={campaign} lines={money.data?.refusals} />
    </Stack>
  );
}
