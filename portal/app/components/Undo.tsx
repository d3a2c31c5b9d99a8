/** What was decided and is not sent yet: for some seconds it can be taken back, as if nothing had been said. */
import { Button, Group, Paper, Text } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";

/** Long enough to see what one has pressed, short enough not to wait for it. */
export const UNDO_SECONDS = 8;

interface Decided {
  readonly text: string;
  readonly send: () => void;
  readonly takenBack: () => void;
}

interface Waiting extends Decided {
  /** In milliseconds. */
  readonly at: number;
}

/** One at a time: whoever decides the next means the one before. So does whoever goes to another page; who closes it is asked. */
export function useUndo() {
  const [waiting, setWaiting] = useState<Waiting>();
  const held = useRef<Waiting>(undefined);
  const put = useCallback((next: Waiting | undefined) => {
    held.current = next;
    setWaiting(next);
  }, []);
  const sendNow = useCallback(() => {
    const { current } = held;
    put(undefined);
    current?.send();
  }, [put]);
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setTimeout(sendNow, waiting.at - Date.now());
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("beforeunload", ask);
    };
  }, [waiting, sendNow]);
  useEffect(() => () => held.current?.send(), []);
  return {
    waiting,
    sendNow,
    takeBack() {
      held.current?.takenBack();
      put(undefined);
    },
    decide(next: Decided) {
      held.current?.send();
      put({ ...next, at: Date.now() + UNDO_SECONDS * 1000 });
    },
  };
}

/** It stands where it is seen however long the list is. */
export function UndoBar({ undo }: { undo: ReturnType<typeof useUndo> }) {
  const { waiting, sendNow, takeBack } = undo;
  return (
    <div role="status" style={{ position: "sticky", bottom: 16, zIndex: 2 }}>
      {waiting !== undefined && (
        <Paper p="md" shadow="md" withBorder>
          <Group justify="space-between">
            <Text size="sm">
              {waiting.text} It is sent in {UNDO_SECONDS} seconds.
            </Text>
            <Group gap="xs">
              <Button size="compact-sm" onClick={takeBack}>
                Undo
              </Button>
              <Button size="compact-sm" variant="default" onClick={sendNow}>
                Send it now
              </Button>
            </Group>
          </Group>
        </Paper>
      )}
    </div>
  );
}
