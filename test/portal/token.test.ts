import { expect } from "chai";
import { AbiCoder, getAddress, Interface, toQuantity, ZeroAddress } from "ethers";
import { provider } from "#portal/app/chain/contracts.ts";
import { describeToken, requireToken } from "#portal/app/chain/token.ts";
import { setConfig } from "#portal/app/config.ts";
import { type Lie, type LyingNode, startLyingNode } from "../support/lyingNode.ts";

const TOKEN = getAddress(`0x${"7".repeat(40)}`);
const ERC20 = new Interface([
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
]);

describe("a token that the portal shows", () => {
  let node: LyingNode;
  before(async () => {
    node = await startLyingNode("http://127.0.0.1:1");
    node.lies.set("eth_chainId", async () => toQuantity(31_337));
    setConfig({ chainId: 31_337, rpcUrl: node.url, programs: ZeroAddress, lens: ZeroAddress } as never);
  });
  after(async () => {
    provider().destroy();
    await node.stop();
  });

  /** A token that answers to these of its functions, and to others with nothing. */
  const answers = (given: Readonly<Record<string, unknown>>): Lie => {
    const encoder = AbiCoder.defaultAbiCoder();
    return async ([{ data }]) => {
      const name = ERC20.getFunction(data.slice(0, 10))?.name ?? "";
      if (!(name in given)) throw { code: 3, message: "execution reverted", data: "0x" };
      return encoder.encode([name === "symbol" ? "string" : "uint256"], [given[name]]);
    };
  };

  it("has a symbol without what is not seen or turns the text around it, of at most 32 characters", async () => {
    for (const [symbol, shown] of [
      ["USDC", "USDC"],
      ["\u202eCDSU\u0000\u200b", "CDSU"],
      ["\u{1F980}".repeat(40), "\u{1F980}".repeat(32)],
      ["\u200f\u0007", "tokens"],
    ]) {
      node.lies.set("eth_call", answers({ symbol, decimals: 6, balanceOf: 0 }));
      expect(await requireToken(TOKEN)).to.deep.equal({ symbol: shown, decimals: 6 });
    }
  });

  it("is shown in base units where it says nothing of itself, and is none where it has no balances", async () => {
    node.lies.set("eth_call", answers({ balanceOf: 0 }));
    expect(await requireToken(TOKEN)).to.deep.equal({ symbol: "tokens", decimals: 0 });
    node.lies.set("eth_call", answers({}));
    expect(await describeToken(TOKEN)).to.deep.equal({ symbol: "tokens", decimals: 0 });
    const refused = await requireToken(TOKEN).catch((error: Error) => error.message);
    expect(refused).to.equal(`${TOKEN} is no token on this chain. Check the address and the network.`);
  });

  it("is not called none where the node cannot ask it", async () => {
    node.lies.set("eth_call", async () => {
      throw { code: -32_005, message: "limit exceeded" };
    });
    const failed = await requireToken(TOKEN).catch((error: Error) => error.message);
    expect(failed).to.be.a("string").and.not.contain("is no token");
  });
});
