import { packLine } from "@partner-programs/protocol/line";
import type { Rate, SaleCurrencies } from "@partner-programs/protocol/rates";
import { expect } from "chai";
import fc from "fast-check";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { taxIn } from "#relayer/domain/invoice.ts";
import type { FindRate } from "#service/rates.ts";

const FEED = `0x${"11".repeat(20)}`;
const currencies: SaleCurrencies = {
  accepted: ["EUR", "JPY"],
  token: "USD",
  rates: { kind: "feeds", feeds: { EUR: FEED, JPY: FEED }, maxAgeSeconds: 3_600 },
};
const SELLER = {
  name: "Ada Ltd",
  address: ["1 Road", "Leeds"],
  country: "GB",
  taxId: "GB 123",
  tax: { kind: "included", name: "VAT", percent: "20" },
};
const BUYER = { name: "Shoes GmbH", address: ["Weg 2", "Basel"], country: "CH", taxId: "CHE-1" };
const at = (day: number, hour = 12) => Date.UTC(2026, 8, day, hour) / 1000;

describe("self-billing invoices", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  /** What a euro was in tokens, by when it was asked for. */
  const asked: number[] = [];
  const findRate: FindRate = async (_, currency, asOf): ReturnType<FindRate> => {
    asked.push(asOf);
    if (currency === "JPY") return { problem: "the feed was silent", transient: false };
    const numerator = asOf < at(2) ? "125" : "160";
    const rate: Rate = { numerator, denominator: "100", observedAt: asOf, sources: [{ feed: FEED, round: "7" }] };
    return { rate };
  };

  before(async () => {
    market = await openRelayer({ findRate });
    await market.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, '0x', 20, '0x', 0, 10, 0)`,
    );
  });
  after(() => market?.close());
  beforeEach(() => {
    asked.length = 0;
  });

  /** A brand and a partner who have agreed, and said who they are. */
  async function pair({ agreed = true, seller = SELLER as object, rates = true } = {}) {
    const campaign = await market.openCampaign({ ...(rates && { currencies }) });
    const ada = await campaign.join();
    const brandPath = `/v1/brands/${campaign.brand}`;
    const put = (path: string, token: string, json?: unknown) => market.call("PUT", path, { token, json });
    expect((await put("/v1/me/invoice-details", ada.token, seller)).status).to.equal(200);
    expect((await put(`${brandPath}/invoice-details`, campaign.brandToken, BUYER)).status).to.equal(200);
    if (agreed) expect((await put(`/v1/me/self-billing/${campaign.brand}`, ada.token)).status).to.equal(204);
    return {
      campaign,
      ada,
      brandPath,
      /** A line of the partner's in a batch of its own, settled in a block. */
      async pay(amount: bigint, releaseAt: number, { block = 5, state = "released", partner = ada.wallet } = {}) {
        const digest = await campaign.number();
        await market.database.query("UPDATE batches SET state = 'attested', release_at = $2 WHERE digest = $1", [
          digest,
          releaseAt,
        ]);
        const line = packLine({ offerId: 1, partner, count: 3, volumeUnits: 1n });
        await market.database.query(
          `INSERT INTO batch_lines (digest, index, attested, partner, commission, state, settled_block, settled_index)
           VALUES ($1, 0, $2, $3, $4, $5, $6, 0)`,
          [digest, line, partner, amount, state, state === "open" ? null : block],
        );
        return digest;
      },
      issue: (json: object) =>
        market.call("POST", `${brandPath}/invoices`, {
          token: campaign.brandToken,
          json: { partner: ada.wallet, ...json },
        }),
    };
  }

  it("have what was paid for good, once, with what it was worth when it was due, and the tax that is in it", async () => {
    const { campaign, ada, pay, issue, brandPath } = await pair();
    const first = await pay(100_000_000n, at(1));
    const second = await pay(33_333_333n, at(2), { state: "pulled" });
    // Not final yet, refused, another's, not settled, and due later.
    await pay(7n, at(2), { block: 11 });
    await pay(7n, at(2), { state: "refused" });
    await pay(7n, at(2), { partner: (await campaign.join()).wallet });
    await pay(7n, at(2), { state: "open" });
    const third = await pay(5_000_000n, at(4, 0));
    const { status, body } = await issue({ to: "2026-09-03", currency: "EUR" });
    expect(status, body.detail).to.equal(201);
    expect(asked).to.deep.equal([at(1), at(2)]);
    const [b, p] = [campaign.brand, ada.wallet].map((wallet) => wallet.slice(2, 10).toUpperCase());
    expect(body.name).to.equal(`${b}-${p}-00001`);
    expect(body.period).to.deep.equal({ from: "2026-09-01", to: "2026-09-03" });
    expect([body.seller, body.buyer]).to.deep.equal([
      { ...SELLER, wallet: ada.wallet },
      { ...BUYER, tax: null, wallet: campaign.brand },
    ]);
    expect(body.items.map((one: Record<string, unknown>) => [one.batch, one.amountBaseUnits, one.value])).to.deep.equal(
      // 100 tokens at 1.25, and 33.333333 at 1.60, cut off to a cent.
      [
        [first, "100000000", "80"],
        [second, "33333333", "20.83"],
      ],
    );
    expect(body.items[0]).to.include({ conversions: 3, campaign: "Spring", dueAt: "2026-09-01T12:00:00.000Z" });
    expect(body.items[0].rate.sources).to.deep.equal([{ feed: FEED, round: "7" }]);
    expect(body.paid.map((one: Record<string, unknown>) => [one.tokenSymbol, one.amountBaseUnits])).to.deep.equal([
      ["DUSD", "133333333"],
    ]);
    // 100.83 have 20 % of 84.03 in them: 16.805 are 16.81.
    expect([body.currency, body.value]).to.deep.equal(["EUR", { gross: "100.83", net: "84.02", tax: "16.81" }]);
    expect(body.notes).to.deep.equal(["Self-billing"]);

    // Nothing twice; what became final meanwhile, and what is due later, is on the next one.
    expect((await issue({ to: "2026-09-03" })).body.detail).to.match(/Nothing was paid until then/);
    await market.database.query("UPDATE batch_lines SET settled_block = 9 WHERE settled_block = 11");
    const next = (await issue({ to: "2026-09-04", currency: "EUR" })).body;
    expect(next.name).to.equal(`${b}-${p}-00002`);
    expect(next.period).to.deep.equal({ from: "2026-09-04", to: "2026-09-04" });
    expect(next.items.map((one: Record<string, unknown>) => one.amountBaseUnits)).to.deep.equal(["7", "5000000"]);
    expect(next.items[1].batch).to.equal(third);

    // As they were written, for both and for nobody else.
    await market.call("PUT", `${brandPath}/invoice-details`, {
      token: campaign.brandToken,
      json: { ...BUYER, name: "Boots GmbH" },
    });
    const read = (token: string) => market.call("GET", `/v1/invoices/${body.id}`, { token });
    expect((await read(ada.token)).body).to.deep.equal(body);
    expect((await read(campaign.brandToken)).body.buyer.name).to.equal("Shoes GmbH");
    const stranger = await market.openSession(`0x${"77".repeat(20)}`);
    expect((await read(stranger)).status).to.equal(404);
    for (const [path, token] of [
      ["/v1/me/invoices", ada.token],
      [`${brandPath}/invoices?partner=${ada.wallet}`, campaign.brandToken],
    ] as const) {
      const { items } = (await market.call("GET", path, { token })).body;
      expect(items.map((one: Record<string, unknown>) => one.name)).to.deep.equal([next.name, body.name]);
    }
    expect((await market.call("GET", `${brandPath}/invoices`, { token: stranger })).status).to.equal(403);
  });

  it("are numbered without gaps for each partner of a brand, whoever asks at the same time and whatever fails", async () => {
    const { campaign, ada, pay, issue } = await pair({ seller: { ...SELLER, tax: { kind: "reverse_charge" } } });
    for (const day of [1, 2, 3, 4]) {
      await pay(1_000_000n, at(day));
      const to = `2026-09-0${day}`;
      expect((await issue({ to, currency: "JPY" })).body.detail).to.equal(
        `What DUSD was worth in JPY at ${at(day)} is not known: the feed was silent.`,
      );
      const answers = await Promise.all([1, 2, 3].map(() => issue({ to })));
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409]);
    }
    const rows = await market.database.query<{ number: number }>(
      "SELECT number FROM invoices WHERE brand = $1 AND partner = $2 ORDER BY number",
      [campaign.brand, ada.wallet],
    );
    expect(rows.map(({ number }) => number)).to.deep.equal([1, 2, 3, 4]);
    const { items } = (await market.call("GET", "/v1/me/invoices", { token: ada.token })).body;
    const last = (await market.call("GET", `/v1/invoices/${items[0].id}`, { token: ada.token })).body;
    expect([last.value, last.currency, last.notes]).to.deep.equal([null, null, ["Self-billing", "Reverse charge"]]);
  });

  it("are written of nobody who has not agreed, or not said who it is and how it is taxed", async () => {
    const { campaign, ada, pay, issue } = await pair({ agreed: false });
    await pay(1_000_000n, at(1));
    const detail = async (json: object) => (await issue(json)).body.detail;
    const to = "2026-09-01";
    expect(await detail({ to })).to.match(/has not agreed that 0x\w+ writes its invoices/);
    const agreeTo = (method: string, brand = campaign.brand) =>
      market.call(method, `/v1/me/self-billing/${brand}`, { token: ada.token });
    expect((await agreeTo("PUT", `0x${"77".repeat(20)}`)).status).to.equal(404);
    await agreeTo("PUT");
    expect(await detail({ to })).to.match(/is taxed with 20 % VAT, which is said in a currency. Name a `currency`/);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    for (const day of [tomorrow, new Date().toISOString().slice(0, 10)])
      expect(await detail({ to: day })).to.match(/is not over/);
    await market.call("DELETE", "/v1/me/invoice-details", { token: ada.token });
    expect(await detail({ to })).to.match(/has not said who it is on invoices, and how it is taxed/);
    const own = (await market.call("GET", "/v1/me/invoice-details", { token: ada.token })).body;
    expect([own.details, own.agreed[0].brand]).to.deep.equal([null, campaign.brand]);
    await agreeTo("DELETE");
    expect(await detail({ to })).to.match(/has not agreed/);
    const odd = { ...SELLER, name: "\u202e", tax: { kind: "included", name: "VAT", percent: "100" } };
    expect((await market.call("PUT", "/v1/me/invoice-details", { token: ada.token, json: odd })).body.detail).to.match(
      /name.*percent/s,
    );
  });

  it("say what tokens were worth only where the campaign says by which rates", async () => {
    const { pay, issue } = await pair({
      rates: false,
      seller: { ...SELLER, tax: { kind: "none", note: "Small business" } },
    });
    await pay(1_000_000n, at(1));
    const refused = await issue({ to: "2026-09-01", currency: "EUR" });
    expect(refused.body.detail).to.match(/names no `currencies`, so what its token was worth is not known/);
    const { body } = await issue({ to: "2026-09-01" });
    expect([body.value, body.notes, body.paid[0].amountBaseUnits]).to.deep.equal([
      null,
      ["Self-billing", "Small business"],
      "1000000",
    ]);
  });

  it("have a tax that is the rate of what is left without it, to half a cent", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 99_999 }), (gross, thousandths) => {
        const percent = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, "0")}`;
        const tax = taxIn(gross, percent);
        // tax = gross × r ÷ (100 + r), r in thousandths of a percent.
        const [all, part] = [100_000n + BigInt(thousandths), BigInt(thousandths)];
        const off = 2n * (tax * all - gross * part);
        expect(off <= all && off > -all).to.equal(true);
      }),
    );
    expect(taxIn(11_900n, "19")).to.equal(1_900n);
    expect(taxIn(0n, "19")).to.equal(0n);
  });
});
