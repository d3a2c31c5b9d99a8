/** Source in which all faults of a file are at once, and a switch says which of them is on. */
import type { Mutant } from "./operators.ts";

/** What the switch is called in instrumented source: see `switch.ts`. */
const SWITCH = "$mutation";

/** A mutant with the number by which it is switched on, from 1. */
export interface Numbered {
  readonly number: number;
  readonly mutant: Mutant;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly statement: boolean;
  readonly mutants: Numbered[];
}

export function instrument(source: string, mutants: readonly Numbered[]): string {
  const places = new Map<string, Place>();
  for (const one of mutants) {
    const { start, end, statement } = one.mutant;
    const key = `${start} ${end} ${statement}`;
    const place = places.get(key) ?? { start, end, statement, mutants: [] };
    place.mutants.push(one);
    places.set(key, place);
  }
  // Outer before inner; a statement before the expression that it consists of.
  const ordered = [...places.values()].sort(
    (a, b) => a.start - b.start || b.end - a.end || Number(b.statement) - Number(a.statement),
  );
  let next = 0;

  /** source[from, to) with the places that begin in it. */
  function emit(from: number, to: number): string {
    let text = "";
    let at = from;
    for (let place = ordered[next]; place !== undefined && place.start < to; place = ordered[next]) {
      next++;
      text += source.slice(at, place.start) + wrap(place);
      at = place.end;
    }
    return text + source.slice(at, to);
  }
  function wrap(place: Place): string {
    const original = emit(place.start, place.end);
    const numbers = place.mutants.map(({ number }) => number);
    const hit = `${SWITCH}.hit(${numbers.join()})`;
    if (place.statement) return `{ if (${hit} === ${numbers[0]}) {} else { ${original} } }`;
    const choices = place.mutants.map(({ number, mutant }) => `${SWITCH}.on === ${number} ? (${mutant.mutant}) : `);
    return `(${choices.join("")}(${hit}, (${original})))`;
  }
  return emit(0, source.length);
}
