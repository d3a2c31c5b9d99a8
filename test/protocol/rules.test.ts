import { readFileSync } from "node:fs";
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { attesterSetAt } from "@partner-programs/protocol/attesterSet";
import { readDescription } from "@partner-programs/protocol/description";
import { kindMask, kindsIn, payableKinds } from "@partner-programs/protocol/kinds";
import * as limits from "@partner-programs/protocol/limits";
import { NATIVE } from "@partner-programs/protocol/native";
import { REVERSAL_REASONS, reasonHash } from "@partner-programs/protocol/reasons";
import { isReleased, releasedIndices } from "@partner-programs/protocol/releasedLines";
import { readRevert } from "@partner-programs/protocol/reverts";
import { readDecimals, readToken } from "@partner-programs/protocol/token";
import { expect } from "chai";
import { AbiCoder, Interface, id, makeError } from "ethers";

const solidity = (name: string) =>
  readFileSync(new URL(`../../contracts/libraries/${name}.sol`, import.meta.url), "utf8");

describe("the chain's rules", () => {
  it("are bounded as the contract is: each limit is the one of Limits.sol or Quorum.sol, and none is missing", () => {
    const constants = [
      ...(solidity("Limits") + solidity("Quorum")).matchAll(/(\w+) (?:internal|private) constant (\w+) = ([^;]+);/g),
    ];
    const named = Object.fromEntries(constants.map(([, , name, value]) => [name, numberOf(value as string)]));
    expect(Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, BigInt(value)]))).to.deep.equal(
      named,
    );
  });

  it("mark a batch's settled lines by a bit each, in words of 256", () => {
    const words = [(1n << 255n) | 1n, 0b100n];
    expect(releasedIndices(words, 300)).to.deep.equal([0, 255, 258]);
    expect(releasedIndices(words, 258)).to.deep.equal([0, 255]);
    expect(isReleased(words, 512), "behind the last word nothing is marked").to.equal(false);
  });

  it("put an announced attester set in force at its time, and not a second before", async () => {
    const sets = [
      { members: ["0xA"], threshold: 1n, effectiveAt: 0n },
      { members: ["0xB", "0xC"], threshold: 2n, effectiveAt: 100n },
    ];
    const read = async (index: bigint) => sets[Number(index)] as (typeof sets)[number];
    const at = (time: number, attestersAnnounced = true) =>
      attesterSetAt({ attesterSet: 0n, attestersAnnounced }, time, read);
    expect(await at(99)).to.deep.equal({ index: 0n, members: ["0xA"], threshold: 1, effectiveAt: 0 });
    expect(await at(100)).to.deep.equal({ index: 1n, members: ["0xB", "0xC"], threshold: 2, effectiveAt: 100 });
    expect((await at(100, false)).index).to.equal(0n);
  });

  it("pay a kind that was taken away until its notice is over, and open kinds to whom nobody listed", () => {
    const listed = { mask: kindMask("reseller"), before: kindMask("referral", "reseller"), effectiveAt: 100 };
    expect(kindsIn(payableKinds(listed, kindMask("affiliate"), 100))).to.deep.equal([1, 2]);
    expect(kindsIn(payableKinds(listed, kindMask("affiliate"), 101))).to.deep.equal([2]);
    expect(kindsIn(payableKinds(undefined, kindMask("affiliate", 63), 100))).to.deep.equal([0, 63]);
  });

  it("have a hash for each reason of a reversal", () => {
    expect(REVERSAL_REASONS.get(id("refunded"))).to.equal("refunded");
    expect(reasonHash("fraud_confirmed")).to.equal(id("fraud_confirmed"));
    expect([...REVERSAL_REASONS.values()]).to.deep.equal(["refunded", "fraud_confirmed"]);
  });

  it("say in words what the contract reverted with", () => {
    const errors = new Interface(["error InsufficientBudget(bytes32 campaignId, uint256 required, uint256 available)"]);
    const revert = readRevert(errors, errors.encodeErrorResult("InsufficientBudget", [id("c"), 5, 4]));
    expect(revert.words).to.equal(`InsufficientBudget(campaignId: ${id("c")}, required: 5, available: 4)`);
    expect([revert.name, revert.args.required]).to.deep.equal(["InsufficientBudget", 5n]);
    for (const data of [null, undefined, "0x", "0x01", "0x01020304"])
      expect(readRevert(errors, data)).to.deep.equal({ name: "", args: {}, words: "" });
  });
});

describe("a token", () => {
  const encode = (type: string, value: unknown) => AbiCoder.defaultAbiCoder().encode([type], [value]);
  const token = (symbol: () => string, decimals: () => string) => async (data: string) =>
    data === id("symbol()").slice(0, 10) ? symbol() : decimals();
  const reverted = () => {
    throw makeError("execution reverted", "CALL_EXCEPTION", { data: "0x" } as never);
  };

  it("is read by its symbol and decimals; the native coin without a call", async () => {
    const call = token(
      () => encode("string", "x".repeat(99)),
      () => encode("uint8", 6),
    );
    expect(await readToken("0x1", call)).to.deep.equal({ symbol: "x".repeat(32), decimals: 6 });
    expect(await readToken(NATIVE, reverted)).to.deep.equal({ symbol: "ETH", decimals: 18 });
    expect(await readDecimals(NATIVE, reverted)).to.equal(18);
  });

  it("without them, or with something else in their place, is shown in base units", async () => {
    for (const answer of [reverted, () => "0x", () => "0x1234"])
      expect(await readToken("0x1", token(answer, answer))).to.deep.equal({ symbol: "tokens", decimals: 0 });
  });

  it("is not without them because a node is over its limit", async () => {
    const limited = async () => {
      throw makeError("missing revert data", "CALL_EXCEPTION", {
        data: null,
        info: { error: { code: -32_005, message: "rate limited" } },
      } as never);
    };
    const failure = await readToken("0x1", limited).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(failure).to.contain("missing revert data");
  });

  it("says what can be shown, whatever it answers", async () => {
    const answers: [symbol: string, shown: string][] = [
      [encode("string", "U\0S\u202eD"), "USD"],
      [encode("bytes", "0xff"), "tokens"],
      [`0x${"78".repeat(1_000_000)}`, "tokens"],
      [encode("string", "\u200b"), "tokens"],
    ];
    for (const [answer, symbol] of answers) {
      const call = token(
        () => answer,
        () => encode("uint8", 255),
      );
      expect(await readToken("0x1", call)).to.deep.equal({ symbol, decimals: 255 });
    }
    expect(fromBaseUnits(1n, 255)).to.equal(`0.${"0".repeat(254)}1`);
    expect(fromBaseUnits(10n ** 255n, 255)).to.equal("1");
    expect(toBaseUnitsDown("1.5", 255)).to.equal(15n * 10n ** 254n);
    expect([fromBaseUnits(0n, 0), fromBaseUnits(1_500_000n, 6), fromBaseUnits(-5n, 1)]).to.deep.equal([
      "0",
      "1.5",
      "-0.5",
    ]);
  });

  it("is not taken for one without decimals because a node does not answer", async () => {
    const down = async () => {
      throw makeError("no network", "NETWORK_ERROR", {} as never);
    };
    for (const read of [readToken, readDecimals])
      expect(await read("0x1", down).catch((error) => error.code)).to.equal("NETWORK_ERROR");
  });
});

describe("a description's text", () => {
  const text = JSON.stringify({
    version: 1,
    name: "Shoes",
    summary: "",
    destination: "https://shop.example",
    attribution: { touch: "last", windowSeconds: 60, bindingSeconds: null },
    events: [{ name: "sale", title: "A sale", perCustomer: null }],
  });

  it("is parsed once", () => {
    const first = readDescription(text);
    expect(first.description?.name).to.equal("Shoes");
    expect(readDescription(`${text}`)).to.equal(first);
    expect(readDescription(`${text} `)).to.not.equal(first);
  });

  it("that is none says what is wrong with it", () => {
    expect(readDescription("{").problem).to.match(/^It is not JSON: /);
    expect(readDescription('{"version": 2}').problem).to.contain("version");
  });
});

/** A Solidity constant's value: `365 days`, `type(uint128).max`, `512`. */
function numberOf(solidity: string): bigint {
  const [, bits] = /^type\(uint(\d+)\)\.max$/.exec(solidity) ?? [];
  if (bits !== undefined) return 2n ** BigInt(bits) - 1n;
  const [, digits = "", days] = /^([\d_]+)( days)?$/.exec(solidity) ?? [];
  return BigInt(digits.replaceAll("_", "")) * (days === undefined ? 1n : 86_400n);
}
