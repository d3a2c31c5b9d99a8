/** A span of days, as queries name it. */
import { Problem } from "#service/problem.ts";
import { day } from "./schemas.ts";

export const DAY = 86_400_000;
const MAX_DAYS = 366;
/** Without `from`, with the last one. */
const DEFAULT_DAYS = 30;

export const days = { from: day.optional(), to: day.optional() };

/** Days in UTC, both included when asked for; `to` is the day after, here. @throws Problem 400 */
export function toDays({ from, to }: { from?: string | undefined; to?: string | undefined }): {
  from: string;
  to: string;
} {
  const last = Date.parse(to ?? new Date().toISOString().slice(0, 10));
  const first = from === undefined ? last - (DEFAULT_DAYS - 1) * DAY : Date.parse(from);
  if (first > last) throw new Problem(400, `from ${from} is after to ${to}. Exchange them.`);
  if (last - first >= MAX_DAYS * DAY) throw new Problem(400, `These are more than ${MAX_DAYS} days. Ask for fewer.`);
  const text = (time: number) => new Date(time).toISOString().slice(0, 10);
  return { from: text(first), to: text(last + DAY) };
}
