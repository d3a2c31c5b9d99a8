/** What a schema found wrong, as one sentence after the other. */
import type { z } from "zod";

/** Each with the place of the value and what is wrong there, without zod's marks and with one full stop. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => asSentence([placeOf(issue.path), issue.message])).join(" ");
}

const asSentence = (parts: readonly string[]): string =>
  `${parts
    .filter((part) => part !== "")
    .join(": ")
    .trim()
    .replace(/[.\s]+$/, "")}.`;

/** `events[0].name`, as one would write it in code. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, part) =>
      typeof part === "number" ? `${place}[${part}]` : `${place}${place === "" ? "" : "."}${String(part)}`,
    "",
  );
}
