/** Signing receipts, whoever has the key. A key in this process does it faster (`signer.ts`). */
import type { LeadReceipt, PackedReceipt } from "@partner-programs/protocol/typedData";
import { leadReceiptTypedData, receiptTypes } from "@partner-programs/protocol/typedData";
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

/** The signature of a lead's receipt. */
export type SignLeadReceipt = (receipt: LeadReceipt) => Promise<string>;

export function leadReceiptsBy(
  signer: Pick<AbstractSigner, "signTypedData">,
  domain: TypedDataDomain,
): SignLeadReceipt {
  return (receipt) => {
    const { types, message } = leadReceiptTypedData(receipt);
    return signer.signTypedData(domain, types, message);
  };
}
