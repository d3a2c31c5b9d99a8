/** `npm run backup`: a relayer's or an attester's database in one file, checked, with what it holds beside it. */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { processEnvironment } from "#service/environment.ts";
import { fail } from "#service/process.ts";
import { type Inventory, takeInventory } from "./backup/inventory.ts";
import { writeManifest } from "./backup/manifest.ts";
import { connect, openFolder, type Place, placeOf, runProgram } from "./backup/places.ts";

const HELP = `DATABASE_URL=postgres://… npm run backup -- --to <file>
DATA_DIR=… npm run backup -- --to <file>

Writes the database to a new file, and beside it <file>.json with what is in it. A PostgreSQL is dumped as of one moment, by pg_dump, and
nobody is disturbed; whoever works with an embedded one (DATA_DIR) has to be stopped. Where both are set, it is DATABASE_URL.`;

/** @returns what it holds @throws Error that names what is wrong and the remedy; then there is no file */
export async function backUp(place: Place, file: string): Promise<Inventory> {
  for (const one of [file, `${file}.json`])
    if (existsSync(one)) throw new Error(`${one} is there already. A backup never replaces another: name a new file.`);
  try {
    const [format, inventory] =
      "url" in place
        ? (["pg_dump", await dumpPostgres(place.url, file)] as const)
        : (["embedded", await dumpFolder(place.folder, file)] as const);
    await writeManifest(file, { format, madeAt: new Date().toISOString(), ...inventory });
    return inventory;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function dumpPostgres(url: string, file: string): Promise<Inventory> {
  const sql = await connect(url);
  try {
    // What is counted and what is dumped are of the same moment.
    await sql.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    const [{ snapshot } = { snapshot: "" }] = await sql.query<{ snapshot: string }>(
      "SELECT pg_export_snapshot() AS snapshot",
    );
    const inventory = await takeInventory(sql);
    const args = ["--format=custom", "--no-owner", "--no-privileges", `--snapshot=${snapshot}`, `--file=${file}`];
    await runProgram("pg_dump", args, url);
    await sql.query("COMMIT");
    return inventory;
  } finally {
    await sql.close();
  }
}

async function dumpFolder(folder: string, file: string): Promise<Inventory> {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  const sql = await openFolder(folder);
  try {
    const inventory = await takeInventory(sql);
    await writeFile(file, await sql.dump(), { flag: "wx" });
    return inventory;
  } finally {
    await sql.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { to: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) return console.log(HELP);
  if (values.to === undefined) throw new Error(`Say where to: --to <file>.\n\n${HELP}`);
  const { owner, schema, rows } = await backUp(placeOf(processEnvironment()), values.to);
  const count = Object.values(rows).reduce((sum, one) => sum + one, 0);
  console.log(
    `${values.to}: the ${owner}'s database, schema ${schema}, ${count} rows in ${Object.keys(rows).length} tables`,
  );
}

if (import.meta.main) main().catch(fail);
