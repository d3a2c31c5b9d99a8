/** What partners are paid for what they reach: the targets of a description in words, and a form for one more and for the brand's own bonuses. */
import { Button, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { Target } from "@partner-programs/protocol/targets";
import { useState } from "react";
import {
  countedEvents,
  EMPTY_STEP,
  emptyTarget,
  offerMissing,
  type StepDraft,
  type TargetDraft,
  targetOf,
  type WordDraft,
} from "#portal/app/campaign/targetDraft.ts";
import { moneyText, type TokenFormat } from "#portal/app/text/money.ts";
import { sayTarget } from "#portal/app/text/targets.ts";

export function Targets({
  description,
  taken,
  eventOf,
  token,
  word,
  problem,
  change,
  changeWord,
}: {
  /** With the targets that it will have. */
  description: CampaignDescription;
  /** Names that another target cannot have. */
  taken: ReadonlySet<string>;
  /** The event of each offer. */
  eventOf: readonly string[];
  token: TokenFormat;
  word: WordDraft;
  /** What is wrong with the brand's own bonuses. */
  problem: string | undefined;
  change: (targets: readonly Target[]) => void;
  changeWord: (word: WordDraft) => void;
}) {
  const { targets } = description;
  const [adding, setAdding] = useState(false);
  const missing = offerMissing(description, eventOf, token.decimals);
  return (
    <Stack gap="md">
      <div>
        <Title order={2}>Targets and bonuses</Title>
        <Text size="sm" c="dimmed">
          Paid beside commissions, in {token.symbol}, for what a partner reached in a period. Only what is paid for good
          counts; a period that has begun keeps its targets until it is over.
        </Text>
      </div>
      {targets.map((one) => (
        <Group key={one.name} justify="space-between" wrap="nowrap" align="flex-start">
          <Text size="sm">
            {one.title}: {sayTarget(one)}
          </Text>
          <Button
            variant="default"
            size="xs"
            aria-label={`Remove the target ${one.title}`}
            onClick={() => change(targets.filter(({ name }) => name !== one.name))}
          >
            Remove
          </Button>
        </Group>
      ))}
      {adding ? (
        <NewTarget
          events={countedEvents(description)}
          token={token}
          taken={new Set([...taken, ...targets.map(({ name }) => name)])}
          add={(one) => {
            change([...targets, one]);
            setAdding(false);
          }}
          cancel={() => setAdding(false)}
        />
      ) : (
        <Group>
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            Add a target
          </Button>
        </Group>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={`Bonuses by your own word, at once at most, in ${token.symbol}`}
          description="With a reason that the partner reads. Empty: none."
          inputMode="decimal"
          value={word.most}
          onChange={({ currentTarget: { value } }) => changeWord({ ...word, most: value })}
          error={problem}
        />
        <TextInput
          label={`All of them in a month at most, in ${token.symbol}`}
          description="Attesters sign for no more than this."
          inputMode="decimal"
          value={word.mostPerMonth}
          onChange={({ currentTarget: { value } }) => changeWord({ ...word, mostPerMonth: value })}
        />
      </SimpleGrid>
      {missing !== undefined && (
        <Text size="sm" role="status">
          No offer pays for “{missing.event}” yet. Once this is in force, publish one of 100 % with a cap of{" "}
          {moneyText(missing.most, token)}, under Offers: without it no bonus is paid. Attesters need the same targets
          in their rules.
        </Text>
      )}
    </Stack>
  );
}

function NewTarget({
  events,
  token,
  taken,
  add,
  cancel,
}: {
  events: CampaignDescription["events"];
  token: TokenFormat;
  taken: ReadonlySet<string>;
  add: (target: Target) => void;
  cancel: () => void;
}) {
  const [draft, setDraft] = useState<TargetDraft>(() => emptyTarget(events[0]?.name ?? ""));
  const [tried, setTried] = useState(false);
  const made = targetOf(draft, token.decimals, taken);
  const set = (part: Partial<TargetDraft>) => setDraft((old) => ({ ...old, ...part }));
  const setStep = (index: number, part: Partial<StepDraft>) =>
    set({ steps: draft.steps.map((step, i) => (i === index ? { ...step, ...part } : step)) });
  return (
    <Stack gap="md" component="fieldset" m={0} p="md" bd="1px solid var(--mantine-color-default-border)">
      <Text component="legend" fw={600} px={4}>
        Another target
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput
          label="Title"
          placeholder="Ten a month"
          maxLength={200}
          value={draft.title}
          onChange={({ currentTarget: { value } }) => set({ title: value })}
        />
        <NativeSelect
          label="What counts"
          value={draft.counts}
          onChange={({ currentTarget: { value } }) => set({ counts: value })}
          data={events.map(({ name, title }) => ({ value: name, label: title || name }))}
        />
        <NativeSelect
          label="Counted by"
          value={draft.period}
          onChange={({ currentTarget: { value } }) => set({ period: value as Target["period"] })}
          data={[
            { value: "month", label: "calendar month" },
            { value: "quarter", label: "quarter" },
            { value: "year", label: "year" },
            { value: "once", label: "once for each partner" },
          ]}
        />
      </SimpleGrid>
      {draft.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are added at the end, and none has a state of its own
        <SimpleGrid key={i} cols={{ base: 1, sm: 3 }}>
          {STEP_FIELDS.map(({ name, label }) => (
            <TextInput
              key={name}
              label={`${i === 0 ? "" : `Step ${i + 1}: `}${label(token.symbol)}`}
              inputMode={name === "conversions" ? "numeric" : "decimal"}
              value={step[name]}
              onChange={({ currentTarget: { value } }) => setStep(i, { [name]: value })}
            />
          ))}
        </SimpleGrid>
      ))}
      {draft.steps.length > 1 && (
        <NativeSelect
          label="Of several steps"
          value={draft.pays}
          onChange={({ currentTarget: { value } }) => set({ pays: value as Target["pays"] })}
          data={[
            { value: "each", label: "each that is reached is paid" },
            { value: "highest", label: "the highest that is reached is paid" },
          ]}
        />
      )}
      {"target" in made ? (
        <Text size="sm" role="status">
          Partners will read: {made.target.title}: {sayTarget(made.target)}
        </Text>
      ) : (
        tried && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {made.problem}
          </Text>
        )
      )}
      <Group>
        <Button size="xs" onClick={() => ("target" in made ? add(made.target) : setTried(true))}>
          Add this target
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={draft.steps.length === 12}
          onClick={() => set({ steps: [...draft.steps, EMPTY_STEP] })}
        >
          Another step
        </Button>
        <Button variant="default" size="xs" onClick={cancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

const STEP_FIELDS: readonly { readonly name: keyof StepDraft; readonly label: (symbol: string) => string }[] = [
  { name: "conversions", label: () => "Conversions, at least" },
  { name: "volume", label: (symbol) => `Volume, at least, in ${symbol}` },
  { name: "bonus", label: (symbol) => `Bonus, in ${symbol}` },
];
