/** The brand's campaigns, and those that are handed over to it. */
import { Alert, Anchor, Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { isAway } from "../../api/client.ts";
import { readOwned } from "../../campaign/fromChain.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaigns, useCampaignsNamed } from "../../campaign/queries.ts";
import { readHandedOver } from "../../chain/campaign.ts";
import { RelayerAway } from "../../components/Away.tsx";
import { useAsked } from "../../components/asked.ts";
import { CampaignState } from "../../components/CampaignState.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Empty, PageSkeleton, SignedIn, TilesSkeleton } from "../../components/states.tsx";
import { countText, moneyText, shortAddress } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";
import { BrandSwitcher } from "./BrandSwitcher.tsx";

export default function Campaigns() {
  useTitle("Your campaigns");
  return (
    <SignedIn why="Your campaigns belong to your wallet.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { address: own } = useSession();
  const [search] = useSearchParams();
  const address = search.get("brand") ?? own;
  const { data: mine, error, refetch, dataUpdatedAt } = useCampaigns(address);
  // Read from the chain: it is not this brand's campaign yet. If it cannot be read, the rest of the page can.
  const offered = useAsked({ queryKey: ["offered", address], queryFn: () => readHandedOver(address) });
  const handed = useCampaignsNamed(offered.data);
  if (error !== null && mine === undefined)
    return isAway(error) ? <ByChain brand={address} retry={refetch} /> : <Failed error={error} retry={refetch} />;
  if (mine === undefined) return <PageSkeleton />;
  const switcher = <BrandSwitcher brand={address} />;
  const waiting = (handed.data ?? []).filter(({ brand }) => brand !== address);
  const create = (
    <Button component={Link} to="/brand/new">
      Create a campaign
    </Button>
  );
  if (mine.length === 0 && offered.isPending) return <PageSkeleton />;
  if (mine.length === 0 && waiting.length === 0)
    return (
      <Stack gap="lg">
        {switcher}
        <Empty title={address === own ? "You have no campaign yet" : "This brand has no campaign yet"} action={create}>
          A guided form proposes terms, says what each of them means, and shows exactly what you will sign.
        </Empty>
      </Stack>
    );
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1}>{address === own ? "Your campaigns" : `Campaigns of ${shortAddress(address)}`}</Title>
        {address === own ? create : null}
      </Group>
      {switcher}
      {isAway(error) && <RelayerAway at={dataUpdatedAt} retry={refetch} />}
      {waiting.map((campaign) => (
        <Alert key={campaign.id} color="blue" title={`${nameOf(campaign)} is offered to you`}>
          <Text size="sm">
            Its brand would hand it to your wallet.{" "}
            <Anchor component={Link} to={`/brand/${campaign.id}`} inherit underline="always">
              Look at what comes with it
            </Anchor>
          </Text>
        </Alert>
      ))}
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
                  <CampaignState campaign={campaign} />
                  {campaign.description === null && <Badge color="yellow">Description missing</Badge>}
                </Group>
                <Group gap="xl">
                  <Amount name="Available">{moneyText(campaign.available, token)}</Amount>
                  <Amount name="On hold">{moneyText(campaign.reserved, token)}</Amount>
                  <Amount name="Released">{moneyText(campaign.released, token)}</Amount>
                  <Amount name="Attested conversions">{countText(BigInt(campaign.nextConversion) - 1n)}</Amount>
                </Group>
              </Stack>
            </Paper>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}

/** What the chain says of a brand's campaigns, while the relayer does not answer. */
function ByChain({ brand, retry }: { brand: string; retry: () => unknown }) {
  const owned = useAsked({ queryKey: ["owned", brand], queryFn: () => readOwned(brand) });
  return (
    <Stack gap="lg">
      <Title order={1}>Your campaigns</Title>
      <RelayerAway at={0} retry={() => Promise.all([retry(), owned.refetch()])} />
      {owned.error !== null && owned.data === undefined && (
        <Failed error={owned.error} retry={owned.refetch} title="The chain cannot be read either" />
      )}
      {owned.data === undefined && owned.error === null && <TilesSkeleton tiles={2} />}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {owned.data?.map(({ id, chain, token }) => (
          <Paper key={id}>
            <Stack gap="md">
              <Anchor component={Link} to={`/brand/${id}`} fw={600} fz="lg" c="var(--mantine-color-text)">
                Campaign {shortAddress(id)}
              </Anchor>
              <Group gap="xl">
                <Amount name="Available">{moneyText(chain.available, token)}</Amount>
                <Amount name="On hold">{moneyText(chain.reserved, token)}</Amount>
                <Amount name="Attested conversions">{countText(chain.nextConversion - 1n)}</Amount>
              </Group>
            </Stack>
          </Paper>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function Amount({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text fw={600} size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {children}
      </Text>
    </div>
  );
}
