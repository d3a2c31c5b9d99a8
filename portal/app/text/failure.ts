/** What went wrong, said so that the reader knows what to do. */

import type { Interface } from "ethers";
import type { TokenFormat } from "./money.ts";
import { SENTENCES } from "./reverts.ts";

/** A failure in words: what happened, and what to do about it. */
export interface Failure {
  readonly title: string;
  readonly remedy: string;
}

interface Code {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly data?: unknown;
  readonly info?: { readonly error?: Code };
  readonly error?: Code;
  readonly shortMessage?: unknown;
  readonly status?: unknown;
}

/** Codes of wallets (EIP-1193, EIP-1474, EIP-3085) and of ethers. */
const CODES: Readonly<Record<string, Failure>> = {
  "4001": { title: "You declined in the wallet.", remedy: "Nothing was sent. Start again whenever you like." },
  ACTION_REJECTED: { title: "You declined in the wallet.", remedy: "Nothing was sent. Start again whenever you like." },
  "4100": {
    title: "The wallet has not allowed this page to use the account.",
    remedy: "Open the wallet, connect this page to the account, and try again.",
  },
  "4200": { title: "The wallet does not support this request.", remedy: "Use another wallet, or update this one." },
  "4900": { title: "The wallet is not connected to any network.", remedy: "Open the wallet and check its connection." },
  "4901": {
    title: "The wallet is not connected to this network.",
    remedy: "Choose the network in the wallet, and try again.",
  },
  "4902": { title: "The wallet does not know this network.", remedy: "Add it in the wallet, and try again." },
  "-32002": {
    title: "The wallet is already asking you something.",
    remedy: "Open the wallet and answer it; its window may be behind this one.",
  },
  INSUFFICIENT_FUNDS: {
    title: "The account has too little gas.",
    remedy: "Send some of the network's coin to it, and try again. Nothing was sent.",
  },
  NETWORK_ERROR: {
    title: "The network's node does not answer.",
    remedy: "Check your connection, and try again. Nothing was sent.",
  },
  TIMEOUT: {
    title: "The network's node takes too long.",
    remedy: "The transaction may still go through: look in your wallet before you send again.",
  },
};

/** The error data of a revert, wherever the node, the wallet or ethers has put it. */
function revertData(error: Code | undefined, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 5) return undefined;
  if (typeof error.data === "string" && /^0x[0-9a-f]{8}/i.test(error.data)) return error.data;
  return (
    revertData(error.data as Code, depth + 1) ??
    revertData(error.info?.error, depth + 1) ??
    revertData(error.error, depth + 1)
  );
}

function codesOf(error: Code | undefined, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 5) return [];
  return [
    String(error.code ?? ""),
    ...codesOf(error.info?.error, depth + 1),
    ...codesOf(error.error, depth + 1),
    ...codesOf(error.data as Code, depth + 1),
  ];
}

/** Explains whatever was thrown. `interfaces`: whose errors a revert may carry. */
export function explain(
  thrown: unknown,
  interfaces: readonly Interface[] = [],
  token: TokenFormat = { symbol: "base units", decimals: 0 },
): Failure {
  const error = thrown as Code;
  const data = revertData(error);
  for (const one of data === undefined ? [] : interfaces) {
    const parsed = one.parseError(data as string);
    const sentence = parsed === null ? undefined : SENTENCES[parsed.name];
    if (parsed !== null && sentence !== undefined) {
      const [title, remedy] = sentence(parsed.args, token);
      return { title, remedy };
    }
  }
  const known = codesOf(error)
    .map((code) => CODES[code])
    .find((failure) => failure !== undefined);
  if (known !== undefined) return known;
  const message = String(error?.shortMessage ?? error?.message ?? thrown);
  if (/insufficient funds|doesn't have enough funds|exceeds the balance of the account/i.test(message))
    return CODES.INSUFFICIENT_FUNDS as Failure;
  if (/user (rejected|denied)/i.test(message)) return CODES["4001"] as Failure;
  if (data !== undefined)
    return {
      title: "The contract refuses this, with an error that this page does not know.",
      remedy: `Nothing was sent. The error's data: ${data.slice(0, 74)}`,
    };
  return { title: message, remedy: error?.status === undefined ? "Try again; if it goes on, reload the page." : "" };
}
