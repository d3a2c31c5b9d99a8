/** What arrives over a wire: lists of any length, events whose text may be anything, names of events, offers that count from 1. */
import { readLog } from "@partner-programs/protocol/eventLog";
import { decodeEventName, encodeEventName } from "@partner-programs/protocol/eventName";
import { readNdjson, UnreadableText, writeNdjson } from "@partner-programs/protocol/ndjson";
import { pricedOffers } from "@partner-programs/protocol/pricedTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { AbiCoder, concat, Interface, id, zeroPadValue } from "ethers";
import fc from "fast-check";

const bytesOf = (text: string) => new TextEncoder().encode(text);
async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function read(text: string | Uint8Array, most = { lineBytes: 1_000, bytes: 100_000 }, size = 7) {
  const found: [number, unknown][] = [];
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  for await (const { line, value } of readNdjson(inPieces(bytes, size), most)) found.push([line, value]);
  return found;
}
const failure = (reading: Promise<unknown>): Promise<UnreadableText> =>
  reading.then(
    () => expect.fail("it was read"),
    (error: UnreadableText) => {
      expect(error).to.be.instanceOf(UnreadableText);
      return error;
    },
  );

describe("a list over HTTP", () => {
  it("comes out as it went in, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        async (all, size) => {
          async function* given() {
            yield* all;
          }
          const pieces: Uint8Array[] = [];
          for await (const piece of writeNdjson(given())) pieces.push(piece);
          const back = await read(Buffer.concat(pieces), { lineBytes: 100_000, bytes: 1_000_000 }, size);
          expect(JSON.stringify(back)).to.equal(JSON.stringify(all.map((value, i) => [i + 1, value])));
        },
      ),
      { numRuns: 50 },
    );
    expect(await read("1\n2")).to.deep.equal([
      [1, 1],
      [2, 2],
    ]);
  });

  it("is sent in pieces of bounded size", async () => {
    async function* given() {
      for (let i = 0; i < 3; i++) yield "x".repeat(40 * 1024);
    }
    const sizes: number[] = [];
    for await (const piece of writeNdjson(given())) sizes.push(piece.length);
    expect(sizes).to.deep.equal([2 * (40 * 1024 + 3), 40 * 1024 + 3]);
  });

  it("is refused by its line where it is no JSON or no UTF-8", async () => {
    expect((await failure(read("1\n{\n3\n"))).message).to.match(/^Line 2 is not JSON: /);
    const bytes = Uint8Array.from([...bytesOf("1\n2\n"), 0xff, 0x0a]);
    const broken = await failure(read(bytes, undefined, 4));
    expect(broken.message).to.equal("Behind line 2 there is something that is not UTF-8.");
    expect(broken.tooLarge).to.equal(false);
    expect((await failure(read(Uint8Array.from([0x31, 0xc3])))).message).to.contain("not UTF-8");
  });

  it("is read up to what is agreed on, line by line and as a whole, and not a byte further", async () => {
    const most = { lineBytes: 10, bytes: 24 };
    const line = "1".repeat(10);
    expect(await read(`${line}\n${line}\n`, most, 1)).to.have.length(2);
    expect(await read(line, most, 100)).to.have.length(1);
    for (const [text, size] of [
      [`${line}1\n`, 100],
      [`${line}1`, 100],
      [`1\n${line}1`, 2],
    ] as const) {
      const tooLong = await failure(read(text, most, size));
      expect(tooLong.message).to.equal(
        `Line ${text.startsWith("1\n") ? 2 : 1} is longer than the 10 bytes that one may have.`,
      );
      expect(tooLong.tooLarge).to.equal(true);
    }
    expect(await read(`${"1\n".repeat(12)}`, most, 5)).to.have.length(12);
    const tooMuch = await failure(read(`${"1\n".repeat(12)}2`, most, 5));
    expect([tooMuch.message, tooMuch.tooLarge]).to.deep.equal(["A body has at most 24 bytes.", true]);
  });
});

describe("an event of the contract", () => {
  const contract = new Interface([
    "event Described(bytes32 indexed campaignId, uint256 amount, string uri, string indexed tag, bytes data)",
    "event Counted(uint256 indexed number, uint256 amount)",
  ]);
  const coder = AbiCoder.defaultAbiCoder();

  it("has its arguments by their names, whatever bytes its text is", () => {
    for (const [bytes, text] of [
      ["0x61c3a9", "aé"],
      ["0x61ff62", "a\ufffdb"],
      ["0x", ""],
      ["0x6100", "a\0"],
    ]) {
      const log = {
        topics: [contract.getEvent("Described")?.topicHash ?? "", id("campaign"), id("tag")],
        data: coder.encode(["uint256", "bytes", "bytes"], [5n, bytes, "0xff"]),
      };
      const found = readLog(contract, log);
      expect(found?.name).to.equal("Described");
      expect(found?.args.toObject()).to.deep.include({
        campaignId: id("campaign"),
        amount: 5n,
        uri: text,
        data: "0xff",
      });
      expect(found?.args.tag.hash).to.equal(id("tag"));
    }
  });

  it("without text is as ethers reads it, and one of another contract is none", () => {
    const topics = [contract.getEvent("Counted")?.topicHash ?? "", zeroPadValue("0x07", 32)];
    const found = readLog(contract, { topics, data: coder.encode(["uint256"], [9n]) });
    expect(found?.args.toObject()).to.deep.equal({ number: 7n, amount: 9n });
    expect(readLog(contract, { topics: [id("Other()")], data: "0x" })).to.equal(undefined);
  });
});

describe("the name of an event", () => {
  it("is ASCII of 1 to 24 signs, left-aligned, and comes back", () => {
    for (const name of ["!", "~", "sale", "x".repeat(24)]) {
      const bytes = `0x${Buffer.from(name).toString("hex").padEnd(48, "0")}`;
      expect(encodeEventName(name)).to.equal(bytes);
      expect(decodeEventName(bytes)).to.equal(name);
    }
    for (const name of ["", "two words", "x".repeat(25), "é", "a\0"])
      expect(() => encodeEventName(name), name).to.throw(RangeError, "printable ASCII");
  });

  it("that is none is shown as its bytes", () => {
    for (const bytes of [
      `0x${"00".repeat(24)}`,
      `0xFF${"00".repeat(23)}`,
      concat(["0x610062", `0x${"00".repeat(21)}`]),
    ])
      expect(decodeEventName(bytes)).to.equal(bytes.toLowerCase());
  });
});

describe("what is counted", () => {
  it("of offers counts from 1", () => {
    const offers = [1n, 2n].map((flatAmount) => ({ flatAmount, rateBps: 250n, validFrom: 3n, validTo: 4n }));
    expect([...pricedOffers(offers)]).to.deep.equal([
      [1, { flatAmount: 1n, rateBps: 250, validFrom: 3, validTo: 4 }],
      [2, { flatAmount: 2n, rateBps: 250, validFrom: 3, validTo: 4 }],
    ]);
  });

  it("of conversions has proofs for those of the batch, and says so of others", () => {
    const tree = conversionTree([1n, 2n, 3n].map((number) => ({ number, key: id("k"), salt: id("s"), entries: [] })));
    expect(tree.getProof(2)).to.have.length.within(1, 2);
    for (const index of [-1, 3, Number.NaN])
      expect(() => tree.getProof(index)).to.throw(RangeError, `There is no conversion ${index}; the batch has 3.`);
  });
});
