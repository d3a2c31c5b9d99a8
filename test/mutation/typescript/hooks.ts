/**
 * Loaded before everything else in a process of tests: source that is mutated comes from the folder of instrumented copies. A file that
 * is asked for with a query is loaded anew with all that it imports of the project, so that what happens at loading happens again.
 */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import "./switch.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const INSTRUMENTED = process.env.INSTRUMENTED ?? "";
const WITHOUT_TYPES = "module";

/** Where a file of the project lies in it; undefined: it is none, or one that the compiler made. */
function placeOf(url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  const place = relative(ROOT, fileURLToPath(url));
  return /^(?:\.\.|node_modules|typechain-types|artifacts)(?:\/|$)|\/node_modules\//.test(place) ? undefined : place;
}

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const again = context.parentURL === undefined ? "" : new URL(context.parentURL).search;
    const isOurs = placeOf(resolved.url) !== undefined && !resolved.url.includes("/test/mutation/");
    return again === "" || !isOurs || resolved.url.includes("?")
      ? resolved
      : { ...resolved, url: resolved.url + again };
  },
  load(url, context, next) {
    const place = placeOf(url);
    const copy = `${INSTRUMENTED}/${place}`;
    if (place === undefined || !existsSync(copy)) return next(url, context);
    return { format: WITHOUT_TYPES, source: readFileSync(copy, "utf8"), shortCircuit: true };
  },
});
