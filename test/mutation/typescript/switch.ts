/** Which fault is on, and which places of faults were passed. Instrumented source asks it, by the name `$mutation`. */
class Switch {
  /** The number of the fault that is on; 0: none. */
  on = 0;
  /** The numbers of faults that could have been on; undefined: nobody asks. */
  passed: Set<number> | undefined;

  hit(...numbers: number[]): number {
    if (this.passed !== undefined) for (const number of numbers) this.passed.add(number);
    return this.on;
  }
}

export const mutation = new Switch();
Object.assign(globalThis, { $mutation: mutation });
