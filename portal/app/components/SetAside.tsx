/** A campaign that the relayer has set aside: that it stands still, since when, and why. */
import { Alert, Stack, Text } from "@mantine/core";
import type { Campaign } from "../api/campaign.ts";

export function SetAside({ campaign: { setAside } }: { campaign: Campaign }) {
  if (setAside === null) return null;
  return (
    <Alert color="yellow" title="The relayer cannot read this campaign on">
      <Stack gap={4}>
        <Text size="sm">
          {setAside.event === null
            ? `At block ${setAside.block} it found that it does not know all that the chain has of this campaign.`
            : `It knows this campaign up to block ${setAside.block}, where it could not take in the event ${setAside.event}.`}{" "}
          Until it can, it accepts no conversions and no refunds, and its numbers stand still. What is on the chain is
          safe; a sale that is reported again later counts.
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {setAside.reason}
        </Text>
      </Stack>
    </Alert>
  );
}
