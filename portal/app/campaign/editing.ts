/** A published description in the form of a new campaign, and back: how a brand edits it. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { FOR_ONE_PARTNER } from "@partner-programs/protocol/kinds";
import { currencyDraftOf, currencyProblem } from "./currencyDraft.ts";
import type { Draft } from "./draft.ts";
import { toDescription } from "./newCampaign.ts";
import { emptyDraft } from "./templates.ts";

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
    leadDays: String(description.leads?.protectedDays ?? ""),
    leadAnswerDays: String(description.leads?.answerDays ?? empty.leadAnswerDays),
    ...(description.currencies !== undefined && { currencies: currencyDraftOf(description.currencies) }),
    objectives: description.objectives.join("\n"),
    expectations: description.expectations,
    resources: description.resources.map(({ title, url, text }, i) => ({
      id: i + 1,
      title,
      content: url ?? text ?? "",
    })),
    offers: [...new Set(kinds)]
      .filter((kind) => kind !== FOR_ONE_PARTNER)
      .map((kind, i) => ({
        id: i + 1,
        event: "",
        title: "",
        kind,
        partner: "",
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
  // Half a form cannot be said yet.
  const isSaid = currencyProblem(draft.currencies) === undefined;
  const said = toDescription(isSaid ? draft : { ...draft, currencies: currencyDraftOf(before.currencies) }, before);
  const { name, summary, destination, attribution, objectives, expectations, resources, fraud, leads, currencies } =
    said;
  const { touch, windowSeconds, bindingSeconds } = attribution;
  const { leads: leadsBefore, currencies: _, ...rest } = before;
  return {
    ...rest,
    ...(currencies !== undefined && { currencies }),
    ...(leads !== undefined && {
      leads: { ...leads, ...leadsBefore, protectedDays: leads.protectedDays, answerDays: leads.answerDays },
    }),
    name,
    summary,
    destination,
    // What it does not ask for is not the form's to say: which of code and click counts, how many tokens agents get.
    attribution: { ...before.attribution, touch, windowSeconds, bindingSeconds },
    objectives,
    expectations,
    resources: resources.map((one) => {
      const kinds = before.resources.find(({ title }) => title === one.title)?.kinds;
      return kinds === undefined ? one : { ...one, kinds };
    }),
    fraud: { ...before.fraud, ...fraud },
    events: events.map((event) => ({
      ...(before.events.find(({ name }) => name === event.name) ?? { perPartner: [] }),
      name: event.name,
      title: event.title.trim(),
      perCustomer: event.perCustomer === "" ? null : Number(event.perCustomer),
    })),
  };
}
