import { claimOrderTypedData } from "@partner-programs/protocol/typedData";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { type Sender, TooMuchGas, WouldRevert } from "../chain/sender.ts";
import { maxGas } from "../domain/gasless.ts";
import { giveUp, giveUpReverted, purposeOf, readWaiting } from "../store/claims.ts";

/** Carries signed claims to the chain. One that the contract would not take now is given up: its owner signs another, or claims itself. */
export async function carryClaims(given: {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly sender: Sender;
}): Promise<number> {
  const { database, chain, sender } = given;
  await giveUpReverted(database);
  const waiting = await readWaiting(database);
  for (const claim of waiting) {
    const data = chain.programs.interface.encodeFunctionData("claimFor", [
      claimOrderTypedData(claim).message as never,
      claim.signature,
    ]);
    try {
      await sender.send(purposeOf(claim.id), data, maxGas(claim.tokens.length));
    } catch (error) {
      if (!(error instanceof WouldRevert || error instanceof TooMuchGas)) throw error;
      await giveUp(database, claim.id, error.message);
    }
  }
  return waiting.length;
}
