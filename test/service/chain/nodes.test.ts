import { expect } from "chai";
import { type JsonRpcSigner, toQuantity } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { keyOf, NodesDisagree, TooFewNodes } from "#service/chain/agreement.ts";
import { readLogs } from "#service/chain/logs.ts";
import { nameNodes } from "#service/chain/node.ts";
import { faultOf } from "#service/chain/nodeFault.ts";
import { NodesProvider, NoNode } from "#service/chain/nodes.ts";
import { type LyingNode, startLyingNode } from "../../support/lyingNode.ts";

const CHAIN_ID = 31_337;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("several nodes of a chain", function () {
  this.timeout(60_000);
  let anvil: Anvil;
  let signer: JsonRpcSigner;
  let nodes: [LyingNode, LyingNode, LyingNode];
  let provider: NodesProvider;
  let now = 0;

  before(async () => {
    anvil = await startAnvil();
    signer = await anvil.provider.getSigner(0);
    await anvil.rpc("anvil_mine", 20);
    nodes = (await Promise.all([0, 1, 2].map(() => startLyingNode(anvil.url)))) as typeof nodes;
  });
  after(async () => {
    await Promise.all((nodes ?? []).map((node) => node.stop()));
    anvil?.stop();
  });
  beforeEach(() => {
    now = 0;
    for (const node of nodes) {
      node.lies.clear();
      node.asked.clear();
      node.instead = undefined;
    }
  });
  afterEach(() => provider?.destroy());

  function connect(count: 1 | 2 | 3, needed?: number): void {
    const urls = nodes.slice(0, count).map(({ url }) => url);
    provider = new NodesProvider(urls, CHAIN_ID, {
      now: () => now,
      answerMilliseconds: 500,
      ...(needed === undefined ? {} : { needed }),
    });
  }
  const states = () => provider.report().nodes.map(({ state }) => state);
  const total = (node: LyingNode) => [...node.asked.values()].reduce((sum, times) => sum + times, 0);
  const ask = () => provider.getBalance(signer.address);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 100));
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: Error) => error,
    );
  const says = (code: number, message: string, data?: unknown) => async () => {
    throw { code, message, data };
  };
  /** One minute later, and whoever is due was looked at. */
  async function pass(milliseconds: number): Promise<void> {
    now += milliseconds;
    await ask();
    await settled();
  }

  it("are asked in their order: the second only where the first fails, until it was found well again", async () => {
    connect(2);
    const [first, second] = nodes;
    await ask();
    expect([total(first), total(second)]).to.deep.equal([1, 0]);

    first.instead = { status: 503 };
    await ask();
    expect(states()).to.deep.equal(["away", "ok"]);
    first.asked.clear();
    for (let i = 0; i < 5; i++) await ask();
    expect(total(first), "while it is set aside").to.equal(0);

    // Its pause is over and it is still away: nobody waits for it, and the next pause is longer.
    await pass(6 * SECOND);
    expect(states()).to.deep.equal(["away", "ok"]);
    first.asked.clear();
    await pass(6 * SECOND);
    expect(total(first)).to.equal(0);

    first.instead = undefined;
    await pass(MINUTE);
    expect(states()).to.deep.equal(["ok", "ok"]);
    second.asked.clear();
    await ask();
    expect(total(second)).to.equal(0);
  });

  it("that are silent are not waited for longer than an answer may take", async () => {
    connect(2);
    nodes[0].instead = "silent";
    const began = performance.now();
    await ask();
    expect(performance.now() - began).to.be.within(400, 5_000);
    expect(states()).to.deep.equal(["away", "ok"]);
  });

  it("that are over their limit are asked again when they said, and not before, also where there is no other", async () => {
    connect(2);
    nodes[0].instead = { status: 429, headers: { "retry-after": "120" } };
    await ask();
    expect(states()).to.deep.equal(["limited", "ok"]);
    nodes[0].instead = undefined;
    nodes[0].asked.clear();
    await pass(100 * SECOND);
    expect(total(nodes[0])).to.equal(0);
    await pass(21 * SECOND);
    expect(states()).to.deep.equal(["ok", "ok"]);

    provider.destroy();
    connect(1);
    nodes[0].instead = { status: 429, headers: { "retry-after": "120" } };
    await failureOf(ask());
    nodes[0].asked.clear();
    const failure = await failureOf(ask());
    expect(failure).to.be.instanceOf(NoNode);
    expect((failure as NoNode).retryAfterSeconds).to.equal(120);
    expect(total(nodes[0])).to.equal(0);
    nodes[0].instead = undefined;
    now += 121 * SECOND;
    expect(await ask()).to.be.a("bigint");
    expect(states()).to.deep.equal(["ok"]);
  });

  it("say by -32005 that they are over their limit, or that one question is too much: then it is asked in parts", async () => {
    connect(2);
    nodes[0].lies.set("eth_getBalance", says(-32_005, "daily request count exceeded, request rate limited"));
    await ask();
    expect(states()).to.deep.equal(["limited", "ok"]);

    provider.destroy();
    connect(2);
    for (const node of nodes)
      node.lies.set("eth_getLogs", async ([{ fromBlock, toBlock }], truth) => {
        if (Number(toBlock) - Number(fromBlock) >= 4)
          throw { code: -32_005, message: "query returned more than 10000 results" };
        return truth();
      });
    const pieces: number[][] = [];
    for await (const { from, to } of readLogs(provider, { address: signer.address }, 0, 9)) pieces.push([from, to]);
    expect(pieces.flat()).to.deep.equal([0, 2, 3, 5, 6, 9]);
    expect(states()).to.deep.equal(["ok", "ok"]);
  });

  it("that have thrown old state away, or a block not yet, leave it to the next, and stay", async () => {
    connect(2);
    nodes[0].lies.set("eth_getBalance", says(-32_000, "missing trie node 5f2c (path ) state is not available"));
    nodes[0].lies.set("eth_getBlockByNumber", async () => null);
    expect(await provider.getBalance(signer.address, 1)).to.be.a("bigint");
    expect((await provider.getBlock(3))?.number).to.equal(3);
    expect(await provider.getBlock(99_999)).to.equal(null);
    expect(states()).to.deep.equal(["ok", "ok"]);
    expect(provider.report().nodes[0]?.counts.lacks).to.equal(1);
  });

  it("answer with what the contract says, and the next is not asked", async () => {
    connect(2);
    nodes[0].lies.set("eth_call", says(3, "execution reverted", "0x12345678"));
    const failure = await failureOf(provider.call({ to: signer.address, data: "0x" }));
    expect((failure as Error & { data: string }).data).to.equal("0x12345678");
    expect(total(nodes[1])).to.equal(0);
  });

  it("that are behind twice are set aside until they are not, and one of the future makes nobody late", async () => {
    connect(3);
    const shift = (seconds: number) => async (_: unknown, truth: () => Promise<{ timestamp: string }>) => {
      const block = await truth();
      return { ...block, timestamp: toQuantity(Number(block.timestamp) + seconds) };
    };
    await anvil.rpc("evm_setNextBlockTimestamp", Math.floor(Date.now() / 1000));
    await anvil.rpc("evm_mine");
    nodes[0].lies.set("eth_getBlockByNumber", shift(-300) as never);
    nodes[2].lies.set("eth_getBlockByNumber", shift(3_600) as never);
    await pass(121 * SECOND);
    expect(states(), "once").to.deep.equal(["ok", "ok", "ok"]);
    await pass(121 * SECOND);
    expect(states(), "twice").to.deep.equal(["lagging", "ok", "ok"]);
    nodes[1].asked.clear();
    await ask();
    expect(total(nodes[1])).to.equal(1);
    nodes[0].lies.clear();
    await pass(31 * SECOND);
    expect(states()).to.deep.equal(["ok", "ok", "ok"]);
  });

  it("are all given a transaction: one that swallows it does not keep it from the chain", async () => {
    connect(2);
    const raw = await anvil.provider.send("eth_signTransaction", [
      {
        from: signer.address,
        to: signer.address,
        nonce: toQuantity(await signer.getNonce()),
        gas: "0x5208",
        maxFeePerGas: "0x3b9aca00",
        maxPriorityFeePerGas: "0x1",
        chainId: toQuantity(CHAIN_ID),
      },
    ]);
    nodes[0].lies.set("eth_sendRawTransaction", async () => `0x${"11".repeat(32)}`);
    await provider.send("eth_sendRawTransaction", [raw]);
    expect(nodes[1].asked.get("eth_sendRawTransaction")).to.equal(1);
    expect(await signer.getNonce()).to.equal(1);
  });

  it("of another chain are not begun with", async () => {
    connect(2);
    nodes[1].lies.set("eth_chainId", async () => "0x1");
    expect((await failureOf(provider.checkChains()))?.message).to.equal(
      `The chain at RPC_URL (${new URL(nodes[1].url).host}) has id 1, but the deployment is for 31337.`,
    );
    // One that is away at the start may come back.
    nodes[1].instead = { status: 502 };
    await provider.checkChains();
    expect(states()).to.deep.equal(["ok", "away"]);
  });

  it("that came to be of another chain do not come back", async () => {
    connect(2);
    nodes[0].instead = { status: 503 };
    await ask();
    nodes[0].instead = undefined;
    nodes[0].lies.set("eth_chainId", async () => "0x1");
    await pass(6 * SECOND);
    expect(states()).to.deep.equal(["of another chain", "ok"]);
  });

  describe("asked for what decides money", () => {
    const balance = () => provider.agreed(ask);

    it("have to tell the same, of the newest block that all have", async () => {
      connect(2);
      const head = await anvil.provider.getBlockNumber();
      nodes[1].lies.set("eth_getBlockByNumber", async ([tag, whole], truth) =>
        truth([tag === "latest" ? toQuantity(head - 2) : tag, whole]),
      );
      const [number, block, told] = await provider.agreed(() =>
        Promise.all([provider.getBlockNumber(), provider.getBlock("latest"), ask()]),
      );
      expect([number, block?.number]).to.deep.equal([head - 2, head - 2]);
      expect(told).to.equal(await anvil.provider.getBalance(signer.address, head - 2));
      expect(nodes.slice(0, 2).map((node) => node.asked.get("eth_getBalance"))).to.deep.equal([1, 1]);
    });

    for (const [what, method, lie] of [
      ["a state", "eth_getBalance", async () => "0x1"],
      [
        "the hash of a block",
        "eth_getBlockByNumber",
        async (_: unknown, truth: () => Promise<object>) => ({ ...(await truth()), hash: `0x${"22".repeat(32)}` }),
      ],
    ] as const) {
      it(`where one of two lies about ${what}, nothing is done, and neither is believed`, async () => {
        connect(2);
        nodes[1].lies.set(method, lie as never);
        expect(await failureOf(balance())).to.be.instanceOf(NodesDisagree);
        expect(states()).to.deep.equal(["ok", "ok"]);
        expect([...provider.report().disagreements]).to.deep.equal([[method, 1]]);
      });
    }

    it("where one of three lies the others are believed, and it is set aside", async () => {
      connect(3);
      const truth = await ask();
      nodes[0].lies.set("eth_getBalance", async () => "0x1");
      expect(await balance()).to.equal(truth);
      expect(states()).to.deep.equal(["contradicted", "ok", "ok"]);
      nodes[0].asked.clear();
      expect(await ask()).to.equal(truth);
      expect(total(nodes[0])).to.equal(0);
      await pass(5 * MINUTE);
      expect(states()).to.deep.equal(["contradicted", "ok", "ok"]);
    });

    it("where one leaves a log out, or makes one up, nothing is done", async () => {
      connect(2);
      const log = {
        address: signer.address,
        topics: [],
        data: "0x",
        blockNumber: "0x1",
        blockHash: `0x${"33".repeat(32)}`,
        transactionHash: `0x${"44".repeat(32)}`,
        logIndex: "0x0",
        transactionIndex: "0x0",
      };
      nodes[0].lies.set("eth_getLogs", async () => [log]);
      const logs = () => provider.agreed(() => provider.getLogs({ fromBlock: 0, toBlock: 5 }));
      expect(await failureOf(logs())).to.be.instanceOf(NodesDisagree);
      nodes[1].lies.set("eth_getLogs", async () => [{ ...log, removed: false, blockTimestamp: "0x5" }]);
      expect(await logs()).to.have.length(1);
      // What was taken back is none, whatever a node tells beside what all tell.
      nodes[0].lies.set("eth_getLogs", async () => [{ ...log, data: "0xfa", removed: true }, log]);
      expect((await logs()).map(({ data }) => data)).to.deep.equal(["0x"]);
    });

    it("where one stands still nothing is done by what was so then; two of three that go on are enough", async () => {
      connect(2);
      const long = 3_600;
      const still = async (params: unknown[], truth: (params?: unknown[]) => Promise<unknown>) => {
        const block = (await truth(params)) as { timestamp: string };
        return params[0] === "latest" ? { ...block, timestamp: toQuantity(Number(block.timestamp) - long) } : block;
      };
      nodes[1].lies.set("eth_getBlockByNumber", still as never);
      const failed = await failureOf(balance());
      expect(failed).to.be.instanceOf(TooFewNodes);
      expect(failed?.message).to.match(/more than 120 seconds apart/);
      provider.destroy();
      connect(3, 2);
      expect(await balance()).to.be.a("bigint");
    });

    it("where one says that the contract refused and another does not, nothing is done", async () => {
      connect(2);
      nodes[1].lies.set("eth_call", says(3, "execution reverted", "0x12345678"));
      const call = () => provider.agreed(() => provider.call({ to: signer.address, data: "0x" }));
      expect(await failureOf(call())).to.be.instanceOf(NodesDisagree);
      nodes[0].lies.set("eth_call", says(-32_015, "execution reverted: other words", "0x12345678"));
      expect(((await failureOf(call())) as Error & { data: string }).data).to.equal("0x12345678");
    });

    it("where fewer answer than are needed nothing is done, unless each is believed", async () => {
      connect(2);
      nodes[1].instead = { status: 503 };
      expect(await failureOf(balance())).to.be.instanceOf(TooFewNodes);
      expect(await ask()).to.be.a("bigint");
      provider.destroy();
      connect(2, 1);
      expect(await balance()).to.be.a("bigint");
    });

    it("where one of three is away the others do", async () => {
      connect(3);
      nodes[0].instead = { status: 503 };
      expect(await balance()).to.be.a("bigint");
      expect(states()).to.deep.equal(["away", "ok", "ok"]);
    });
  });

  it("are called by their hosts: what stands behind may be a key", () => {
    expect(nameNodes(["https://a.example/v3/key", "https://b.example", "https://a.example/v3/other"])).to.deep.equal([
      "a.example",
      "b.example",
      "a.example (2)",
    ]);
  });

  it("fail in ways that are told apart", () => {
    const said = (code: number, message: string, data?: unknown) => ({
      code: "UNKNOWN_ERROR",
      error: { code, message, data },
    });
    const kinds = [
      said(-32_005, "limit exceeded", { rate: { backoff_seconds: 30 } }),
      said(429, "Your app has exceeded its compute units per second capacity"),
      said(-32_005, "query returned more than 10000 results"),
      said(-32_602, "invalid argument 0"),
      said(-32_601, "the method does not exist"),
      said(-32_000, "header not found"),
      { code: "ECONNREFUSED" },
      { code: "TIMEOUT" },
      { code: "SERVER_ERROR", response: { statusCode: 429, headers: {} } },
      { code: "SERVER_ERROR", response: { statusCode: 401, headers: {} } },
    ].map((error) => faultOf(error, "eth_getLogs"));
    expect(kinds).to.deep.equal([
      { kind: "limited", retryAfterSeconds: 30 },
      { kind: "limited" },
      { kind: "lacks" },
      { kind: "answer" },
      { kind: "lacks" },
      { kind: "lacks" },
      { kind: "away" },
      { kind: "away" },
      { kind: "limited" },
      { kind: "away" },
    ]);
    expect(keyOf("eth_getLogs", [])).to.equal(keyOf("eth_getLogs", [{ removed: true }]));
    // By its block a receipt says when it is final.
    const receipt = { transactionHash: "0x1", blockHash: "0x2", blockNumber: "0x3", status: "0x1", gasUsed: "0x5208" };
    const told = (more: object) => keyOf("eth_getTransactionReceipt", { ...receipt, ...more });
    expect(told({ blockNumber: "0x2" })).not.to.equal(told({}));
    expect(told({ l1Fee: "0x9" })).to.equal(told({}));
  });
});
