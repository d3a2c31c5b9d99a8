/**
 * Builds what is published: dist/protocol, dist/sdk and dist/contracts, each a whole package that `npm pack` makes a tarball of.
 * Contracts have to be built before (`npm run build:contracts`): their ABI and bytecode are taken from there.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bundleBrowser, bundleModules, DIST, ROOT } from "./bundle.ts";
import { declare } from "./declare.ts";
import { contractsManifest, protocolManifest, sdkManifest } from "./manifest.ts";

const SDK_ENTRIES = ["browser", "server", "webhook", "verify"];
/** Everything but the mocks, which are for tests. */
const SOLIDITY = "contracts/{*,{base,examples,interfaces,libraries,periphery,types}/*}.sol";
const CLEAR_SIGNING = "contracts/clear-signing/*.json";
const WITH_ABI = [
  "PartnerPrograms",
  "PartnerProgramsLens",
  "periphery/Funding",
  "base/ReportsConversions",
  "interfaces/IPartnerPrograms",
];

/** What every package has. */
function writeCommon(folder: string, manifest: object): void {
  writeFileSync(join(DIST, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["README.md", "CHANGELOG.md"]) cpSync(join(ROOT, folder, file), join(DIST, folder, file));
  cpSync(join(ROOT, "LICENSE"), join(DIST, folder, "LICENSE"));
}

/** The packages of modules, together: the compiler reads what both import once. */
async function buildModules(): Promise<void> {
  const protocol = globSync("protocol/*.ts", { cwd: ROOT })
    .map((file) => basename(file, ".ts"))
    .sort();
  await bundleModules("protocol", protocol, join(DIST, "protocol"));
  await bundleModules(
    "sdk",
    SDK_ENTRIES.filter((name) => name !== "browser"),
    join(DIST, "sdk"),
  );
  await bundleBrowser(join(DIST, "sdk"));
  declare([
    { files: protocol.map((name) => `protocol/${name}.ts`), outDir: join(DIST, "protocol") },
    { files: SDK_ENTRIES.map((name) => `sdk/${name}.ts`), outDir: join(DIST, "sdk") },
  ]);
  for (const file of globSync("protocol/{*.json,vectors/*.json}", { cwd: ROOT, exclude: ["protocol/package.json"] }))
    cpSync(join(ROOT, file), join(DIST, file));
  writeCommon("protocol", protocolManifest(protocol));
  writeCommon("sdk", sdkManifest(SDK_ENTRIES));
}

function buildContracts(): void {
  for (const file of [...globSync(SOLIDITY, { cwd: ROOT }), ...globSync(CLEAR_SIGNING, { cwd: ROOT })]) {
    const to = join(DIST, file);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(ROOT, file), to);
  }
  for (const kind of ["abi", "artifacts"]) mkdirSync(join(DIST, "contracts", kind));
  for (const path of WITH_ABI) {
    const name = basename(path);
    const built = join(ROOT, "artifacts/contracts", `${path}.sol`, `${name}.json`);
    if (!existsSync(built)) throw new Error(`${path} is not built. Run: npm run build:contracts`);
    const { abi, bytecode, deployedBytecode } = JSON.parse(readFileSync(built, "utf8"));
    const write = (kind: string, content: unknown) =>
      writeFileSync(join(DIST, "contracts", kind, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
    write("abi", abi);
    // What is deployed; an interface and an abstract base have none.
    if (bytecode !== "0x") write("artifacts", { contractName: name, abi, bytecode, deployedBytecode });
  }
  writeCommon("contracts", contractsManifest());
}

export async function buildPackages(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  await buildModules();
  buildContracts();
}

if (import.meta.main) await buildPackages();
