/** The dialog of a plan: what will be signed, what became of it. Loaded lazily. */
import { Alert, Anchor, Button, Code, Collapse, Group, List, Loader, Stack, Text, Timeline } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Interface } from "ethers";
import { useCallback, useEffect, useState } from "react";
import { programsInterface, provider } from "../chain/contracts.ts";
import { TOKEN_ABI } from "../chain/token.ts";
import { Dialog } from "../components/Dialog.tsx";
import { Explorer } from "../components/Explorer.tsx";
import { Failed } from "../components/Failed.tsx";
import { config } from "../config.ts";
import { explain, type Failure } from "../text/failure.ts";
import { moneyText } from "../text/money.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { ensureNetwork, NeedsNetwork } from "../wallet/network.ts";
import { useWallet } from "../wallet/wallet.tsx";
import type { Plan, Step } from "./plan.ts";

const tokenInterface = new Interface(TOKEN_ABI);
type Progress =
  | { readonly state: "waiting" | "wallet" | "signed" | "handed" }
  | { readonly state: "sent" | "confirmed"; readonly hash: string }
  | {
      readonly state: "failed";
      readonly failure: Failure;
      readonly hash?: string;
      /** It is on the chain, and did nothing: it can be sent again. */
      readonly refused?: boolean;
    };

const MAX_WAIT_MS = 600_000;

/** A transaction that was sent and may still be mined: it is waited for, because sending it again might do it twice. */
function sentBefore(progress: Progress | undefined): string | undefined {
  return progress?.state === "failed" && progress.refused !== true ? progress.hash : undefined;
}

/** Follows what somebody else sends until it is in a block. @throws Error with the carrier's own words */
async function carried(step: Extract<Step, { kind: "carry" }>, sent: (hash: string) => void): Promise<string> {
  const { id } = await step.hand();
  const until = Date.now() + MAX_WAIT_MS;
  while (Date.now() < until) {
    const { state, transaction, problem } = await step.ask(id);
    if (state === "failed") throw new Error(problem ?? "It was given up.");
    if (transaction !== null) {
      sent(transaction);
      if (state === "paid") return transaction;
    }
    await new Promise((resolve) => setTimeout(resolve, config().local ? 250 : 2_000));
  }
  throw new Error("It takes too long. It may still come: look at what is claimable before you try again.");
}

/** Whether the account can pay for a call's gas: what it is short of, or undefined. A wallet may have gas paid for it, and knows better. */
async function shortOfGas(gas: bigint, value: bigint, from: string, otherwise: string | undefined) {
  const [{ gasPrice }, balance] = await Promise.all([provider().getFeeData(), provider().getBalance(from)]);
  const needed = gas * (gasPrice ?? 0n) + value;
  if (balance >= needed) return undefined;
  const [has, needs] = [balance, needed].map((amount) => moneyText(roundedUp(amount), COIN));
  return {
    title: `Your account has ${has}, and this takes about ${needs}.`,
    remedy: `Send some ${COIN.symbol} to ${from} on ${config().network}, and try again${otherwise === undefined ? "" : `; or ${otherwise}`}.`,
  };
}

const COIN = { symbol: "ETH", decimals: 18 };
/** To a millionth of a coin: as it is shown, and never shown as nothing. */
const roundedUp = (wei: bigint) => ((wei + 10n ** 12n - 1n) / 10n ** 12n) * 10n ** 12n;

async function send(step: Extract<Step, { kind: "call" }>, wallet: Eip1193, from: string): Promise<string> {
  const call = { ...encode(step), from };
  const gas = ((await provider().estimateGas(call)) * 12n) / 10n;
  const params = [{ ...call, gas: `0x${gas.toString(16)}` }];
  return (await wallet.request({ method: "eth_sendTransaction", params })) as string;
}

function encode(step: Extract<Step, { kind: "call" }>) {
  const one = step.to === "programs" ? programsInterface : tokenInterface;
  return {
    to: step.to === "programs" ? config().programs : step.to.token,
    data: one.encodeFunctionData(step.method, [...step.args]),
    value: `0x${(step.value ?? 0n).toString(16)}`,
  };
}

/** Shows a plan, rehearses its first call, and carries it out step by step. */
export default function Transaction({ plan, close }: { plan: Plan; close: () => void }) {
  const { wallet, session } = useWallet();
  const queries = useQueryClient();
  const [steps, setSteps] = useState<readonly Step[]>(plan.steps);
  const [progress, setProgress] = useState<readonly Progress[]>(plan.steps.map(() => ({ state: "waiting" })));
  const [rehearsal, setRehearsal] = useState<Failure | "asked" | "passed">("asked");
  const [short, setShort] = useState<Failure>();
  const [running, setRunning] = useState(false);
  const [shown, setShown] = useState(false);

  const explained = useCallback(
    (error: unknown) => explain(error, [programsInterface, tokenInterface], plan.token),
    [plan.token],
  );
  const finished = progress.every(({ state }) => state === "confirmed" || state === "signed");
  const failed = progress.find((one) => one.state === "failed");

  // Only the first step can be rehearsed: the others may need what it does.
  useEffect(() => {
    const [first] = plan.steps;
    if (first?.kind !== "call" || session === undefined) return setRehearsal("passed");
    let current = true;
    provider()
      .estimateGas({ ...encode(first), from: session.address })
      .then(
        async (gas) => {
          if (!current) return;
          setRehearsal("passed");
          // Only a warning: without an answer the wallet says it.
          const found = await shortOfGas(gas, first.value ?? 0n, session.address, plan.withoutGas).catch(
            () => undefined,
          );
          if (current) setShort(found);
        },
        (error: unknown) => current && setRehearsal(explained(error)),
      );
    return () => {
      current = false;
    };
  }, [plan, session, explained]);

  async function run() {
    if (wallet === undefined || session === undefined) return;
    setRunning(true);
    const now = [...steps];
    const report = (index: number, one: Progress) =>
      setProgress((all) => all.map((old, i) => (i === index ? one : old)));
    try {
      for (let index = 0; index < now.length; index++) {
        const reached = progress[index]?.state;
        if (reached === "confirmed" || reached === "signed") continue;
        let hash: string | undefined;
        try {
          const step = now[index] as Step;
          if (step.kind === "carry") {
            report(index, { state: "handed" });
            hash = await carried(step, (one) => report(index, { state: "sent", hash: one }));
            await provider().waitForTransaction(hash, 1, MAX_WAIT_MS);
            report(index, { state: "confirmed", hash });
            continue;
          }
          report(index, { state: "wallet" });
          await ensureNetwork(wallet.provider);
          if (step.kind === "sign") {
            const signature = (await wallet.provider.request({
              method: "eth_signTypedData_v4",
              params: [session.address, typedData(step)],
            })) as string;
            now[index + 1] = step.follow(signature);
            setSteps([...now]);
            report(index, { state: "signed" });
            continue;
          }
          hash = sentBefore(progress[index]) ?? (await send(step, wallet.provider, session.address));
          report(index, { state: "sent", hash });
          const receipt = await provider().waitForTransaction(hash, 1, MAX_WAIT_MS);
          if (receipt?.status !== 1)
            return report(index, {
              state: "failed",
              refused: true,
              hash,
              failure: {
                title: "The transaction was mined, but the contract refused it.",
                remedy: "Something changed meanwhile. Try again.",
              },
            });
          report(index, { state: "confirmed", hash });
        } catch (error) {
          const failure =
            error instanceof NeedsNetwork
              ? { title: error.message, remedy: "Switch the network in your wallet, and try again." }
              : explained(error);
          return report(index, { state: "failed", failure, ...(hash === undefined ? {} : { hash }) });
        }
      }
      await plan.done?.();
      await queries.invalidateQueries();
    } finally {
      setRunning(false);
    }
  }

  const refused = typeof rehearsal === "object" && !finished;
  return (
    <Dialog opened onClose={close} title={plan.title} size="lg" closeOnClickOutside={!running} closeOnEscape={!running}>
      <Stack gap="md">
        <List spacing={6} size="sm">
          {plan.summary.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
        <Timeline active={progress.findLastIndex(({ state }) => state !== "waiting")} bulletSize={20} lineWidth={2}>
          {steps.map((step, index) => (
            <Timeline.Item key={step.what} title={step.what} lineVariant="solid">
              <StepState progress={progress[index] ?? { state: "waiting" }} kind={step.kind} />
            </Timeline.Item>
          ))}
        </Timeline>
        <div>
          <Anchor component="button" type="button" size="sm" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? "Hide what the wallet will show" : "Show what the wallet will show"}
          </Anchor>
          <Collapse expanded={shown}>
            <Stack gap="xs" mt="xs">
              {steps.map((step) => (
                <Decoded key={step.what} step={step} />
              ))}
            </Stack>
          </Collapse>
        </div>
        <div aria-live="polite">
          {refused && !running && failed === undefined && <Failed failure={rehearsal} title="This would fail" />}
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
          {wallet === undefined && !finished && (
            <Alert color="yellow" title="Your wallet is not here">
              The wallet that you signed in with does not answer in this browser. Unlock it, or sign in again.
            </Alert>
          )}
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={close} disabled={running}>
            {finished ? "Close" : "Cancel"}
          </Button>
          {!finished && (
            <Button
              onClick={run}
              loading={running}
              disabled={wallet === undefined || (refused && failed === undefined) || rehearsal === "asked"}
            >
              {failed === undefined ? (plan.action ?? "Sign and send") : "Try again"}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

const WAITING: Readonly<Record<Step["kind"], string>> = {
  sign: "A signature: it costs nothing.",
  call: "A transaction.",
  carry: "The relayer's transaction: it costs you nothing.",
};

function StepState({ progress, kind }: { progress: Progress; kind: Step["kind"] }) {
  switch (progress.state) {
    case "waiting":
      return (
        <Text size="sm" c="dimmed">
          {WAITING[kind]}
        </Text>
      );
    case "wallet":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">Confirm in your wallet.</Text>
        </Group>
      );
    case "signed":
      return <Text size="sm">Signed.</Text>;
    case "handed":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">The relayer has it.</Text>
        </Group>
      );
    case "sent":
      return (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">
            Sent, waiting for a block. <Explorer transaction={progress.hash} />
          </Text>
        </Group>
      );
    case "confirmed":
      return (
        <Text size="sm">
          Confirmed. <Explorer transaction={progress.hash} />
        </Text>
      );
    case "failed":
      return (
        <Text size="sm" c="var(--mantine-color-error)">
          Did not go through. {progress.hash !== undefined && <Explorer transaction={progress.hash} />}
        </Text>
      );
  }
}

/** A call as it will be signed: function, arguments by their names, value. */
function Decoded({ step }: { step: Step }) {
  if (step.kind === "sign")
    return (
      <Code block tabIndex={0}>
        {JSON.stringify({ sign: step.message, under: step.domain, followedBy: step.next }, plainly, 2)}
      </Code>
    );
  if (step.kind === "carry") return null;
  const { to, data } = encode(step);
  const one = step.to === "programs" ? programsInterface : tokenInterface;
  const named = Object.fromEntries(
    (one.getFunction(step.method)?.inputs ?? []).map((input, i) => [input.name, step.args[i]]),
  );
  return (
    <Code block tabIndex={0}>
      {`${step.method} of ${to}${step.value === undefined ? "" : `, with ${step.value} wei`}\n${JSON.stringify(named, plainly, 2)}\n\n${data.length > 330 ? `${data.slice(0, 330)}…` : data}`}
    </Code>
  );
}

const plainly = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

function typedData(step: Extract<Step, { kind: "sign" }>): string {
  const EIP712Domain = [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ];
  const primaryType = Object.keys(step.types)[0];
  return JSON.stringify(
    { domain: step.domain, types: { EIP712Domain, ...step.types }, primaryType, message: step.message },
    plainly,
  );
}
