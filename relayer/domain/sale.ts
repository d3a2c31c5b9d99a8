/** A sale in its own currency: what it is in tokens by the rate that was looked up for it; or why that cannot be told. */
import {
  type FoundRate,
  isPar,
  type Rate,
  type SaleCurrencies,
  toTokenDown,
  unfitForCurrency,
} from "@partner-programs/protocol/rates";
import type { Reason } from "@partner-programs/protocol/reasons";

/** A rate, and by which of a description's words it was looked up: another description may have been published meanwhile. */
export interface LookedUpRate {
  readonly by: SaleCurrencies;
  readonly found: FoundRate;
}

/** A sale as it was reported, in its own currency. */
export interface ReportedSale {
  readonly currency: string;
  readonly lookedUp: LookedUpRate | undefined;
}

/** What a sale is in base units of the token; or why it cannot be converted. */
export type Conversion =
  | { readonly volume: bigint; readonly rate: Rate; readonly reason?: undefined }
  | { readonly reason: Reason; readonly note: string };

/** What a token can count to. */
const MAX_AMOUNT = 2n ** 256n;

/** @param volume of the currency. */
export function convert(
  { currency, lookedUp }: ReportedSale,
  volume: string,
  currencies: SaleCurrencies | undefined,
  tokenDecimals: number,
): Conversion {
  if (currencies === undefined || !takes(currencies, currency)) {
    const taken = currencies && [...new Set([currencies.token, ...currencies.accepted])].join(", ");
    const note = `The sale is in ${currency}; the campaign takes ${taken ?? "sales in its token alone: its description names no `currencies`"}.`;
    return { reason: "unknown_currency", note };
  }
  const found = lookedUp !== undefined && isSame(lookedUp.by, currencies) ? lookedUp.found : undefined;
  if (found?.rate === undefined) {
    const problem = found?.problem ?? "the description was changed while it was looked up";
    return { reason: "no_rate", note: `There is no rate for ${currency}: ${problem}.` };
  }
  return { volume: toTokenDown(volume, found.rate, tokenDecimals), rate: found.rate };
}

const takes = (currencies: SaleCurrencies, currency: string) =>
  currencies.accepted.includes(currency) || currency === currencies.token || isPar(currencies, currency);

const isSame = (one: SaleCurrencies, other: SaleCurrencies) =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** What is wrong with the number of a sale in its own currency; undefined: nothing. */
export function unfitSale(
  { currency, lookedUp }: ReportedSale,
  volume: string,
  tokenDecimals: number,
): string | undefined {
  const rate = lookedUp?.found.rate;
  if (rate !== undefined && toTokenDown(volume, rate, tokenDecimals) >= MAX_AMOUNT)
    return `volume ${volume} ${currency} is more than there can be of the campaign's token. Report less.`;
  return unfitForCurrency(volume, currency);
}
