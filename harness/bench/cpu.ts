/** What CPU time processes took that are not ours to ask, as Linux tells of each. */
import { readdirSync, readFileSync } from "node:fs";

/** Of the times in /proc. */
const TICKS_A_SECOND = 100;

/** Microseconds of CPU that a process and the children that it has now took, and those that it had. @throws Error but on Linux */
export function microsecondsOf(pid: number): number {
  let ticks = 0;
  for (const other of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(other);
    if (fields === undefined) continue;
    // As `man proc` counts from 1: 4 is the parent, 14 and 15 its own user and system time, 16 and 17 those of children that ended.
    const [parent, user, system, ofUser, ofSystem] = [4, 14, 15, 16, 17].map((place) => Number(fields[place - 3]));
    if (Number(other) === pid) ticks += (ofUser as number) + (ofSystem as number);
    else if (parent !== pid) continue;
    ticks += (user as number) + (system as number);
  }
  return (ticks / TICKS_A_SECOND) * 1e6;
}

/** The fields of a process from the third on; undefined for one that ended. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second is a name in brackets, which may have anything in it.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
