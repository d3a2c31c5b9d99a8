/** What differs between two descriptions, in sentences for partners. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { durationText } from "../text/dates.ts";

/** What partners read or are paid by: each under its name. */
function factsOf(description: CampaignDescription): Map<string, string> {
  const { touch, windowSeconds, bindingSeconds } = description.attribution;
  const stays =
    bindingSeconds === null ? "for life" : bindingSeconds === 0 ? "not at all" : durationText(bindingSeconds);
  const { velocityPerHour } = description.fraud;
  return new Map([
    ["Name", description.name],
    ["Summary", description.summary],
    ["Invite links lead to", description.destination],
    ["A click counts for", durationText(windowSeconds)],
    ["Of several partners counts", `the ${touch} one`],
    ["A customer stays with its partner", stays],
    ...description.events.map(({ name, title, perCustomer }): [string, string] => [
      `“${name}”`,
      `${title}, ${perCustomer === null ? "every time" : perCustomer === 1 ? "once for each customer" : `${perCustomer} times for each customer`}`,
    ]),
    ["Objectives", description.objectives.join("; ")],
    ...Object.entries(description.expectations).map(([kind, text]): [string, string] => [`Expected of ${kind}s`, text]),
    ...description.resources.map(({ title, url, text }): [string, string] => [
      `Resource “${title}”`,
      url ?? text ?? "",
    ]),
    ["Flagged for the brand's review", velocityPerHour === null ? "never" : `above ${velocityPerHour} an hour`],
  ]);
}

export interface Change {
  readonly what: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function changesOf(before: CampaignDescription, after: CampaignDescription): Change[] {
  const [old, now] = [factsOf(before), factsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((what) => ({ what, before: old.get(what), after: now.get(what) }))
    .filter((change) => (change.before ?? "") !== (change.after ?? ""));
}

export function sayChange({ what, before, after }: Change): string {
  if ((before ?? "") === "") return `${what}: ${after}. That is new.`;
  if ((after ?? "") === "") return `${what}: “${before}” goes.`;
  return `${what}: ${after}, instead of ${before}.`;
}
