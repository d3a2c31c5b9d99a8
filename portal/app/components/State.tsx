/** A conversion's state as a badge and a sentence. */
import { Badge, Stack, Text } from "@mantine/core";
import type { StateText } from "../text/stateText.ts";

/** Where a conversion is, with what happens next. */
export function State({ said }: { said: StateText }) {
  return (
    <Stack gap={3} align="flex-start">
      <Badge color={said.color}>{said.label}</Badge>
      <Text size="xs" c="dimmed" maw={340}>
        {said.text}
      </Text>
    </Stack>
  );
}
