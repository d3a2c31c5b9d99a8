/** Pages of a list by the ids of its rows, in either direction: each by the index that the other one has. */

export type Sort = "newest" | "oldest";

/** So many rows whose ids are beyond `from`: lower ones, newest first, or higher ones, oldest first. */
export interface Page {
  readonly sort: Sort;
  readonly from: bigint;
  readonly limit: number;
}

export const beyond = ({ sort }: Page): "<" | ">" => (sort === "newest" ? "<" : ">");
export const direction = ({ sort }: Page): "DESC" | "ASC" => (sort === "newest" ? "DESC" : "ASC");
