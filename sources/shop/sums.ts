/** What an order in a shop comes to, by each way in which a campaign may count it. Amounts are millionths of the shop's currency. */
import type { ShopMapping } from "@partner-programs/protocol/shopMapping";
import { z } from "zod";

const DECIMALS = 6;

/** An amount as shops write it, `59.50` or `-10.00`. */
export const amount = z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/, "is no amount such as 59.50");

export function toMillionths(text: string): bigint {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const millionths = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return text.startsWith("-") ? -millionths : millionths;
}

/** The decimal number that millionths are. */
export function toDecimal(millionths: bigint): string {
  const digits = millionths.toString().padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return digits.slice(0, -DECIMALS) + (fraction === "" ? "" : `.${fraction}`);
}

/** The smallest unit that an amount is written in: cents of `59.50`. */
export const unitOf = (text: string): bigint => 10n ** BigInt(DECIMALS - (text.split(".")[1]?.length ?? 0));

/** What an order is made of, as its shop has it. */
export interface Parts {
  /** All that was to be paid. */
  readonly total: bigint;
  /** What of it is no sale at all: a tip. */
  readonly beside: bigint;
  readonly taxes: bigint;
  /** Shipping without its taxes, and those, which are among `taxes` too. */
  readonly shipping: bigint;
  readonly shippingTaxes: bigint;
  /** What of the total was not given back. */
  readonly kept: bigint;
  readonly unit: bigint;
}

/** Counted one way: sold, and what is left of that. Texts, for JSON has no whole numbers of any size. */
interface Sum {
  readonly volume: string;
  readonly left: string;
}
type Way = `${ShopMapping["taxes"]} ${ShopMapping["shipping"]}`;
/** Each way: which of them is published may change after an order was heard of. */
export type Sums = Readonly<Record<Way, Sum>>;

const WAYS: readonly Way[] = ["excluded excluded", "excluded included", "included excluded", "included included"];

export const sumBy = (sums: Sums, { taxes, shipping }: ShopMapping) => {
  const { volume, left } = sums[`${taxes} ${shipping}`];
  return { volume: BigInt(volume), left: BigInt(left) };
};

const each = (sum: (way: Way) => Sum) => Object.fromEntries(WAYS.map((way) => [way, sum(way)])) as Sums;

export function sumsOf({ total, beside, taxes, shipping, shippingTaxes, kept, unit }: Parts): Sums {
  return each((way) => {
    const [taxesAre, shippingIs] = way.split(" ");
    const untaxed = taxesAre === "excluded";
    const unshipped = shippingIs === "excluded" ? shipping + (untaxed ? 0n : shippingTaxes) : 0n;
    const volume = within(total - beside - (untaxed ? taxes : 0n) - unshipped, total);
    // Of what went back each part went its share: a shop does not always say which of them it was.
    const left = total > 0n ? (within(kept, total) * volume) / total : 0n;
    return { volume: volume.toString(), left: (left - (left % unit)).toString() };
  });
}

/** Of what is known at two times the lesser, whichever was heard of first: what was taken back is not given again. */
export function leastOf(one: Sums | undefined, other: Sums | undefined): Sums | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const lesser = (a: string, b: string) => (BigInt(a) < BigInt(b) ? a : b);
  return each((way) => ({
    volume: lesser(one[way].volume, other[way].volume),
    left: lesser(one[way].left, other[way].left),
  }));
}

const within = (value: bigint, most: bigint) => (value < 0n ? 0n : value > most ? most : value);
