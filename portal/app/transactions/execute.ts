/** Carries a plan out, step by step: asks the wallet, sends, waits for the chain. Knows nothing of how it is shown. */
import { fundingInterface, hasCode, programsInterface, provider } from "../chain/contracts.ts";
import { tokenInterface } from "../chain/token.ts";
import { explain, type Failure } from "../text/failure.ts";
import type { TokenFormat } from "../text/money.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { ensureNetwork, NeedsNetwork } from "../wallet/network.ts";
import { canBatch, followProposal, GivenUp, type Mined, type Proposed, sendBatch } from "./account.ts";
import { type Call, type CarryStep, digestOf, encode, type SignStep, typedData } from "./encode.ts";
import type { Plan, Step } from "./plan.ts";
import { forgetProposal, keepProposal, type Proposal } from "./proposals.ts";
import { lookUntil, receiptOf } from "./waiting.ts";

/** Where a step is. */
export type Progress =
  | { readonly state: "waiting" | "wallet" | "signed" | "handed" }
  /** The account's wallet has it; other owners may have to sign. */
  | { readonly state: "proposed"; readonly proposed: Proposed }
  | { readonly state: "sent"; readonly hash: string; readonly proposed?: Proposed }
  | { readonly state: "confirmed"; readonly hash: string }
  | {
      readonly state: "failed";
      readonly failure: Failure;
      readonly hash?: string;
      /** The account's wallet took it before it failed: it may still come. */
      readonly proposed?: Proposed;
      /** It is on the chain, and did nothing: it can be sent again. */
      readonly refused?: boolean;
    };

/** A plan under way: its steps, where signing puts others in the place of those behind, and where each is. */
export interface Execution {
  readonly title: string;
  readonly made?: Plan["made"];
  readonly steps: readonly Step[];
  readonly progress: readonly Progress[];
}

/** Who signs, and in which token its failures are told. */
export interface Signer {
  readonly wallet: Eip1193;
  readonly account: string;
  readonly token: TokenFormat | undefined;
  /** Ends the waiting for other owners; what was proposed stays proposed. */
  readonly signal?: AbortSignal;
}

/** A plan before anything was done; or where what it begins with was proposed before, and is not on the chain yet. */
export function begin({ title, made, steps }: Plan, known: readonly Proposal[] = []): Execution {
  const progress: Progress[] = steps.map(() => ({ state: "waiting" }));
  const proposal = known.find((one) => {
    const calls = steps.slice(0, one.calls).filter((step) => step.kind === "call");
    return one.end === undefined && calls.length === one.calls && digestOf(calls) === one.digest;
  });
  if (proposal !== undefined) progress[0] = { state: "proposed", proposed: proposal };
  return { title, ...(made !== undefined && { made }), steps, progress };
}

const isDone = ({ state }: Progress) => state === "confirmed" || state === "signed";

export const isFinished = ({ progress }: Execution) => progress.every(isDone);

export function failureOf(error: unknown, token: TokenFormat | undefined): Failure {
  if (error instanceof NeedsNetwork)
    return { title: error.message, remedy: "Switch the network in your wallet, and try again." };
  if (error instanceof GivenUp) return { title: error.message, remedy: "Try again: it is proposed anew." };
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
    now = { ...now, steps, progress: now.progress.with(index, one) };
    changed(now);
  };
  for (let index = 0; index < now.steps.length; index++) {
    const before = now.progress[index] as Progress;
    if (isDone(before)) continue;
    const step = now.steps[index] as Step;
    let sent: { hash?: string; proposed?: Proposed } = {};
    const report = (one: Progress) => {
      if ("proposed" in one && one.proposed !== undefined) sent = { proposed: one.proposed };
      else if ("hash" in one) sent = { hash: one.hash };
      put(index, one);
    };
    try {
      if (step.kind === "carry") await follow(step, report);
      else if (step.kind === "sign") {
        const signature = await sign(step, signer, report);
        put(index, { state: "signed" }, step.follow(signature));
      } else {
        const end = await carryOut(now, index, signer, report);
        if (end === undefined) return now;
        for (let one = index + 1; end.ok && one < index + end.calls; one++)
          put(one, { state: "confirmed", hash: end.hash });
      }
    } catch (error) {
      if (error instanceof GivenUp) sent = {};
      report({ state: "failed", failure: failureOf(error, signer.token), ...sent });
    }
    if (now.progress[index]?.state === "failed") return now;
  }
  return now;
}

type Report = (one: Progress) => void;
type End = Mined & { readonly calls: number };

/** Sends the call at `index`, with those behind it where the wallet takes them as one. Undefined: nobody waits for it any more. */
async function carryOut(now: Execution, index: number, signer: Signer, report: Report): Promise<End | undefined> {
  const before = now.progress[index] as Progress;
  const known = proposedBefore(before);
  if (known !== undefined) return propose(() => Promise.resolve(known), signer, report);
  const step = now.steps[index] as Call;
  report({ state: "wallet" });
  const { wallet, account } = signer;
  await ensureNetwork(wallet);
  const contract = await hasCode(account);
  const sent = sentBefore(before);
  const calls = sent === undefined ? await togetherFrom(now, index, signer) : [step];
  if (!contract && calls.length === 1) return { ...(await send(step, signer, sent, report)), calls: 1 };
  const since = await provider().getBlockNumber();
  return propose(
    async () => {
      const id = calls.length === 1 ? await askToSend(step, signer, contract) : await sendBatch(wallet, account, calls);
      const { title, made } = now;
      const proposal = { id, calls: calls.length, since, title, digest: digestOf(calls), at: Date.now() };
      keepProposal(account, { ...proposal, ...(made !== undefined && { made }) });
      return proposal;
    },
    signer,
    report,
  );
}

/** Follows what the account's wallet takes, or took before. Undefined: nobody waits for it any more. */
async function propose(
  ask: () => Promise<Proposed>,
  { wallet, account, signal }: Signer,
  report: Report,
): Promise<End | undefined> {
  const proposed = await ask();
  const say = (waits: "block" | "owners") =>
    report(waits === "block" ? { state: "sent", hash: proposed.id, proposed } : { state: "proposed", proposed });
  try {
    const mined = await followProposal(proposed, account, wallet, say, signal);
    if (mined === undefined) return undefined;
    forgetProposal(account, proposed.id);
    conclude(mined, report);
    return { ...mined, calls: proposed.calls };
  } catch (error) {
    if (error instanceof GivenUp) forgetProposal(account, proposed.id);
    throw error;
  }
}

const proposedBefore = (progress: Progress): Proposed | undefined =>
  progress.state === "proposed" || (progress.state === "failed" && progress.refused !== true)
    ? progress.proposed
    : undefined;

/** The calls from here on that the wallet takes as one: this one alone where it can not, or where some were sent alone. */
async function togetherFrom(
  { steps, progress }: Execution,
  from: number,
  { wallet, account }: Signer,
): Promise<Call[]> {
  const calls = [steps[from] as Call];
  for (let index = from + 1; index < steps.length && calls[0]?.settle === undefined; index++) {
    const [step, one] = [steps[index] as Step, progress[index] as Progress];
    // What follows from the step before cannot be sent with it.
    if (step.kind !== "call" || step.settle !== undefined || isDone(one) || sentBefore(one) !== undefined) break;
    calls.push(step);
  }
  return calls.length > 1 && (await canBatch(wallet, account)) ? calls : calls.slice(0, 1);
}

/** Says what became of it. */
function conclude({ hash, ok }: Mined, report: Report): void {
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
}

async function sign(step: SignStep, { wallet, account }: Signer, report: Report): Promise<string> {
  report({ state: "wallet" });
  await ensureNetwork(wallet);
  return (await wallet.request({ method: "eth_signTypedData_v4", params: [account, typedData(step)] })) as string;
}

/** Sends a call of a key's account, or waits for the one that was sent before. */
async function send(step: Call, signer: Signer, sent: string | undefined, report: Report): Promise<Mined> {
  const hash = sent ?? (await askToSend(step, signer, false));
  report({ state: "sent", hash });
  const mined = { hash, ok: (await receiptOf(hash)).status === 1 };
  conclude(mined, report);
  return mined;
}

/** A transaction that was sent and may still be mined: it is waited for, because sending it again might do it twice. */
function sentBefore(progress: Progress): string | undefined {
  return progress.state === "failed" && progress.refused !== true ? progress.hash : undefined;
}

async function askToSend(given: Call, { wallet, account: from }: Signer, contract: boolean): Promise<string> {
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
