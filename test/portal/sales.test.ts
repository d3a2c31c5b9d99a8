import { expect } from "chai";
import { shortAddress } from "#portal/app/text/money.ts";
import { rateText, saleText } from "#portal/app/text/sales.ts";

describe("a sale in its own currency, as the portal writes it", () => {
  const feed = `0x${"11".repeat(20)}`;
  const token = { symbol: "DUSD" };
  const observedAt = Date.UTC(2026, 10, 28, 10) / 1000;

  it("has the digits of its currency, and every one that it has itself", () => {
    expect(saleText({ currency: "EUR", volume: "49.9" })).to.match(/49[.,]90/);
    expect(saleText({ currency: "JPY", volume: "5000" })).to.match(/5.?000$|5.?000\D+$/);
    expect(saleText({ currency: "KWD", volume: "1.23" })).to.match(/1[.,]230/);
    expect(saleText({ currency: "EUR", volume: "0.000001" })).to.match(/0[.,]000001/);
    // More digits than a floating-point number has.
    expect(saleText({ currency: "EUR", volume: "123456789012345678.91" })).to.match(/678[.,]91/);
  });

  it("has its rate as it is and where that stands, shortened where there is no room", () => {
    const rate = { numerator: "108230000", denominator: "100000000", observedAt, sources: [{ feed, round: "7" }] };
    expect(rateText("EUR", rate, token)).to.equal(
      `1 EUR = 1.0823 DUSD by round 7 of the feed ${feed}, observed at 2026-11-28 10:00 UTC`,
    );
    expect(rateText("EUR", rate, token, shortAddress)).to.include("round 7 of the feed 0x1111…1111,");
    const file = { ...rate, numerator: "1", denominator: "3", sources: [{ file: feed, day: "2026-11-28" }] };
    expect(rateText("JPY", file, token)).to.include("1 JPY = 0.333333333333 DUSD by the file");
    expect(rateText("USD", { ...rate, sources: [] }, token)).to.equal("1 USD counts as 1 DUSD");
  });
});
