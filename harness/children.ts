/**
 * Children that do not outlive us. No handler runs in a process that is killed hard, so a small process beside it, the warden, waits
 * for its end and ends them: one for each process that has children, from the first child on.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";

const WARDEN = fileURLToPath(new URL("warden.ts", import.meta.url));

let told: Socket | undefined;

function warden(): Socket {
  if (told !== undefined) return told;
  // A group of its own: what ends ours, as Ctrl-C does, leaves it to do its work. Nothing but its input is shared with it.
  const child = spawn(process.execPath, [WARDEN], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  told = child.stdin as Socket;
  told.unref();
  return told;
}

/** Ends `child` should we end before it; `group`: with all that it started, where it was started as a group of its own (detached). */
export function endWithUs(child: ChildProcess, { group = false } = {}): void {
  // One that could not be started has none, and says so itself.
  if (child.pid === undefined) return;
  const target = group ? -child.pid : child.pid;
  const input = warden();
  input.write(`+ ${target}\n`);
  child.once("exit", () => input.write(`- ${target}\n`));
}

/** Calls `end` when the process that started us is gone. */
export function onceOrphaned(end: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}
