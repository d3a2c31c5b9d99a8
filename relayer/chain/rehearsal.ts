/** Asks the contract's Lens what lines are worth and which do not hold, before anybody signs: a line that holds then holds for ever. */
import type { Attestation } from "@partner-programs/protocol/typedData";
import { isError } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";

/** A line that does not hold, and the contract's number of why. */
export interface LineFault {
  readonly index: number;
  readonly fault: number;
}

/** What the contract says of lines. */
export interface Rehearsal {
  /** What they are worth together. */
  readonly worth: bigint;
  readonly faults: readonly LineFault[];
}

/** Lines asked for at once: nodes bound the gas of a call, and a line costs some thousands of it. */
const LINES = 1_000;
const FEWEST = 16;

/** `lines`: packed lines of the attestation, from the `first` on. */
export async function rehearse(
  { lens }: Pick<ProgramsChain, "lens">,
  attestation: Attestation,
  lines: readonly string[],
): Promise<Rehearsal> {
  let worth = 0n;
  const faults: LineFault[] = [];
  for (let first = 0, size = LINES; first < lines.length; ) {
    const some = lines.slice(first, first + size);
    try {
      const answer = await lens.rehearse(attestation, first, [...some]);
      worth += answer.worth;
      for (const { index, fault } of answer.faults) faults.push({ index: Number(index), fault: Number(fault) });
      first += some.length;
    } catch (error) {
      // A node that gives a call less gas says so in its own way; what the contract itself refuses it says by an error.
      const outOfGas = isError(error, "CALL_EXCEPTION") ? (error.data ?? "0x") === "0x" : false;
      if (!outOfGas || size <= FEWEST) throw error;
      size = Math.ceil(size / 4);
    }
  }
  return { worth, faults };
}
