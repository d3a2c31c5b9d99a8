/** Sales in their own currencies, in words. */
import type { Conversion } from "../api/schema.d.ts";
import type { TokenFormat } from "./money.ts";

type Sale = NonNullable<Conversion["sale"]>;
type Rate = NonNullable<Sale["rate"]>;

/** "€49.90", as the reader's country writes it, with every digit that the sale has. */
export function saleText({ currency, volume }: Pick<Sale, "currency" | "volume">): string {
  const digits = volume.split(".")[1]?.length ?? 0;
  const { minimumFractionDigits: usual = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    minimumFractionDigits: usual,
    maximumFractionDigits: Math.max(usual, digits),
  }).format(volume as unknown as number);
}

/**
 * "1 EUR = 1.0823 DUSD by round 7 of the feed 0x…, observed at 2026-11-28 10:00 UTC".
 * @param show how addresses and digests are written: whole, where nothing else is said
 */
export function rateText(
  currency: string,
  { numerator, denominator, observedAt, sources }: Rate,
  token: Pick<TokenFormat, "symbol">,
  show: (hexadecimal: string) => string = (whole) => whole,
): string {
  const value = decimalDown(BigInt(numerator), BigInt(denominator), 12);
  if (sources.length === 0) return `1 ${currency} counts as 1 ${token.symbol}`;
  const places = sources.map((one) =>
    "feed" in one ? `round ${one.round} of the feed ${show(one.feed)}` : `the file ${show(one.file)} of ${one.day}`,
  );
  const observed = `${new Date(observedAt * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `1 ${currency} = ${value} ${token.symbol} by ${places.join(" by ")}, observed at ${observed}`;
}

/** A fraction with so many decimals at most, cut off. */
function decimalDown(numerator: bigint, denominator: bigint, decimals: number): string {
  const scaled = ((numerator * 10n ** BigInt(decimals)) / denominator).toString().padStart(decimals + 1, "0");
  const fraction = scaled.slice(-decimals).replace(/0+$/, "");
  return fraction === "" ? scaled.slice(0, -decimals) : `${scaled.slice(0, -decimals)}.${fraction}`;
}
