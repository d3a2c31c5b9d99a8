/** The one database of a process: PostgreSQL, or PGlite where none is named. */
import { mkdirSync } from "node:fs";
import { type Transaction as LiteTransaction, PGlite, types } from "@electric-sql/pglite";
import pg from "pg";
import Postgrator from "postgrator";
import { RetryableError } from "./errors.ts";

/** Runs SQL. bigint and numeric columns are bigint, timestamps Date, JSON parsed. */
export interface Sql {
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

export interface Transaction extends Sql {
  /**
   * Ends the transaction with what was asked for before, on its way together with it. That has to be waited for as well: if it
   * failed, nothing is written, and only it tells why. Without this the transaction ends when its work is done.
   */
  commit(): Promise<void>;
}

export interface Database extends Sql {
  /** All of `work` or nothing of it. Queries that it does not wait for one by one are on their way together, and run in their order. */
  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T>;
  /**
   * Whether this process leads: of all that share the database one at a time does, until it ends or loses its connection. What
   * leaders do has to be right even if two believe so for a moment.
   */
  lead(): Promise<boolean>;
  /**
   * How often this process began to lead. When it begins anew the database may be another one than before: a replica that was
   * behind, or one that was restored.
   */
  term(): number;
  close(): Promise<void>;
}

/** The database does not answer, or the connection to it broke: nobody knows whether what was asked for was done. */
export class DatabaseAway extends RetryableError {
  override readonly name = "DatabaseAway";
}

/** What the server itself says stays as it is; anything else that the driver fails with is the way to it. */
function throughDriver(error: unknown): never {
  if (error instanceof pg.DatabaseError || error instanceof TypeError || !(error instanceof Error)) throw error;
  throw new DatabaseAway(`The database does not answer: ${error.message}`, { cause: error });
}

/** A PostgreSQL at `url`, or without one the embedded PGlite in `dataDir`, with the migrations in the folder `migrations` applied. */
export async function openDatabase(
  options: { readonly url?: string | undefined; readonly dataDir: string },
  migrations: string,
): Promise<Database> {
  return options.url === undefined ? openEmbedded(options.dataDir, migrations) : openPostgres(options.url, migrations);
}

async function openEmbedded(dataDir: string, migrations: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true });
  const lite = await PGlite.create(dataDir, {
    parsers: { [types.INT8]: BigInt, [types.NUMERIC]: BigInt },
  });
  const over = (driver: PGlite | LiteTransaction): Sql => ({
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      return (await driver.query<Row>(text, [...parameters])).rows;
    },
  });
  await migrate(
    migrations,
    (text) => lite.query(text),
    async (text) => void (await lite.exec(text)),
  );
  return {
    ...over(lite),
    transaction: (work) => lite.transaction((tx) => work({ ...over(tx), commit: async () => {} })),
    // Its files belong to one process.
    lead: async () => true,
    term: () => 1,
    close: () => lite.close(),
  };
}

async function openPostgres(url: string, migrations: string): Promise<Database> {
  const { builtins } = pg.types;
  const typed = {
    getTypeParser: ((id: number, format?: "text" | "binary") =>
      id === builtins.INT8 || id === builtins.NUMERIC
        ? BigInt
        : pg.types.getTypeParser(id, format as "text")) as typeof pg.types.getTypeParser,
  };
  const pool = new pg.Pool({
    connectionString: url,
    types: typed,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A query is sent before the one ahead of it is answered.
    pipeline: true,
  });
  // A connection that breaks fails what was asked of it and is replaced by the pool; without a listener it would end the process,
  // whether it was idle or in the midst of a transaction.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    // What is asked here is answered in less time than a compiler takes. A connection that cannot be told so is as good.
    client.query("SET jit = off").catch(() => {});
  });
  const over = (driver: pg.Pool | pg.PoolClient): Sql => ({
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      return (await driver.query(text, [...parameters]).catch(throughDriver)).rows as Row[];
    },
  });
  const client = await pool.connect();
  try {
    // Several relayers may start at once on one database.
    await client.query("SELECT pg_advisory_lock(hashtext('partner-programs migrations'))");
    await migrate(
      migrations,
      (text) => client.query(text),
      async (text) => void (await client.query(text)),
    );
    await client.query("SELECT pg_advisory_unlock(hashtext('partner-programs migrations'))");
  } finally {
    client.release();
  }
  let leader: pg.Client | undefined;
  let terms = 0;
  let asking: Promise<boolean> | undefined;

  async function lead(): Promise<boolean> {
    if (leader !== undefined) {
      // The lock lives as long as the connection.
      const alive = await leader.query("SELECT 1").then(
        () => true,
        () => false,
      );
      if (alive) return true;
      leader = undefined;
    }
    const candidate = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
    candidate.on("error", () => {});
    await candidate.connect();
    const { rows } = await candidate.query("SELECT pg_try_advisory_lock(hashtext('partner-programs leader')) AS mine");
    if (rows[0]?.mine === true) {
      leader = candidate;
      terms++;
    } else await candidate.end();
    return leader !== undefined;
  }

  return {
    ...over(pool),
    term: () => terms,
    lead() {
      // Asked by several at once, one connection is enough.
      asking ??= lead().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    async transaction(work) {
      const connection = await pool.connect().catch(throughDriver);
      let ended = false;
      const sql = over(connection);
      // One that failed may still be at it elsewhere: what it asks for now would be outside of the transaction.
      const guarded: Transaction = {
        query: async (...query) => {
          if (ended) throw new Error("The transaction has ended.");
          return sql.query(...query);
        },
        async commit() {
          if (ended) return;
          ended = true;
          await connection.query("COMMIT").catch(throughDriver);
        },
      };
      try {
        const [, result] = await Promise.all([connection.query("BEGIN").catch(throughDriver), work(guarded)]);
        await guarded.commit();
        connection.release();
        return result;
      } catch (error) {
        ended = true;
        await connection.query("ROLLBACK").then(
          () => connection.release(),
          (broken) => connection.release(broken),
        );
        throw error;
      }
    },
    async close() {
      await leader?.end().catch(() => {});
      await pool.end();
    },
  };
}

async function migrate(
  folder: string,
  execQuery: (text: string) => Promise<{ rows: unknown[] }>,
  execSqlScript: (text: string) => Promise<void>,
): Promise<void> {
  const postgrator = new Postgrator({
    migrationPattern: `${folder}/*.sql`,
    driver: "pg",
    database: "",
    schemaTable: "schema_version",
    execQuery: execQuery as never,
    execSqlScript,
  });
  await postgrator.migrate();
}
