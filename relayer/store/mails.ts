/** Mails: notices are bundled into them, they are leased while they are sent, and what came of it. */
import type { Sql } from "#service/database.ts";
import type { NoticeKind } from "../domain/noticeKinds.ts";
import type { ConversionState } from "./conversionRow.ts";

/**
 * Puts what waits to be told into mails, one for each wallet: the first at once, the next no sooner than `pauseSeconds` later, so that
 * a thousand refused conversions are one mail. What an event says waits until its block is final. One statement, so that each notice
 * is in one mail, whatever crashes. @returns how many notices are in a mail now
 */
export async function bundleNotices(sql: Sql, pauseSeconds: number): Promise<number> {
  const told = await sql.query(
    `WITH due AS (
       SELECT n.id, n.wallet FROM notices n JOIN mail_readers r ON r.wallet = n.wallet
       WHERE NOT n.told AND (n.block IS NULL OR n.block <= (SELECT final_block FROM chain_cursor))
         AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.wallet = n.wallet AND m.purpose = 'notices'
           AND (m.state = 'pending' OR (m.state <> 'void' AND m.made_at > now() - make_interval(secs => $1))))
       ORDER BY n.id LIMIT 5000 FOR UPDATE OF n SKIP LOCKED
     ), made AS (
       INSERT INTO mails (wallet, purpose) SELECT DISTINCT wallet, 'notices' FROM due
       ON CONFLICT DO NOTHING RETURNING id, wallet
     )
     UPDATE notices SET told = true, mail_id = made.id FROM due JOIN made USING (wallet)
     WHERE notices.id = due.id RETURNING 1`,
    [pauseSeconds],
  );
  return told.length;
}

/** A mail that is to be sent now. */
export interface LeasedMail {
  readonly id: bigint;
  readonly wallet: string;
  readonly purpose: "question" | "notices";
  /** This one included. */
  readonly attempts: number;
  readonly address: string;
  readonly made_at: Date;
}

/** Leases mails that are due, so that no more than `perMinute` are on their way within a minute. SKIP LOCKED: as with deliveries. */
export async function leaseMails(
  sql: Sql,
  limits: { readonly atOnce: number; readonly perMinute: number },
  leaseSeconds: number,
): Promise<LeasedMail[]> {
  return sql.query(
    `WITH due AS (
       SELECT id FROM mails WHERE state = 'pending' AND due_at <= now() ORDER BY due_at, id
       LIMIT least($1, greatest(0, $2 - (
         SELECT count(*) FROM mails WHERE sent_at > now() - interval '1 minute')))
       FOR UPDATE SKIP LOCKED
     )
     UPDATE mails SET attempts = attempts + 1, due_at = now() + make_interval(secs => $3)
     FROM due, mail_addresses a WHERE mails.id = due.id AND a.wallet = mails.wallet
     RETURNING mails.id, mails.wallet, purpose, attempts, a.address, made_at`,
    [limits.atOnce, limits.perMinute, leaseSeconds],
  );
}

/** Ends a lease, unless somebody else has leased the mail meanwhile: its attempts say so. */
export async function endMailLease(
  sql: Sql,
  mail: Pick<LeasedMail, "id" | "attempts">,
  outcome: {
    readonly state: "pending" | "sent" | "dead" | "void";
    readonly error: string | null;
    readonly waitSeconds: number;
  },
): Promise<void> {
  await sql.query(
    `UPDATE mails SET state = $3, last_error = $4, due_at = now() + make_interval(secs => $5),
       sent_at = CASE WHEN $3 = 'sent' THEN now() END
     WHERE id = $1 AND attempts = $2 AND state = 'pending'`,
    [mail.id, mail.attempts, outcome.state, outcome.error, outcome.waitSeconds],
  );
}

/** What a mail tells, with all that its words are made of. */
export interface NoticeRow {
  readonly id: bigint;
  readonly kind: NoticeKind;
  readonly about: string;
  readonly campaign_id: string | null;
  readonly conversion_id: bigint | null;
  readonly transaction: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The campaign's description in force, as it was published. */
  readonly description: string | null;
  readonly token_symbol: string | null;
  readonly token_decimals: number | null;
  readonly state: ConversionState | null;
  readonly reason: string | null;
  readonly event: string | null;
  readonly commission: bigint | null;
  readonly receipt: string | null;
  readonly batch: string | null;
}

/** Whether what a notice of a conversion says is still so. */
const STANDS = `CASE n.kind
  WHEN 'partner.first_sale' THEN c.state NOT IN ('rejected', 'reversed')
  WHEN 'partner.rejected' THEN c.state IN ('rejected', 'reversed')
  WHEN 'partner.released' THEN c.state = 'released'
  ELSE true END`;

/** The notices of a mail that still stand, the first `limit` of them, and how many there are. */
export async function readNotices(
  sql: Sql,
  mailId: bigint,
  limit: number,
): Promise<{ readonly notices: readonly NoticeRow[]; readonly count: number }> {
  const rows = await sql.query<NoticeRow & { readonly count: bigint }>(
    `SELECT n.id, n.kind, n.about, n.campaign_id, n.conversion_id, n.transaction, n.facts,
       (SELECT body FROM descriptions_in_force WHERE campaign_id = n.campaign_id) AS description,
       campaigns.token_symbol, campaigns.token_decimals, c.state, c.reason, c.event,
       c.partner_commission AS commission, c.receipt, c.batch, count(*) OVER () AS count
     FROM notices n LEFT JOIN campaigns ON campaigns.id = n.campaign_id
     LEFT JOIN conversions c ON c.id = n.conversion_id
     WHERE n.mail_id = $1 AND ${STANDS} ORDER BY n.id LIMIT $2`,
    [mailId, limit],
  );
  return { notices: rows, count: Number(rows[0]?.count ?? 0n) };
}

const KEPT_MAIL_DAYS = 30;
const KEPT_NOTICE_DAYS = 400;
const MAX_FORGOTTEN = 5_000;

/** Forgets mails of long ago; that something was told is kept longer. */
export async function forgetMails(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM mails WHERE id IN (
       SELECT id FROM mails WHERE made_at < now() - make_interval(days => $1) ORDER BY made_at LIMIT $2)`,
    [KEPT_MAIL_DAYS, MAX_FORGOTTEN],
  );
  await sql.query(
    `DELETE FROM notices WHERE id IN (
       SELECT id FROM notices WHERE created_at < now() - make_interval(days => $1)
       ORDER BY created_at LIMIT $2)`,
    [KEPT_NOTICE_DAYS, MAX_FORGOTTEN],
  );
}
