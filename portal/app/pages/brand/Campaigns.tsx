import { Anchor, Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { Failed } from "../../components/Failed.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { useTitle } from "../../hooks.ts";
import { countText, moneyText } from "../../money.ts";
import { nameOf, tokenOf, useCampaigns } from "../../queries.ts";
import { useSession } from "../../wallet.tsx";

export default function Campaigns() {
  useTitle("Your campaigns");
  return (
    <SignedIn why="Your campaigns belong to your wallet.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { address } = useSession();
  const { data, error, refetch } = useCampaigns();
  if (error !== null && data === undefined) return <Failed error={error} retry={refetch} />;
  if (data === undefined) return <PageSkeleton />;
  const mine = data.filter(({ brand }) => brand === address);
  const create = (
    <Button component={Link} to="/brand/new">
      Create a campaign
    </Button>
  );
  if (mine.length === 0)
    return (
      <Empty title="You have no campaign yet" action={create}>
        A guided form proposes terms, says what each of them means, and shows exactly what you will sign.
      </Empty>
    );
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1}>Your campaigns</Title>
        {create}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {mine.map((campaign) => {
          const token = tokenOf(campaign);
          return (
            <Paper key={campaign.id}>
              <Stack gap="md">
                <Group justify="space-between" wrap="nowrap" align="start">
                  <Anchor component={Link} to={`/brand/${campaign.id}`} fw={600} fz="lg" c="var(--mantine-color-text)">
                    {nameOf(campaign)}
                  </Anchor>
                  {campaign.description === null && <Badge color="yellow">Description missing</Badge>}
                </Group>
                <Group gap="xl">
                  {(
                    [
                      ["Available", moneyText(campaign.available, token)],
                      ["On hold", moneyText(campaign.reserved, token)],
                      ["Released", moneyText(campaign.released, token)],
                      ["Attested conversions", countText(BigInt(campaign.nextConversion) - 1n)],
                    ] as const
                  ).map(([name, value]) => (
                    <div key={name}>
                      <Text size="xs" c="dimmed">
                        {name}
                      </Text>
                      <Text fw={600} size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
                        {value}
                      </Text>
                    </div>
                  ))}
                </Group>
              </Stack>
            </Paper>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}
