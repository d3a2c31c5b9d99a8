import { randomInt } from "node:crypto";

/** No 0/O, 1/l/I, no vowels (no words by accident). */
const ALPHABET = "23456789bcdfghjkmnpqrstvwxz";
const LENGTH = 8;

/** A new invite code: 8 characters without look-alikes, 2.8e11 of them. */
export function newInviteCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
