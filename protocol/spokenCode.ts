/** The one spelling of a code that a customer says or types: the same for who reports it and for who checks it. */

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
