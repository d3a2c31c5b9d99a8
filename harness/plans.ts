/** What PostgreSQL reads to answer: the rows that its scans go through, by EXPLAIN ANALYZE. */
import type { Sql } from "#service/database.ts";

export interface Explained {
  /** Rows that all scans of the statement went through: given on, or looked at and left out. */
  readonly rows: number;
  /** The scans that went through most, in words. */
  readonly worst: string;
}

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Node[];
}

/** Answers as `sql`, and adds to `found` what each statement read. A statement is run twice: none that writes is for this. */
export function explaining(sql: Sql, found: Explained[]): Sql {
  return {
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      const [row] = await sql.query<{ "QUERY PLAN": readonly { readonly Plan: Node }[] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
        parameters,
      );
      const plan = row?.["QUERY PLAN"][0]?.Plan;
      if (plan === undefined) throw new Error(`PostgreSQL has no plan of ${text}`);
      const scans = scansOf(plan).sort((a, b) => b.rows - a.rows);
      const rows = scans.reduce((sum, scan) => sum + scan.rows, 0);
      const worst = scans.slice(0, 4).map((scan) => `${scan.rows} rows: ${scan.what}`);
      found.push({ rows, worst: [`${text.replace(/\s+/g, " ").slice(0, 100)} …`, ...worst].join("\n  ") });
      return sql.query<Row>(text, parameters);
    },
  };
}

function scansOf(node: Node): { rows: number; what: string }[] {
  const below = (node.Plans ?? []).flatMap(scansOf);
  // A bitmap's index is counted with the table that it is for.
  if (!/Scan$/.test(node["Node Type"]) || node["Relation Name"] === undefined) return below;
  const each =
    node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const rows = Math.round(each * node["Actual Loops"]);
  const by = node["Index Name"] === undefined ? "" : ` by ${node["Index Name"]}`;
  return [{ rows, what: `${node["Node Type"]} of ${node["Relation Name"]}${by}` }, ...below];
}
