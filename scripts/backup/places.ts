/** Where the database is that is backed up or restored, as the process's own variables say, and how it is opened for that alone. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { PGlite, types } from "@electric-sql/pglite";
import pg from "pg";
import type { Sql } from "#service/database.ts";

/** A PostgreSQL, or the folder of an embedded database. */
export type Place = { readonly url: string } | { readonly folder: string };

/** DATABASE_URL wins, as it does for the processes themselves. @throws Error if neither is named */
export function placeOf({ DATABASE_URL, DATA_DIR }: NodeJS.ProcessEnv): Place {
  if (DATABASE_URL) return { url: DATABASE_URL };
  if (DATA_DIR) return { folder: DATA_DIR };
  throw new Error("Set DATABASE_URL, or DATA_DIR where the database is embedded, as the relayer or attester has it.");
}

export interface Opened extends Sql {
  close(): Promise<void>;
}

/** One connection, without migrations. */
export async function connect(url: string): Promise<Opened> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  // While a dump runs nothing is asked over it: a connection that ends then fails the next query, and not the process.
  client.on("error", () => {});
  client.setTypeParser(pg.types.builtins.INT8, BigInt);
  client.setTypeParser(pg.types.builtins.NUMERIC, BigInt as never);
  await client.connect();
  // A server may end what idles, and a transaction that does: this one holds a snapshot until all is dumped.
  await client.query(
    `SELECT set_config(name, '0', false) FROM pg_settings
     WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout')`,
  );
  return {
    query: async <Row>(text: string, parameters: readonly unknown[] = []) =>
      (await client.query(text, [...parameters])).rows as Row[],
    close: () => client.end(),
  };
}

export interface OpenedFolder extends Opened {
  dump(): Promise<Uint8Array>;
}

/** The folder's files belong to one process: whoever works with them has to be stopped. */
export async function openFolder(folder: string, content?: Blob): Promise<OpenedFolder> {
  const lite = await PGlite.create(folder, {
    parsers: { [types.INT8]: BigInt, [types.NUMERIC]: BigInt },
    ...(content === undefined ? {} : { loadDataDir: content }),
  });
  return {
    query: async <Row>(text: string, parameters: readonly unknown[] = []) =>
      (await lite.query<Row>(text, [...parameters])).rows,
    close: () => lite.close(),
    dump: async () => new Uint8Array(await (await lite.dumpDataDir("gzip")).arrayBuffer()),
  };
}

export const isFolderEmpty = (folder: string) => !existsSync(folder) || readdirSync(folder).length === 0;

/** Runs one of PostgreSQL's programs. The database's URL goes by the environment: arguments are seen by everybody on the machine. */
export function runProgram(program: string, args: readonly string[], url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...libpqOf(url) },
      stdio: ["ignore", "inherit", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => {
      said = (said + piece.toString()).slice(-2_000);
    });
    child.on("error", () =>
      reject(
        new Error(`${program} is not here: install PostgreSQL's client programs, of the server's version or later.`),
      ),
    );
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} failed (${code}): ${said.trim()}`)),
    );
  });
}

/** A URL as libpq's variables; parameters of the URL as well (`sslmode`). */
function libpqOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const given = {
    PGHOST: searchParams.get("host") ?? decodeURIComponent(hostname),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get("sslmode") ?? "",
    PGSSLROOTCERT: searchParams.get("sslrootcert") ?? "",
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
}
