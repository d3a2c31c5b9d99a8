/** The first page: what this is, for either side, and the campaigns that there are. */
import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Paper,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { type DiscoverSort, type Sought, useDiscovered, useSought } from "../../campaign/discover.ts";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Empty } from "../../components/states.tsx";
import { CampaignCard } from "./CampaignCard.tsx";

export function Home() {
  useTitle("Campaigns");
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
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Side
          title="You reach people"
          steps={[
            "Choose a campaign. Its price, its budget and its rules are on the chain: nobody changes them behind your back.",
            "Share your link. Every click and every sale that it brings is counted, with a reason where one is not.",
            "Be paid. Once a hold is over what you earned is yours, and a signature claims it: you need no coin for it.",
          ]}
        >
          <Button component="a" href="#campaigns" size="md">
            Find a campaign
          </Button>
          <Button component={Link} to="/partner" size="md" variant="default">
            Your earnings
          </Button>
        </Side>
        <Side
          title="You sell something"
          steps={[
            "Say what a sale or a sign-up is worth to you. A guided form proposes terms, and says what each of them means.",
            "Lock a budget. It pays for what attesters confirm, never more; what is not needed is yours again, with notice.",
            "Report sales from your server, review what looks odd within the hold, and see who brings what.",
          ]}
        >
          <Button component={Link} to="/brand/new" size="md">
            Create a campaign
          </Button>
          <Button component={Link} to="/brand" size="md" variant="default">
            Your campaigns
          </Button>
        </Side>
      </SimpleGrid>
      <Discover />
    </Stack>
  );
}

function Side({ title, steps, children }: { title: string; steps: readonly string[]; children: ReactNode }) {
  return (
    <Paper>
      <Stack h="100%" justify="space-between" gap="lg">
        <div>
          <Title order={2} mb="sm">
            {title}
          </Title>
          <Stack component="ol" gap="xs" m={0} pl="lg">
            {steps.map((step) => (
              <Text component="li" size="sm" key={step}>
                {step}
              </Text>
            ))}
          </Stack>
        </div>
        <Group gap="sm">{children}</Group>
      </Stack>
    </Paper>
  );
}

function Discover() {
  const [sought, seek] = useSought();
  const campaigns = useDiscovered(sought);
  const found = campaigns.data?.pages.flatMap(({ items }) => items);
  const all = sought.search === "" && !sought.open && !sought.paying;
  return (
    <Stack gap="lg" component="section" id="campaigns" aria-label="Campaigns">
      <Filters sought={sought} seek={seek} />
      {campaigns.error !== null && found === undefined && <Failed error={campaigns.error} retry={campaigns.refetch} />}
      {found === undefined && campaigns.error === null && (
        <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} aria-busy="true" aria-label="Loading">
          {[1, 2, 3].map((i) => (
            <Skeleton key={i} h={264} radius="lg" />
          ))}
        </SimpleGrid>
      )}
      {found?.length === 0 && (
        <Empty
          level={2}
          title={all ? "No campaigns yet" : "No campaign matches"}
          action={
            all ? (
              <Button component={Link} to="/brand/new">
                Create the first
              </Button>
            ) : (
              <Button onClick={() => seek({ search: "", open: false, paying: false })}>Show all campaigns</Button>
            )
          }
        >
          {all
            ? "A brand creates one in a few minutes, and anyone can check its budget on the chain."
            : "Search for another word, or look at all of them."}
        </Empty>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {found?.map((campaign) => (
          <li key={campaign.id}>
            <CampaignCard campaign={campaign} />
          </li>
        ))}
      </SimpleGrid>
      {campaigns.hasNextPage && (
        <Group justify="center">
          <Button variant="default" onClick={() => campaigns.fetchNextPage()} loading={campaigns.isFetchingNextPage}>
            More campaigns
          </Button>
        </Group>
      )}
      <Text size="xs" c="dimmed">
        What pays now comes first. These are the relayer's numbers; each campaign's own page reads them from the chain.
      </Text>
    </Stack>
  );
}

function Filters({ sought, seek }: { sought: Sought; seek: (change: Partial<Sought>) => void }) {
  return (
    <Stack gap="sm">
      <Title order={2}>Campaigns</Title>
      <Group align="end">
        <TextInput
          aria-label="Search campaigns"
          placeholder="Search"
          value={sought.search}
          onChange={(event) => seek({ search: event.currentTarget.value })}
          w={{ base: "100%", sm: 260 }}
        />
        <NativeSelect
          aria-label="Sort by"
          value={sought.sort}
          onChange={(event) => seek({ sort: event.currentTarget.value as DiscoverSort })}
          data={[
            { value: "recommended", label: "Most sold lately" },
            { value: "rate", label: "Highest rate" },
            { value: "hold", label: "Shortest hold" },
          ]}
        />
        <Checkbox
          label="Open to everybody"
          checked={sought.open}
          onChange={(event) => seek({ open: event.currentTarget.checked })}
          mb={8}
        />
        <Checkbox
          label="Pays now"
          checked={sought.paying}
          onChange={(event) => seek({ paying: event.currentTarget.checked })}
          mb={8}
        />
      </Group>
    </Stack>
  );
}
