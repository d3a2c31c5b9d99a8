/** Errors that say whether trying again can help: whoever catches one decides by its type, not by its text. */
import { isNodeTrouble } from "@partner-programs/protocol/reverts";

/** Nothing is wrong with what was asked: the same may succeed later, when something else has changed or answers again. */
export abstract class RetryableError extends Error {
  /** Seconds after which trying again is worth it, where the thrower knows. */
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, options?: ErrorOptions & { readonly retryAfterSeconds?: number }) {
    super(message, options);
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** What was asked is refused and stays refused, until whoever asked changes it. */
export abstract class FinalError extends Error {}

/** Of connections (Node), of PostgreSQL (its classes 08, 53 and 57P, and 40 for transactions to be repeated), of ethers. */
const AWAY =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|(08|53|57P|40)\w+|NETWORK_ERROR|SERVER_ERROR|TIMEOUT)$/;

/** Whether trying the same again can help, also for the errors of drivers, by their codes. What nobody foresaw: no. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof RetryableError || isNodeTrouble(error)) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && AWAY.test(code);
}

/**
 * What went wrong, for a log: without what ethers appends to its messages, because a request's URL may hold the key of an RPC
 * provider.
 */
export function describeError(error: unknown): { readonly error: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  const message = "shortMessage" in error ? String(error.shortMessage) : error.message;
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  return { error: `${error.name}: ${message}`, ...(frames === undefined ? {} : { stack: frames.join("\n") }) };
}
