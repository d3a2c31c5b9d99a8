/** An attestation in columns: the same in the database of a relayer as in that of an attester. */
import type { Attestation } from "@partner-programs/protocol/typedData";

export const ATTESTATION_COLUMNS = `campaign_id, first_conversion, conversions, period_from, period_to,
  deadline, conversions_root, lines_root, line_count, total`;

export interface AttestationRow {
  readonly campaign_id: string;
  readonly first_conversion: bigint;
  readonly conversions: bigint;
  readonly period_from: bigint;
  readonly period_to: bigint;
  readonly deadline: bigint;
  readonly conversions_root: string;
  readonly lines_root: string;
  readonly line_count: bigint;
  readonly total: bigint;
}

/** Counts of 32 bits and times of 40: each of them is a number without loss. */
export function toAttestation(row: AttestationRow): Attestation {
  return {
    campaignId: row.campaign_id,
    firstConversion: row.first_conversion,
    conversions: Number(row.conversions),
    periodFrom: Number(row.period_from),
    periodTo: Number(row.period_to),
    deadline: Number(row.deadline),
    conversionsRoot: row.conversions_root,
    linesRoot: row.lines_root,
    lineCount: Number(row.line_count),
    total: row.total,
  };
}

/** What goes into the columns, in their order. */
export function fromAttestation(attestation: Attestation): unknown[] {
  return [
    attestation.campaignId,
    attestation.firstConversion,
    attestation.conversions,
    attestation.periodFrom,
    attestation.periodTo,
    attestation.deadline,
    attestation.conversionsRoot,
    attestation.linesRoot,
    attestation.lineCount,
    attestation.total,
  ];
}
