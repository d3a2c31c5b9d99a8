/** Of a Unix time in seconds, or of an ISO date. */
export function dateText(when: number | bigint | string, style: "day" | "minute" | "second" = "minute"): string {
  const date = typeof when === "string" ? new Date(when) : new Date(Number(when) * 1000);
  const options: Intl.DateTimeFormatOptions =
    style === "day"
      ? { dateStyle: "medium" }
      : { dateStyle: "medium", timeStyle: style === "minute" ? "short" : "medium" };
  return new Intl.DateTimeFormat(undefined, options).format(date);
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** "14 days", "1 hour 30 minutes": in the two largest units; roughly, in the largest alone. */
export function durationText(seconds: number | bigint, exactness: "exact" | "rough" = "exact"): string {
  const most = exactness === "exact" ? 2 : 1;
  const total = Math.max(0, Math.round(Number(seconds)));
  const parts: string[] = [];
  let left = total;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    if (count === 0 || parts.length === most) continue;
    parts.push(new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(count));
    left -= count * size;
  }
  return parts.length === 0
    ? new Intl.NumberFormat(undefined, { style: "unit", unit: "second", unitDisplay: "long" }).format(0)
    : parts.join(" ");
}

/** "in 3 hours", "2 days ago". */
export function whenText(unixSeconds: number | bigint, now = Date.now() / 1000): string {
  const difference = Number(unixSeconds) - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(difference) >= size) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(difference / size), unit);
}
