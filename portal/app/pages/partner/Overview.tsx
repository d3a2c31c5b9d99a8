/** A partner's first page: what it has in each token and in each campaign. */
import { Anchor, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Performance } from "../../api/schema.d.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaigns, usePartnerships } from "../../campaign/queries.ts";
import { lens } from "../../chain/contracts.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Tile } from "../../components/numbers.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { saveFile } from "../../text/csv.ts";
import { amountText, countText, moneyText, type TokenFormat } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";
import { Claim } from "./Claim.tsx";
import { Earnings } from "./Earnings.tsx";

export default function Overview() {
  useTitle("Your earnings");
  return (
    <SignedIn why="You see your links, what became of every conversion, and claim what is yours.">
      <Content />
    </SignedIn>
  );
}

interface Purse {
  readonly token: string;
  readonly format: TokenFormat;
  readonly accepted: bigint;
  readonly pending: bigint;
  readonly claimed: bigint;
  /** Read from the contract. */
  readonly claimable: bigint;
}

/** What the partner has in each token: the relayer's word for what is to come, the contract's for what can be claimed. */
function usePurses(partnerships: readonly Performance[] | undefined, campaigns: readonly Campaign[] | undefined) {
  const { address } = useSession();
  const mine = (partnerships ?? []).flatMap((one) => {
    const campaign = campaigns?.find(({ id }) => id === one.campaignId);
    return campaign === undefined ? [] : [{ one, campaign }];
  });
  const tokens = [...new Set(mine.map(({ campaign }) => campaign.token))];
  return useQuery({
    queryKey: [
      "purses",
      address,
      tokens,
      mine.map(({ one }) => [one.accepted, one.pending, one.claimed, one.released]),
    ],
    enabled: partnerships !== undefined && campaigns !== undefined,
    placeholderData: (before) => before,
    queryFn: async (): Promise<Purse[]> => {
      const credits = tokens.length === 0 ? [] : await lens().creditsOf(address, tokens);
      return tokens.map((token, i) => {
        const of = mine.filter(({ campaign }) => campaign.token === token);
        const sum = (field: "accepted" | "pending" | "claimed") =>
          of.reduce((total, { one }) => total + BigInt(one[field]), 0n);
        return {
          token,
          format: tokenOf(of[0]?.campaign as Campaign),
          accepted: sum("accepted"),
          pending: sum("pending"),
          claimed: sum("claimed"),
          claimable: credits[i] ?? 0n,
        };
      });
    },
  });
}

function Content() {
  const { token: session } = useSession();
  const partnerships = usePartnerships();
  const campaigns = useCampaigns();
  const purses = usePurses(partnerships.data, campaigns.data);
  const error = partnerships.error ?? campaigns.error ?? purses.error;
  if (error !== null && purses.data === undefined)
    return (
      <Failed
        error={error}
        retry={() => Promise.all([partnerships.refetch(), campaigns.refetch(), purses.refetch()])}
      />
    );
  if (partnerships.data === undefined || campaigns.data === undefined || purses.data === undefined)
    return <PageSkeleton />;
  if (partnerships.data.length === 0)
    return (
      <Empty
        title="You are in no campaign yet"
        action={
          <Button component={Link} to="/">
            Find a campaign
          </Button>
        }
      >
        Join one: you get a link at once, and nobody has to approve you where a campaign is open.
      </Empty>
    );

  const full = purses.data.filter(({ claimable }) => claimable > 0n);
  const sums = (field: "accepted" | "pending" | "claimable" | "claimed") =>
    purses.data
      .filter((purse) => purse[field] > 0n)
      .map((purse) => moneyText(purse[field], purse.format))
      .join(" + ") || "0";
  const total = (field: "clicks" | "conversions" | "rejected") =>
    partnerships.data.reduce((sum, one) => sum + one[field], 0);

  return (
    <Stack gap="xl">
      <Group justify="space-between" align="start">
        <Title order={1}>Your earnings</Title>
        <Group>
          <Button
            variant="default"
            onClick={async () =>
              saveFile(
                `statement-${new Date().toISOString().slice(0, 10)}.csv`,
                await api.statement(session, { from: yearAgo() }),
              )
            }
          >
            Statement (CSV)
          </Button>
          <Claim credits={full} />
        </Group>
      </Group>

      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <Tile name="Claimable" remark="read from the contract">
          {sums("claimable")}
        </Tile>
        <Tile name="On hold" remark="yours when the hold ends">
          {sums("pending")}
        </Tile>
        <Tile name="Accepted" remark="on its way to the chain">
          {sums("accepted")}
        </Tile>
        <Tile name="Claimed" remark="in your wallet">
          {sums("claimed")}
        </Tile>
      </SimpleGrid>

      <Paper component="section" aria-label="From click to claim">
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
          {(
            [
              ["Clicks", countText(total("clicks"))],
              ["Conversions", countText(total("conversions"))],
              ["Rejected", countText(total("rejected"))],
              [
                "Conversions per click",
                total("clicks") === 0
                  ? "–"
                  : new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(
                      total("conversions") / total("clicks"),
                    ),
              ],
            ] as const
          ).map(([name, value]) => (
            <div key={name}>
              <Text size="sm" c="dimmed">
                {name}
              </Text>
              <Text fz="lg" fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
                {value}
              </Text>
            </div>
          ))}
        </SimpleGrid>
      </Paper>

      <DataTable
        caption="Your campaigns"
        rows={partnerships.data}
        keyOf={({ campaignId }) => campaignId}
        columns={[
          {
            title: "Campaign",
            cell: (row) => (
              <>
                <Anchor component={Link} to={`/partner/${row.campaignId}`} fw={550}>
                  {nameOf(campaigns.data.find(({ id }) => id === row.campaignId))}
                </Anchor>
                {row.noticeText !== null && (
                  <Text size="xs" c="var(--mantine-color-yellow-light-color)">
                    {row.noticeText}
                  </Text>
                )}
              </>
            ),
          },
          { title: "Clicks", number: true, cell: ({ clicks }) => countText(clicks) },
          { title: "Conversions", number: true, cell: ({ conversions }) => countText(conversions) },
          ...(["pending", "released", "claimed"] as const).map((field) => ({
            title: { pending: "On hold", released: "Released", claimed: "Claimed" }[field],
            number: true,
            cell: (row: Performance) => {
              const campaign = campaigns.data.find(({ id }) => id === row.campaignId);
              return campaign === undefined
                ? ""
                : `${amountText(row[field], tokenOf(campaign))} ${campaign.tokenSymbol}`;
            },
          })),
        ]}
      />
      <Earnings />
    </Stack>
  );
}

const yearAgo = () => new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10);
