/** What a database holds, to compare before and after: whose it is, its schema, how many rows each table has, and whether its sums are kept. */

import type { Sql } from "#service/database.ts";
import { findWrongSums } from "./sums.ts";

export type Owner = "relayer" | "attester";

export interface Inventory {
  readonly owner: Owner;
  /** Of the last migration. */
  readonly schema: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** The tables of its own, in their order. */
async function tablesOf(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  );
  return rows.map(({ name }) => name);
}

export const isEmpty = async (sql: Sql): Promise<boolean> => (await tablesOf(sql)).length === 0;

/** How many others are connected to it. */
export async function countOthers(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: bigint }>(
    "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  return Number(row?.count ?? 0);
}

/** @throws Error if it is neither a relayer's nor an attester's, or a sum is not what its rows add up to */
export async function takeInventory(sql: Sql): Promise<Inventory> {
  const tables = await tablesOf(sql);
  const owner = tables.includes("signed_attestations")
    ? "attester"
    : tables.includes("conversions")
      ? "relayer"
      : undefined;
  if (owner === undefined || !tables.includes("schema_version"))
    throw new Error("This database is neither a relayer's nor an attester's: it has none of their tables.");
  if (owner === "relayer") {
    const wrong = await findWrongSums(sql);
    if (wrong.length > 0)
      throw new Error(
        `${wrong.length} kept sums are not what their rows add up to; the first is of ${wrong[0]?.table}: ${JSON.stringify(wrong[0]?.row)}`,
      );
  }
  const [version] = await sql.query<{ version: bigint }>("SELECT max(version)::bigint AS version FROM schema_version");
  const rows: Record<string, number> = {};
  for (const table of tables) {
    const [counted] = await sql.query<{ count: bigint }>(`SELECT count(*) AS count FROM "${table}"`);
    rows[table] = Number(counted?.count);
  }
  return { owner, schema: Number(version?.version), rows };
}

/** What is not as it was, in words; undefined: all is. */
export function difference(before: Inventory, after: Inventory): string | undefined {
  const tables = new Set([...Object.keys(before.rows), ...Object.keys(after.rows)]);
  const wrong = [
    ...(before.owner === after.owner ? [] : [`it is ${before.owner}'s and became ${after.owner}'s`]),
    ...(before.schema === after.schema ? [] : [`its schema was ${before.schema} and is ${after.schema}`]),
    ...[...tables]
      .sort()
      .flatMap((table) =>
        before.rows[table] === after.rows[table]
          ? []
          : [`${table} had ${before.rows[table] ?? "no"} rows and has ${after.rows[table] ?? "none"}`],
      ),
  ];
  return wrong.length === 0 ? undefined : wrong.join("; ");
}
