/**
 * Accounts that are contracts: what they are sent goes through them, so their wallets may answer with a proposal's hash, which other
 * owners sign first, and may take several calls at once (EIP-5792).
 */
import { hasCode, provider } from "../chain/contracts.ts";
import { config } from "../config.ts";
import type { Eip1193 } from "../wallet/discovery.ts";
import { type Call, encode } from "./encode.ts";
import { lookUntil, receiptOf } from "./waiting.ts";

/** What became of something that was sent: the transaction that has it, and whether it did what it was to do. */
export interface Mined {
  readonly hash: string;
  readonly ok: boolean;
}

/** Nothing of it is on the chain yet, and it may still come. */
export class NotMined extends Error {
  override readonly name = "NotMined";
}

/** Of a Safe (1.0 to 1.5): that it carried out what has this hash, or tried to. The hash is a topic, or the first word. */
const EXECUTED = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e";
const FAILED = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23";

/**
 * Follows what a contract account's wallet answered: a transaction's hash, or a proposal's. `proposed` is told once it is no
 * transaction that the network knows. @throws NotMined
 */
export async function followAccount(
  answer: string,
  account: string,
  since: number,
  proposed: () => void,
): Promise<Mined> {
  let told = false;
  const end = await lookUntil(async () => {
    const receipt = await provider().getTransactionReceipt(answer);
    if (receipt !== null) return { hash: answer, ok: receipt.status === 1 };
    const [log] = (
      await provider().getLogs({ address: account, topics: [[EXECUTED, FAILED]], fromBlock: since, toBlock: "latest" })
    ).filter(({ topics, data }) => (topics[1] ?? data.slice(0, 66)) === answer);
    if (log !== undefined) return { hash: log.transactionHash, ok: log.topics[0] === EXECUTED };
    if (!told && (await provider().getTransaction(answer)) === null) {
      told = true;
      proposed();
    }
    return undefined;
  });
  if (end === undefined) throw new NotMined("Not all owners of the account have signed yet.");
  return end;
}

/** Whether a wallet takes several calls as one, which happen all or not at all. */
export async function canBatch(wallet: Eip1193, account: string): Promise<boolean> {
  const chain = `0x${config().chainId.toString(16)}`;
  try {
    const answer = await wallet.request({ method: "wallet_getCapabilities", params: [account, [chain]] });
    const here = (answer as Record<string, { atomic?: { status?: unknown } } | undefined> | null)?.[chain];
    // "ready" would make a key's account a contract's first: nobody is asked for that here, unless it is one already.
    const status = here?.atomic?.status;
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

interface CallsStatus {
  readonly status?: unknown;
  readonly receipts?: readonly { readonly transactionHash?: unknown }[];
}

/** Follows calls that were sent as one. `proposed` is told while they wait. @throws NotMined */
export async function followBatch(wallet: Eip1193, id: string, proposed: () => void): Promise<Mined> {
  let told = false;
  const end = await lookUntil(async () => {
    const answer = await wallet.request({ method: "wallet_getCallsStatus", params: [id] });
    const { status, receipts = [] } = answer as CallsStatus;
    const hash = receipts.at(-1)?.transactionHash;
    // The wallet says so; the chain is believed.
    if (status === 200 && typeof hash === "string") return { hash, ok: (await receiptOf(hash)).status === 1 };
    if (status === 400) throw new Error("The wallet gave the calls up: none of them was sent.");
    if (typeof status === "number" && status >= 500) return { hash: typeof hash === "string" ? hash : "", ok: false };
    if (!told) proposed();
    told = true;
    return undefined;
  });
  if (end === undefined) throw new NotMined("The wallet has not carried the calls out yet.");
  return end;
}
