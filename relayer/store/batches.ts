import { fromBaseUnits } from "@partner-programs/protocol/amount";
import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import { type Line, unpackLine } from "@partner-programs/protocol/line";
import type { ConversionLeaf } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";

export interface BatchRow {
  digest: string;
  campaign_id: string;
  first_conversion: bigint;
  conversions: number;
  period_from: bigint;
  period_to: bigint;
  deadline: bigint;
  conversions_root: string;
  signatures: string[] | null;
}

/** The attestation that a batch was signed as. */
export function toAttestation(row: BatchRow, lines: readonly Line[]): Attestation {
  return {
    campaignId: row.campaign_id,
    firstConversion: row.first_conversion,
    conversions: row.conversions,
    periodFrom: Number(row.period_from),
    periodTo: Number(row.period_to),
    deadline: Number(row.deadline),
    conversionsRoot: row.conversions_root,
    lines,
  };
}

/** The conversions of a batch as attesters are shown them. */
export async function readShown(sql: Sql, digest: string): Promise<ShownConversion[]> {
  const rows = await sql.query<{
    number: bigint;
    key: string;
    salt: string;
    entries: string[];
    event: string;
    order_id: string;
    volume: bigint;
    received_at: Date;
    token_decimals: number;
  }>(
    `SELECT number, key, salt, entries, event, order_id, volume, received_at, token_decimals
     FROM conversions JOIN campaigns ON campaigns.id = conversions.campaign_id WHERE batch = $1 ORDER BY number`,
    [digest],
  );
  return rows.map(({ number, key, salt, entries, event, order_id, volume, received_at, token_decimals }) => ({
    number,
    key,
    salt,
    entries: entries.map(unpackLine),
    order: {
      event,
      orderId: order_id,
      volume: fromBaseUnits(volume, token_decimals),
      receivedAt: received_at.toISOString(),
    },
  }));
}

/** The conversions under a batch's `conversionsRoot`, in their order. */
export async function readLeaves(sql: Sql, digest: string): Promise<ConversionLeaf[]> {
  const rows = await sql.query<{ number: bigint; key: string; salt: string; entries: string[] }>(
    "SELECT number, key, salt, entries FROM conversions WHERE batch = $1 ORDER BY number",
    [digest],
  );
  return rows.map(({ entries, ...leaf }) => ({ ...leaf, entries: entries.map(unpackLine) }));
}
