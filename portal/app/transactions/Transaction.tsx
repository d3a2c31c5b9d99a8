/** The dialog of a plan: what will be signed, what became of it. Loaded lazily. */
import { Alert, Anchor, Button, Collapse, Group, List, Stack, Timeline } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "../components/Dialog.tsx";
import { Failed } from "../components/Failed.tsx";
import type { Failure } from "../text/failure.ts";
import { useWallet } from "../wallet/wallet.tsx";
import { begin, type Execution, execute, failureOf, isFinished } from "./execute.ts";
import { keepUnderWay, underWayOf } from "./kept.ts";
import type { Plan, Step } from "./plan.ts";
import { proposalsOf } from "./proposals.ts";
import { rehearse } from "./rehearse.ts";
import { StepState } from "./StepState.tsx";
import { WalletView } from "./WalletView.tsx";

type Rehearsal = Failure | "asked" | "passed";

/** Whether the first call would go through, and what the account is short of. */
function useRehearsal(plan: Plan, account: string | undefined, proposed: boolean) {
  const [rehearsal, setRehearsal] = useState<Rehearsal>("asked");
  const [short, setShort] = useState<Failure>();
  useEffect(() => {
    // What was proposed is not for this page to judge any more.
    if (plan.steps[0]?.kind !== "call" || account === undefined || proposed) return setRehearsal("passed");
    let current = true;
    rehearse(plan, account).then(
      (found) => {
        if (!current) return;
        setRehearsal("passed");
        setShort(found);
      },
      (error: unknown) => current && setRehearsal(failureOf(error, plan.token)),
    );
    return () => {
      current = false;
    };
  }, [plan, account, proposed]);
  return { rehearsal, short };
}

/** Shows a plan, rehearses its first call, and has it carried out step by step. */
export default function Transaction({ plan, close }: { plan: Plan; close: () => void }) {
  const { wallet, session } = useWallet();
  const queries = useQueryClient();
  const [execution, setExecution] = useState(() => begin(plan, session && proposalsOf(session.address)));
  const [running, setRunning] = useState(false);
  const waiting = useRef(new AbortController());
  const proposed = execution.progress.some(({ state }) => state === "proposed");
  const { rehearsal, short } = useRehearsal(plan, session?.address, proposed);
  const finished = isFinished(execution);
  const failed = execution.progress.find((one) => one.state === "failed");
  const refused = typeof rehearsal === "object" && !finished ? rehearsal : undefined;

  async function run() {
    if (wallet === undefined || session === undefined) return;
    setRunning(true);
    try {
      const { signal } = waiting.current;
      const signer = { wallet: wallet.provider, account: session.address, token: plan.token, signal };
      const begun = { title: plan.title, account: session.address, at: Date.now() };
      const moved = (now: Execution) => {
        keepUnderWay(underWayOf(begun, now));
        setExecution(now);
      };
      if (!isFinished(await execute(execution, signer, moved))) return;
      await plan.done?.();
      await queries.invalidateQueries();
    } finally {
      setRunning(false);
    }
  }

  // Once it is closed nobody waits here any more; the note on top of every page does (`Proposals`).
  useEffect(() => {
    const controller = new AbortController();
    waiting.current = controller;
    return () => controller.abort();
  }, []);
  // What the account's wallet has already is followed without asking it again.
  const begun = useRef(false);
  useEffect(() => {
    if (!proposed || running || begun.current || wallet === undefined) return;
    begun.current = true;
    run();
  });

  // While the wallet is asked nothing closes it: whoever signs has to see what became of it. Other owners may take hours.
  const locked = running && !proposed;
  return (
    <Dialog opened onClose={() => !locked && close()} title={plan.title} size="lg">
      <Stack gap="md">
        <List spacing={6} size="sm">
          {plan.summary.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
        <Steps execution={execution} />
        <WalletViews steps={execution.steps} />
        <div aria-live="polite">
          {refused !== undefined && !running && failed === undefined && (
            <Failed failure={refused} title="This would fail" />
          )}
          {short !== undefined && !finished && !running && failed === undefined && (
            <Alert color="yellow" title={short.title}>
              {short.remedy}
            </Alert>
          )}
          {failed?.state === "failed" && <Failed failure={failed.failure} />}
          {finished && (
            <Alert color="green" title="Done">
              It is on the chain.
            </Alert>
          )}
          {proposed && (
            <Alert color="blue" title="Waiting for the other owners’ signatures">
              They sign in the account’s own wallet. You can close this, and the page: it goes on by itself, and every
              page says what became of it.
            </Alert>
          )}
          {wallet === undefined && !finished && (
            <Alert color="yellow" title="Your wallet is not here">
              The wallet that you signed in with does not answer in this browser. Unlock it, or sign in again.
            </Alert>
          )}
        </div>
        <Group justify="flex-end" className="dialog-actions">
          <Button variant="default" onClick={close} disabled={locked}>
            {finished || proposed ? "Close" : "Cancel"}
          </Button>
          {!finished && !proposed && (
            <Button
              onClick={run}
              loading={running}
              disabled={
                wallet === undefined || (refused !== undefined && failed === undefined) || rehearsal === "asked"
              }
            >
              {failed === undefined ? (plan.action ?? "Sign and send") : "Try again"}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

function Steps({ execution: { steps, progress } }: { execution: Execution }) {
  return (
    <Timeline active={progress.findLastIndex(({ state }) => state !== "waiting")} bulletSize={20} lineWidth={2}>
      {steps.map((step, index) => (
        <Timeline.Item key={step.what} title={step.what} lineVariant="solid">
          <StepState progress={progress[index] ?? { state: "waiting" }} kind={step.kind} />
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function WalletViews({ steps }: { steps: readonly Step[] }) {
  const [shown, setShown] = useState(false);
  return (
    <div>
      <Anchor component="button" type="button" size="sm" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {shown ? "Hide what the wallet will show" : "Show what the wallet will show"}
      </Anchor>
      <Collapse expanded={shown}>
        <Stack gap="xs" mt="xs">
          {steps.map((step) => (
            <WalletView key={step.what} step={step} />
          ))}
        </Stack>
      </Collapse>
    </div>
  );
}
