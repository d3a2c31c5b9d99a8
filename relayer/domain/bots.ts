/** Whether a visitor is a person: by what the request says of itself. */
import { isbot } from "isbot";

/** Who asks for a link: only a person's visit is a click. */
export type Visitor = "person" | "prefetch" | "bot";

/**
 * What the kept list does not have: previews in Viber, whose own browser does not begin so, and what apps on Apple's systems,
 * Android and Flutter ask by themselves. The browsers inside of apps begin with Mozilla.
 */
const PROGRAM =
  /^viber\/|^(?!mozilla\/).*\bcfnetwork\/|^dalvik\/|^dart\/|^(?!mozilla\/).*\balamofire\/|\bwindowspowershell\//i;
/**
 * Office looks at a link before it opens it, follows where it leads, and opens that place in the browser: whoever clicked comes
 * with what Office was given, and not by the link again.
 */
const OFFICE =
  /\bms-?office\b|\bmicrosoft (office|outlook|word|excel|powerpoint)\b|^(word|excel|powerpoint|outlook)\/\d|^outlook-(ios|android)\//i;

/** The same few browsers come again and again, and looking one up costs a tenth of asking the list. */
const known = new Map<string, Visitor>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_CHARACTERS = 300;

function visitorCalled(agent: string): Visitor {
  const before = known.get(agent);
  if (before !== undefined) return before;
  const visitor = OFFICE.test(agent) ? "prefetch" : isbot(agent) || PROGRAM.test(agent) ? "bot" : "person";
  if (known.size >= MAX_KNOWN) known.clear();
  if (agent.length <= MAX_KNOWN_CHARACTERS) known.set(agent, visitor);
  return visitor;
}

/**
 * Who asks, by what the request says of itself. `header` gives the value of a header, whose name is lower case. Browsers inside
 * apps are people; what sends no User-Agent is no browser.
 */
export function visitorOf(header: (name: string) => string | undefined): Visitor {
  const agent = header("user-agent");
  if (!agent) return "bot";
  const visitor = visitorCalled(agent);
  if (visitor !== "person") return visitor;
  const purpose = header("sec-purpose") ?? header("purpose") ?? header("x-moz") ?? header("x-purpose");
  return purpose !== undefined && /^(prefetch|preview)\b/i.test(purpose.trim()) ? "prefetch" : "person";
}
