import { readdirSync, readFileSync } from "node:fs";
import { fundingAbi, partnerProgramsAbi } from "@partner-programs/protocol/abi";
import { PERMIT2, permit2FundingTypes } from "@partner-programs/protocol/funding";
import { KINDS } from "@partner-programs/protocol/kinds";
import { packLine } from "@partner-programs/protocol/line";
import { NATIVE } from "@partner-programs/protocol/native";
import {
  attestationTypes,
  claimOrderTypes,
  payoutOrderTypes,
  receiptTypes,
  reversalTypes,
} from "@partner-programs/protocol/typedData";
import Ajv2020 from "ajv/dist/2020.js";
import { expect } from "chai";
import { dataSlice, FunctionFragment, Interface, type ParamType, TypedDataEncoder, type TypedDataField } from "ethers";
import { readDeployment } from "#service/deployments.ts";

const ROOT = new URL("../../", import.meta.url);
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));
/** ERC-7730 2.0.0, the active version (github.com/ethereum/clear-signing-erc7730-registry, specs/, at 3b66ba2; CC0). */
const schema = readJson("test/support/erc7730-v2.schema.json");

interface Field {
  readonly path: string;
  readonly label: string;
  readonly format: string;
  readonly params?: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly visible?: unknown;
}
interface Format {
  readonly intent: string;
  readonly interpolatedIntent?: string;
  readonly fields: readonly Field[];
}
interface Descriptor {
  readonly context: {
    readonly contract?: { readonly deployments: readonly unknown[] };
    readonly eip712?: { readonly domain: Record<string, string>; readonly deployments: readonly unknown[] };
  };
  readonly metadata: Record<string, unknown>;
  readonly display: { readonly formats: Readonly<Record<string, Format>> };
}

const FOLDER = "contracts/clear-signing";
const files = readdirSync(new URL(FOLDER, ROOT)).filter((name) => name.endsWith(".json"));
const descriptors = new Map(files.map((file) => [file, readJson(`${FOLDER}/${file}`) as Descriptor]));
const descriptor = (file: string): Descriptor => {
  const found = descriptors.get(file);
  if (found === undefined) throw new Error(`There is no ${FOLDER}/${file}.`);
  return found;
};

/** What a path can walk over: a struct's members, an array's elements, or a value. */
interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Shape>>;
  readonly element?: Shape;
}
const shapeOfParam = (param: ParamType): Shape => {
  if (param.arrayChildren !== null) return { type: "array", element: shapeOfParam(param.arrayChildren) };
  if (param.components !== null) return { type: "struct", members: membersOf(param.components) };
  return { type: param.type };
};
const membersOf = (params: readonly ParamType[]) =>
  Object.fromEntries(params.map((param) => [param.name, shapeOfParam(param)]));
const shapeOfType = (types: Record<string, TypedDataField[]>, type: string): Shape => {
  if (type.endsWith("[]")) return { type: "array", element: shapeOfType(types, type.slice(0, -2)) };
  const fields = types[type];
  if (fields === undefined) return { type };
  return { type: "struct", members: Object.fromEntries(fields.map((one) => [one.name, shapeOfType(types, one.type)])) };
};

const SLICE = /^\[(\d+):(\d+)\]$/;
/** The type at the end of a path; undefined if the path leads nowhere. */
function typeAt(shape: Shape, path: string): string | undefined {
  if (path === "@.value") return "uint256";
  let at: Shape | undefined = shape;
  for (const step of path.split(".")) {
    const [, from, to] = SLICE.exec(step) ?? [];
    if (from !== undefined && to !== undefined) {
      const size: number = Number(/^bytes(\d+)$/.exec(at.type)?.[1] ?? 0);
      at = Number(from) < Number(to) && Number(to) <= size ? { type: `slice${Number(to) - Number(from)}` } : undefined;
    } else at = step === "[]" ? at.element : at.members?.[step];
    if (at === undefined) return undefined;
  }
  return at.type;
}
/** The paths of all values. */
function leaves(shape: Shape, path = ""): string[] {
  if (shape.element !== undefined) return leaves(shape.element, `${path}.[]`);
  if (shape.members === undefined) return [path.replace(/^\./, "")];
  return Object.entries(shape.members).flatMap(([name, member]) => leaves(member, `${path}.${name}`));
}
/** What each format can show. */
const FITS: Record<string, RegExp> = {
  addressName: /^(address|slice20)$/,
  date: /^uint/,
  duration: /^uint/,
  unit: /^uint/,
  amount: /^uint/,
  tokenAmount: /^uint/,
  enum: /^uint/,
  raw: /^(u?int\d*|bool|string|bytes\d*|slice\d+|address)$/,
};

const functionsOf = (abi: Interface) => {
  const functions: FunctionFragment[] = [];
  abi.forEachFunction((fragment) => functions.push(fragment));
  return functions.filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure");
};
/** A function as a descriptor names it: canonical types with the names of the ABI. */
const keyOf = (fragment: FunctionFragment): string => {
  const named = (param: ParamType): string => {
    if (param.arrayChildren !== null) return `${named(param.arrayChildren)}[]`;
    if (param.components !== null) return `(${list(param.components)})`;
    return param.type;
  };
  const list = (params: readonly ParamType[]): string => params.map((one) => `${named(one)} ${one.name}`).join(",");
  return `${fragment.name}(${list(fragment.inputs)})`;
};

const calls = [
  { file: "calldata-PartnerPrograms.json", abi: new Interface(partnerProgramsAbi) },
  { file: "calldata-Funding.json", abi: new Interface(fundingAbi) },
];
const messages = [
  {
    file: "eip712-PartnerPrograms.json",
    types: [attestationTypes, reversalTypes, claimOrderTypes, payoutOrderTypes, receiptTypes],
  },
  { file: "eip712-Permit2-Funding.json", types: [permit2FundingTypes] },
];
/** Every call and message that is described, with what its paths walk over. */
const described = [
  ...calls.flatMap(({ file, abi }) =>
    functionsOf(abi).map((fragment) => ({
      file,
      key: keyOf(fragment),
      shape: { type: "struct", members: membersOf(fragment.inputs) } as Shape,
    })),
  ),
  ...messages.flatMap(({ file, types }) =>
    types.map((one) => {
      const { primaryType } = TypedDataEncoder.from(one);
      const key = TypedDataEncoder.from(one).encodeType(primaryType);
      return { file, key, shape: shapeOfType(one, primaryType) };
    }),
  ),
].map((one) => ({ ...one, format: descriptor(one.file).display.formats[one.key] as Format }));

describe("what a hardware wallet is told (ERC-7730)", () => {
  const validate = new Ajv2020.default({ strict: false, validateFormats: false }).compile(schema);

  for (const file of files) {
    it(`${file} is as the standard's schema says`, () => {
      validate(descriptor(file));
      expect(validate.errors ?? []).to.deep.equal([]);
    });
  }

  it("would notice a file that is not", () => {
    const bad = structuredClone(descriptor("calldata-Funding.json")) as unknown as {
      display: { formats: Record<string, { fields: { format: string }[] }> };
    };
    const [format] = Object.values(bad.display.formats);
    Object.assign(format?.fields[0] ?? {}, { format: "address" });
    expect(validate(bad)).to.equal(false);
  });

  it("has every function that changes something, and none that there is not", () => {
    for (const { file, abi } of calls)
      expect(Object.keys(descriptor(file).display.formats)).to.have.members(functionsOf(abi).map(keyOf));
    // A key that a wallet parses leads to the selector that is called.
    for (const { file, abi } of calls)
      for (const key of Object.keys(descriptor(file).display.formats)) {
        const fragment = FunctionFragment.from(`function ${key}`);
        expect(abi.getFunction(fragment.name)?.selector, key).to.equal(fragment.selector);
      }
  });

  it("has every message that is signed, by its EIP-712 type", () => {
    for (const { file } of messages)
      expect(Object.keys(descriptor(file).display.formats)).to.have.members(
        described.filter((one) => one.file === file).map(({ key }) => key),
      );
    expect(descriptor("eip712-PartnerPrograms.json").context.eip712?.domain).to.deep.equal({
      name: "PartnerPrograms",
      version: "1",
    });
    expect(descriptor("eip712-Permit2-Funding.json").context.eip712?.domain).to.deep.equal({ name: "Permit2" });
  });

  for (const { file, key, shape, format } of described) {
    const name = `${file.startsWith("eip712") ? "message" : "call"} ${key.split("(")[0]}`;

    it(`${name}: every path leads to a value of the kind that is shown`, () => {
      for (const { path, format: how } of format.fields) {
        const type = typeAt(shape, path);
        expect(type, `${path} leads nowhere`).to.not.equal(undefined);
        expect(type, `${path} as ${how}`).to.match(FITS[how] as RegExp);
      }
      for (const { params = {} } of format.fields) {
        if (typeof params.tokenPath === "string") expect(typeAt(shape, params.tokenPath)).to.equal("address");
        for (const reference of [params.$ref, params.nativeCurrencyAddress])
          if (typeof reference === "string") {
            const [, ...steps] = reference.split(".");
            const value = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], descriptor(file));
            expect(value, reference).to.not.equal(undefined);
          }
      }
    });

    it(`${name}: every value is shown, or hidden on purpose, once`, () => {
      const shown = format.fields.map(({ path }) => path).filter((path) => path !== "@.value");
      expect(new Set(shown).size).to.equal(shown.length);
      const whole = new Set(shown.map((path) => path.replace(/\.\[\d+:\d+\]$/, "")));
      expect([...whole]).to.have.members(leaves(shape));
      const labels = format.fields.filter(({ visible }) => visible !== "never").map(({ label }) => label);
      expect(new Set(labels).size, `labels twice: ${labels}`).to.equal(labels.length);
    });

    it(`${name}: what its sentence names is always shown`, () => {
      for (const [, path = ""] of (format.interpolatedIntent ?? "").matchAll(/\{([^}]+)\}/g)) {
        const field = format.fields.find((one) => one.path === path);
        expect(field, path).to.not.equal(undefined);
        expect(field?.visible, path).to.equal(undefined);
      }
    });
  }

  it("takes a line apart where it is packed", () => {
    const line = packLine({ offerId: 7, partner: PERMIT2, count: 11, volumeUnits: 13n });
    const reversal = described.find(({ key }) => key.startsWith("Reversal("))?.format as Format;
    const parts = reversal.fields.flatMap(({ path, label }) => {
      const [, from, to] = SLICE.exec(path.split(".").at(-1) ?? "") ?? [];
      return from === undefined ? [] : [[label, dataSlice(line, Number(from), Number(to))]];
    });
    expect(parts).to.deep.equal([
      ["Left: offer", "0x0007"],
      ["Left: partner", PERMIT2.toLowerCase()],
      ["Left: conversions", "0x00000b"],
      ["Left: volume units", "0x0000000000000d"],
    ]);
  });

  it("calls kinds, coins and limits what they are called here", () => {
    const { constants, enums } = descriptor("calldata-PartnerPrograms.json").metadata as {
      constants: Record<string, string>;
      enums: { kinds: Record<string, string> };
    };
    expect(constants.nativeCoin).to.equal(NATIVE);
    const numbers = [...Array(64).keys(), 255].map(String);
    expect(Object.keys(enums.kinds)).to.have.members(numbers);
    expect(KINDS.map((kind, i) => [kind, enums.kinds[i]])).to.deep.equal(KINDS.map((kind) => [kind, `${kind}s`]));
    const created = described.find(({ key }) => key.startsWith("createCampaign("))?.format as Format;
    const limit = created.fields.find(({ path }) => path === "given.dailyLimit");
    expect(BigInt(limit?.params?.threshold as string)).to.equal(2n ** 128n - 1n);
  });

  it("is bound to the contracts that are deployed, wherever they are", () => {
    const deployed = readdirSync(new URL("deployments", ROOT))
      .filter((name) => name.endsWith(".json"))
      .map((name) => readDeployment(new URL(`deployments/${name}`, ROOT).pathname));
    const at = (address: (one: (typeof deployed)[number]) => string) =>
      deployed.map((one) => ({ chainId: one.chainId, address: address(one) }));
    const programs = at(({ contracts }) => contracts.PartnerPrograms.address);
    expect(descriptor("calldata-PartnerPrograms.json").context.contract?.deployments).to.have.deep.members(programs);
    expect(descriptor("eip712-PartnerPrograms.json").context.eip712?.deployments).to.have.deep.members(programs);
    const funding = at(({ contracts }) => contracts.Funding.address);
    expect(descriptor("calldata-Funding.json").context.contract?.deployments).to.have.deep.members(funding);
    const permit2 = at(() => PERMIT2);
    expect(descriptor("eip712-Permit2-Funding.json").context.eip712?.deployments).to.have.deep.members(permit2);
  });
});
