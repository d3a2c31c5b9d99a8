/** All who read events of the contract besides the index: the audit, the portal's pages, attesters. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getAddress, id, type Log, toQuantity, ZeroHash } from "ethers";
import { readLowered } from "#attester/chain/reversals.ts";
import { NodeTrouble } from "#attester/chain/trouble.ts";
import { PackedLines } from "#attester/lines.ts";
import { readAttested } from "#portal/app/chain/batch.ts";
import { readAnnounced } from "#portal/app/chain/campaign.ts";
import { provider } from "#portal/app/chain/contracts.ts";
import { readMoney } from "#portal/app/chain/moneyFlow.ts";
import { setConfig } from "#portal/app/config.ts";
import { createAudit } from "#scripts/audit/audit.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const CONTRACT = PartnerPrograms__factory.createInterface();
const TOKEN = getAddress(`0x${"7".repeat(40)}`);

type Chain = Pick<ProgramsChain, "address">;

/** A node that tells logs, and calls nothing: what the contract itself says is not a stranger's word. */
async function openNode(address: string, logs: () => readonly Log[], head: () => number) {
  // biome-ignore lint/suspicious/noExplicitAny: parameters of JSON-RPC
  const answers: Record<string, (parameters: any) => unknown> = {
    eth_chainId: () => toQuantity(31_337),
    eth_blockNumber: () => toQuantity(head()),
    eth_getBlockByNumber: () => blockOf(head()),
    eth_getLogs: ([{ fromBlock, toBlock, topics }]) =>
      logs().flatMap((log) => {
        const wanted = topics as (string | string[] | null)[];
        const within = log.blockNumber >= Number(fromBlock) && log.blockNumber <= Number(toBlock);
        const same = wanted.every((one, i) => one === null || [one].flat().includes(log.topics[i] ?? ""));
        return within && same ? [logAs(log, address)] : [];
      }),
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const given = JSON.parse(body);
    const said = [given].flat().map(({ id: number, method, params }) => {
      const answer = answers[method];
      return answer === undefined
        ? { jsonrpc: "2.0", id: number, error: { code: -32_000, message: "not here" } }
        : { jsonrpc: "2.0", id: number, result: answer(params) };
    });
    response.end(JSON.stringify(Array.isArray(given) ? said : said[0]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const blockOf = (number: number) => ({
  number: toQuantity(number),
  hash: id(`block ${number}`),
  parentHash: ZeroHash,
  timestamp: toQuantity(1_000 + number),
  nonce: "0x0000000000000000",
  difficulty: "0x0",
  gasLimit: "0x1c9c380",
  gasUsed: "0x0",
  miner: TOKEN,
  extraData: "0x",
  transactions: [],
});

const logAs = (log: Log, address: string) => ({
  address,
  topics: log.topics,
  data: log.data,
  blockNumber: toQuantity(log.blockNumber),
  blockHash: id(`block ${log.blockNumber}`),
  logIndex: toQuantity(log.index),
  transactionIndex: "0x0",
  transactionHash: log.transactionHash,
  removed: false,
});

/** Readers of the chain that `logs` and `head` tell of. */
export async function openReaders({ address }: Chain, logs: () => readonly Log[], head: () => number) {
  const node = await openNode(address, logs, head);
  setConfig({
    apiUrl: "http://relayer.example",
    rpcUrl: node.url,
    chainId: 31_337,
    network: "local",
    programs: address,
    lens: TOKEN,
    fromBlock: 0,
    explorerUrl: null,
    attesters: [],
    attesterUrls: [],
    safeOrigins: [],
    funding: null,
    operator: null,
    passkeyFactory: null,
    local: true,
  });
  const own = (campaignId: string) => logs().filter(({ topics }) => topics[1] === campaignId);

  /** The pages of a campaign and of its batches, as a portal reads them of the chain. */
  async function readPages(campaignId: string): Promise<void> {
    for (const { hash, uri, effectiveAt } of await readAnnounced(campaignId))
      if (typeof hash !== "string" || typeof uri !== "string" || !Number.isFinite(effectiveAt))
        throw new Error(`An announced description is read as ${hash}, ${uri}, ${effectiveAt}.`);
    await readMoney(campaignId, Promise.resolve({ token: TOKEN, feeBps: 500n }));
    for (const { topics } of own(campaignId).slice(0, 3))
      if (topics[0] === CONTRACT.getEvent("Attested").topicHash) await readAttested(campaignId, topics[2] ?? "");
  }

  /** What an audit makes of a campaign's history: findings, and never an error but that it has no beginning. */
  async function audit(campaignId: string): Promise<void> {
    const nothing = async function* (): AsyncGenerator<never> {};
    const audited = createAudit();
    for (const log of own(campaignId)) {
      const parsed = CONTRACT.parseLog(log);
      if (parsed === null) continue;
      // A history begins with its campaign; whoever was never created has none.
      if (audited.replay.events === 0 && parsed.name !== "CampaignCreated") continue;
      const wanted = audited.apply({ name: parsed.name, args: parsed.args, time: 1_000 + log.blockNumber });
      if (wanted === undefined) continue;
      if ("description" in wanted) await audited.description(wanted.description, nothing());
      else {
        await audited.lines(wanted, nothing());
        await audited.batch(wanted, nothing());
      }
    }
    if (audited.replay.events === 0) return;
    const contract = {
      available: 0n,
      reserved: 0n,
      nextConversion: 1n,
      decimals: 6,
      marks: async () => 0n,
      loweredTo: async () => ZeroHash,
    };
    await audited.finish(2_000, contract, { domain: {}, signers: undefined });
  }

  /** What reversals made of a batch, as an attester reads it. */
  async function attest(campaignId: string): Promise<void> {
    const chain = {
      address,
      programs: { interface: CONTRACT },
      lens: new Proxy({}, { get: () => async () => Promise.reject(new NodeTrouble("nothing is called here")) }),
      provider: provider(),
    } as unknown as ProgramsChain;
    const digests = new Set(own(campaignId).flatMap(({ topics }) => topics[2] ?? []));
    for (const digest of [...digests].slice(0, 3))
      await readLowered(chain, digest, { campaignId } as never, 0, new PackedLines(new Uint8Array(64))).catch(
        (error: unknown) => {
          if (!(error instanceof NodeTrouble)) throw error;
        },
      );
  }

  return {
    async read(campaignId: string): Promise<void> {
      await readPages(campaignId);
      await audit(campaignId);
      await attest(campaignId);
    },
    close() {
      provider().destroy();
      node.close();
    },
  };
}
