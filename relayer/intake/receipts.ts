import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type PackedReceipt, receiptDigester } from "@partner-programs/protocol/receiptDigest";
import { receiptTypes } from "@partner-programs/protocol/typedData";
import { BaseWallet, getBytes, type TypedDataDomain } from "ethers";
import { signRecoverable } from "tiny-secp256k1";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { ProcessSigner } from "#service/chain/signer.ts";

/** The signatures of receipts, in their order. */
export type SignReceipts = (receipts: readonly PackedReceipt[]) => Promise<string[]>;

/** So few are signed before a thread would have heard of them. */
const FEW = 4;

/**
 * Signs receipts. It is what an accepted conversion costs most, so with a key in this process it takes a tenth of the time of
 * `signTypedData`: the digest is written out for this one type, and libsecp256k1 signs. Many are signed by a thread of their own:
 * this one answers requests meanwhile.
 */
export function createReceiptSigner(
  { domain }: Pick<ProgramsChain, "domain">,
  signer: Pick<ProcessSigner, "signTypedData">,
): SignReceipts {
  if (!(signer instanceof BaseWallet)) {
    // All at once: a key on another machine takes its time.
    return (receipts) =>
      Promise.all(receipts.map((receipt) => signer.signTypedData(domain, receiptTypes, { ...receipt })));
  }
  const key = getBytes(signer.privateKey);
  const signHere = signWithKey(domain, key);
  if (availableParallelism() === 1) return async (receipts) => receipts.map(signHere);
  let thread: SignReceipts | undefined;
  return async (receipts) => {
    if (receipts.length <= FEW) return receipts.map(signHere);
    thread ??= startThread({ domain, key }, () => {
      thread = undefined;
    });
    return thread(receipts);
  };
}

export function signWithKey(domain: TypedDataDomain, key: Uint8Array): (receipt: PackedReceipt) => string {
  const digestOf = receiptDigester(domain);
  return (receipt) => {
    const { signature, recoveryId } = signRecoverable(digestOf(receipt), key);
    return `0x${Buffer.from(signature).toString("hex")}${(27 + recoveryId).toString(16)}`;
  };
}

function startThread(
  workerData: { readonly domain: TypedDataDomain; readonly key: Uint8Array },
  ended: () => void,
): SignReceipts {
  const thread = new Worker(new URL("./receiptThread.ts", import.meta.url), { workerData });
  // It answers in the order in which it was asked.
  const waiting: PromiseWithResolvers<string[]>[] = [];
  // Only while somebody waits for it does it keep the process.
  thread.unref();
  thread.on("message", (signatures: string[]) => {
    waiting.shift()?.resolve(signatures);
    if (waiting.length === 0) thread.unref();
  });
  let reason: Error | undefined;
  thread.on("error", (error) => {
    reason = error as Error;
  });
  thread.on("exit", (code) => {
    ended();
    for (const { reject } of waiting.splice(0))
      reject(reason ?? new Error(`The thread that signs receipts ended with ${code}.`));
  });
  return (receipts) => {
    const answer = Promise.withResolvers<string[]>();
    waiting.push(answer);
    thread.ref();
    // As one text: cheaper to hand over than so many objects.
    thread.postMessage(JSON.stringify(receipts));
    return answer.promise;
  };
}
