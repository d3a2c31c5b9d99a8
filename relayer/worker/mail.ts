/**
 * Writes to wallets what they are to be told. A mail is written down before it is sent, and leased while it is: after a crash it is due
 * again. A crash between the server's yes and our note sends it again, under the same Message-ID.
 */
import type { Database } from "#service/database.ts";
import type { Config } from "../config.ts";
import type { Failures } from "../failures.ts";
import { type Letter, MAX_SHOWN, noticesLetter, questionLetter } from "../mail/letter.ts";
import type { LinkConfig } from "../mail/links.ts";
import { type Post, SMTP_SECONDS } from "../mail/post.ts";
import { forgetMailAddresses, noteRefusedAddress } from "../store/mailAddresses.ts";
import { bundleNotices, endMailLease, forgetMails, type LeasedMail, leaseMails, readNotices } from "../store/mails.ts";
import { pauseAfter } from "../webhooks/message.ts";

/** For how long the question whether an address is somebody's is open; and after a no nobody asks there for so long. */
export const CONFIRM_HOURS = 48;
export const REFUSAL_DAYS = 30;

/** Longer than handing one over can take, step by step. */
const LEASE_SECONDS = SMTP_SECONDS * 10;
const AT_ONCE = 5;

export interface MailWork {
  readonly database: Database;
  readonly failures: Pick<Failures, "eachItem">;
  readonly post: Post;
  readonly config: LinkConfig & Pick<Config, "MAIL_A_MINUTE" | "MAIL_PAUSE_SECONDS" | "WEBHOOKS_RETRY_SCALE">;
}

/** @returns how many mails were tried */
export async function mail(work: MailWork): Promise<number> {
  const { database, config, failures } = work;
  await bundleNotices(database, config.MAIL_PAUSE_SECONDS);
  const due = await leaseMails(database, { atOnce: AT_ONCE, perMinute: config.MAIL_A_MINUTE }, LEASE_SECONDS);
  await failures.eachItem(
    "mail",
    due,
    ({ id }) => ({ mail: String(id) }),
    (one) => send(work, one),
    AT_ONCE,
  );
  await forgetMailAddresses(database, CONFIRM_HOURS, REFUSAL_DAYS);
  await forgetMails(database);
  return due.length;
}

async function send({ database, post, config }: MailWork, one: LeasedMail): Promise<void> {
  const letter = await write(database, config, one);
  if (letter === undefined) {
    await endMailLease(database, one, { state: "void", error: null, waitSeconds: 0 });
    return;
  }
  const handed = await post.send(letter);
  if (handed.taken) {
    await endMailLease(database, one, { state: "sent", error: null, waitSeconds: 0 });
    return;
  }
  const pause = handed.refused ? undefined : pauseAfter(one.attempts, Math.random());
  await database.transaction(async (sql) => {
    const state = pause === undefined ? ("dead" as const) : ("pending" as const);
    const waitSeconds = (pause ?? 0) * config.WEBHOOKS_RETRY_SCALE;
    await endMailLease(sql, one, { state, error: handed.said, waitSeconds });
    if (handed.refused) await noteRefusedAddress(sql, one.wallet, handed.said);
  });
}

/** undefined: nothing of what it was to tell is so any more. */
async function write(database: Database, config: LinkConfig, one: LeasedMail): Promise<Letter | undefined> {
  const letters = { ...config, confirmHours: CONFIRM_HOURS };
  if (one.purpose === "question") return questionLetter(letters, one);
  const { notices, count } = await readNotices(database, one.id, MAX_SHOWN);
  return count === 0 ? undefined : noticesLetter(letters, one, notices, count);
}
