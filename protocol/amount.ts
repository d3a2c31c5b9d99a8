/** Amounts: decimal numbers of whole tokens, as APIs and descriptions carry them, and base units, as the chain does. */
import { parseUnits } from "ethers";

/** A decimal number of whole tokens, as APIs and descriptions carry it: digits, and maybe a point and digits. */
export const DECIMAL = /^\d{1,30}(\.\d{1,24})?$/;

/** As many decimals as ethers takes. A token may say that it has 255. */
const MAX_PARSED = 80;

/** Base units of a decimal number of whole tokens. Digits below a base unit are cut off. */
export function toBaseUnitsDown(decimal: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  const parsed = Math.min(decimals, MAX_PARSED);
  return parseUnits(`${whole}.${fraction.slice(0, parsed) || "0"}`, parsed) * 10n ** BigInt(decimals - parsed);
}

/** The decimal number of whole tokens that base units are, without needless zeros. */
export function fromBaseUnits(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
