import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { id, JsonRpcProvider, toBeHex } from "ethers";
import { rehearse } from "#service/chain/rehearsal.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";

const lensInterface = PartnerProgramsLens__factory.createInterface();
const attestation = {
  campaignId: id("campaign"),
  firstConversion: 1n,
  conversions: 1,
  periodFrom: 0,
  periodTo: 1,
  deadline: 2,
  conversionsRoot: id("conversions"),
  linesRoot: id("lines"),
  lineCount: 1,
  total: 1n,
};
const lines = Array.from({ length: 1_601 }, (_, i) =>
  packLine({ offerId: 1, partner: toBeHex(BigInt(i) + 1n, 20), count: 1, volumeUnits: BigInt(i) }),
);

/** What nodes say to a call that takes more gas, or time, than they give one. */
const REFUSALS = {
  geth: { code: -32000, message: "out of gas" },
  "geth, after its time": { code: -32000, message: "execution aborted (timeout = 5s)" },
  anvil: { code: -32003, message: "Out of gas: gas required exceeds allowance: 30000000", data: "0x" },
  hardhat: { code: -32603, message: "Transaction ran out of gas", data: { message: "ran out of gas", data: "0x" } },
};

describe("the rehearsal of a batch", function () {
  this.timeout(60_000);
  let server: Server;
  let provider: JsonRpcProvider;
  /** Of each question, how many lines. */
  let asked: number[];
  /** More lines at once the node refuses, with these words. */
  let most: number;
  let refusal: object;

  beforeEach(async () => {
    [asked, most, refusal] = [[], Number.POSITIVE_INFINITY, {}];
    // A node on which every line is worth its volume and 1, and those whose volume is a multiple of 700 do not hold.
    const answer = (data: string) => {
      const [, first, lines] = lensInterface.decodeFunctionData("rehearse", data) as unknown as [
        unknown,
        bigint,
        string[],
      ];
      asked.push(lines.length);
      if (lines.length > most) return { error: refusal };
      const volumes = lines.map((packed) => BigInt(packed) & 0xff_ffff_ffff_ffffn);
      const worth = volumes.reduce((sum, volume) => sum + volume + 1n, 0n);
      const faults = volumes.flatMap((volume, i) => (volume % 700n === 0n ? [[first + BigInt(i), 3]] : []));
      return { result: lensInterface.encodeFunctionResult("rehearse", [worth, faults]) };
    };
    server = createServer(async (request, response) => {
      let text = "";
      for await (const piece of request) text += piece;
      const body = JSON.parse(text);
      const one = ({ id: number, method, params }: { id: number; method: string; params: [{ data: string }] }) => ({
        jsonrpc: "2.0",
        id: number,
        ...(method === "eth_chainId" ? { result: "0x7a69" } : answer(params[0].data)),
      });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(Array.isArray(body) ? body.map(one) : one(body)));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    provider = new JsonRpcProvider(url, 31337, { staticNetwork: true, cacheTimeout: -1 });
  });
  afterEach(() => {
    provider.destroy();
    server.closeAllConnections();
    server.close();
  });

  const lens = () => PartnerProgramsLens__factory.connect(toBeHex(1n, 20), provider);
  const ask = (questions?: number, size = 1_200) => {
    const pages = [];
    for (let from = 0; from < lines.length; from += size) pages.push(lines.slice(from, from + size));
    return rehearse({ lens: lens() } as never, attestation, pages, questions);
  };
  const expected = {
    worth: (1_600n * 1_601n) / 2n + 1_601n,
    faults: [0, 700, 1_400].map((index) => ({ index, line: lines[index], fault: 3 })),
  };

  it("asks about a thousand lines at a time, and has the place of each that does not hold", async () => {
    expect(await ask()).to.deep.equal(expected);
    expect(asked).to.deep.equal([1_000, 200, 401]);
    for (const questions of [2, 9]) expect(await ask(questions, 300)).to.deep.equal(expected);
  });

  for (const [node, words] of Object.entries(REFUSALS))
    it(`asks about fewer where a node refuses a thousand: ${node}`, async () => {
      [most, refusal] = [70, words];
      expect(await ask()).to.deep.equal(expected);
      // It does not come back to more than was refused, and asks about none twice.
      expect(asked.slice(0, 3)).to.deep.equal([1_000, 250, 63]);
      expect(Math.max(...asked.slice(2))).to.equal(63);
      expect(asked.slice(2).reduce((sum, lines) => sum + lines, 0)).to.equal(lines.length);
      asked = [];
      expect(await ask(4, 400)).to.deep.equal(expected);
    });

  it("says so where a node refuses even a few, and does not take for too much what the contract says", async () => {
    [most, refusal] = [3, REFUSALS.geth];
    const few = await ask().catch((error: Error) => error);
    expect(few).to.be.instanceOf(Error);
    expect(asked).to.deep.equal([1_000, 250, 63, 16]);
    asked = [];
    refusal = {
      code: 3,
      message: "execution reverted",
      data: `${id("UnknownCampaign(bytes32)").slice(0, 10)}${"00".repeat(32)}`,
    };
    expect(await ask().catch((error: Error) => error)).to.be.instanceOf(Error);
    expect(asked).to.deep.equal([1_000]);
  });
});
