/** A mail server (SMTP) of a test, and the mailbox behind it. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  /** Who the server was told to give it to. */
  readonly recipients: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
}

/** `refuse` says for whom the server takes no mail, with which status; `busy`: it takes none now. */
export async function openMailbox() {
  const box = {
    mails: [] as ReceivedMail[],
    url: "",
    refuse: (_recipient: string): number | undefined => undefined,
    /** Called when a mail came in whole, before the server says so. */
    taken: async (): Promise<void> => {},
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onRcptTo({ address }, _session, callback) {
      const responseCode = box.refuse(address);
      callback(responseCode === undefined ? null : Object.assign(new Error("no"), { responseCode }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        box.mails.push(parse(Buffer.concat(chunks).toString("utf8"), recipients));
        box.taken().then(
          () => callback(),
          (error: Error) => callback(error),
        );
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  box.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return box;
}

function parse(raw: string, recipients: readonly string[]): ReceivedMail {
  const { headers, body } = split(raw);
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get("content-type") ?? "")?.[1];
  const parts = boundary === undefined ? [{ headers, body }] : body.split(`--${boundary}`).slice(1, -1).map(split);
  const partOf = (type: string) => {
    const part = parts.find((one) => (one.headers.get("content-type") ?? "").startsWith(type));
    return part === undefined ? "" : decode(part.body, part.headers.get("content-transfer-encoding") ?? "");
  };
  return { recipients, headers, text: partOf("text/plain"), html: partOf("text/html"), raw };
}

function split(raw: string): { headers: Map<string, string>; body: string } {
  const text = raw.replace(/^\r\n/, "");
  const end = text.indexOf("\r\n\r\n");
  const lines = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), words(line.slice(colon + 1).trim())];
    }),
  );
  return { headers, body: text.slice(end + 4).replace(/\r\n$/, "") };
}

function decode(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  const text = encoding === "quoted-printable" ? quoted(body) : body;
  return text.replaceAll("\r\n", "\n");
}

const quoted = (text: string) =>
  Buffer.from(
    text
      .replace(/=\r\n/g, "")
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");

/** Encoded words of a header (RFC 2047). */
const words = (value: string) =>
  value
    .replace(/(\?=)\s+(=\?)/g, "$1$2")
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toUpperCase() === "B" ? Buffer.from(text, "base64").toString("utf8") : quoted(text.replaceAll("_", " ")),
    );
