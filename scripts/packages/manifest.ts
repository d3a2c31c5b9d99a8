/** The package.json of what is published, made of the one in the repository, whose entries are the sources. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";

type Dependencies = Readonly<Record<string, string>>;

/** A package.json of the repository, as far as it matters here. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies?: Dependencies;
}

const MANIFESTS = new Map<string, Manifest>();

export function manifestOf(folder: string): Manifest {
  const known = MANIFESTS.get(folder);
  if (known !== undefined) return known;
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;
  MANIFESTS.set(folder, manifest);
  return manifest;
}

/** The repository pins what it was tested with; who installs a package may have a later one of the same major version. */
const compatible = (dependencies: Dependencies = {}): Dependencies =>
  Object.fromEntries(Object.entries(dependencies).map(([name, version]) => [name, `^${version}`]));

const modules = (names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      `./${name}`,
      {
        import: { types: `./${name}.d.ts`, default: `./${name}.js` },
        require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
      },
    ]),
  );

function common(folder: string) {
  const { name, version, description, license } = manifestOf(folder);
  return { name, version, description, license, keywords: ["affiliate", "referral", "partner program", "ethereum"] };
}

export function protocolManifest(names: readonly string[]) {
  return {
    ...common("protocol"),
    type: "module",
    engines: { node: ">=20" },
    sideEffects: false,
    exports: { ...modules(names), "./*.json": "./*.json", "./package.json": "./package.json" },
    dependencies: compatible(manifestOf("protocol").dependencies),
  };
}

export function sdkManifest(names: readonly string[]) {
  const needed = compatible(manifestOf("sdk").dependencies);
  return {
    ...common("sdk"),
    type: "module",
    engines: { node: ">=20" },
    sideEffects: ["./partner-programs.js"],
    exports: {
      ...modules(names),
      "./partner-programs.js": "./partner-programs.js",
      "./package.json": "./package.json",
    },
    // For `./verify` alone: a shop's page or server that reports sales installs nothing else.
    peerDependencies: needed,
    peerDependenciesMeta: Object.fromEntries(Object.keys(needed).map((name) => [name, { optional: true }])),
  };
}

export function contractsManifest() {
  return {
    ...common("contracts"),
    exports: { "./*": "./*" },
    // To the letter: the bytecode in the package is that of these sources with this version.
    dependencies: manifestOf("contracts").dependencies,
  };
}
