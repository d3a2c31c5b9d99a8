/** What a node's failure says of it: that it is away, over its limit, or lacks what was asked; or nothing, because the error is the answer. */
import { isRevert } from "@partner-programs/protocol/reverts";
import { isError } from "ethers";

/**
 * - `answer`: every node would say the same: the contract refused, a nonce is used, the question is none;
 * - `away`: it does not answer, or with nonsense;
 * - `limited`: it answers no more for now;
 * - `lacks`: it is well, and cannot say this: it is behind, has thrown old state away, does not know the method, or finds it too much.
 */
export interface NodeFault {
  readonly kind: "answer" | "away" | "limited" | "lacks";
  /** Where the node says when to come again. */
  readonly retryAfterSeconds?: number;
}

interface Said {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly data?: unknown;
}

/** No node is waited for longer because it says so. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** JSON-RPC codes for a limit; -32005 is EIP-1474's, and some say it of a question that is too big. */
const LIMIT_CODES: readonly unknown[] = [429, -32_005, -32_007, -32_029];
const LIMIT_WORDS =
  /rate.?limit|too many requests|requests? per|limit (exceeded|reached)|(capacity|quota|credits|compute units).*(exceed|reach|limit|exhaust)|exceeded.*(capacity|quota|credits)/i;
/** Of one question, and not of how many there were. */
const TOO_MUCH_WORDS =
  /block range|range (is )?too|too (many|large|wide).*(results|logs|blocks|range)|more than \d+ (results|logs|blocks)|response size|query timeout/i;
/** EIP-1474's invalid request and parameters. */
const INVALID_CODES: readonly unknown[] = [-32_600, -32_602];

/** What ethers makes of what a node says of a transaction: another node would say it as well. */
const OF_A_TRANSACTION = ["NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED", "INSUFFICIENT_FUNDS", "TRANSACTION_REPLACED"];

export function faultOf(error: unknown, method: string): NodeFault {
  if (isRevert(error) || OF_A_TRANSACTION.some((code) => isError(error, code as never))) return { kind: "answer" };
  const said = saidIn(error);
  if (said === undefined) return faultOfConnection(error);
  const message = typeof said.message === "string" ? said.message : "";
  if (TOO_MUCH_WORDS.test(message)) return { kind: "lacks" };
  if (LIMIT_CODES.includes(said.code) || LIMIT_WORDS.test(message)) {
    const retryAfterSeconds = retryIn(said.data);
    return { kind: "limited", ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  }
  // What is said of a transaction goes to whoever sends it, in the node's words.
  if (INVALID_CODES.includes(said.code) || method === "eth_sendRawTransaction") return { kind: "answer" };
  return { kind: "lacks" };
}

/** The node's own words, out of what ethers made of them; undefined: it said none. */
export function saidIn(error: unknown): Said | undefined {
  const { info, error: plain } = (error ?? {}) as { info?: { error?: unknown }; error?: unknown };
  const found = info?.error ?? (isError(error, "UNKNOWN_ERROR") ? plain : undefined);
  return typeof found === "object" && found !== null ? (found as Said) : undefined;
}

function faultOfConnection(error: unknown): NodeFault {
  if (!isError(error, "SERVER_ERROR") || error.response?.statusCode !== 429) return { kind: "away" };
  const retryAfterSeconds = retryAfter(error.response.headers["retry-after"]);
  return { kind: "limited", ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** The header has seconds, or a date. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return bounded(/^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000);
}

/** Infura's way to say it: `data.rate.backoff_seconds`. */
function retryIn(data: unknown): number | undefined {
  const { rate } = (typeof data === "object" && data !== null ? data : {}) as { rate?: { backoff_seconds?: unknown } };
  return typeof rate?.backoff_seconds === "number" ? bounded(rate.backoff_seconds) : undefined;
}

const bounded = (seconds: number) =>
  Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds)) : undefined;
