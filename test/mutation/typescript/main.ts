/** `npm run mutate:ts`: puts small faults into TypeScript, one at a time, and counts how many the tests notice. */
import { createHash } from "node:crypto";
import { matchesGlob } from "node:path";
import { parseArgs } from "node:util";
import { openProject } from "./project.ts";
import { check, isDecided, readReasons, show, write } from "./report.ts";
import { Results } from "./results.ts";
import { run } from "./runner.ts";

const HELP = `npm run mutate:ts -- [options]

Puts small faults into what pays, signs and counts, and runs the test files that reach them, the cheap ones first. Writes
docs/mutation-typescript.md and snapshots/mutation-typescript.json from all that is known.

  --file <glob>    only faults of these files, e.g. 'relayer/domain/*.ts' (several times for several)
  --resume         goes on where the last run ended: what was killed stays killed, and test files that changed are run again
  --sample <n>     only n of a hundred faults of each file; --seed <n> says which (1 unless said otherwise)
  --living         only faults that were tried before and live, e.g. after tests were written for them
  --test <glob>    only before these test files, e.g. 'test/relayer/intake/*' (several times for several)
  --at-once <n>    so many test files at a time (1 unless said otherwise)
  --cost <n>       0: only tests that compute; 1: those with a database, too; 2 (unless said otherwise): those with a chain, too
  --longest <s>    leaves out tests that take longer by themselves, in seconds (15 unless said otherwise)
  --list           only lists the faults
  --report         only writes the report
  --help           this
`;

const { values } = parseArgs({
  options: {
    file: { type: "string", multiple: true },
    living: { type: "boolean", default: false },
    test: { type: "string", multiple: true },
    resume: { type: "boolean", default: false },
    sample: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "1" },
    cost: { type: "string", default: "2" },
    longest: { type: "string", default: "15" },
    list: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
function numberOf(name: "sample" | "seed" | "at-once" | "cost" | "longest"): number {
  const value = Number(values[name]);
  if (!(value >= 0)) throw new Error(`--${name} is a number from 0 on, not ${values[name]}.`);
  return value;
}
const [sample, seed, cost, longest] = [numberOf("sample"), numberOf("seed"), numberOf("cost"), numberOf("longest")];

const project = openProject(!values.list && !values.report);
/** Where a fault stands among a hundred, by its name alone: a larger sample has the smaller one in it, also after the source changed. */
const place = (id: string) => createHash("sha256").update(`${seed} ${id}`).digest().readUInt32BE() / 2 ** 32;
const results = new Results(values.resume || values.living || values.report || values.list);
const chosen = project.mutants.filter(
  ({ mutant: { id, file } }) =>
    place(id) * 100 < sample &&
    (!values.living || (results.isSeen(id) && !results.isKilled(id))) &&
    (values.file?.some((glob) => matchesGlob(file, glob)) ?? true),
);
if (chosen.length === 0) throw new Error("No fault is chosen: see --list for their files.");
if (values.list) {
  for (const { mutant } of chosen) console.log(show(mutant));
  process.exit();
}
if (sample < 100) console.log(`${chosen.length} faults, ${sample} of a hundred, with --seed ${seed}`);
const wanted = ({ file }: { file: string }) => values.test?.some((glob) => matchesGlob(file, glob)) ?? true;
if (!values.report)
  await run({ ...project, tests: project.tests.filter(wanted) }, chosen, results, {
    longest: longest * 1000,
    most: cost,
    atOnce: Math.max(1, Math.floor(numberOf("at-once"))),
    say: (text) => console.log(text),
  });
const known = { project, results, most: cost };
for (const { mutant } of chosen)
  if (!results.isKilled(mutant.id) && isDecided(known, mutant))
    console.log(`${results.isReached(mutant.id) ? "survived" : "not reached"}: ${show(mutant)}`);
const problems = check(known, readReasons());
write(known, readReasons());
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
