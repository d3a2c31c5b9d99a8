/** A place in JSON: a singular query of RFC 9535, `$.data.items[0]['unit price']`, which names one value or none. */

const NAME = /^\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)/;
const QUOTED = /^\[(?:'([^'\\\p{Cc}]{0,100})'|"([^"\\\p{Cc}]{0,100})")\]/u;
const INDEX = /^\[(0|-?[1-9]\d{0,5})\]/;
const MAX_STEPS = 16;

type Step = string | number;

/** The steps from the root; undefined: it is no such path. */
export function stepsOf(path: string): readonly Step[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: Step[] = [];
  let rest = path.slice(1);
  while (rest !== "") {
    const [name, index] = [NAME.exec(rest) ?? QUOTED.exec(rest), INDEX.exec(rest)];
    const found = name ?? index;
    if (found === null || steps.length === MAX_STEPS) return undefined;
    steps.push(name === null ? Number(found[1]) : (found[1] ?? found[2] ?? ""));
    rest = rest.slice(found[0].length);
  }
  return steps;
}

/** What stands there; undefined: nothing does. */
export function valueAt(body: unknown, path: string): unknown {
  const steps = stepsOf(path);
  if (steps === undefined) return undefined;
  let at = body;
  for (const step of steps) {
    if (typeof step === "number") at = Array.isArray(at) ? at.at(step) : undefined;
    else if (typeof at !== "object" || at === null || Array.isArray(at) || !Object.hasOwn(at, step)) return undefined;
    else at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}
