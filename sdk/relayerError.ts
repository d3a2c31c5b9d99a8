/** The one error of the server's client: the relayer's own words, whether to try again, and what to do. */
import type { Problem } from "./types.ts";

const ADVICE: Readonly<Record<number, string>> = {
  0: "Is the relayer up, and is `url` where it is? Nothing is lost: send it again.",
  400: "Correct what is named, and send it again.",
  401: "Is this the key of this relayer, and not revoked? The brand makes one: POST /v1/campaigns/{campaignId}/keys.",
  403: "Make a key that has the scope that is named.",
  404: "Is the id of this campaign?",
  409: "Sending it again changes nothing.",
  413: "Send it in parts, or as an import.",
  429: "Send less at once, and this again after `retryAfter` seconds.",
};

/** The relayer said no, or nothing. The message is its own words. */
export class RelayerError extends Error {
  override readonly name = "RelayerError";
  /** Its HTTP status; 0: there was no answer. */
  readonly status: number;
  /** What is wrong, with which value, and mostly what to do. */
  readonly detail: string;
  /** The whole RFC 9457 problem, if the answer was one. */
  readonly problem: Problem | undefined;
  /** In seconds, if the answer said so. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    detail: string,
    more: { problem?: Problem | undefined; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.status = status;
    this.detail = detail;
    this.problem = more.problem;
    this.retryAfter = more.retryAfter;
  }

  /** Whether the same request may be answered otherwise later. It was tried some times already. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** What to do about it. */
  get advice(): string {
    if (this.status >= 300 && this.status < 400)
      return "Give `url` as the address that it leads to, if that is your relayer's.";
    return ADVICE[this.status] ?? (this.temporary ? "Nothing is lost: send it again later." : "Read `detail`.");
  }
}
