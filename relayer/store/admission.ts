/** Whom a campaign takes as its partners: its questions, who applied, and what a partner can be paid for. */
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Sql } from "#service/database.ts";
import type { Page } from "./page.ts";
import { beyond, direction } from "./page.ts";

export interface AdmissionRow {
  readonly brand: string;
  /** Whether an offer is for kinds that everybody has. */
  readonly open: boolean;
  /** Whether an offer is for the partner that was asked about. */
  readonly payable: boolean;
  /** The partner's own kinds from now on, or everybody's. */
  readonly kinds: bigint;
  readonly questions: string[];
  readonly notice: NotAccepting | null;
  readonly funded: bigint;
  readonly closes_at: bigint;
}

/** Who signs up for customers (3) or brings partners (4) is paid beside a partner, and by such an offer alone nobody is one. */
const FOR = (mask: string) =>
  `o.partner IS NULL AND o.kind NOT IN (3, 4) AND o.kind < 64 AND (${mask} >> o.kind) & 1 = 1`;

/** What is asked of partners, and whether this one can be paid; undefined: the campaign is not known here. */
export async function readAdmission(
  sql: Sql,
  campaignId: string,
  partner: string | undefined,
): Promise<AdmissionRow | undefined> {
  const [row] = await sql.query<AdmissionRow>(
    `SELECT c.brand, c.funded, c.closes_at, n.notice, coalesce(q.questions, '{}') AS questions,
       coalesce(k.mask, c.open_kinds) AS kinds, coalesce(paid.open, false) AS open,
       coalesce(paid.payable, false) AS payable
     FROM campaigns c JOIN campaign_notices n ON n.campaign_id = c.id
     LEFT JOIN admission_questions q ON q.campaign_id = c.id
     LEFT JOIN kinds k ON k.campaign_id = c.id AND k.partner = $2
     CROSS JOIN LATERAL (
       SELECT bool_or(${FOR("c.open_kinds")}) AS open,
         bool_or(${FOR("coalesce(k.mask, c.open_kinds)")} OR o.partner = $2) AS payable
       FROM offers o WHERE o.campaign_id = c.id AND o.valid_to > chain_now()
     ) AS paid
     WHERE c.id = $1`,
    [campaignId, partner ?? null],
  );
  return row;
}

export async function writeQuestions(sql: Sql, campaignId: string, questions: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO admission_questions (campaign_id, questions) VALUES ($1, $2)
     ON CONFLICT (campaign_id) DO UPDATE SET questions = $2`,
    [campaignId, questions],
  );
}

export const APPLICATION_STATES = ["waiting", "approved", "declined"] as const;
export type ApplicationState = (typeof APPLICATION_STATES)[number];

export interface Answer {
  readonly question: string;
  readonly answer: string;
}

export interface ApplicationRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly partner: string;
  readonly answers: Answer[];
  readonly applied_at: Date;
  readonly declined_at: Date | null;
  readonly reason: string | null;
  /** The brand's word for the invitation that it came by. */
  readonly invitation: string | null;
  readonly invited_kinds: bigint | null;
  readonly state: ApplicationState;
}

/** A page of a campaign's applications, or of a partner's. */
export async function readApplications(
  sql: Sql,
  of: { readonly campaignId?: string; readonly partner?: string; readonly state?: ApplicationState | undefined },
  page: Page,
): Promise<ApplicationRow[]> {
  return sql.query<ApplicationRow>(
    `SELECT * FROM applications_now
     WHERE ($1::text IS NULL OR campaign_id = $1) AND ($2::text IS NULL OR partner = $2)
       AND ($3::text IS NULL OR state = $3) AND id ${beyond(page)} $4
     ORDER BY id ${direction(page)} LIMIT $5`,
    [of.campaignId ?? null, of.partner ?? null, of.state ?? null, page.from, page.limit],
  );
}

export async function readApplication(sql: Sql, id: bigint): Promise<ApplicationRow | undefined> {
  const [row] = await sql.query<ApplicationRow>("SELECT * FROM applications_now WHERE id = $1", [id]);
  return row;
}

/**
 * A partner's application, new, or anew by an invitation. @returns its id; undefined: there is one already, and no invitation
 */
export async function insertApplication(
  sql: Sql,
  given: {
    readonly campaignId: string;
    readonly partner: string;
    readonly answers: readonly Answer[];
    readonly invitationId: bigint | undefined;
  },
): Promise<bigint | undefined> {
  const [row] = await sql.query<{ id: bigint }>(
    `INSERT INTO applications (campaign_id, partner, answers, invitation_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (campaign_id, partner) DO UPDATE
       SET answers = excluded.answers, invitation_id = excluded.invitation_id, applied_at = now(),
         declined_at = NULL, reason = NULL
       WHERE excluded.invitation_id IS NOT NULL
     RETURNING id`,
    [given.campaignId, given.partner, JSON.stringify(given.answers), given.invitationId ?? null],
  );
  return row?.id;
}

/** Declines an application with a reason, or (null) has it wait again. */
export async function decideApplication(sql: Sql, id: bigint, reason: string | null): Promise<void> {
  await sql.query(
    `UPDATE applications SET reason = $2, declined_at = CASE WHEN $2::text IS NULL THEN NULL ELSE now() END
     WHERE id = $1`,
    [id, reason],
  );
}
