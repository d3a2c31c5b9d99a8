import { packLine } from "@partner-programs/protocol/line";
import {
  RATE_FILE_DOMAIN,
  RATE_FILE_TYPES,
  rateFileDigest,
  rateFileMessage,
} from "@partner-programs/protocol/rateFile";
import { type ConvertedSale, type Rate, type SaleCurrencies, saltOfSale } from "@partner-programs/protocol/rates";
import { expect } from "chai";
import { Interface, id, Wallet } from "ethers";
import type { Paid } from "#scripts/audit/conditions.ts";
import { Findings } from "#scripts/audit/findings.ts";
import { checkRates, type RatePlaces } from "#scripts/audit/rates.ts";

const FEED = `0x${"11".repeat(20)}`;
const AT = 1_700_000_000;
const byFeed: SaleCurrencies = {
  accepted: ["EUR"],
  token: "USD",
  rates: { kind: "feeds", feeds: { EUR: FEED }, maxAgeSeconds: 86_400 },
};
const round = (number: number, answer: number, updatedAt: number) => ({
  ...{ id: BigInt(number), answer: BigInt(answer), startedAt: updatedAt, updatedAt, answeredInRound: BigInt(number) },
});
/** A euro is 1.05, then 1.10. */
const ROUNDS = [round(1, 105, AT - 9_000), round(2, 110, AT - 4_000)];
const AGGREGATOR = new Interface([
  "function decimals() view returns (uint8)",
  "function getRoundData(uint80) view returns (uint80, int256, uint256, uint256, uint80)",
]);
/** The feed, on a node that reverts where there is no round. */
async function call(to: string, data: string): Promise<string | undefined> {
  if (to !== FEED) return "0x";
  const asked = AGGREGATOR.parseTransaction({ data });
  if (asked?.name === "decimals") return AGGREGATOR.encodeFunctionResult("decimals", [2]);
  const found = ROUNDS.find((one) => one.id === asked?.args[0]);
  return found && AGGREGATOR.encodeFunctionResult("getRoundData", Object.values(found));
}
const rateOf = ({ id: number, answer, updatedAt }: (typeof ROUNDS)[number]): Rate => ({
  ...{ numerator: String(answer), denominator: "100", observedAt: updatedAt },
  sources: [{ feed: FEED, round: String(number) }],
});
const [older, newer] = ROUNDS.map(rateOf) as [Rate, Rate];

const description = (currencies: SaleCurrencies | undefined) =>
  JSON.stringify({
    version: 1,
    name: "n",
    summary: "s",
    destination: "https://brand.example/",
    attribution: { touch: "first", windowSeconds: 1, bindingSeconds: null },
    events: [{ name: "sale", title: "t", perCustomer: null }],
    currencies,
  });

interface Case {
  readonly rate?: Rate;
  readonly occurredAt?: number | undefined;
  readonly salt?: string;
  readonly units?: bigint;
  readonly by?: SaleCurrencies;
  readonly served?: boolean;
  readonly places?: Partial<RatePlaces> | undefined;
}

/** What is found of a sale of 50 euros that was received at AT: what was checked, what differs, and what was left. */
async function audit({ rate = newer, units = 5_500n, by = byFeed, served = true, ...more }: Case = {}) {
  const findings = new Findings();
  const sale: ConvertedSale = { currency: "EUR", volume: "50", rate, nonce: id("nonce") };
  const paid: Paid = {
    number: "7",
    salt: more.salt ?? saltOfSale(sale),
    entries: [packLine({ offerId: 1, partner: FEED, count: 1, volumeUnits: units })],
    receivedAt: AT,
    attestedAt: AT + 100,
    shown: {
      event: "sale",
      attributes: {},
      history: null,
      sale,
      occurredAt: "occurredAt" in more ? more.occurredAt : AT,
    },
  };
  const texts = new Map(served ? [[id("d"), description(by)]] : []);
  const places =
    "places" in more && more.places === undefined ? undefined : { call, file: async () => undefined, ...more.places };
  const announced = [{ hash: id("d"), effectiveAt: 0 }];
  await checkRates(findings, [paid], { announced, texts }, { unitExponent: 4, decimals: 6 }, places);
  const found = findings.list().find(({ name }) => name === "rates");
  return [found?.checked, found?.differences.join("\n"), found?.left.join("\n")];
}

describe("an audit of rates", () => {
  it("reads the round again that was in force, and finds another one, another salt, and more units than that comes to", async () => {
    expect(await audit()).to.deep.equal([3, "", ""]);
    expect((await audit({ rate: older, units: 5_250n }))[1]).to.equal(
      `Conversion 7, 50 EUR, was converted by round 1 of the feed ${FEED}, which is not its rate.`,
    );
    expect((await audit({ rate: { ...newer, numerator: "120" }, units: 6_000n }))[1]).to.match(/which is not its rate/);
    expect((await audit({ rate: { ...newer, sources: [] } }))[1]).to.match(
      /by one for one token, which is not its rate/,
    );
    expect((await audit({ salt: id("another") }))[1]).to.match(/has another salt in its batch/);
    expect((await audit({ units: 5_501n }))[1]).to.match(/counts for 5501 units, and is 5500 by round 2/);
    // By no description of then was it in euros at all.
    expect(
      (
        await audit({ by: { ...byFeed, accepted: ["JPY"], rates: { ...byFeed.rates, feeds: { JPY: FEED } } as never } })
      )[1],
    ).to.match(/which is not its rate/);
  });

  it("goes by when a late sale was made, and says where only its brand can know that", async () => {
    const late = { rate: older, units: 5_250n };
    expect(await audit({ ...late, occurredAt: AT - 10_000 })).to.deep.equal([3, "", ""]);
    expect((await audit({ occurredAt: AT - 10_000 }))[1]).to.match(/by round 2 .*, which is not its rate/);
    const partner = await audit({ ...late, occurredAt: undefined });
    expect(partner).to.deep.equal([
      2,
      "",
      `Conversion 7, 50 EUR, is converted by round 1 of the feed ${FEED}: whether that was in force at its time only who knows when it was made can say.`,
    ]);
    // What no round ever said it can tell.
    expect((await audit({ rate: { ...older, numerator: "200" }, units: 1n, occurredAt: undefined }))[1]).to.match(
      /which is not its rate/,
    );
  });

  it("reads a signed file wherever it is served, and takes none that is another's", async () => {
    const signer = Wallet.createRandom();
    const day = new Date((AT - 300) * 1000).toISOString().slice(0, 10);
    const table = { version: 1, day, observed: day, base: "EUR", rates: { USD: "1.0823" } };
    const text = async (by: { signTypedData: Wallet["signTypedData"] }) =>
      JSON.stringify({
        ...table,
        signature: await by.signTypedData(RATE_FILE_DOMAIN, RATE_FILE_TYPES, rateFileMessage(table)),
      });
    const by: SaleCurrencies = {
      ...byFeed,
      rates: { kind: "file", url: "https://r.example/{day}.json", signer: signer.address, maxAgeDays: 5 },
    };
    const digest = rateFileDigest(table, signer.address);
    const rate: Rate = {
      ...{ numerator: "10823", denominator: "10000", observedAt: Date.parse(day) / 1000 },
      sources: [{ file: digest, day }],
    };
    const served = async (given: string | undefined) =>
      audit({ by, rate, units: 5_411n, places: { file: async () => given } });
    expect(await served(await text(signer))).to.deep.equal([3, "", ""]);
    expect((await served(undefined))[2]).to.match(/nobody who was asked has the file/);
    expect((await served(await text(Wallet.createRandom())))[2]).to.match(/is another, or another's/);
  });

  it("says what it could not check: without a node, without the description", async () => {
    expect(await audit({ places: undefined })).to.deep.equal([
      2,
      "",
      `Conversion 7, 50 EUR, is converted by round 2 of the feed ${FEED}: no node was asked.`,
    ]);
    expect((await audit({ served: false }))[2]).to.match(/the description that was in force is not served/);
  });
});
