import { expect } from "chai";
import type { Interface } from "ethers";
import { SiweMessage } from "siwe";
import type { ReportRow } from "#portal/app/api/schema.d.ts";
import { offerCosts, whomToHelp, whomToPromote } from "#portal/app/campaign/advice.ts";
import { progressOf } from "#portal/app/campaign/objectives.ts";
import { byDay, periods, type Total, total } from "#portal/app/campaign/series.ts";
import { fundingInterface } from "#portal/app/chain/contracts.ts";
import { tokenInterface } from "#portal/app/chain/token.ts";
import { toCsv } from "#portal/app/text/csv.ts";
import { durationText } from "#portal/app/text/dates.ts";
import { explain } from "#portal/app/text/failure.ts";
import { explainedErrors } from "#portal/app/text/reverts.ts";
import { signInMessage } from "#portal/app/wallet/signIn.ts";
import { IPartnerPrograms__factory } from "#typechain/factories/interfaces/IPartnerPrograms__factory.ts";

const DOLLAR = { symbol: "DUSD", decimals: 6 };
const programs = IPartnerPrograms__factory.createInterface() as unknown as Interface;

const row = (given: Partial<ReportRow>): ReportRow => ({
  day: "2026-01-02",
  group: "campaign",
  clicks: 0,
  conversions: 0,
  rejected: 0,
  reversed: 0,
  volumeBaseUnits: "0",
  commission: "0",
  fees: "0",
  reversedCommission: "0",
  ...given,
});
const sum = (given: Partial<ReportRow>): Total => total([row(given)]);

describe("the portal's words and numbers", () => {
  describe("errors", () => {
    it("has a sentence for every error of the contract", () => {
      const names: string[] = [];
      programs.forEachError(({ name }) => names.push(name));
      expect(names.length).to.be.above(50);
      expect(names.filter((name) => !explainedErrors.includes(name))).to.deep.equal([]);
      // And for none that there is not: of tokens, of Permit2, of the contract that funds by a signature.
      for (const one of [tokenInterface, fundingInterface]) one.forEachError(({ name }) => names.push(name));
      expect(explainedErrors.filter((name) => !names.includes(name))).to.deep.equal(["SafeERC20FailedOperation"]);
    });

    it("finds a revert wherever wallets and nodes put it, with amounts in tokens", () => {
      const data = programs.encodeErrorResult("InsufficientBudget", [`0x${"00".repeat(32)}`, 5_000_000n, 1_500_000n]);
      for (const thrown of [
        { data },
        { code: -32603, data: { data } },
        { info: { error: { data } } },
        { error: { data: { data } } },
      ]) {
        const { title, remedy } = explain(thrown, [programs], DOLLAR);
        expect(title).to.equal("The budget has 1.50 DUSD; 5 DUSD are needed.");
        expect(remedy).to.equal("Top up the campaign, or name at most what there is.");
      }
    });

    it("says of no batch and of a line too few what each is", () => {
      const said = (count: number, expected: number) =>
        explain({ data: programs.encodeErrorResult("InvalidLineCount", [count, expected]) }, [programs]).title;
      expect(said(0, 0)).to.equal("Nothing was given to be settled.");
      expect(said(1, 2)).to.equal("1 line was given; there have to be 2.");
    });

    it("says what to do about what wallets say", () => {
      expect(explain({ code: 4001 }).title).to.equal("You declined in the wallet.");
      expect(explain({ code: "ACTION_REJECTED" }).title).to.equal("You declined in the wallet.");
      expect(explain({ code: -32002 }).remedy).to.contain("Open the wallet");
      expect(explain({ code: -32000, message: "insufficient funds for gas * price + value" }).title).to.equal(
        "The account has too little gas.",
      );
      expect(explain({ data: "0xdeadbeef" }, [programs]).remedy).to.contain("0xdeadbeef");
      expect(explain(new Error("something else")).title).to.equal("something else");
    });
  });

  it("says durations in the units they are thought in", () => {
    expect(durationText(14 * 86_400)).to.equal("14 days");
    expect(durationText(5_400)).to.equal("1 hour 30 minutes");
    expect(durationText(0)).to.equal("0 seconds");
    expect(durationText(90_061, "rough")).to.equal("1 day");
  });

  it("asks for a sign-in as EIP-4361 has it", () => {
    const address = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
    const issuedAt = "2026-01-02T03:04:05.000Z";
    const message = new SiweMessage(
      signInMessage({
        domain: "portal.example",
        address,
        uri: "https://portal.example",
        chainId: 31_337,
        nonce: "abcdefgh12345678",
        issuedAt,
      }),
    );
    expect(message).to.include({
      domain: "portal.example",
      address,
      chainId: 31_337,
      nonce: "abcdefgh12345678",
      issuedAt,
    });
  });

  it("marks cells that a spreadsheet would carry out", () => {
    const columns = [
      { title: "a", csv: (value: string) => value },
      { title: "not in the file" },
      { title: "b", csv: () => 2 },
    ];
    expect(toCsv(columns, ["=1+1", 'say "x", y'])).to.equal('a,b\r\n\'=1+1,2\r\n"say ""x"", y",2\r\n');
  });

  describe("series", () => {
    it("has every day, and sums the small groups", () => {
      const rows = ["a", "b", "c", "d"].map((group, i) => row({ group, conversions: 4 - i }));
      const { groups, days } = byDay(rows, "conversions", 6, { from: "2026-01-01", to: "2026-01-03" }, 2);
      expect(groups).to.deep.equal(["a", "b", "others"]);
      expect(days).to.deep.equal([
        { day: "2026-01-01", a: 0, b: 0, others: 0 },
        { day: "2026-01-02", a: 4, b: 3, others: 3 },
        { day: "2026-01-03", a: 0, b: 0, others: 0 },
      ]);
    });

    it("compares periods that touch and do not overlap", () => {
      const { now, before } = periods(30, Date.parse("2026-03-31T23:00:00Z"));
      expect(now).to.deep.equal({ from: "2026-03-02", to: "2026-03-31" });
      expect(before).to.deep.equal({ from: "2026-01-31", to: "2026-03-01" });
    });

    it("measures objectives that say what to count", () => {
      const rows = [
        row({ group: "signup", conversions: 3 }),
        row({ group: "signup", conversions: 5, day: "2025-01-01" }),
        row({ group: "sale", conversions: 9 }),
      ];
      const now = Date.parse("2026-01-10T00:00:00Z");
      expect(progressOf("1,500 signup in 90 days", rows, now)).to.deep.equal({ wanted: 1_500, reached: 3 });
      expect(progressOf("Be known in Portugal", rows, now)).to.equal(undefined);
    });
  });

  describe("advice", () => {
    const all = sum({ clicks: 200, conversions: 20 });
    it("promotes who converts at least as well, and helps who does not", () => {
      const now = new Map([
        ["good", sum({ clicks: 50, conversions: 10 })],
        ["few", sum({ clicks: 2, conversions: 2 })],
        ["reversed", sum({ clicks: 50, conversions: 8, reversed: 8 })],
        ["idle", sum({ clicks: 60, conversions: 1 })],
        ["fallen", sum({ clicks: 10, conversions: 1 })],
      ]);
      const before = new Map([["fallen", sum({ clicks: 50, conversions: 12 })]]);
      expect(whomToPromote(now, all).map(({ partner }) => partner)).to.deep.equal(["good"]);
      expect(whomToHelp(now, before, all).map(({ partner }) => partner)).to.deep.equal(["idle", "fallen"]);
    });

    it("calls an offer too dear when it costs more than it brings, and does not guess what it brings", () => {
      const now = new Map([
        ["1", sum({ conversions: 10, commission: "20000000", fees: "1000000" })],
        ["2", sum({ conversions: 1, volumeBaseUnits: "100000000", commission: "40000000" })],
      ]);
      const known = offerCosts(now, { marginPercent: 30, worth: 2_000_000n });
      expect(known.map(({ tooDear }) => tooDear)).to.deep.equal([true, true]);
      const unknown = offerCosts(now, { marginPercent: 45, worth: undefined });
      expect(unknown.map(({ brought, tooDear }) => [brought, tooDear])).to.deep.equal([
        [undefined, false],
        [45_000_000n, false],
      ]);
    });
  });
});
