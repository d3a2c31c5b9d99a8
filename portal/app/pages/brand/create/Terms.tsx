/** Part of a campaign's form: hold, notice, attesters, limit. */
import { Alert, Button, Checkbox, Collapse, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { addresses } from "#portal/app/campaign/draft.ts";
import { Duration } from "#portal/app/components/Duration.tsx";
import { sayMembers } from "#portal/app/text/attesters.ts";
import { Attribution, LeadTimes, Velocity } from "./Attribution.tsx";
import { Currencies } from "./Currencies.tsx";
import type { FormProps } from "./form.ts";

/** How long things take, whose click counts, and who says that something happened. */
export function Terms({ draft, change, problem }: FormProps) {
  return (
    <Stack gap="xl">
      <div>
        <Title order={2}>Terms</Title>
        <Text size="sm" c="dimmed">
          Token, hold, notice, where the lines are and who may take part can never be changed: that is what partners
          rely on.
        </Text>
      </div>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Duration
          label="Hold"
          description="A refund in this time takes the commission back. As long as your customers may return or cancel."
          value={draft.holdSeconds}
          onChange={(holdSeconds) => change({ holdSeconds })}
        />
        <Duration
          label="Notice"
          description="How long before a change for the worse takes effect. Longer is more trusted, shorter more flexible."
          value={draft.noticeSeconds}
          onChange={(noticeSeconds) => change({ noticeSeconds })}
          error={problem("noticeSeconds")}
        />
        <Attribution draft={draft} change={change} problem={problem} />
        <TextInput
          label={`Most in a day, ${draft.format?.symbol ?? "tokens"}`}
          description="What can be attested in a day, fees included. It bounds what a mistake, a stolen key or lying attesters can cost before you act, and partners see it. Raising it takes notice. Empty: no limit."
          inputMode="decimal"
          value={draft.dailyLimit}
          onChange={(event) => change({ dailyLimit: event.currentTarget.value })}
          error={problem("dailyLimit")}
        />
        <Currencies draft={draft} change={change} problem={problem} />
      </SimpleGrid>
      {draft.holdSeconds === 0 && (
        <Alert color="yellow" title="Without a hold nothing can be taken back">
          A commission is credited in the moment it is attested. A refund a minute later is your loss, and nobody can
          stop attesters who lie before they are paid. Set a daily limit, and take a hold unless what you pay for cannot
          be undone.
        </Alert>
      )}
      <Text size="sm">{sayAdvanced(draft)}</Text>
      <Advanced problems={ADVANCED.flatMap((field) => problem(field) ?? [])}>
        <Stack gap="md">
          <Title order={3}>Who attests</Title>
          <Text size="sm" c="dimmed">
            Attesters sign which conversions happened. They can never pay more than your offers allow. Several, run by
            different people, are harder to corrupt; more than half have to sign.
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
            <Textarea
              label="Attesters"
              description="An address a line. Proposed are those that this portal's operator knows."
              autosize
              minRows={2}
              value={draft.attesters}
              onChange={(event) => change({ attesters: event.currentTarget.value })}
              error={problem("attesters")}
              styles={{ input: { fontFamily: "monospace" } }}
            />
            <TextInput
              label="How many have to sign"
              description="More than half of them"
              inputMode="numeric"
              value={draft.threshold}
              onChange={(event) => change({ threshold: event.currentTarget.value })}
              error={problem("threshold")}
            />
          </SimpleGrid>
        </Stack>
        <Checkbox
          label="Write every line on the chain"
          description={
            draft.holdSeconds === 0
              ? "Without a hold they always are."
              : draft.linesOnChain
                ? "Whoever has the chain has all that is needed to be paid, without asking anybody. It costs gas for every partner in a batch, some 1,400 each."
                : "Attesting costs the same for one partner and for a million. Your relayer and your attesters keep the lines and serve them to everybody; should all of them lose theirs, what is reserved for partners cannot be paid."
          }
          checked={draft.linesOnChain || draft.holdSeconds === 0}
          disabled={draft.holdSeconds === 0}
          onChange={(event) => change({ linesOnChain: event.currentTarget.checked })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <LeadTimes draft={draft} change={change} problem={problem} />
          <Velocity draft={draft} change={change} problem={problem} />
        </SimpleGrid>
      </Advanced>
    </Stack>
  );
}

/** What is proposed well for nearly everybody. */
const ADVANCED = ["attesters", "threshold", "velocityPerHour", "leadDays", "leadAnswerDays"] as const;

/** What the folded part says, in a sentence or two: nobody agrees to what is not seen. */
function sayAdvanced({ attesters, threshold, linesOnChain, holdSeconds }: FormProps["draft"]): string {
  const members = addresses(attesters);
  const who =
    members.length === 0
      ? "Nobody attests yet: name somebody under Advanced."
      : members.length === 1
        ? `${sayMembers(members)} signs what happened, and can never pay more than your offers allow.`
        : `${threshold} of ${sayMembers(members)} have to sign what happened. They can never pay more than your offers allow.`;
  return `${who} ${linesOnChain || holdSeconds === 0 ? "Who is paid how much is written on the chain." : "Who is paid how much is kept by relayer and attesters."}`;
}

/** Folded away, but where something in it is wrong. */
function Advanced({ problems, children }: { problems: readonly string[]; children: ReactNode }) {
  const [asked, setAsked] = useState(false);
  const opened = asked || problems.length > 0;
  return (
    <div>
      <Button variant="default" size="sm" aria-expanded={opened} onClick={() => setAsked(!opened)}>
        Advanced: attesters, lines, leads, what is flagged
      </Button>
      <Collapse expanded={opened}>
        <Stack gap="xl" pt="lg">
          {children}
        </Stack>
      </Collapse>
    </div>
  );
}
