/**
 * Carries signed claims to the chain. One that the contract would not take now is given up: its owner signs another, or claims
 * itself.
 */
import { claimForCall } from "../chain/calls.ts";
import { DaySpent, TooMuchGas, WouldRevert } from "../chain/sender.ts";
import { maxGas } from "../domain/gasless.ts";
import { type Claim, giveUp, giveUpReverted, purposeOf, readWaiting } from "../store/claims.ts";
import type { Work } from "./work.ts";

type CarryWork = Pick<Work, "database" | "chain" | "sender" | "failures">;

export async function carry(work: CarryWork): Promise<number> {
  await giveUpReverted(work.database);
  const waiting = await readWaiting(work.database);
  await work.failures.eachItem(
    "carry",
    waiting,
    ({ id, owner }) => ({ claim: id, owner }),
    (claim) => carryClaim(work, claim),
  );
  return waiting.length;
}

async function carryClaim({ database, chain, sender }: CarryWork, claim: Claim): Promise<void> {
  const data = claimForCall(chain, claim, claim.signature);
  try {
    await sender.send(purposeOf(claim.id), data, maxGas(claim.tokens.length));
  } catch (error) {
    // It waits, and is no failure.
    if (error instanceof DaySpent) return;
    if (!(error instanceof WouldRevert || error instanceof TooMuchGas)) throw error;
    await giveUp(database, claim.id, error.message);
  }
}
