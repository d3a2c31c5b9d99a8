/** The one chart: numbers by day, as bars, of several groups one upon the other. */
import { Box, Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useState } from "react";
import { niceSteps } from "../text/chartSteps.ts";
import { dateText } from "../text/dates.ts";

const COLORS = ["indigo-6", "teal-6", "orange-6", "grape-6", "cyan-7", "gray-5"].map(
  (color) => `var(--mantine-color-${color})`,
);
const [HEIGHT, LEFT, BOTTOM, TOP] = [260, 60, 24, 8] as const;
/** Between two dates under the chart. */
const MIN_LABEL_GAP = 72;

type Day = Record<string, number | string>;

const dayText = (day: Day) => dateText(String(day.day), "day").replace(/,? \d{4}$/, "");
const sumOf = (day: Day, groups: readonly string[]) => groups.reduce((sum, group) => sum + Number(day[group] ?? 0), 0);

export default function Chart({
  days,
  groups,
  name,
  format,
  label,
}: {
  days: Day[];
  groups: readonly string[];
  name: (group: string) => string;
  format: (value: number) => string;
  label: string;
}) {
  const { ref, width } = useElementSize();
  const [shown, setShown] = useState<number>();
  const steps = niceSteps(Math.max(...days.map((day) => sumOf(day, groups))));
  const top = steps.at(-1) ?? 1;
  const [across, high] = [Math.max(0, width - LEFT), HEIGHT - BOTTOM - TOP];
  const slot = across / days.length;
  const y = (value: number) => TOP + high - (value / top) * high;
  const every = Math.max(1, Math.ceil(MIN_LABEL_GAP / Math.max(slot, 0.1)));
  const pointed = shown === undefined ? undefined : days[shown];
  return (
    <div role="img" aria-label={label}>
      <Box ref={ref} h={HEIGHT} aria-hidden="true">
        {width > 0 && (
          <svg width={width} height={HEIGHT} onPointerLeave={() => setShown(undefined)}>
            <title>{label}</title>
            {steps.map((step) => (
              <g key={step}>
                <line x1={LEFT} x2={width} y1={y(step)} y2={y(step)} stroke="var(--mantine-color-default-border)" />
                <text x={LEFT - 8} y={y(step) + 4} textAnchor="end" fontSize={11} fill="var(--mantine-color-dimmed)">
                  {new Intl.NumberFormat(undefined, { notation: "compact" }).format(step)}
                </text>
              </g>
            ))}
            {days.map((day, index) => {
              let below = 0;
              const x = LEFT + index * slot;
              return (
                <g key={String(day.day)} onPointerEnter={() => setShown(index)}>
                  <rect
                    x={x}
                    y={TOP}
                    width={slot}
                    height={high}
                    fill={shown === index ? "var(--mantine-color-default-hover)" : "transparent"}
                  />
                  {groups.map((group, i) => {
                    const value = Number(day[group] ?? 0);
                    below += value;
                    if (value === 0) return null;
                    return (
                      <rect
                        key={group}
                        x={x + slot * 0.12}
                        y={y(below)}
                        width={slot * 0.76}
                        height={y(below - value) - y(below)}
                        fill={COLORS[i % COLORS.length]}
                      />
                    );
                  })}
                  {index % every === 0 && x + MIN_LABEL_GAP / 2 < width && (
                    <text x={x} y={HEIGHT - 6} fontSize={11} fill="var(--mantine-color-dimmed)">
                      {dayText(day)}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        )}
      </Box>
      <Group gap="md" mih={22}>
        {groups.map((group, i) => (
          <Group key={group} gap={6} wrap="nowrap">
            <Box w={10} h={10} bg={COLORS[i % COLORS.length]} style={{ borderRadius: 2 }} />
            <Text size="xs" c="dimmed">
              {groups.length > 1 && `${name(group)} `}
              {pointed !== undefined && format(Number(pointed[group] ?? 0))}
            </Text>
          </Group>
        ))}
        {pointed !== undefined && <Text size="xs">{dayText(pointed)}</Text>}
      </Group>
    </div>
  );
}
