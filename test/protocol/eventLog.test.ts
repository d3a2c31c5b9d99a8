import { readLog } from "@partner-programs/protocol/eventLog";
import { expect } from "chai";
import { AbiCoder, hexlify, type ParamType, type Result, randomBytes, zeroPadValue } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const CONTRACT = PartnerPrograms__factory.createInterface();

/** Anything that a type can have, the largest of it included. */
function anyOf({ baseType, components, arrayChildren }: ParamType): unknown {
  if (arrayChildren !== null) return Array.from({ length: 3 }, () => anyOf(arrayChildren as ParamType));
  if (components !== null) return components.map(anyOf);
  if (baseType === "address") return hexlify(randomBytes(20));
  if (baseType === "bool") return Math.random() < 0.5;
  if (baseType === "string") return "müßig, \u0000 and 🎈";
  if (baseType === "bytes") return hexlify(randomBytes(7));
  if (baseType.startsWith("bytes")) return hexlify(randomBytes(Number(baseType.slice("bytes".length))));
  const bits = Number(baseType.slice("uint".length));
  return Math.random() < 0.3 ? (1n << BigInt(bits)) - 1n : BigInt(hexlify(randomBytes(bits / 8)));
}

const plainOf = (value: unknown): unknown =>
  Array.isArray(value) ? [...value].map(plainOf) : typeof value === "bigint" ? `${value}n` : value;

describe("a log of the contract", () => {
  const fragments: Parameters<Parameters<typeof CONTRACT.forEachEvent>[0]>[0][] = [];
  CONTRACT.forEachEvent((fragment) => fragments.push(fragment));

  for (const fragment of fragments)
    it(`is read as ethers reads it: ${fragment.name}`, () => {
      for (let n = 0; n < 20; n++) {
        const given = fragment.inputs.map(anyOf);
        const log = CONTRACT.encodeEventLog(fragment, given);
        const read = readLog(CONTRACT, log);
        const expected = CONTRACT.parseLog(log);
        expect(read?.name).to.equal(fragment.name);
        expect(plainOf(read?.args)).to.deep.equal(plainOf(expected?.args));
        for (const [i, { name }] of fragment.inputs.entries()) {
          expect(plainOf(read?.args.getValue(name))).to.deep.equal(plainOf(expected?.args[i]));
          if (fragment.inputs[i]?.baseType === "tuple")
            expect((read?.args[i] as Result | undefined)?.toObject(true)).to.deep.equal(
              (expected?.args[i] as Result | undefined)?.toObject(true),
            );
        }
      }
    });

  it("is read with the decoder's own care where its words are not those of its types", () => {
    const fragment = CONTRACT.getEvent("Claimed") as NonNullable<ReturnType<typeof CONTRACT.getEvent>>;
    const [owner, token, receiver] = [1, 2, 3].map(() => hexlify(randomBytes(20))) as [string, string, string];
    const topics = [fragment.topicHash, ...[owner, token, receiver].map((one) => zeroPadValue(one, 32))];
    const data = AbiCoder.defaultAbiCoder().encode(["uint256"], [7n]);
    // More data than the event has is no reason to read it otherwise.
    const longer = { topics, data: `${data}${"00".repeat(32)}` };
    expect(plainOf(readLog(CONTRACT, longer)?.args)).to.deep.equal(plainOf(CONTRACT.parseLog(longer)?.args));
    const shorter = { topics, data: "0x00" };
    expect(() => readLog(CONTRACT, shorter)).to.throw(/out-of-bounds/);
  });

  it("of another topic is none of its", () => {
    expect(readLog(CONTRACT, { topics: [hexlify(randomBytes(32))], data: "0x" })).to.equal(undefined);
    expect(readLog(CONTRACT, { topics: [], data: "0x" })).to.equal(undefined);
  });
});
