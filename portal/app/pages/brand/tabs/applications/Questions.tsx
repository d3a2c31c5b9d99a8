/** What a brand asks of those who apply. */
import { Button, Group, Paper, Skeleton, Stack, Text, Textarea, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { admissionApi } from "#portal/app/api/admission.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Decides, useRights } from "#portal/app/components/Rights.tsx";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

const MAX_QUESTIONS = 10;

export function Questions({ campaign }: { campaign: Campaign }) {
  const asked = useQuery({
    queryKey: ["admission", campaign.id, "questions"],
    queryFn: () => admissionApi.admission(campaign.id),
    // Nobody else changes it, and it is not to change under who types.
    refetchInterval: false,
  });
  return (
    <Paper component="section" aria-label="What you ask">
      <Title order={2}>What you ask</Title>
      {asked.error !== null && asked.data === undefined && <Failed error={asked.error} retry={asked.refetch} />}
      {asked.data === undefined && asked.error === null && <Skeleton h={90} />}
      {asked.data !== undefined && (
        <Form campaign={campaign} key={asked.data.questions.join("\n")} questions={asked.data.questions} />
      )}
    </Paper>
  );
}

function Form({ campaign, questions }: { campaign: Campaign; questions: readonly string[] }) {
  const { token: session } = useSession();
  const queries = useQueryClient();
  const { decides } = useRights();
  const [text, setText] = useState(questions.join("\n"));
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const many =
    lines.length > MAX_QUESTIONS ? `At most ${MAX_QUESTIONS} questions; these are ${lines.length}.` : undefined;
  const long = lines.find((line) => line.length > 300);
  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    await admissionApi.ask(session, campaign.id, lines).catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: ["admission"] });
    setBusy(false);
  }
  return (
    <form onSubmit={save}>
      <Stack gap="sm" mt="xs">
        <Text size="sm" c="dimmed">
          Whom no offer is open to applies from the campaign's page, and answers these.
        </Text>
        <Textarea
          label="Questions"
          description="One a line, ten at most"
          autosize
          minRows={3}
          value={text}
          readOnly={!decides}
          onChange={(event) => setText(event.currentTarget.value)}
          error={
            many ?? (long === undefined ? undefined : `A question has at most 300 characters: ${long.slice(0, 40)}…`)
          }
        />
        {failure !== undefined && <Failed failure={failure} />}
        <Decides otherwise="A manager of the team changes them.">
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={busy}
              disabled={many !== undefined || long !== undefined || lines.join("\n") === questions.join("\n")}
            >
              Save the questions
            </Button>
          </Group>
        </Decides>
      </Stack>
    </form>
  );
}
