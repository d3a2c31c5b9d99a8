/** What differs between two descriptions, in sentences for partners. */
import type { CampaignDescription, EventDescription } from "@partner-programs/protocol/description";
import { kindName } from "@partner-programs/protocol/kinds";
import type { ShopMapping } from "@partner-programs/protocol/shopMapping";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import type { WebhookMapping } from "@partner-programs/protocol/webhookMapping";
import { sayConditions } from "../text/conditions.ts";
import { durationText } from "../text/dates.ts";
import { sayLeadRules } from "../text/leads.ts";
import { sayLeaderboard, sayManualBonuses, sayTarget } from "../text/targets.ts";

/** What partners read or are paid by: each under its name. */
function factsOf(description: CampaignDescription): Map<string, string> {
  const { velocityPerHour } = description.fraud;
  return new Map([
    ["Name", description.name],
    ["Summary", description.summary],
    ["Invite links lead to", description.destination],
    ["They may lead to", description.allowedOrigins.join(", ")],
    ...attributionFacts(description.attribution),
    ...description.events.flatMap(eventFacts),
    ...conditionFacts(description.conditions),
    ...description.targets.map((target): Fact => [`Target “${target.title}” (${target.name})`, sayTarget(target)]),
    ["Bonuses by the brand's own word", sayManualBonuses(description.bonuses)],
    ["Leaderboard", sayLeaderboard(description.leaderboard)],
    ["Leads", description.leads === undefined ? "" : sayLeadRules(description.leads).join(" ")],
    ...Object.entries(description.sources ?? {}).map(
      ([source, mapping]): Fact => [
        `Sales read at ${SOURCE_NAMES[source] ?? source}`,
        mapping === undefined ? "" : sayMapping(mapping),
      ],
    ),
    ...currencyFacts(description.currencies),
    ["Objectives", description.objectives.join("; ")],
    ...Object.entries(description.expectations).map(([kind, text]): Fact => [`Expected of ${kind}s`, text]),
    ...description.resources.map(
      ({ title, url, text, kinds }): Fact => [
        `Resource “${title}”`,
        `${url ?? text ?? ""}${kinds === undefined ? "" : ` (for ${kinds.map(sayKind).join(", ")})`}`,
      ],
    ),
    ...description.promotions.map(({ kind, ...goal }): Fact => [`Comes into the ${sayKind(kind)}`, sayMeasure(goal)]),
    ["Flagged for the brand's review", velocityPerHour === null ? "never" : `above ${velocityPerHour} an hour`],
  ]);
}

type Fact = [name: string, text: string];

function attributionFacts(attribution: CampaignDescription["attribution"]): Fact[] {
  const { touch, windowSeconds, codeOrClick, agentTokensPerDay, bindingSeconds } = attribution;
  const stays =
    bindingSeconds === null ? "for life" : bindingSeconds === 0 ? "not at all" : durationText(bindingSeconds);
  return [
    ["A click counts for", durationText(windowSeconds)],
    ["Of several partners counts", `the ${touch} one`],
    ["Where a code and a click disagree counts", `the ${codeOrClick}`],
    ["A partner's agents refer without a click", agentTokensPerDay === undefined ? "" : `${agentTokensPerDay} a day`],
    ["A customer stays with its partner", stays],
  ];
}

function eventFacts(event: EventDescription): Fact[] {
  const { name, title, perCustomer, minimumVolume, perPartner, contract, attributes = {} } = event;
  const often =
    perCustomer === null
      ? "every time"
      : perCustomer === 1
        ? "once for each customer"
        : `${perCustomer} times for each customer`;
  return [
    [`“${name}”`, `${title}, ${often}`],
    [`“${name}” counts from a volume of`, minimumVolume ?? ""],
    [`“${name}” counts for one partner at most for`, perPartner.map(sayMeasure).join("; ")],
    [`“${name}” is an event of a contract`, contract === undefined ? "" : Object.values(contract).join(", ")],
    [
      `“${name}” says`,
      Object.entries(attributes)
        .map(([attribute, type]) => `${attribute} (${"oneOf" in type ? type.oneOf?.join(", ") : type.type})`)
        .join("; "),
    ],
  ];
}

/** By offer: what has to hold. */
function conditionFacts(conditions: CampaignDescription["conditions"]): Fact[] {
  const offers = [...new Set(conditions.flatMap((condition) => condition.offers))].sort((a, b) => a - b);
  return offers.map((offerId): Fact => [`Offer ${offerId} pays`, sayConditions({ conditions }, offerId)]);
}

/** Whoever is paid by a rate reads where it stands. */
function currencyFacts(currencies: CampaignDescription["currencies"]): Fact[] {
  if (currencies === undefined) return [];
  const { accepted, token, rates, lateAfterSeconds } = currencies;
  const { kind, ...of } = rates;
  return [
    ["Sales count in", `${accepted.join(", ")}, a whole token as one ${token}`],
    ["A sale may come late after it was made by", lateAfterSeconds === undefined ? "" : durationText(lateAfterSeconds)],
    ["Rates are", `of ${kind === "feeds" ? "feeds on the chain" : "a signed file a day"}: ${JSON.stringify(of)}`],
  ];
}

const sayKind = (kind: string | number) => (typeof kind === "number" ? kindName(kind) : kind);

const sayMeasure = ({ conversions, volume, days }: EventDescription["perPartner"][number]): string =>
  [conversions && `${conversions} conversions`, volume && `a volume of ${volume}`].filter(Boolean).join(", ") +
  ` in ${days} days`;

const SOURCE_NAMES: Readonly<Record<string, string>> = {
  stripe: "Stripe",
  shopify: "Shopify",
  woocommerce: "WooCommerce",
  webhook: "the brand's webhooks",
};

function sayMapping(mapping: StripeMapping | ShopMapping | WebhookMapping): string {
  // Rules are paths in somebody's JSON: as they are published they are at least exact.
  if ("rules" in mapping) return [mapping.signature, ...mapping.rules].map((one) => JSON.stringify(one)).join("; ");
  const { currency, taxes, events } = mapping;
  const shipping = "shipping" in mapping ? `, shipping ${mapping.shipping}` : "";
  const counted = Object.entries(events).map(([kind, event]) => `${kind} as “${event}”`);
  return `${currency.toUpperCase()}, taxes ${taxes}${shipping}: ${counted.join(", ")}`;
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
