/** Conditions on offers in a brand's form, and in words for partners. */
import { campaignDescription, readDescription } from "@partner-programs/protocol/description";
import { expect } from "chai";
import { conditionOf, EMPTY_CONDITION, withConditions } from "#portal/app/campaign/conditionDraft.ts";
import { sayAttributes, sayConditions } from "#portal/app/text/conditions.ts";

const description = campaignDescription.parse({
  version: 1,
  name: "Shoes",
  summary: "",
  destination: "https://shop.example",
  attribution: { touch: "first", windowSeconds: 60, bindingSeconds: null },
  events: ["sale", "signup"].map((name) => ({ name, title: name, perCustomer: null })),
});
const made = (draft: object) => {
  const outcome = conditionOf({ ...EMPTY_CONDITION, ...draft }, 3);
  return "problem" in outcome ? outcome.problem : outcome.condition;
};

describe("conditions in a brand's form", () => {
  it("say each of what a brand may ask for, and nothing that it left empty", () => {
    expect(made({ offers: "1, 2", purchase: "first", monthsBelow: "12" })).to.deep.equal({
      offers: [1, 2],
      customer: { purchase: "first", months: { below: 12 } },
    });
    expect(made({ offers: "3", products: "shoes, Boots ,", minimumQuantity: "10", firstDays: "30" })).to.deep.equal({
      offers: [3],
      attributes: { product: { oneOf: ["shoes", "Boots"] }, quantity: { min: 10 } },
      partner: { firstDays: 30 },
    });
  });

  it("say what is wrong in a brand's words", () => {
    for (const offers of ["", "4", "0", "one"])
      expect(made({ offers, firstDays: "1" })).to.equal("Name the offers by their numbers, 1 to 3, such as 1, 2.");
    expect(made({ offers: "1" })).to.equal("Say what has to hold so that these offers pay.");
    for (const part of [{ monthsBelow: "a year" }, { minimumQuantity: "1.5" }, { firstDays: "0" }])
      expect(made({ offers: "1", ...part })).to.equal("Months, days and quantities are whole numbers, such as 12.");
  });

  it("are published with what they ask for described in their offers' events, and stand behind the offers in words", () => {
    const outcome = conditionOf({ ...EMPTY_CONDITION, offers: "1", products: "shoes", minimumQuantity: "2" }, 2);
    if ("problem" in outcome) throw new Error(outcome.problem);
    const published = withConditions(description, [outcome.condition], ["sale", "signup"]);
    expect(published.events.map(({ attributes }) => attributes)).to.deep.equal([
      { product: { type: "text" }, quantity: { type: "integer" } },
      undefined,
    ]);
    expect(readDescription(JSON.stringify(published)).problem).to.equal(undefined);
    expect(sayConditions(published, 1)).to.equal('where product is "shoes"; where quantity is at least 2');
    expect([sayConditions(published, 2), sayConditions(null, 1)]).to.deep.equal(["", ""]);
    expect(sayAttributes({ plan: "annual", quantity: 3, gift: false })).to.equal("plan annual, quantity 3, gift false");
    const again = withConditions(published, published.conditions, ["sale", "signup"]);
    expect(again).to.deep.equal(published);
    expect(withConditions(again, [], []).conditions).to.deep.equal([]);
  });
});
