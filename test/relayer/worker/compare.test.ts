import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { expect } from "chai";
import type { KeptRow } from "#relayer/store/agreement.ts";
import { compare, createCompare, difference } from "#relayer/worker/compare.ts";
import type { CampaignState } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { openVariedHistory, type Row, type VariedHistory } from "../../support/variedHistory.ts";

const NOBODY = `0x${"0".repeat(40)}`;
/** What of a campaign is compared: how it is called here, in the contract, and in words; and which other value it could have. */
const COMPARED: readonly [
  here: keyof KeptRow,
  there: keyof CampaignState,
  words: string,
  value: unknown,
  other: unknown,
][] = [
  ["available", "available", "available", 5n, 6n],
  ["reserved", "reserved", "reserved", 7n, 6n],
  ["next_conversion", "nextConversion", "the next number", 9n, 10n],
  ["offers", "offerCount", "offers", 2n, 1n],
  ["suspended_until", "suspendedUntil", "suspended until", 0n, 1n],
  ["closes_at", "closesAt", "closing at", 3n, 0n],
  ["final_at", "finalAt", "final at", 4n, 0n],
  ["withdrawal_amount", "withdrawalAmount", "the withdrawal", 0n, 1n],
  ["withdrawable_at", "withdrawableAt", "withdrawable at", 0n, 1n],
  ["locked_until", "lockedUntil", "guaranteed until", 11n, 12n],
  ["brand", "brand", "the brand", "0xbrand", "0xother"],
  ["pending_brand", "pendingBrand", "the next brand", "0xnext", NOBODY],
  ["transferable_at", "transferableAt", "transferable at", 13n, 0n],
  ["daily_limit", "dailyLimit", "the daily limit", 100n, 101n],
  ["next_daily_limit", "nextDailyLimit", "the next daily limit", 200n, 0n],
  ["next_daily_limit_at", "nextDailyLimitAt", "the next daily limit's time", 14n, 0n],
  ["kinds_listed", "kindsListed", "kinds that were set", true, false],
];
const KEPT = Object.fromEntries(COMPARED.map(([here, , , value]) => [here, value])) as unknown as KeptRow;
const STATE = {
  limited: true,
  ...Object.fromEntries(COMPARED.map(([, there, , value]) => [there, value])),
} as CampaignState;

/** A campaign of which nothing happened, or everything was taken back. */
const EMPTY: KeptRow = {
  ...(Object.fromEntries(COMPARED.map(([here]) => [here, 0n])) as unknown as KeptRow),
  next_conversion: 1n,
  brand: "0xbrand",
  pending_brand: null,
  daily_limit: null,
  next_daily_limit: null,
  kinds_listed: false,
};

describe("what is kept of a campaign beside what the contract has", () => {
  it("differs in nothing, or is told by the name of what differs, with both values", () => {
    expect(difference(KEPT, STATE)).to.equal(undefined);
    for (const [here, there, words, value, other] of COMPARED) {
      expect(difference({ ...KEPT, [here]: other }, STATE)).to.equal(`${words}: ${other} here, ${value} on the chain`);
      expect(difference(KEPT, { ...STATE, [there]: other })).to.equal(`${words}: ${value} here, ${other} on the chain`);
    }
    const two = difference({ ...KEPT, available: 0n, reserved: 0n }, STATE);
    expect(two).to.equal("available: 0 here, 5 on the chain; reserved: 0 here, 7 on the chain");
  });

  it("has no limit and no next brand where nothing is said of them", () => {
    const open = { ...STATE, limited: false, dailyLimit: 0n, nextDailyLimit: 0n, pendingBrand: NOBODY };
    const kept = { ...KEPT, daily_limit: null, next_daily_limit: null, pending_brand: null };
    expect(difference(kept, open)).to.equal(undefined);
    expect(difference({ ...kept, daily_limit: 0n }, open)).to.equal(
      `the daily limit: 0 here, ${NO_LIMIT} on the chain`,
    );
  });

  it("of which the contract knows nothing is empty, whatever its brand was", () => {
    expect(difference(EMPTY, undefined)).to.equal(undefined);
    for (const [here, , words, value, other] of COMPARED) {
      if (here === "brand") continue;
      const one = EMPTY[here] === value ? other : value;
      expect(difference({ ...EMPTY, [here]: one }, undefined)).to.match(new RegExp(`^${words}: ${one} here, `));
    }
  });
});

describe("comparing campaigns with the contract", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  before(async () => {
    varied = await openVariedHistory();
    ({ database } = varied);
  });
  after(() => varied?.close());

  /** A contract that has what is kept, but for `changes`; with so many nodes, whose final blocks have this hash. */
  function chainOf(changes: ReadonlyMap<string, Partial<CampaignState>>, { needed = 1, hash = "0xmark" } = {}) {
    const asked: string[] = [];
    const chain = {
      nodes: () => ({ needed }),
      agreed: <T>(work: () => Promise<T>) => work(),
      block: async () => ({ hash }),
      campaignAt: async (id: string) => {
        asked.push(id);
        const [kept] = await database.query<Row>(
          `SELECT *, (SELECT count(*) FROM offers WHERE campaign_id = $1) AS offers,
             EXISTS (SELECT 1 FROM kinds WHERE campaign_id = $1) AS listed FROM campaigns WHERE id = $1`,
          [id],
        );
        const state: Row = { limited: kept.daily_limit !== null };
        for (const [here, there] of COMPARED) state[there] = kept[here] ?? 0n;
        return {
          ...state,
          offerCount: kept.offers,
          kindsListed: kept.listed,
          pendingBrand: kept.pending_brand ?? NOBODY,
          ...changes.get(id),
        };
      },
    };
    return { asked, work: { database, chain } as never };
  }
  const asides = () =>
    database.query<Row>("SELECT campaign_id, block, event, reason FROM set_aside ORDER BY campaign_id");

  it("sets those aside that differ, with what differs, and notes of the others up to where both agree", async () => {
    await database.query("DELETE FROM set_aside");
    const ids = varied.campaigns().toSorted();
    const [first = "", second = ""] = ids;
    const [cursor] = await database.query<Row>("SELECT block, block_time FROM chain_cursor");
    const { work } = chainOf(new Map([[second, { available: 1n }]]));
    expect(await compare(work, ids)).to.deep.equal([second]);
    const [found, ...others] = await asides();
    expect(others).to.deep.equal([]);
    expect([found?.campaign_id, found?.block, found?.event]).to.deep.equal([second, cursor?.block, null]);
    expect(found?.reason).to.match(
      new RegExp(`^at block ${cursor?.block} it is not as the contract has it \\(available: `),
    );
    const agreed = await database.query<Row>("SELECT id, agreed_block, agreed_time FROM campaigns ORDER BY id");
    for (const { id, agreed_block, agreed_time } of agreed)
      expect([agreed_block, agreed_time], id).to.deep.equal(
        id === second ? [1n, 0n] : [cursor?.block, cursor?.block_time],
      );
    expect(await compare(work, [])).to.deep.equal([]);
    // Taken back by a reorganisation while it was compared: nothing of that block counts.
    await database.query("DELETE FROM set_aside");
    await database.query("UPDATE chain_cursor SET final_block = block - 1");
    expect(await compare(chainOf(new Map([[first, { available: 1n }]])).work, [first])).to.deep.equal([]);
    expect(await asides()).to.deep.equal([]);
    await database.query("UPDATE chain_cursor SET final_block = block");
  });

  it("is done when another block is final, not more often than it is told, and not while final blocks were not read", async () => {
    let now = 0;
    const { asked, work } = chainOf(new Map());
    const job = createCompare(work, 1_000, () => now);
    const compared = async () => {
      asked.length = 0;
      expect(await job()).to.equal(asked.length);
      return asked.length > 0;
    };
    const next = () => database.query("UPDATE chain_cursor SET block = block + 1, final_block = final_block + 1");
    expect(await compared()).to.equal(true);
    now = 5_000;
    expect(await compared(), "the same final block").to.equal(false);
    await next();
    expect(await compared()).to.equal(true);
    await next();
    now = 5_999;
    expect(await compared(), "too soon").to.equal(false);
    now = 6_000;
    expect(await compared()).to.equal(true);
    await database.query("UPDATE chain_cursor SET final_block = final_block + 5");
    now = 60_000;
    expect(await compared(), "behind what is final").to.equal(false);
    await database.query("UPDATE chain_cursor SET block = final_block");
    expect(await compared()).to.equal(true);
  });

  it("first holds the newest final block that was read against that of enough nodes, every two minutes", async () => {
    await database.query("DELETE FROM indexed_blocks");
    const [cursor] = await database.query<{ final_block: bigint }>("SELECT final_block FROM chain_cursor");
    const final = cursor?.final_block ?? 0n;
    for (const [block, hash] of [
      [final - 1n, "0xolder"],
      [final, "0xmark"],
      [final + 1n, "0xnewer"],
    ])
      await database.query("INSERT INTO indexed_blocks (block, hash, time) VALUES ($1, $2, 1)", [block, hash]);
    const other = { needed: 2, hash: "0xanother" };
    const refused = await createCompare(chainOf(new Map(), other).work)().catch((error: Error) => error);
    expect(refused).to.be.instanceOf(Error);
    expect(String(refused)).to.match(new RegExp(`Block ${final}, which is final, was read as 0xmark.*0xanother`));
    for (const told of [{ needed: 1, hash: "0xanother" }, { needed: 2 }, { needed: 2, hash: undefined as never }])
      expect(await createCompare(chainOf(new Map(), told).work)(), JSON.stringify(told)).to.be.greaterThan(0);

    let now = 0;
    const told = { needed: 2, hash: "0xnewer" };
    const { work } = chainOf(new Map(), told);
    (work as Row).chain.block = async () => ({ hash: told.hash });
    const job = createCompare(work, 0, () => now);
    const later = async (milliseconds: number) => {
      now = milliseconds;
      await database.query("UPDATE chain_cursor SET block = block + 1, final_block = final_block + 1");
      return job().catch(() => "another fork");
    };
    expect(await later(0)).to.be.a("number");
    told.hash = "0xanother";
    expect(await later(119_999), "asked before").to.be.a("number");
    expect(await later(120_000)).to.equal("another fork");
  });
});
