import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import type { JsonRpcSigner } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { waitFor } from "#harness/client.ts";
import { deployContracts } from "#harness/deployment.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { saleCampaign } from "../../support/campaign.ts";
import { type LyingNode, startLyingNode } from "../../support/lyingNode.ts";

describe("blocks that a node pushes", function () {
  this.timeout(120_000);
  let anvil: Anvil;
  let node: LyingNode;
  let line: Server;
  /** Connections over the line, which a test cuts. */
  const sockets = new Set<Socket>();
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let deployed: Awaited<ReturnType<typeof deployContracts>>;
  let logs = 0;

  before(async () => {
    anvil = await startAnvil();
    brand = await anvil.provider.getSigner(0);
    deployed = await deployContracts(brand);
    node = await startLyingNode(anvil.url);
    line = createServer((socket) => {
      const onward = connect(Number(new URL(anvil.url).port), "127.0.0.1");
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
      sockets.add(socket);
    });
    await once(line.listen(0, "127.0.0.1"), "listening");
    chain = await connectPrograms(node.url, deployed.deployment, {
      headsUrl: `ws://127.0.0.1:${(line.address() as AddressInfo).port}`,
      onLog: () => {
        logs++;
      },
    });
  });
  after(async () => {
    chain?.close();
    for (const socket of sockets) socket.destroy();
    line?.close();
    await node?.stop();
    anvil?.stop();
  });

  const headers = () => node.asked.get("eth_getBlockByNumber") ?? 0;
  const newestOnChain = async () => (await anvil.provider.getBlock("latest"))?.hash;
  /** Mines until blocks are pushed: nobody knows when the connection stands. */
  const pushed = () =>
    waitFor("a block to be pushed", async () => {
      await anvil.rpc("anvil_mine", 1);
      return chain.isPushed(await anvil.provider.getBlockNumber());
    });

  it("are not asked for, and neither are those before them", async () => {
    await pushed();
    const first = await anvil.provider.getBlockNumber();
    await anvil.rpc("anvil_mine", 20);
    await waitFor("the last to be pushed", async () => chain.isPushed(first + 20));
    const before = headers();
    const newest = await chain.block("latest");
    expect(newest?.hash).to.equal(await newestOnChain());
    for (let number = first; number <= first + 20; number++) {
      const told = await anvil.provider.getBlock(number);
      expect(await chain.block(number)).to.deep.include({ number, hash: told?.hash, parent: told?.parentHash });
    }
    expect(headers()).to.equal(before);
  });

  it("are those of the fork that the node is on", async () => {
    const number = await anvil.provider.getBlockNumber();
    const left = (await chain.block(number))?.hash;
    await anvil.rpc("anvil_reorg", 3, []);
    await anvil.rpc("anvil_mine", 1);
    const now = await newestOnChain();
    await waitFor("the other fork", async () => (await chain.block("latest"))?.hash === now);
    const told = await anvil.provider.getBlock(number);
    expect(told?.hash).to.not.equal(left);
    expect((await chain.block(number))?.hash).to.equal(told?.hash);
  });

  it("say at once when the contract has an event", async () => {
    const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
    const before = logs;
    const given = saleCampaign({
      salt: "pushed",
      token: await dollar.getAddress(),
      attester: brand.address,
      price: 1n,
    });
    await (await deployed.programs.createCampaign(given)).wait();
    await waitFor("the log", async () => logs > before);
  });

  it("are asked for while the connection is away, and pushed again when it is back", async () => {
    await pushed();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await waitFor("the end of the connection", async () => {
      const before = headers();
      const newest = await chain.block("latest");
      return headers() > before && newest?.hash === (await newestOnChain());
    });
    await pushed();
    const before = headers();
    expect((await chain.block("latest"))?.hash).to.equal(await newestOnChain());
    expect(headers()).to.equal(before);
  });
});
