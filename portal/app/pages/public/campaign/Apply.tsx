/** The dialog in which a partner answers what a brand asks, or accepts its invitation. */
import { Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { admissionApi } from "#portal/app/api/admission.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { nameOf } from "#portal/app/campaign/naming.ts";
import { FormDialog } from "#portal/app/components/FormDialog.tsx";

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
  const missing = (index: number) => (answers[index] ?? "").trim() === "";
  function ready(): boolean {
    setShown(true);
    return !asked.some((_, index) => missing(index));
  }
  async function submit() {
    const body = { answers: [...answers], ...(invitation === undefined ? {} : { invitation }) };
    await admissionApi.apply(session, campaign.id, body);
    await queries.invalidateQueries({ queryKey: ["admission"] });
  }
  return (
    <FormDialog
      title={`Apply to ${nameOf(campaign)}`}
      action={invitation === undefined ? "Send the application" : "Accept the invitation"}
      ready={ready}
      submit={submit}
      close={close}
    >
      <Text size="sm" c="dimmed">
        The brand sees your wallet's address{asked.length > 0 && " and what you answer"}. Applying is free and binds you
        to nothing.
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
    </FormDialog>
  );
}
