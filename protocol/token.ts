/** How the symbol and the decimals of any token are read. */
import { Interface } from "ethers";
import { COIN, NATIVE } from "./native.ts";
import { isRevert } from "./reverts.ts";

export interface Token {
  readonly symbol: string;
  readonly decimals: number;
}

/** A symbol is whatever its token's author wrote: more characters than these are cut off. */
const MAX_SYMBOL = 32;
/** Hexadecimal digits. */
const MAX_ANSWER = 20_000;
/** What the units of a token are called that has no symbol, or none that can be shown. */
const NAMELESS = "tokens";
const METADATA = new Interface(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** Calls the token with `data`, and gives what it returned. */
export type CallToken = (data: string) => Promise<string>;

/** Both are optional in ERC-20: a token without them is shown in base units. @throws what `call` throws, unless it is a revert */
export async function readToken(token: string, call: CallToken): Promise<Token> {
  if (token === NATIVE) return COIN;
  const [symbol, decimals] = await Promise.all([read("symbol", call), readDecimals(token, call)]);
  return { symbol: symbol === undefined ? NAMELESS : showSymbol(String(symbol)), decimals };
}

/** Without what is not seen, or turns the text around it: control characters, marks of direction, halves of characters. */
function showSymbol(symbol: string): string {
  const seen = symbol
    .slice(0, 8 * MAX_SYMBOL)
    .replace(/\p{C}/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  return [...seen].slice(0, MAX_SYMBOL).join("") || NAMELESS;
}

/** @throws what `call` throws, unless it is a revert */
export async function readDecimals(token: string, call: CallToken): Promise<number> {
  if (token === NATIVE) return COIN.decimals;
  return Number((await read("decimals", call)) ?? 0n);
}

/** What the token says; undefined: it has no such function, or gives something else. */
async function read(name: "symbol" | "decimals", call: CallToken): Promise<unknown> {
  let answer: string;
  try {
    answer = await call(METADATA.encodeFunctionData(name));
  } catch (error) {
    if (isRevert(error)) return undefined;
    throw error;
  }
  // Taking a megabyte apart takes seconds.
  if (answer.length > MAX_ANSWER) return undefined;
  try {
    // Text that is not UTF-8 throws only when it is taken out.
    const [value] = METADATA.decodeFunctionResult(name, answer);
    return value;
  } catch {
    return undefined;
  }
}
