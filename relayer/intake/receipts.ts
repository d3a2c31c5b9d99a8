import { concat, keccak256, TypedDataEncoder, type Wallet } from "ethers";
import { type Receipt, receiptTypedData, receiptTypes } from "../../protocol/typedData.ts";
import type { ProgramsChain } from "../../server/programs.ts";

export type SignReceipt = (receipt: Receipt) => string;

/**
 * Signs receipts. The same signature as `signTypedData`, in half the time: domain and type are hashed once. Signing is what an
 * accepted conversion costs most.
 */
export function createReceiptSigner({ domain }: Pick<ProgramsChain, "domain">, signer: Wallet): SignReceipt {
  const encoder = TypedDataEncoder.from(receiptTypes);
  const prefix = concat(["0x1901", TypedDataEncoder.hashDomain(domain)]);
  return (receipt) => {
    const digest = keccak256(concat([prefix, encoder.hash(receiptTypedData(receipt).message)]));
    return signer.signingKey.sign(digest).serialized;
  };
}
