/** What fuzzers share: the seed that plays a run again, how long it goes on, and how many inputs there were. */
import fc from "fast-check";

const given = process.env.FUZZ_SEED;
/** FUZZ_SEED, or one that nobody chose. */
export const SEED = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
if (!Number.isInteger(SEED)) throw new Error(`FUZZ_SEED is ${given}: give a whole number.`);

/** So many seconds each of `parts` properties is tried: of FUZZ_SECONDS its part, or `otherwise`. */
export function secondsOf(parts: number, otherwise: number): number {
  const all = process.env.FUZZ_SECONDS;
  if (all === undefined) return otherwise;
  if (!(Number(all) > 0)) throw new Error(`FUZZ_SECONDS is ${all}: give a number of seconds.`);
  return Number(all) / parts;
}

/** Tries a property until its time is over. @returns over how many inputs @throws the smallest input that it does not hold for */
export async function tryFor<T>(seconds: number, property: fc.IAsyncProperty<T>): Promise<number> {
  const options = { seed: SEED, numRuns: 100_000_000, interruptAfterTimeLimit: seconds * 1_000 };
  const run = await fc.check(property, { ...options, markInterruptAsFailure: false });
  if (run.failed)
    throw new Error(fc.defaultReportMessage(run) ?? "A property does not hold.", { cause: run.errorInstance });
  return run.numRuns;
}

/** Says it where `npm run fuzz` reads it. */
export function sayInputs(fuzzer: string, inputs: number): void {
  if (process.env.FUZZ_SECONDS !== undefined) console.log(`fuzzed ${fuzzer}: ${inputs} inputs of seed ${SEED}`);
}
