/** A campaign's description while it changes: what is in force, what comes, what differs, and how a brand edits it. */
import { type CampaignDescription, campaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { api } from "../api.ts";
import { type Announced, readAnnounced } from "../chain.ts";
import { durationText } from "../money.ts";
import { type Draft, emptyDraft, toDescription } from "./draft.ts";

/** An announced description with its text, if the relayer has the very one whose hash is on the chain. */
export interface Described extends Announced {
  readonly description: CampaignDescription | null;
}

export interface Descriptions {
  readonly inForce: Described | undefined;
  /** In the order in which they take effect. */
  readonly coming: readonly Described[];
}

async function textOf(announced: Announced): Promise<Described> {
  const text = await api.description(announced.hash).catch(() => undefined);
  const known = text !== undefined && descriptionHash(text) === announced.hash;
  return { ...announced, description: known ? parse(text) : null };
}

/** What a brand announced may be anything: the contract does not look at it. */
function parse(text: string): CampaignDescription | null {
  try {
    return campaignDescription.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export async function readDescriptions(campaignId: string, now = Date.now() / 1000): Promise<Descriptions> {
  const all = await readAnnounced(campaignId);
  const last = all.findLast(({ effectiveAt }) => effectiveAt <= now);
  const [inForce, ...coming] = await Promise.all(
    [last, ...all.filter(({ effectiveAt }) => effectiveAt > now)].map((one) => one && textOf(one)),
  );
  return { inForce, coming: coming.filter((one) => one !== undefined) };
}

// ----------------------------------------------------------------------------------------------- what differs

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

// ---------------------------------------------------------------------------------------------------- editing

/** An event as a brand edits it. */
export interface EventDraft {
  readonly name: string;
  readonly title: string;
  /** Empty: every time. */
  readonly perCustomer: string;
}

export const eventsOf = ({ events }: CampaignDescription): EventDraft[] =>
  events.map(({ name, title, perCustomer }) => ({ name, title, perCustomer: String(perCustomer ?? "") }));

/** A description as the form of a new campaign shows it; of the offers only their kinds are asked for. */
export function draftOf(description: CampaignDescription, kinds: readonly number[]): Draft {
  const empty = emptyDraft();
  const { attribution, fraud } = description;
  return {
    ...empty,
    name: description.name,
    summary: description.summary,
    destination: description.destination,
    ...attribution,
    velocityPerHour: String(fraud.velocityPerHour ?? ""),
    objectives: description.objectives.join("\n"),
    expectations: description.expectations,
    resources: description.resources.map(({ title, url, text }, i) => ({
      id: i + 1,
      title,
      content: url ?? text ?? "",
    })),
    offers: [...new Set(kinds)].map((kind, i) => ({
      id: i + 1,
      event: "",
      title: "",
      kind,
      flat: "",
      ratePercent: "",
      cap: "",
      oncePerCustomer: false,
    })),
  };
}

export function eventProblem(events: readonly EventDraft[]): string | undefined {
  const names = events.map(({ name }) => name);
  for (const { name, title, perCustomer } of events) {
    if (!/^[\x21-\x7e]{1,24}$/.test(name))
      return "An event's name has 1 to 24 letters, digits or signs, without spaces, such as signup.";
    if (title.trim() === "") return `Say in words what “${name}” is, for partners to read.`;
    if (perCustomer !== "" && !/^[1-9]\d{0,8}$/.test(perCustomer))
      return `“${name}” counts a whole number of times for each customer; leave it empty for every time.`;
  }
  return new Set(names).size < names.length ? "Two events have the same name." : undefined;
}

/** The description with what the form asks for as it is there; what the form does not ask for stays. */
export function changed(before: CampaignDescription, draft: Draft, events: readonly EventDraft[]): CampaignDescription {
  const { name, summary, destination, attribution, objectives, expectations, resources, fraud } = toDescription(draft);
  return {
    ...before,
    name,
    summary,
    destination,
    attribution,
    objectives,
    expectations,
    resources: resources.map((one) => {
      const kinds = before.resources.find(({ title }) => title === one.title)?.kinds;
      return kinds === undefined ? one : { ...one, kinds };
    }),
    fraud,
    events: events.map((event) => ({
      ...(before.events.find(({ name }) => name === event.name) ?? { perPartner: [] }),
      name: event.name,
      title: event.title.trim(),
      perCustomer: event.perCustomer === "" ? null : Number(event.perCustomer),
    })),
  };
}
