/** The first page: all campaigns. */
import { Anchor, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { Campaign } from "../../api/campaign.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaigns } from "../../campaign/queries.ts";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Empty } from "../../components/states.tsx";
import { durationText } from "../../text/dates.ts";
import { moneyText } from "../../text/money.ts";

/** What there is: every campaign, with what a partner asks first. */
export function Home() {
  useTitle("Campaigns");
  const { data, error, refetch } = useCampaigns();
  const [search, setSearch] = useState("");
  const found = (data ?? []).filter((campaign) =>
    `${nameOf(campaign)} ${campaign.description?.summary ?? ""} ${campaign.brand}`
      .toLowerCase()
      .includes(search.trim().toLowerCase()),
  );
  return (
    <Stack gap="xl">
      <Stack gap="xs" maw={680} py="md">
        <Title order={1} fz={{ base: 28, sm: 38 }} lh={1.15}>
          Partner programs that pay by themselves
        </Title>
        <Text size="lg" c="dimmed">
          A brand locks its budget in a contract and publishes what it pays for. What you earn, nobody can keep from
          you.
        </Text>
        <Group mt="sm">
          <Button component={Link} to="/brand/new" size="md">
            Create a campaign
          </Button>
          <Button component={Link} to="/partner" size="md" variant="default">
            Your earnings
          </Button>
        </Group>
      </Stack>
      <Group justify="space-between" align="end">
        <Title order={2}>Campaigns</Title>
        <TextInput
          aria-label="Search campaigns"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          w={{ base: "100%", sm: 260 }}
        />
      </Group>
      {error !== null && data === undefined && <Failed error={error} retry={refetch} />}
      {data === undefined && error === null && (
        <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} aria-busy="true" aria-label="Loading">
          {[1, 2, 3].map((i) => (
            <Skeleton key={i} h={208} radius="lg" />
          ))}
        </SimpleGrid>
      )}
      {data !== undefined && found.length === 0 && (
        <Empty
          level={2}
          title={data.length === 0 ? "No campaigns yet" : "No campaign matches"}
          action={
            data.length === 0 && (
              <Button component={Link} to="/brand/new">
                Create the first
              </Button>
            )
          }
        >
          {data.length === 0
            ? "A brand creates one in a few minutes, and anyone can check its budget on the chain."
            : "Search for another word, or look at all of them."}
        </Empty>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {found.map((campaign) => (
          <li key={campaign.id}>
            <CampaignCard campaign={campaign} />
          </li>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function CampaignCard({ campaign }: { campaign: Campaign }) {
  const token = tokenOf(campaign);
  return (
    <Paper h="100%" mih={208}>
      <Stack h="100%" justify="space-between">
        <Stack gap={6}>
          <Anchor component={Link} to={`/campaigns/${campaign.id}`} fw={600} c="var(--mantine-color-text)">
            {nameOf(campaign)}
          </Anchor>
          <Text size="sm" c="dimmed" lineClamp={3}>
            {campaign.description?.summary ?? "Its description is not known to this relayer."}
          </Text>
        </Stack>
        <Group justify="space-between" align="end" gap="xs">
          <div>
            <Text size="xs" c="dimmed">
              Budget left
            </Text>
            <Text fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
              {moneyText(campaign.available, token)}
            </Text>
          </div>
          <div>
            <Text size="xs" c="dimmed">
              Hold
            </Text>
            <Text size="sm">{durationText(campaign.holdSeconds)}</Text>
          </div>
        </Group>
      </Stack>
    </Paper>
  );
}
