/** How far a partner is in a target: the next step, what is missing, and what it earned. */
import { Group, Progress, Text } from "@mantine/core";
import type { TargetProgress } from "../api/schema.d.ts";
import { countText, moneyText, type TokenFormat } from "../text/money.ts";
import { nextStep, sayPeriod } from "../text/targets.ts";

export function Reaching({ progress, token }: { progress: TargetProgress; token: TokenFormat }) {
  const { title, steps, waiting } = progress;
  const next = nextStep(progress, token);
  const reached = steps.filter((step) => step.reached);
  const sentence = next?.sentence ?? "All of it is reached.";
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {sayPeriod(progress)}
        </Text>
      </Group>
      <Progress
        value={100 * (next?.share ?? 1)}
        size="lg"
        aria-label={title}
        aria-valuetext={sentence}
        color={next === undefined ? "teal" : undefined}
      />
      <Text size="sm" mt={4}>
        {sentence}
      </Text>
      <Text size="xs" c="dimmed">
        {reached.length > 0 && `Earned: ${reached.map(({ bonus }) => moneyText(bonus, token)).join(" and ")}. `}
        {waiting > 0 && `${countText(waiting)} more count once their hold is over.`}
      </Text>
    </div>
  );
}
