/** The types of the packages: a declaration for each module, once for `import` (`.d.ts`) and once for `require` (`.d.cts`). */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ROOT } from "./bundle.ts";

const SETTINGS = {
  target: "es2024",
  lib: ["es2024", "dom", "dom.iterable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  declaration: true,
  emitDeclarationOnly: true,
  rootDir: ROOT,
};

/** A relative import of a source file, as declarations have it. */
const RELATIVE = /((?:from|import\()\s*"\.\/[\w.]+)\.ts"/g;

/** Writes the declarations of the sources of each folder, and of what they import beside them, to its place. */
export function declare(places: readonly { readonly files: readonly string[]; readonly outDir: string }[]): void {
  const scratch = mkdtempSync(join(tmpdir(), "partner-programs-types-"));
  try {
    const files = places.flatMap((place) => place.files.map((file) => join(ROOT, file)));
    // Of the project, so that packages are found from there.
    const config = {
      compilerOptions: { ...SETTINGS, typeRoots: [join(ROOT, "node_modules/@types")], outDir: scratch },
      files,
    };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "--project", scratch], { cwd: ROOT, stdio: "inherit" });
    for (const { files, outDir } of places)
      for (const written of globSync(join(scratch, files[0]?.split("/")[0] ?? "", "*.d.ts"))) {
        const text = readFileSync(written, "utf8");
        const name = basename(written, ".d.ts");
        writeFileSync(join(outDir, `${name}.d.ts`), text.replaceAll(RELATIVE, '$1.js"'));
        writeFileSync(join(outDir, `${name}.d.cts`), text.replaceAll(RELATIVE, '$1.cjs"'));
      }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
