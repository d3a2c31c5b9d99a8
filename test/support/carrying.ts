/** A chain on which partners have credit, and a relayer that carries what they sign there. */
import { id, type JsonRpcSigner, Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFailures } from "#harness/failures.ts";
import { openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { createSender, type Sender } from "#relayer/chain/sender.ts";
import type { Services } from "#relayer/http/context.ts";
import { carry } from "#relayer/worker/carry.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { giveCredit } from "./credit.ts";
import { minedSender } from "./minedSender.ts";

type Config = Partial<Services["config"]>;

export interface Carrying {
  readonly anvil: Anvil;
  readonly chain: ProgramsChain;
  readonly brand: JsonRpcSigner;
  readonly programs: PartnerPrograms;
  /** A token of six decimals, as much as the brand wants of it. */
  readonly dollar: DemoToken;
  readonly token: string;
  /** Whose gas it is. */
  readonly relayer: Wallet;
  readonly desk: RelayerWithCampaign;
  readonly sender: Sender;
  /** Gives each of `partners` 20 whole tokens. */
  give(token: string, decimals: number, partners: readonly string[]): Promise<void>;
  /** One round of the worker's. */
  carry(): Promise<number>;
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers
  stateOf(claim: string): Promise<any>;
  /** How many orders were written down. */
  stored(): Promise<number>;
  /** Of another relayer on the same chain. */
  withDesk(config: Config, test: (other: RelayerWithCampaign) => Promise<void>): Promise<void>;
  /** Before each test: the first finds all as it was prepared, and so does each after it. */
  again(): Promise<void>;
  close(): Promise<void>;
}

export async function openCarrying(config: Config): Promise<Carrying> {
  const relayer = new Wallet(id("the relayer"));
  const attester = new Wallet(id("the attester"));
  const anvil = await startAnvil();
  const brand = await anvil.provider.getSigner(0);
  const { programs, deployment } = await deployContracts(brand);
  const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  const token = await dollar.getAddress();
  await (await dollar.mint(brand.address, 10n ** 12n)).wait();
  await (await dollar.approve(programs, 2n ** 256n - 1n)).wait();
  await (await brand.sendTransaction({ to: relayer.address, value: 10n ** 18n })).wait();
  const chain = await connectPrograms(anvil.url, deployment);
  const desk = await openRelayerWithCampaign(config, chain);
  const { database } = desk;
  const { failures } = openFailures();
  const fees = { bumpAfterSeconds: 60, maxFeePerGas: 10n ** 12n };
  const sender = minedSender(anvil, createSender(database, chain, relayer.connect(anvil.provider), fees, failures));
  let snapshot: unknown;
  return {
    ...{ anvil, chain, brand, programs, dollar, token, relayer, desk, sender },
    give: (...given) => giveCredit({ anvil, programs, domain: chain.domain, attester }, ...given),
    carry: () => carry({ database, chain, sender, failures }),
    stateOf: async (claim) => (await desk.call("GET", `/v1/claims/${claim}`)).body,
    stored: async () => (await database.query("SELECT 1 FROM claims")).length,
    async withDesk(other, test) {
      const opened = await openRelayerWithCampaign(other, chain);
      try {
        await test(opened);
      } finally {
        await opened.close();
      }
    },
    async again() {
      if (snapshot !== undefined) await anvil.rpc("evm_revert", snapshot);
      snapshot = await anvil.rpc("evm_snapshot");
      for (const table of ["attempts", "transactions", "claims"]) await database.query(`DELETE FROM ${table}`);
    },
    async close() {
      await desk.close();
      chain.close();
      anvil.stop();
    },
  };
}
