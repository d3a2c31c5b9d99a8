/** Pages of a list by the ids of its rows, in either direction: each by the index that the other one has. */

export type Sort = "newest" | "oldest";

/** Behind every id. */
export const MAX_ID = 2n ** 63n - 1n;

/** So many rows whose ids are beyond `from`: lower ones, newest first, or higher ones, oldest first. */
export interface Page {
  readonly sort: Sort;
  readonly from: bigint;
  readonly limit: number;
}

export const beyond = ({ sort }: Page): "<" | ">" => (sort === "newest" ? "<" : ">");
export const direction = ({ sort }: Page): "DESC" | "ASC" => (sort === "newest" ? "DESC" : "ASC");

/**
 * A condition: `column` is `key`. Said so that rows ordered by the column and their id are found by the index of both. Of `=` PostgreSQL
 * knows that the column says nothing of the order, and it may go through all rows by their id instead, hoping to meet some soon.
 */
export const keyIs = (column: string, key: string): string => `${column} >= ${key} AND ${column} <= ${key}`;

/**
 * Conditions of what is asked for, as far as it is given: `given` makes one, with the places of its values in the statement, and adds
 * these to `values`.
 */
export function conditionsInto(values: unknown[]) {
  return (condition: (...places: string[]) => string, ...given: readonly unknown[]): string[] =>
    given.includes(undefined) ? [] : [condition(...given.map((value) => `$${values.push(value)}`))];
}
