/** What a call reverted with: whether it is the contract that refused, or its node that could not ask; and the error's name, values and words. */
import { type CallExceptionError, type Interface, isError } from "ethers";

export interface Revert {
  /** Empty: the contract gave no reason, or none that its ABI knows. */
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `InsufficientBudget(campaignId: 0x…, required: 5, available: 4)`; empty if it has no name. */
  readonly words: string;
}

/** JSON-RPC codes of nodes whose machine ran the call and stopped. */
const STOPPED = [3, -32_015];
/** What nodes call the ends of a call that has no data. */
const STOPPED_WORDS = /reverted|^VM Exception|EVM error|invalid opcode|invalid jump|stack (under|over)flow|out of gas/i;

/**
 * Whether a call's error is of what was called. ethers makes a CALL_EXCEPTION of every error that a node answers to `eth_call` and
 * `eth_estimateGas`, also that it is over its limit, behind, or starting: of a call that ran there is data, or the node says how it ended.
 */
export function isRevert(error: unknown): error is CallExceptionError {
  if (!isError(error, "CALL_EXCEPTION")) return false;
  if (error.data !== null && error.data !== undefined) return true;
  const said: { readonly code?: unknown; readonly message?: unknown } | undefined = error.info?.error;
  return (
    STOPPED.some((code) => code === said?.code) ||
    (typeof said?.message === "string" && STOPPED_WORDS.test(said.message))
  );
}

/** Whether a call failed because of the node that was asked: the same call may succeed in a moment. */
export const isNodeTrouble = (error: unknown): boolean => isError(error, "CALL_EXCEPTION") && !isRevert(error);

/** Reads what a call reverted with. */
export function readRevert(errors: Interface, data: string | null | undefined): Revert {
  // Less than an error's selector is none: a call that ran out of gas says nothing at all ("0x").
  const parsed = data == null || data.length < 10 ? null : errors.parseError(data);
  if (parsed === null) return { name: "", args: {}, words: "" };
  const named = parsed.fragment.inputs.map((input, i) => [input.name, parsed.args[i]] as const);
  const values = named.map(([name, value]) => `${name}: ${value}`);
  return { name: parsed.name, args: Object.fromEntries(named), words: `${parsed.name}(${values.join(", ")})` };
}
