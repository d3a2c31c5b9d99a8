/** Calls of the relayer's API, and what a browser and a wallet do beside them. */
import { RelayerError } from "@partner-programs/sdk/server";
import { isError, type JsonRpcProvider } from "ethers";
import { SiweMessage } from "siwe";
import { AT_ONCE, get, NoAnswer } from "#service/get.ts";
import type { Person } from "./people.ts";

/** A partnership's numbers as the API gives them. Amounts are base units. */
/** A page of a list. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Performance {
  campaignId: string;
  partner: string;
  code: string;
  link: string;
  clicks: number;
  conversions: number;
  rejected: number;
  accepted: string;
  pending: string;
  released: string;
  claimed: string;
}

/** What a person's browser calls itself. An invite link takes what has no such name, and what says that it is headless, for a bot. */
export const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** How an invite link is followed as a person does, up to where it leads. */
export const AS_A_BROWSER = { redirect: "manual", headers: { "user-agent": BROWSER } } as const;

/** One call of the relayer's HTTP API, as any client would make it. @throws Error with the problem's own words. */
export async function call<T>(
  apiUrl: string,
  method: string,
  path: string,
  options: { token?: string; body?: string } = {},
): Promise<T> {
  const target = new URL(path, apiUrl);
  const headers = {
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...(options.body === undefined ? {} : { "content-type": "application/json" }),
  };
  const body = options.body === undefined ? {} : { body: options.body };
  // Asking twice does no harm, and a connection that was kept open may have been closed meanwhile.
  const response = await (method === "GET"
    ? get(target, { headers }, AT_ONCE)
    : fetch(target, { method, headers, ...body }));
  const answer = (await response.json()) as T & { detail?: string };
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${answer.detail}`);
  return answer;
}

/** Signs in with a wallet (EIP-4361); returns the session's token. */
export async function signIn(apiUrl: string, { address, wallet }: Person): Promise<string> {
  const { nonce, domain, chainId } = await call<{ nonce: string; domain: string; chainId: number }>(
    apiUrl,
    "POST",
    "/v1/auth/nonces",
  );
  const message = new SiweMessage({
    domain,
    address,
    statement: "Sign in to Partner Programs.",
    uri: apiUrl,
    version: "1",
    chainId,
    nonce,
  }).prepareMessage();
  const body = JSON.stringify({ message, signature: await wallet.signMessage(message) });
  return (await call<{ token: string }>(apiUrl, "POST", "/v1/auth/sessions", { body })).token;
}

/** Waits until `ready` gives something, asking again and again; only what hangs takes so long as it waits. @throws Error that says what was waited for. */
export async function waitFor<T>(what: string, ready: () => Promise<T | undefined | false>, seconds = 180): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    // A relayer that was just killed does not answer: that is no reason to stop waiting for it.
    const found = await ready().catch((error: unknown) => {
      if (
        (error instanceof RelayerError && error.status === 0) ||
        error instanceof TypeError ||
        error instanceof NoAnswer ||
        isError(error, "NETWORK_ERROR")
      )
        return undefined;
      throw error;
    });
    if (found !== undefined && found !== false) return found as T;
    if (Date.now() > until) throw new Error(`Waited ${seconds} seconds for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** The time of the chain's newest block, in Unix seconds. */
export async function chainTime(provider: JsonRpcProvider): Promise<number> {
  return (await provider.getBlock("latest"))?.timestamp ?? 0;
}

/** Lets so many seconds pass on a local chain at once: a hold is over without anybody waiting for it. */
export async function passTime(provider: JsonRpcProvider, seconds: number): Promise<void> {
  await provider.send("evm_increaseTime", [seconds]);
  await provider.send("evm_mine", []);
}
