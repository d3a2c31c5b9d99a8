/** The connection to the contract on its chain: events, blocks, tokens. */
import type { Deployment } from "@partner-programs/protocol/deployments";
import { readToken, type Token } from "@partner-programs/protocol/token";
import { programsDomain } from "@partner-programs/protocol/typedData";
import { getAddress, JsonRpcProvider, type LogDescription, type Provider, type TypedDataDomain } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { readLogs } from "./logs.ts";

export interface Head {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly time: number;
}

/** One event of the contract. */
export interface ChainEvent {
  readonly name: string;
  readonly args: LogDescription["args"];
  readonly transaction: string;
  readonly block: number;
}

/** The chain as the relayer sees it. */
export interface ProgramsChain {
  readonly provider: Provider;
  readonly programs: PartnerPrograms;
  readonly domain: TypedDataDomain;
  readonly chainId: number;
  readonly address: string;
  /** The block in which the contract was deployed. */
  readonly deployedAt: number;
  block(tag: number | "latest"): Promise<Head | undefined>;
  /** The contract's events in [from, to], in order. */
  events(from: number, to: number): Promise<ChainEvent[]>;
  token(address: string): Promise<Token>;
  close(): void;
}

/** Connects to the contract of `deployment` at `rpcUrl`. @throws Error if the chain is another, or the contract is not there. */
export async function connectPrograms(rpcUrl: string, deployment: Deployment): Promise<ProgramsChain> {
  const { address, block: deployedAt } = deployment.contracts.PartnerPrograms;
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 20,
  });
  const chainId = Number(await provider.send("eth_chainId", []));
  if (chainId !== deployment.chainId) {
    throw new Error(`The chain at RPC_URL has id ${chainId}, but the deployment is for ${deployment.chainId}.`);
  }
  if ((await provider.getCode(address)) === "0x") {
    throw new Error(`There is no contract at ${address} on chain ${chainId}. Is the deployment file of this chain?`);
  }
  const programs = PartnerPrograms__factory.connect(address, provider);
  return {
    provider,
    programs,
    domain: programsDomain(chainId, address),
    chainId,
    address: getAddress(address),
    deployedAt,
    async block(tag) {
      const block = await provider.getBlock(tag);
      return block?.hash ? { number: block.number, hash: block.hash, time: block.timestamp } : undefined;
    },
    async events(from, to) {
      const events: ChainEvent[] = [];
      for await (const { logs } of readLogs(provider, { address }, from, to)) {
        for (const log of logs) {
          const parsed = programs.interface.parseLog(log);
          if (parsed === null) continue;
          events.push({
            name: parsed.name,
            args: parsed.args,
            transaction: log.transactionHash,
            block: log.blockNumber,
          });
        }
      }
      return events;
    },
    token(token) {
      // A token is a stranger's program: whatever becomes of asking it, its campaigns are shown in base units.
      return readToken(token, (data) => provider.call({ to: token, data }).catch(() => "0x"));
    },
    close: () => provider.destroy(),
  };
}
