import { BaseWallet, concat, keccak256, TypedDataEncoder } from "ethers";
import { type Receipt, receiptTypedData, receiptTypes } from "../../protocol/typedData.ts";
import type { ProgramsChain } from "../../server/programs.ts";
import type { ProcessSigner } from "../../server/signer.ts";

export type SignReceipt = (receipt: Receipt) => Promise<string>;

/**
 * Signs receipts. With a key in this process in half the time that `signTypedData` takes: domain and type are hashed once.
 * Signing is what an accepted conversion costs most.
 */
export function createReceiptSigner(
  { domain }: Pick<ProgramsChain, "domain">,
  signer: Pick<ProcessSigner, "signTypedData">,
): SignReceipt {
  if (!(signer instanceof BaseWallet)) {
    return (receipt) => {
      const { types, message } = receiptTypedData(receipt);
      return signer.signTypedData(domain, types, message);
    };
  }
  const encoder = TypedDataEncoder.from(receiptTypes);
  const prefix = concat(["0x1901", TypedDataEncoder.hashDomain(domain)]);
  return async (receipt) => {
    const digest = keccak256(concat([prefix, encoder.hash(receiptTypedData(receipt).message)]));
    return signer.signingKey.sign(digest).serialized;
  };
}
