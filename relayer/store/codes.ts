/** Codes that customers say: made, given, retired, listed with their numbers, and found by what somebody typed. */
import type { Sql } from "#service/database.ts";
import { FinalError } from "#service/errors.ts";
import type { SpokenCode } from "../domain/partners.ts";
import { beyond, direction, type Page } from "./page.ts";

export interface NewCode {
  /** In its one spelling. */
  readonly name: string;
  readonly shown: string;
  readonly partnershipId: bigint;
  readonly givenBy: "partner" | "brand";
  readonly offerId: number | null;
  readonly customerGets: string | null;
}

/** A code is somebody's already, or a link of another partner is called the same. */
export class CodeTaken extends FinalError {
  override readonly name = "CodeTaken";
}

/** Writes codes of a campaign that is locked. All of them or none. @throws CodeTaken with the first that cannot be had */
export async function insertCodes(sql: Sql, campaignId: string, codes: readonly NewCode[]): Promise<void> {
  const [taken] = await sql.query<{ shown: string }>(
    `SELECT given.shown
     FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given (name, shown, partnership_id)
     WHERE EXISTS (SELECT 1 FROM codes WHERE campaign_id = $1 AND codes.name = given.name)
       OR EXISTS (
         SELECT 1 FROM links JOIN partnerships p ON p.id = links.partnership_id
         WHERE p.campaign_id = $1 AND p.id <> given.partnership_id
           AND (spoken(links.code) = given.name OR spoken(links.alias) = given.name))
     LIMIT 1`,
    [
      campaignId,
      codes.map(({ name }) => name),
      codes.map(({ shown }) => shown),
      codes.map(({ partnershipId }) => String(partnershipId)),
    ],
  );
  if (taken !== undefined)
    throw new CodeTaken(
      `The code ${taken.shown} is taken, or reads and sounds like one that is (O and 0, I, L and 1 are the same). Choose another.`,
    );
  await sql.query(
    `INSERT INTO codes (campaign_id, name, shown, partnership_id, given_by, offer_id, customer_gets)
     SELECT $1, given.*
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::int[], $7::text[]) AS given`,
    [
      campaignId,
      codes.map(({ name }) => name),
      codes.map(({ shown }) => shown),
      codes.map(({ partnershipId }) => String(partnershipId)),
      codes.map(({ givenBy }) => givenBy),
      codes.map(({ offerId }) => offerId),
      codes.map(({ customerGets }) => customerGets),
    ],
  );
}

/** How many a partnership has made by itself, retired ones included. */
export async function countOwnCodes(sql: Sql, partnershipId: bigint): Promise<number> {
  const [row] = await sql.query<{ count: bigint }>(
    "SELECT count(*) AS count FROM codes WHERE partnership_id = $1 AND given_by = 'partner'",
    [partnershipId],
  );
  return Number(row?.count);
}

/** A code with its numbers. */
export interface CodeRow {
  readonly id: bigint;
  readonly name: string;
  readonly shown: string;
  readonly partner: string;
  readonly given_by: "partner" | "brand";
  readonly offer_id: number | null;
  readonly customer_gets: string | null;
  readonly created_at: Date;
  readonly retired_at: Date | null;
  readonly conversions: bigint;
  readonly rejected: bigint;
  readonly commission: bigint;
}

const CODES = `
  SELECT codes.id, name, shown, partner, given_by, offer_id, customer_gets, codes.created_at, retired_at,
    coalesce(sums.conversions, 0) AS conversions, coalesce(sums.rejected, 0) AS rejected,
    coalesce(sums.commission, 0) AS commission
  FROM codes JOIN partnerships ON partnerships.id = partnership_id
  LEFT JOIN code_sums sums ON sums.code_id = codes.id`;

/** A campaign's codes: all, or those of a partner. */
export function readCodes(sql: Sql, campaignId: string, partner: string | undefined, page: Page): Promise<CodeRow[]> {
  return sql.query(
    `${CODES} WHERE codes.campaign_id = $1 AND codes.id ${beyond(page)} $2
       AND ($3::text IS NULL OR partnership_id = (
         SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $3))
     ORDER BY codes.id ${direction(page)} LIMIT $4`,
    [campaignId, page.from, partner ?? null, page.limit],
  );
}

/** A campaign's codes of these names, as far as there are any, in the order of the names. */
export function readNamedCodes(sql: Sql, campaignId: string, names: readonly string[]): Promise<CodeRow[]> {
  return sql.query(
    `${CODES} WHERE codes.campaign_id = $1 AND name = ANY($2::text[]) ORDER BY array_position($2::text[], name)`,
    [campaignId, names],
  );
}

/** Changes what is given. What is retired stays so. */
export async function changeCode(
  sql: Sql,
  id: bigint,
  change: { readonly retired: boolean; readonly customerGets?: string | null | undefined },
): Promise<void> {
  await sql.query(
    `UPDATE codes SET retired_at = coalesce(retired_at, CASE WHEN $2 THEN now() END),
       customer_gets = CASE WHEN $3 THEN $4 ELSE customer_gets END WHERE id = $1`,
    [id, change.retired, change.customerGets !== undefined, change.customerGets ?? null],
  );
}

/** Those of a campaign that reports name, in their one spelling. */
export async function readSpokenCodes(sql: Sql, campaignId: string, names: readonly string[]): Promise<SpokenCode[]> {
  if (names.length === 0) return [];
  const rows = await sql.query<{
    id: bigint;
    partnership_id: bigint;
    name: string;
    shown: string;
    offer_id: number | null;
    retired: boolean;
  }>(
    `SELECT id, partnership_id, name, shown, offer_id, retired_at IS NOT NULL AS retired FROM codes
     WHERE campaign_id = $1 AND name = ANY($2::text[])`,
    [campaignId, names],
  );
  return rows.map(({ partnership_id, offer_id, ...row }) => ({
    ...row,
    partnershipId: partnership_id,
    offerId: offer_id ?? undefined,
  }));
}

/** Whether a link of this partnership called so would be heard as the code of another partner of its campaign. */
export async function isSpokenByAnother(sql: Sql, partnershipId: bigint, alias: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM codes JOIN partnerships mine ON mine.campaign_id = codes.campaign_id
     WHERE mine.id = $1 AND codes.name = spoken($2) AND codes.partnership_id <> $1`,
    [partnershipId, alias],
  );
  return rows.length > 0;
}
