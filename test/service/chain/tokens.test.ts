import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { AbiCoder, getAddress, id, toBeHex, ZeroHash } from "ethers";
import { connectPrograms } from "#service/chain/programs.ts";
import { RetryableError } from "#service/errors.ts";

const CHAIN_ID = 31_337;
const CODER = AbiCoder.defaultAbiCoder();
/** Another one each time: what a token said of itself is not asked for again. */
let token = "";
let tokens = 0;
const CONTRACT = getAddress(`0x${"22".repeat(20)}`);
const SYMBOL = id("symbol()").slice(0, 10);

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly {
    readonly to?: string;
    readonly data?: string;
    readonly input?: string;
    readonly gas?: string;
  }[];
}
type Answer = { result: unknown } | { error: { code: number; message: string; data?: string } };
const STARTING: Answer = { error: { code: -32_603, message: "the node is starting" } };
/** What the contract says of its EIP-712 domain. */
const DOMAIN = CODER.encode(
  ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"],
  ["0x0f", "PartnerPrograms", "1", CHAIN_ID, CONTRACT, ZeroHash, []],
);

describe("asking a token for its symbol and decimals", function () {
  this.timeout(240_000);
  /** How the node answers what the token is asked. */
  let answer: (data: string) => Answer;
  let works = true;
  let asked: Call[] = [];
  const others: Record<string, unknown> = { eth_chainId: `0x${CHAIN_ID.toString(16)}`, eth_getCode: "0x00" };
  const reply = (call: Call): Answer => {
    asked.push(call);
    if (call.method in others) return { result: others[call.method] };
    const { to, data, input } = call.params[0] ?? {};
    if (to !== CONTRACT.toLowerCase()) return answer(data ?? input ?? "");
    return works ? { result: DOMAIN } : STARTING;
  };
  const node = createServer(async (request, response) => {
    const body: Call | Call[] = JSON.parse((await request.toArray()).join(""));
    const answers = [body].flat().map((call) => ({ jsonrpc: "2.0", id: call.id, ...reply(call) }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  });
  let chain: Awaited<ReturnType<typeof connectPrograms>>;

  before(async () => {
    await once(node.listen(0, "127.0.0.1"), "listening");
    chain = await connectPrograms(`http://127.0.0.1:${(node.address() as AddressInfo).port}`, {
      chainId: CHAIN_ID,
      contracts: {
        PartnerPrograms: { address: CONTRACT, block: 0 },
        PartnerProgramsLens: { address: CONTRACT, block: 0 },
      },
    } as unknown as Parameters<typeof connectPrograms>[1]);
  });
  after(() => {
    chain.close();
    node.close();
    node.closeAllConnections();
  });
  beforeEach(() => {
    token = getAddress(toBeHex(++tokens, 20));
    asked = [];
    works = true;
  });

  const says = (symbol: string, decimals: number) => (data: string) => ({
    result: data.startsWith(SYMBOL) ? CODER.encode(["string"], [symbol]) : CODER.encode(["uint8"], [decimals]),
  });

  it("gives both, and no more gas than that needs", async () => {
    answer = says("USDC", 6);
    expect(await chain.token(token)).to.deep.equal({ symbol: "USDC", decimals: 6 });
    const calls = asked.filter(({ method }) => method === "eth_call");
    expect(calls.map(({ params }) => Number(params[0]?.gas))).to.deep.equal([2_000_000, 2_000_000]);
    asked = [];
    expect(await chain.token(token)).to.deep.equal({ symbol: "USDC", decimals: 6 });
    expect(asked, "once is enough").to.deep.equal([]);
  });

  for (const [what, error] of [
    ["reverts", { code: 3, message: "execution reverted", data: "0x" }],
    ["burns all its gas", { code: -32_000, message: "out of gas" }],
    ["takes longer than the node allows", { code: -32_000, message: "execution aborted (timeout = 5s)" }],
    [
      "has an opcode that the node does not know",
      { code: -32_000, message: "invalid opcode: opcode 0xfe not defined" },
    ],
  ] as const)
    it(`that ${what} stops nobody: it is shown in base units`, async () => {
      answer = () => ({ error });
      expect(await chain.token(token)).to.deep.equal({ symbol: "tokens", decimals: 0 });
    });

  it("fails when the node answers nothing else either, for that says nothing of the token", async () => {
    answer = () => STARTING;
    works = false;
    const failed = await chain.token(token).catch((error: Error) => error);
    expect(failed)
      .to.be.instanceOf(RetryableError)
      .with.nested.property("cause.info.error.message", "the node is starting");
  });

  it("asks again when only this question was too many for the node, for its units would be wrong for good", async () => {
    let times = 0;
    answer = (data) => (++times <= 2 ? { error: { code: -32_005, message: "limit exceeded" } } : says("DAI", 18)(data));
    expect(await chain.token(token)).to.deep.equal({ symbol: "DAI", decimals: 18 });
  });
});
