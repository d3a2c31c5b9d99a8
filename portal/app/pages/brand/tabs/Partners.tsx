/** A brand's tab: partners and what they brought, and their kinds. */
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Performance } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { nameOf } from "#portal/app/campaign/partners.ts";
import { setKindsPlan } from "#portal/app/campaign/plans.ts";
import { byGroup, periods, type Total } from "#portal/app/campaign/series.ts";
import { Copy } from "#portal/app/components/Copy.tsx";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { KindsForm } from "#portal/app/components/KindsForm.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { shortApart } from "#portal/app/text/addresses.ts";
import { amountText, averageText, countText, shareText, toDecimal } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { Known } from "./partners/Known.tsx";
import { LabelForm } from "./partners/LabelForm.tsx";

interface Row extends Total, Pick<Performance, "partner" | "profile" | "label"> {}

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

export default function Partners({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const transact = useTransact();
  const token = tokenOf(campaign);
  const [listing, setListing] = useState(false);
  const [edited, setEdited] = useState<Row>();
  const { now: range } = periods(365);
  const partners = useQuery({ queryKey: ["partners", campaign.id], queryFn: () => api.partners(session, campaign.id) });
  const report = useQuery({
    queryKey: ["report", campaign.id, "partner", range.from, range.to],
    queryFn: () => api.report(session, campaign.id, { by: "partner", ...range }),
  });
  const error = partners.error ?? report.error;
  if (error !== null && (partners.data === undefined || report.data === undefined)) return <Failed error={error} />;
  if (partners.data === undefined || report.data === undefined) return <TableSkeleton rows={8} />;
  const page = new URL(`/campaigns/${campaign.id}`, location.origin).href;
  const groups = byGroup(report.data);
  const rows: Row[] = partners.data
    .map(({ partner, profile, label }) => ({ partner, profile, label, ...(groups.get(partner) ?? NONE) }))
    .sort((a, b) => (a.commission === b.commission ? b.clicks - a.clicks : a.commission > b.commission ? -1 : 1));
  const invite = (
    <Paper>
      <Group justify="space-between">
        <div>
          <Title order={2}>Invite partners</Title>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {page}
          </Text>
        </div>
        <Group>
          <Copy value={page} what="Copy the campaign's page" primary />
          <Button variant="default" size="sm" onClick={() => setListing(!listing)} aria-expanded={listing}>
            Set kinds
          </Button>
        </Group>
      </Group>
      {listing && <KindsForm submit={(addresses, mask) => transact(setKindsPlan(campaign, addresses, mask))} />}
    </Paper>
  );
  if (rows.length === 0)
    return (
      <Stack gap="lg">
        {invite}
        <Empty level={2} title="No partner has joined yet">
          Send the campaign's page to people who reach your customers. They join by themselves where the campaign is
          open.
        </Empty>
      </Stack>
    );
  const shortOf = shortApart(rows.map(({ partner }) => partner));
  const amount = (value: bigint) => amountText(value, token);
  return (
    <Stack gap="lg">
      {invite}
      {edited !== undefined && (
        <LabelForm
          key={edited.partner}
          campaign={campaign}
          partner={edited.partner}
          known={edited.label ?? null}
          close={() => setEdited(undefined)}
        />
      )}
      <DataTable
        caption={`Partners, the last year, amounts in ${token.symbol}`}
        rows={rows}
        keyOf={({ partner }) => partner}
        file="partners.csv"
        columns={[
          {
            title: "Partner",
            cell: (row) => <Known row={row} short={shortOf(row.partner)} edit={() => setEdited(row)} />,
            csv: ({ partner }) => partner,
          },
          { title: "Name", hidden: true, cell: () => "", csv: ({ label, profile }) => nameOf(label, profile) ?? "" },
          { title: "Site", hidden: true, cell: () => "", csv: ({ profile }) => profile?.site ?? "" },
          { title: "Tags", hidden: true, cell: () => "", csv: ({ label }) => label?.tags.join(" ") ?? "" },
          { title: "Clicks", number: true, cell: ({ clicks }) => countText(clicks), csv: ({ clicks }) => clicks },
          {
            title: "Conversions",
            number: true,
            cell: ({ conversions }) => countText(conversions),
            csv: ({ conversions }) => conversions,
          },
          { title: "Rate", number: true, cell: (row) => shareText(row.conversions, row.clicks) },
          {
            title: "Rejected",
            number: true,
            cell: ({ rejected }) => countText(rejected),
            csv: ({ rejected }) => rejected,
          },
          {
            title: "Volume",
            number: true,
            cell: ({ volume }) => amount(volume),
            csv: ({ volume }) => toDecimal(volume, token.decimals),
          },
          {
            title: "Commission",
            number: true,
            cell: ({ commission }) => amount(commission),
            csv: ({ commission }) => toDecimal(commission, token.decimals),
          },
          {
            title: "Reversed",
            number: true,
            cell: (row) => shareText(row.reversed, row.conversions + row.reversed),
            csv: ({ reversed }) => reversed,
          },
          {
            title: "Per click",
            number: true,
            cell: (row) => averageText(row.commission, row.clicks, token),
          },
        ]}
      />
    </Stack>
  );
}
