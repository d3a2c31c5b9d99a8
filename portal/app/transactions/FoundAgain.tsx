/** After a reload in the middle: the transaction that this tab had sent, followed to its end. Loaded lazily. */
import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { hasCode, provider } from "../chain/contracts.ts";
import { Dialog } from "../components/Dialog.tsx";
import { Failed } from "../components/Failed.tsx";
import { followAccount, type Mined } from "./account.ts";
import { failureOf, type Progress } from "./execute.ts";
import type { UnderWay } from "./kept.ts";
import { StepState } from "./StepState.tsx";
import { receiptOf } from "./waiting.ts";

/** How far back a contract account's proposal may have been made. */
const PROPOSED_BLOCKS = 5_000;

async function follow(hash: string, account: string, report: (one: Progress) => void): Promise<Mined> {
  if (!(await hasCode(account))) return { hash, ok: (await receiptOf(hash)).status === 1 };
  const since = Math.max(0, (await provider().getBlockNumber()) - PROPOSED_BLOCKS);
  return followAccount(hash, account, since, () => report({ state: "proposed" }));
}

export default function FoundAgain({ underWay, close }: { underWay: UnderWay; close: () => void }) {
  const { title, account, what, hash, rest } = underWay;
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>(
    hash === undefined ? { state: "wallet" } : { state: "sent", hash },
  );
  useEffect(() => {
    if (hash === undefined) return;
    let here = true;
    const report = (one: Progress) => here && setProgress(one);
    follow(hash, account, report).then(
      async ({ hash: mined, ok }) => {
        if (ok) report({ state: "confirmed", hash: mined });
        else report({ state: "failed", hash: mined, failure: REFUSED });
        await queries.invalidateQueries();
      },
      (error: unknown) => report({ state: "failed", hash, failure: failureOf(error, undefined) }),
    );
    return () => {
      here = false;
    };
  }, [hash, account, queries]);
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
