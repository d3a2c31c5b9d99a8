/**
 * A process that holds the contract tests loaded and runs them against one mutant after another. What the tests deploy is
 * exchanged at the moment of its deployment, so nothing on disk changes. Messages: {@link Job} in, {@link Answer} out.
 */
import { ContractFactory } from "ethers";
import Mocha from "mocha";
import { ReferredMint__factory } from "#typechain/factories/examples/ReferredMint__factory.ts";
import { ReportingShop__factory } from "#typechain/factories/mocks/ReportingShop__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";
import type { Bytecode, Target } from "./compile.ts";

export interface Job {
  readonly bytecode: Bytecode;
  /** Tests that are likely to fail, to be run alone before the files. */
  readonly likely: readonly Failure[];
  /** Test files, in the order in which to run them. */
  readonly files: readonly string[];
}
export interface Failure {
  readonly file: string;
  /** Its full title. */
  readonly test: string;
}
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "passed"; readonly file: string; readonly milliseconds: number }
  | { readonly kind: "done"; readonly failed: Failure | null };

const send = (answer: Answer) => process.send?.(answer);

const FACTORIES: Record<Target, { bytecode: string }> = {
  PartnerPrograms: PartnerPrograms__factory,
  PartnerProgramsLens: PartnerProgramsLens__factory,
  Funding: Funding__factory,
  ReferredMint: ReferredMint__factory,
  ReportingShop: ReportingShop__factory,
};
let current: Bytecode = {};
const original = ContractFactory.prototype.getDeployTransaction;
ContractFactory.prototype.getDeployTransaction = async function (...args) {
  const transaction = await original.apply(this, args);
  for (const [target, code] of Object.entries(current) as [Target, string][]) {
    const built = FACTORIES[target].bytecode;
    if (transaction.data.startsWith(built))
      return { ...transaction, data: `0x${code}${transaction.data.slice(built.length)}` };
  }
  return transaction;
};

process.env.HH_TEST = "true";
process.env.NODE_ENV ??= "test";
class Silent {}
const suites = new Map<string, Mocha>();
// Without a limit of their own: on a busy machine a test that is slow is not one that fails. Files have one, in tester.ts.
for (const file of process.argv.slice(2)) {
  const mocha = new Mocha({ bail: true, timeout: 0, reporter: Silent as never });
  mocha.cleanReferencesAfterRun(false);
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  suites.set(file, mocha);
}
// Imported last, so that the chain is there; loading a world that nobody asks for again forgets the mutant before.
const { loadFixture } = await import("../support/programs.ts");

/** The title of the test that failed; runs all tests of a file, or the one of this title. */
function run(mocha: Mocha, only = ""): Promise<string | null> {
  if (only) mocha.fgrep(only);
  else mocha.grep(/^/);
  let failed: string | null = null;
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      runner.dispose();
      resolve(failed);
    });
    runner.on("fail", (test) => {
      failed ??= test.fullTitle();
    });
  });
}

process.on("message", async ({ bytecode, likely, files }: Job) => {
  current = bytecode;
  await loadFixture(async () => ({}));
  for (const { file, test } of likely) {
    if ((await run(suites.get(file) as Mocha, test)) === null) continue;
    send({ kind: "done", failed: { file, test } });
    return;
  }
  for (const file of files) {
    const start = performance.now();
    const test = await run(suites.get(file) as Mocha);
    if (test !== null) {
      send({ kind: "done", failed: { file, test } });
      return;
    }
    send({ kind: "passed", file, milliseconds: performance.now() - start });
  }
  send({ kind: "done", failed: null });
});
process.on("disconnect", () => process.exit());
send({ kind: "ready" });
