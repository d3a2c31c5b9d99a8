/** What a run comes to: docs/mutation-typescript.md for people, snapshots/mutation-typescript.json for programs. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Mutant, OPERATORS, squeezed } from "./operators.ts";
import { type Project, ROOMS } from "./project.ts";
import { type OnRecord, type Results, SNAPSHOT } from "./results.ts";

const REASONS = "test/mutation/typescript/survivors.json";
const REPORT = "docs/mutation-typescript.md";
const LEAST = 85;
/** By what test files cost at most. */
const TESTS_RUN = [
  "only computes",
  "computes or opens a database",
  "runs in one process, with a database and a chain or without",
];

/** Why faults may survive, by id. What the fault is stands there for the reader. */
export type Reasons = Record<string, { readonly mutant: string; readonly reason: string }>;
export const readReasons = (): Reasons =>
  existsSync(REASONS) ? (JSON.parse(readFileSync(REASONS, "utf8")) as Reasons) : {};

const MOST = 110;
const short = (text: string) => (text.length > MOST ? `${text.slice(0, MOST - 3)}...` : text);

/** What changes, and a little around it. */
function change({ original, mutant }: Mutant): string {
  const [before, after] = [squeezed(original), squeezed(mutant)];
  if (after === "") return `${short(before)} → (removed)`;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const from = before.length <= MOST ? 0 : Math.max(0, before.lastIndexOf(" ", Math.max(0, same - 20)));
  return `${short(before.slice(from).trim())} → ${short(after.slice(from).trim())}`;
}
export const show = (m: Mutant) => `${m.id} ${m.file}:${m.line} ${m.function}, ${m.operator}: ${change(m)}`;

/** What is known, and by which test files: those that cost so much at most. */
export interface Known {
  readonly project: Project;
  readonly results: Results;
  readonly most: number;
}

/** Whether it is known what becomes of a fault: it was killed, or each test file that reaches it was run. */
export function isDecided({ project, results, most }: Known, { id, file }: Mutant): boolean {
  if (results.isKilled(id)) return true;
  const run = project.tests.filter(({ cost, reaches }) => cost <= most && reaches.has(file));
  return run.length > 0 && results.wasTried(id, run);
}

interface Counts {
  found: number;
  tried: number;
  killed: number;
  /** Not killed, and not tried by all test files yet. */
  open: number;
  unreached: number;
}

function count(mutants: readonly Mutant[], known: Known): Counts {
  const { results } = known;
  // One that a test passed and whose turn is not over counts as one that lives; one that none passed yet waits.
  const tried = mutants.filter((mutant) => results.isReached(mutant.id) || isDecided(known, mutant));
  return {
    found: mutants.length,
    tried: tried.length,
    killed: tried.filter(({ id }) => results.isKilled(id)).length,
    open: tried.filter((mutant) => !isDecided(known, mutant)).length,
    unreached: tried.filter(({ id }) => !results.isReached(id)).length,
  };
}

/** Those that a test passed, killed or not, with a line for each file. */
function onRecord(mutants: readonly Mutant[], results: Results): OnRecord {
  const byFile = (some: readonly Mutant[]) => {
    const ids: Record<string, string> = {};
    for (const { id, file } of some) ids[file] = ids[file] === undefined ? id : `${ids[file]} ${id}`;
    return ids;
  };
  const reached = mutants.filter(({ id }) => results.isReached(id));
  return {
    killed: byFile(reached.filter(({ id }) => results.isKilled(id))),
    living: byFile(reached.filter(({ id }) => !results.isKilled(id))),
  };
}

/** Rounded down, so that 100 % is all. */
const score = ({ tried, killed }: Counts) =>
  tried === 0 ? "–" : `${(Math.floor((killed * 1000) / tried) / 10).toFixed(1)} %`;

/** How many of a hundred were tried. */
const share = ({ found, tried }: Counts) => (found === 0 ? 0 : Math.floor((tried * 100) / found));

const mutantsIn = (project: Project) => project.mutants.map(({ mutant }) => mutant);

/** What is wrong with what is known. */
export function check(known: Known, reasons: Reasons): string[] {
  const { project, results } = known;
  const mutants = mutantsIn(project);
  const problems: string[] = [];
  const ids = new Set(mutants.map(({ id }) => id));
  for (const [id, { mutant }] of Object.entries(reasons)) {
    if (!ids.has(id)) problems.push(`${REASONS} gives a reason for a fault that is none any more: ${id}, ${mutant}`);
    else if (results.isKilled(id)) problems.push(`${REASONS} gives a reason for one that is killed: ${id}, ${mutant}`);
  }
  const total = count(mutants, known);
  if (total.killed * 100 < total.tried * LEAST)
    problems.push(`Only ${score(total)} of the faults are killed; it has to be ${LEAST} %.`);
  return problems;
}

const code = (text: string) => `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
const table = (header: string[], rows: (string | number)[][]) =>
  [header, header.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

export function write(known: Known, reasons: Reasons): void {
  const { project, results, most } = known;
  const mutants = mutantsIn(project);
  const of = (some: readonly Mutant[]) => count(some, known);
  const total = of(mutants);
  const files = [...new Set(mutants.map(({ file }) => file))].map((file) => ({
    file,
    ...of(mutants.filter((mutant) => mutant.file === file)),
  }));
  const unreachable = files
    .map(({ file }) => file)
    .filter((file) => !project.tests.some(({ reaches }) => reaches.has(file)));
  const survivors = mutants.filter((mutant) => !results.isKilled(mutant.id) && isDecided(known, mutant));
  const snapshot = {
    score: score(total),
    total,
    files: Object.fromEntries(files.filter(({ tried }) => tried > 0).map(({ file, ...counts }) => [file, counts])),
    survivors: survivors.map((mutant) => ({
      id: mutant.id,
      file: mutant.file,
      line: mutant.line,
      function: mutant.function,
      operator: mutant.operator,
      change: change(mutant),
      reached: results.isReached(mutant.id),
      ...(reasons[mutant.id] === undefined ? {} : { reason: reasons[mutant.id]?.reason }),
    })),
    ...onRecord(mutants, results),
  };
  writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);

  const row = (counts: Counts) => [
    counts.found,
    counts.tried,
    counts.killed,
    counts.open,
    counts.unreached,
    score(counts),
  ];
  const header = ["faults", "tried", "killed", "open", "not reached", "score"];
  const explained = survivors.filter(({ id }) => reasons[id] !== undefined);
  const sections = [
    "# Mutation testing of TypeScript",
    "Does a test fail when the code that pays, signs and counts is wrong? `npm run mutate:ts` puts small faults into it, one at a time, and runs the\ntests that reach them. This page and `snapshots/mutation-typescript.json` are written by it.",
    `**${score(total)} killed: ${total.killed} of ${total.tried} faults that were tried.** ${total.found} were found; ${total.found - total.tried} wait for their turn, room by room below. Of those\nthat live ${total.open} are *open*: not every test file that reaches them and ${TESTS_RUN[most] ?? TESTS_RUN[2]} was run yet. ${total.unreached} are\n*not reached*: no test that was run passes them.`,
    `What it rests on, in faults tried of a hundred: ${Object.keys(ROOMS)
      .map((room) => `${room} ${share(of(mutants.filter(({ file }) => project.roomOf(file) === room)))}`)
      .join(", ")}. A room of less than ten says little.`,
    `No test file reaches these in its own process, so their faults are not tried: ${unreachable.map((file) => code(file)).join(", ")}.`,
    "## By room",
    table(
      ["room", ...header],
      Object.keys(ROOMS).map((room) => [room, ...row(of(mutants.filter(({ file }) => project.roomOf(file) === room)))]),
    ),
    "## By operator",
    table(
      ["operator", ...header],
      OPERATORS.map((operator) => [operator, ...row(of(mutants.filter((mutant) => mutant.operator === operator)))]),
    ),
    "## By file",
    table(
      ["file", ...header],
      files.filter(({ tried }) => tried > 0).map(({ file, ...counts }) => [file, ...row(counts)]),
    ),
    "## Survivors with a reason",
    `The others are in \`snapshots/mutation-typescript.json\`, and wait for a test or a reason. A reason without a survivor, and a score below\n${LEAST} %, are failures of \`npm run mutate:ts\`.`,
    ...(explained.length === 0
      ? []
      : [
          [
            "| where | fault | why it survives |",
            "|---|---|---|",
            ...explained.map(
              (mutant) =>
                `| ${mutant.file}:${mutant.line} \`${mutant.function}\` | ${code(change(mutant))} | ${reasons[mutant.id]?.reason} |`,
            ),
          ].join("\n"),
        ]),
    HOW,
  ];
  writeFileSync(REPORT, `${sections.join("\n\n")}\n`);
}

const HOW = `## How it is made

- **What is changed.** \`ROOMS\` in \`test/mutation/typescript/project.ts\`. Left alone: types, imports, names, and what people are told (errors,
  descriptions, logs). Template text is left alone unless it is SQL.
- **The operators.** *arithmetic*, *comparison* (the neighbour, and the negation), *boolean* (&& and ||, one side alone, a \`!\` dropped),
  *condition* (what is asked, and what a function answers: always, never), *constant* (n + 1, n - 1, the other truth value), *text* (empty), *removed step* (a call or an assignment),
  *method* (\`some\` and \`every\`, \`min\` and \`max\`, a \`filter\`, \`sort\`, \`slice\`, ... left out).
  *SQL*: a part of a condition always true, an alternative never, a comparison's neighbour, \`IS NULL\` and its opposite, a state that is
  not looked for, an order turned round, \`LEFT JOIN\`, \`DISTINCT\`, \`ON CONFLICT DO NOTHING\` and \`AT TIME ZONE\` left out, + and -. Locks are
  left alone: with one connection nobody could see one.
- **One process, many faults.** All faults of all files are in instrumented copies (\`cache/mutation-typescript/\`), and a switch says which is on. A
  process takes one test file after the other, those that took little time before first; it holds the file loaded and its database open, notes
  which faults each test passes, and runs only those tests, the quickest first, until one fails. A test counts as having noticed a fault only
  if it passes again with the fault off; otherwise it is tried on a fresh start. What is passed while files are loaded is loaded anew for
  each fault, before the tests that run something of the same file or of one that imports it, and all tests of a file that imports it
  itself. What a property finds is not made smaller. One that hangs is noticed, by a clock that stands still while others
  hold the processor: not by the wall's, which on a busy machine would count faults as noticed that nobody saw.
- **Known once, known on.** What was killed and what lives is in the snapshot, so that \`--resume\` goes on from a fresh clone.
- **Not run** against faults: tests of a browser, integration tests, and what runs in another process or behind a fixture's set-up alone.
- **A sample** (\`--sample 25 --seed 7\`) tries so many of a hundred. What the figures rest on is in the column *tried*.
- **Why not Stryker:** its sandbox links \`node_modules\`, where the workspaces' packages lead back to sources that are not mutated; to SQL it has
  one fault, the empty statement, which always shows.`;
