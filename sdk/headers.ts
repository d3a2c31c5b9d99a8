/** A header of whatever a framework calls headers: names in any case, `Headers` of any implementation, `Map`, pairs, plain objects. */

export type HeadersLike =
  | Headers
  | Iterable<readonly [string, unknown]>
  | Readonly<Record<string, string | readonly string[] | undefined>>
  /** `Headers` of another implementation than the runtime's. */
  | { get(name: string): string | null | undefined };

/** Several values of one name are joined, as a request's cookies may be. Undefined if there is none. */
export function headerOf(headers: HeadersLike, name: string): string | undefined {
  const { get } = headers as { get?: unknown };
  // As a method: implementations keep their values in private fields.
  if (typeof get === "function") {
    const value = (headers as Headers).get(name);
    if (value) return String(value);
  }
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  const values = [...(pairs as Iterable<readonly [string, unknown]>)]
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value)
    .filter((value) => value !== undefined && value !== null);
  return values.length === 0 ? undefined : values.join("; ");
}
