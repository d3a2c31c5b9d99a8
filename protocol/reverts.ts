/** An error that the contract reverted with, as its name, its values, and in words. */
import type { Interface } from "ethers";

export interface Revert {
  /** Empty: the contract gave no reason, or none that its ABI knows. */
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `InsufficientBudget(campaignId: 0x…, required: 5, available: 4)`; empty if it has no name. */
  readonly words: string;
}

/** Reads what a call reverted with. */
export function readRevert(errors: Interface, data: string | null | undefined): Revert {
  // Less than an error's selector is none: a call that ran out of gas says nothing at all ("0x").
  const parsed = data == null || data.length < 10 ? null : errors.parseError(data);
  if (parsed === null) return { name: "", args: {}, words: "" };
  const named = parsed.fragment.inputs.map((input, i) => [input.name, parsed.args[i]] as const);
  const values = named.map(([name, value]) => `${name}: ${value}`);
  return { name: parsed.name, args: Object.fromEntries(named), words: `${parsed.name}(${values.join(", ")})` };
}
