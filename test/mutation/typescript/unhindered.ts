import { readFileSync } from "node:fs";

/**
 * A clock that stands still while a process waits for a processor that others hold, in milliseconds: a busy machine is no fault, and
 * whoever hangs does so by this clock as well. It looks at the thread that runs the tests. Where the kernel does not say how long that
 * waited, it is the wall's clock.
 */
export function unhindered(pid: number | "self" = "self"): number {
  return performance.now() - waitedNanoseconds(pid) / 1e6;
}

function waitedNanoseconds(pid: number | "self"): number {
  try {
    // Time computed, time waited to compute, turns.
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]);
  } catch {
    return 0;
  }
}
