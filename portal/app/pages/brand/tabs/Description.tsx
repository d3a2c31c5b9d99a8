/** A brand's tab: the description, and the form that announces another. */
import { Alert, Badge, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { type FormEvent, useState } from "react";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { changesOf } from "#portal/app/campaign/changes.ts";
import { withConditions } from "#portal/app/campaign/conditionDraft.ts";
import { type Descriptions, readDescriptions } from "#portal/app/campaign/description.ts";
import type { Draft } from "#portal/app/campaign/draft.ts";
import { type Field, problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { changed, draftOf, type EventDraft, eventProblem, eventsOf } from "#portal/app/campaign/editing.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { announceDescriptionPlan } from "#portal/app/campaign/plans.ts";
import { bonusesOf, withTargets, wordOf } from "#portal/app/campaign/targetDraft.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Changes } from "#portal/app/components/Changes.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Signs } from "#portal/app/components/Rights.tsx";
import { dateText, durationText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import { About } from "../create/About.tsx";
import { Attribution, LeadTimes, Velocity } from "../create/Attribution.tsx";
import { Currencies } from "../create/Currencies.tsx";
import { Conditions } from "./Conditions.tsx";
import { Targets } from "./Targets.tsx";

/** What binds off-chain: what is in force, what comes and when, and how to announce another. */
export default function Description({ campaign }: { campaign: Campaign }) {
  const descriptions = useAsked({
    queryKey: ["descriptions", campaign.id],
    queryFn: () => readDescriptions(campaign.id),
  });
  const chain = useAsked({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  const error = descriptions.error ?? chain.error;
  if (error !== null && (descriptions.data === undefined || chain.data === undefined))
    return <Failed error={error} retry={() => Promise.all([descriptions.refetch(), chain.refetch()])} />;
  if (descriptions.data === undefined || chain.data === undefined) return <Skeleton h={480} radius="lg" />;
  const latest = descriptions.data.coming.at(-1) ?? descriptions.data.inForce;
  return (
    <Stack gap="lg">
      <Standing descriptions={descriptions.data} />
      {latest === undefined || latest.description === null ? (
        <Alert color="yellow" title="Its text is not known to this relayer">
          The chain has its hash, {latest?.hash}, and says that it was published at {latest?.uri || "no address"}. Store
          the same bytes here (POST /v1/descriptions), and change them then.
        </Alert>
      ) : (
        <Signs otherwise="The brand's wallet announces another description.">
          <Edit
            // Another one to begin with is another form.
            key={latest.hash}
            campaign={campaign}
            before={latest.description}
            kinds={chain.data.overview.offers.map(({ kind }) => Number(kind))}
            eventOf={chain.data.overview.offers.map(({ eventName }) => decodeEventName(eventName))}
          />
        </Signs>
      )}
    </Stack>
  );
}

function Standing({ descriptions: { inForce, coming } }: { descriptions: Descriptions }) {
  const [now, ...later] = [inForce, ...coming].filter((one) => one !== undefined);
  return (
    <Paper component="section" aria-label="What is in force">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>{now?.description?.name ?? "Description"}</Title>
          <Badge color="green">In force since {dateText(now?.effectiveAt ?? 0, "day")}</Badge>
        </Group>
        <div>
          <Text>{now?.description?.summary}</Text>
          <Text size="sm" c="dimmed">
            The chain has its hash: <Explorer hash={now?.hash ?? ""} />
          </Text>
        </div>
        {later.map((next, i) => (
          <Changes
            key={next.hash + next.effectiveAt}
            at={next.effectiveAt}
            before={[now, ...later][i]?.description ?? null}
            after={next.description}
          />
        ))}
      </Stack>
    </Paper>
  );
}

/** What the form asks for that can be wrong. */
const ASKED: readonly Field[] = [
  "name",
  "destination",
  "windowSeconds",
  "velocityPerHour",
  "leadDays",
  "leadAnswerDays",
  "currencies",
];

function Edit({
  campaign,
  before,
  kinds,
  eventOf,
}: {
  campaign: Campaign;
  before: CampaignDescription;
  kinds: readonly number[];
  /** The event of each offer. */
  eventOf: readonly string[];
}) {
  const { token } = useSession();
  const transact = useTransact();
  const [draft, setDraft] = useState<Draft>(() => draftOf(before, kinds));
  const [events, setEvents] = useState<readonly EventDraft[]>(() => eventsOf(before));
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const [conditions, setConditions] = useState<CampaignDescription["conditions"]>(before.conditions);
  const [targets, setTargets] = useState<CampaignDescription["targets"]>(before.targets);
  const [word, setWord] = useState(() => wordOf(before));
  const format = tokenOf(campaign);
  const own = bonusesOf(word, before.bonuses, format.decimals);
  const after = withTargets(
    withConditions(changed(before, draft, events), conditions, eventOf),
    targets,
    "bonuses" in own ? own.bonuses : before.bonuses,
  );
  const changes = changesOf(before, after);
  const problems = problemsOf(draft);
  const wrongEvent = eventProblem(events);
  const wrong = wrongEvent !== undefined || "problem" in own || ASKED.some((field) => problems[field] !== undefined);
  const form = {
    draft,
    change: (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part })),
    problem: (field: Field) => (shown ? problems[field] : undefined),
  };

  async function announce(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    if (wrong) return setShown(true);
    setBusy(true);
    try {
      const { hash, uri } = await api.publishDescription(token, JSON.stringify(after));
      transact(announceDescriptionPlan(campaign, changes, hash, uri));
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Paper component="section" aria-label="Announce another" p={{ base: "md", sm: "xl" }}>
      <form onSubmit={announce}>
        <Stack gap="xl">
          <Text size="sm" c="dimmed">
            Change what you like. The new description counts after a notice of {durationText(campaign.noticeSeconds)},
            and for what happens from then on; until then the present one does.
          </Text>
          <About {...form} />
          <Stack gap="md">
            <Title order={2}>Whose click counts</Title>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
              <Attribution {...form} />
              <LeadTimes {...form} />
              <Velocity {...form} />
              <Currencies {...form} />
            </SimpleGrid>
          </Stack>
          <Events
            events={events}
            change={setEvents}
            isOld={(name) => before.events.some((one) => one.name === name)}
            problem={shown ? wrongEvent : undefined}
          />
          <Conditions
            conditions={conditions}
            offerCount={eventOf.length}
            change={(given) => setConditions([...given])}
          />
          <Targets
            description={after}
            taken={new Set(before.targets.map(({ name }) => name))}
            eventOf={eventOf}
            token={format}
            word={word}
            problem={shown && "problem" in own ? own.problem : undefined}
            change={(given) => setTargets([...given])}
            changeWord={setWord}
          />
          {changes.length > 0 && <Changes at={undefined} before={before} after={after} />}
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={changes.length === 0}>
              {changes.length === 0 ? "Nothing is changed" : "Announce"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

function Events({
  events,
  change,
  isOld,
  problem,
}: {
  events: readonly EventDraft[];
  change: (events: readonly EventDraft[]) => void;
  /** Whether an event of this name was there before: offers are for it. */
  isOld: (name: string) => boolean;
  problem: string | undefined;
}) {
  const changeEvent = (index: number, part: Partial<EventDraft>) =>
    change(events.map((event, i) => (i === index ? { ...event, ...part } : event)));

  return (
    <Stack gap="md">
      <div>
        <Title order={2}>Events</Title>
        <Text size="sm" c="dimmed">
          What your offers can pay for. An offer for a new event can follow once this is in force.
        </Text>
      </div>
      {events.map(({ name, title, perCustomer }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events are added at the end, and never moved
        <SimpleGrid key={i} cols={{ base: 1, sm: 3 }}>
          <TextInput
            label="Event"
            value={name}
            readOnly={isOld(name)}
            onChange={(event) => changeEvent(i, { name: event.currentTarget.value })}
          />
          <TextInput
            label="In words"
            value={title}
            maxLength={200}
            onChange={(event) => changeEvent(i, { title: event.currentTarget.value })}
          />
          <TextInput
            label="Times for each customer"
            placeholder="every time"
            inputMode="numeric"
            value={perCustomer}
            onChange={(event) => changeEvent(i, { perCustomer: event.currentTarget.value })}
          />
        </SimpleGrid>
      ))}
      {problem !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={() => change([...events, { name: "", title: "", perCustomer: "" }])}
        >
          Add an event
        </Button>
      </Group>
    </Stack>
  );
}
