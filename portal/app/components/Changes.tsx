/** The difference between two descriptions, in a box. */
import { Alert, List, Text } from "@mantine/core";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { changesOf, sayChange } from "../campaign/changes.ts";
import { dateText, whenText } from "../text/dates.ts";

/** What a new description changes, and from when; without a time it is not announced yet. */
export function Changes({
  at,
  before,
  after,
}: {
  at: number | undefined;
  before: CampaignDescription | null;
  after: CampaignDescription | null;
}) {
  const title = at === undefined ? "What changes" : `Changes ${whenText(at)}, on ${dateText(at)}`;
  if (before === null || after === null)
    return (
      <Alert color="yellow" title={title}>
        <Text size="sm">The text is not known to this relayer: ask the brand for it.</Text>
      </Alert>
    );
  const changes = changesOf(before, after);
  return (
    <Alert color={at === undefined ? "blue" : "yellow"} title={title}>
      {changes.length === 0 ? (
        <Text size="sm">Nothing that partners are paid by.</Text>
      ) : (
        <List size="sm" spacing={4}>
          {changes.map((change) => (
            <List.Item key={change.what} style={{ overflowWrap: "anywhere" }}>
              {sayChange(change)}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
