/** A brand's tab: what the numbers of two periods suggest. */
import { Badge, Button, Group, NativeSelect, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { FIRST_GROUP, hasKind, kindMask } from "@partner-programs/protocol/kinds";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { offerCosts, type PartnerAdvice, whomToHelp, whomToPromote } from "#portal/app/campaign/advice.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { retireOfferPlan, setKindsPlan } from "#portal/app/campaign/plans.ts";
import { byGroup, periods, type Total, total } from "#portal/app/campaign/series.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { lens } from "#portal/app/chain/contracts.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { TableSkeleton } from "#portal/app/components/states.tsx";
import { durationText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { amountText, countText, fromDecimal, moneyText, shareText } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";

/** Compares a period with the one before, and points at what could be done, with the transaction that would do it. */
export default function Advice({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const [days, setDays] = useState("30");
  const range = periods(Number(days));
  const report = (by: "partner" | "offer", which: "now" | "before") => ({
    queryKey: ["report", campaign.id, by, "all", range[which].from, range[which].to],
    queryFn: () => api.report(session, campaign.id, { by, per: "all", ...range[which] }),
  });
  const partners = useQuery(report("partner", "now"));
  const partnersBefore = useQuery(report("partner", "before"));
  const offers = useQuery(report("offer", "now"));
  const error = partners.error ?? partnersBefore.error ?? offers.error;
  if (error !== null && partners.data === undefined) return <Failed error={error} retry={partners.refetch} />;
  if (partners.data === undefined || partnersBefore.data === undefined || offers.data === undefined)
    return <TableSkeleton rows={9} />;
  const now = byGroup(partners.data);
  const before = byGroup(partnersBefore.data);
  const all = total(partners.data);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          Compared with the same time before. What follows is a proposal: you decide.
        </Text>
        <NativeSelect
          size="xs"
          aria-label="Period"
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data={["7", "30", "90"].map((value) => ({ value, label: `${value} days` }))}
        />
      </Group>
      <Promotions campaign={campaign} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <People
          title="Who to promote"
          none="Nobody stands out yet."
          advice={whomToPromote(now, all)}
          campaign={campaign}
          promote
        />
        <People
          title="Who to help"
          none="Nobody needs help now."
          advice={whomToHelp(now, before, all)}
          campaign={campaign}
        />
      </SimpleGrid>
      <OfferAdvice campaign={campaign} now={byGroup(offers.data)} />
      <Comparison campaign={campaign} now={now} before={before} />
    </Stack>
  );
}

/** What the description promises, and who has reached it. */
function Promotions({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const transact = useTransact();
  const promised = (campaign.description?.promotions.length ?? 0) > 0;
  const proposal = useQuery({
    queryKey: ["promotions", campaign.id],
    queryFn: () => api.promotions(session, campaign.id),
    enabled: promised,
  });
  if (!promised || proposal.data === undefined || proposal.data.calls.length === 0) return null;
  return (
    <Paper component="section" aria-label="Promised promotions">
      <Title order={2} mb="xs">
        Promised promotions
      </Title>
      <Stack gap="xs">
        {proposal.data.promotions.map(({ partner, kindName, conversions, days }) => (
          <Text size="sm" key={`${partner}${kindName}`}>
            <Explorer address={partner} /> has reached {kindName}: {countText(conversions)} conversions in {days} days.
          </Text>
        ))}
        <Group>
          {proposal.data.calls.map(({ partners, mask }) => (
            <Button key={mask} size="sm" onClick={() => transact(setKindsPlan(campaign, partners, mask))}>
              Promote {countText(partners.length)}
            </Button>
          ))}
        </Group>
      </Stack>
    </Paper>
  );
}

function People({
  title,
  none,
  advice,
  campaign,
  promote = false,
}: {
  title: string;
  none: string;
  advice: readonly PartnerAdvice[];
  campaign: Campaign;
  promote?: boolean;
}) {
  const transact = useTransact();
  const [failure, setFailure] = useState<Failure>();
  async function putIntoGroup(partner: string) {
    setFailure(undefined);
    try {
      const mask = Number(await lens().kindsOf(campaign.id, partner));
      const chain = await readCampaign(campaign.id);
      // A group is worth something only where an offer pays it.
      const paid = chain.overview.offers
        .map(({ kind }) => Number(kind))
        .find((kind) => kind >= FIRST_GROUP && !hasKind(mask, kind));
      const plan = setKindsPlan(campaign, [partner], mask | kindMask(paid ?? FIRST_GROUP));
      const remark = "No offer pays this group yet: publish one under Offers, or it changes nothing.";
      transact(paid === undefined ? { ...plan, summary: [...plan.summary, remark] } : plan);
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <Paper component="section" aria-label={title}>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <Stack gap="md">
        {advice.length === 0 && (
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        )}
        {advice.map(({ partner, why }) => (
          <Group key={partner} justify="space-between" align="start" wrap="nowrap">
            <div>
              <Explorer address={partner} />
              <Text size="sm" c="dimmed">
                {why}
              </Text>
            </div>
            {promote ? (
              <Button
                size="xs"
                variant="default"
                style={{ flexShrink: 0 }}
                onClick={() => putIntoGroup(partner)}
                aria-label={`Promote ${partner}`}
              >
                Promote
              </Button>
            ) : (
              <Copy value={partner} what="Copy address" />
            )}
          </Group>
        ))}
        {failure !== undefined && <Failed failure={failure} />}
      </Stack>
    </Paper>
  );
}

/** Which offer costs more than it brings, and the transaction that would end it. */
function OfferAdvice({ campaign, now }: { campaign: Campaign; now: ReadonlyMap<string, Total> }) {
  const transact = useTransact();
  const token = tokenOf(campaign);
  const [margin, setMargin] = useState("30");
  const [worth, setWorth] = useState("");
  const chain = useQuery({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  const marginPercent = Number(margin);
  const costs = offerCosts(now, {
    marginPercent: marginPercent >= 0 && marginPercent <= 100 ? marginPercent : 0,
    worth: worth === "" ? undefined : fromDecimal(worth, token.decimals),
  });
  return (
    <Paper component="section" aria-label="What offers cost and bring">
      <Stack gap="md">
        <div>
          <Title order={2}>What offers cost and bring</Title>
          <Text size="sm" c="dimmed">
            Say what they are worth to you: it stays in this page.
          </Text>
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Of a sale you can spend, percent"
            inputMode="decimal"
            value={margin}
            onChange={(event) => setMargin(event.currentTarget.value)}
          />
          <TextInput
            label={`A conversion without a price is worth, ${token.symbol}`}
            inputMode="decimal"
            value={worth}
            onChange={(event) => setWorth(event.currentTarget.value)}
          />
        </SimpleGrid>
        {costs.length === 0 && (
          <Text size="sm" c="dimmed">
            No offer paid anything in this time.
          </Text>
        )}
        {costs.map(({ offer, conversions, cost, brought, tooDear }) => {
          const onChain = chain.data?.overview.offers[Number(offer) - 1];
          const open = onChain !== undefined && Number(onChain.validTo) === 2 ** 40 - 1;
          return (
            <Group key={offer} justify="space-between" align="start">
              <div>
                <Group gap="xs">
                  <Text fw={600} size="sm">
                    Offer {offer}
                  </Text>
                  {brought === undefined ? (
                    <Badge color="gray">Worth not known</Badge>
                  ) : tooDear ? (
                    <Badge color="red">Costs more than it brings</Badge>
                  ) : (
                    <Badge color="green">Pays off</Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed">
                  {countText(conversions)} conversions cost {moneyText(cost, token)}
                  {brought !== undefined && `, and bring ${moneyText(brought, token)} to spend`}.
                </Text>
              </div>
              {tooDear && open && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => transact(retireOfferPlan(campaign, Number(offer), Number(onChain.lockedUntil)))}
                >
                  Retire, with {durationText(campaign.noticeSeconds, "rough")} of notice
                </Button>
              )}
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}

const NONE: Total = {
  clicks: 0,
  conversions: 0,
  rejected: 0,
  reversed: 0,
  volume: 0n,
  commission: 0n,
  fees: 0n,
  reversedCommission: 0n,
};

function Comparison({
  campaign,
  now,
  before,
}: {
  campaign: Campaign;
  now: ReadonlyMap<string, Total>;
  before: ReadonlyMap<string, Total>;
}) {
  const token = tokenOf(campaign);
  const rows = [...new Set([...now.keys(), ...before.keys()])]
    .filter((partner) => partner !== "")
    .map((partner) => ({ partner, now: now.get(partner) ?? NONE, before: before.get(partner) ?? NONE }))
    .sort((a, b) => b.now.conversions - a.now.conversions);
  const both = (one: number, then: number) => (
    <>
      {countText(one)}{" "}
      <Text span size="xs" c="dimmed">
        ({one >= then ? "+" : "−"}
        {countText(Math.abs(one - then))})
      </Text>
    </>
  );
  return (
    <DataTable
      caption="Partners, and what changed"
      rows={rows}
      keyOf={({ partner }) => partner}
      file="comparison.csv"
      columns={[
        { title: "Partner", cell: ({ partner }) => <Explorer address={partner} />, csv: ({ partner }) => partner },
        {
          title: "Clicks",
          number: true,
          cell: (row) => both(row.now.clicks, row.before.clicks),
          csv: (row) => row.now.clicks,
        },
        {
          title: "Conversions",
          number: true,
          cell: (row) => both(row.now.conversions, row.before.conversions),
          csv: (row) => row.now.conversions,
        },
        { title: "Rate", number: true, cell: (row) => shareText(row.now.conversions, row.now.clicks) },
        {
          title: "Reversed",
          number: true,
          cell: (row) => shareText(row.now.reversed, row.now.conversions + row.now.reversed),
        },
        { title: `Commission, ${token.symbol}`, number: true, cell: (row) => amountText(row.now.commission, token) },
      ]}
    />
  );
}
