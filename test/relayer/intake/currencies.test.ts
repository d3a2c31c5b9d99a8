import { type Rate, type SaleCurrencies, saltOfSale } from "@partner-programs/protocol/rates";
import { REASONS } from "@partner-programs/protocol/reasons";
import { receiptTypes } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, verifyTypedData } from "ethers";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { shownConversions } from "#relayer/store/batches.ts";
import { judgeWithoutRate } from "#relayer/worker/rates.ts";
import type { FindRate } from "#service/rates.ts";

const FEED = `0x${"11".repeat(20)}`;
const currencies: SaleCurrencies = {
  accepted: ["EUR", "JPY", "KWD"],
  token: "USD",
  rates: { kind: "feeds", feeds: { EUR: FEED, JPY: FEED, KWD: FEED }, maxAgeSeconds: 3_600 },
};
const rateOf = (numerator: number, denominator: number, round = "7"): Rate => ({
  numerator: String(numerator),
  denominator: String(denominator),
  observedAt: 1_700_000_000,
  sources: [{ feed: FEED, round }],
});

describe("a sale in its own currency", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  /** What there is to be found now. */
  const rates = new Map<string, Rate>();
  /** As of when it was looked for. */
  const asked: number[] = [];
  const findRate: FindRate = async (_, currency, asOf) => {
    asked.push(asOf);
    const rate = rates.get(currency);
    return rate === undefined ? { problem: "the feed is stale", transient: true } : { rate };
  };
  before(async () => {
    market = await openRelayer({ findRate });
  });
  after(() => market?.close());
  beforeEach(() => {
    rates.clear();
    rates.set("EUR", rateOf(10_823, 10_000));
    rates.set("JPY", rateOf(6_619, 1_000_000));
    rates.set("KWD", rateOf(325, 100));
  });

  async function open(more: object = {}) {
    const campaign = await market.openCampaign({ currencies, ...more });
    const ada = await campaign.join();
    return { campaign, ada, token: () => ada.click() };
  }

  it("is converted once, down, and keeps its rate with its receipt", async () => {
    const { campaign, ada } = await open();
    const referralToken = ada.click();
    const { status, body } = await campaign.report({
      customerId: "c",
      volume: "49.90",
      currency: "eur",
      referralToken,
    });
    expect([status, body.state, body.reason]).to.deep.equal([201, "accepted", null]);
    expect(body.volumeBaseUnits).to.equal("54006770");
    expect(body.sale).to.deep.include({ currency: "EUR", volume: "49.9", refunded: "0", rate: rateOf(10_823, 10_000) });
    // 1 and a tenth of 54.00.
    expect(body.commission).to.equal("6400000");
    const { nonce, rate, currency, volume } = body.sale;
    expect(body.receipt.salt).to.equal(saltOfSale({ currency, volume, rate, nonce }));
    const { signature, ...receipt } = body.receipt;
    const message = { campaignId: campaign.campaignId, ...receipt };
    expect(verifyTypedData(market.domain, receiptTypes, message, signature)).to.equal(market.relayer);
    // Reported again it is the same, whatever the rate is by now.
    rates.set("EUR", rateOf(2, 1));
    const again = await campaign.report({
      orderId: body.orderId,
      customerId: "c",
      volume: "49.9",
      currency: "EUR",
      referralToken,
    });
    expect([again.status, again.body]).to.deep.equal([200, body]);
    const digest = await campaign.number();
    const shown = [];
    for await (const one of shownConversions(market.database, digest)) shown.push(one.order);
    expect(shown[0]).to.deep.include({ volume: "54.00677", sale: { currency, volume, rate, nonce } });
  });

  it("comes in the smallest units of its currency too: cents, yen, thousandths of dinars", async () => {
    const { campaign, ada } = await open();
    const reported = async (currency: string, volumeMinor: unknown) =>
      (await campaign.report({ customerId: "c", currency, volumeMinor, referralToken: ada.click() })).body;
    expect((await reported("EUR", 4_990)).sale.volume).to.equal("49.9");
    expect((await reported("JPY", "5000")).sale.volume).to.equal("5000");
    const dinars = await reported("KWD", 1_234);
    expect([dinars.sale.volume, dinars.volumeBaseUnits]).to.deep.equal(["1.234", "4010500"]);
    const wrong = async (report: object) =>
      (await campaign.report({ customerId: "c", referralToken: ada.click(), ...report })).body.detail;
    expect(await wrong({ volumeMinor: 10 })).to.match(/volumeMinor.*is of a `currency`, and none is named/);
    expect(await wrong({ volumeMinor: 10, volume: "1", currency: "EUR" })).to.match(/beside `volume`/);
    expect(await wrong({ volume: "1", currency: "XYZ" })).to.match(/currency.*ISO 4217/);
    expect(await wrong({ volume: "0.1234567", currency: "EUR" })).to.match(/has 7 decimals; a sale has at most 6/);
  });

  it("that is reported late has the rate of an hour after it was made, or of as long as the description says", async () => {
    const now = Math.floor(Date.now() / 1000);
    const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
    const askedOf = async (occurredAt: number | undefined, more: object = {}) => {
      const { campaign, ada } = await open({ currencies: { ...currencies, ...more } });
      asked.length = 0;
      const when = occurredAt === undefined ? {} : { occurredAt: iso(occurredAt) };
      const report = { customerId: "c", volume: "5", currency: "EUR", referralToken: ada.click(), ...when };
      expect((await campaign.report(report)).body.state).to.equal("accepted");
      return asked[0] as number;
    };
    expect(await askedOf(now - 7 * 86_400)).to.equal(now - 7 * 86_400 + 3_600);
    expect(await askedOf(now - 7 * 86_400, { lateAfterSeconds: 86_400 })).to.equal(now - 6 * 86_400);
    // In time, from another clock, or without a word of when: of when it came.
    for (const occurredAt of [now - 600, now + 600, undefined])
      expect(await askedOf(occurredAt)).to.be.within(now, Math.ceil(Date.now() / 1000));
  });

  it("of a currency that the campaign does not take is rejected with what it takes, and mended by the description", async () => {
    const { campaign, ada } = await open();
    const report = { orderId: "chf", customerId: "c", volume: "5", currency: "CHF", referralToken: ada.click() };
    const { body } = await campaign.report(report);
    expect(body).to.include({ state: "rejected", reason: "unknown_currency", reasonText: REASONS.unknown_currency });
    expect(body.note).to.equal("The sale is in CHF; the campaign takes USD, EUR, JPY, KWD.");
    const none = await market.openCampaign({});
    const bob = await none.join();
    const plain = await none.report({ customerId: "c", volume: "5", currency: "EUR", referralToken: bob.click() });
    expect(plain.body.note).to.match(/in its token alone: its description names no `currencies`/);
    // In the token's own it needs no rate.
    const dollars = await campaign.report({
      customerId: "d",
      volume: "5",
      currency: "USD",
      referralToken: ada.click(),
    });
    expect(dollars.body).to.include({ state: "rejected", reason: "no_rate" });
    rates.set("USD", { numerator: "1", denominator: "1", observedAt: 0, sources: [] });
    expect(
      (await campaign.report({ customerId: "e", volume: "5", currency: "USD", referralToken: ada.click() })).body,
    ).to.include({
      state: "accepted",
      volumeBaseUnits: "5000000",
    });
  });

  it("waits for its rate with the reason, and is judged again by itself once there is one", async () => {
    rates.clear();
    const { campaign, ada } = await open();
    const waits: string[] = [];
    for (const orderId of ["1", "2", "3", "4", "5"])
      waits.push(
        (await campaign.report({ orderId, customerId: "c", volume: "10", currency: "EUR", referralToken: ada.click() }))
          .body.id,
      );
    const first = await campaign.conversion(waits[0] as string);
    expect(first).to.include({
      state: "rejected",
      reason: "no_rate",
      note: "There is no rate for EUR: the feed is stale.",
    });
    expect(first.sale).to.deep.equal({ currency: "EUR", volume: "10", refunded: "0", rate: null, nonce: null });
    expect(await campaign.promised()).to.equal(0n);

    const work = {
      database: market.database,
      intake: market.intake,
      failures: createFailures({ info() {}, warn() {}, error() {} }),
    };
    await judgeWithoutRate(work, Date.now());
    expect((await campaign.conversion(waits[0] as string)).moves).to.have.length(1);
    rates.set("EUR", rateOf(11, 10));
    await judgeWithoutRate(work, Date.now());
    for (const waiting of waits) {
      const after = await campaign.conversion(waiting);
      expect(after).to.include({ state: "accepted", reason: null, volumeBaseUnits: "11000000" });
      expect(after.moves.map(({ state }: { state: string }) => state)).to.deep.equal(["rejected", "accepted"]);
    }
  });

  it("is taken back in parts at its own rate, whatever the rate is by then, and ends at nothing to the last unit", async () => {
    rates.set("EUR", rateOf(1, 3));
    const { campaign, ada } = await open({ offers: [{ kind: 0, rateBps: 10_000 }] });
    const { body } = await campaign.report({
      customerId: "c",
      volume: "100",
      currency: "EUR",
      referralToken: ada.click(),
    });
    expect(body.volumeBaseUnits).to.equal("33333333");
    rates.set("EUR", rateOf(5, 1));
    const part = (await campaign.refund(body.id, { volume: "33.33", refundId: "a" })).body;
    // 66.67 ÷ 3 are left.
    expect(BigInt(part.volumeBaseUnits) - BigInt(part.refunded)).to.equal(22_223_333n);
    expect([part.sale.refunded, part.commission]).to.deep.equal(["33.33", "22220000"]);
    expect(part.refunds[0]).to.include({ saleVolume: "33.33", volumeBaseUnits: "11110000" });
    const more = await campaign.refund(body.id, { volume: "66.68", refundId: "b" });
    expect(more.body.detail).to.match(/refund is of 66.68 EUR, and 66.67 of the 100 EUR .* are left/);
    const rest = (await campaign.refund(body.id, { volume: "66.67", refundId: "c" })).body;
    expect(rest).to.include({ state: "reversed", refunded: "33333333" });
    expect(rest.sale.refunded).to.equal("100");
  });

  it("counts in tokens where the campaign has limits", async () => {
    const event = {
      name: "sale",
      title: "A sale",
      perCustomer: null,
      minimumVolume: "10",
      perPartner: [{ volume: "60", days: 1 }],
    };
    const { campaign, ada } = await open({ events: [event] });
    const report = async (volume: string) =>
      (await campaign.report({ customerId: "c", volume, currency: "EUR", referralToken: ada.click() })).body;
    // 10 tokens are 9.2396 euros.
    expect((await report("9.23")).reason).to.equal("below_minimum");
    expect((await report("9.24")).state).to.equal("accepted");
    expect((await report("46.20")).reason).to.equal("partner_limit");
    expect((await report("46.19")).state).to.equal("accepted");
  });

  it("is judged in the order of its file, beside sales in tokens", async () => {
    const { campaign, ada } = await open({ budget: 14_000_000n });
    const line = (orderId: string, volume: string, currency: string) =>
      `sale,${orderId},${volume},${currency},c,${ada.click()}`;
    // Each pays 1 and a tenth: the budget is for the first two.
    const rows = [line("1", "50", "EUR"), line("2", "50", ""), line("3", "50", "")];
    const csv = ["event,orderId,volume,currency,customerId,referralToken", ...rows].join("\n");
    await market.call("POST", "/v1/imports", {
      token: campaign.key,
      body: csv,
      headers: { "content-type": "text/csv" },
    });
    const states = await Promise.all(
      ["1", "2", "3"].map(async (orderId) => {
        const path = `/v1/conversions?orderId=${orderId}`;
        return (await market.call("GET", path, { token: campaign.key })).body.items[0].state;
      }),
    );
    expect(states).to.deep.equal(["accepted", "accepted", "rejected"]);
  });

  it("is looked up in no file of rates that is not there", async () => {
    expect((await market.call("GET", `/v1/rate-files/${id("none")}`)).status).to.equal(404);
  });
});
