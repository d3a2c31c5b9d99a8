/** Reads the events of a brand's own contract that its description calls conversions. */
import type { EventDescription } from "@partner-programs/protocol/description";
import { EventFragment, getAddress, Interface, type Log } from "ethers";
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

/** What of a log of the right topic is not as the description has it is another event: it is none of the campaign's, and holds up no other. */
function parse(contract: Interface, source: ContractSource, log: Log): ContractEvent[] {
  const said = read(contract, source, log);
  return said === undefined ? [] : [{ transaction: log.transactionHash, index: log.index, ...said }];
}

function read(
  contract: Interface,
  source: ContractSource,
  log: Log,
): Pick<ContractEvent, "customer" | "volume"> | undefined {
  try {
    // Arguments that cannot be decoded throw as late as they are looked at.
    const args = contract.parseLog(log)?.args;
    const customer: unknown = args?.getValue(source.customer);
    const volume: unknown = source.volume === undefined ? 0n : args?.getValue(source.volume);
    return typeof customer === "string" && typeof volume === "bigint" ? { customer, volume } : undefined;
  } catch {
    return undefined;
  }
}
