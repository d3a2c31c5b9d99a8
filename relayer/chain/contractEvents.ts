/** Reads the events of a brand's own contract that its description calls conversions. */
import type { EventDescription } from "@partner-programs/protocol/description";
import { EventFragment, getAddress, Interface, type Log, type LogDescription } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";

/** What a campaign's description says about a contract whose events are conversions. */
export type ContractSource = NonNullable<EventDescription["contract"]>;

/** One event of a brand's own contract. */
export interface ContractEvent {
  readonly transaction: string;
  /** Its place in the block. */
  readonly index: number;
  readonly customer: string;
  /** In base units of the campaign's token. */
  readonly volume: bigint;
}

/**
 * The events of a contract in final blocks `from` to `to`, in order and in pieces: each with the last block that it covers. None that
 * the node leaves out: what is not read once is not read again, and nothing else would tell of it.
 */
export async function* readContractEvents(
  chain: Pick<ProgramsChain, "provenLogs">,
  source: ContractSource,
  from: number,
  to: number,
): AsyncGenerator<{ to: number; events: ContractEvent[] }> {
  const fragment = EventFragment.from(source.abi);
  const contract = new Interface([fragment]);
  const of = { address: getAddress(source.address), topics: [fragment.topicHash] };
  for await (const piece of chain.provenLogs(of, from, to)) {
    yield { to: piece.to, events: piece.logs.flatMap((log) => parse(contract, source, log)) };
  }
}

function parse(contract: Interface, source: ContractSource, log: Log): ContractEvent[] {
  // One of the same topic with other indexed arguments does not parse: it is another event.
  const parsed = tryParse(contract, log);
  if (parsed === null) return [];
  const customer: string = parsed.args.getValue(source.customer);
  const volume: bigint = source.volume === undefined ? 0n : parsed.args.getValue(source.volume);
  return [{ transaction: log.transactionHash, index: log.index, customer, volume }];
}

function tryParse(contract: Interface, log: Log): LogDescription | null {
  try {
    return contract.parseLog(log);
  } catch {
    return null;
  }
}
