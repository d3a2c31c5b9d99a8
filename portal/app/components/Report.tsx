/** Numbers over time with their chart, table and choices. */
import { Group, NativeSelect, Paper, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { ReportBy } from "../api/api.ts";
import { api } from "../api/api.ts";
import type { Campaign } from "../api/campaign.ts";
import { tokenOf } from "../campaign/naming.ts";
import { byDay, type Measure, periods } from "../campaign/series.ts";
import { countText, shortAddress } from "../text/money.ts";
import { useSession } from "../wallet/wallet.tsx";
import { useAsked } from "./asked.ts";
import { Failed } from "./Failed.tsx";

const Chart = lazy(() => import("./Chart.tsx"));

const MEASURES: readonly (readonly [Measure, string])[] = [
  ["conversions", "Conversions"],
  ["clicks", "Clicks"],
  ["volume", "Volume"],
  ["commission", "Commission"],
  ["reversed", "Reversals"],
];

export function groupName(by: ReportBy, group: string): string {
  if (group === "campaign") return "All";
  if (group === "") return "None";
  if (group === "others") return "Others";
  if (by === "partner") return shortAddress(group);
  return by === "offer" ? `Offer ${group}` : group;
}

/** Numbers over time, by whatever the reader wants to compare. */
export function Report({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const token = tokenOf(campaign);
  const [measure, setMeasure] = useState<Measure>("conversions");
  const [by, setBy] = useState<ReportBy>("campaign");
  const [days, setDays] = useState("30");
  const { now: range } = periods(Number(days));
  const grouped = measure === "clicks" && by !== "partner" ? "campaign" : by;
  const report = useAsked({
    queryKey: ["report", campaign.id, grouped, range.from, range.to],
    queryFn: () => api.report(session, campaign.id, { by: grouped, ...range }),
    placeholderData: (before) => before,
  });
  const series = byDay(report.data ?? [], measure, token.decimals, range);
  const amount = measure === "volume" || measure === "commission";
  const format = (value: number) =>
    amount
      ? `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(value)} ${token.symbol}`
      : countText(value);
  return (
    <Paper component="section" aria-label="Over time">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>Over time</Title>
          <Group gap="xs">
            <NativeSelect
              size="xs"
              aria-label="Compare by"
              value={by}
              onChange={(event) => setBy(event.currentTarget.value as ReportBy)}
              data={[
                { value: "campaign", label: "In all" },
                { value: "partner", label: "By partner" },
                { value: "offer", label: "By offer" },
                { value: "kind", label: "By kind" },
                { value: "event", label: "By event" },
              ]}
            />
            <NativeSelect
              size="xs"
              aria-label="Time"
              value={days}
              onChange={(event) => setDays(event.currentTarget.value)}
              data={[
                { value: "7", label: "7 days" },
                { value: "30", label: "30 days" },
                { value: "90", label: "90 days" },
                { value: "365", label: "A year" },
              ]}
            />
          </Group>
        </Group>
        <SegmentedControl
          size="xs"
          aria-label="What is counted"
          value={measure}
          onChange={(value) => setMeasure(value as Measure)}
          data={MEASURES.map(([value, label]) => ({ value, label }))}
          style={{ alignSelf: "flex-start", maxWidth: "100%", overflowX: "auto" }}
        />
        {report.error !== null && report.data === undefined ? (
          <Failed error={report.error} retry={report.refetch} />
        ) : (
          <Suspense fallback={<Skeleton h={260} />}>
            {report.data === undefined ? (
              <Skeleton h={260} />
            ) : series.groups.length === 0 ? (
              <Text c="dimmed" size="sm" h={260} ta="center" pt={110}>
                Nothing in this time.
              </Text>
            ) : (
              <Chart
                {...series}
                name={(group) => groupName(grouped, group)}
                format={format}
                label={`${MEASURES.find(([value]) => value === measure)?.[1]} by day, from ${range.from} to ${range.to}`}
              />
            )}
          </Suspense>
        )}
      </Stack>
    </Paper>
  );
}
