/** A campaign as a brand fills it in. */

import { kindName } from "@partner-programs/protocol/kinds";
import type { TokenFormat } from "../text/money.ts";

export const DAY = 86_400;

export interface OfferDraft {
  readonly id: number;
  readonly event: string;
  readonly title: string;
  readonly kind: number;
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
  readonly windowSeconds: number;
  readonly touch: "first" | "last";
  /** null: for life. 0: not at all. */
  readonly bindingSeconds: number | null;
  readonly attesters: string;
  readonly threshold: string;
  /** Whole tokens; empty for none. */
  readonly dailyLimit: string;
  readonly velocityPerHour: string;
  readonly objectives: string;
  readonly expectations: Readonly<Record<string, string>>;
  readonly resources: readonly { readonly id: number; readonly title: string; readonly content: string }[];
  readonly budget: string;
}

export const addresses = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== "");

/** Kinds of partners that offers name: those whom the brand expects something of. */
export const kindsIn = (draft: Draft) => [...new Set(draft.offers.map(({ kind }) => kindName(kind)))];
