/** After a reload in the middle: the transaction that this tab had sent, followed to its end. Loaded lazily. */
import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Dialog } from "../components/Dialog.tsx";
import { Failed } from "../components/Failed.tsx";
import { failureOf, type Progress } from "./execute.ts";
import type { UnderWay } from "./kept.ts";
import { StepState } from "./StepState.tsx";
import { receiptOf } from "./waiting.ts";

export default function FoundAgain({ underWay, close }: { underWay: UnderWay; close: () => void }) {
  const { title, what, hash, rest } = underWay;
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>(
    hash === undefined ? { state: "wallet" } : { state: "sent", hash },
  );
  useEffect(() => {
    if (hash === undefined) return;
    let here = true;
    const report = (one: Progress) => here && setProgress(one);
    receiptOf(hash).then(
      async ({ status }) => {
        report(status === 1 ? { state: "confirmed", hash } : { state: "failed", hash, failure: REFUSED });
        await queries.invalidateQueries();
      },
      (error: unknown) => report({ state: "failed", hash, failure: failureOf(error, undefined) }),
    );
    return () => {
      here = false;
    };
  }, [hash, queries]);
  return (
    <Dialog opened onClose={close} title={title} size="lg">
      <Stack gap="md">
        <Text size="sm">This was under way when the page was left.</Text>
        <div aria-live="polite">
          <Text fw={600} size="sm">
            {what}
          </Text>
          {hash === undefined ? (
            <Text size="sm">
              Your wallet was asked, and had not answered. If you confirmed it there, it is on its way: look into the
              wallet before you do it again.
            </Text>
          ) : (
            <StepState progress={progress} kind="call" />
          )}
        </div>
        {progress.state === "failed" && <Failed failure={progress.failure} />}
        {progress.state === "confirmed" && rest.length === 0 && (
          <Alert color="green" title="Done">
            It is on the chain.
          </Alert>
        )}
        {rest.length > 0 && (
          <Alert color="yellow" title="What was to follow is not done">
            <List size="sm">
              {rest.map((one) => (
                <List.Item key={one}>{one}</List.Item>
              ))}
            </List>
            <Text size="sm" mt={4}>
              Begin it again where you began it: what is done already is found there.
            </Text>
          </Alert>
        )}
        <Group justify="flex-end" className="dialog-actions">
          <Button variant="default" onClick={close}>
            Close
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const REFUSED = {
  title: "The transaction was mined, but the contract refused it.",
  remedy: "Nothing was changed. Begin it again.",
};
