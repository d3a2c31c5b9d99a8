/** What a run comes to: docs/mutation.md for people, snapshots/mutation.json for programs. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Mutant, OPERATORS, REMOVED, squeezed } from "./operators.ts";
import type { Result, Results } from "./results.ts";
import { LAST, WALKS } from "./tester.ts";

const REASONS = "test/mutation/survivors.json";
const REPORT = "docs/mutation.md";
const SNAPSHOT = "snapshots/mutation.json";
const LEAST = 96;

/** Why mutants may survive, by id. What the mutant is stands there for the reader. */
export type Reasons = Record<string, { readonly mutant: string; readonly reason: string }>;
export const readReasons = (): Reasons =>
  existsSync(REASONS) ? (JSON.parse(readFileSync(REASONS, "utf8")) as Reasons) : {};

const change = ({ original, mutant }: Mutant) => {
  const [before, after] = [squeezed(original), squeezed(mutant)];
  return `${before} → ${mutant === REMOVED || after === "" ? "(removed)" : after}`;
};
export const show = (m: Mutant) => `${m.id} ${m.file}:${m.line} ${m.function}, ${m.operator}: ${change(m)}`;

export interface Counts {
  /** Compiled, and to other code than the original's and than earlier mutants'. */
  mutants: number;
  killed: number;
  survived: number;
}

function count(mutants: readonly Mutant[], outcomeOf: (mutant: Mutant) => Result["outcome"] | undefined): Counts {
  const outcomes = mutants.map(outcomeOf);
  const killed = outcomes.filter((outcome) => outcome === "killed").length;
  const survived = outcomes.filter((outcome) => outcome === "survived").length;
  return { mutants: killed + survived, killed, survived };
}
/** Rounded down, so that 100 % is all. */
export const score = ({ mutants, killed }: Counts) =>
  mutants === 0 ? "–" : `${(Math.floor((killed * 1000) / mutants) / 10).toFixed(1)} %`;

/** What is wrong with a run. Of a partial one only that survivors have no reason. */
export function check(mutants: readonly Mutant[], results: Results, reasons: Reasons, complete: boolean): string[] {
  const survivors = mutants.filter(({ id }) => results.get(id)?.outcome === "survived");
  const problems = survivors
    .filter(({ id }) => !reasons[id]?.reason)
    .map((mutant) => `A survivor has no reason in ${REASONS}: ${show(mutant)}`);
  if (!complete) return problems;
  const ids = new Set(survivors.map(({ id }) => id));
  for (const [id, { mutant }] of Object.entries(reasons))
    if (!ids.has(id)) problems.push(`${REASONS} gives a reason for one that does not survive: ${id}, ${mutant}`);
  const total = count(mutants, ({ id }) => results.get(id)?.outcome);
  if (total.killed * 100 < total.mutants * LEAST)
    problems.push(`Only ${score(total)} of the mutants are killed; it has to be ${LEAST} %.`);
  return problems;
}

const code = (text: string) => `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
const table = (header: string[], rows: (string | number)[][]) =>
  [header, header.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const MOST = 90;
const short = (text: string) => (text.length > MOST ? `${text.slice(0, MOST - 3)}...` : text);

/** A change so that it can be read in a table: of long snippets, what differs and a little around it. */
function excerpt({ operator, original, mutant }: Mutant): string {
  const before = squeezed(original);
  const after = mutant === REMOVED ? "" : squeezed(mutant);
  if (operator === "swapped statements")
    for (let i = before.indexOf(" "); i >= 0; i = before.indexOf(" ", i + 1)) {
      const [first, second] = [before.slice(0, i), before.slice(i + 1)];
      if (after === `${second} ${first}`) return `${code(short(first))} after ${code(short(second))}`;
    }
  if (after === "") return `${code(short(before))} removed`;
  if (before.length <= MOST && after.length <= MOST) return `${code(before)} → ${code(after)}`;
  let same = 0;
  while (before[same] === after[same]) same++;
  const from = Math.max(0, before.lastIndexOf(" ", same - 20));
  const part = (text: string) => code(`${from > 0 ? "..." : ""}${short(text.slice(from).trim())}`);
  return `${part(before)} → ${part(after)}`;
}

/** What a run left open, said on the page as long as it is so. */
function openOf(mutants: readonly Mutant[], results: Results): string[] {
  const having = (outcome: Result["outcome"] | undefined) =>
    mutants.filter(({ id }) => results.get(id)?.outcome === outcome).length;
  const [untried, spared] = [having(undefined), having("spared")];
  return [
    ...(untried > 0
      ? [
          `**This run is not complete:** ${untried} of the ${mutants.length} mutants were not tried, and count for nothing here.`,
        ]
      : []),
    ...(spared > 0
      ? [
          `**This run was a quick one:** against ${spared} of those that count as surviving, only the quickest or the\nusual tests were run that reach what is changed, not those of a hostile world and not the differential test. \`npm run mutate -- --resume\` runs them.`,
        ]
      : []),
  ];
}

export function write(mutants: readonly Mutant[], results: Results, reasons: Reasons): void {
  const outcomeOf = ({ id }: Mutant) => {
    const outcome = results.get(id)?.outcome;
    return outcome === "spared" ? "survived" : outcome;
  };
  const having = (outcome: Result["outcome"]) => mutants.filter((mutant) => outcomeOf(mutant) === outcome);
  const total = count(mutants, outcomeOf);
  const files = [...new Set(mutants.map(({ file }) => file))];
  const byFile = files.map((file) => ({
    file,
    ...count(
      mutants.filter((mutant) => mutant.file === file),
      outcomeOf,
    ),
  }));
  const byOperator = OPERATORS.map((operator) => ({
    operator,
    ...count(
      mutants.filter((mutant) => mutant.operator === operator),
      outcomeOf,
    ),
  }));
  const survivors = having("survived");
  const unexplained = survivors.filter(({ id }) => !reasons[id]?.reason).length;
  const lastOnly = having("killed").filter(({ id }) => LAST.includes(results.get(id)?.killer ?? ""));

  const snapshot = {
    score: score(total),
    total,
    generated: mutants.length,
    notCompiling: having("invalid").length,
    sameCode: having("same").length,
    files: Object.fromEntries(byFile.map(({ file, ...counts }) => [file, counts])),
    operators: Object.fromEntries(byOperator.map(({ operator, ...counts }) => [operator, counts])),
    survivors: survivors.map((mutant) => ({
      id: mutant.id,
      file: mutant.file,
      function: mutant.function,
      operator: mutant.operator,
      original: squeezed(mutant.original),
      mutant: mutant.mutant === REMOVED ? "" : squeezed(mutant.mutant),
      reason: reasons[mutant.id]?.reason ?? "",
    })),
  };
  writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);

  const row = ({ mutants, killed, survived }: Counts) => [mutants, killed, survived];
  const sections = files.flatMap((file) => {
    const ofFile = survivors.filter((mutant) => mutant.file === file);
    if (ofFile.length === 0) return [];
    const rows = ofFile.map((mutant) =>
      [
        mutant.line,
        `\`${mutant.function}\``,
        excerpt(mutant),
        reasons[mutant.id]?.reason ?? "**no reason is given**",
      ].join(" | "),
    );
    return [
      `### ${file}`,
      [
        "| line | function | original → mutant | why it survives |",
        "|---:|---|---|---|",
        ...rows.map((r) => `| ${r} |`),
      ].join("\n"),
    ];
  });
  const text = [
    "# Mutation testing",
    "Does a test fail when the contracts are wrong? `npm run mutate` puts small faults into them, one at a time, and runs the contract tests\nagainst each. This page and `snapshots/mutation.json` are written by it.",
    `**${score(total)} killed: ${total.killed} of ${total.mutants} mutants. ${total.survived} survive, ${unexplained === 0 ? "each with its reason below" : `of which ${unexplained} have no reason yet`}.**`,
    ...openOf(mutants, results),
    `${mutants.length} mutants were generated, with no sampling. ${having("invalid").length} do not compile, and ${having("same").length} are not noticed because they\ncompile to the code of the original, or of one that is not noticed either: these do not count. ${lastOnly.length} of the killed are noticed by\nthe differential test alone, all others by a named test.`,
    "## By file",
    table(
      ["file", "mutants", "killed", "survived", "score"],
      byFile.map((counts) => [counts.file, ...row(counts), score(counts)]),
    ),
    "## By operator",
    table(
      ["operator", "mutants", "killed", "survived", "score"],
      byOperator.map((counts) => [counts.operator, ...row(counts), score(counts)]),
    ),
    "## Survivors",
    `A survivor without a reason in \`${REASONS}\`, a reason without a survivor, and a score below ${LEAST} %\nare failures of \`npm run mutate\`.`,
    ...sections,
    HOW,
  ];
  writeFileSync(REPORT, `${text.join("\n\n")}\n`);
}

const HOW = `## How it is made

- **What is changed.** The contract, its libraries, the lens, funding and the example; not the interfaces, and not the mocks. The compiler's
  syntax tree says where an expression or a statement begins and ends (\`test/mutation/operators.ts\`).
- **The operators.** *arithmetic*: + and -, * and /, ++ and --, also in compound assignments. *comparison*: the neighbour (< and <=)
  and the negation. *boolean*: && and ||, one operand alone, a \`!\` dropped. *condition*: an \`if\` always or never taken, one branch of
  a \`?:\`. *bits*: & and |, << and >>, a \`~\` dropped. *constant*: n + 1, n - 1 and 0, the other truth value, an empty string. *removed
  check*: a \`require\`, or an \`if\` that returns or continues. *removed access control*: a check of \`msg.sender\`, a modifier. *removed
  assignment*, *event*, *call*: the statement, or the value with which a variable begins. *returned default*: zero instead of what is
  returned, and either truth value. *swapped arguments*: two of one type. *swapped statements*: neighbours. *assembly*: opcodes,
  numbers, and statements of inline assembly.
- **What is left out.** Neighbours are swapped only if their order can matter: one writes what the other uses, both raise errors, both
  emit, or one calls another contract (\`test/mutation/effects.ts\`; what it does not understand counts as mattering). The arguments of
  \`Notice.later\`, which is a maximum, are not swapped. The lengths of arrays in types are not changed.
- **Dozens in one build.** The compiler stays loaded, and a build of a source has dozens of its mutants in it, each the whole mutated
  statement behind a switch that is set in the bytecode (\`test/mutation/switched.ts\`). Without the optimizer it takes a second. A mutant
  outside of functions is built alone. After each build the tests that failed are run with every switch off, and have to pass.
- **One mutant.** A process that holds the tests loaded puts the mutant's code in the place of the built one at the moment a test
  deploys it. Nothing in the working tree changes. Which test runs which statement is recorded once (\`test/mutation/reach.ts\`), and a
  test that does not run the mutant is not run against it. First come tests that killed others in the same function; then the usual
  tests that run the mutant themselves and those whose fixture does, then those of a hostile world; the differential test comes last, with
  ${WALKS} walks. The first test that fails ends it. Tests that take a minute and ten times as long as usual count as failing. A mutant
  that has a reason to survive is run against the usual tests alone, and counts as surviving if they pass.
- **The same code.** A mutant that no test notices is compiled alone. If its code is the original's, or that of another that is not
  noticed, it does not count.
- **Its id** is a hash of file, function, snippet, mutant and occurrence: lines above it may come and go.
- **Again.** \`--resume\` goes on after an interruption from \`cache/mutation.jsonl\`. After a change of tests it runs only the survivors
  again, which is right as long as tests are added; to know after one was taken away, run everything. \`--only <id>\` shows a mutant and the
  test that kills it; \`--help\` has the rest.`;
