/** A sale's own amount in files: beside the volume that it was converted to, with its rate and where that stands. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { MAX_SALE_DECIMALS } from "@partner-programs/protocol/currency";
import { describeRate, type Sale } from "@partner-programs/protocol/rates";
import type { Cell } from "./csv.ts";

export const SALE_HEAD = [
  "sold for",
  "given back",
  "sold in",
  "tokens for one",
  "rate as of (UTC)",
  "rate by",
] as const;

/** Of a sale in tokens nothing: its volume is what it was sold for. */
export function saleCells(sale: Sale | null, refunded: string): Cell[] {
  if (sale === null) return SALE_HEAD.map(() => null);
  const { currency, volume, rate } = sale;
  if (rate === undefined) return [volume, refunded, currency, null, null, null];
  const observed = rate.sources.length === 0 ? null : new Date(rate.observedAt * 1000).toISOString();
  return [volume, refunded, currency, `${rate.numerator}/${rate.denominator}`, observed, describeRate(rate)];
}

/** What of a sale is left in its own currency. */
export const saleLeft = ({ volume }: Pick<Sale, "volume">, refunded: string): string =>
  fromBaseUnits(
    toBaseUnitsDown(volume, MAX_SALE_DECIMALS) - toBaseUnitsDown(refunded, MAX_SALE_DECIMALS),
    MAX_SALE_DECIMALS,
  );
