/** Targets in plain words: apart from what they are, for pages say them that check none. */
import type { Target } from "./targets.ts";

/** A step in plain words: `10 conversions and a volume of 500`. */
export const describeStep = ({
  conversions,
  volume,
}: Pick<Target["steps"][number], "conversions" | "volume">): string =>
  [
    conversions === undefined ? undefined : `${conversions} ${conversions === 1 ? "conversion" : "conversions"}`,
    volume === undefined ? undefined : `a volume of ${volume}`,
  ]
    .filter((part) => part !== undefined)
    .join(" and ");

const PERIOD_WORDS = { month: "a month", quarter: "a quarter", year: "a year", once: "in all" } as const;

/** A target in plain words. */
export function describeTarget({ period, counts, steps, pays }: Target): string {
  const of = counts.map((name) => `“${name}”`).join(", ");
  const said = steps.map((one) => `${one.bonus} for ${describeStep(one)}`).join("; ");
  const which = steps.length === 1 ? "" : pays === "each" ? ", each that is reached" : ", the highest that is reached";
  return `${said} of ${of} ${PERIOD_WORDS[period]}${which}`;
}
