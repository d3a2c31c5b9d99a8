/**
 * Outlives the process that started it, and ends what that one left behind. Told on its standard input: `+ 123` and `- 123`, a process
 * (below zero: a group of them) that began and one that ended. The input ends when its writer does, however hard it was killed.
 */
import { createInterface } from "node:readline";

const running = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const [word, target] = line.split(" ");
  if (word === "+") running.add(Number(target));
  else running.delete(Number(target));
}
for (const target of running)
  try {
    process.kill(target, "SIGKILL");
  } catch (error) {
    // It ended as well, and there was nobody to say so.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
