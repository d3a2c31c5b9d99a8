/** Numbers as people type them: with the separators of their language, and exact. */
import { fromDecimal } from "./money.ts";

/** Blanks of every width, and marks that group digits and are never a decimal point. */
const GROUPING = /(?<=\d)[\s'’_](?=\d)/gu;
/** Digits, or groups of three that one mark parts; of two before the last, where people count in lakhs. */
const WHOLE = /^(?:\d+|\d{1,3}([.,_])(?:\d{2,3}\1)*\d{3})$/;

/**
 * Base units of what somebody typed; undefined if it is no number, or finer than `decimals` places. Of points and commas the last is
 * the decimal mark if both are there. One alone is the decimal mark, unless it is not the reader's and stands where thousands are
 * parted: "1,234" is more than a thousand in English and a bit more than one in German; "2,50" is two and a half in both.
 * @param locale BCP 47; undefined: the reader's
 */
export function fromTyped(text: string, decimals: number, locale?: string): bigint | undefined {
  const plain = text.trim().replace(GROUPING, "_");
  if (!/^\d[\d.,_]*$/.test(plain)) return undefined;
  const mark = decimalMark(plain, locale);
  const at = mark === undefined ? plain.length : plain.lastIndexOf(mark);
  const [whole, fraction] = [plain.slice(0, at), plain.slice(at + 1)];
  if (!WHOLE.test(whole) || !/^\d*$/.test(fraction)) return undefined;
  return fromDecimal(`${whole.replace(/[.,_]/g, "")}.${fraction}`, decimals);
}

/** The mark that the fraction of a number stands behind, if it has one. */
function decimalMark(plain: string, locale: string | undefined): string | undefined {
  const marks = plain.match(/[.,]/g) ?? [];
  const [first, last] = [marks[0], marks.at(-1)];
  if (marks.length > 1) return first === last ? undefined : last;
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  const own = parts.some(({ type, value }) => type === "decimal" && value === ",") ? "," : ".";
  return first !== own && /^[1-9]\d{0,2}[.,]\d{3}$/.test(plain) ? undefined : first;
}
