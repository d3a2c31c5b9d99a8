/** How the symbol and the decimals of any token are read. */
import { Interface, isError } from "ethers";
import { COIN, NATIVE } from "./native.ts";

export interface Token {
  readonly symbol: string;
  readonly decimals: number;
}

/** A symbol is whatever its token's author wrote: more characters than these are cut off. */
const MAX_SYMBOL = 32;
const METADATA = new Interface(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** Calls the token with `data`, and gives what it returned. */
export type CallToken = (data: string) => Promise<string>;

/** Both are optional in ERC-20: a token without them is shown in base units. @throws what `call` throws, unless it is a revert */
export async function readToken(token: string, call: CallToken): Promise<Token> {
  if (token === NATIVE) return COIN;
  const [symbol, decimals] = await Promise.all([read("symbol", call), readDecimals(token, call)]);
  return { symbol: symbol === undefined ? "tokens" : String(symbol).slice(0, MAX_SYMBOL), decimals };
}

/** @throws what `call` throws, unless it is a revert */
export async function readDecimals(token: string, call: CallToken): Promise<number> {
  if (token === NATIVE) return COIN.decimals;
  return Number((await read("decimals", call)) ?? 0n);
}

/** What the token says; undefined: it has no such function, or gives something else. */
async function read(name: "symbol" | "decimals", call: CallToken): Promise<unknown> {
  try {
    const [value] = METADATA.decodeFunctionResult(name, await call(METADATA.encodeFunctionData(name)));
    return value;
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA")) return undefined;
    throw error;
  }
}
