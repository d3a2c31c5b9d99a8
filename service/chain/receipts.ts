/** Signing receipts, whoever has the key. A key in this process does it faster (`signer.ts`). */
import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import { receiptTypes } from "@partner-programs/protocol/typedData";
import type { AbstractSigner, TypedDataDomain } from "ethers";

/** The signatures of receipts, in their order. */
export type SignReceipts = (receipts: readonly PackedReceipt[]) => Promise<string[]>;

/** Asks for all signatures at once: a key on another machine takes its time. */
export function receiptsByTypedData(
  signer: Pick<AbstractSigner, "signTypedData">,
  domain: TypedDataDomain,
): SignReceipts {
  return (receipts) =>
    Promise.all(receipts.map((receipt) => signer.signTypedData(domain, receiptTypes, { ...receipt })));
}
