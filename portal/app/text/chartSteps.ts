/** The round numbers beside a chart. */

const MAX_STEPS = 5;

/** From 0 to the first round number that is not below `most`, in at most five steps of 1, 2 or 5 times a power of ten. */
export function niceSteps(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(most / MAX_STEPS));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => most / size <= MAX_STEPS) ?? 10 * power;
  const count = Math.ceil(most / step - 1e-9);
  // Counted, and not added up: tenths add up to no round number.
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
