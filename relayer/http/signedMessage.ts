import { z } from "@hono/zod-openapi";
import { verifyMessage } from "ethers";
import { SiweMessage } from "siwe";
import { Problem } from "#service/problem.ts";
import type { Services } from "./context.ts";

/** A message as EIP-4361 has it, and its wallet's signature. */
export const signedMessage = {
  message: z.string().max(4_000),
  signature: z.string().regex(/^0x([0-9a-fA-F]{2}){1,1000}$/, "must be 0x and hexadecimal digits"),
};

/** Begins what a message is for, if it is for anything but signing in. */
export const PURPOSE = "urn:partner-programs:";

/**
 * What a wallet signed, once it is found to be signed by the wallet that it names, for this chain, with a nonce that is good this
 * once. `check` says whether it is for this site and purpose, before the nonce is used and the chain is asked. @throws Problem
 */
export async function requireSignedMessage(
  { database, chain }: Services,
  message: string,
  signature: string,
  check: (siwe: SiweMessage) => void,
): Promise<SiweMessage> {
  const siwe = parse(message);
  if (siwe.chainId !== chain.chainId)
    throw new Problem(401, `The message is for chain ${siwe.chainId}; sign in for chain ${chain.chainId}.`);
  check(siwe);
  const used = await database.query("DELETE FROM sign_in_nonces WHERE nonce = $1 AND expires_at > now() RETURNING 1", [
    siwe.nonce,
  ]);
  if (used.length === 0)
    throw new Problem(
      401,
      "The nonce is unknown, used or older than 10 minutes. Ask for a new one: POST /v1/auth/nonces.",
    );
  // A contract may have a wallet's say (EIP-1271), but the chain is asked only where there is one.
  if (signerOf(message, signature) !== siwe.address && (await chain.provider.getCode(siwe.address)) === "0x")
    throw new Problem(401, `The message is not signed by ${siwe.address}. Sign it as it is sent.`);
  const verified = await siwe.verify(
    { signature, nonce: siwe.nonce },
    { provider: chain.provider as never, suppressExceptions: true },
  );
  if (!verified.success)
    throw new Problem(401, `The message is not good: ${verified.error?.type ?? "invalid signature"}.`);
  return siwe;
}

function signerOf(message: string, signature: string): string | undefined {
  try {
    return verifyMessage(message, signature);
  } catch {
    // Not of an ECDSA signature's shape.
    return undefined;
  }
}

function parse(message: string): SiweMessage {
  try {
    return new SiweMessage(message);
  } catch {
    throw new Problem(400, "`message` is not an EIP-4361 message.");
  }
}
