/** A mail as it is sent: its subject, its text, the same as a page, and the headers by which a mail program unsubscribes. */
import { html } from "hono/html";
import { mailSeal } from "../secrets.ts";
import type { LeasedMail, NoticeRow } from "../store/mails.ts";
import { actLink, type LinkConfig, pageAt } from "./links.ts";
import { type Words, wordsOf } from "./words.ts";

/** So many notices stand in one mail in full. */
export const MAX_SHOWN = 25;

export interface Letter {
  readonly to: string;
  /** The same whenever the mail is sent: a mailbox that got it already knows it again. */
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LetterConfig extends LinkConfig {
  /** For how long the question whether an address is somebody's is open. */
  readonly confirmHours: number;
}

/** `count`: of how many notices `notices` are the first. */
export async function noticesLetter(
  config: LetterConfig,
  mail: LeasedMail,
  notices: readonly NoticeRow[],
  count: number,
): Promise<Letter> {
  const told = notices.map(wordsOf);
  const [first] = told;
  if (first === undefined) throw new Error(`Mail ${mail.id} has nothing to tell.`);
  const more = count - told.length;
  const subject = count === 1 ? first.title : `${first.title}, and ${count - 1} more`;
  const settings = pageAt(config, "/notices");
  const stop = actLink(config, "unsubscribe", mail.wallet, mail.address);
  const rest = more > 0 ? `And ${more} more, which the pages show.` : "";
  const text = [
    ...told.map((one) => textOf(config, one)),
    ...(rest === "" ? [] : [rest]),
    `--\nFor the wallet ${mail.wallet}.\nWhat you are told: ${settings}\nNo more mail, and the address deleted: ${stop}`,
  ].join("\n\n");
  const page = html`<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif;max-width:36rem;margin:0 auto;padding:1rem">
${told.map((one) => htmlOf(config, one))}<p>${rest}</p>
<hr><p style="font-size:13px">For the wallet ${mail.wallet}. <a href="${settings}">What you are told</a>. <a href="${stop}">No more mail, and the address deleted</a>.</p>
</body></html>`;
  return { ...envelope(config, mail, stop), subject, text, html: String(await page) };
}

function textOf(config: LetterConfig, { title, text, proof, page }: Words): string {
  return [title, text, ...proof.map(([name, value]) => `  ${name}: ${value}`), `  ${pageAt(config, page)}`].join("\n");
}

const htmlOf = (
  config: LetterConfig,
  { title, text, proof, page }: Words,
) => html`<h2 style="font-size:18px">${title}</h2><p>${text}</p>
<p style="font-size:13px;overflow-wrap:anywhere">${proof.map(([name, value]) => html`${name}: <code>${value}</code><br>`)}<a href="${pageAt(config, page)}">Open its page</a></p>
`;

/** Asks whoever reads the mail whether they want it. Nothing that a stranger wrote stands in it but the wallet. */
export async function questionLetter(config: LetterConfig, mail: LeasedMail): Promise<Letter> {
  const yes = actLink(config, "confirm", mail.wallet, mail.address);
  const no = actLink(config, "unsubscribe", mail.wallet, mail.address);
  const host = new URL(config.PUBLIC_URL).host;
  const text = [
    `The wallet ${mail.wallet} signed in at ${host} and asked for notices of its partner programs to be sent to this address.`,
    `If that was you, confirm it within ${config.confirmHours} hours:\n${yes}`,
    `If it was not, do nothing and the address is forgotten. So that nobody asks again:\n${no}`,
  ].join("\n\n");
  const page = html`<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif;max-width:36rem;margin:0 auto;padding:1rem">
<p>The wallet ${mail.wallet} signed in at ${host} and asked for notices of its partner programs to be sent to this address.</p>
<p>If that was you, <a href="${yes}">confirm it</a> within ${config.confirmHours} hours.</p>
<p style="font-size:13px">If it was not, do nothing and the address is forgotten. <a href="${no}">So that nobody asks again</a>.</p>
</body></html>`;
  return { ...envelope(config, mail, no), subject: "Is this address yours?", text, html: String(await page) };
}

/** RFC 8058: a mail program ends the mail with one POST, without a page. */
function envelope(config: LetterConfig, mail: LeasedMail, stop: string): Pick<Letter, "to" | "messageId" | "headers"> {
  const { hostname } = new URL(config.PUBLIC_URL);
  const made = `${mail.id} ${mail.made_at.toISOString()}`;
  return {
    to: mail.address,
    messageId: `<${mail.id}.${mailSeal(config.RELAYER_SECRET, "confirm", made, mail.wallet)}@${hostname}>`,
    headers: {
      "List-Unsubscribe": `<${stop}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      // No out-of-office notes.
      "Auto-Submitted": "auto-generated",
    },
  };
}
