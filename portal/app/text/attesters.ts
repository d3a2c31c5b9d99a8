/** Attesters by the names that the portal's operator gives them: an address says nothing to anybody. */
import { config } from "../config.ts";
import { shortAddress } from "./money.ts";

/** Undefined: the operator does not know it. */
export const nameOfAttester = (address: string): string | undefined => {
  const names = Object.entries(config().attesterNames ?? {});
  return names.find(([known]) => known.toLowerCase() === address.toLowerCase())?.[1];
};

/** Who attests, in words: "Acme Audits, 0x12…ab34 and the brand itself". */
export function sayMembers(members: readonly string[]): string {
  const called = members.map((one) => nameOfAttester(one) ?? shortAddress(one));
  return new Intl.ListFormat("en", { type: "conjunction" }).format(called);
}
