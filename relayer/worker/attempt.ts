/** Steps that the contract or the attesters may refuse for now. */

import type { Database } from "#service/database.ts";
import { RetryableError } from "#service/errors.ts";
import { type Answer, isSignature, type Opinion } from "../attesters/client.ts";
import { WouldRevert } from "../chain/sender.ts";
import { postponeBatch } from "../store/batches.ts";

/** Too few attesters would sign. */
export class TooFewSigners extends RetryableError {
  override readonly name = "TooFewSigners";
}

/** Tries a step of a batch; if the contract or the attesters refuse it, notes why and tries again later. @returns whether it was done */
export async function attempt(database: Database, digest: string, step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (!(error instanceof WouldRevert || error instanceof TooFewSigners)) throw error;
    await postponeBatch(database, digest, error.message);
    return false;
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
