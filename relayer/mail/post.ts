/** Hands mails to the operator's mail server (SMTP). */
import { createTransport } from "nodemailer";
import type { Letter } from "./letter.ts";

/** What came of handing a mail over. `refused`: the server will not take it for this address, however often it is asked. */
export type Handed =
  | { readonly taken: true }
  | { readonly taken: false; readonly refused: boolean; readonly said: string };

export interface Post {
  send(letter: Letter): Promise<Handed>;
  close(): void;
}

/** Seconds in which the server has to say something, of each step. */
export const SMTP_SECONDS = 20;
const MAX_SAID = 200;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** `SMTP_URL` is smtp:// (STARTTLS is required, but on one's own machine) or smtps://, with user and password if it wants them. */
export function openPost({ SMTP_URL, MAIL_FROM }: { readonly SMTP_URL: string; readonly MAIL_FROM: string }): Post {
  const url = new URL(SMTP_URL);
  const secure = url.protocol === "smtps:";
  const local = LOOPBACK.test(url.hostname);
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    ...(url.username === ""
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: SMTP_SECONDS * 1000,
    greetingTimeout: SMTP_SECONDS * 1000,
    socketTimeout: SMTP_SECONDS * 1000,
  });
  return {
    async send({ to, headers, ...letter }) {
      try {
        // Of what is given nothing is read from files or the net: texts are texts.
        const never = { disableFileAccess: true, disableUrlAccess: true };
        const list = { headers: { ...headers } };
        await transport.sendMail({ ...letter, ...list, ...never, from: MAIL_FROM, to: { name: "", address: to } });
        return { taken: true };
      } catch (error) {
        return describe(error);
      }
    },
    close: () => transport.close(),
  };
}

/** The server's own code and words; never the address, which stands in them often: that is in the database once. */
function describe(error: unknown): Handed {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  const said = [code ?? (error as Error).name, command, responseCode].filter((part) => part !== undefined).join(" ");
  // 550 to 553 of a recipient: no such mailbox, or not one that takes mail from here.
  const refused = command === "RCPT TO" && responseCode !== undefined && responseCode >= 550 && responseCode <= 553;
  return { taken: false, refused, said: said.slice(0, MAX_SAID) };
}
