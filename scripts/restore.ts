/** `npm run restore`: a backup into a database that is new, whole or not at all, and compared with what was backed up. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { processEnvironment } from "#service/environment.ts";
import { fail } from "#service/process.ts";
import { countOthers, difference, type Inventory, isEmpty, takeInventory } from "./backup/inventory.ts";
import { type Manifest, readManifest } from "./backup/manifest.ts";
import { connect, isFolderEmpty, openFolder, type Place, placeOf, runProgram } from "./backup/places.ts";

const HELP = `DATABASE_URL=postgres://… npm run restore -- --from <file>
DATA_DIR=… npm run restore -- --from <file>     (where both are set, it is DATABASE_URL)

Restores what \`npm run backup\` wrote into a new, empty database, or a folder that is not there, and compares. Keep the old one.
Stop every relayer of that database, or the attester, before; what it does not know of after is in docs/operations/backup.md.`;

/** @throws Error that names what is wrong and the remedy */
export async function restore(place: Place, file: string): Promise<Manifest> {
  const manifest = await readManifest(file);
  const wanted = "url" in place ? "pg_dump" : "embedded";
  if (manifest.format !== wanted)
    throw new Error(
      manifest.format === "pg_dump"
        ? `${file} is of a PostgreSQL: set DATABASE_URL, to a new database.`
        : `${file} is of an embedded database: set DATA_DIR, to a new folder, and not DATABASE_URL.`,
    );
  const after = "url" in place ? await restorePostgres(place.url, file) : await restoreFolder(place.folder, file);
  const wrong = difference(manifest, after);
  if (wrong !== undefined)
    throw new Error(`What was restored is not what was backed up: ${wrong}. Do not start on it.`);
  return manifest;
}

async function restorePostgres(url: string, file: string): Promise<Inventory> {
  const sql = await connect(url);
  try {
    const others = await countOthers(sql);
    if (others > 0)
      throw new Error(
        `${others} others are connected to this database. Stop whoever works with it, and restore into a new one: createdb.`,
      );
    if (!(await isEmpty(sql)))
      throw new Error(
        "This database has tables. Restore into a new one (createdb), and keep this one until the other is well.",
      );
    const args = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"];
    await runProgram("pg_restore", [...args, `--dbname=${databaseOf(url)}`, file], url);
    return await takeInventory(sql);
  } finally {
    await sql.close();
  }
}

const databaseOf = (url: string) => decodeURIComponent(new URL(url).pathname.slice(1));

async function restoreFolder(folder: string, file: string): Promise<Inventory> {
  if (!isFolderEmpty(folder))
    throw new Error(
      `The folder ${folder} is not empty. Restore into a new one, and keep this one until the other is well.`,
    );
  const sql = await openFolder(folder, new Blob([await readFile(file)]));
  try {
    return await takeInventory(sql);
  } finally {
    await sql.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) return console.log(HELP);
  if (values.from === undefined) throw new Error(`Say what: --from <file>.\n\n${HELP}`);
  const { owner, schema, madeAt } = await restore(placeOf(processEnvironment()), values.from);
  console.log(
    `Restored: the ${owner}'s database of ${madeAt}, schema ${schema}, with all its rows. docs/operations/backup.md says what comes next.`,
  );
}

if (import.meta.main) main().catch(fail);
