/** Partners of two periods beside each other. */
import { Text } from "@mantine/core";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import type { Total } from "#portal/app/campaign/series.ts";
import { DataTable } from "#portal/app/components/DataTable.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
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
