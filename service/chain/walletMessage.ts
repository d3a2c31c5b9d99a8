/** Messages that wallets sign (EIP-4361): by a key (EIP-191), or by a contract that says so for itself (EIP-1271). */
import { type Provider, verifyMessage } from "ethers";
import type { SiweMessage } from "siwe";

/** Why a message is not the word of the wallet that it names; undefined: it is. `text` is the message as it was sent. */
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
  return verified.success ? undefined : `The message is not good: ${verified.error?.type ?? "invalid signature"}.`;
}

function signerOf(text: string, signature: string): string | undefined {
  try {
    return verifyMessage(text, signature);
  } catch {
    // Not of an ECDSA signature's shape.
    return undefined;
  }
}
