/** The brand's objectives, where their sentence says what is to be counted. */
import type { ReportRow } from "../api/schema.d.ts";
import { DAY_MS, dayOf } from "./series.ts";

const COUNTED = /^\s*([\d.,\s]*\d)\s*(?:×|x)?\s*([\x21-\x7e]{1,24})\s+(?:in|within)\s+(\d{1,3})\s+days?\b/i;

/** "500 signup in 90 days": how many of the event there were in the last so many days. Undefined for other sentences. */
export function progressOf(
  objective: string,
  byEvent: readonly ReportRow[],
  now = Date.now(),
): { wanted: number; reached: number } | undefined {
  const [, number = "", event = "", days = ""] = COUNTED.exec(objective) ?? [];
  const wanted = Number(number.replace(/[.,\s]/g, ""));
  if (event === "" || !(wanted > 0)) return undefined;
  const since = dayOf(now - (Number(days) - 1) * DAY_MS);
  const rows = byEvent.filter((row) => row.group === event && row.day >= since);
  return { wanted, reached: rows.reduce((sum, row) => sum + row.conversions, 0) };
}
