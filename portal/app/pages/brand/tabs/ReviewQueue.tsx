/** A brand's tab: conversions to look at, and what the brand says of them, one by one or many at once. */
import { Badge, Button, Checkbox, Group, Paper, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Conversion } from "#portal/app/api/schema.d.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Choice, Controls, Pager } from "#portal/app/components/ListControls.tsx";
import { PAGED, useListState } from "#portal/app/components/listState.ts";
import { Decides, useRights } from "#portal/app/components/Rights.tsx";
import { Empty, TableSkeleton } from "#portal/app/components/states.tsx";
import { UndoBar, useUndo } from "#portal/app/components/Undo.tsx";
import { dateText, durationText, whenText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { countText, moneyText } from "#portal/app/text/money.ts";
import { eventTitle } from "#portal/app/text/words.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

type Decision = "release" | "confirm";
type Decide = (decision: Decision, ids: string[]) => void;

/** A hold that ends sooner leaves no time to think twice. */
const UNHURRIED_SECONDS = 120;
const endOf = ({ state, releaseAt }: Conversion) => (state === "review" || releaseAt === null ? [] : [releaseAt]);

function sayDecision(decision: Decision, count: number): string {
  const what = count === 1 ? "One conversion" : `${countText(count)} conversions`;
  if (decision === "release") return `${what} ${count === 1 ? "is" : "are"} let through.`;
  return `${what} ${count === 1 ? "is" : "are"} taken back.`;
}

/** What is flagged, and paid unless the brand objects; and what the attesters refused, which waits for the brand. */
export default function ReviewQueue({ campaign }: { campaign: Campaign }) {
  const { token: session } = useSession();
  const { decides } = useRights();
  const queries = useQueryClient();
  const list = useListState({ sort: "newest" });
  const sort = list.given.sort === "oldest" ? "oldest" : "newest";
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<Failure>();
  /** Decided: not sent yet, or on their way. */
  const [decided, setDecided] = useState<readonly string[]>([]);
  const undo = useUndo();
  const queue = useAsked({
    queryKey: ["reviews", campaign.id, sort, list.cursor],
    queryFn: () => api.reviews(session, campaign.id, { sort, cursor: list.cursor }),
    ...PAGED,
  });
  const undecided = (ids: readonly string[]) => setDecided((now) => now.filter((id) => !ids.includes(id)));
  async function send(decision: Decision, ids: string[]) {
    try {
      const outcomes = await api.reviewMany(session, campaign.id, decision, ids);
      setRefused(outcomes.flatMap(({ detail }) => detail ?? []));
    } catch (error) {
      setFailure(explain(error));
    }
    await queries.invalidateQueries({ queryKey: ["reviews"] });
    undecided(ids);
  }
  function decide(decision: Decision, ids: string[]) {
    setFailure(undefined);
    setRefused([]);
    setChosen(new Set());
    setDecided((now) => [...now, ...ids]);
    const soonest = Math.min(...(queue.data?.items ?? []).flatMap((one) => (ids.includes(one.id) ? endOf(one) : [])));
    // Where silence is about to pay, a decision cannot wait to be regretted.
    if (soonest - Date.now() / 1000 < UNHURRIED_SECONDS) void send(decision, ids);
    else
      undo.decide({
        text: sayDecision(decision, ids.length),
        send: () => void send(decision, ids),
        takenBack: () => undecided(ids),
      });
  }
  if (queue.error !== null && queue.data === undefined) return <Failed error={queue.error} retry={queue.refetch} />;
  if (queue.data === undefined) return <TableSkeleton rows={4} />;
  const { next } = queue.data;
  const items = queue.data.items.filter(({ id }) => !decided.includes(id));
  const told = (
    <>
      {failure !== undefined && <Failed failure={failure} />}
      {refused.map((detail) => (
        <Failed key={detail} failure={{ title: "One was not reviewed.", remedy: detail }} />
      ))}
      <UndoBar undo={undo} />
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
      {items.length > 1 && decides && (
        <Paper component="section" aria-label="Many at once">
          <Group justify="space-between">
            <Checkbox
              label={picked.length === 0 ? "Choose all on this page" : `${countText(picked.length)} chosen`}
              checked={picked.length === items.length}
              indeterminate={picked.length > 0 && picked.length < items.length}
              onChange={() => setChosen(new Set(picked.length === items.length ? [] : items.map(({ id }) => id)))}
            />
            {picked.length > 0 && <Decisions key={picked.join()} ids={picked} decide={decide} />}
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
        />
      ))}
      <Pager state={list} next={next} loading={queue.isPlaceholderData} />
    </Stack>
  );
}

/** What is taken back cannot be given again: of many it is asked twice. */
function Decisions({ ids, decide }: { ids: string[]; decide: Decide }) {
  const [asked, setAsked] = useState(false);
  const many = ids.length > 1;
  if (asked)
    return (
      <Group>
        <Text size="sm">They cannot be given back.</Text>
        <Button size="sm" variant="default" onClick={() => setAsked(false)}>
          Keep them
        </Button>
        <Button size="sm" color="red.9" onClick={() => decide("confirm", ids)}>
          Take {countText(ids.length)} back
        </Button>
      </Group>
    );
  return (
    <Group>
      <Button size="sm" variant="default" onClick={() => decide("release", ids)}>
        Nothing is wrong
      </Button>
      <Button size="sm" color="red.9" onClick={() => (many ? setAsked(true) : decide("confirm", ids))}>
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
}: {
  campaign: Campaign;
  conversion: Conversion;
  chosen: boolean;
  choose: () => void;
  decide: Decide;
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
            <Decides>
              <Checkbox mt={4} aria-label={`Choose ${conversion.orderId}`} checked={chosen} onChange={choose} />
            </Decides>
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
        <Decides otherwise="A manager of the team says whether it is genuine.">
          <Decisions ids={[conversion.id]} decide={decide} />
        </Decides>
      </Stack>
    </Paper>
  );
}
