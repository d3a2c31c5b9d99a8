/**
 * Carries signed orders to the chain: claims, and where their owners are paid. Of an owner whose account is not there yet the account comes
 * first. One that the contract would not take now is given up: its owner signs another, or claims itself.
 */
import { isOnChain } from "../chain/accounts.ts";
import { carryCall } from "../chain/calls.ts";
import { DaySpent, TooMuchGas, WouldRevert } from "../chain/sender.ts";
import { MAX_MAKING_GAS, maxGas } from "../domain/gasless.ts";
import { type Claim, giveUp, giveUpReverted, purposeOf, purposeOfMaking, readWaiting } from "../store/claims.ts";
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
  const { owner, making } = claim;
  const data = carryCall(chain, claim, claim.signature);
  try {
    // Until it is mined nobody can say what the contract would do: the order waits, and is taken up in a later round.
    if (making !== null && !(await isOnChain(chain, owner)))
      await sender.send(purposeOfMaking(owner), making.call, MAX_MAKING_GAS, making.factory);
    else await sender.send(purposeOf(claim.id), data, maxGas(claim.tokens.length));
  } catch (error) {
    // It waits, and is no failure.
    if (error instanceof DaySpent) return;
    if (!(error instanceof WouldRevert || error instanceof TooMuchGas)) throw error;
    await giveUp(database, claim.id, error.message);
  }
}
