/** What failed in the background of a test's relayer, and the lines that were logged of it. */
import { pino } from "pino";
import { createFailures, type Failures } from "#relayer/failures.ts";

export function openFailures(): { readonly failures: Failures; readonly logged: readonly Record<string, unknown>[] } {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  return { failures: createFailures(log), logged };
}
