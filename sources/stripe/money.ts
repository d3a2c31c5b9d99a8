/** Stripe's amounts: integers of the smallest unit that Stripe's API has for a currency. */

/** Of https://docs.stripe.com/currencies: ISK, HUF and TWD have two decimals in the API, whatever they have elsewhere. */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"].map(
    (currency) => [currency, 0] as const,
  ),
  ...["bhd", "jod", "kwd", "omr", "tnd"].map((currency) => [currency, 3] as const),
]);

export const decimalsOf = (currency: string): number => DECIMALS.get(currency) ?? 2;

/** A decimal number of the currency, `1234` cents are `12.34`. */
export function toDecimal(minor: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return minor.toString();
  const digits = minor.toString().padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
