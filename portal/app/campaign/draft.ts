/** A campaign as a brand fills it in. */

import { FIRST_GROUP, FOR_ONE_PARTNER, kindName, MAX_KIND } from "@partner-programs/protocol/kinds";
import type { TokenFormat } from "../text/money.ts";
import type { CurrencyDraft } from "./currencyDraft.ts";

export const DAY = 86_400;

export interface OfferDraft {
  readonly id: number;
  readonly event: string;
  readonly title: string;
  /** `FOR_ONE_PARTNER`: it is for `partner` alone. */
  readonly kind: number;
  /** Its address, where the offer is for one partner. */
  readonly partner: string;
  /** Whole tokens; empty for none. */
  readonly flat: string;
  readonly ratePercent: string;
  readonly cap: string;
  readonly oncePerCustomer: boolean;
}

export interface Draft {
  readonly template: string;
  readonly name: string;
  readonly summary: string;
  readonly destination: string;
  readonly token: string;
  readonly format: TokenFormat | undefined;
  readonly offers: readonly OfferDraft[];
  readonly openKinds: readonly number[];
  readonly holdSeconds: number;
  readonly noticeSeconds: number;
  readonly linesOnChain: boolean;
  readonly windowSeconds: number;
  readonly touch: "first" | "last";
  /** null: for life. 0: not at all. */
  readonly bindingSeconds: number | null;
  readonly attesters: string;
  readonly threshold: string;
  /** Whole tokens; empty for none. */
  readonly dailyLimit: string;
  readonly velocityPerHour: string;
  /** For how many days a lead is its partner's; empty: partners register none. */
  readonly leadDays: string;
  /** For how many the brand can reject it. */
  readonly leadAnswerDays: string;
  /** undefined: sales are in tokens alone. */
  readonly currencies?: CurrencyDraft | undefined;
  readonly objectives: string;
  readonly expectations: Readonly<Record<string, string>>;
  readonly resources: readonly { readonly id: number; readonly title: string; readonly content: string }[];
  readonly budget: string;
}

export const addresses = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== "");

/** Numbers of groups as people type them, comma-separated; undefined if one of them is none. */
export function groupsIn(text: string): number[] | undefined {
  const numbers = text.split(/[\s,;]+/).filter((part) => part !== "");
  const isGroup = (part: string) => /^\d{1,2}$/.test(part) && Number(part) >= FIRST_GROUP && Number(part) <= MAX_KIND;
  return numbers.every(isGroup) ? numbers.map(Number) : undefined;
}

/** Kinds of partners that offers name: those whom the brand expects something of. */
export const kindsIn = (draft: Draft) => [
  ...new Set(draft.offers.filter(({ kind }) => kind !== FOR_ONE_PARTNER).map(({ kind }) => kindName(kind))),
];
