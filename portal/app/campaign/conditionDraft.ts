/** A condition on offers as a brand writes it in a form, and a description with conditions that the form leaves in it. */
import {
  type AttributeTest,
  type AttributeType,
  type OfferCondition,
  offerCondition,
} from "@partner-programs/protocol/conditions";
import type { CampaignDescription } from "@partner-programs/protocol/description";

/** What is empty is not asked for. */
export interface ConditionDraft {
  /** "1, 2". */
  readonly offers: string;
  readonly purchase: "" | "first" | "renewal";
  readonly monthsFrom: string;
  readonly monthsBelow: string;
  /** One of these, separated by commas. */
  readonly products: string;
  readonly minimumQuantity: string;
  readonly firstDays: string;
}

export const EMPTY_CONDITION: ConditionDraft = {
  offers: "",
  purchase: "",
  monthsFrom: "",
  monthsBelow: "",
  products: "",
  minimumQuantity: "",
  firstDays: "",
};

const listOf = (text: string) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
const numberOf = (text: string) => (text.trim() === "" ? undefined : Number(text));
/** Without what is undefined; undefined: nothing is left. */
function said<T extends object>(given: T): T | undefined {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as T);
}

/** The condition that a form says, for a campaign with so many offers; or what is wrong with it. */
export function conditionOf(
  draft: ConditionDraft,
  offerCount: number,
): { readonly condition: OfferCondition } | { readonly problem: string } {
  const offers = listOf(draft.offers).map(Number);
  if (offers.length === 0 || offers.some((offer) => !Number.isInteger(offer) || offer < 1 || offer > offerCount))
    return { problem: `Name the offers by their numbers, 1 to ${offerCount}, such as 1, 2.` };
  const products = listOf(draft.products);
  const given = said({
    offers,
    attributes: said({
      product: products.length === 0 ? undefined : { oneOf: products },
      quantity: said({ min: numberOf(draft.minimumQuantity) }),
    }),
    customer: said({
      purchase: draft.purchase,
      months: said({ from: numberOf(draft.monthsFrom), below: numberOf(draft.monthsBelow) }),
    }),
    partner: said({ firstDays: numberOf(draft.firstDays) }),
  });
  const { data, error } = offerCondition.safeParse(given);
  if (data !== undefined) return { condition: data };
  const [issue] = error.issues;
  if (issue?.path.length === 0) return { problem: "Say what has to hold so that these offers pay." };
  return { problem: "Months, days and quantities are whole numbers, such as 12." };
}

/** The description with these conditions; attributes that they ask for are described in the events of their offers. */
export function withConditions(
  description: CampaignDescription,
  conditions: readonly OfferCondition[],
  /** The event of each offer, the first offer's first. */
  eventOf: readonly string[],
): CampaignDescription {
  const events = description.events.map((event) => {
    const ofEvent = conditions.filter(({ offers }) => offers.some((offerId) => eventOf[offerId - 1] === event.name));
    const asked = ofEvent.flatMap(({ attributes = {} }) => Object.entries(attributes));
    const missing = asked.filter(([name]) => !Object.hasOwn(event.attributes ?? {}, name));
    if (missing.length === 0) return event;
    const described = Object.fromEntries(missing.map(([name, test]) => [name, typeFor(test)]));
    return { ...event, attributes: { ...described, ...event.attributes } };
  });
  return { ...description, events, conditions: [...conditions] };
}

function typeFor(test: AttributeTest): AttributeType {
  if ("is" in test) return { type: "boolean" };
  return "oneOf" in test || "noneOf" in test ? { type: "text" } : { type: "integer" };
}
