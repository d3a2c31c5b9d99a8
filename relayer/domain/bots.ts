import { isbot } from "isbot";

/** Who asks for a link: only a person's visit is a click. */
export type Visitor = "person" | "prefetch" | "bot";

/** Previews in this messenger, which the kept list does not have: its own browser does not begin so. */
const VIBER = /^viber\//i;

/**
 * Who asks, by what the request says of itself. `header` gives the value of a header, whose name is lower case. Browsers inside
 * apps are people; what sends no User-Agent is no browser.
 */
export function visitorOf(header: (name: string) => string | undefined): Visitor {
  const agent = header("user-agent");
  if (!agent || isbot(agent) || VIBER.test(agent)) return "bot";
  const purpose = header("sec-purpose") ?? header("purpose") ?? header("x-moz") ?? header("x-purpose");
  return purpose !== undefined && /^(prefetch|preview)\b/i.test(purpose.trim()) ? "prefetch" : "person";
}
