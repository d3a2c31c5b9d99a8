import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { id } from "ethers";
import { checkConditions, conditionsIn, type Paid } from "#scripts/audit/conditions.ts";
import { Findings } from "#scripts/audit/findings.ts";

const description = (conditions: unknown[]) =>
  JSON.stringify({
    version: 1,
    name: "n",
    summary: "s",
    destination: "https://brand.example/",
    attribution: { touch: "first", windowSeconds: 1, bindingSeconds: null },
    events: [{ name: "sale", title: "t", perCustomer: null, attributes: { plan: { type: "text" } } }],
    conditions,
  });
const PLAN = { offers: [1], attributes: { plan: { oneOf: ["annual"] } } };
const FIRST = { offers: [2], customer: { purchase: "first" } };

const paid = (offerId: number, changes: Partial<Paid> = {}): Paid => ({
  number: "7",
  salt: id("salt"),
  entries: [packLine({ offerId, partner: `0x${"11".repeat(20)}`, count: 1, volumeUnits: 5n })],
  receivedAt: 100,
  attestedAt: 200,
  shown: { event: "sale", attributes: { plan: "annual" }, history: { customer: {} } },
  ...changes,
});

/** The descriptions, each with the time from which it is in force. */
function audit(one: Paid, ...published: [effectiveAt: number, conditions: unknown[] | "missing" | "unreadable"][]) {
  const findings = new Findings();
  const texts = published.map(([effectiveAt, of], i) => ({
    effectiveAt,
    hash: id(`description ${i}`),
    text: of === "missing" ? undefined : of === "unreadable" ? "{}" : description(of),
  }));
  const announced = texts.map(({ effectiveAt, hash }) => ({ effectiveAt, hash }));
  const served = texts.flatMap(({ hash, text }) => (text === undefined ? [] : [[hash, text] as const]));
  checkConditions(findings, one, announced, conditionsIn({ announced, texts: new Map(served) }));
  const found = findings.list().find(({ name }) => name === "conditions");
  return [found?.checked, ...(found?.differences ?? [])];
}

describe("an audit of conditions", () => {
  const shown = { event: "sale", attributes: { plan: "monthly" }, history: { customer: {} } };

  it("finds a conversion that an offer paid whose conditions do not hold by what is shown of it", () => {
    expect(audit(paid(1), [0, [PLAN]])).to.deep.equal([1]);
    expect(audit(paid(1, { shown }), [0, [PLAN]])).to.deep.equal([
      1,
      'Conversion 7 was paid by offer 1, whose conditions do not hold: plan is "monthly", and it pays where plan is "annual".',
    ]);
    const again = { ...shown, history: { customer: { sale: { conversions: 1, firstAt: 5 } } } };
    expect(audit(paid(2, { shown: again }), [0, [FIRST]]).join()).to.contain('had 1 of event "sale" before');
    expect(audit(paid(2, { shown: { ...shown, history: null } }), [0, [FIRST]]).join()).to.contain("is not known");
    expect(audit(paid(3, { shown }), [0, [PLAN, FIRST]]), "named by none").to.deep.equal([1]);
  });

  it("goes by the description in force when it was received, or by one since, by which it was judged again", () => {
    const one = paid(1, { shown });
    expect(audit(one, [0, []], [101, [PLAN]])).to.deep.equal([1]);
    expect(audit(one, [0, [PLAN]], [150, []])).to.deep.equal([1]);
    expect(audit(one, [0, [PLAN]], [201, []])).to.have.length(2);
    expect(audit(one, [0, []], [100, [PLAN]])).to.have.length(2);
    expect(audit(one), "no description is known").to.deep.equal([0]);
  });

  it("decides nothing by a description that is missing or cannot be read: it may have had any conditions", () => {
    const one = paid(1, { shown });
    for (const unknown of ["missing", "unreadable"] as const) {
      expect(audit(one, [0, unknown])).to.deep.equal([0]);
      expect(audit(one, [0, [PLAN]], [150, unknown]), "judged again by it").to.deep.equal([0]);
      expect(audit(one, [0, unknown], [150, [PLAN]])).to.deep.equal([0]);
      expect(audit(one, [0, unknown], [150, []]), "it pays by the other").to.deep.equal([1]);
    }
  });
});
