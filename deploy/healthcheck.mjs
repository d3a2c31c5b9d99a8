/** Asks the process of this container whether it runs: one image, three processes. */
import { readFileSync } from "node:fs";

/** Where each listens unless PORT says otherwise. */
const PORTS = { relayer: 8787, portal: 8788, attester: 8789 };

// What the container was started with, an init in front of it or not.
const [, room] = /\b(relayer|portal|attester)\/main\.ts/.exec(readFileSync("/proc/1/cmdline", "utf8")) ?? [];
const port = process.env.PORT || PORTS[room];

try {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}/healthz`);
  if (!ok) throw new Error(`/healthz answers ${status}.`);
} catch (error) {
  console.error(`Port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
