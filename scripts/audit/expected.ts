/** What somebody shows beside what it should be: field by field, in words. */

/** A value that is right if it is one of several, and how that is said. */
export class OneOf {
  readonly values: readonly unknown[];
  constructor(...values: readonly unknown[]) {
    this.values = values;
  }
}

/** What each field should be; a field that is not named here is its author's own word. */
export type Expected = Readonly<Record<string, unknown>>;

/** The order of names in JSON says nothing. */
function toText(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "missing"
  );
}

const MAX_SHOWN = 120;
const shorten = (text: string) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** @param where in words; begins the sentence @returns a sentence for each field that is another */
export function differences(where: string, shown: unknown, expected: Expected): string[] {
  if (typeof shown !== "object" || shown === null) return [`${where} is ${shorten(toText(shown))}.`];
  return Object.entries(expected).flatMap(([name, right]) => {
    const said = toText((shown as Record<string, unknown>)[name]);
    const rights = (right instanceof OneOf ? right.values : [right]).map(toText);
    if (rights.includes(said)) return [];
    return [`${where}: ${name} is ${shorten(said)}; by the chain it is ${rights.map(shorten).join(" or ")}.`];
  });
}
