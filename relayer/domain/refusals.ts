/** What to do with a batch that attesters refuse, or the contract would. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import type { Reason } from "@partner-programs/protocol/reasons";

/** What is to be done with a batch that is not wanted as it is. */
export type Remedy =
  /** Nothing yet: ask again later. */
  | { readonly do: "wait" }
  /** Build it again, from what is known now. */
  | { readonly do: "rebuild" }
  /** Try it with half the conversions. */
  | { readonly do: "halve" }
  /** Leave these conversions, by their numbers, to the brand, and go on with the others. */
  | { readonly do: "setAside"; readonly refused: ReadonlyMap<bigint, string> }
  /** Reject these: the contract would never pay them, in whatever batch. */
  | { readonly do: "reject"; readonly rejected: ReadonlyMap<bigint, Reason> };

/** The remedy for one that is refused as a whole, for good: half of it, down to the one conversion that is to blame. */
function narrow(numbers: readonly bigint[], reason: string): Remedy {
  return numbers.length > 1 ? { do: "halve" } : { do: "setAside", refused: new Map(numbers.map((n) => [n, reason])) };
}

/**
 * What to do when fewer than `threshold` of the attesters would sign the batch of conversions `numbers`. `opinions` has one of
 * each attester; undefined: it would sign.
 */
export function afterOpinions(
  numbers: readonly bigint[],
  opinions: readonly (Refusal | undefined)[],
  threshold: number,
): Remedy {
  // Those who would sign if some conversions were left out; the ones who ask for least decide.
  const conditional = opinions
    .filter((opinion) => opinion === undefined || (!opinion.transient && opinion.conversions.length > 0))
    .map((opinion) => opinion?.conversions ?? [])
    .sort((a, b) => a.length - b.length);
  if (conditional.length >= threshold) {
    const refused = new Map<bigint, string>();
    for (const { number, reason } of conditional.slice(0, threshold).flat()) {
      const before = refused.get(number);
      refused.set(number, before === undefined ? reason : `${before}; ${reason}`);
    }
    return { do: "setAside", refused };
  }
  const forGood = opinions.filter((opinion) => opinion !== undefined && !opinion.transient);
  if (opinions.length - forGood.length >= threshold) return { do: "wait" };
  return narrow(numbers, forGood.map((opinion) => opinion?.reason).join("; "));
}

/** What to do when the contract would not take the batch, by the name of its error. */
export function afterRevert(numbers: readonly bigint[], error: string, words: string): Remedy {
  switch (error) {
    // Numbered or timed by a state that is over.
    case "ConversionOutOfOrder":
    case "DeadlinePassed":
      return { do: "rebuild" };
    // The period ends in what is the future on the chain yet; a suspension ends.
    case "InvalidPeriod":
    case "CampaignSuspended":
      return { do: "wait" };
    // Less may fit; if not even one does, it waits for a new day or for funds.
    case "InsufficientBudget":
    case "DailyLimitExceeded":
      return numbers.length > 1 ? { do: "halve" } : { do: "wait" };
    case "CampaignClosed":
      return { do: "setAside", refused: new Map(numbers.map((number) => [number, words])) };
    default:
      return narrow(numbers, words);
  }
}
