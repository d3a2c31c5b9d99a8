/** What runs of the packages: each module for `import` and for `require`, and the browser's SDK as a script. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
/** A folder for each package. Beside `contracts/` and not in it, where the compiler would find every contract twice. */
export const DIST = join(ROOT, "dist");

const common = { root: ROOT, configFile: false, logLevel: "warn" } as const;

/** Modules of a folder, one file each, as ESM (`.js`) and CommonJS (`.cjs`). Packages that they import stay imports. */
export async function bundleModules(folder: string, names: readonly string[], outDir: string): Promise<void> {
  await build({
    ...common,
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      minify: false,
      lib: {
        entry: names.map((name) => join(ROOT, folder, `${name}.ts`)),
        formats: ["es", "cjs"],
        fileName: (format, name) => `${name}.${format === "es" ? "js" : "cjs"}`,
      },
      rolldownOptions: {
        external: (id) => !/^[./]/.test(id),
        output: { preserveModules: true, preserveModulesRoot: join(ROOT, folder) },
      },
    },
  });
}

/** The browser's SDK in one small file: as a script, and as a module. */
export async function bundleBrowser(outDir: string): Promise<void> {
  for (const { entry, format, file } of [
    { entry: "browser.script.ts", format: "iife", file: "partner-programs.js" },
    { entry: "browser.ts", format: "es", file: "browser.js" },
    { entry: "browser.ts", format: "cjs", file: "browser.cjs" },
  ] as const)
    await build({
      ...common,
      build: {
        outDir,
        emptyOutDir: false,
        target: "es2020",
        lib: { entry: join(ROOT, "sdk", entry), formats: [format], name: "PartnerPrograms", fileName: () => file },
      },
    });
}
