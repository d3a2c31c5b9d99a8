/** A brand's tab: conversions to look at, and what the brand says of them, one by one or many at once. */
import { Badge, Button, Checkbox, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Conversion } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Choice, Controls, Pager } from "#portal/app/components/ListControls.tsx";
import { useListState } from "#portal/app/components/listState.ts";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { dateText, durationText, whenText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { countText, moneyText } from "#portal/app/text/money.ts";
import { eventTitle } from "#portal/app/text/words.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

type Decision = "release" | "confirm";
type Decide = (decision: Decision, ids: string[]) => Promise<void>;

/** What is flagged, and paid unless the brand objects; and what the attesters refused, which waits for the brand. */
export default function ReviewQueue({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const list = useListState({ sort: "newest" });
  const sort = list.given.sort === "oldest" ? "oldest" : "newest";
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const queue = useQuery({
    queryKey: ["reviews", campaign.id, sort, list.cursor],
    queryFn: () => api.reviews(session, campaign.id, { sort, cursor: list.cursor }),
    placeholderData: (before) => before,
    structuralSharing: true,
  });
  async function decide(decision: Decision, ids: string[]) {
    setBusy(true);
    setFailure(undefined);
    setRefused([]);
    try {
      const outcomes = await api.reviewMany(session, campaign.id, decision, ids);
      setRefused(outcomes.flatMap(({ detail }) => detail ?? []));
      setChosen(new Set());
    } catch (error) {
      setFailure(explain(error));
    }
    await queries.invalidateQueries({ queryKey: ["reviews"] });
    setBusy(false);
  }
  if (queue.error !== null && queue.data === undefined) return <Failed error={queue.error} retry={queue.refetch} />;
  if (queue.data === undefined) return <TableSkeleton rows={4} />;
  const { items, next } = queue.data;
  const told = (
    <>
      {failure !== undefined && <Failed failure={failure} />}
      {refused.map((detail) => (
        <Failed key={detail} failure={{ title: "One was not reviewed.", remedy: detail }} />
      ))}
    </>
  );
  if (items.length === 0 && list.cursor === undefined)
    return (
      <Stack gap="md">
        {told}
        <Empty level={2} title="Nothing to review">
          Conversions that look unusual, and those that attesters refused, appear here. What you do not review within
          the hold is paid.
        </Empty>
      </Stack>
    );
  const picked = items.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  return (
    <Stack gap="md">
      <Controls>
        <Choice
          label="Order"
          value={sort}
          change={(by) => list.change({ sort: by })}
          options={[
            ["newest", "Newest first"],
            ["oldest", "Oldest first"],
          ]}
        />
      </Controls>
      {told}
      {items.length > 1 && (
        <Paper component="section" aria-label="Many at once">
          <Group justify="space-between">
            <Checkbox
              label={picked.length === 0 ? "Choose all on this page" : `${countText(picked.length)} chosen`}
              checked={picked.length === items.length}
              indeterminate={picked.length > 0 && picked.length < items.length}
              onChange={() => setChosen(new Set(picked.length === items.length ? [] : items.map(({ id }) => id)))}
            />
            {picked.length > 0 && <Decisions key={picked.join()} ids={picked} decide={decide} busy={busy} />}
          </Group>
        </Paper>
      )}
      {items.map((conversion) => (
        <OneReview
          key={conversion.id}
          campaign={campaign}
          conversion={conversion}
          chosen={chosen.has(conversion.id)}
          choose={() => {
            const others = [...chosen].filter((id) => id !== conversion.id);
            setChosen(new Set(chosen.has(conversion.id) ? others : [...others, conversion.id]));
          }}
          decide={decide}
          busy={busy}
        />
      ))}
      <Pager state={list} next={next} loading={queue.isPlaceholderData} />
    </Stack>
  );
}

/** What is taken back cannot be given again: of many it is asked twice. */
function Decisions({ ids, decide, busy }: { ids: string[]; decide: Decide; busy: boolean }) {
  const [asked, setAsked] = useState(false);
  const many = ids.length > 1;
  if (asked)
    return (
      <Group>
        <Text size="sm">They cannot be given back.</Text>
        <Button size="sm" variant="default" onClick={() => setAsked(false)}>
          Keep them
        </Button>
        <Button size="sm" color="red.9" loading={busy} onClick={() => decide("confirm", ids)}>
          Take {countText(ids.length)} back
        </Button>
      </Group>
    );
  return (
    <Group>
      <Button size="sm" variant="default" loading={busy} onClick={() => decide("release", ids)}>
        Nothing is wrong
      </Button>
      <Button size="sm" color="red.9" loading={busy} onClick={() => (many ? setAsked(true) : decide("confirm", ids))}>
        Not genuine: take {many ? "them" : "it"} back
      </Button>
    </Group>
  );
}

/** How long the brand has before silence pays. */
function timeLeft({ state, releaseAt }: Conversion, { holdSeconds }: Campaign): string {
  if (state === "review") return "It waits for your word.";
  if (releaseAt !== null)
    return `It is paid ${whenText(releaseAt)}, on ${dateText(releaseAt)}, unless you take it back.`;
  return `It is paid unless you take it back: from its attestation on you have ${durationText(holdSeconds)}.`;
}

function OneReview({
  campaign,
  conversion,
  chosen,
  choose,
  decide,
  busy,
}: {
  campaign: Campaign;
  conversion: Conversion;
  chosen: boolean;
  choose: () => void;
  decide: Decide;
  busy: boolean;
}) {
  const token = tokenOf(campaign);
  const facts = [
    `Volume ${moneyText(conversion.volumeBaseUnits, token)}`,
    conversion.link === null ? "by no link" : `by the link ${conversion.link}`,
    ...(conversion.code === null ? [] : [`with the code ${conversion.code}`]),
    ...Object.entries(conversion.attributes ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  return (
    <Paper component="article" aria-label={`Conversion ${conversion.orderId}`}>
      <Stack gap="sm">
        <Group justify="space-between" align="start">
          <Group align="start" wrap="nowrap">
            <Checkbox mt={4} aria-label={`Choose ${conversion.orderId}`} checked={chosen} onChange={choose} />
            <div>
              <Text fw={600}>
                {eventTitle(conversion.event, campaign.description)}, {conversion.orderId}
              </Text>
              <Text size="sm" c="dimmed">
                {dateText(conversion.receivedAt)} by{" "}
                {conversion.partnerName !== undefined && `${conversion.partnerName}, `}
                {conversion.partner === null ? "nobody" : <Explorer address={conversion.partner} />} ·{" "}
                {moneyText(conversion.commission, token)}
              </Text>
            </div>
          </Group>
          <Badge color="yellow">{conversion.state === "review" ? "Refused by the attesters" : "Flagged"}</Badge>
        </Group>
        {conversion.flags?.map(({ flag, text }) => (
          <Text key={flag} size="sm">
            {text}
          </Text>
        ))}
        {conversion.note !== undefined && <Text size="sm">{conversion.note}</Text>}
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {facts.join(" · ")}
        </Text>
        <Text size="sm" c="dimmed">
          {timeLeft(conversion, campaign)}
        </Text>
        <Decisions ids={[conversion.id]} decide={decide} busy={busy} />
      </Stack>
    </Paper>
  );
}
