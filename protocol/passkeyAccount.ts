/**
 * Passkey accounts: Coinbase Smart Wallets that one P-256 key owns. How one is made by its factory, what its key signs for it, and how a
 * signature brings along the making of an account that is not on the chain yet (ERC-6492).
 */
import {
  AbiCoder,
  concat,
  dataLength,
  dataSlice,
  getAddress,
  hexlify,
  Interface,
  TypedDataEncoder,
  toBeHex,
} from "ethers";

/** A P-256 public key: 32 bytes each, in hexadecimal. */
export interface PasskeyKey {
  readonly x: string;
  readonly y: string;
}

const factory = new Interface([
  "function getAddress(bytes[] owners, uint256 nonce) view returns (address)",
  "function createAccount(bytes[] owners, uint256 nonce) payable returns (address account)",
]);

/** Owners of an account that is made for a claim, at most: each costs its maker gas. */
const MAX_OWNERS = 4;

/** What makes an account: its first owners, each a key's 64 bytes or an address as a word; `nonce` tells accounts of the same apart. */
export interface Making {
  readonly owners: readonly string[];
  readonly nonce: bigint;
}

export const makingOf = ({ x, y }: PasskeyKey): Making => ({ owners: [concat([x, y])], nonce: 0n });

/** The factory's call that makes the account, or finds it where it is made already. */
export const makeCall = ({ owners, nonce }: Making): string =>
  factory.encodeFunctionData("createAccount", [owners, nonce]);

/** The factory's call that says the account's address, made or not. */
export const addressCall = ({ owners, nonce }: Making): string =>
  factory.encodeFunctionData("getAddress", [owners, nonce]);

/** @throws Error where a factory answers with something else */
export const readAddress = (answer: string): string =>
  getAddress(factory.decodeFunctionResult("getAddress", answer)[0]);

/** What a call makes; undefined: it is not one that makes an account and nothing else. */
export function readMaking(data: string): Making | undefined {
  try {
    const [owners, nonce] = factory.decodeFunctionData("createAccount", data);
    const making = { owners: [...owners] as string[], nonce: nonce as bigint };
    const few = making.owners.length > 0 && making.owners.length <= MAX_OWNERS;
    // Encoded in the one way that we encode it: there is no room for anything beside.
    return few && makeCall(making) === data.toLowerCase() ? making : undefined;
  } catch {
    return undefined;
  }
}

const messageTypes = { CoinbaseSmartWalletMessage: [{ name: "hash", type: "bytes32" }] };

/** What a key signs so that its account takes `hash`: bound to the account and its chain, so that it is good for no other. */
export const accountDigest = (chainId: number, account: string, hash: string): string =>
  TypedDataEncoder.hash(
    { name: "Coinbase Smart Wallet", version: "1", chainId, verifyingContract: account },
    messageTypes,
    { hash },
  );

/** What an authenticator signed (WebAuthn), with the challenge in it. */
export interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
  readonly r: bigint;
  readonly s: bigint;
}

const ORDER_OF_P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const AUTH =
  "tuple(bytes authenticatorData, bytes clientDataJSON, uint256 challengeIndex, uint256 typeIndex, uint256 r, uint256 s)";
const WRAPPER = "tuple(uint256 ownerIndex, bytes signatureData)";

/** An authenticator's signature as the account takes it from its first owner. @throws Error for what is no assertion */
export function accountSignature({ authenticatorData, clientDataJSON, r, s }: Assertion): string {
  const text = new TextDecoder("latin1").decode(clientDataJSON);
  const typeIndex = text.indexOf('"type":"webauthn.get"');
  const challengeIndex = text.indexOf('"challenge":"');
  if (typeIndex < 0 || challengeIndex < 0)
    throw new Error("The passkey's answer is no signature: it names no type, or no challenge.");
  const coder = AbiCoder.defaultAbiCoder();
  // Of a signature and its mirror, both of which are good, contracts take the lower.
  const low = s > ORDER_OF_P256 / 2n ? ORDER_OF_P256 - s : s;
  const auth = [hexlify(authenticatorData), hexlify(clientDataJSON), challengeIndex, typeIndex, r, low];
  return coder.encode([WRAPPER], [[0, coder.encode([AUTH], [auth])]]);
}

/** How a signature ends that has its account's making before it (ERC-6492). */
const ERC_6492_ENDING = `0x${"6492".repeat(16)}`;
const BROUGHT = ["address", "bytes", "bytes"];

export const bringsItsAccount = (signature: string): boolean =>
  dataLength(signature) > 32 && dataSlice(signature, -32) === ERC_6492_ENDING;

/** A signature of an account that is not on the chain yet, with who makes it, and by which call. */
export interface Brought {
  readonly factory: string;
  readonly call: string;
  readonly signature: string;
}

export const bringAccount = ({ factory: maker, call, signature }: Brought): string =>
  concat([AbiCoder.defaultAbiCoder().encode(BROUGHT, [maker, call, signature]), ERC_6492_ENDING]);

/** Takes apart what `bringAccount` put together; undefined: it is not that. */
export function readBrought(signature: string): Brought | undefined {
  if (!bringsItsAccount(signature)) return undefined;
  try {
    const [maker, call, inner] = AbiCoder.defaultAbiCoder().decode(BROUGHT, dataSlice(signature, 0, -32));
    return { factory: getAddress(maker), call, signature: inner };
  } catch {
    return undefined;
  }
}

/** A coordinate as it stands in a key. */
export const coordinate = (value: bigint): string => toBeHex(value, 32);
