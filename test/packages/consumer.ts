/** An empty folder with nothing but the packed packages, and what they declare that they need. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DIST, ROOT } from "#scripts/packages/bundle.ts";

export const PACKAGES = ["protocol", "sdk", "contracts"] as const;
export type Package = (typeof PACKAGES)[number];

export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Consumer {
  readonly folder: string;
  /** Of the tarball of each. */
  readonly files: Readonly<Record<Package, readonly string[]>>;
  manifest(name: Package): Manifest;
  write(file: string, text: string): string;
  close(): void;
}

/** The examples of a README in one language, as written. @throws Error if there is none */
export function examplesOf(name: Package, language: string): string[] {
  const text = readFileSync(join(DIST, name, "README.md"), "utf8");
  const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, code = ""]) => code,
  );
  if (found.length === 0) throw new Error(`${name}/README.md has no example in ${language}.`);
  return found;
}

/** Packs what was built, and unpacks it as npm would. What else is needed is that of the repository: no registry is asked. */
export function openConsumer(...others: string[]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-consumer-"));
  const files = {} as Record<Package, string[]>;
  for (const name of PACKAGES) {
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
        cwd: join(DIST, name),
        encoding: "utf8",
        env: { ...process.env, npm_config_workspaces: "false" },
      }),
    ) as [{ filename: string; files: { path: string }[] }];
    files[name] = packed.files.map(({ path }) => path);
    const to = join(folder, "node_modules/@partner-programs", name);
    mkdirSync(to, { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, packed.filename), "--strip-components=1", "-C", to]);
  }
  const manifest = (name: Package): Manifest =>
    JSON.parse(readFileSync(join(folder, "node_modules/@partner-programs", name, "package.json"), "utf8"));
  const needed = PACKAGES.map(manifest).flatMap(({ dependencies = {}, peerDependencies = {} }) =>
    Object.keys({ ...dependencies, ...peerDependencies }),
  );
  for (const name of new Set([...needed, ...others])) {
    const place = join(folder, "node_modules", name);
    if (existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), place);
  }
  return {
    folder,
    files,
    manifest,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** The Nodes that the packages are for, by their major version: this one, and those that were installed for this test. */
export function nodes(): Map<string, string> {
  const found = new Map([[process.version.split(".")[0]?.slice(1) ?? "", process.execPath]]);
  for (const folder of readdirSync(join(ROOT, "test/packages")).filter((name) => name.startsWith("node-"))) {
    const binary = join(ROOT, "test/packages", folder, `node_modules/node-linux-${process.arch}/bin/node`);
    if (existsSync(binary)) found.set(folder.slice("node-".length), binary);
  }
  return found;
}
