/** What a wallet signed, for signing in and for binding itself: checked here in full before a route believes it. */
import { z } from "@hono/zod-openapi";
import { SiweMessage } from "siwe";
import { whyNotSigned } from "#service/chain/walletMessage.ts";
import { Problem } from "#service/problem.ts";
import { spendNonce } from "../store/sessions.ts";
import type { Services } from "./context.ts";

/** A signature of at most so many bytes; `0x` alone is one as well: what a Safe's owners approved on the chain has no other. */
export const signatureOf = (maxBytes: number) =>
  z
    .string()
    .max(2 + 2 * maxBytes, `must be at most ${maxBytes} bytes`)
    .regex(/^0x([0-9a-fA-F]{2})*$/, "must be 0x and pairs of hexadecimal digits, or 0x alone");

/** A message as EIP-4361 has it, and its wallet's signature: an account's that is not on the chain yet holds what makes it as well (ERC-6492). */
export const signedMessage = { message: z.string().max(4_000), signature: signatureOf(16_384) };

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
  if (!(await spendNonce(database, siwe.nonce)))
    throw new Problem(
      401,
      "The nonce is unknown, used or older than 10 minutes. Ask for a new one: POST /v1/auth/nonces.",
    );
  // An account's own word is the nodes': who signs in may be given keys that report conversions.
  const problem = await chain.agreed(() => whyNotSigned(chain.provider, siwe, message, signature));
  if (problem !== undefined) throw new Problem(401, problem);
  return siwe;
}

function parse(message: string): SiweMessage {
  try {
    return new SiweMessage(message);
  } catch {
    throw new Problem(400, "`message` is not an EIP-4361 message.");
  }
}
