/**
 * Accounts that are contracts: what they are sent goes through them, so their wallets may answer with a proposal's hash, which other
 * owners sign first, and may take several calls at once (EIP-5792).
 */

import { hasCode, provider } from "../chain/contracts.ts";
import { readRange } from "../chain/events.ts";
import { config } from "../config.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { type Call, encode } from "./encode.ts";
import { lookForPeople, receiptOf } from "./waiting.ts";

/** What became of something that was sent: the transaction that has it, and whether it did what it was to do. */
export interface Mined {
  readonly hash: string;
  readonly ok: boolean;
}

/** What a wallet took: other owners may have to sign it first, so that it can be hours until it is on the chain. */
export interface Proposed {
  /** What the wallet calls it: a proposal's hash, a transaction's, or a name for several calls. */
  readonly id: string;
  /** How many steps it is. */
  readonly calls: number;
  /** The block that the chain was at: it is not in one before. */
  readonly since: number;
}

/** Of a Safe (1.0 to 1.5): that it carried out what has this hash, or tried to. The hash is a topic, or the first word. */
const EXECUTED = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e";
const FAILED = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23";

/** A block that was seen without it is looked at again while it may be replaced. */
const REPLACED_DEPTH = 64;

/**
 * Follows what an account's wallet took, to the transaction that has it. The chain is believed; the wallet is asked as well where it is
 * there, because only it knows names of several calls, and what was given up. `waits` is told once what it waits for: a block, or
 * owners, where it is no transaction that the network knows. Undefined: nobody waits any more. @throws Error if the wallet gave it up
 */
export async function followProposal(
  { id, calls, since }: Proposed,
  account: string,
  wallet: Eip1193 | undefined,
  waits: (on: "block" | "owners") => void = () => {},
  signal?: AbortSignal,
): Promise<Mined | undefined> {
  let told = false;
  let from = since;
  const isHash = /^0x[0-9a-f]{64}$/i.test(id);
  async function onChain(): Promise<Mined | undefined> {
    if (!isHash) return undefined;
    const receipt = await provider().getTransactionReceipt(id);
    if (receipt !== null) return { hash: id, ok: receipt.status === 1 };
    const head = await provider().getBlockNumber();
    if (head < from) return undefined;
    const logs = await readRange(account, [[EXECUTED, FAILED]], from, head);
    const log = logs.find(({ topics, data }) => (topics[1] ?? data.slice(0, 66)) === id.toLowerCase());
    if (log !== undefined) return { hash: log.transactionHash, ok: log.topics[0] === EXECUTED };
    from = Math.max(from, head - REPLACED_DEPTH);
    return undefined;
  }
  return lookForPeople(async () => {
    // A node that does not answer now may do so at the next look: what was proposed is not lost by that.
    const mined = await onChain().catch(() => undefined);
    if (mined !== undefined) return mined;
    const settled = calls > 1 && wallet !== undefined ? await askWallet(wallet, id, isHash) : undefined;
    if (settled !== undefined) return settled;
    if (!told) waits(isHash && (await isKnown(id)) ? "block" : "owners");
    told = true;
    return undefined;
  }, signal);
}

const isKnown = (hash: string) =>
  provider()
    .getTransaction(hash)
    .then(
      (found) => found !== null,
      () => false,
    );

interface CallsStatus {
  readonly status?: unknown;
  readonly receipts?: readonly { readonly transactionHash?: unknown }[];
}

/** What the wallet says of calls that were sent as one. @throws Error if it gave them up, or says nothing and nobody else knows them */
async function askWallet(wallet: Eip1193, id: string, onChainToo: boolean): Promise<Mined | undefined> {
  let answer: CallsStatus | null;
  try {
    answer = (await wallet.request({ method: "wallet_getCallsStatus", params: [id] })) as CallsStatus | null;
  } catch (error) {
    // The account says on the chain what became of it: a wallet that is away is waited for, and not believed.
    if (onChainToo) return undefined;
    throw error;
  }
  const { status, receipts = [] } = answer ?? {};
  const hash = receipts.at(-1)?.transactionHash;
  // The wallet says so; the chain is believed.
  if (status === 200 && typeof hash === "string") return { hash, ok: (await receiptOf(hash)).status === 1 };
  if (status === 400) throw new GivenUp("The wallet gave the calls up: none of them was sent.");
  if (typeof status === "number" && status >= 500) return { hash: typeof hash === "string" ? hash : "", ok: false };
  return undefined;
}

/** The wallet says that it will never be on the chain. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/** Whether a wallet takes several calls as one, which happen all or not at all. */
export async function canBatch(wallet: Eip1193, account: string): Promise<boolean> {
  const chain = `0x${config().chainId.toString(16)}`;
  try {
    const answer = await wallet.request({ method: "wallet_getCapabilities", params: [account, [chain]] });
    const here = (answer as Record<string, { atomic?: { status?: unknown }; atomicBatch?: { supported?: unknown } }>)?.[
      chain
    ];
    // "ready" would make a key's account a contract's first: nobody is asked for that here, unless it is one already.
    const status = here?.atomic?.status;
    // Before the standard was final it was called otherwise; some wallets still say that alone.
    if (status === undefined) return here?.atomicBatch?.supported === true;
    return status === "supported" || (status === "ready" && (await hasCode(account)));
  } catch {
    // A wallet that knows nothing of it says so by an error: then it is asked for one call after the other.
    return false;
  }
}

/** Asks for all calls at once. @returns the wallet's name for them */
export async function sendBatch(wallet: Eip1193, from: string, calls: readonly Call[]): Promise<string> {
  const chainId = `0x${config().chainId.toString(16)}`;
  const batch = { version: "2.0.0", from, chainId, atomicRequired: true, calls: calls.map(encode) };
  const answer = await wallet.request({ method: "wallet_sendCalls", params: [batch] });
  const id = typeof answer === "string" ? answer : (answer as { id?: unknown } | null)?.id;
  if (typeof id !== "string") throw new Error("The wallet took the calls, and gives them no name to follow them by.");
  return id;
}
