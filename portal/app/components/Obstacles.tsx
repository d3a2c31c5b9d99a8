/** Why a campaign would not pay a partner now: said where it joins, and where its links are. */
import { Alert, Stack, Text } from "@mantine/core";

export function Obstacles({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Alert color="yellow" title="Before you share a link">
      <Stack gap={4}>
        {sentences.map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
