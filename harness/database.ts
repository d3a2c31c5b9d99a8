/**
 * Databases for tests and benchmarks, quickly: a new PGlite takes seconds of CPU time to initialise and to migrate, and a copy of
 * one that was made before takes none.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findWrongSums } from "#scripts/backup/sums.ts";
import { type Database, openDatabase } from "#service/database.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
/** Where what was made once is kept: beside the compiler's cache, and as easily thrown away. */
const KEPT = join(ROOT, "cache/databases");

/** Nobody promises that a database's days are UTC's: half of them fall on another date here, 13 hours ahead. */
const TIME_ZONE = "Pacific/Chatham";

export const RELAYER_MIGRATIONS = join(ROOT, "relayer/store/migrations");
export const ATTESTER_MIGRATIONS = join(ROOT, "attester/store/migrations");

/**
 * A new database in `folder`, or in the PostgreSQL at `url`, with `migrations` applied. Closing a relayer's fails if a sum that it keeps
 * is wrong: whatever is done to it in a test, that is checked.
 */
export async function newDatabase(
  { url, folder }: { readonly url?: string | undefined; readonly folder: string },
  migrations: string,
): Promise<Database> {
  if (url === undefined) await prepareDatabase(folder, migrations);
  const database = await openDatabase({ url, dataDir: folder }, migrations);
  // The embedded one has one session.
  if (url === undefined) await database.query(`SET TIME ZONE '${TIME_ZONE}'`);
  if (migrations !== RELAYER_MIGRATIONS) return database;
  return {
    ...database,
    async close() {
      const wrong = await findWrongSums(database);
      await database.close();
      if (wrong.length > 0) throw new Error(`Sums are not kept: ${JSON.stringify(wrong.slice(0, 5))}`);
    },
  };
}

/** Puts a new PGlite with `migrations` applied into `folder`, for a process to open; one that is there stays. */
export async function prepareDatabase(folder: string, migrations: string): Promise<void> {
  if (existsSync(join(folder, "PG_VERSION"))) return;
  cpSync(await template(migrations), folder, { recursive: true });
}

async function template(migrations: string): Promise<string> {
  const made = join(KEPT, fingerprint(migrations));
  if (existsSync(made)) return made;
  mkdirSync(KEPT, { recursive: true });
  const making = mkdtempSync(join(KEPT, "making-"));
  await (await openDatabase({ dataDir: making }, migrations)).close();
  try {
    renameSync(making, made);
  } catch (error) {
    // Another process made it meanwhile: a folder that is not empty is not replaced.
    if (!existsSync(made)) throw error;
    rmSync(making, { recursive: true });
  }
  return made;
}

/** Names what a database is made of: PGlite's version, and every migration. */
function fingerprint(migrations: string): string {
  const hash = createHash("sha256");
  const manifest = createRequire(import.meta.url)
    .resolve("@electric-sql/pglite")
    .replace(/dist\/.*$/, "package.json");
  hash.update(JSON.parse(readFileSync(manifest, "utf8")).version);
  for (const file of readdirSync(migrations).sort())
    hash.update(`\0${file}\0`).update(readFileSync(join(migrations, file)));
  return hash.digest("hex").slice(0, 32);
}
