/** What a transaction offers for a gas, in wei: what the chain asks for now, within the operator's limit. */
import type { Provider } from "ethers";

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
const larger = (a: bigint, b: bigint) => (a > b ? a : b);

export async function readFees(provider: Pick<Provider, "getFeeData">, limit: bigint): Promise<Fees> {
  const asked = await provider.getFeeData();
  const most = asked.maxFeePerGas ?? asked.gasPrice ?? 1n;
  const maxFeePerGas = smaller(most, limit);
  return { maxFeePerGas, maxPriorityFeePerGas: smaller(asked.maxPriorityFeePerGas ?? most, maxFeePerGas) };
}

/** Nodes take a replacement only if both fees rise by a tenth; an eighth is on the safe side. */
const raised = (fee: bigint) => fee + fee / 8n + 1n;

/** The fees of a replacement for a transaction with the fees `before`. They may be above the operator's limit. */
export function raisedFees(before: Fees, now: Fees): Fees {
  return {
    maxFeePerGas: larger(now.maxFeePerGas, raised(before.maxFeePerGas)),
    maxPriorityFeePerGas: larger(now.maxPriorityFeePerGas, raised(before.maxPriorityFeePerGas)),
  };
}
