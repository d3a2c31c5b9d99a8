/** Messages that wallets sign (EIP-4361): by a key (EIP-191), or by a contract that says so for itself (EIP-1271). */
import { isRevert } from "@partner-programs/protocol/reverts";
import { isError, type Provider, verifyMessage } from "ethers";
import { SiweError, type SiweMessage } from "siwe";
import { RetryableError } from "../errors.ts";

/** The chain's node cannot say now what a contract says of a signature: it is neither good nor bad. */
export class Unverified extends RetryableError {
  override readonly name = "Unverified";
}

/**
 * Why a message is not the word of the wallet that it names; undefined: it is. `text` is the message as it was sent.
 * @throws Unverified
 */
export async function whyNotSigned(
  provider: Provider,
  message: SiweMessage,
  text: string,
  signature: string,
): Promise<string | undefined> {
  // A contract may have a wallet's say, but the chain is asked only where there is one.
  if (signerOf(text, signature) !== message.address && (await provider.getCode(message.address)) === "0x")
    return `The message is not signed by ${message.address}. Sign it as it is sent.`;
  const verified = await message.verify(
    { signature, nonce: message.nonce },
    { provider: provider as never, suppressExceptions: true },
  );
  // What a contract answers that is no contract wallet is its word; what its node fails with is nobody's.
  const { error } = verified;
  if (error !== undefined && !isVerdict(error))
    throw new Unverified(
      `The chain's node does not say now whether ${message.address} signed this. Ask for a new nonce in a moment, and sign again.`,
      { cause: error },
    );
  return verified.success ? undefined : `The message is not good: ${verified.error?.type ?? "invalid signature"}.`;
}

const isVerdict = (error: unknown) => error instanceof SiweError || isRevert(error) || isError(error, "BAD_DATA");

function signerOf(text: string, signature: string): string | undefined {
  try {
    return verifyMessage(text, signature);
  } catch {
    // Not of an ECDSA signature's shape.
    return undefined;
  }
}
