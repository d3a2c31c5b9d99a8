/** Codes that a customer says or types: the same one whatever it is heard as. */
import { randomInt } from "node:crypto";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";

/** Nothing that is read or heard as another. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH = 7;

/** What somebody typed, as it is looked up: what can be no code is one that nobody has. */
export const typedName = (typed: string): string => canonicalCode(typed) ?? typed;

/** A new code: 7 characters, 2.7e10 of them. */
export function newSpokenCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
