import { expect } from "chai";
import { contactOfLead, nameOfLead, sayLead, sayLeadRules } from "#portal/app/text/leads.ts";

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const lead = {
  state: "registered",
  company: "acme.com",
  name: "Chris",
  email: "cto@acme.com",
  erased: false,
  answerBy: new Date(NOW + DAY).toISOString(),
  protectedUntil: new Date(NOW + 80 * DAY).toISOString(),
  isCustomer: false,
  conversionId: null,
  reason: null,
  reasonText: null,
  comment: null,
} as const;

describe("a lead in sentences", () => {
  it("says whose turn it is until when, and whose the prospect is", () => {
    expect(sayLead(lead, "partner", NOW).text).to.match(/^The brand has until .* to reject it\. It is yours until /);
    expect(sayLead(lead, "brand", NOW).text).to.match(/^You have until .* It is the partner's until /);
    expect(sayLead(lead, "partner", NOW + 2 * DAY).text).to.match(
      /^The time to reject it is over\. It is yours until /,
    );
    expect(sayLead({ ...lead, state: "qualified" }, "partner", NOW).text).to.match(
      /^No customer yet\. It is yours until /,
    );
    expect(sayLead({ ...lead, state: "qualified", isCustomer: true }, "partner", NOW).text).to.equal(
      "A customer now: what it buys counts as yours.",
    );
    expect(sayLead({ ...lead, state: "won", conversionId: "7" }, "brand", NOW).text).to.equal(
      "It bought: conversion 7.",
    );
  });

  it("is taken by rules that partners read", () => {
    const rules = { protectedDays: 90, answerDays: 7, asks: ["company", "note"], openPerPartner: 50 } as const;
    expect(sayLeadRules({ ...rules, asks: [...rules.asks], kinds: ["referral", 7] })).to.deep.equal([
      "Whoever registers a prospect first has it for 90 days; the brand can reject it for 7 days.",
      "The brand asks for the company's domain, a note. At most 50 of a partner are open at a time.",
      "For referral, group 7 partners.",
    ]);
  });

  it("says why it was rejected, by the brand's own words where no other say it", () => {
    const rejected = { ...lead, state: "rejected", comment: "In talks since May." } as const;
    expect(sayLead({ ...rejected, reason: "no_fit", reasonText: "Nobody." }, "partner").text).to.equal(
      "Nobody. In talks since May.",
    );
    expect(sayLead({ ...rejected, reason: "other", reasonText: "The brand says why." }, "partner").text).to.equal(
      "In talks since May.",
    );
  });

  it("is called by its company, or by its contact, and by nothing once that is erased", () => {
    const names = (one: Parameters<typeof nameOfLead>[0]) => [nameOfLead(one), contactOfLead(one)];
    expect(names(lead)).to.deep.equal(["acme.com", "Chris · cto@acme.com"]);
    expect(names({ ...lead, company: null })).to.deep.equal(["Chris", "cto@acme.com"]);
    expect(names({ ...lead, company: null, name: null })).to.deep.equal(["cto@acme.com", ""]);
    expect(names({ company: null, name: null, email: null, erased: true })).to.deep.equal(["Erased", ""]);
  });
});
