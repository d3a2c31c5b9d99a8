/** Referral tokens that a partner's agents get without a click: counted by day in UTC, as many as the campaign lets. */
import type { Sql } from "#service/database.ts";

/** Counts one token more for the link's partner today. @returns how many it has had; undefined: it has had all `max`, or there is no such link */
export async function countAgentToken(
  sql: Sql,
  link: { readonly campaignId: string; readonly partner: string; readonly code: string },
  max: number,
): Promise<number | undefined> {
  const [row] = await sql.query<{ given: bigint }>(
    `INSERT INTO agent_tokens (partnership_id, day, given)
     SELECT partnerships.id, (now() AT TIME ZONE 'UTC')::date, 1
     FROM links JOIN partnerships ON partnerships.id = links.partnership_id
     WHERE partnerships.campaign_id = $1 AND partnerships.partner = $2 AND links.code = $3
     ON CONFLICT (partnership_id, day) DO UPDATE SET given = agent_tokens.given + 1
       WHERE agent_tokens.given < $4
     RETURNING given`,
    [link.campaignId, link.partner, link.code, max],
  );
  return row === undefined ? undefined : Number(row.given);
}
