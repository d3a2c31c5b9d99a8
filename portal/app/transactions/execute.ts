/** Carries a plan out, step by step: asks the wallet, sends, waits for the chain. Knows nothing of how it is shown. */
import { fundingInterface, programsInterface, provider } from "../chain/contracts.ts";
import { tokenInterface } from "../chain/token.ts";
import { config } from "../config.ts";
import { explain, type Failure } from "../text/failure.ts";
import type { TokenFormat } from "../text/money.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { ensureNetwork, NeedsNetwork } from "../wallet/network.ts";
import { type Call, type CarryStep, encode, type SignStep, typedData } from "./encode.ts";
import type { Plan, Step } from "./plan.ts";

/** Where a step is. */
export type Progress =
  | { readonly state: "waiting" | "wallet" | "signed" | "handed" }
  | { readonly state: "sent" | "confirmed"; readonly hash: string }
  | {
      readonly state: "failed";
      readonly failure: Failure;
      readonly hash?: string;
      /** It is on the chain, and did nothing: it can be sent again. */
      readonly refused?: boolean;
    };

/** A plan under way: its steps, where signing puts others in the place of those behind, and where each is. */
export interface Execution {
  readonly steps: readonly Step[];
  readonly progress: readonly Progress[];
}

/** Who signs, and in which token its failures are told. */
export interface Signer {
  readonly wallet: Eip1193;
  readonly account: string;
  readonly token: TokenFormat | undefined;
}

const MAX_WAIT_MS = 600_000;

export const begin = ({ steps }: Plan): Execution => ({ steps, progress: steps.map(() => ({ state: "waiting" })) });

const isDone = ({ state }: Progress) => state === "confirmed" || state === "signed";

export const isFinished = ({ progress }: Execution) => progress.every(isDone);

export const failureOf = (error: unknown, token: TokenFormat | undefined): Failure =>
  error instanceof NeedsNetwork
    ? { title: error.message, remedy: "Switch the network in your wallet, and try again." }
    : explain(error, [programsInterface, tokenInterface, fundingInterface], token);

/**
 * Goes on where the execution is, up to its end or its first failure; it can be gone on with after one. `changed` is told of
 * each move.
 */
export async function execute(begun: Execution, signer: Signer, changed: (now: Execution) => void): Promise<Execution> {
  let now = begun;
  const put = (index: number, one: Progress, step?: Step) => {
    const steps = step === undefined ? now.steps : now.steps.with(index + 1, step);
    now = { steps, progress: now.progress.with(index, one) };
    changed(now);
  };
  for (let index = 0; index < now.steps.length; index++) {
    const before = now.progress[index] as Progress;
    if (isDone(before)) continue;
    const step = now.steps[index] as Step;
    let hash: string | undefined;
    const report = (one: Progress) => {
      if ("hash" in one) hash = one.hash;
      put(index, one);
    };
    try {
      if (step.kind === "carry") await follow(step, report);
      else if (step.kind === "sign") {
        const signature = await sign(step, signer, report);
        put(index, { state: "signed" }, step.follow(signature));
      } else await send(step, signer, before, report);
    } catch (error) {
      report({ state: "failed", failure: failureOf(error, signer.token), ...(hash === undefined ? {} : { hash }) });
    }
    if (now.progress[index]?.state === "failed") return now;
  }
  return now;
}

type Report = (one: Progress) => void;

async function sign(step: SignStep, { wallet, account }: Signer, report: Report): Promise<string> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  return (await wallet.request({ method: "eth_signTypedData_v4", params: [account, typedData(step)] })) as string;
}

async function send(step: Call, { wallet, account }: Signer, before: Progress, report: Report): Promise<void> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  const hash = sentBefore(before) ?? (await askToSend(step, wallet, account));
  report({ state: "sent", hash });
  const receipt = await provider().waitForTransaction(hash, 1, MAX_WAIT_MS);
  if (receipt?.status === 1) return report({ state: "confirmed", hash });
  const failure = {
    title: "The transaction was mined, but the contract refused it.",
    remedy: "Something changed meanwhile. Try again.",
  };
  report({ state: "failed", refused: true, hash, failure });
}

/** A transaction that was sent and may still be mined: it is waited for, because sending it again might do it twice. */
function sentBefore(progress: Progress): string | undefined {
  return progress.state === "failed" && progress.refused !== true ? progress.hash : undefined;
}

async function askToSend(step: Call, wallet: Eip1193, from: string): Promise<string> {
  const call = { ...encode(step), from };
  const gas = ((await provider().estimateGas(call)) * 12n) / 10n;
  const params = [{ ...call, gas: `0x${gas.toString(16)}` }];
  return (await wallet.request({ method: "eth_sendTransaction", params })) as string;
}

/** Follows what somebody else sends until it is in a block. @throws Error with the carrier's own words */
async function follow(step: CarryStep, report: Report): Promise<void> {
  report({ state: "handed" });
  const { id } = await step.hand();
  const until = Date.now() + MAX_WAIT_MS;
  while (Date.now() < until) {
    const { state, transaction, problem } = await step.ask(id);
    if (state === "failed") throw new Error(problem ?? "It was given up.");
    if (transaction !== null) {
      report({ state: "sent", hash: transaction });
      if (state === "paid") {
        await provider().waitForTransaction(transaction, 1, MAX_WAIT_MS);
        return report({ state: "confirmed", hash: transaction });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, config().local ? 250 : 2_000));
  }
  throw new Error("It takes too long. It may still come: look at what is claimable before you try again.");
}
