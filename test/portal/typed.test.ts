import { expect } from "chai";
import fc from "fast-check";
import type { Draft, OfferDraft } from "#portal/app/campaign/draft.ts";
import { problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { toOffer } from "#portal/app/campaign/newCampaign.ts";
import { toDecimal } from "#portal/app/text/money.ts";
import { fromTyped } from "#portal/app/text/typed.ts";

const LANGUAGES = ["en", "en-IN", "de", "de-CH", "fr", "es", "pl", "pt-BR", "sv", "ja"];

describe("a number as people type it", () => {
  it("is read as its language writes it, whatever it is, without loss", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });
    fc.assert(
      fc.property(amount, fc.constantFrom(0, 2, 6, 18), fc.constantFrom(...LANGUAGES), (value, decimals, language) => {
        const format = new Intl.NumberFormat(language, { maximumFractionDigits: 20 });
        // A string keeps every digit, where a number would not.
        const text = format.format(toDecimal(value, decimals) as unknown as number);
        expect(fromTyped(text, decimals, language), `${text} in ${language}`).to.equal(value);
      }),
    );
  });

  it("is read with a point by everybody, unless that parts thousands in their language", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.constantFrom(...LANGUAGES), (value, language) => {
        const text = toDecimal(value, 6);
        if (!/^[1-9]\d{0,2}\.\d{3}$/.test(text)) expect(fromTyped(text, 6, language), text).to.equal(value);
      }),
    );
    expect(fromTyped("1.234", 6, "en")).to.equal(1_234_000n);
    expect(fromTyped("1.234", 6, "de")).to.equal(1_234_000_000n);
    expect(fromTyped("1,234", 6, "en")).to.equal(1_234_000_000n);
    expect(fromTyped("1,234", 6, "de")).to.equal(1_234_000n);
    expect(fromTyped("0,234", 6, "en")).to.equal(234_000n);
  });

  it("may have its thousands parted by whatever people part them with", () => {
    for (const text of [
      "1 234 567.5",
      "1\u00a0234\u202f567,5",
      "1'234'567.5",
      "1’234’567.5",
      "1.234.567,5",
      "12,34,567.5",
    ])
      expect(fromTyped(text, 1, "en"), text).to.equal(12_345_675n);
    expect(fromTyped(" 50,000 ", 0, "en")).to.equal(50_000n);
  });

  it("is nothing where it cannot be meant", () => {
    for (const wrong of [
      "",
      " ",
      "-1",
      "+1",
      "1e6",
      "1.5.0",
      "1,2,3",
      "1 00",
      "1 2345",
      "12 34.5",
      "1,234.5,6",
      "0x1",
      "x1",
      "1x",
      ".5",
      ",",
    ])
      expect(fromTyped(wrong, 6, "en"), wrong).to.equal(undefined);
    expect(fromTyped("1.5", 0, "en"), "finer than the token").to.equal(undefined);
    expect(fromTyped("0,0000001", 6, "de"), "finer than the token").to.equal(undefined);
  });
});

describe("a percentage of a draft", () => {
  const offer = (ratePercent: string) =>
    ({ id: 1, event: "sale", kind: 0, partner: "", title: "A sale", flat: "", ratePercent, cap: "100" }) as OfferDraft;
  const problemOf = (ratePercent: string) =>
    problemsOf({ ...EMPTY, offers: [offer(ratePercent)] } as unknown as Draft)["offer-1"];
  const EMPTY = {
    name: "",
    destination: "",
    format: { symbol: "DUSD", decimals: 6 },
    noticeSeconds: 0,
    holdSeconds: 0,
    windowSeconds: 0,
    attesters: "",
    threshold: "1",
    dailyLimit: "",
    velocityPerHour: "",
    leadDays: "",
    budget: "",
  };

  it("is exact, each of the ten thousand that there are", () => {
    for (let bps = 1; bps <= 10_000; bps++) {
      const text = toDecimal(BigInt(bps), 2);
      for (const spelling of [text, text.replace(".", ",")]) {
        expect(problemOf(spelling), spelling).to.equal(undefined);
        expect(toOffer(offer(spelling), 6, 0).rateBps, spelling).to.equal(bps);
      }
    }
  });

  it("is refused by its own words above a hundred, below nothing and between its hundredths", () => {
    for (const wrong of ["100.01", "-1", "1.005", "ten"])
      expect(problemOf(wrong), wrong).to.include(`"${wrong}" is no percentage`);
  });
});
