/** Whether a visitor is a person: by what the request says of itself. */
import { isbot } from "isbot";

/** Who asks for a link: only a person's visit is a click. */
export type Visitor = "person" | "prefetch" | "bot";

/** Previews in this messenger, which the kept list does not have: its own browser does not begin so. */
const VIBER = /^viber\//i;

/** The same few browsers come again and again, and looking one up costs a tenth of asking the list. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_CHARACTERS = 300;

function isProgram(agent: string): boolean {
  const before = known.get(agent);
  if (before !== undefined) return before;
  const program = isbot(agent) || VIBER.test(agent);
  if (known.size >= MAX_KNOWN) known.clear();
  if (agent.length <= MAX_KNOWN_CHARACTERS) known.set(agent, program);
  return program;
}

/**
 * Who asks, by what the request says of itself. `header` gives the value of a header, whose name is lower case. Browsers inside
 * apps are people; what sends no User-Agent is no browser.
 */
export function visitorOf(header: (name: string) => string | undefined): Visitor {
  const agent = header("user-agent");
  if (!agent || isProgram(agent)) return "bot";
  const purpose = header("sec-purpose") ?? header("purpose") ?? header("x-moz") ?? header("x-purpose");
  return purpose !== undefined && /^(prefetch|preview)\b/i.test(purpose.trim()) ? "prefetch" : "person";
}
