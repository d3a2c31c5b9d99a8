/** What the brand expects, and gives its partners to work with. */
import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { KINDS } from "@partner-programs/protocol/kinds";
import type { Campaign } from "../../api/campaign.ts";
import { Copy } from "../../components/Copy.tsx";

export function Resources({ campaign }: { campaign: Campaign }) {
  const { description } = campaign;
  if (description === null) return null;
  const expectations = Object.entries(description.expectations);
  if (description.resources.length === 0 && expectations.length === 0) return null;
  return (
    <Paper component="section" aria-label="From the brand">
      <Title order={2} mb="md">
        From the brand
      </Title>
      <Stack gap="md">
        {expectations.map(([kind, text]) => (
          <div key={kind}>
            <Text fw={600} size="sm">
              What it expects of {KINDS.includes(kind as never) ? `${kind}s` : kind}
            </Text>
            <Text size="sm">{text}</Text>
          </div>
        ))}
        {description.resources.map((resource) => (
          <div key={resource.title}>
            <Text fw={600} size="sm">
              {resource.title}
            </Text>
            {resource.url !== undefined && (
              <Anchor href={resource.url} target="_blank" rel="noreferrer" size="sm">
                {resource.url}
              </Anchor>
            )}
            {resource.text !== undefined && (
              <Group align="start" justify="space-between" wrap="nowrap">
                <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
                  {resource.text}
                </Text>
                <Copy value={resource.text} />
              </Group>
            )}
          </div>
        ))}
      </Stack>
    </Paper>
  );
}
