import {
  type FileRates,
  isSameRate,
  type Rate,
  type SaleCurrencies,
  toTokensDown,
} from "@partner-programs/protocol/rates";
import { expect } from "chai";
import { AbiCoder, getAddress, Interface, makeError, toBeHex } from "ethers";
import fc from "fast-check";
import { openFeeds } from "#service/chain/feeds.ts";
import { createRates, type DailyFile } from "#service/rates.ts";

const address = (n: number) => getAddress(toBeHex(n, 20));
const [EUR, ETH, UPTIME] = [address(0xe0), address(0xe7), address(0x59)];
const FEED = new Interface([
  "function decimals() view returns (uint8)",
  "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)",
  "function getRoundData(uint80) view returns (uint80, int256, uint256, uint256, uint80)",
]);

interface Told {
  readonly answer: bigint;
  readonly at: number;
  readonly startedAt?: number;
  readonly answeredIn?: bigint;
}

/** A node with feeds: of each its decimals and its rounds by phase, counted from 1. `missing`: how a round that is not there is answered. */
function node(
  feeds: Record<string, { decimals: number; phases: Told[][] }>,
  head: number,
  missing: "reverts" | "zeros",
) {
  const asked: string[] = [];
  const chain = { head, fork: "", forkedAt: 0, looks: 0 };
  const provider = {
    /** Each second a block. Of another fork each has another hash. */
    getBlock: async (which: unknown) => {
      if (which === "latest") chain.looks++;
      const number = which === "latest" ? chain.head : Number(which);
      return {
        number,
        timestamp: number,
        hash: `block ${number} ${number > chain.forkedAt ? chain.fork : ""}`,
      } as never;
    },
    async call({ to, data }: { to?: unknown; data?: string | null }): Promise<string> {
      const feed = feeds[String(to)];
      if (feed === undefined) return "0x";
      const call = FEED.parseTransaction({ data: data ?? "0x" });
      asked.push(call?.name ?? "");
      if (call?.name === "decimals") return AbiCoder.defaultAbiCoder().encode(["uint8"], [feed.decimals]);
      const phases = feed.phases.length;
      const latest = (BigInt(phases) << 64n) | BigInt(feed.phases.at(-1)?.length ?? 0);
      const id = call?.name === "latestRoundData" ? latest : BigInt(call?.args[0]);
      const round = feed.phases[Number(id >> 64n) - 1]?.[Number(id & (2n ** 64n - 1n)) - 1];
      if (round === undefined && missing === "reverts")
        throw makeError("no data", "CALL_EXCEPTION", {
          action: "call",
          data: "0x",
          reason: null,
          transaction: {} as never,
          invocation: null,
          revert: null,
        });
      const { answer = 0n, at = 0, startedAt = at, answeredIn = id } = round ?? {};
      return FEED.encodeFunctionResult("getRoundData", [id, answer, startedAt, at, answeredIn]);
    },
  };
  return { provider, asked, chain };
}

const noFile = async (): Promise<DailyFile> => ({ problem: "is not there" });
const findBy = (provider: ReturnType<typeof node>["provider"]) =>
  createRates({ feeds: openFeeds(provider), fileOf: noFile });
const inEuros = (more: object = {}): SaleCurrencies => ({
  accepted: ["EUR"],
  token: "USD",
  rates: { kind: "feeds", feeds: { EUR }, maxAgeSeconds: 3_600, ...more },
});

/** Received five minutes after the time whose rate counts. */
const RECEIVED = 1_000_300;
const AT = 1_000_000;

describe("the rate of a sale by a feed", () => {
  it("is that of the round in force five minutes before it was received, wherever its feed is by now", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 40 }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.constantFrom("reverts" as const, "zeros" as const),
        async (gaps, time, missing) => {
          let at = 0;
          const phases = gaps.map((phase) =>
            phase.map((gap) => {
              at += gap;
              return { answer: BigInt(at), at };
            }),
          );
          const { provider } = node({ [EUR]: { decimals: 8, phases } }, 40_000, missing);
          const all = phases.flatMap((rounds, i) =>
            rounds.map((one, k) => ({ ...one, id: (BigInt(i + 1) << 64n) | BigInt(k + 1) })),
          );
          const expected = all.findLast((one) => one.at <= time);
          const found = await (await openFeeds(provider).at(time)).roundAt(EUR);
          expect(found?.id).to.equal(expected?.id);
          expect(found?.answer).to.equal(expected?.answer);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is an exact fraction, also by what the token is worth itself", async () => {
    const feeds = {
      [EUR]: { decimals: 8, phases: [[{ answer: 108_230_000n, at: AT - 100 }]] },
      [ETH]: { decimals: 18, phases: [[{ answer: 3n * 10n ** 21n, at: AT - 3_000 }]] },
    };
    const find = findBy(node(feeds, RECEIVED, "reverts").provider);
    const dollars = (await find(inEuros(), "EUR", RECEIVED)).rate as Rate;
    expect(toTokensDown("49.90", dollars, 6)).to.equal("54.00677");
    expect(dollars.sources).to.deep.equal([{ feed: EUR, round: String((1n << 64n) | 1n) }]);
    const ether = (await find(inEuros({ token: ETH }), "EUR", RECEIVED)).rate as Rate;
    // 49.90 × 1.0823 ÷ 3000, cut off at a wei.
    expect(toTokensDown("49.90", ether, 18)).to.equal("0.018002256666666666");
    expect(ether.observedAt).to.equal(AT - 3_000);
    // A sale in what the feeds are in needs the token's feed alone.
    expect(toTokensDown("3000", (await find(inEuros({ token: ETH }), "USD", RECEIVED)).rate as Rate, 18)).to.equal("1");
    expect((await find(inEuros(), "USD", RECEIVED)).rate).to.deep.include({
      numerator: "1",
      denominator: "1",
      sources: [],
    });
  });

  it("is none where the round is stale, carried over, or not above zero, and says which", async () => {
    const told: [Told, RegExp][] = [
      [{ answer: 1n, at: AT - 3_601 }, /3601 seconds old, and the campaign takes 3600/],
      [{ answer: 0n, at: AT }, /answered 0/],
      [{ answer: -1n, at: AT }, /answered -1/],
      [{ answer: 1n, at: AT, answeredIn: 3n }, /answered in round 3: it is an old answer/],
    ];
    for (const [round, problem] of told) {
      const { provider } = node({ [EUR]: { decimals: 8, phases: [[round]] } }, RECEIVED, "zeros");
      const found = await findBy(provider)(inEuros(), "EUR", RECEIVED);
      expect(found.problem).to.match(problem);
    }
    expect((await findBy(node({}, RECEIVED, "zeros").provider)(inEuros(), "EUR", RECEIVED)).problem).to.match(
      /as a feed/,
    );
  });

  it("waits for a node that is behind", async () => {
    const feeds = { [EUR]: { decimals: 8, phases: [[{ answer: 1n, at: AT }]] } };
    const behind = await findBy(node(feeds, AT - 1, "zeros").provider)(inEuros(), "EUR", RECEIVED);
    expect(behind).to.deep.include({ transient: true });
    expect(behind.problem).to.match(/node is at 999999/);
    expect((await findBy(node(feeds, AT, "zeros").provider)(inEuros(), "EUR", RECEIVED)).problem).to.equal(undefined);
  });

  it("is none while an L2's sequencer is down, or has been back for less than it has to be", async () => {
    const sequencer = { feed: UPTIME, graceSeconds: 3_600 };
    const ask = (states: Told[]) => {
      const feeds = {
        [EUR]: { decimals: 8, phases: [[{ answer: 1n, at: AT }]] },
        [UPTIME]: { decimals: 0, phases: [states] },
      };
      return findBy(node(feeds, RECEIVED, "reverts").provider)(inEuros({ sequencer }), "EUR", RECEIVED);
    };
    // A state that lasts is updated, and began when it began.
    expect((await ask([{ answer: 0n, startedAt: AT - 9_000, at: AT + 250 }])).problem).to.equal(undefined);
    const down = [
      { answer: 0n, at: AT - 9_000 },
      { answer: 1n, at: AT - 10 },
      { answer: 0n, at: AT + 200 },
    ];
    expect((await ask(down)).problem).to.match(/sequencer was down/);
    expect((await ask([{ answer: 0n, at: AT - 3_599 }])).problem).to.match(/has to be for 3600/);
  });

  it("is read by one look at the chain, however many feeds it is made of", async () => {
    const uptime = { decimals: 0, phases: [[{ answer: 0n, at: AT - 9_000 }]] };
    const one = (answer: bigint) => ({ decimals: 8, phases: [[{ answer, at: AT - 10 }], [{ answer, at: AT - 5 }]] });
    const { provider, chain } = node({ [EUR]: one(1n), [ETH]: one(2n), [UPTIME]: uptime }, RECEIVED, "reverts");
    const find = findBy(provider);
    const currencies = inEuros({ token: ETH, sequencer: { feed: UPTIME, graceSeconds: 3_600 } });
    const named = [EUR, ETH].map((feed) => ({ feed, round: String((1n << 64n) | 1n) }));
    for (const looks of [1, 2]) {
      expect((await find(currencies, "EUR", RECEIVED, named)).rate?.sources).to.deep.equal(named);
      expect(chain.looks).to.equal(looks);
    }
  });

  it("of a phase that is over counts where it was in force, and no other round does", async () => {
    const phases = [
      [
        { answer: 100n, at: AT - 900 },
        { answer: 110n, at: AT - 50 },
        { answer: 111n, at: AT + 50 },
      ],
      [{ answer: 112n, at: AT - 20 }],
    ];
    const find = findBy(node({ [EUR]: { decimals: 2, phases } }, RECEIVED, "reverts").provider);
    const named = (phase: bigint, round: bigint) => [{ feed: EUR, round: String((phase << 64n) | round) }];
    const own = (await find(inEuros(), "EUR", RECEIVED)).rate as Rate;
    expect(own.numerator).to.equal("112");
    const earlier = (await find(inEuros(), "EUR", RECEIVED, named(1n, 2n))).rate as Rate;
    expect(earlier.numerator).to.equal("110");
    for (const round of [1n, 3n, 4n])
      expect(isSameRate((await find(inEuros(), "EUR", RECEIVED, named(1n, round))).rate as Rate, own)).to.equal(true);
  });

  it("is read anew where blocks were reorganised away that it was read of, and no more often", async () => {
    const rounds = [{ answer: 100n, at: AT - 90 }];
    const { provider, asked, chain } = node({ [EUR]: { decimals: 2, phases: [rounds] } }, AT, "reverts");
    const find = findBy(provider);
    const numerator = async () => (await find(inEuros(), "EUR", RECEIVED)).rate?.numerator;
    expect(await numerator()).to.equal("100");
    // A longer chain of the same blocks.
    chain.head += 5;
    expect(await numerator()).to.equal("100");
    expect(asked).to.deep.equal(["latestRoundData", "decimals"]);
    // The last blocks are others now: in them there was another round, still before the sale's time.
    Object.assign(chain, { fork: "b", forkedAt: AT - 20 });
    rounds.push({ answer: 105n, at: AT - 10 });
    chain.head += 5;
    expect(await numerator()).to.equal("105");
    // And a round that was read by its number is another one.
    rounds.push({ answer: 106n, at: AT + 5 });
    chain.head += 5;
    expect((await find(inEuros(), "EUR", RECEIVED, [{ feed: EUR, round: "1" }])).rate?.numerator).to.equal("105");
    Object.assign(chain, { fork: "c", forkedAt: AT - 20, head: AT + 3 });
    rounds.splice(1, 2, { answer: 107n, at: AT - 9 }, { answer: 108n, at: AT + 6 });
    expect(await numerator()).to.equal("107");
  });

  it("costs no call as long as what is known reaches to its time", async () => {
    const { provider, asked } = node(
      { [EUR]: { decimals: 8, phases: [[{ answer: 1n, at: AT - 10 }]] } },
      AT + 280,
      "reverts",
    );
    const find = findBy(provider);
    for (let second = 0; second <= 280; second++) await find(inEuros(), "EUR", RECEIVED + second);
    expect(asked).to.deep.equal(["latestRoundData", "decimals"]);
  });
});

describe("the rate of a sale by a day's file", () => {
  const rates: FileRates = { kind: "file", url: "https://rates.example/{day}.json", signer: address(1), maxAgeDays: 5 };
  const currencies: SaleCurrencies = { accepted: ["JPY", "KWD", "EUR"], token: "USD", rates };
  const asked: string[] = [];
  const fileOf = async (_: FileRates, day: string): Promise<DailyFile> => {
    asked.push(day);
    if (day !== "2026-11-28") return { problem: "is not there: its address answered 404" };
    const table = { USD: "1.0823", JPY: "163.51", KWD: "0.33295" };
    const file = { version: 1 as const, day, observed: "2026-11-27", base: "EUR", rates: table, signature: "0x" };
    return { file, digest: `0x${"ab".repeat(32)}` };
  };
  const find = createRates({ feeds: openFeeds(node({}, 0, "zeros").provider), fileOf });
  const noon = Date.UTC(2026, 10, 28, 12) / 1000;

  it("is that of the day, across the table's base, and as exact for yen and dinars", async () => {
    const value = async (volume: string, currency: string) =>
      toTokensDown(volume, (await find(currencies, currency, noon)).rate as Rate, 6);
    expect(await value("5000", "JPY")).to.equal("33.095835");
    expect(await value("1.234", "KWD")).to.equal("4.011287");
    expect(await value("10", "EUR")).to.equal("10.823");
    const { sources, observedAt } = (await find(currencies, "JPY", noon)).rate as Rate;
    expect(sources).to.deep.equal([{ file: `0x${"ab".repeat(32)}`, day: "2026-11-28" }]);
    expect(observedAt).to.equal(Date.UTC(2026, 10, 27) / 1000);
  });

  it("of a day without a file is awaited, and of one that does not name the currency is none", async () => {
    expect(await find(currencies, "JPY", noon + 86_400)).to.deep.equal({
      problem: "the file of rates of 2026-11-29 is not there: its address answered 404",
      transient: true,
    });
    const swiss = { ...currencies, accepted: ["CHF"] };
    expect((await find(swiss, "CHF", noon)).problem).to.match(/has no CHF/);
    expect((await find(swiss, "JPY", noon)).problem).to.match(/takes USD, CHF, not JPY/);
  });
});
