/** Part of a campaign's form: hold, notice, attesters, limit. */
import { SimpleGrid, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { Duration } from "#portal/app/components/Duration.tsx";
import { Attribution, Velocity } from "./Attribution.tsx";
import type { FormProps } from "./form.ts";

/** How long things take, whose click counts, and who says that something happened. */
export function Terms({ draft, change, problem }: FormProps) {
  return (
    <Stack gap="xl">
      <div>
        <Title order={2}>Terms</Title>
        <Text size="sm" c="dimmed">
          Token, hold, notice and who may take part can never be changed: that is what partners rely on.
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
      </SimpleGrid>
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
      <Stack gap="md">
        <Title order={3}>Limits</Title>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <TextInput
            label={`Most in a day, ${draft.format?.symbol ?? "tokens"}`}
            description="What can be attested in a day, fees included: it bounds what a mistake can cost. Empty: no limit."
            inputMode="decimal"
            value={draft.dailyLimit}
            onChange={(event) => change({ dailyLimit: event.currentTarget.value })}
            error={problem("dailyLimit")}
          />
          <Velocity draft={draft} change={change} problem={problem} />
        </SimpleGrid>
      </Stack>
    </Stack>
  );
}
