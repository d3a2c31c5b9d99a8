/** Builds sdk/dist: the browser SDK as a script and as a module, the server SDK as a module, and their types. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
export const SDK_DIST = join(ROOT, "sdk/dist");

const BUNDLES = [
  { entry: "browser.script.ts", format: "iife", file: "partner-programs.js", target: "es2020" },
  { entry: "browser.ts", format: "es", file: "browser.js", target: "es2020" },
  { entry: "server.ts", format: "es", file: "server.js", target: "es2022" },
] as const;

/** The bundles alone: what runs. */
export async function bundleSdk(outDir = SDK_DIST): Promise<void> {
  for (const { entry, format, file, target } of BUNDLES)
    await build({
      root: ROOT,
      configFile: false,
      logLevel: "warn",
      build: {
        outDir,
        emptyOutDir: false,
        target,
        minify: file !== "server.js",
        lib: { entry: join(ROOT, "sdk", entry), formats: [format], name: "PartnerPrograms", fileName: () => file },
      },
    });
}

/** The declarations. They name each other as the modules that they describe. */
function declareSdk(): void {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const entries = ["sdk/browser.ts", "sdk/server.ts"];
  const settings =
    "--ignoreConfig --strict --declaration --emitDeclarationOnly --allowImportingTsExtensions --rootDir sdk";
  const target = "--target es2024 --lib es2024,dom,dom.iterable --module nodenext --skipLibCheck --outDir";
  execFileSync(process.execPath, [compiler, ...entries, ...settings.split(" "), ...target.split(" "), SDK_DIST], {
    cwd: ROOT,
    stdio: "inherit",
  });
  for (const name of readdirSync(SDK_DIST).filter((name) => name.endsWith(".d.ts"))) {
    const file = join(SDK_DIST, name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.js"'));
  }
}

if (import.meta.main) {
  await bundleSdk();
  declareSdk();
  if (!existsSync(join(SDK_DIST, "server.d.ts"))) throw new Error("The compiler wrote no declarations.");
}
