/** What stands on a self-billing invoice: its number, its parties, what was paid and what that was worth, and its tax. */
import type { Rate } from "@partner-programs/protocol/rates";

/** How what a partner earns is taxed, as it says itself. */
export type Tax =
  /** It is in what is paid: so many percent of the rest. */
  | { readonly kind: "included"; readonly name: string; readonly percent: string }
  /** The recipient owes it. */
  | { readonly kind: "reverse_charge"; readonly note: string | null }
  /** None is owed, and why. */
  | { readonly kind: "none"; readonly note: string };

/** Who somebody is on invoices. */
export interface Party {
  readonly name: string;
  /** Lines of it. */
  readonly address: readonly string[];
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly taxId: string | null;
  /** Of a seller. */
  readonly tax: Tax | null;
}

/** What was paid in one batch. */
export interface Item {
  readonly campaignId: string;
  readonly campaign: string;
  readonly batch: string;
  /** When its hold ended, and it was the partner's for good. */
  readonly dueAt: string;
  readonly conversions: number;
  readonly amountBaseUnits: string;
  readonly token: string;
  readonly tokenSymbol: string;
  readonly tokenDecimals: number;
  /** What that was worth then, in the invoice's currency; null: it has none. */
  readonly value: string | null;
  /** By which rate: what one of the currency was in whole tokens. */
  readonly rate: Rate | null;
}

export interface TokenSum {
  readonly token: string;
  readonly tokenSymbol: string;
  readonly tokenDecimals: number;
  readonly amountBaseUnits: string;
}

export interface Invoice {
  readonly name: string;
  /** Days in UTC, both included. */
  readonly period: { readonly from: string; readonly to: string };
  readonly seller: Party & { readonly wallet: string };
  readonly buyer: Party & { readonly wallet: string };
  /** When the seller agreed that the buyer writes its invoices. */
  readonly agreedAt: string;
  readonly items: readonly Item[];
  readonly paid: readonly TokenSum[];
  readonly currency: string | null;
  /** In the currency, tax included. null: it has none. */
  readonly value: {
    readonly gross: string;
    readonly net: string;
    readonly tax: string;
  } | null;
  /** What the law wants to be said on it. */
  readonly notes: readonly string[];
}

/**
 * The number of an invoice. It begins with who is buyer and seller: the series is one of the seller's own, and one for each buyer, so that
 * nobody has to know of anybody else's.
 */
export const invoiceName = (brand: string, partner: string, number: number): string =>
  `${[brand, partner].map((wallet) => wallet.slice(2, 10).toUpperCase()).join("-")}-${String(number).padStart(5, "0")}`;

/** The tax that is in a gross amount of smallest units, rounded half up. `percent`: a decimal number. */
export function taxIn(gross: bigint, percent: string): bigint {
  const [whole = "", fraction = ""] = percent.split(".");
  const [rate, one] = [BigInt(whole + fraction), 100n * 10n ** BigInt(fraction.length)];
  return (2n * gross * rate + one + rate) / (2n * (one + rate));
}

/** By token what items come to, in the order in which tokens appear. */
export function sumByToken(items: readonly Item[]): TokenSum[] {
  const sums = new Map<string, TokenSum>();
  for (const { token, tokenSymbol, tokenDecimals, amountBaseUnits } of items) {
    const before = BigInt(sums.get(token)?.amountBaseUnits ?? 0);
    sums.set(token, {
      token,
      tokenSymbol,
      tokenDecimals,
      amountBaseUnits: String(before + BigInt(amountBaseUnits)),
    });
  }
  return [...sums.values()];
}

export function notesOf(tax: Tax): string[] {
  const said = ["Self-billing"];
  if (tax.kind === "reverse_charge") said.push("Reverse charge");
  if (tax.kind !== "included" && tax.note !== null) said.push(tax.note);
  return said;
}
