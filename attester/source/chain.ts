/** A source of orders: events of the brand's own contract, read from the chain by the attester's own node. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import { type ContractEvent, type ContractSource, readContractEvents } from "#service/chain/contractEvents.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Finality } from "../chain/finality.ts";
import { createAskedSource } from "./asking.ts";
import type { OrderName, OrderSource, SourceAnswer } from "./source.ts";

interface Options {
  readonly chain: Pick<ProgramsChain, "provenLogs" | "provider">;
  readonly finality: Finality;
  /** As the campaign's description has it: the event of the campaign, and the contract whose event it is. */
  readonly event: string;
  readonly contract: ContractSource;
  /** Of the campaign's token. */
  readonly decimals: number;
  readonly concurrency: number;
}

/** An order's id is its place: `<transaction>:<index in the block>`. */
const PLACE = /^(0x[0-9a-f]{64}):(\d{1,9})$/;

/** Customer, partner and volume are derived here as the relayer derives them, with nobody's word but the chain's. */
export function createChainSource(options: Options): OrderSource {
  const { chain, finality, event, contract, decimals, concurrency } = options;
  /** Known to be final, as blocks below it are: a batch has orders of many blocks, and most of them are known to be. */
  let finalTo = -1;
  return createAskedSource({
    concurrency,
    away: "the chain's node does not answer the attester.",
    ask: (orders) => Promise.all(orders.map(ask)),
  });

  async function ask({ orderId }: OrderName): Promise<SourceAnswer> {
    const place = PLACE.exec(orderId);
    if (place === null) return { missing: true };
    const [, transaction, index] = place;
    try {
      const found = await find(transaction as string, Number(index));
      if (found === "early") return { unavailable: `transaction ${transaction} is not final yet.` };
      if (found === undefined) return { missing: true };
      const block = await chain.provider.getBlock(found.block);
      if (block === null) return { unavailable: `the chain's node does not have block ${found.block}.` };
      return {
        order: {
          orderId,
          event,
          volume: fromBaseUnits(found.volume, decimals),
          createdAt: block.timestamp,
          refunded: false,
          // Whom the event names goes before what stands behind the transaction's data.
          brought: {
            customer: found.customer.toLowerCase(),
            code: found.partner === undefined ? found.code : undefined,
            partner: found.partner,
          },
        },
      };
    } catch {
      // What ethers says may hold the node's URL, and that a provider's key.
      return { unavailable: "the chain's node does not answer the attester as it should." };
    }
  }

  async function find(transaction: string, index: number): Promise<ContractEvent | "early" | undefined> {
    const receipt = await chain.provider.getTransactionReceipt(transaction);
    if (receipt === null) return undefined;
    if (receipt.blockNumber > finalTo) finalTo = (await finality()).number;
    if (receipt.blockNumber > finalTo) return "early";
    for await (const { events } of readContractEvents(chain, contract, receipt.blockNumber, receipt.blockNumber)) {
      const found = events.find((one) => one.transaction === transaction && one.index === index);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
