/** Reads the events of a brand's own contract that its description calls conversions: one reading for relayer and attester. */
import { codesInData, codeWithPrefix } from "@partner-programs/protocol/dataSuffix";
import type { EventDescription } from "@partner-programs/protocol/description";
import {
  EventFragment,
  getAddress,
  Interface,
  type Log,
  Transaction,
  type TransactionResponse,
  ZeroAddress,
} from "ethers";
import type { ProgramsChain } from "./programs.ts";

/** What a campaign's description says about a contract whose events are conversions. */
export type ContractSource = NonNullable<EventDescription["contract"]>;

/** One event of a brand's own contract. */
export interface ContractEvent {
  readonly transaction: string;
  /** Its place in the block. */
  readonly index: number;
  readonly block: number;
  readonly customer: string;
  /** In base units of the campaign's token. */
  readonly volume: bigint;
  /** Whom the event names; undefined: nobody, or it cannot. */
  readonly partner: string | undefined;
  /** The partner's code behind the transaction's data, in small letters. */
  readonly code: string | undefined;
}

type Node = Pick<ProgramsChain, "provenLogs" | "provider">;

/**
 * The events of a contract in final blocks `from` to `to`, in order and in pieces: each with the last block that it covers. None that
 * the node leaves out: what is not read once is not read again, and nothing else would tell of it.
 */
export async function* readContractEvents(
  node: Node,
  source: ContractSource,
  from: number,
  to: number,
): AsyncGenerator<{ to: number; events: ContractEvent[] }> {
  const fragment = EventFragment.from(source.abi);
  const contract = new Interface([fragment]);
  const of = { address: getAddress(source.address), topics: [fragment.topicHash] };
  for await (const piece of node.provenLogs(of, from, to)) {
    const events: ContractEvent[] = [];
    const codes = new Map<string, string | undefined>();
    for (const log of piece.logs) {
      const said = read(contract, source, log);
      // What is not as the description has it is another event: it is none of the campaign's, and holds up no other.
      if (said === undefined) continue;
      const { transactionHash: transaction, index, blockNumber: block } = log;
      if (source.suffix !== undefined && !codes.has(transaction))
        codes.set(transaction, await readCode(node, transaction, source.suffix));
      events.push({ transaction, index, block, ...said, code: codes.get(transaction) });
    }
    yield { to: piece.to, events };
  }
}

function read(
  contract: Interface,
  source: ContractSource,
  log: Log,
): Pick<ContractEvent, "customer" | "volume" | "partner"> | undefined {
  try {
    // Arguments that cannot be decoded throw as late as they are looked at.
    const args = contract.parseLog(log)?.args;
    const customer: unknown = args?.getValue(source.customer);
    const volume: unknown = source.volume === undefined ? 0n : args?.getValue(source.volume);
    const partner: unknown = source.partner === undefined ? undefined : args?.getValue(source.partner);
    if (typeof customer !== "string" || typeof volume !== "bigint") return undefined;
    return { customer, volume, partner: typeof partner === "string" && partner !== ZeroAddress ? partner : undefined };
  } catch {
    return undefined;
  }
}

/** @throws Error where the node has not, or changed, the transaction of a log that it has */
async function readCode({ provider }: Node, hash: string, prefix: string): Promise<string | undefined> {
  const told = await provider.getTransaction(hash);
  if (told === null) throw new Error(`The chain's node does not have transaction ${hash}, and has a log of it.`);
  const again = rebuild(told);
  if (again === undefined) return undefined;
  // Whoever says what stands behind the data, or that nothing does, says who is paid: the hash is of all of it.
  if (again.hash !== hash) throw new Error(`The chain's node tells another transaction than ${hash} by that hash.`);
  return codeWithPrefix(codesInData(told.data), prefix);
}

/** The transaction with what its hash is of. undefined: it is of a type that a chain has of its own, such as a deposit of its layer below. */
function rebuild(told: TransactionResponse): Transaction | undefined {
  const { type, to, nonce, gasLimit, data, value, chainId, signature } = told;
  if (![0, 1, 2, 3, 4].includes(type)) return undefined;
  const fees =
    type < 2
      ? { gasPrice: told.gasPrice }
      : { maxFeePerGas: told.maxFeePerGas ?? null, maxPriorityFeePerGas: told.maxPriorityFeePerGas ?? null };
  const more = type === 0 ? {} : { accessList: told.accessList ?? [] };
  const blobs =
    type === 3
      ? { maxFeePerBlobGas: told.maxFeePerBlobGas ?? null, blobVersionedHashes: told.blobVersionedHashes ?? null }
      : {};
  const authorizations = type === 4 ? { authorizationList: told.authorizationList ?? [] } : {};
  return Transaction.from({
    ...{ type, to, nonce, gasLimit, data, value, chainId, signature },
    ...{ ...fees, ...more, ...blobs, ...authorizations },
  });
}
