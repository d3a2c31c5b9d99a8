/** Steps that the contract or the attesters may refuse for now. */

import type { Database } from "#service/database.ts";
import { isRetryable, RetryableError } from "#service/errors.ts";
import { type Answer, isSignature, type Opinion } from "../attesters/client.ts";
import { DaySpent, WouldRevert } from "../chain/sender.ts";
import { postponeBatch } from "../store/batches.ts";

/** Too few attesters would sign. */
export class TooFewSigners extends RetryableError {
  override readonly name = "TooFewSigners";
}

/** What whoever looks at the batch is told: the error itself may hold what is not for everybody. */
const UNEXPECTED = "The relayer failed unexpectedly; its log says why.";

/** Tries a step of a batch; if the contract or the attesters refuse it, or the day's gas is spent, notes why and tries again later. @returns whether it was done */
export async function attempt(database: Database, digest: string, step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (error instanceof WouldRevert || error instanceof TooFewSigners || error instanceof DaySpent) {
      await postponeBatch(database, digest, error.message);
      return false;
    }
    // A round takes so many batches at most: those that fail every time must not be its first every time. That it could not be
    // noted is less than what went wrong.
    if (!isRetryable(error)) await postponeBatch(database, digest, UNEXPECTED).catch(() => {});
    throw error;
  }
}

/** What each member of a set said, in words. */
export function describeAnswers(members: readonly string[], answers: readonly (Answer | Opinion)[]): string {
  return answers
    .map((answer, i) => `${members[i]}: ${answer === undefined || isSignature(answer) ? "yes" : answer.reason}`)
    .join("; ");
}

/** The signatures among answers, each at its member's place. */
export const signaturesOf = (answers: readonly Answer[]) =>
  answers.map((answer) => (isSignature(answer) ? answer.signature : null));
