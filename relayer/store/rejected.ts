/** Rejected conversions, with what judging them again takes. */
import type { Attributes } from "@partner-programs/protocol/conditions";
import type { Sale } from "@partner-programs/protocol/rates";
import type { Sql } from "#service/database.ts";
import { type ConversionState, MENDABLE } from "./conversionRow.ts";

export interface RejectedRow {
  readonly event: string;
  readonly order_id: string;
  readonly state: ConversionState;
  readonly reason: string | null;
  /** It was rejected when it was judged. */
  readonly mendable: boolean;
  readonly volume: bigint;
  /** Of one in its own currency; as it was converted, if it was. */
  readonly sale: Sale | null;
  readonly attributes: Attributes;
  readonly customer: string | null;
  /** As it was written: what `keepIntroduction` kept. */
  readonly introduced: Record<string, never> | null;
  readonly body_hash: string;
  readonly occurred_at: Date | null;
  readonly received_at: Date;
  readonly token_decimals: number;
}

/** A conversion of the campaign; what it is rejected for, if it is. */
export async function readRejected(
  sql: Sql,
  campaignId: string,
  conversionId: bigint,
): Promise<RejectedRow | undefined> {
  const [row] = await sql.query<RejectedRow>(
    `SELECT event, order_id, state, reason, ${MENDABLE} AS mendable, volume, sale, attributes, customer,
       introduced, body_hash, occurred_at, received_at, token_decimals
     FROM conversions JOIN campaigns ON campaigns.id = campaign_id
     WHERE conversions.id = $1 AND campaign_id = $2`,
    [conversionId, campaignId],
  );
  return row;
}
