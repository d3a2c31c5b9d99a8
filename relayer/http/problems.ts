/** Every error as an answer: what the rooms behind the routes refuse with, what passes by waiting, and what nobody expected. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { Problem, problemResponse } from "#service/problem.ts";
import { PathRefused } from "../domain/destination.ts";
import {
  Busy,
  ConflictingReport,
  InvalidReport,
  MissingDescription,
  RefusedBinding,
  RefusedRefund,
} from "../intake/errors.ts";
import { UnreadableFile } from "../intake/rows.ts";
import { TooManyReads } from "../invites/cache.ts";
import { AliasTaken } from "../store/links.ts";

/** When to come again where too much waits already. */
const RETRY_SECONDS = 1;

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Their texts are written for whoever asked. */
const STATUS: readonly (readonly [ErrorClass, ContentfulStatusCode])[] = [
  [InvalidReport, 400],
  [PathRefused, 400],
  [UnreadableFile, 400],
  [AliasTaken, 409],
  [ConflictingReport, 409],
  [MissingDescription, 409],
  [RefusedBinding, 409],
  [RefusedRefund, 409],
  [Busy, 503],
  [TooManyReads, 503],
];

/** The problem that an error is answered with; undefined: nobody expected it. */
export function toProblem(error: Error): HTTPException | undefined {
  if (error instanceof HTTPException) return error;
  const status = STATUS.find(([type]) => error instanceof type)?.[1];
  return status === undefined ? undefined : new Problem(status, error.message);
}

/** The answer to a request that ended with `error`; undefined: nobody expected it. */
export function answerError(c: Context, error: Error): Response | undefined {
  const problem = toProblem(error);
  if (problem === undefined) return undefined;
  const mayRetry = problem.status === 503 && problem !== error;
  return problemResponse(c, problem.status as ContentfulStatusCode, problem.message, {
    ...(mayRetry ? { "retry-after": String(RETRY_SECONDS) } : {}),
  });
}
