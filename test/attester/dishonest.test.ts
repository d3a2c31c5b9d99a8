/**
 * What a relayer gains by lying, one row each, told to a whole attester that reads for itself: the brand's account at Stripe with a key
 * of its own, the brand's orders by their URL, rates from the chain. The truth about the same orders is signed.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { type Rate, type SaleCurrencies, saltOfSale, toTokensDown } from "@partner-programs/protocol/rates";
import { expect } from "chai";
import { id } from "ethers";
import { createStripeAccount } from "#harness/played/stripeAccount.ts";
import { openStripeServer } from "#harness/played/stripeServer.ts";
import { RatesFeed__factory } from "#typechain/factories/mocks/RatesFeed__factory.ts";
import { type Attester, attest, buildAttester, buildWorld, conversions, type World } from "./world.ts";

const KEY = "rk_live_attester";

/** What the relayer says of an order. */
interface Claim {
  readonly orderId: string;
  readonly partner?: string;
  /** Of the token, or of the sale's currency. */
  readonly volume?: string;
  readonly event?: string;
  readonly offerId?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly bought?: number;
  readonly rate?: Rate;
}

describe("a dishonest relayer, before an attester that reads for itself", function () {
  this.timeout(240_000);
  let world: World;
  let attester: Attester;
  let stripe: Awaited<ReturnType<typeof openStripeServer>>;
  let shop: Server;
  let receivedAt: number;
  let [ada, bob]: [string, string] = ["", ""];
  const account = createStripeAccount();
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-dishonest-"));
  /** Campaigns whose orders are read at Stripe, and at the brand's own URL. */
  const campaigns = { stripe: "", orders: "" };
  const rates = { stale: {} as Rate, due: {} as Rate };
  const orders = new Map<string, object>();
  const sold = { dollars: "", euros: "" };

  before(async () => {
    world = await buildWorld();
    [ada, bob] = world.partners as [string, string];
    stripe = await openStripeServer(account, KEY);
    shop = createServer((request, response) => {
      const order = orders.get(decodeURIComponent(request.url?.split("/").at(-1) ?? ""));
      response.writeHead(order === undefined ? 404 : 200).end(JSON.stringify(order ?? {}));
    });
    shop.listen(0, "127.0.0.1");
    await once(shop, "listening");
    const feed = await new RatesFeed__factory(world.brand).deploy(8, "EUR / USD");
    const now = await world.now();
    // A euro fell: what was due yesterday would pay the partner more.
    await (await feed.answer(120_000_000n, now - 3_000)).wait();
    await (await feed.answer(110_000_000n, now - 200)).wait();
    const address = await feed.getAddress();
    const rateOf = (round: number, numerator: string, observedAt: number): Rate => ({
      numerator,
      observedAt,
      denominator: "100000000",
      sources: [{ feed: address, round: String((1n << 64n) | BigInt(round)) }],
    });
    Object.assign(rates, { stale: rateOf(1, "120000000", now - 3_000), due: rateOf(2, "110000000", now - 200) });
    const currencies: SaleCurrencies = {
      accepted: ["EUR"],
      token: "USD",
      rates: { kind: "feeds", feeds: { EUR: address }, maxAgeSeconds: 3_600 },
    };
    sold.dollars = account.buy({ amount: 5_000 }, { reference: "code_ada" }).id;
    const euros = account.buy({ amount: 5_000, currency: "eur" }, { reference: "code_ada" });
    // The account that is played lives in yesterday.
    euros.created = now - 100;
    sold.euros = euros.id;
    const order = { volume: "10", createdAt: now - 300 };
    orders.set("monthly", { ...order, orderId: "monthly", event: "sale", attributes: { plan: "monthly" } });
    orders.set("annual", { ...order, orderId: "annual", event: "sale", attributes: { plan: "annual" } });
    const before = { launch: { conversions: 2, firstAt: 5 } };
    orders.set("again", { ...order, orderId: "again", event: "launch", customer: before });
    orders.set("first", { ...order, orderId: "first", event: "launch", customer: {} });
    campaigns.stripe = await world.campaign();
    campaigns.orders = await world.campaign({ events: ["launch"] });
    await world.pass(60);
    receivedAt = (await world.now()) - 20;
    const { port } = shop.address() as AddressInfo;
    const rules = {
      [campaigns.stripe]: {
        source: {
          kind: "stripe",
          keyVariable: "SOURCE_STRIPE_KEY",
          url: stripe.url,
          currency: "usd",
          taxes: "excluded",
          events: { checkout: "sale" },
          codes: { ada },
        },
        currencies,
      },
      [campaigns.orders]: {
        source: { kind: "orders", url: `http://127.0.0.1:${port}/orders/{orderId}` },
        conditions: [
          { offers: [1], attributes: { plan: { oneOf: ["annual"] } } },
          { offers: [3], customer: { purchase: "first" } },
        ],
      },
    };
    const rulesFile = join(folder, "rules.json");
    writeFileSync(rulesFile, JSON.stringify({ version: 1, campaigns: rules }));
    attester = await buildAttester(world, { rulesFile, env: { SOURCE_STRIPE_KEY: KEY } });
  });
  after(async () => {
    await attester?.close();
    await stripe?.close();
    shop?.closeAllConnections();
    shop?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the attester says of it: whether it would sign, and why not. */
  async function sayOf(campaignId: string, claim: Claim) {
    const { orderId, partner = ada, volume = "50", event = "sale", offerId = 1, attributes, bought = 0, rate } = claim;
    const [given] = conversions(1n, [orderId], { partner, receivedAt, offerId, event }) as [GivenConversion];
    const sale = rate && { currency: "EUR", volume, rate, nonce: id(`nonce ${orderId}`) };
    const tokens = rate === undefined ? volume : toTokensDown(volume, rate, 6);
    const history = { customer: bought === 0 ? {} : { [event]: { conversions: bought, firstAt: 5 } } };
    const conversion = {
      ...given,
      ...(sale && { salt: saltOfSale(sale) }),
      entries: [{ offerId, partner, count: 1, volumeUnits: BigInt(Math.floor(Number(tokens) * 100)) }],
      order: {
        event,
        orderId,
        volume: tokens,
        receivedAt,
        ...(sale && { sale }),
        ...(attributes && { attributes }),
        history,
      },
    };
    const attestation = attest(campaignId, [conversion], await world.now(), {}, [1, 2, 3]);
    const { body } = await attester.ask("/v1/checks", { attestation, conversions: [conversion] });
    return body;
  }

  const ROWS: readonly (readonly [
    lie: string,
    where: keyof typeof campaigns,
    truth: () => Claim | undefined,
    told: () => Claim,
    reason: () => RegExp,
  ])[] = [
    [
      "an invented order",
      "stripe",
      () => undefined,
      () => ({ orderId: "cs_live_invented" }),
      () => /order "cs_live_invented" is not in the attester's source/,
    ],
    [
      "a raised amount",
      "stripe",
      () => ({ orderId: sold.dollars }),
      () => ({ orderId: sold.dollars, volume: "51" }),
      () => /it attests volume 51000000, order "cs_live_\w+" has 50000000 in the attester's source/,
    ],
    [
      "a swapped partner",
      "stripe",
      () => ({ orderId: sold.dollars }),
      () => ({ orderId: sold.dollars, partner: bob }),
      () => new RegExp(`was brought by code ada in the attester's source, which is ${ada}'s and not ${bob}'s`, "i"),
    ],
    [
      "a wrong condition",
      "orders",
      () => ({ orderId: "annual", volume: "10", attributes: { plan: "annual" } }),
      () => ({ orderId: "monthly", volume: "10", attributes: { plan: "annual" } }),
      () => /offer 1 does not pay order "monthly", .*: plan is "monthly", and it pays where plan is "annual"/,
    ],
    [
      "a better rate",
      "orders",
      () => ({ orderId: "first", volume: "10", event: "launch", offerId: 3 }),
      () => ({ orderId: "again", volume: "10", event: "launch", offerId: 3 }),
      () =>
        /offer 3 does not pay order "again", .*: the customer had 2 of event "launch" before, and it pays for the first alone/,
    ],
    [
      "a stale exchange rate",
      "stripe",
      () => ({ orderId: sold.euros, rate: rates.due }),
      () => ({ orderId: sold.euros, rate: rates.stale }),
      () => /is converted from EUR by round \d+ of the feed 0x\w+, which was not in force when it was received/,
    ],
  ];

  for (const [lie, where, truth, told, reason] of ROWS)
    it(`is refused for ever, with the reason: ${lie}`, async () => {
      const honest = truth();
      if (honest !== undefined) expect(await sayOf(campaigns[where], honest), "the truth").to.deep.equal({ ok: true });
      const said = await sayOf(campaigns[where], told());
      expect(said).to.include({ ok: false, transient: false });
      expect(said.reason).to.match(reason());
    });
});
