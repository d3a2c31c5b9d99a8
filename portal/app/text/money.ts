/** Numbers and amounts in the reader's locale. Amounts are base units and never become floating-point numbers. */

/** What has to be known of a token to write its amounts. */
export interface TokenFormat {
  readonly symbol: string;
  readonly decimals: number;
}

/** The exact decimal number that base units are: "1234.5". */
export function toDecimal(amount: bigint | string, decimals: number): string {
  const value = BigInt(amount);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const fraction = decimals === 0 ? "" : digits.slice(-decimals).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, digits.length - decimals)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Base units of a decimal number as people type it; undefined if it is none, or finer than the token. */
export function fromDecimal(text: string, decimals: number): bigint | undefined {
  const [, whole = "", fraction = ""] = /^(\d{1,30})(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  if (whole === "" || fraction.length > decimals) return undefined;
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** "1,234.50": two digits at least where there are any, six at most. */
export function amountText(amount: bigint | string, { decimals }: Pick<TokenFormat, "decimals">): string {
  const decimal = toDecimal(amount, decimals);
  const format = new Intl.NumberFormat(undefined, {
    minimumFractionDigits: decimal.includes(".") ? Math.min(2, decimals) : 0,
    maximumFractionDigits: 6,
  });
  // A string keeps every digit, where a number would not.
  return format.format(decimal as unknown as number);
}

export function moneyText(amount: bigint | string, token: TokenFormat): string {
  return `${amountText(amount, token)} ${token.symbol}`;
}

/** Every digit of an amount, as what is signed has to be shown: "0.000000000000000001 ETH". */
export function exactText(amount: bigint | string, token: TokenFormat): string {
  const [whole = "0", fraction = ""] = toDecimal(amount, token.decimals).split(".");
  const number = new Intl.NumberFormat(undefined).format(BigInt(whole));
  if (fraction === "") return `${number} ${token.symbol}`;
  const point =
    new Intl.NumberFormat(undefined).formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
  return `${number}${point}${fraction.padEnd(Math.min(2, token.decimals), "0")} ${token.symbol}`;
}

/** An amount as an average is written: no more digits than it is exact. */
export function averageText(amount: bigint, parts: number, token: TokenFormat): string {
  if (parts === 0) return "–";
  const value = Number(toDecimal(amount, token.decimals)) / parts;
  return `${new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 }).format(value)} ${token.symbol}`;
}

export const countText = (count: number | bigint) => new Intl.NumberFormat().format(count);

/** "12.5 %" of a part in a whole; a dash where there is no whole. */
export function shareText(part: number | bigint, whole: number | bigint): string {
  if (BigInt(whole) === 0n) return "–";
  const share = Number((BigInt(part) * 1_000_000n) / BigInt(whole)) / 1_000_000;
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

export function percentText(basisPoints: number | bigint): string {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 2 }).format(
    Number(basisPoints) / 10_000,
  );
}

export const shortAddress = (address: string) => `${address.slice(0, 6)}…${address.slice(-4)}`;
