/** A partner's first page: what it has in each token and in each campaign. */
import { Anchor, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { api } from "../../api/api.ts";
import type { Campaign } from "../../api/campaign.ts";
import { isAway } from "../../api/client.ts";
import type { Performance } from "../../api/schema.d.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaignsNamed, usePartnerships } from "../../campaign/queries.ts";
import { yearAgo } from "../../campaign/series.ts";
import { ChainAway } from "../../components/Away.tsx";
import { CampaignState } from "../../components/CampaignState.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { Export } from "../../components/ListControls.tsx";
import { Tile } from "../../components/numbers.tsx";
import { Empty, PageSkeleton, SignedIn } from "../../components/states.tsx";
import { amountText, countText, moneyText } from "../../text/money.ts";
import { useIsPasskey, useSession } from "../../wallet/wallet.tsx";
import { Applications, useApplications } from "./Applications.tsx";
import { Claim } from "./Claim.tsx";
import { Earnings } from "./Earnings.tsx";
import { PasskeyAccount } from "./PasskeyAccount.tsx";
import { Payout } from "./Payout.tsx";
import { ProfileForm } from "./ProfileForm.tsx";
import { ProgramKeys } from "./ProgramKeys.tsx";
import { usePayouts } from "./payouts.ts";
import { usePurses } from "./purses.ts";
import { WithoutRelayer } from "./WithoutRelayer.tsx";

export default function Overview() {
  useTitle("Your earnings");
  return (
    <SignedIn why="You see your links, what became of every conversion, and claim what is yours.">
      <Content />
    </SignedIn>
  );
}

function Content() {
  const { token: session } = useSession();
  const passkey = useIsPasskey();
  const partnerships = usePartnerships();
  const applications = useApplications();
  const campaigns = useCampaignsNamed(
    partnerships.data && [
      ...partnerships.data.map(({ campaignId }) => campaignId),
      ...(applications.data?.items ?? []).map(({ campaignId }) => campaignId),
    ],
  );
  const purses = usePurses(partnerships.data, campaigns.data);
  const payouts = usePayouts();
  const asked = [partnerships, campaigns, purses];
  const retry = () => Promise.all(asked.map((one) => one.refetch()));
  const error = asked.map((one) => one.error).find((one) => one !== null) ?? null;
  if (error !== null && purses.data === undefined)
    return isAway(error) ? <WithoutRelayer campaignId={null} retry={retry} /> : <Failed error={error} retry={retry} />;
  if (partnerships.data === undefined || campaigns.data === undefined || purses.data === undefined || payouts.isPending)
    return <PageSkeleton />;
  if (partnerships.data.length === 0)
    return (
      <Stack gap="lg">
        <Applications partnerships={[]} campaigns={campaigns.data} />
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
      </Stack>
    );

  const full = purses.data.filter(({ claimable }) => claimable > 0n);
  const read = purses.data.every((purse) => purse.read) && payouts.data !== undefined;
  const lookAgain = () => Promise.all([purses.refetch(), payouts.refetch()]);
  const sums = (field: "accepted" | "pending" | "claimable" | "claimed") =>
    purses.data
      .filter((purse) => purse[field] > 0n)
      .map((purse) => moneyText(purse[field], purse.format))
      .join(" + ") || "0";

  return (
    <Stack gap="xl">
      {isAway(error) && <WithoutRelayer campaignId={null} retry={retry} claims={false} />}
      {!read && <ChainAway at={partnerships.dataUpdatedAt} retry={lookAgain} />}
      <Group justify="space-between" align="start">
        <Title order={1}>Your earnings</Title>
        <Group>
          <Export
            label="Statement (CSV)"
            name={`statement-${new Date().toISOString().slice(0, 10)}.csv`}
            take={() => api.statement(session, { from: yearAgo() })}
          />
          {read && !passkey && payouts.data !== undefined && (
            <Claim credits={full} receiver={payouts.data.now.receiver} />
          )}
        </Group>
      </Group>

      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <Tile name="Claimable" remark={read ? "read from the contract" : "as the relayer knew it"}>
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

      {read && passkey && payouts.data !== undefined && <PasskeyAccount credits={full} payout={payouts.data.now} />}
      <Applications partnerships={partnerships.data} campaigns={campaigns.data} />
      <Funnel partnerships={partnerships.data} />
      <Campaigns partnerships={partnerships.data} campaigns={campaigns.data} />
      {payouts.data !== undefined && <Payout payouts={payouts.data} />}
      <ProfileForm />
      <ProgramKeys />
      <Earnings />
    </Stack>
  );
}

/** From click to claim, over all campaigns. */
function Funnel({ partnerships }: { partnerships: readonly Performance[] }) {
  const total = (field: "clicks" | "conversions" | "rejected") =>
    partnerships.reduce((sum, one) => sum + one[field], 0);
  return (
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
  );
}

function Campaigns({
  partnerships,
  campaigns,
}: {
  partnerships: readonly Performance[];
  campaigns: readonly Campaign[];
}) {
  return (
    <DataTable
      caption="Your campaigns"
      rows={partnerships}
      keyOf={({ campaignId }) => campaignId}
      columns={[
        {
          title: "Campaign",
          cell: (row) => (
            <>
              <Group gap="xs">
                <Anchor component={Link} to={`/partner/${row.campaignId}`} fw={550}>
                  {nameOf(campaigns.find(({ id }) => id === row.campaignId))}
                </Anchor>
                {campaigns
                  .filter(({ id }) => id === row.campaignId)
                  .map((campaign) => (
                    <CampaignState key={campaign.id} campaign={campaign} />
                  ))}
              </Group>
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
            const campaign = campaigns.find(({ id }) => id === row.campaignId);
            return campaign === undefined ? "" : `${amountText(row[field], tokenOf(campaign))} ${campaign.tokenSymbol}`;
          },
        })),
      ]}
    />
  );
}
