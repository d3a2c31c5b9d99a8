/** The small faults that are put into SQL, in the text of a statement as it stands in the source. */

/** Whether a literal is a statement, or a part of one. */
export const isSql = (literal: string) =>
  /^[`'"\s]*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|FROM|WHERE|AND)\s/.test(literal) ||
  /\b(?:AND|OR|IS NULL|IS NOT NULL|IN \()\s*/.test(literal);

/** What ends a part of a condition, where it stands outside of the condition's own parentheses. */
const ENDS =
  /^(?:AND|OR|GROUP|ORDER|LIMIT|RETURNING|HAVING|UNION|ON|FOR|SET|FROM|WHERE|THEN|LEFT|JOIN|CROSS|END|ELSE|WHEN|AS)\b/;

/** The literal with one fault each; what was there keeps its parameters, which PostgreSQL wants to see used. */
export function sqlFaults(literal: string): string[] {
  const faults: string[] = [];
  const put = (start: number, end: number, by: string) =>
    faults.push(literal.slice(0, start) + by + literal.slice(end));
  const each = (pattern: RegExp, by: (match: RegExpExecArray) => string) => {
    for (const match of literal.matchAll(pattern)) put(match.index, match.index + match[0].length, by(match));
  };

  // A part of a condition does not count.
  for (const { index, 0: word } of literal.matchAll(/\b(?:WHERE|AND|HAVING|ON) (?!CONFLICT)/g)) {
    const start = index + word.length;
    const end = endOfPart(literal, start);
    const part = literal.slice(start, end).trimEnd();
    if (part !== "" && part !== "true") put(start, start + part.length, `(${part} OR true)`);
  }
  // Alternatives: one does not count.
  for (const { index, 0: word } of literal.matchAll(/\bOR /g)) {
    const start = index + word.length;
    const part = literal.slice(start, endOfPart(literal, start)).trimEnd();
    if (part !== "") put(start, start + part.length, `(${part} AND false)`);
  }
  each(/ (<=?|>=?) /g, ([, sign]) => ` ${{ "<": "<=", "<=": "<", ">": ">=", ">=": ">" }[sign as "<"]} `);
  each(/ <> /g, () => " = ");
  each(/ ([-+]) (?=[\w$(])/g, ([, sign]) => ` ${sign === "+" ? "-" : "+"} `);
  each(/\bIS NOT NULL\b/g, () => "IS NULL");
  each(/\bIS NULL\b/g, () => "IS NOT NULL");
  each(/\bNOT (?=EXISTS|IN\b|\w+_known)/g, () => "");
  each(/ DESC\b/g, () => "");
  each(/\bORDER BY [\w.]+(?! DESC)(?=[\s)`"]|$)/g, ([order]) => `${order} DESC`);
  each(/\bDISTINCT (?!ON|FROM)/g, () => "");
  each(/\bLEFT JOIN\b/g, () => "JOIN");
  each(/\b(greatest|least|min|max|sum)\(/g, ([, name]) => {
    const other = { greatest: "least", least: "greatest", min: "max", max: "min", sum: "max" };
    return `${other[name as "min"]}(`;
  });
  each(/ ON CONFLICT(?: \([\w, ]+\))? DO NOTHING/g, () => "");
  each(/ AT TIME ZONE 'UTC'/g, () => "");
  // A state that is looked for, or left out.
  for (const list of literal.matchAll(/\bIN \(('\w+'(?:, '\w+')*)\)/g))
    for (const one of list[0].matchAll(/'\w+'/g))
      put(list.index + one.index, list.index + one.index + one[0].length, "''");
  each(/\bstate = '(\w+)'/g, () => "state = ''");
  return [...new Set(faults)];
}

function endOfPart(text: string, start: number): number {
  let depth = 0;
  let braces = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "$" && text[i + 1] === "{") braces++;
    else if (character === "}" && braces > 0) braces--;
    if (braces > 0) continue;
    if (character === "(") depth++;
    else if (character === ")" && --depth < 0) return i;
    else if (character === "`" || character === '"' || character === ";") return i;
    else if (depth === 0 && /\s/.test(text[i - 1] ?? "") && ENDS.test(text.slice(i, i + 10))) return i;
    else if (depth === 0 && character === "," && i > start) return i;
  }
  return text.length;
}
