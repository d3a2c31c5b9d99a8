/** A campaign's public page: its terms, its money, and joining it. */

import { Grid, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useParams } from "react-router";
import { readDescriptions } from "../../campaign/description.ts";
import { useKnownCampaign } from "../../campaign/known.ts";
import { nameOf } from "../../campaign/naming.ts";
import { readCampaign } from "../../chain/campaign.ts";
import { readMoney } from "../../chain/moneyFlow.ts";
import { ChainAway, RelayerAway } from "../../components/Away.tsx";
import { useAsked } from "../../components/asked.ts";
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
  const known = useKnownCampaign(id);
  const { campaign, away } = known;
  useTitle(campaign === undefined ? "Campaign" : nameOf(campaign));
  const chain = useAsked({ queryKey: ["chain", id], queryFn: () => readCampaign(id) });
  const money = useAsked({ queryKey: ["money", id], queryFn: () => readMoney(id) });
  const descriptions = useAsked({ queryKey: ["descriptions", id], queryFn: () => readDescriptions(id) });
  if (known.error !== null && campaign === undefined) return <Failed error={known.error} retry={known.retry} />;
  if (campaign === undefined) return <PageSkeleton />;
  // What was read once stays as it was then; what never was is the relayer's, or not there.
  const unread = chain.error !== null && chain.data === undefined;
  const uncounted = money.error !== null && money.data === undefined;
  const lookAgain = () => Promise.all([chain.refetch(), money.refetch()]);
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
        {known.by === "relayer" && <Join campaign={campaign} />}
      </Group>

      <SetAside campaign={campaign} />
      {away && <RelayerAway at={known.at} retry={known.retry} />}
      {(unread || uncounted) && <ChainAway at={known.at} retry={lookAgain} />}
      <Announced campaign={campaign} chain={chain.data} />
      {descriptions.data?.coming.map((next, i, all) => (
        <Changes
          key={next.hash + next.effectiveAt}
          at={next.effectiveAt}
          before={(i === 0 ? descriptions.data.inForce : all[i - 1])?.description ?? null}
          after={next.description}
        />
      ))}
      <Tiles campaign={campaign} chain={chain.data} money={money.data} unread={unread} uncounted={uncounted} />

      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <OffersPaid campaign={campaign} chain={chain.data} unread={unread} />
            <Terms campaign={campaign} chain={chain.data} unread={unread} />
            <Notice chain={chain.data} unread={unread} />
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
            <Solvency
              campaign={campaign}
              chain={chain.data}
              money={money.data}
              unread={unread || uncounted}
              relayerAway={away}
            />
            <Attesters campaign={campaign} chain={chain.data} unread={unread} />
          </Stack>
        </Grid.Col>
      </Grid>
      <Refusals campaign={campaign} lines={money.data?.refusals} />
    </Stack>
  );
}
