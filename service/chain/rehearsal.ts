/** Asks the contract's Lens what lines are worth and which do not hold, before anybody signs: a line that holds then holds for ever. */
import type { Attestation } from "@partner-programs/protocol/typedData";
import { isError } from "ethers";
import type { ProgramsChain } from "./programs.ts";

/** A line that does not hold, packed, and the contract's number of why. */
export interface LineFault {
  readonly index: number;
  readonly line: string;
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

/** `lines`: the packed lines of the attestation, in their order, some at a time; so many questions are under way at once. */
export async function rehearse(
  { lens }: Pick<ProgramsChain, "lens">,
  attestation: Attestation,
  lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  questions = 1,
): Promise<Rehearsal> {
  let [worth, size] = [0n, LINES];
  const faults: LineFault[] = [];
  const pages = placed(lines);

  /** Takes its pages from one list with the others. */
  async function ask(): Promise<void> {
    for (let next = await pages.next(); next.done !== true; next = await pages.next()) {
      const { first, page } = next.value;
      for (let at = 0; at < page.length; ) {
        const some = page.slice(at, at + size);
        try {
          const answer = await lens.rehearse(attestation, first + at, some);
          worth += answer.worth;
          for (const { index, fault } of answer.faults) {
            const line = page[Number(index) - first];
            if (line !== undefined) faults.push({ index: Number(index), line, fault: Number(fault) });
          }
          at += some.length;
        } catch (error) {
          if (!isTooMuch(error) || some.length <= FEWEST) throw error;
          size = Math.min(size, Math.ceil(some.length / 4));
        }
      }
    }
  }

  await Promise.all(Array.from({ length: questions }, ask));
  return { worth, faults: faults.sort((a, b) => a.index - b.index) };
}

async function* placed(lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>) {
  let first = 0;
  for await (const page of lines) {
    yield { first, page };
    first += page.length;
  }
}

/**
 * Whether a node may have refused because the call takes more gas, or time, than it gives one: each says so in its own words, and
 * some as if the contract had failed without a word. What the contract itself refuses, it says by an error.
 */
const isTooMuch = (error: unknown): boolean =>
  isError(error, "CALL_EXCEPTION") ? (error.data ?? "0x") === "0x" : isError(error, "UNKNOWN_ERROR");
