import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { sayFate } from "#portal/app/pages/public/proof.ts";
import { dateText } from "#portal/app/text/dates.ts";
import {
  isAnnounced,
  type Said,
  sayAnnounced,
  sayAttesters,
  sayLimit,
  sayNotice,
  worthNow,
} from "#portal/app/text/trust.ts";
import { sayLine, sayTerms } from "#portal/app/text/words.ts";

const DAY = 86_400;
const DOLLAR = { symbol: "DUSD", decimals: 6 };
const NOW = 1_800_000_000;
const A = `0x${"aa".repeat(20)}`;
const B = `0x${"bb".repeat(20)}`;
const C = `0x${"cc".repeat(20)}`;
const texts = (said: readonly Said[]) => said.map(({ text }) => text).join("\n");
const warnings = (said: readonly Said[]) => said.filter(({ warning }) => warning === true).map(({ text }) => text);

describe("what a campaign's page says of trust", () => {
  describe("attesters", () => {
    const three = { threshold: 2n, attesters: [A, B, C], brandAttests: false, contractAttesters: 0n };

    it("are counted, with what they can do and cannot", () => {
      const said = sayAttesters(three);
      expect(warnings(said)).to.deep.equal([]);
      expect(texts(said))
        .to.contain("2 of 3 attesters have to sign")
        .and.to.contain("Whoever commands 2 of them can pay whom it likes")
        .and.to.contain("2 of them can also withhold");
    });

    it("are named where the brand is one of them, or the only one", () => {
      expect(warnings(sayAttesters({ ...three, brandAttests: true }))).to.deep.equal([
        "The brand itself is one of the attesters: it needs 1 of the others.",
      ]);
      const alone = { threshold: 1n, attesters: [A], brandAttests: true, contractAttesters: 0n };
      expect(warnings(sayAttesters(alone))).to.deep.equal([
        "The brand is its own only attester: nobody else checks what it says.",
      ]);
    });

    it("are named where they are contracts, by their place in the mask", () => {
      expect(warnings(sayAttesters({ ...three, contractAttesters: 0b100n }))[0])
        .to.contain("One of the attesters is a contract, 0xcccc…cccc:")
        .and.to.contain("That may be the brand");
      expect(warnings(sayAttesters({ ...three, contractAttesters: 0b101n }))[0]).to.contain(
        "2 of the attesters are contracts, 0xaaaa…aaaa, 0xcccc…cccc:",
      );
      const alone = { threshold: 1n, attesters: [B], brandAttests: false, contractAttesters: 1n };
      expect(warnings(sayAttesters(alone))[0]).to.contain("The only attester is a contract, 0xbbbb…bbbb");
    });
  });

  describe("the daily limit", () => {
    const limited = {
      dailyLimit: 50_000_000n,
      remainingToday: 12_340_000n,
      available: 900_000_000n,
      next: 0n,
      nextAt: 0,
    };

    it("says what is left today, and that the rest waits for tomorrow", () => {
      expect(texts(sayLimit(limited, DOLLAR, NOW))).to.equal(
        "At most 50 DUSD can be attested in a day (UTC), fees included. Today 12.34 DUSD of it are left.",
      );
      expect(texts(sayLimit({ ...limited, remainingToday: 0n }, DOLLAR, NOW))).to.contain("is attested tomorrow");
    });

    it("says what is announced, with its time, and warns where it is more", () => {
      const at = NOW + DAY;
      const lower = sayLimit({ ...limited, next: 1_000_000n, nextAt: at }, DOLLAR, NOW);
      expect(lower[1]).to.deep.equal({ text: `From ${dateText(at)} on: 1 DUSD a day.`, warning: false });
      const none = sayLimit({ ...limited, next: NO_LIMIT, nextAt: at }, DOLLAR, NOW);
      expect(none[1]).to.deep.equal({ text: `From ${dateText(at)} on: no limit any more.`, warning: true });
      expect(sayLimit({ ...limited, next: NO_LIMIT, nextAt: NOW }, DOLLAR, NOW)).to.have.length(1);
    });

    it("warns where there is none, with what that puts at stake", () => {
      expect(warnings(sayLimit({ ...limited, dailyLimit: NO_LIMIT }, DOLLAR, NOW))[0]).to.contain(
        "all that is available, 900 DUSD, can be attested in one day",
      );
    });
  });

  it("says what the notice protects, and that without a limit it does not bound a thief", () => {
    expect(texts(sayNotice(7 * DAY, true))).to.contain("at most the daily limit a day until 7 days are over");
    expect(warnings(sayNotice(7 * DAY, true))).to.deep.equal([]);
    expect(warnings(sayNotice(7 * DAY, false))[0]).to.contain("there is no daily limit");
  });

  describe("what is announced", () => {
    const withdrawal = { amount: 80_000_000n, at: NOW + DAY, available: 60_000_000n };
    const nothing = {
      withdrawal: { ...withdrawal, at: 0 },
      pendingBrand: ZeroAddress,
      transferableAt: 0,
      closesAt: 0,
      attestersAnnounced: false,
    };

    it("names a withdrawal by what it would pay now", () => {
      expect(worthNow(withdrawal)).to.equal(60_000_000n);
      expect(worthNow({ ...withdrawal, available: 90_000_000n })).to.equal(80_000_000n);
      expect(sayAnnounced({ ...nothing, withdrawal }, DOLLAR, NOW)).to.deep.equal([
        `The brand may withdraw 60 DUSD from ${dateText(NOW + DAY)} on, until ${dateText(NOW + 8 * DAY)}. What is attested until then can lower it; nothing raises it.`,
      ]);
    });

    it("forgets a withdrawal that lapsed, to the second", () => {
      expect(isAnnounced(withdrawal, NOW + 8 * DAY - 1)).to.equal(true);
      expect(isAnnounced(withdrawal, NOW + 8 * DAY)).to.equal(false);
      expect(sayAnnounced({ ...nothing, withdrawal }, DOLLAR, NOW + 8 * DAY)).to.deep.equal([]);
    });

    it("names who may take the campaign over, other attesters, and the end", () => {
      const at = NOW + 7 * DAY;
      const said = sayAnnounced(
        { ...nothing, pendingBrand: B, transferableAt: at, closesAt: at, attestersAnnounced: true },
        DOLLAR,
        NOW,
      );
      expect(said[0]).to.contain(`offered to 0xbbbb…bbbb, who can take it over from ${dateText(at)} on`);
      expect(said.slice(1)).to.deep.equal([
        "Other attesters are announced.",
        `It closes on ${dateText(at)}: what happens after that is not paid.`,
      ]);
      expect(sayAnnounced(nothing, DOLLAR, NOW)).to.deep.equal([]);
    });
  });

  it("says who keeps the lines, and what no hold means", () => {
    const terms = { holdSeconds: DAY, noticeSeconds: 7 * DAY, openKinds: 1n << 63n, linesOnChain: false, token: A };
    const said = (given: Partial<typeof terms>) =>
      sayTerms({ ...terms, ...given }, null as Campaign["description"]).join("\n");
    expect(said({})).to.contain("the relayer and every attester keep it").and.to.contain("group 63");
    expect(said({ linesOnChain: true })).to.contain("is written on the chain");
    expect(said({ holdSeconds: 0 }))
      .to.contain("is written on the chain")
      .and.to.contain("no refund takes it back");
  });
});

describe("what becomes of a partner's line", () => {
  const line = { releaseAt: NOW + 60, lowered: false, faultText: null } as const;

  it("is said with its time and its reason, in every state", () => {
    const said = (["signed", "held", "pullable", "credited", "claimed", "pulled", "refused"] as const).map((state) =>
      sayLine({ ...line, state }, NOW),
    );
    expect(said.map(({ label }) => label)).to.deep.equal([
      "On its way",
      "On hold",
      "Due",
      "Released",
      "Claimed",
      "Paid",
      "Refused",
    ]);
    expect(said[1]?.text).to.contain(dateText(NOW + 60, "second"));
    expect(sayLine({ ...line, state: "held" }, NOW + 60).label).to.equal("Due");
  });

  it("names the fault, and where the money went", () => {
    const refused = sayLine({ ...line, state: "refused", faultText: "The partner was not of the offer's kind." }, NOW);
    expect(refused.text)
      .to.contain("The partner was not of the offer's kind.")
      .and.to.contain("went back to the campaign's budget");
  });

  it("says that a refund lowered it", () => {
    for (const state of ["held", "pullable", "credited", "claimed", "pulled"] as const)
      expect(sayLine({ ...line, state, lowered: true }, NOW).text, state).to.contain(
        "A refund within the hold lowered it.",
      );
  });

  it("is proven as settled, due, on hold, or refused with its fault", () => {
    const fate = { releaseAt: NOW, settled: false, lowered: undefined, refused: undefined };
    const outcome = (given: Partial<typeof fate> | object) => sayFate({ ...fate, ...given }, A, DOLLAR, NOW);
    expect(outcome({ releaseAt: NOW + 1 })).to.include({ outcome: "open" });
    expect(outcome({}).text).to.contain("The hold is over");
    expect(outcome({ settled: true })).to.include({ outcome: "holds" });
    expect(outcome({ settled: true, releaseAt: 0 }).text).to.contain("no hold");
    const refused = outcome({ settled: true, refused: { fault: 6, returned: 2_000_000n } });
    expect(refused).to.include({ outcome: "fails" });
    expect(refused.text).to.contain("not of the offer's kind").and.to.contain("2 DUSD");
  });
});
