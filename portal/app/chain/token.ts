/** Tokens, asked for what the portal shows of them and for what a permit is signed with. */

import { isNative } from "@partner-programs/protocol/native";
import { isRevert } from "@partner-programs/protocol/reverts";
import { readToken } from "@partner-programs/protocol/token";
import { Contract, Interface, id, isError, TypedDataEncoder, ZeroHash } from "ethers";
import { config } from "../config.ts";
import type { TokenFormat } from "../text/money.ts";
import { provider } from "./contracts.ts";

export const tokenInterface = new Interface([
  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 value) returns (bool)",
  "function nonces(address) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function PERMIT_TYPEHASH() view returns (bytes32)",
  "function version() view returns (string)",
  "function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
  "function mint(address to, uint256 amount)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC2612ExpiredSignature(uint256 deadline)",
  "error ERC2612InvalidSigner(address signer, address owner)",
]);

export function erc20(token: string): Contract {
  return new Contract(token, tokenInterface, provider());
}

/** What amounts of a token are written with: its symbol is a stranger's word, and shown as everywhere else. */
export const describeToken = (token: string): Promise<TokenFormat> =>
  readToken(token, (data) => provider().call({ to: token, data }));

/** The same of an address that somebody typed. @throws Error if there is no token */
export async function requireToken(token: string): Promise<TokenFormat> {
  if (!isNative(token) && (await asked(erc20(token).getFunction("balanceOf")(token))) === undefined)
    throw new Error(`${token} is no token on this chain. Check the address and the network.`);
  return describeToken(token);
}

export async function balanceOf(token: string, owner: string): Promise<bigint> {
  return isNative(token) ? provider().getBalance(owner) : erc20(token).getFunction("balanceOf")(owner);
}

export const allowanceOf = (token: string, owner: string, spender: string): Promise<bigint> =>
  erc20(token).getFunction("allowance")(owner, spender);

/** What an owner can sign for a token instead of approving. */
export interface TokenSigning {
  /** Under which the token reads signatures (EIP-712). */
  readonly domain: Readonly<Record<string, unknown>>;
  /** Of the owner's next permit (ERC-2612); undefined: it takes none. */
  readonly permitNonce: bigint | undefined;
  /** Whether it takes authorizations (ERC-3009). */
  readonly authorizes: boolean;
}

/** keccak256 of ERC-2612's `Permit(…)`. Older permits, as DAI's, have another. */
const PERMIT_TYPEHASH = id("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

/** Undefined: nothing that we can be sure of. */
export async function signingOf(token: string, owner: string): Promise<TokenSigning | undefined> {
  const ask = (name: string, ...args: unknown[]) => asked(erc20(token).getFunction(name)(...args));
  const [separator, published, name, version, typehash, nonce, state] = await Promise.all([
    ask("DOMAIN_SEPARATOR"),
    ask("eip712Domain"),
    ask("name"),
    ask("version"),
    ask("PERMIT_TYPEHASH"),
    ask("nonces", owner),
    ask("authorizationState", owner, ZeroHash),
  ]);
  const domain = {
    name: published?.name ?? name,
    version: published?.version ?? version ?? "1",
    chainId: config().chainId,
    verifyingContract: token,
  };
  // Proven by the separator; without one, as the token itself publishes it.
  const sure =
    separator === undefined
      ? published?.chainId === BigInt(domain.chainId) && published.verifyingContract === token
      : TypedDataEncoder.hashDomain(domain) === separator;
  if (!sure) return undefined;
  const permits = separator !== undefined && (typehash === undefined || typehash === PERMIT_TYPEHASH);
  return { domain, permitNonce: permits ? nonce : undefined, authorizes: state !== undefined };
}

/** The answer, or undefined where the token has no such function. @throws what the node fails with */
// biome-ignore lint/suspicious/noExplicitAny: whatever the function returns
async function asked(call: Promise<any>): Promise<any> {
  return call.catch((error: unknown) => {
    if (isRevert(error) || isError(error, "BAD_DATA")) return undefined;
    throw error;
  });
}
