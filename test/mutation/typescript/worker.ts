/** A process that holds one test file after the other loaded, and runs its tests with one fault after the other. */
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import Mocha from "mocha";
import { mutation } from "./switch.ts";
import { unhindered } from "./unhindered.ts";

/** The numbers of a file's faults. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the process is asked. */
export interface Order {
  readonly test: string;
  /**
   * The numbers of the faults that are looked for, each with those of its file and of the files that import it; `named`: the test file
   * itself imports its file.
   */
  readonly wanted: readonly { readonly number: number; readonly around: readonly Span[]; readonly named: boolean }[];
  /** Tests that take longer by themselves are not run, milliseconds. */
  readonly longest: number;
}

/** What it tells: of each test that it ran or is about to run, and then of each fault that they reach that it begins and what became of it. */
export type Told =
  | { readonly kind: "ran" }
  | { readonly kind: "ready"; readonly seconds: number; readonly leftOut: readonly string[] }
  | { readonly kind: "begin"; readonly number: number }
  | { readonly kind: "end"; readonly number: number; readonly killer: string | undefined }
  /** With the memory that the process holds. */
  | { readonly kind: "done"; readonly bytes: number }
  | { readonly kind: "broken"; readonly why: string };

interface Known {
  readonly test: Mocha.Test;
  readonly milliseconds: number;
  readonly passed: ReadonlySet<number>;
}

/**
 * No test is given up sooner, and without a fault none at all, milliseconds of the clock that stands still while others compute: a test's
 * own time-out is the wall's, and under load would notice faults that it does not see.
 */
const PATIENCE = 20_000;
const WITHOUT_FAULT = 120_000;
/** One that failed so much later than it passes may have failed for want of time, and has to do so twice. */
const LATE = 3;
const LEAST_LATE = 2_000;

// That a property fails is enough: a smaller example is nothing to whoever asks a fault after the other.
fc.configureGlobal({ endOnFailure: true });

const tell = (told: Told) => void process.send?.(told);
/** What went wrong outside of a test that waits for it: it counts for the one that is running. */
let strayed: unknown;
process.on("uncaughtException", (error) => {
  strayed = error;
});
process.on("unhandledRejection", (error) => {
  strayed = error;
});

const loaded = new Set<string>();
let loads = 0;
/** The test file's suites; the second time with all that it imports loaded anew. */
async function load(file: string): Promise<Mocha> {
  const mocha = new Mocha({ ui: "bdd", reporter: "min", timeout: 60_000, bail: true });
  mocha.reporter(class {} as never);
  mocha.suite.emit("pre-require", globalThis as never, file, mocha);
  const url = pathToFileURL(file).href;
  await import(loaded.has(file) ? `${url}?loaded=${++loads}` : url);
  loaded.add(file);
  return mocha;
}

/** How long a test may take; of one that is not here its time without a fault is not known yet. */
const patience = new WeakMap<Mocha.Runnable, number>();

/** @returns why it failed */
async function run(runnable: Mocha.Runnable): Promise<unknown> {
  strayed = undefined;
  // One that was given up may end later: that is no news, and must not end the process.
  if (runnable.listenerCount("error") === 0) runnable.on("error", () => {});
  (runnable as unknown as { reset(): void }).reset();
  runnable.timeout(0);
  const most = patience.get(runnable) ?? WITHOUT_FAULT;
  const begun = unhindered();
  let watch: NodeJS.Timeout | undefined;
  const error = await new Promise<unknown>((resolve) => {
    watch = setInterval(() => {
      if (unhindered() - begun > most) resolve(new Error(`It takes longer than ${most} ms.`));
    }, 500);
    runnable.run(resolve as never);
  });
  clearInterval(watch);
  return error ?? strayed;
}

const parentsOf = (suite: Mocha.Suite): Mocha.Suite[] =>
  suite.parent === undefined ? [suite] : [...parentsOf(suite.parent), suite];
type Hooks = "_beforeAll" | "_beforeEach" | "_afterEach" | "_afterAll";
async function hooks(suites: readonly Mocha.Suite[], which: Hooks): Promise<unknown> {
  for (const suite of suites)
    for (const hook of (suite as unknown as Record<Hooks, Mocha.Hook[]>)[which]) {
      const error = await run(hook);
      if (error !== undefined) return error;
    }
  return undefined;
}

/** A test with what comes before and after it. @returns why it failed */
async function runTest(test: Mocha.Test): Promise<unknown> {
  const suites = parentsOf(test.parent as Mocha.Suite);
  const before = await hooks(suites, "_beforeEach");
  const error = before ?? (await run(test));
  return error ?? (await hooks(suites.toReversed(), "_afterEach"));
}

async function restart(suite: Mocha.Suite): Promise<void> {
  mutation.on = 0;
  const suites = parentsOf(suite);
  await hooks(suites.toReversed(), "_afterAll");
  const error = await hooks(suites, "_beforeAll");
  if (error !== undefined) throw error;
}

const unrepeatable = new Set<Mocha.Test>();

/**
 * Whether a test fails with a fault, and without it does not: only then is it the fault's doing, and not that of what an earlier one
 * left behind.
 */
async function kills({ test, milliseconds }: Known, number: number, order: Order, ownTime: number): Promise<boolean> {
  const suite = test.parent as Mocha.Suite;
  const fails = async (on: number) => {
    mutation.on = on;
    const error = await runTest(test);
    mutation.on = 0;
    return error !== undefined;
  };
  tell({ kind: "ran" });
  const begun = unhindered();
  if (!(await fails(number))) return false;
  const late = unhindered() - begun > Math.max(LEAST_LATE, milliseconds * LATE);
  if (!(await fails(0))) return !late || fails(number);
  await restart(suite);
  if (!(await fails(number))) return false;
  await restart(suite);
  if (!(await fails(0))) return true;
  // What the fault left behind is in the modules, and stays: all is loaded anew, without the fault and with it.
  const repeatable = ownTime <= order.longest && (await reload(order, 0, [test])) === undefined;
  const killed = repeatable && (await reload(order, number, [test])) !== undefined;
  if (!repeatable) unrepeatable.add(test);
  await restart(suite);
  return killed;
}

/** What became of the tests of a file without a fault. */
interface Ran {
  readonly known: Known[];
  readonly leftOut: string[];
  seconds: number;
}

async function suiteOf(suite: Mocha.Suite, open: Set<number>, order: Order, ran: Ran): Promise<void> {
  const started = unhindered();
  const error = await hooks([suite], "_beforeAll");
  if (error !== undefined) throw error;
  const known: Known[] = [];
  for (const test of suite.tests) {
    if (test.isPending()) continue;
    mutation.passed = new Set();
    const begun = unhindered();
    const failed = await runTest(test);
    const milliseconds = unhindered() - begun;
    if (failed === undefined && milliseconds <= order.longest) {
      known.push({ test, milliseconds, passed: mutation.passed });
      patience.set(test, Math.max(PATIENCE, milliseconds * 5));
    } else ran.leftOut.push(test.fullTitle());
    mutation.passed = undefined;
    tell({ kind: "ran" });
  }
  ran.known.push(...known);
  ran.seconds += (unhindered() - started) / 1000;
  const ownTime = known.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  known.sort((a, b) => a.milliseconds - b.milliseconds);
  for (const number of [...open]) {
    const reaching = known.filter(({ test, passed }) => passed.has(number) && !unrepeatable.has(test));
    if (reaching.length === 0) continue;
    tell({ kind: "begin", number });
    for (const one of reaching)
      if (await kills(one, number, order, ownTime)) {
        open.delete(number);
        tell({ kind: "end", number, killer: one.test.fullTitle() });
        break;
      }
    if (open.has(number)) tell({ kind: "end", number, killer: undefined });
  }
  for (const child of suite.suites) await suiteOf(child, open, order, ran);
  await hooks([suite], "_afterAll");
}

function withoutTimeouts(suite: Mocha.Suite): void {
  suite.timeout(0);
  const every = suite as unknown as Record<Hooks, Mocha.Hook[]>;
  for (const which of ["_beforeAll", "_beforeEach", "_afterEach", "_afterAll"] as const)
    for (const hook of every[which]) hook.timeout(0);
  for (const test of suite.tests) test.timeout(0);
  for (const child of suite.suites) withoutTimeouts(child);
}

/**
 * Loads the file with all that it imports anew, and runs some of its tests with a fault: also what is passed while files are loaded.
 * @returns the test that fails
 */
async function reload(order: Order, number: number, tests: readonly Mocha.Test[]): Promise<string | undefined> {
  mutation.on = number;
  try {
    const mocha = await load(order.test);
    const titles = tests.map((test) => test.fullTitle().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    mocha.grep(new RegExp(`^(?:${titles.join("|")})$`));
    withoutTimeouts(mocha.suite);
    return await new Promise<string | undefined>((resolve) => {
      let killer: string | undefined;
      const runner = mocha.run(() => {
        clearInterval(watch);
        resolve(killer);
      });
      const begun = unhindered();
      const watch = setInterval(() => {
        if (unhindered() - begun < WITHOUT_FAULT) return;
        clearInterval(watch);
        runner.abort();
        resolve("it does not end");
      }, 1_000);
      runner.on("fail", (test: Mocha.Test) => {
        killer ??= test.fullTitle();
      });
    });
  } catch (error) {
    return `loading: ${(error as Error).message.slice(0, 100)}`;
  } finally {
    mutation.on = 0;
  }
}

/** What the process passed while it loaded files, whichever test file was the first to ask for them. */
const atLoading = new Set<number>();

async function carryOut(order: Order): Promise<void> {
  unrepeatable.clear();
  mutation.passed = new Set();
  const mocha = await load(order.test);
  for (const number of mutation.passed) atLoading.add(number);
  mutation.passed = undefined;
  const wanted = new Map(order.wanted.map((one) => [one.number, one]));
  const open = new Set([...wanted.keys()].filter((number) => !atLoading.has(number)));
  const ran: Ran = { known: [], leftOut: [], seconds: 0 };
  await suiteOf(mocha.suite, open, order, ran);
  tell({ kind: "ready", seconds: ran.seconds, leftOut: ran.leftOut });
  let repeats: boolean | undefined;
  for (const { number, around, named } of wanted.values()) {
    if (!atLoading.has(number)) continue;
    const numbers = around
      .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
      .filter((one) => !atLoading.has(one));
    // Who runs nothing of a file, or of those that import it, does not ask for its constants; unless the test file looks at them itself.
    const all = named || numbers.length === 0;
    const reaching = ran.known.filter(({ passed }) => all || numbers.some((one) => passed.has(one)));
    if (reaching.length === 0) continue;
    repeats ??=
      (await reload(
        order,
        0,
        ran.known.map(({ test }) => test),
      )) === undefined;
    if (!repeats) break;
    tell({ kind: "begin", number });
    tell({
      kind: "end",
      number,
      killer: await reload(
        order,
        number,
        reaching.map(({ test }) => test),
      ),
    });
  }
}

// Whoever asked is gone.
process.once("disconnect", () => process.exit());
process.on("message", (order: Order) =>
  carryOut(order).then(
    () => tell({ kind: "done", bytes: process.memoryUsage.rss() }),
    (error: unknown) => tell({ kind: "broken", why: String((error as Error)?.stack ?? error).slice(0, 600) }),
  ),
);
