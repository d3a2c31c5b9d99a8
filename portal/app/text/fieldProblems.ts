/** What the relayer says against single fields of a form, for each to be said where it was typed. Pure. */

/** Fields of a form by the names under which they are sent. */
export interface Fields {
  readonly names: readonly string[];
  /** The one that somebody else may have taken already (409). */
  readonly taken?: string;
}

/** By the fields' names; empty: it is about none of them. A refusal reads "json: alias: … . path: … ." (relayer/http/describeIssues.ts). */
export function fieldProblems(error: unknown, { names, taken }: Fields): Readonly<Record<string, string>> {
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown };
  if (typeof message !== "string") return {};
  if (status === 409) return taken === undefined ? {} : { [taken]: message };
  if (status !== 400 || !message.startsWith("json: ")) return {};
  const text = message.slice("json: ".length);
  const begins = names
    .flatMap((name) => [...text.matchAll(new RegExp(`(?:^|\\. )${name}: `, "g"))].map((match) => ({ name, match })))
    .sort((a, b) => a.match.index - b.match.index);
  return Object.fromEntries(
    begins.map(({ name, match }, i) => {
      const next = begins[i + 1]?.match.index;
      const said = text.slice(match.index + match[0].length, next === undefined ? undefined : next + 1);
      return [name, said.charAt(0).toUpperCase() + said.slice(1)];
    }),
  );
}
