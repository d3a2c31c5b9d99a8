/** Long work in small steps: done at once, or in slices between which others have their turn. */

/** Steps of some microseconds each: so a slice takes some milliseconds. */
const STEPS = 500;

export function toEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Waits for `breathe` after every slice. */
export async function toEndInSlices<T>(steps: Generator<void, T>, breathe: () => Promise<void>): Promise<T> {
  for (let taken = 1; ; taken++) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (taken % STEPS === 0) await breathe();
  }
}
