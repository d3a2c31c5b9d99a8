/** Whether what the relayer's database keeps summed is what its rows add up to. */
import type { Sql } from "#service/database.ts";

/** Each has a view `…_again`. */
const KEPT = [
  "partner_days",
  "campaign_days",
  "partnership_sums",
  "link_sums",
  "code_sums",
  "conversion_states",
  "link_visits",
  "campaign_visits",
  "line_sums",
  "campaign_sums",
  "batch_states",
] as const;

/** A row of a kept table that is not what its rows add up to. */
export interface WrongSum {
  readonly table: string;
  /** kept: it is in the table; again: so it should be. A row of nothing but zeros is none. */
  readonly from: "kept" | "again";
  readonly row: unknown;
}

/** Those that are wrong: none. */
export async function findWrongSums(sql: Sql): Promise<WrongSum[]> {
  const wrong: WrongSum[] = [];
  for (const table of KEPT) {
    // Rows are compared as JSON, where 0 and 0.0 are one number; the names, which are text and dates, tell no sum.
    const rows = (source: string) =>
      `SELECT to_jsonb(r) AS row FROM ${source} r WHERE EXISTS (
         SELECT 1 FROM jsonb_each(to_jsonb(r)) AS sum (key, value)
         WHERE jsonb_typeof(value) = 'number' AND value <> '0'
           AND key NOT IN ('partnership_id', 'link_id', 'code_id', 'offer'))`;
    for (const [from, one, other] of [
      ["kept", table, `${table}_again`],
      ["again", `${table}_again`, table],
    ] as const) {
      const found = await sql.query<{ row: unknown }>(`${rows(one)} EXCEPT ${rows(other)}`);
      wrong.push(...found.map(({ row }) => ({ table, from, row })));
    }
  }
  return wrong;
}

/** A campaign that keeps another part of its budget than what its conversions that are on no chain were promised. */
export interface WrongPromise {
  readonly campaign: string;
  readonly promised: bigint;
  readonly owed: bigint;
}

/** Those that are wrong: none, unless somebody moved conversions past the store. */
export function findWrongPromises(sql: Sql): Promise<WrongPromise[]> {
  return sql.query(
    `SELECT id AS campaign, promised, coalesce(owed, 0) AS owed FROM campaigns LEFT JOIN (
       SELECT campaign_id, sum(commission + fee) AS owed FROM conversions
       WHERE state IN ('accepted', 'review', 'batched') GROUP BY 1
     ) AS open ON campaign_id = id WHERE promised <> coalesce(owed, 0) ORDER BY id`,
  );
}
