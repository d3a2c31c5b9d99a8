/** Tokens, asked for what the portal shows of them and for what a permit is signed with. */

import { COIN, isNative } from "@partner-programs/protocol/native";
import { Contract, Interface, TypedDataEncoder } from "ethers";
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

/** What amounts of a token are written with. @throws Error if there is no token */
export async function describeToken(token: string): Promise<TokenFormat> {
  if (isNative(token)) return COIN;
  const contract = erc20(token);
  try {
    const [symbol, decimals] = await Promise.all([
      contract.getFunction("symbol")(),
      contract.getFunction("decimals")(),
    ]);
    return { symbol: String(symbol).slice(0, 20), decimals: Number(decimals) };
  } catch {
    throw new Error(`${token} is no token on this chain. Check the address and the network.`);
  }
}

export async function balanceOf(token: string, owner: string): Promise<bigint> {
  return isNative(token) ? provider().getBalance(owner) : erc20(token).getFunction("balanceOf")(owner);
}

/** The EIP-712 domain under which a token takes permits (ERC-2612), or undefined if it takes none that we can be sure of. */
export async function permitDomain(token: string) {
  if (isNative(token)) return undefined;
  const contract = erc20(token);
  try {
    const separator: string = await contract.getFunction("DOMAIN_SEPARATOR")();
    const published = await contract
      .getFunction("eip712Domain")()
      .catch(() => undefined);
    const name: string = published?.[1] ?? (await contract.getFunction("name")());
    const domain = { name, version: published?.[2] ?? "1", chainId: config().chainId, verifyingContract: token };
    return TypedDataEncoder.hashDomain(domain) === separator ? domain : undefined;
  } catch {
    return undefined;
  }
}
