import { expect } from "chai";
import { id as hashOf } from "ethers";
import fc from "fast-check";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { finishReversals } from "#relayer/store/reversals.ts";
import { SEED } from "#test/support/fuzz.ts";
import { decimalSpelling, name, padded, textSpelling, twice } from "#test/support/spellings.ts";

/** Each run asks a whole relayer some twenty times. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 15);

/** What happens to one order, as it is told. `again`: told so often in all. */
type Told = { readonly what: "lead" | "sale" | "rest" | "attest" } | { readonly what: "part"; readonly at: number };

/** A sale in cents, parts of it that are refunded, whether the rest is, and an order in which all of it is told, some of it more often. */
const story = fc
  .record({
    cents: fc.integer({ min: 1, max: 100_000 }),
    shares: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    rest: fc.constantFrom("all" as const, "volume" as const, "none" as const),
  })
  .chain(({ cents, shares, rest }) => {
    const parts = shares.map((share) => Math.floor((cents * share) / 130)).filter((part) => part > 0);
    const told: Told[] = [{ what: "lead" }, { what: "sale" }];
    if (rest !== "none") told.push({ what: "rest" });
    for (const at of parts.keys()) told.push({ what: "part", at });
    const often = fc.tuple(...told.map((one) => fc.integer({ min: 1, max: 2 }).map((times) => Array(times).fill(one))));
    const anyOrder = fc
      .tuple(often, fc.array(fc.constant<Told>({ what: "attest" }), { maxLength: 2 }))
      .chain(([repeated, attests]) => {
        const list: Told[] = [...repeated.flat(), ...attests];
        return fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length });
      });
    // What was told too early is told once more: who gets no answer, or a refusal that can be mended, sends it again.
    const last = fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length });
    return fc.record({
      cents: fc.constant(cents),
      parts: fc.constant(parts),
      rest: fc.constant(rest),
      first: anyOrder,
      last,
    });
  });

describe(`the intake, in any order and spelling (FUZZ_SEED=${SEED})`, function () {
  this.timeout(600_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  it("ends in the same money, whatever comes first, twice or late", async () => {
    const campaign = await market.openCampaign({
      offers: [
        { event: "signup", kind: 0, flatAmount: 500_000n },
        { event: "sale", kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
      ],
      events: ["signup", "sale"].map((event) => ({ name: event, title: "", perCustomer: null })),
    });
    const ada = await campaign.join();
    const decimal = (cents: number) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(story, async ({ cents, parts, rest, first, last }) => {
        const orderId = `order ${++runs}`;
        const customerId = `customer ${runs}`;
        const referralToken = ada.click();
        const refunded = parts.reduce((sum, part) => sum + part, 0);
        const refund = (what: Record<string, unknown>) =>
          market.call("POST", "/v1/refunds", { token: campaign.key, json: { orderId, event: "sale", ...what } });
        const tell = (told: Told) => {
          if (told.what === "attest") return campaign.attest();
          if (told.what === "lead")
            return campaign.report({ event: "signup", orderId: `lead ${orderId}`, customerId, referralToken });
          if (told.what === "sale") return campaign.report({ orderId, customerId, volume: decimal(cents) });
          if (told.what === "part")
            return refund({ volume: decimal(parts[told.at] as number), refundId: `part ${told.at}` });
          const left = rest === "volume" ? { volume: decimal(cents - refunded) } : { all: true };
          return refund({ ...left, refundId: "rest" });
        };
        const promised = (await campaign.promised()) as bigint;
        for (const one of [...first, ...last]) await tell(one);
        const { items } = (
          await market.call("GET", `/v1/conversions?event=sale&orderId=${encodeURIComponent(orderId)}`, {
            token: campaign.key,
          })
        ).body;
        expect(items).to.have.length(1);
        await settle(items[0].batch);
        const sale = await campaign.conversion(items[0].id);
        // By hand: a flat amount and a tenth of whole cents, as long as anything is left.
        const left = rest === "none" ? cents - refunded : 0;
        expect({ state: sale.state === "reversed", commission: sale.commission }).to.deep.equal({
          state: left === 0,
          commission: left === 0 ? "0" : String(1_000_000 + left * 1_000),
        });
        expect(sale.refunded).to.equal(String((cents - left) * 10_000));
        expect(sale.partner).to.equal(ada.wallet);
        if (first.some(({ what }) => what === "attest")) return;
        // The lead's and the sale's, and 5 % of both.
        const owed = 500_000n + (left === 0 ? 0n : 1_000_000n + BigInt(left) * 1_000n);
        expect(((await campaign.promised()) as bigint) - promised).to.equal(owed + owed / 20n);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  /** The reversals of a batch are on the chain. */
  async function settle(batch: string | null): Promise<void> {
    if (batch === null) return;
    await market.database.query("UPDATE reversals SET state = 'sent' WHERE batch = $1 AND state = 'requested'", [
      batch,
    ]);
    await finishReversals(market.database, batch, hashOf("refunded"), "0xreversed");
  }

  it("takes any two spellings of a report for one, and of a customer for one", async () => {
    let runs = 0;
    // One order's name may be drawn twice, so each run has a campaign to itself.
    const campaigns = await Promise.all(Array.from({ length: RUNS }, () => market.openCampaign({})));
    await fc.assert(
      fc.asyncProperty(twice, async ([one, other]) => {
        const campaign = campaigns[runs++] ?? (await market.openCampaign({}));
        const ada = await campaign.join();
        const brought = one.customerId === undefined ? { referralToken: ada.click() } : {};
        if (typeof one.customerId === "string" && one.customerId.trim() !== "")
          await campaign.bind({ customerId: other.customerId, code: ada.code });
        const first = await campaign.report({ ...one, ...brought });
        expect(first.status, JSON.stringify([one, first.body])).to.equal(201);
        const second = await campaign.report({ ...other, ...brought });
        expect([second.status, second.body], JSON.stringify([one, other])).to.deep.equal([200, first.body]);
        if (typeof one.customerId === "string" && one.customerId.trim() !== "")
          expect(first.body.partner, "by the customer's other spelling").to.equal(ada.wallet);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it("takes any two spellings of a refund for one", async () => {
    const campaigns = await Promise.all(Array.from({ length: RUNS }, () => market.openCampaign({})));
    const spelled = fc
      .tuple(name, name, fc.integer({ min: 1, max: 40 }), fc.nat({ max: 99 }))
      .chain(([orderId, refundId, whole, cents]) => {
        const once = fc.record({
          orderId: textSpelling(orderId),
          event: padded(fc.constant("sale")),
          refundId: textSpelling(refundId),
          volume: decimalSpelling(whole, cents),
        });
        return fc.tuple(once, once, fc.boolean(), fc.constant(whole * 100 + cents));
      });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(spelled, async ([one, other, before, cents]) => {
        const campaign = campaigns[runs++] ?? (await market.openCampaign({}));
        const ada = await campaign.join();
        const refund = (json: Record<string, unknown>) =>
          market.call("POST", "/v1/refunds", { token: campaign.key, json });
        const sale = { orderId: other.orderId, volume: "50", referralToken: ada.click() };
        if (!before) await campaign.report(sale);
        await refund(one);
        expect((await refund(other)).status).to.equal(before ? 200 : 202);
        expect((await campaign.report(sale)).body.refunded).to.equal(String(cents * 10_000));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
