/** The dialog in which a partner answers what a brand asks, or accepts its invitation. */
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { admissionApi } from "#portal/app/api/admission.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { nameOf } from "#portal/app/campaign/naming.ts";
import { Dialog } from "#portal/app/components/Dialog.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { explain, type Failure } from "#portal/app/text/failure.ts";

export function Apply({
  campaign,
  questions,
  invitation,
  session,
  close,
}: {
  campaign: Campaign;
  questions: readonly string[];
  /** An invitation's code: then nothing is asked. */
  invitation: string | undefined;
  session: string;
  close: () => void;
}) {
  const queries = useQueryClient();
  const asked = invitation === undefined ? questions : [];
  const [answers, setAnswers] = useState<readonly string[]>(asked.map(() => ""));
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const missing = (index: number) => (answers[index] ?? "").trim() === "";
  async function send(event: FormEvent) {
    event.preventDefault();
    setShown(true);
    if (asked.some((_, index) => missing(index))) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { answers: [...answers], ...(invitation === undefined ? {} : { invitation }) };
      await admissionApi.apply(session, campaign.id, body);
      await queries.invalidateQueries({ queryKey: ["admission"] });
      close();
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog opened onClose={() => !busy && close()} title={`Apply to ${nameOf(campaign)}`} size="md">
      <form onSubmit={send} noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            The brand sees your wallet's address{asked.length > 0 && " and what you answer"}. Applying is free and binds
            you to nothing.
          </Text>
          {asked.map((question, index) => (
            <Textarea
              key={question}
              label={question}
              required
              autosize
              minRows={2}
              maxLength={2_000}
              value={answers[index] ?? ""}
              onChange={(event) => setAnswers(answers.with(index, event.currentTarget.value))}
              error={shown && missing(index) ? "The brand asks this of everybody." : undefined}
            />
          ))}
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end" className="dialog-actions">
            <Button variant="default" onClick={close} disabled={busy}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {invitation === undefined ? "Send the application" : "Accept the invitation"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
