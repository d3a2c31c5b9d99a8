/** A brand's tab: conversions to look at, and what the brand says of them. */
import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Conversion } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { dateText, whenText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { moneyText } from "#portal/app/text/money.ts";
import { eventTitle } from "#portal/app/text/words.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

/** What is flagged, and paid unless the brand objects; and what the attesters refused, which waits for the brand. */
export default function ReviewQueue({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queue = useQuery({ queryKey: ["reviews", campaign.id], queryFn: () => api.reviews(session, campaign.id) });
  if (queue.error !== null && queue.data === undefined) return <Failed error={queue.error} retry={queue.refetch} />;
  if (queue.data === undefined) return <TableSkeleton rows={4} />;
  if (queue.data.items.length === 0)
    return (
      <Empty level={2} title="Nothing to review">
        Conversions that look unusual, and those that attesters refused, appear here. What you do not review within the
        hold is paid.
      </Empty>
    );
  return (
    <Stack gap="md">
      {queue.data.items.map((conversion) => (
        <OneReview key={conversion.id} campaign={campaign} conversion={conversion} />
      ))}
      {queue.data.next !== null && (
        <Text size="sm" c="dimmed">
          There are more: they appear as these are reviewed.
        </Text>
      )}
    </Stack>
  );
}

function OneReview({ campaign, conversion }: { campaign: Campaign; conversion: Conversion }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<"release" | "confirm">();
  const [failure, setFailure] = useState<Failure>();
  async function decide(decision: "release" | "confirm") {
    setBusy(decision);
    setFailure(undefined);
    await api.review(session, conversion.id, decision).catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["reviews"] });
    setBusy(undefined);
  }
  return (
    <Paper component="article" aria-label={`Conversion ${conversion.orderId}`}>
      <Stack gap="sm">
        <Group justify="space-between" align="start">
          <div>
            <Text fw={600}>
              {eventTitle(conversion.event, campaign.description)}, {conversion.orderId}
            </Text>
            <Text size="sm" c="dimmed">
              {dateText(conversion.receivedAt)} by{" "}
              {conversion.partnerName !== undefined && `${conversion.partnerName}, `}
              {conversion.partner === null ? "nobody" : <Explorer address={conversion.partner} />} ·{" "}
              {moneyText(conversion.commission, tokenOf(campaign))}
            </Text>
          </div>
          <Badge color="yellow">{conversion.state === "review" ? "Refused by the attesters" : "Flagged"}</Badge>
        </Group>
        {conversion.flags?.map(({ flag, text }) => (
          <Text key={flag} size="sm">
            {text}
          </Text>
        ))}
        {conversion.note !== undefined && <Text size="sm">{conversion.note}</Text>}
        <Text size="sm" c="dimmed">
          {conversion.state === "review"
            ? "It waits for your word."
            : conversion.releaseAt === null
              ? "It is paid unless you take it back within the hold."
              : `It is paid ${whenText(conversion.releaseAt)} unless you take it back.`}
        </Text>
        {failure !== undefined && <Failed failure={failure} />}
        <Group>
          <Button size="sm" variant="default" loading={busy === "release"} onClick={() => decide("release")}>
            Nothing is wrong
          </Button>
          <Button size="sm" color="red" loading={busy === "confirm"} onClick={() => decide("confirm")}>
            Not genuine: take it back
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
