/** The lines of one partner, over all batches: held, pullable, paid, refused. */
import type { Sql } from "#service/database.ts";
import type { LineState } from "./lines.ts";

export interface PartnerLineRow {
  readonly digest: string;
  readonly campaign_id: string;
  readonly index: bigint;
  /** Packed, as it stands; whether a reversal lowered it. */
  readonly line: string;
  readonly lowered: boolean;
  readonly commission: bigint;
  readonly state: LineState;
  readonly fault: number | null;
  readonly release_at: bigint | null;
}

/** Where a page begins: behind this line. */
export interface LinePlace {
  readonly digest: string;
  readonly index: bigint;
}

/** What is kept of a line's state, by which it is found. */
const KEPT: Readonly<Record<LineState, string>> = {
  signed: "open",
  held: "open",
  pullable: "open",
  credited: "released",
  claimed: "released",
  pulled: "pulled",
  refused: "refused",
};
/** Of what is released, what was since the first of the partner's last claims: before it nothing is credited any more. */
const UNCLAIMED = `settled_block >= (
  SELECT min(coalesce(last_claims.block, 0)) FROM (
    SELECT DISTINCT token FROM line_sums JOIN campaigns ON campaigns.id = campaign_id
    WHERE line_sums.partner = $1
  ) AS tokens LEFT JOIN last_claims ON owner = $1 AND last_claims.token = tokens.token)`;

const COLUMNS = "digest, campaign_id, index, line, lowered, commission, state, fault, release_at";

/** In the order of the batches' names and of the lines' places, which never change. */
export function readPartnerLines(
  sql: Sql,
  partner: string,
  query: {
    readonly campaignId?: string | undefined;
    readonly state?: LineState | undefined;
    readonly after?: LinePlace | undefined;
    readonly limit: number;
  },
): Promise<PartnerLineRow[]> {
  const kept = query.state && KEPT[query.state];
  return sql.query(
    `SELECT ${COLUMNS} FROM lines_now
     WHERE partner = $1 AND line IS NOT NULL AND ($2::text IS NULL OR campaign_id = $2)
       AND ($3::text IS NULL OR state = $3)${kept === undefined ? "" : ` AND kept = '${kept}'`}
       ${query.state === "credited" ? `AND ${UNCLAIMED}` : ""}
       AND ($4::text IS NULL OR (digest, index) > ($4, $5::bigint))
     ORDER BY digest, index LIMIT $6`,
    [
      partner,
      query.campaignId ?? null,
      query.state ?? null,
      query.after?.digest ?? null,
      query.after === undefined ? null : String(query.after.index),
      query.limit,
    ],
  );
}

/** What can be pulled of a campaign, the oldest first. A batch whose lines are not all known is left out: its tree is not, either. */
export function readPullable(sql: Sql, campaignId: string, partner: string, limit: number): Promise<PartnerLineRow[]> {
  return sql.query(
    `SELECT ${COLUMNS} FROM lines_now
     WHERE partner = $1 AND campaign_id = $2 AND kept = 'open' AND state = 'pullable' AND commission > 0
       AND (SELECT lines_known FROM batches WHERE batches.digest = lines_now.digest)
     ORDER BY release_at, digest, index LIMIT $3`,
    [partner, campaignId, limit],
  );
}
