/** Every error as an answer: what the rooms behind the routes refuse with, what passes by waiting, and what nobody expected. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";
import { describeError, isRetryable, RetryableError } from "#service/errors.ts";
import { problemResponse } from "#service/problem.ts";
import { PathRefused } from "../domain/destination.ts";
import {
  ConflictingReport,
  InvalidReport,
  MissingDescription,
  RefusedBinding,
  RefusedBonus,
  RefusedInvoice,
  RefusedJudgement,
  RefusedLead,
  RefusedRefund,
  TooManyLeads,
} from "../intake/errors.ts";
import { UnreadableFile } from "../intake/rows.ts";
import { CodeTaken } from "../store/codes.ts";
import { AliasTaken } from "../store/links.ts";
import { routeOf } from "./observe.ts";

/** When to come again, where the error does not say. */
const RETRY_SECONDS = 1;

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Their texts are written for whoever asked. */
const STATUS: readonly (readonly [ErrorClass, ContentfulStatusCode])[] = [
  [InvalidReport, 400],
  [PathRefused, 400],
  [UnreadableFile, 400],
  [AliasTaken, 409],
  [CodeTaken, 409],
  [ConflictingReport, 409],
  [MissingDescription, 409],
  [RefusedBinding, 409],
  [RefusedRefund, 409],
  [RefusedJudgement, 409],
  [RefusedBonus, 409],
  [RefusedInvoice, 409],
  [RefusedLead, 409],
  [TooManyLeads, 429],
];

/** How an error is answered. */
export interface Answer {
  readonly status: ContentfulStatusCode;
  readonly detail: string;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  /** Nobody foresaw it: it is logged, and not shown. */
  readonly unexpected: boolean;
}

/** `requestId` leads whoever asks about it to the log. */
export function toAnswer(error: Error, requestId: string): Answer {
  if (error instanceof HTTPException)
    return { status: error.status as ContentfulStatusCode, detail: error.message, unexpected: false };
  if (error instanceof RetryableError)
    return {
      status: 503,
      detail: error.message,
      retryAfter: error.retryAfterSeconds ?? RETRY_SECONDS,
      unexpected: false,
    };
  const status = STATUS.find(([type]) => error instanceof type)?.[1];
  if (status !== undefined) return { status, detail: error.message, unexpected: false };
  // A driver's error: its text is not for strangers, but that it passes is.
  if (isRetryable(error))
    return {
      status: 503,
      detail: `Something that this relayer needs does not answer. Send it again in a moment. Request ${requestId}.`,
      retryAfter: RETRY_SECONDS,
      unexpected: true,
    };
  return { status: 500, detail: `Something went wrong here. Request ${requestId}.`, unexpected: true };
}

export function answerError(c: Context, error: Error, log: Pick<Logger, "error">): Response {
  const requestId = c.get("requestId");
  const { status, detail, retryAfter, unexpected } = toAnswer(error, requestId);
  if (unexpected)
    log.error({ requestId, method: c.req.method, route: routeOf(c), ...describeError(error) }, "request failed");
  return problemResponse(c, status, detail, retryAfter === undefined ? {} : { "retry-after": String(retryAfter) });
}
