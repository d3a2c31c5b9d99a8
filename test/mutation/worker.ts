/**
 * A process that holds the contract tests loaded and runs them against one mutant after another. What the tests deploy is
 * exchanged at the moment of its deployment, so nothing on disk changes. Messages: {@link Job} in, {@link Answer} out.
 * With RECORD in its environment it also says which statements each test runs, if what it deploys is instrumented for it.
 */
import { ContractFactory } from "ethers";
import hre from "hardhat";
import Mocha from "mocha";
import { ReferredMint__factory } from "#typechain/factories/examples/ReferredMint__factory.ts";
import { ReportingShop__factory } from "#typechain/factories/mocks/ReportingShop__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";
import type { Bytecode, Target } from "./compile.ts";

/** Tests of a file: those of these full titles, or all. */
export interface Step {
  readonly file: string;
  readonly tests?: readonly string[];
}
export interface Job {
  readonly bytecode: Bytecode;
  /** In the order in which to run them. */
  readonly steps: readonly Step[];
}
export interface Failure {
  readonly file: string;
  /** Its full title. */
  readonly test: string;
}
/** What a test ran: the tags of statements, those of its fixture apart. */
export interface Recorded extends Failure {
  readonly milliseconds: number;
  readonly setup: readonly string[];
  readonly direct: readonly string[];
}
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "recorded"; readonly recorded: Recorded }
  | { readonly kind: "passed" }
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

/** What ran since the test began, but for its fixture. */
let running = { start: 0, tags: new Set<string>() };
/** What ran since the chain was last set back, and what the fixtures of this file ran: a fixture stands for later tests too. */
let sinceBack = new Set<string>();
let setup = new Set<string>();
let isBack = false;
if (process.env.RECORD)
  hre.hooks.registerHandlers("network", {
    async onCoverageData(_context, tags) {
      for (const tag of tags) for (const set of [running.tags, sinceBack]) set.add(tag);
    },
    async onRequest(context, connection, request, next) {
      const response = await next(context, connection, request);
      if (request.method === "evm_revert") {
        sinceBack = new Set();
        isBack = true;
      } else if (request.method === "evm_snapshot") {
        // The first after setting back is of the same state; another is of a fixture that has just been made.
        if (!isBack) {
          setup = new Set([...setup, ...sinceBack]);
          running.tags.clear();
        }
        isBack = false;
      }
      return response;
    },
  });

/** Loading a world that nobody asks for again forgets the one before, and with it the mutant. */
async function forget(): Promise<void> {
  const { loadFixture } = await import("../support/programs.ts");
  await loadFixture(async () => ({}));
}

class Silent {}
const suites = new Map<string, Mocha>();
// Without a limit of their own: on a busy machine a test that is slow is not one that fails. Steps have one, in tester.ts.
for (const file of process.argv.slice(2)) {
  const rootHooks = {
    beforeEach() {
      running = { start: performance.now(), tags: new Set() };
    },
    afterEach(this: Mocha.Context) {
      const { start, tags } = running;
      const milliseconds = Math.round(performance.now() - start);
      const test = this.currentTest?.fullTitle() ?? "";
      send({ kind: "recorded", recorded: { file, test, milliseconds, setup: [...setup], direct: [...tags] } });
    },
  };
  const mocha = new Mocha({
    bail: true,
    timeout: 0,
    reporter: Silent as never,
    ...(process.env.RECORD ? { rootHooks } : {}),
  });
  mocha.cleanReferencesAfterRun(false);
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  suites.set(file, mocha);
}

/** The title of the test that failed, itself or by its hooks. */
function run({ file, tests }: Step): Promise<string | null> {
  const mocha = suites.get(file) as Mocha;
  mocha.grep(
    tests ? new RegExp(`^(?:${tests.map((title) => title.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})$`) : /^/,
  );
  let failed: string | null = null;
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      runner.dispose();
      resolve(failed);
    });
    runner.on("fail", (test) => {
      failed ??= (test.ctx?.currentTest ?? test).fullTitle();
    });
  });
}

process.on("message", async ({ bytecode, steps }: Job) => {
  current = bytecode;
  await forget();
  setup = new Set();
  for (const step of steps) {
    const test = await run(step);
    if (test !== null) {
      send({ kind: "done", failed: { file: step.file, test } });
      return;
    }
    send({ kind: "passed" });
  }
  send({ kind: "done", failed: null });
});
process.on("disconnect", () => process.exit());
send({ kind: "ready" });
