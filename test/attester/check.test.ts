import { expect } from "chai";
import { id } from "ethers";
import { type ChainFacts, refusal } from "../../attester/check.ts";
import { sumToLines } from "../../protocol/line.ts";
import { type ConversionLeaf, conversionTree } from "../../protocol/trees.ts";
import type { Attestation } from "../../protocol/typedData.ts";

const PARTNER = "0x1111111111111111111111111111111111111111";
const OTHER = "0x2222222222222222222222222222222222222222";

const conversions: ConversionLeaf[] = [0, 1, 2].map((i) => ({
  number: BigInt(7 + i),
  key: id(`key ${i}`),
  salt: id(`salt ${i}`),
  entries: [{ offerId: 1, partner: PARTNER, count: 1, volumeUnits: 10n }],
}));

const attestation: Attestation = {
  campaignId: id("campaign"),
  firstConversion: 7n,
  conversions: 3,
  periodFrom: 100,
  periodTo: 200,
  deadline: 1_000,
  conversionsRoot: conversionTree(conversions).root,
  lines: sumToLines(conversions.flatMap(({ entries }) => entries)),
};

const chain: ChainFacts = {
  nextConversion: 7n,
  time: 300,
  offers: new Map([[1, { capUnits: 10n, validFrom: 100, validTo: 200 }]]),
};

/** Conversions changed in one place, with the root that goes with them. */
function changed(change: (leaf: ConversionLeaf, i: number) => ConversionLeaf): [Attestation, ConversionLeaf[]] {
  const leaves = conversions.map(change);
  return [{ ...attestation, conversionsRoot: conversionTree(leaves).root }, leaves];
}

describe("an attester", () => {
  it("signs what it derives itself", () => {
    expect(refusal(attestation, conversions, chain, [])).to.equal(undefined);
  });

  it("refuses a number that is not the campaign's next, or a gap", () => {
    expect(refusal(attestation, conversions, { ...chain, nextConversion: 8n }, [])).to.equal(
      "The attestation begins with conversion 7, the campaign's next is 8.",
    );
    expect(refusal(...changed((leaf, i) => (i === 2 ? { ...leaf, number: 10n } : leaf)), chain, [])).to.equal(
      "Conversion 2 has number 10 instead of 9.",
    );
    expect(refusal({ ...attestation, conversions: 2 }, conversions, chain, [])).to.equal(
      "The attestation says 2 conversions, 3 were given.",
    );
  });

  it("refuses lines that are not the sums", () => {
    const [line] = attestation.lines;
    if (line === undefined) throw new Error("no line");
    for (const lines of [
      [{ ...line, count: 4 }],
      [{ ...line, partner: OTHER }],
      [{ ...line, volumeUnits: 31n }],
      [line, { ...line, offerId: 2 }],
    ]) {
      expect(refusal({ ...attestation, lines }, conversions, chain, [])).to.equal(
        "The lines are not the sums of the conversions.",
      );
    }
  });

  it("refuses another root", () => {
    expect(refusal({ ...attestation, conversionsRoot: id("other") }, conversions, chain, [])).to.contain(
      "the attestation says",
    );
  });

  it("refuses a conversion that counts twice, is above the cap, or is of no offer", () => {
    const twice = changed((leaf) => ({ ...leaf, entries: leaf.entries.map((entry) => ({ ...entry, count: 2 })) }));
    expect(refusal(...twice, chain, [])).to.equal("An entry of conversion 7 counts 2 times.");
    const above = changed((leaf) => ({
      ...leaf,
      entries: leaf.entries.map((entry) => ({ ...entry, volumeUnits: 11n })),
    }));
    expect(refusal(...above, chain, [])).to.equal("An entry of conversion 7 has volume 11 above the cap 10.");
    const foreign = changed((leaf) => ({ ...leaf, entries: leaf.entries.map((entry) => ({ ...entry, offerId: 9 })) }));
    expect(refusal(...foreign, chain, [])).to.equal("Conversion 7 names offer 9, which the campaign does not have.");
    const repeated = changed((leaf) => ({ ...leaf, key: id("one key") }));
    expect(refusal(...repeated, chain, [])).to.equal("A conversion key stands in the batch twice.");
  });

  it("refuses a period outside an offer's validity", () => {
    expect(refusal({ ...attestation, periodFrom: 99 }, conversions, chain, [])).to.equal(
      "The period is not within the validity of offer 1.",
    );
    expect(refusal({ ...attestation, periodTo: 201 }, conversions, chain, [])).to.equal(
      "The period is not within the validity of offer 1.",
    );
  });

  it("signs a number or a conversion again only when what it signed before can never be attested", () => {
    const earlier = { digest: id("earlier"), firstConversion: 7n, deadline: 299, attested: false };
    expect(refusal(attestation, conversions, chain, [earlier])).to.equal(undefined);
    expect(refusal(attestation, conversions, chain, [{ ...earlier, deadline: 300 }])).to.contain(
      "can still be attested",
    );
    expect(refusal(attestation, conversions, chain, [{ ...earlier, attested: true }])).to.contain("was attested");
    // Another attestation took its numbers: it is dead before its deadline.
    const overtaken = { ...earlier, firstConversion: 4n, deadline: 300 };
    expect(refusal(attestation, conversions, chain, [overtaken])).to.equal(undefined);
    expect(refusal(attestation, conversions, chain, [{ ...overtaken, attested: true }])).to.contain("was attested");
  });
});
