/** Partners of two periods beside each other. */
import { Text } from "@mantine/core";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import type { Total } from "#portal/app/campaign/series.ts";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Partner } from "#portal/app/components/Partner.tsx";
import { shortApart } from "#portal/app/text/addresses.ts";
import { amountText, countText, shareText } from "#portal/app/text/money.ts";

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

export function Comparison({
  campaign,
  now,
  before,
  names,
}: {
  campaign: Campaign;
  now: ReadonlyMap<string, Total>;
  before: ReadonlyMap<string, Total>;
  names: ReadonlyMap<string, string>;
}) {
  const token = tokenOf(campaign);
  const rows = [...new Set([...now.keys(), ...before.keys()])]
    .filter((partner) => partner !== "")
    .map((partner) => ({ partner, now: now.get(partner) ?? NONE, before: before.get(partner) ?? NONE }))
    .sort((a, b) => b.now.conversions - a.now.conversions);
  const shortOf = shortApart(rows.map(({ partner }) => partner));
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
        {
          title: "Partner",
          cell: ({ partner }) => <Partner address={partner} name={names.get(partner)} short={shortOf(partner)} />,
          csv: ({ partner }) => partner,
        },
        { title: "Name", hidden: true, cell: () => "", csv: ({ partner }) => names.get(partner) ?? "" },
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
