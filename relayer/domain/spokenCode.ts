/** Codes that a customer says or types: the same one whatever it is heard as. */
import { randomInt } from "node:crypto";

/** Nothing that is read or heard as another. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH = 7;

/** What stands between letters without being one: blanks, hyphens, full stops, marks that nobody sees. */
const BETWEEN = /[\s\p{Cf}\p{Pd}_.·'’]/gu;
const LOOK_ALIKES: Readonly<Record<string, string>> = { O: "0", I: "1", L: "1" };
const CODE = /^[A-Z0-9]{3,24}$/;
const MAX_TYPED = 200;

/**
 * A code as it is looked up: capitals, without blanks and hyphens, with 0 for O and 1 for I and L. `spring-24`, `Spring 24` and
 * `SPR1NG24` are one. undefined: it can be no code.
 */
export function canonicalCode(typed: string): string | undefined {
  if (typed.length > MAX_TYPED) return undefined;
  const plain = typed.normalize("NFKC").toUpperCase().replace(BETWEEN, "");
  const name = plain.replace(/[OIL]/g, (letter) => LOOK_ALIKES[letter] as string);
  return CODE.test(name) ? name : undefined;
}

/** What somebody typed, as it is looked up: what can be no code is one that nobody has. */
export const typedName = (typed: string): string => canonicalCode(typed) ?? typed;

/** A new code: 7 characters, 2.7e10 of them. */
export function newSpokenCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
