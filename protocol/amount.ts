/** Amounts: decimal numbers of whole tokens, as APIs and descriptions carry them, and base units, as the chain does. */
import { formatUnits, parseUnits } from "ethers";

/** A decimal number of whole tokens, as APIs and descriptions carry it: digits, and maybe a point and digits. */
export const DECIMAL = /^\d{1,30}(\.\d{1,24})?$/;

/** Base units of a decimal number of whole tokens. Digits below a base unit are cut off. */
export function toBaseUnitsDown(decimal: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return parseUnits(`${whole}.${fraction.slice(0, decimals) || "0"}`, decimals);
}

/** The decimal number of whole tokens that base units are, without needless zeros. */
export function fromBaseUnits(amount: bigint, decimals: number): string {
  return formatUnits(amount, decimals).replace(/\.0$/, "");
}
