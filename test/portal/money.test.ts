import { expect } from "chai";
import {
  amountText,
  averageText,
  countText,
  exactText,
  fromDecimal,
  moneyText,
  percentText,
  shareText,
  shortAddress,
  toDecimal,
} from "#portal/app/text/money.ts";

const DOLLAR = { symbol: "DUSD", decimals: 6 };
const POINTS = { symbol: "PTS", decimals: 0 };
const CENTS = { symbol: "CENT", decimals: 1 };

describe("money as people read it", () => {
  it("is not rounded away, however small a price is", () => {
    for (const [amount, text] of [
      [2_500n, "0.0025"],
      [1n, "0.000001"],
      [10_000n, "0.01"],
      [100_000n, "0.10"],
      [999_999n, "0.999999"],
      [1_000_000n, "1"],
      [1_500_000n, "1.50"],
      [1_234_567_891n, "1,234.567891"],
      [0n, "0"],
      [-2_500n, "-0.0025"],
    ] as const) {
      expect(amountText(amount, DOLLAR), String(amount)).to.equal(text);
      expect(moneyText(String(amount), DOLLAR)).to.equal(`${text} DUSD`);
    }
    expect(amountText(15n, CENTS)).to.equal("1.5");
    expect(amountText(1_234_567n, POINTS)).to.equal("1,234,567");
    // More digits than a number can hold.
    expect(amountText(9_007_199_254_740_993_000_001n, DOLLAR)).to.equal("9,007,199,254,740,993.000001");
  });

  it("has every digit where it is signed", () => {
    expect(exactText(2_500n, DOLLAR)).to.equal("0.0025 DUSD");
    expect(exactText(1_234_500_000n, DOLLAR)).to.equal("1,234.50 DUSD");
    expect(exactText(15n, CENTS)).to.equal("1.5 CENT");
    expect(exactText(1_000_000n, DOLLAR)).to.equal("1 DUSD");
    expect(exactText(7n, POINTS)).to.equal("7 PTS");
  });

  it("is a decimal number and back, without loss", () => {
    for (const [amount, decimals, text] of [
      [0n, 6, "0"],
      [1n, 6, "0.000001"],
      [-1n, 6, "-0.000001"],
      [1_000_000n, 6, "1"],
      [12_340_000n, 6, "12.34"],
      [100n, 0, "100"],
      [-100n, 0, "-100"],
      [10n ** 30n + 1n, 18, "1000000000000.000000000000000001"],
    ] as const) {
      expect(toDecimal(amount, decimals)).to.equal(text);
      expect(toDecimal(String(amount), decimals)).to.equal(text);
      if (amount >= 0n) expect(fromDecimal(text, decimals)).to.equal(amount);
    }
    expect(fromDecimal(" 1.50 ", 6)).to.equal(1_500_000n);
    expect(fromDecimal("1.", 6)).to.equal(1_000_000n);
    expect(fromDecimal("1.5", 1)).to.equal(15n);
    expect(fromDecimal("9".repeat(30), 0)).to.equal(10n ** 30n - 1n);
    for (const wrong of ["", " ", ".5", "-1", "+1", "1e6", "1,5", "1.5.0", "0x1", "1 000", "1".repeat(31), "x1", "1x"])
      expect(fromDecimal(wrong, 6), wrong).to.equal(undefined);
    expect(fromDecimal("0.0000001", 6), "finer than the token").to.equal(undefined);
    expect(fromDecimal("1.5", 0)).to.equal(undefined);
  });

  it("is an average only where there is something to divide by", () => {
    expect(averageText(10_000_000n, 4, DOLLAR)).to.equal("2.5 DUSD");
    expect(averageText(10_000_000n, 3, DOLLAR)).to.equal("3.33 DUSD");
    expect(averageText(0n, 3, DOLLAR)).to.equal("0 DUSD");
    expect(averageText(1n, 0, DOLLAR)).to.equal("–");
  });

  it("is a share of something, in percent", () => {
    expect(shareText(1, 8)).to.equal("12.5%");
    expect(shareText(1n, 3n)).to.equal("33.3%");
    expect(shareText(10n ** 30n, 2n * 10n ** 30n)).to.equal("50%");
    expect(shareText(0, 5)).to.equal("0%");
    expect(shareText(5, 0)).to.equal("–");
    expect(shareText(5n, 0n)).to.equal("–");
    expect(percentText(1_250)).to.equal("12.5%");
    expect(percentText(1n)).to.equal("0.01%");
    expect(percentText(10_000)).to.equal("100%");
  });

  it("is counted with its thousands, and an address is shown by its ends", () => {
    expect(countText(1_234_567)).to.equal("1,234,567");
    expect(countText(10n ** 18n)).to.equal("1,000,000,000,000,000,000");
    expect(shortAddress("0x1234567890abcdef1234567890abcdef12345678")).to.equal("0x1234…5678");
  });
});
