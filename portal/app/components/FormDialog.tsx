/** A dialog that holds a form, or a question before something that hurts: what it sends, it waits for, and says what went wrong. */
import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { explain, type Failure } from "../text/failure.ts";
import { type Fields, fieldProblems } from "../text/fieldProblems.ts";
import { Dialog } from "./Dialog.tsx";
import { Failed } from "./Failed.tsx";

/** Nothing closes it while its answer is under way: whoever sent it has to see what became of it. */
export function FormDialog({
  title,
  action,
  cancel = "Cancel",
  hurts = false,
  ready,
  fields,
  submit,
  close,
  children,
}: {
  title: string;
  /** Of the button that sends it. */
  action: string;
  /** Of the button that does not. */
  cancel?: string;
  /** It cannot be undone: the button says so by its colour, and the other one is where the keyboard begins. */
  hurts?: boolean;
  /** Whether all is filled in; where it is not, the fields say so, and nothing is sent. Without it the browser looks at them. */
  ready?: () => boolean;
  /** What the relayer says against one of these is said there, and not below. */
  fields?: Fields;
  submit: () => Promise<unknown>;
  close: () => void;
  children: ReactNode | ((said: (field: string) => string | undefined) => ReactNode);
}) {
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  async function send(event: FormEvent) {
    event.preventDefault();
    if (busy || ready?.() === false) return;
    setBusy(true);
    setFailure(undefined);
    setSaid({});
    try {
      await submit();
      close();
    } catch (error) {
      const found = fields === undefined ? {} : fieldProblems(error, fields);
      setSaid(found);
      if (Object.keys(found).length === 0) setFailure(explain(error));
      setBusy(false);
    }
  }
  return (
    <Dialog opened onClose={() => !busy && close()} title={title}>
      <form onSubmit={send} noValidate={ready !== undefined}>
        <Stack>
          {typeof children === "function" ? children((field) => said[field]) : children}
          {failure !== undefined && <Failed failure={failure} />}
          <Group justify="flex-end" className="dialog-actions">
            <Button variant="default" onClick={close} disabled={busy} data-autofocus={hurts ? true : undefined}>
              {cancel}
            </Button>
            <Button type="submit" loading={busy} color={hurts ? "red.9" : undefined}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
