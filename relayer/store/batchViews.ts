/** A batch as its public data shows it. */
import type { Attestation } from "@partner-programs/protocol/typedData";
import { ATTESTATION_COLUMNS, type AttestationRow, toAttestation } from "#service/attestationRow.ts";
import type { Sql } from "#service/database.ts";

export interface BatchView {
  readonly attestation: Attestation;
  /** The tree as reversals left it. */
  readonly currentRoot: string;
  readonly currentTotal: bigint;
  /** Otherwise they are not known here, and nothing is said of them. */
  readonly linesKnown: boolean;
  readonly releaseAt: number | null;
  readonly state: string;
  /** Why it is not further yet, if something is in the way. */
  readonly problem: string | null;
}

export async function readBatchView(sql: Sql, digest: string): Promise<BatchView | undefined> {
  const [row] = await sql.query<
    AttestationRow &
      Pick<BatchView, "state" | "problem"> & {
        readonly current_root: string;
        readonly current_total: bigint;
        readonly lines_known: boolean;
        readonly release_at: bigint | null;
      }
  >(
    `SELECT ${ATTESTATION_COLUMNS}, current_root, current_total, lines_known, release_at, state, problem
     FROM batches WHERE digest = $1`,
    [digest],
  );
  return (
    row && {
      attestation: toAttestation(row),
      currentRoot: row.current_root,
      currentTotal: row.current_total,
      linesKnown: row.lines_known,
      releaseAt: row.release_at === null ? null : Number(row.release_at),
      state: row.state,
      problem: row.problem,
    }
  );
}

/** What names a batch's tree as it stands; undefined: its lines are not known here. */
export async function readTreeName(sql: Sql, digest: string): Promise<string | undefined> {
  const [row] = await sql.query<{ name: string }>(
    "SELECT digest || current_root || current_total AS name FROM batches WHERE digest = $1 AND lines_known",
    [digest],
  );
  return row?.name;
}
