/** `npm run mutate`: puts small faults into the contracts, one at a time, and counts how many the contract tests notice. */
import { matchesGlob } from "node:path";
import { parseArgs } from "node:util";
import { squeezed } from "./operators.ts";
import { DEPTHS, type Depth } from "./order.ts";
import { check, readReasons, show, write } from "./report.ts";
import { Results } from "./results.ts";
import { Project, run } from "./runner.ts";

const HELP = `npm run mutate -- [options]

Puts small faults into the contracts, one at a time, and runs the contract tests against each. A run over all
writes docs/mutation.md and snapshots/mutation.json; a complete one fails if a mutant that survives has no reason in
test/mutation/survivors.json, or if too few are killed.

  --report        only writes what is known so far, and says on the page what is not
  --file <glob>   only mutants of these files, e.g. 'contracts/libraries/*.sol'
  --only <id>     only this mutant (several times for several); shows it, and what kills it
  --resume        goes on where the last run ended; after a change of tests runs the survivors again, after a change of
                  contracts everything
  --tests <which> quickest: only the quickest of those that run a mutant themselves; usual: all but those of a hostile world and
                  the differential test, which take most of the time; all, unless said otherwise. What the first two leave is
                  left to a later run with --resume. A mutant that has a reason to survive is only run against the usual ones.
  --unexplained   with --resume: of survivors only those again that have no reason; the others count as surviving, also if a test that
                  was added would kill them
  --jobs <n>      test processes, 1 unless said otherwise; one takes 0.8 GB
  --list          only lists the mutants
  --help          this
`;

const { values } = parseArgs({
  options: {
    file: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    resume: { type: "boolean", default: false },
    tests: { type: "string", default: "all" },
    jobs: { type: "string", default: "1" },
    report: { type: "boolean", default: false },
    unexplained: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs is a number from 1 on, not ${values.jobs}.`);

const depth = values.tests as Depth;
if (!DEPTHS.includes(depth)) throw new Error(`--tests is one of ${DEPTHS.join(", ")}, not ${values.tests}.`);

const project = new Project();
const chosen = project.mutants.filter(
  ({ id, file }) =>
    (values.only?.includes(id) ?? true) && (values.file?.some((glob) => matchesGlob(file, glob)) ?? true),
);
if (chosen.length === 0) throw new Error("No mutant is chosen: see --list for their ids and files.");
if (values.list) {
  for (const mutant of chosen) console.log(show(mutant));
  process.exit();
}

// Single mutants are run again whatever is known of them, and leave what is known alone.
const reasons = readReasons();
const results = new Results(
  values.resume || values.report || values.only !== undefined,
  (id) => values.unexplained && reasons[id] !== undefined,
);
if (values.report) {
  write(project.mutants, results, reasons);
  process.exit();
}
const started = Date.now();
await run(project, chosen, values.only ? results.forgetting(values.only) : results, {
  jobs,
  depth,
  isExplained: ({ id }) => reasons[id] !== undefined,
  onRecorded: (known, all) => console.log(`What the tests run is known of ${known} of ${all} files.`),
  onResult(mutant, result, done) {
    if (values.only)
      console.log(
        `${show(mutant)}\n  - ${squeezed(mutant.original)}\n  + ${squeezed(mutant.mutant)}\n  ${result.outcome} ${result.test ?? ""}`,
      );
    else if (result.outcome === "survived" || result.outcome === "spared")
      console.log(`${result.outcome}: ${show(mutant)}`);
    if (done % 50 === 0 || done === chosen.length)
      console.log(`${done} of ${chosen.length}, ${Math.round((Date.now() - started) / 1000)} s`);
  },
});

const whole = chosen.length === project.mutants.length;
const problems = check(chosen, results, reasons, whole && depth === "all");
if (whole) write(project.mutants, results, reasons);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
