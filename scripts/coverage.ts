/**
 * Measures which lines and statements of contracts/ the contract tests run, and fails unless it is all of them. In a copy of
 * the tree, because coverage builds other bytecode into artifacts/ and typechain-types/.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
/** A row of Hardhat's coverage report: file, lines, statements, uncovered lines. */
const ROW = /(contracts\/\S+\.sol)\s*│\s*([\d.]+)\s*│\s*([\d.]+)\s*│\s*([^║]*?)\s*║/g;

const folder = mkdtempSync(join(tmpdir(), "partner-programs-coverage-"));
try {
  const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const files = tracked.toString().split("\0").filter(Boolean);
  for (const file of files) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));

  const output = await run(
    "node_modules/hardhat/dist/src/cli.js",
    "test",
    "mocha",
    "--coverage",
    ...files.filter(isMeasured),
  );
  const rows = [...output.matchAll(ROW)].map(([, file = "", lines = "", statements = "", uncovered = ""]) => ({
    file,
    lines: Number(lines),
    statements: Number(statements),
    uncovered,
  }));
  if (rows.length === 0) throw new Error("The report names no file of contracts/.");
  const open = rows.filter(({ lines, statements }) => lines < 100 || statements < 100);
  for (const { file, lines, statements, uncovered } of open)
    console.error(`${file}: ${lines} % of lines, ${statements} % of statements; not run: ${uncovered}`);
  if (open.length > 0) process.exitCode = 1;
  else console.log(`All lines and statements of the ${rows.length} files in contracts/ are run.`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Random walks run for minutes when they are measured, and no line that a test with a name does not run. */
function isMeasured(file: string): boolean {
  return /^test\/contracts\/.*\.test\.ts$/.test(file) && !file.endsWith("/differential.test.ts");
}

/** Runs Node on `args` in the copy, shows what it says, and returns it. */
function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, COVERAGE: "true" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => (code === 0 ? done(output) : failed(new Error(`The tests failed (${code}).`))));
  });
}
