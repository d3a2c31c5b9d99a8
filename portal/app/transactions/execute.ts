/** Carries a plan out, step by step: asks the wallet, sends, waits for the chain. Knows nothing of how it is shown. */
import { fundingInterface, hasCode, programsInterface, provider } from "../chain/contracts.ts";
import { tokenInterface } from "../chain/token.ts";
import { explain, type Failure } from "../text/failure.ts";
import type { TokenFormat } from "../text/money.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { ensureNetwork, NeedsNetwork } from "../wallet/network.ts";
import { canBatch, followAccount, followBatch, type Mined, NotMined, sendBatch } from "./account.ts";
import { type Call, type CarryStep, encode, type SignStep, typedData } from "./encode.ts";
import type { Plan, Step } from "./plan.ts";
import { lookUntil, receiptOf } from "./waiting.ts";

/** Where a step is. */
export type Progress =
  | { readonly state: "waiting" | "wallet" | "signed" | "handed" | "proposed" }
  | { readonly state: "sent" | "confirmed"; readonly hash: string }
  | {
      readonly state: "failed";
      readonly failure: Failure;
      readonly hash?: string;
      /** What the wallet calls it, if it took it together with the calls behind it. */
      readonly batch?: string;
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

export const begin = ({ steps }: Plan): Execution => ({ steps, progress: steps.map(() => ({ state: "waiting" })) });

const isDone = ({ state }: Progress) => state === "confirmed" || state === "signed";

export const isFinished = ({ progress }: Execution) => progress.every(isDone);

export function failureOf(error: unknown, token: TokenFormat | undefined): Failure {
  if (error instanceof NeedsNetwork)
    return { title: error.message, remedy: "Switch the network in your wallet, and try again." };
  if (error instanceof NotMined)
    return {
      title: error.message,
      remedy: "Have it signed and carried out in the account's own wallet; then try again.",
    };
  return explain(error, [programsInterface, tokenInterface, fundingInterface], token);
}

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
    let sent: { hash?: string; batch?: string } = {};
    const report = (one: Progress) => {
      if ("hash" in one) sent = { hash: one.hash };
      put(index, one);
    };
    try {
      if (step.kind === "carry") await follow(step, report);
      else if (step.kind === "sign") {
        const signature = await sign(step, signer, report);
        put(index, { state: "signed" }, step.follow(signature));
      } else {
        const calls = await togetherFrom(now, index, signer);
        if (calls.length < 2) await send(step, signer, before, report);
        else {
          const named = (batch: string) => {
            sent = { batch };
          };
          const hash = await sendTogether(calls, signer, before, report, named);
          for (let one = index + 1; hash !== undefined && one < index + calls.length; one++)
            put(one, { state: "confirmed", hash });
        }
      }
    } catch (error) {
      report({ state: "failed", failure: failureOf(error, signer.token), ...sent });
    }
    if (now.progress[index]?.state === "failed") return now;
  }
  return now;
}

type Report = (one: Progress) => void;

/** The calls from here on that the wallet can take as one: fewer than two where it can not, or where some were sent alone. */
async function togetherFrom(
  { steps, progress }: Execution,
  from: number,
  { wallet, account }: Signer,
): Promise<Call[]> {
  const calls: Call[] = [];
  for (let index = from; index < steps.length; index++) {
    const [step, one] = [steps[index] as Step, progress[index] as Progress];
    // What follows from the step before cannot be sent with it.
    if (step.kind !== "call" || step.settle !== undefined || isDone(one) || sentBefore(one) !== undefined) break;
    calls.push(step);
  }
  if (calls.length < 2) return [];
  const begun = progress[from] as Progress;
  return (begun.state === "failed" && begun.batch !== undefined) || (await canBatch(wallet, account)) ? calls : [];
}

/** Sends calls as one, or follows them where they were sent before. @returns the transaction that has them all */
async function sendTogether(
  calls: readonly Call[],
  { wallet, account }: Signer,
  before: Progress,
  report: Report,
  named: (batch: string) => void,
): Promise<string | undefined> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  const known = before.state === "failed" && before.refused !== true ? before.batch : undefined;
  const id = known ?? (await sendBatch(wallet, account, calls));
  named(id);
  return conclude(await followBatch(wallet, id, () => report({ state: "proposed" })), report);
}

/** Says what became of it. @returns the transaction, if it did what it was to do */
function conclude({ hash, ok }: Mined, report: Report): string | undefined {
  if (ok) report({ state: "confirmed", hash });
  else
    report({
      state: "failed",
      refused: true,
      hash,
      failure: {
        title: "The transaction was mined, but the contract refused it.",
        remedy: "Something changed meanwhile. Try again.",
      },
    });
  return ok ? hash : undefined;
}

async function sign(step: SignStep, { wallet, account }: Signer, report: Report): Promise<string> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  return (await wallet.request({ method: "eth_signTypedData_v4", params: [account, typedData(step)] })) as string;
}

async function send(step: Call, { wallet, account }: Signer, before: Progress, report: Report): Promise<void> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  const contract = await hasCode(account);
  // A proposal may be carried out long after it was made, and was perhaps made before this page was loaded.
  const since = contract ? await provider().getBlockNumber() : 0;
  const hash = sentBefore(before) ?? (await askToSend(step, wallet, account, contract));
  report({ state: "sent", hash });
  if (contract) {
    const from = Math.max(0, since - PROPOSED_BLOCKS);
    conclude(await followAccount(hash, account, from, () => report({ state: "proposed" })), report);
    return;
  }
  conclude({ hash, ok: (await receiptOf(hash)).status === 1 }, report);
}

/** How far back a proposal's execution is looked for, where it is asked for again. */
const PROPOSED_BLOCKS = 5_000;

/** A transaction that was sent and may still be mined: it is waited for, because sending it again might do it twice. */
function sentBefore(progress: Progress): string | undefined {
  return progress.state === "failed" && progress.refused !== true ? progress.hash : undefined;
}

async function askToSend(given: Call, wallet: Eip1193, from: string, contract: boolean): Promise<string> {
  const step = given.settle === undefined ? given : { ...given, args: await given.settle() };
  const call = { ...encode(step), from };
  // What a contract account's transaction takes on its way is its wallet's to say.
  if (contract) return (await wallet.request({ method: "eth_sendTransaction", params: [call] })) as string;
  const gas = ((await provider().estimateGas(call)) * 12n) / 10n;
  const params = [{ ...call, gas: `0x${gas.toString(16)}` }];
  return (await wallet.request({ method: "eth_sendTransaction", params })) as string;
}

/** Follows what somebody else sends until it is in a block. @throws Error with the carrier's own words */
async function follow(step: CarryStep, report: Report): Promise<void> {
  report({ state: "handed" });
  const { id } = await step.hand();
  const end = await lookUntil(async () => {
    const { state, transaction, problem } = await step.ask(id);
    if (state === "failed") throw new Error(problem ?? "It was given up.");
    if (transaction === null) return undefined;
    report({ state: "sent", hash: transaction });
    return state === "paid" ? transaction : undefined;
  });
  if (end === undefined)
    throw new Error("It takes too long. It may still come: look at what is claimable before you try again.");
  await receiptOf(end);
  report({ state: "confirmed", hash: end });
}
