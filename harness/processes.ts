/** Child processes of the local world: started until ready, logged, and ended in order. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { endWithUs } from "./children.ts";

/** Only what hangs takes so long: a process that ends is noticed at once, and a busy machine is slow. */
const READY_SECONDS = 180;

/** A child process of the local stack. Its output goes to a log file. */
export interface Running {
  readonly name: string;
  readonly log: string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Ends it and waits until it is gone: asked first, killed if it does not listen within five seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `node …args` as a child and waits until `ready` says so. @throws Error with the end of its log if it does not get ready. */
export async function start(
  name: string,
  args: readonly string[],
  options: {
    readonly env: Record<string, string>;
    readonly log: string;
    readonly ready: () => Promise<boolean>;
    readonly cwd: string;
  },
): Promise<Running> {
  const output = openSync(options.log, "a");
  const child: ChildProcess = spawn(process.execPath, [...args], {
    cwd: options.cwd,
    env: { ...inherited(), ENV_FILE: "", ...options.env },
    stdio: ["ignore", output, output],
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we end the children in order.
    detached: true,
  });
  endWithUs(child, { group: true });
  closeSync(output);
  // So that the next start can end what this one, should it be killed, leaves behind.
  if (child.pid !== undefined) writeFileSync(options.log.replace(/\.log$/, ".pid"), String(child.pid));
  let gone: number | string | undefined;
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  ended.then((how) => {
    gone = how;
  });
  const running: Running = {
    name,
    log: options.log,
    ended,
    async stop(signal = "SIGTERM") {
      if (gone !== undefined) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
  const until = Date.now() + READY_SECONDS * 1000;
  while (!(await options.ready().catch(() => false))) {
    if (gone !== undefined)
      throw new Error(
        `The ${name} ended (${gone}) instead of starting. The end of ${options.log}:\n${tail(options.log)}`,
      );
    if (Date.now() > until) {
      await running.stop("SIGKILL");
      throw new Error(
        `The ${name} was not ready within ${READY_SECONDS} seconds. The end of ${options.log}:\n${tail(options.log)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return running;
}

/** What a child may know of our environment: enough to run, and none of our settings by accident. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "SOLC_PATH", "CRASH_AT", "NODE_COMPILE_CACHE"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] as string]])),
  );
}

export function tail(file: string, lines = 15): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

/** Whether nothing listens on the port. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
