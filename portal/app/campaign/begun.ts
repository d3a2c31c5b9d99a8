/**
 * A campaign that somebody is filling in, kept in the browser by wallet: a reload, another page or another account in between loses
 * nothing, and a campaign that was created before its funding failed is found again by its salt.
 */
import { randomWord } from "../chain/signature.ts";
import { config } from "../config.ts";
import type { Draft } from "./draft.ts";
import { emptyDraft } from "./templates.ts";

export interface Begun {
  readonly draft: Draft;
  /** Of the form, from 0. */
  readonly page: number;
  /** Makes the campaign's id: one form, sent twice, cannot make two campaigns. */
  readonly salt: string;
}

const keyOf = (owner: string) => `partner-programs:begun:${config().chainId}:${config().programs}:${owner}`;

/** What was kept, or an empty form. */
export function readBegun(owner: string): Begun {
  const empty = emptyDraft();
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(owner)) ?? "null") as Begun | null;
    if (kept !== null && isAlike(kept.draft, empty) && isPage(kept.page) && /^0x[0-9a-f]{64}$/.test(kept.salt))
      return kept;
  } catch {
    // Not JSON, or no storage: the form is empty then.
  }
  return { draft: empty, page: 0, salt: randomWord() };
}

const PAGES = 5;
const isPage = (page: unknown) => Number.isInteger(page) && Number(page) >= 0 && Number(page) < PAGES;

/** Whether a form of an earlier version of this page can be gone on with: it has the same fields. */
function isAlike(draft: Draft, empty: Draft): boolean {
  const shape = (value: unknown) => (Array.isArray(value) ? "list" : typeof value);
  const names = Object.keys(empty).filter((name) => name !== "format" && name !== "bindingSeconds") as (keyof Draft)[];
  return names.every((name) => shape(draft[name]) === shape(empty[name]));
}

export function keepBegun(owner: string, begun: Begun): void {
  try {
    localStorage.setItem(keyOf(owner), JSON.stringify(begun));
  } catch {
    // A browser without room or storage keeps nothing; the form itself is not touched.
  }
}

export function forgetBegun(owner: string): void {
  try {
    localStorage.removeItem(keyOf(owner));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
