/** The one chart. Imports recharts: it is loaded lazily. */
import "@mantine/core/styles/ColorSwatch.css";
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { dateText } from "../text/dates.ts";

const COLORS = ["indigo.6", "teal.6", "orange.6", "grape.6", "cyan.7", "gray.5"];

/** Numbers by day, as bars, of several groups one upon the other. */
export default function Chart({
  days,
  groups,
  name,
  format,
  label,
}: {
  days: Record<string, number | string>[];
  groups: readonly string[];
  name: (group: string) => string;
  format: (value: number) => string;
  label: string;
}) {
  const series = groups.map((group, i) => ({
    name: group,
    label: name(group),
    color: COLORS[i % COLORS.length] as string,
  }));
  const common = {
    h: 260,
    data: days,
    dataKey: "day",
    series,
    valueFormatter: format,
    withLegend: groups.length > 1,
    tickLine: "none" as const,
    gridAxis: "x" as const,
    xAxisProps: { tickFormatter: (day: string) => dateText(day, "day").replace(/,? \d{4}$/, ""), minTickGap: 40 },
    yAxisProps: { width: 56, allowDecimals: false },
    tooltipProps: { isAnimationActive: false },
  };
  return (
    <div role="img" aria-label={label}>
      <BarChart
        {...common}
        type="stacked"
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
