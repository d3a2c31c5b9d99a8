import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { packLine } from "@partner-programs/protocol/line";
import {
  dayOf,
  RATE_FILE_DOMAIN,
  RATE_FILE_TYPES,
  rateFileDigest,
  rateFileMessage,
} from "@partner-programs/protocol/rateFile";
import {
  type ConvertedSale,
  type Rate,
  type SaleCurrencies,
  saltOfSale,
  toTokensDown,
} from "@partner-programs/protocol/rates";
import { reasonHash } from "@partner-programs/protocol/reasons";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { openFeeds } from "#service/chain/feeds.ts";
import { createRates } from "#service/rates.ts";
import { RatesFeed__factory } from "#typechain/factories/mocks/RatesFeed__factory.ts";
import type { RatesFeed } from "#typechain/mocks/RatesFeed.ts";
import {
  type Attester,
  attest,
  attesters,
  buildAttester,
  buildWorld,
  carry,
  conversions,
  type World,
} from "./world.ts";

describe("a sale in its own currency, before it is signed", function () {
  this.timeout(240_000);
  let world: World;
  let feed: RatesFeed;
  let attester: Attester;
  let campaignId: string;
  let currencies: SaleCurrencies;
  let receivedAt: number;
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-currencies-"));
  const rulesFile = join(folder, "rules.json");
  const orders = join(folder, "orders.csv");
  const signer = Wallet.createRandom();
  let rateFiles: Server;
  const published = new Map<string, string>();

  before(async () => {
    world = await buildWorld();
    feed = await new RatesFeed__factory(world.brand).deploy(8, "EUR / USD");
    rateFiles = createServer((request, response) => {
      const text = published.get(request.url ?? "");
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => rateFiles.listen(0, "127.0.0.1", resolve));
    const now = await world.now();
    await (await feed.answer(105_000_000n, now - 1_000)).wait();
    await (await feed.answer(110_000_000n, now - 200)).wait();
    await world.pass(400);
    await (await feed.answer(120_000_000n, (await world.now()) - 100)).wait();
    campaignId = await world.campaign();
    receivedAt = (await world.now()) - 20;
    currencies = {
      accepted: ["EUR"],
      token: "USD",
      rates: { kind: "feeds", feeds: { EUR: await feed.getAddress() }, maxAgeSeconds: 3_600 },
    };
  });
  after(async () => {
    await world?.close();
    rateFiles?.closeAllConnections();
    rateFiles?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => attester?.close());

  const write = (rows: readonly string[]) =>
    writeFileSync(orders, ["orderId,volume,currency,createdAt,refunded", ...rows].join("\n"));
  /** An order of 50 euros that was made shortly before it was received. */
  const row = (orderId: string, { currency = "EUR", madeAt = receivedAt - 60, refunded = "false" } = {}) =>
    `${orderId},50.00,${currency},${madeAt},${refunded}`;
  async function open(by: SaleCurrencies | null = currencies, source: object = { kind: "csv", file: orders }) {
    const rules = { version: 1, campaigns: { "*": { source, ...(by && { currencies: by }), reversals: "trust" } } };
    writeFileSync(rulesFile, JSON.stringify(rules));
    attester = await buildAttester(world, { rulesFile });
    return attester;
  }
  /** What an honest relayer finds on the same chain. */
  const findRate = (by = currencies, asOf = receivedAt) =>
    createRates({ feeds: openFeeds(world.provider), fileOf: async () => ({ problem: "is not there" }) })(
      by,
      "EUR",
      asOf,
    );

  /** A conversion of 50 euros, as a relayer converts it. */
  function sold(
    orderId: string,
    rate: Rate,
    changes: { volume?: string; currency?: string; salt?: string; tokens?: string; receivedAt?: number } = {},
  ) {
    const { volume = "50", currency = "EUR" } = changes;
    const sale: ConvertedSale = { currency, volume, rate, nonce: id(`nonce ${orderId}`) };
    const tokens = changes.tokens ?? toTokensDown(volume, rate, 6);
    const [given] = conversions(1n, [orderId], { partner: world.partners[0] as string, receivedAt });
    return {
      ...(given as GivenConversion),
      salt: changes.salt ?? saltOfSale(sale),
      entries: [
        {
          offerId: 1,
          partner: world.partners[0] as string,
          count: 1,
          volumeUnits: BigInt(Math.floor(Number(tokens) * 100)),
        },
      ],
      order: { event: "sale", orderId, volume: tokens, receivedAt: changes.receivedAt ?? receivedAt, sale },
    };
  }
  const ask = async (conversion: GivenConversion, path = "/v1/checks") =>
    (
      await attester.ask(path, {
        attestation: attest(campaignId, [conversion], await world.now()),
        conversions: [conversion],
      })
    ).body;

  it("is signed by the rate that the attester reads itself", async () => {
    write([row("1")]);
    await open();
    const { rate } = await findRate();
    expect(rate?.numerator).to.equal("110000000");
    expect(await ask(sold("1", rate as Rate))).to.deep.equal({ ok: true });
  });

  it("is refused by a stale rate, a better one, and one of another feed, each with the reason", async () => {
    write([row("1")]);
    await open();
    const { rate } = (await findRate()) as { rate: Rate };
    const address = await feed.getAddress();
    const round = (n: number) => [{ feed: address, round: String((1n << 64n) | BigInt(n)) }];
    const reasonOf = async (changed: Partial<Rate>) => (await ask(sold("1", { ...rate, ...changed }))).reason;
    expect(await reasonOf({ numerator: "105000000", sources: round(1) })).to.equal(
      `Conversion 1: order "1" is converted from EUR by round ${(1n << 64n) | 1n} of the feed ${address}, which was not in force when it was received: that was round ${(1n << 64n) | 2n} of the feed ${address}.`,
    );
    expect(await reasonOf({ numerator: "120000000", sources: round(3) })).to.match(/not in force when it was received/);
    expect(await reasonOf({ numerator: "120000000" })).to.match(
      /round \d+ of the feed 0x\w+ at 120000000\/100000000, which says 110000000\/100000000/,
    );
    expect(await reasonOf({ sources: [{ feed: world.partners[1] as string, round: "1" }] })).to.match(/not in force/);
    expect(await reasonOf({ sources: [] })).to.match(/by one for one token, which was not in force/);
  });

  it("is refused by a rate of another time than its order's, whenever the relayer says that it was received", async () => {
    // An order of long ago, when a euro was 1.05: the relayer chooses the better time, and tells it as late as it is.
    const madeAt = receivedAt - 3_600;
    write([row("1", { madeAt }), row("2", { madeAt: receivedAt + 400 })]);
    const { rate: better } = (await findRate()) as { rate: Rate };
    await open({ ...currencies, lateAfterSeconds: 2_000 });
    expect((await ask(sold("1", better))).reason).to.match(/finds no rate: the feed 0x\w+ had no round/);
    await attester.close();
    await open({ ...currencies, lateAfterSeconds: 3_000 });
    const { rate: due } = (await findRate(currencies, madeAt + 3_000)) as { rate: Rate };
    expect([due.numerator, better.numerator]).to.deep.equal(["105000000", "110000000"]);
    expect((await ask(sold("1", better))).reason).to.match(
      new RegExp(
        `round \\d+ of the feed 0x\\w+, and was received 3600 seconds after it was made at ${madeAt}: its rate is that of ${madeAt + 3_000}, round \\d+ of the feed`,
      ),
    );
    expect(await ask(sold("1", due))).to.deep.equal({ ok: true });
    // Nor was it received before it was made.
    expect((await ask(sold("2", better))).reason).to.match(
      /order "2" was made at \d+ by the attester's source, and the relayer says that it was received at \d+, before that/,
    );
  });

  it("is refused where its amounts, its currency or its salt are others", async () => {
    write([row("1"), row("2", { currency: "USD" }), row("3")]);
    await open();
    const { rate } = (await findRate()) as { rate: Rate };
    const reasonOf = async (...given: Parameters<typeof sold>) => (await ask(sold(...given))).reason;
    expect(await reasonOf("1", rate, { volume: "51" })).to.match(
      /attests volume 56100000, order "1" has 55000000 in the attester's source/,
    );
    expect(await reasonOf("1", rate, { tokens: "60" })).to.match(
      /50 EUR of order "1" are 55 by their rate, the relayer says 60/,
    );
    expect(await reasonOf("2", rate)).to.match(
      /order "2" is in USD in the attester's source, and the relayer counts it as in EUR/,
    );
    expect(await reasonOf("1", rate, { salt: id("salt") })).to.match(/salt of order "1" is not the hash of its sale/);
    const { order, ...bare } = sold("3", rate);
    const { sale, ...plain } = order;
    expect(
      (
        await ask({
          ...bare,
          order: { ...plain, volume: "50" },
          entries: bare.entries.map((one) => ({ ...one, volumeUnits: 5_000n })),
        })
      ).reason,
    ).to.match(/order "3" is in EUR in the attester's source, and the relayer counts it as in tokens/);
  });

  it("is none of an attester's whose rules name no currencies, unless it has no opinion on orders", async () => {
    write([row("1")]);
    const { rate } = (await findRate()) as { rate: Rate };
    await open(null);
    expect((await ask(sold("1", rate))).reason).to.match(/is in EUR, and the attester's rules name no `currencies`/);
    await attester.close();
    await open(null, { kind: "none" });
    expect(await ask(sold("1", rate))).to.deep.equal({ ok: true });
  });

  it("waits as long as the attester finds no rate yet, and is refused for good by one that was too old", async () => {
    write([row("1")]);
    const { rate } = (await findRate()) as { rate: Rate };
    await open({ ...currencies, rates: { ...currencies.rates, maxAgeSeconds: 60 } } as SaleCurrencies);
    expect(await ask(sold("1", rate))).to.deep.include({ ok: false, transient: false });
    expect((await ask(sold("1", rate))).reason).to.match(
      /finds no rate: round \d+ of the feed 0x\w+ was \d+ seconds old/,
    );
  });

  it("is checked by the attester's own copy of a day's signed file", async () => {
    write([row("1")]);
    const { port } = rateFiles.address() as AddressInfo;
    const day = dayOf(receivedAt - 300);
    const file = { version: 1, day, observed: day, base: "EUR", rates: { USD: "1.0823", JPY: "163.51" } };
    const signed = async (by: Wallet | typeof signer, rates = file.rates) => {
      const said = { ...file, rates };
      const signature = await by.signTypedData(RATE_FILE_DOMAIN, RATE_FILE_TYPES, rateFileMessage(said));
      return JSON.stringify({ ...said, signature });
    };
    const by: SaleCurrencies = {
      ...currencies,
      rates: { kind: "file", url: `http://127.0.0.1:${port}/{day}.json`, signer: signer.address, maxAgeDays: 5 },
    };
    const rate: Rate = {
      numerator: "10823",
      denominator: "10000",
      observedAt: Date.parse(day) / 1000,
      sources: [{ file: rateFileDigest(file, signer.address), day }],
    };
    await open(by);
    expect(await ask(sold("1", rate))).to.deep.include({ ok: false, transient: true });
    published.set(`/${day}.json`, await signed(Wallet.createRandom()));
    expect((await ask(sold("1", rate))).reason).to.match(new RegExp(`is signed by 0x\\w+, not by ${signer.address}`));
    published.set(`/${day}.json`, await signed(signer));
    expect(await ask(sold("1", rate))).to.deep.equal({ ok: true });
    // Another file of that day, of the same signer: the relayer's is not the one that everybody has.
    const other = rateFileDigest({ ...file, rates: { USD: "1.2" } as typeof file.rates }, signer.address);
    expect((await ask(sold("1", { ...rate, numerator: "12000", sources: [{ file: other, day }] }))).reason).to.match(
      /by the file 0x\w+ of .*, which was not in force/,
    );
  });

  it("is taken back by no more than its source gives back, at the rate that was signed", async () => {
    write([row("9")]);
    writeFileSync(
      rulesFile,
      JSON.stringify({
        version: 1,
        campaigns: { "*": { source: { kind: "csv", file: orders }, currencies, reversals: "source" } },
      }),
    );
    attester = await buildAttester(world, { rulesFile });
    const { rate } = (await findRate()) as { rate: Rate };
    const conversion = sold("9", rate);
    const attestation = attest(campaignId, [conversion], await world.now());
    const batch = { attestation, conversions: [conversion] };
    expect((await attester.ask("/v1/attestations", batch)).status).to.equal(200);
    await carry(world, batch, [0, attesters[0]]);
    const { digestFor } = await import("#attester/review.ts");
    // 20 euros are 22 tokens.
    write([row("9", { refunded: "20.00" })]);
    const lowerTo = (volumeUnits: bigint) => {
      const line = { offerId: 1, partner: world.partners[0] as string, count: 1, volumeUnits };
      return attester.ask("/v1/reversals", {
        campaignId,
        attestation: digestFor(world.chain, attestation),
        targets: [packLine(line)],
        reasonHash: reasonHash("refunded"),
        conversions: [{ key: conversion.key }],
      });
    };
    const refused = await lowerTo(3_299n);
    expect(refused.body.reason).to.match(/lowered by more than was given back/);
    expect((await lowerTo(3_300n)).status).to.equal(200);
  });
});
