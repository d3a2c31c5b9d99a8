/** Tests that a page names, so that what it claims can be looked up: a file in backquotes, a colon, and titles in quotes. */
import { existsSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** The file of a test that a page names, from test/ or from the root. */
export const fileOf = (name: string) => new URL(name.startsWith("test/") ? name : `test/${name}`, ROOT);

/** What a file calls its tests and their groups. */
const titlesOf = (text: string) =>
  [...text.matchAll(/\b(?:it|describe)\(\s*(["'`])((?:(?!\1)[\s\S])*)\1/g)].map(([, , title]) => title ?? "");

/** The tests that a text names, each by its whole title or by what it begins with before a `…`. */
export function namedTests(text: string) {
  return [...text.matchAll(/`([\w/]+\.test\.ts)`:((?: "[^"]+",?)+)/g)].flatMap(([, file = "", titles = ""]) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => ({ file, title: title.replace(/ …$/, "") })),
  );
}

export const missingTests = (text: string) =>
  namedTests(text).filter(({ file, title }) => {
    const url = fileOf(file);
    return !existsSync(url) || !titlesOf(readFileSync(url, "utf8")).some((one) => one.includes(title));
  });
