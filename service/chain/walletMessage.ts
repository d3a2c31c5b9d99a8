/**
 * Messages that wallets sign (EIP-4361): by a key (EIP-191), by a contract that says so for itself (ERC-1271), or by one that is
 * not on the chain yet and brings what puts it there (ERC-6492).
 */
import { bringsItsAccount } from "@partner-programs/protocol/passkeyAccount";
import { isRevert } from "@partner-programs/protocol/reverts";
import {
  AbiCoder,
  concat,
  dataLength,
  hashMessage,
  Interface,
  isError,
  type Provider,
  verifyMessage,
  zeroPadBytes,
} from "ethers";
import type { SiweMessage } from "siwe";
import { RetryableError } from "../errors.ts";
import { UNIVERSAL_VALIDATOR } from "./universalValidator.ts";

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
  const now = Date.now();
  if (message.expirationTime !== undefined && now >= Date.parse(message.expirationTime))
    return `The message is not good: Expired at ${message.expirationTime}. Sign a new one.`;
  if (message.notBefore !== undefined && now < Date.parse(message.notBefore))
    return `The message is not good: it counts from ${message.notBefore} on. Send it then, or sign a new one.`;
  if (signerOf(text, signature) === message.address) return undefined;
  // An account may have a say of its own, but the chain is asked only where there is one, or where one is brought along.
  if (!bringsItsAccount(signature) && (await provider.getCode(message.address)) === "0x")
    return `The message is not signed by ${message.address}. Sign it as it is sent.`;
  if (await accountTakes(provider, message.address, hashMessage(text), signature)) return undefined;
  return `The message is not good: the account ${message.address} does not take its signature. Sign it as it is sent, with one of the account's owners.`;
}

/** Shorter ones the universal check cannot read: of them the account itself is asked. */
const MIN_UNIVERSAL_BYTES = 32;

/**
 * Whether an account takes a signature of a hash, on the chain or as it would be made. What a contract answers that is no account
 * is its word; what its node fails with is nobody's. @throws Unverified
 */
export async function accountTakes(
  provider: Provider,
  account: string,
  hash: string,
  signature: string,
): Promise<boolean> {
  let trouble: unknown;
  const call = async (request: { to: string | null; data: string }) => {
    try {
      return await provider.call(request);
    } catch (error) {
      if (!isRevert(error) && !isError(error, "BAD_DATA")) trouble = error;
      throw error;
    }
  };
  const taken =
    dataLength(signature) < MIN_UNIVERSAL_BYTES
      ? await asksItself(call, account, hash, signature)
      : await asksUniversally(call, account, hash, signature);
  // Either takes each failure for a no.
  if (!taken && trouble !== undefined)
    throw new Unverified(
      `The chain's node does not say now whether ${account} signed this. Ask for a new nonce in a moment, and sign again.`,
      { cause: trouble },
    );
  return taken;
}

type NodeCall = (request: { to: string | null; data: string }) => Promise<string>;

const erc1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
/** The answer of an account that takes a signature: the function's own selector, as a word. */
const TAKEN = zeroPadBytes("0x1626ba7e", 32);

async function asksItself(call: NodeCall, account: string, hash: string, signature: string): Promise<boolean> {
  const data = erc1271.encodeFunctionData("isValidSignature", [hash, signature]);
  const answer = await call({ to: account, data }).catch(() => undefined);
  return answer === TAKEN;
}

const TRUE = "0x01";

/** In one call, which changes nothing: an account that is not on the chain is made in it and asked. */
async function asksUniversally(call: NodeCall, account: string, hash: string, signature: string): Promise<boolean> {
  const asked = AbiCoder.defaultAbiCoder().encode(["address", "bytes32", "bytes"], [account, hash, signature]);
  const answer = await call({ to: null, data: concat([UNIVERSAL_VALIDATOR, asked]) }).catch(() => undefined);
  return answer === TRUE;
}

function signerOf(text: string, signature: string): string | undefined {
  try {
    return verifyMessage(text, signature);
  } catch {
    // Not of an ECDSA signature's shape.
    return undefined;
  }
}
