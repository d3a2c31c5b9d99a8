/** What an audit checks, how often each check was made, and what it found. */

export const CHECKS = {
  numbers: "Conversion numbers run from 1 without a gap",
  leaves: "Every conversion is in its batch's root",
  lines: "Every line is the sum of its conversions",
  roots: "The lines have the root and the sum that were signed",
  keys: "No conversion key stands under two numbers",
  offers: "Every line paid follows the published offers",
  conditions: "Every offer that paid could, by the published conditions",
  rates: "Every sale in its own currency was converted by its rate",
  bonuses: "Every bonus was earned, and every one earned is there",
  kinds: "Every partner paid had a payable kind",
  periods: "Every line paid is within its offer's validity",
  reversals: "Every reversal only lowers, by what it says",
  releases: "Every release pays what the lines say",
  refusals: "Every line refused does not hold, and gave back its worth",
  marks: "The contract's marks are the lines that were settled",
  balances: "The contract's balances are what the events add up to",
  descriptions: "Every announced description is served as announced",
  shown: "What is shown of campaign, batches and partners is so",
  receipts: "Every receipt was kept, or is still in time",
} as const;
export type CheckName = keyof typeof CHECKS;

/** What was checked, how often, and what is not as it should be. */
export interface Finding {
  readonly name: CheckName;
  readonly title: string;
  readonly checked: number;
  readonly failed: number;
  /** The first of them, in words. */
  readonly differences: readonly string[];
  /** How often it could not be checked, and why, the first of them. */
  readonly unchecked: number;
  readonly left: readonly string[];
}

/** More differences of one check than these are counted, not kept. */
const MAX_KEPT = 1_000;

interface Counted {
  checked: number;
  failed: number;
  differences: string[];
  unchecked: number;
  left: string[];
}

/** The findings of an audit while it goes on. */
export class Findings {
  readonly #found = new Map(
    (Object.keys(CHECKS) as CheckName[]).map((name) => [
      name,
      { checked: 0, failed: 0, differences: [] as string[], unchecked: 0, left: [] as string[] },
    ]),
  );

  #of(name: CheckName) {
    return this.#found.get(name) as Counted;
  }

  count(name: CheckName, times = 1): void {
    this.#of(name).checked += times;
  }

  differ(name: CheckName, difference: string): void {
    const finding = this.#of(name);
    finding.failed++;
    if (finding.differences.length < MAX_KEPT) finding.differences.push(difference);
  }

  /** What could not be checked, and why: it counts as nothing. */
  leave(name: CheckName, why: string): void {
    const finding = this.#of(name);
    finding.unchecked++;
    if (finding.left.length < MAX_KEPT) finding.left.push(why);
  }

  /** Counts one check, and a difference if there is one. */
  expect(name: CheckName, right: boolean, difference: () => string): void {
    this.count(name);
    if (!right) this.differ(name, difference());
  }

  list(): Finding[] {
    return [...this.#found].map(([name, finding]) => ({ name, title: CHECKS[name], ...finding }));
  }
}
