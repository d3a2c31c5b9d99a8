/** Whether what is asked for conflicts with what this attester signed before. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { refuse, refuseSome } from "./refusals.ts";

/** What an attester signed before that shares numbers, keys or orders with what it is asked to sign. */
export interface Earlier {
  readonly digest: string;
  readonly firstConversion: bigint;
  readonly deadline: number;
  /** Whether the chain has it. */
  readonly attested: boolean;
  /** The conversions of the new one whose key or order was in it. */
  readonly shared: readonly bigint[];
}

/** The chain at a block that cannot be undone. */
export interface FinalFacts {
  readonly nextConversion: bigint;
  readonly time: number;
}

/**
 * The signing rule: what shares a number, a key or an order with something signed before is signed only if the earlier one is
 * dead, that is, not on the chain and past its deadline or its number at a block that is final.
 */
export function checkEarlier(earlier: readonly Earlier[], final: FinalFacts): Refusal | undefined {
  const attested: { number: bigint; reason: string }[] = [];
  const alive: { number: bigint; reason: string }[] = [];
  let numbersAlive: Earlier | undefined;
  for (const one of earlier) {
    if (!one.attested && isDead(one, final)) continue;
    const reason = one.attested
      ? `its key or its order was attested before, in ${one.digest}.`
      : `its key or its order was signed before, in ${one.digest}, which can still be attested until ${one.deadline}.`;
    (one.attested ? attested : alive).push(...one.shared.map((number) => ({ number, reason })));
    numbersAlive = one;
  }
  const refusal = refuseSome(once(attested)) ?? refuseSome(once(alive), true);
  if (refusal !== undefined || numbersAlive === undefined) return refusal;
  return refuse(
    `Some of these numbers were signed before, in ${numbersAlive.digest}, which ${numbersAlive.attested ? "was attested" : `can still be attested until ${numbersAlive.deadline}`}.`,
    true,
  );
}

export function isDead(one: Pick<Earlier, "firstConversion" | "deadline">, final: FinalFacts): boolean {
  return final.time > one.deadline || final.nextConversion > one.firstConversion;
}

function once(refused: Refusal["conversions"]): Refusal["conversions"] {
  const first = new Map(refused.toReversed().map((one) => [one.number, one]));
  return [...first.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
}
