/**
 * What accounts' wallets took and is not on the chain yet, kept in the browser: other owners sign hours later, and a reload, another
 * page or another day in between loses nothing.
 */
import { config } from "../config.ts";
import type { Mined, Proposed } from "./account.ts";
import type { Plan } from "./plan.ts";

/** A proposal, and what whoever comes back has to know of it. */
export interface Proposal extends Proposed {
  /** What it does, as its dialog said. */
  readonly title: string;
  /** Tells which calls these are: the same are not proposed twice. */
  readonly digest: string;
  /** When it was proposed, in milliseconds. */
  readonly at: number;
  readonly made?: Plan["made"];
  /** What became of it, once that is known: shown until somebody has read it. */
  readonly end?: Mined | "given up";
}

const MAX_KEPT = 20;

const keyOf = (account: string) =>
  `partner-programs:proposals:${config().chainId}:${config().programs}:${account.toLowerCase()}`;

const listeners = new Set<() => void>();
/** A list is the same object until it changes: React compares. */
const read = new Map<string, { readonly text: string | null; readonly list: readonly Proposal[] }>();
const NONE: readonly Proposal[] = [];

const isProposal = (one: Proposal | null) =>
  typeof one?.id === "string" &&
  typeof one.digest === "string" &&
  typeof one.title === "string" &&
  Number.isInteger(one.calls) &&
  Number.isInteger(one.since) &&
  Number.isFinite(one.at);

/** What is kept of an account, the newest first. */
export function proposalsOf(account: string): readonly Proposal[] {
  const key = keyOf(account);
  let text: string | null = null;
  try {
    text = localStorage.getItem(key);
  } catch {
    // Storage is blocked: what was kept in this page's life is known.
    return read.get(key)?.list ?? NONE;
  }
  const before = read.get(key);
  if (before !== undefined && before.text === text) return before.list;
  const list = parse(text);
  read.set(key, { text, list });
  return list;
}

function parse(text: string | null): readonly Proposal[] {
  try {
    const kept = JSON.parse(text ?? "[]") as unknown;
    return Array.isArray(kept) ? kept.filter(isProposal).slice(0, MAX_KEPT) : NONE;
  } catch {
    // Somebody else's text: nothing is known by it.
    return NONE;
  }
}

function put(account: string, list: readonly Proposal[]): void {
  const key = keyOf(account);
  const text = JSON.stringify(list);
  read.set(key, { text, list });
  try {
    if (list.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // A browser without storage knows it as long as the page lives.
  }
  for (const listener of listeners) listener();
}

export function keepProposal(account: string, proposal: Proposal): void {
  const others = proposalsOf(account).filter(({ id }) => id !== proposal.id);
  put(account, [proposal, ...others].slice(0, MAX_KEPT));
}

export function forgetProposal(account: string, id: string): void {
  const before = proposalsOf(account);
  const left = before.filter((one) => one.id !== id);
  if (left.length < before.length) put(account, left);
}

/** Hears of changes, also of those in another window. */
export function onProposals(listener: () => void): () => void {
  listeners.add(listener);
  globalThis.addEventListener?.("storage", listener);
  return () => {
    listeners.delete(listener);
    globalThis.removeEventListener?.("storage", listener);
  };
}
