/** Who did what for a brand, and when: written in the transaction of what was done. */

import type { Sql } from "#service/database.ts";
import type { Capacity } from "../domain/team.ts";
import { beyond, conditionsInto, direction, type Page } from "./page.ts";

/** So many days an act is kept. */
const KEPT_DAYS = 730;

/** What was done it to, in a few short words: never a secret. */
export type Facts = Readonly<Record<string, string>>;

export interface Act {
  readonly brand: string;
  /** null: it is about the team. */
  readonly campaignId: string | null;
  readonly actor: string;
  readonly role: Capacity;
  readonly act: string;
  readonly facts: Facts;
}

/** Writes down what somebody does, in the transaction in which it is done. Throws if whoever it is may not do so any more. */
export type Note = (sql: Sql, facts?: Facts) => Promise<void>;

export interface ActRow {
  readonly id: bigint;
  readonly campaign_id: string | null;
  readonly actor: string;
  readonly role: Capacity;
  readonly act: string;
  readonly facts: Facts;
  readonly at: Date;
}

/**
 * Writes an act down, if whoever does it may still do so: who lost its role since it asked, or whose brand lost the campaign, is found here.
 * Until the transaction ends nobody takes the role away. Acts older than are kept go. @returns whether it was written; if not, what was done has to be undone
 */
export async function insertAct(sql: Sql, one: Act): Promise<boolean> {
  await sql.query("DELETE FROM acts WHERE at < now() - make_interval(days => $1)", [KEPT_DAYS]);
  const written = await sql.query(
    `WITH held AS (SELECT 1 FROM team_members WHERE brand = $1 AND wallet = $3 AND role = $4 FOR SHARE)
     INSERT INTO acts (brand, campaign_id, actor, role, act, facts) SELECT $1, $2, $3, $4, $5, $6
     WHERE ($4 IN ('brand', 'key') OR EXISTS (SELECT 1 FROM held))
       AND ($2::text IS NULL OR EXISTS (SELECT 1 FROM campaigns WHERE id = $2 AND brand = $1))
     RETURNING 1`,
    [one.brand, one.campaignId, one.actor, one.role, one.act, JSON.stringify(one.facts)],
  );
  return written.length > 0;
}

export interface ActFilter {
  readonly brand: string;
  readonly campaignId?: string | undefined;
  readonly actor?: string | undefined;
}

export async function readActs(sql: Sql, { brand, campaignId, actor }: ActFilter, page: Page): Promise<ActRow[]> {
  const values: unknown[] = [brand, page.from, page.limit];
  const given = conditionsInto(values);
  const conditions = [
    ...given((place) => `AND campaign_id = ${place}`, campaignId),
    ...given((place) => `AND actor = ${place}`, actor),
  ];
  return sql.query<ActRow>(
    `SELECT id, campaign_id, actor, role, act, facts, at FROM acts
     WHERE brand = $1 AND id ${beyond(page)} $2 ${conditions.join(" ")}
     ORDER BY id ${direction(page)} LIMIT $3`,
    values,
  );
}
