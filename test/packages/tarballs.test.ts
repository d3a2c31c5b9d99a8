import { execFile } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import solc from "solc";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { ciVariable } from "#harness/ci.ts";
import { buildPackages } from "#scripts/packages/build.ts";
import { ROOT } from "#scripts/packages/bundle.ts";
import { type Consumer, examplesOf, nodes, openConsumer, PACKAGES } from "./consumer.ts";
import { AVAILABLE, type Promised, promise } from "./promise.ts";

const run = promisify(execFile);
const MODULES = ["protocol", "sdk"] as const;
const MAX_SDK_BYTES = 200_000;

/** Reads the campaign and the attestation through the ABI with viem, and judges the promise, all by the READMEs' examples. */
const MAIN = `
import { readFileSync } from "node:fs";
import { partnerProgramsAbi } from "@partner-programs/protocol/abi";
import type { PromisedConversion, PublicBatch } from "@partner-programs/sdk/verify";
import { createPublicClient, type Hex, http } from "viem";
import { available } from "./protocol-1.ts";
import { isKept, type Place } from "./sdk-4.ts";

interface Promised {
  rpcUrl: string;
  campaignId: Hex;
  place: Place & { programs: Hex };
  lens: Hex;
  conversion: PromisedConversion;
  batch: PublicBatch;
}
const { rpcUrl, campaignId, place, lens, conversion, batch } = JSON.parse(readFileSync("promised.json", "utf8")) as Promised;
const client = createPublicClient({ transport: http(rpcUrl) });
const [attested] = await client.getContractEvents({
  address: place.programs,
  abi: partnerProgramsAbi,
  eventName: "Attested",
  args: { campaignId },
  fromBlock: 0n,
  strict: true,
});
if (attested === undefined) throw new Error("Nothing is attested.");
const root: Hex = attested.args.body.conversionsRoot;
const another: PromisedConversion = { ...conversion, number: "3" };
console.log(
  JSON.stringify({
    available: (await available(rpcUrl, lens, campaignId)).toString(),
    kept: isKept(place, conversion, batch, root),
    ofAnotherRelayer: isKept({ ...place, relayer: place.programs }, conversion, batch, root),
    underAnotherNumber: isKept(place, another, batch, root),
  }),
);
`;

/** The same in both ways of loading, on Nodes that read no types. \`load\` is \`import\` or \`require\`. */
const EVERYWHERE = `
async function use(load) {
  const names = JSON.parse(readFileSync("entries.json", "utf8"));
  const entries = {};
  for (const name of names) entries[name] = Object.keys(await load(name)).filter((key) => key !== "default").sort();
  const { receiptSigner, isAttestedAsPromised } = await load("@partner-programs/sdk/verify");
  const { createServerClient, RelayerError } = await load("@partner-programs/sdk/server");
  const { place, conversion, batch } = JSON.parse(readFileSync("promised.json", "utf8"));
  const refused = await createServerClient({ url: "http://127.0.0.1:9", secretKey: "sk_x", tries: 1 })
    .conversion("1")
    .catch((error) => error);
  console.log(
    JSON.stringify({
      version: process.versions.node.split(".")[0],
      entries,
      signed: receiptSigner(conversion, place.chainId, place.programs) === place.relayer,
      kept: isAttestedAsPromised(conversion, batch, batch.conversionsRoot),
      refused: refused instanceof RelayerError && refused.status,
    }),
  );
}
`;

const settings = (options: object) =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      lib: ["es2022", "dom"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // The packages' own declarations are checked as well.
      skipLibCheck: false,
      allowImportingTsExtensions: true,
      types: ["node"],
      ...options,
    },
  });

describe("the packed packages, in an empty folder", function () {
  this.timeout(120_000);
  let consumer: Consumer;
  let anvil: Anvil;
  let promised: Promised;

  before(async () => {
    await buildPackages();
    consumer = openConsumer("viem", "@types/node", "undici-types");
    anvil = await startAnvil();
    promised = await promise(anvil);
    consumer.write("promised.json", JSON.stringify(promised));
    consumer.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
    for (const name of MODULES)
      for (const [i, code] of examplesOf(name, "ts").entries()) consumer.write(`${name}-${i + 1}.ts`, code);
    consumer.write("main.ts", MAIN);
  });
  after(() => {
    anvil?.stop();
    consumer?.close();
  });

  const entriesOf = (name: (typeof MODULES)[number]) =>
    Object.keys(consumer.manifest(name).exports)
      .filter((entry) => !entry.includes("*") && !/\.js(on)?$/.test(entry))
      .map((entry) => `@partner-programs/${name}${entry.slice(1)}`);

  it("have a README, a licence and changes, and nothing that is not for who installs them", () => {
    for (const name of PACKAGES) {
      const files = consumer.files[name];
      expect(files, name).to.include.members(["README.md", "LICENSE", "CHANGELOG.md", "package.json"]);
      expect(files.filter((file) => /(?<!\.d)\.ts$|mocks|node_modules|\.test\./.test(file))).to.deep.equal([]);
    }
  });

  it("compile a contract that inherits the reporting base, found as compilers find packages", () => {
    const [source = ""] = examplesOf("contracts", "solidity");
    const input = {
      language: "Solidity",
      sources: { "TicketOffice.sol": { content: source } },
      settings: { evmVersion: "osaka", outputSelection: { "*": { "*": ["evm.bytecode.object"] } } },
    };
    const find = (path: string) => {
      try {
        return { contents: readFileSync(join(consumer.folder, "node_modules", path), "utf8") };
      } catch (error) {
        return { error: String(error) };
      }
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
    expect(output.errors ?? []).to.deep.equal([]);
    expect(output.contracts["TicketOffice.sol"].TicketOffice.evm.bytecode.object).to.match(/^[0-9a-f]{1000,}$/);
  });

  it("have the bytecode that is deployed, and the ABI of it", async () => {
    const folder = join(consumer.folder, "node_modules/@partner-programs/contracts");
    const { bytecode, abi } = JSON.parse(readFileSync(join(folder, "artifacts/PartnerPrograms.json"), "utf8"));
    const deployed = await anvil.provider.getTransaction((await anvil.provider.getBlock(1))?.transactions[0] as string);
    expect(deployed?.data).to.equal(bytecode);
    expect(JSON.parse(readFileSync(join(folder, "abi/PartnerPrograms.json"), "utf8"))).to.deep.equal(abi);
    const { partnerProgramsAbi } = await import(
      join(consumer.folder, "node_modules/@partner-programs/protocol/abi.js")
    );
    expect(partnerProgramsAbi).to.deep.equal(abi);
  });

  for (const [resolution, options] of Object.entries({
    node16: { module: "node16", moduleResolution: "node16" },
    bundler: { module: "esnext", moduleResolution: "bundler" },
  }))
    it(`have types for who resolves modules as ${resolution} does, in ESM and CommonJS`, async () => {
      const names = MODULES.flatMap(entriesOf);
      const uses = names.map((name, i) => `import * as entry${i} from ${JSON.stringify(name)};\nvoid entry${i};`);
      consumer.write("entries.ts", uses.join("\n"));
      // A module of CommonJS: what it requires has its own declarations.
      consumer.write("entries.cts", resolution === "node16" ? uses.join("\n") : "export {};");
      consumer.write("tsconfig.json", settings(options));
      const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
      await run(process.execPath, [compiler, "--project", consumer.folder], { cwd: consumer.folder }).catch((error) =>
        expect.fail(`${error.stdout}${error.stderr}`),
      );
    });

  it("read a campaign by the ABI with viem, and verify a receipt and a proof", async () => {
    const { stdout } = await run(process.execPath, ["main.ts"], { cwd: consumer.folder });
    expect(JSON.parse(stdout)).to.deep.equal({
      available: AVAILABLE.toString(),
      kept: true,
      ofAnotherRelayer: false,
      underAnotherNumber: false,
    });
  });

  describe("can be imported and required", () => {
    const found = nodes();
    it("on every Node that they are for", () => {
      if (ciVariable(process.env) !== undefined) expect([...found.keys()].sort()).to.deep.equal(["20", "22", "24"]);
      else if (found.size < 3) console.warn(`      Only on Node ${[...found.keys()].join(", ")}: run npm ci.`);
    });

    for (const [version, node] of found)
      it(`on Node ${version}, with the same names`, async () => {
        consumer.write("entries.json", JSON.stringify(MODULES.flatMap(entriesOf)));
        const head = {
          mjs: 'import { readFileSync } from "node:fs";',
          cjs: 'const { readFileSync } = require("node:fs");',
        };
        const load = { mjs: "(name) => import(name)", cjs: "async (name) => require(name)" };
        const answers = await Promise.all(
          (["mjs", "cjs"] as const).map(async (kind) => {
            consumer.write(`use.${kind}`, `${head[kind]}\n${EVERYWHERE}\nuse(${load[kind]});\n`);
            const { stdout } = await run(node, [`use.${kind}`], { cwd: consumer.folder });
            return JSON.parse(stdout);
          }),
        );
        const [imported, required] = answers;
        expect(imported).to.deep.include({ version, signed: true, kept: true, refused: 0 });
        expect(required).to.deep.equal(imported);
        expect(imported.entries["@partner-programs/sdk/browser"]).to.include("capture");
      });
  });

  it("declare all that they import", () => {
    for (const name of MODULES) {
      const folder = join(consumer.folder, "node_modules/@partner-programs", name);
      const { dependencies = {}, peerDependencies = {} } = consumer.manifest(name);
      const imported = readdirSync(folder)
        .filter((file) => /(?<!\.d)\.c?js$/.test(file))
        .flatMap((file) =>
          [...readFileSync(join(folder, file), "utf8").matchAll(/(?:\bfrom |\brequire\()"((?!\.)[^"]+)"/g)].map(
            ([, from = ""]) => from.split("/", from.startsWith("@") ? 2 : 1).join("/"),
          ),
        )
        .filter((from) => !from.startsWith("node:"));
      expect(new Set(imported), name).to.deep.equal(new Set(Object.keys({ ...dependencies, ...peerDependencies })));
    }
  });

  it("of the SDK are small, and need nothing for pages and servers that report", () => {
    const folder = realpathSync(join(consumer.folder, "node_modules/@partner-programs/sdk"));
    const scripts = readdirSync(folder).filter((file) => /(?<!\.d)\.c?js$/.test(file));
    const bytes = scripts.reduce((sum, file) => sum + readFileSync(join(folder, file)).length, 0);
    expect(bytes).to.be.below(MAX_SDK_BYTES);
    const needing = scripts.filter((file) =>
      /"(ethers|@partner-programs\/protocol)/.test(readFileSync(join(folder, file), "utf8")),
    );
    expect(needing.sort()).to.deep.equal(["verify.cjs", "verify.js"]);
  });
});
