import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { afterOpinions, afterRevert } from "#relayer/domain/refusals.ts";

const numbers = [4n, 5n, 6n, 7n];
const yes = undefined;
const refuse = (...refused: bigint[]): Refusal => ({
  reason: "not these",
  transient: false,
  conversions: refused.map((number) => ({ number, reason: `no order ${number}` })),
});
const never: Refusal = { reason: "not at all", transient: false, conversions: [] };
const later: Refusal = { reason: "not yet", transient: true, conversions: [] };

describe("a batch that too few attesters would sign", () => {
  it("waits while those who may still say yes are enough", () => {
    expect(afterOpinions(numbers, [yes, later, never], 2)).to.deep.equal({ do: "wait" });
    expect(afterOpinions(numbers, [later, later, later], 2)).to.deep.equal({ do: "wait" });
  });

  it("goes on without the conversions that the attesters who ask for least would not have", () => {
    expect(afterOpinions(numbers, [refuse(5n, 6n), yes, refuse(5n)], 2)).to.deep.equal({
      do: "setAside",
      refused: new Map([[5n, "no order 5"]]),
    });
    expect(afterOpinions(numbers, [refuse(5n, 6n), later, refuse(5n)], 2)).to.deep.equal({
      do: "setAside",
      refused: new Map([
        [5n, "no order 5; no order 5"],
        [6n, "no order 6"],
      ]),
    });
  });

  it("leaves nothing to the brand that an attester refuses for now alone, even if it names conversions", () => {
    const notYet: Refusal = { ...refuse(5n), transient: true };
    expect(afterOpinions(numbers, [notYet, yes], 2)).to.deep.equal({ do: "wait" });
    expect(afterOpinions(numbers, [notYet, notYet], 1)).to.deep.equal({ do: "wait" });
    expect(afterOpinions(numbers, [notYet, refuse(6n), yes], 2)).to.deep.equal({
      do: "setAside",
      refused: new Map([[6n, "no order 6"]]),
    });
  });

  it("is halved when too many refuse it as a whole, down to the conversion that is to blame", () => {
    expect(afterOpinions(numbers, [never], 1)).to.deep.equal({ do: "halve" });
    expect(afterOpinions(numbers, [never, never, later], 2)).to.deep.equal({ do: "halve" });
    expect(afterOpinions([4n, 5n], [never], 1)).to.deep.equal({ do: "halve" });
    expect(afterOpinions([4n], [never, later, never], 2)).to.deep.equal({
      do: "setAside",
      refused: new Map([[4n, "not at all; not at all"]]),
    });
  });
});

describe("a batch that the contract would not take", () => {
  const remedies = {
    ConversionOutOfOrder: "rebuild",
    DeadlinePassed: "rebuild",
    InvalidPeriod: "wait",
    CampaignSuspended: "wait",
    InsufficientBudget: "halve",
    DailyLimitExceeded: "halve",
    CampaignClosed: "setAside",
    UnknownCampaign: "halve",
  };
  for (const [error, remedy] of Object.entries(remedies)) {
    it(`given ${error}: ${remedy}`, () => {
      expect(afterRevert(numbers, error, "words").do).to.equal(remedy);
    });
  }

  it("given one conversion for which there is no money today, waits", () => {
    for (const error of ["DailyLimitExceeded", "InsufficientBudget"]) {
      expect(afterRevert([4n, 5n], error, "words")).to.deep.equal({ do: "halve" });
      expect(afterRevert([4n], error, "words")).to.deep.equal({ do: "wait" });
    }
  });

  it("given one conversion that is never payable, sets it aside with the contract's words", () => {
    expect(afterRevert([4n], "UnknownCampaign", "words")).to.deep.equal({
      do: "setAside",
      refused: new Map([[4n, "words"]]),
    });
  });
});
