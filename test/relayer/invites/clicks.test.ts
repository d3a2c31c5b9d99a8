import { expect } from "chai";
import { SECRET } from "#harness/relayer.ts";
import { openRelayerWithLinks, type RelayerWithLinks } from "#harness/relayerWithLinks.ts";
import { createCache, TooManyReads } from "#relayer/invites/cache.ts";
import { createClickCounter } from "#relayer/invites/clicks.ts";
import { createInvites, type Invite } from "#relayer/invites.ts";
import type { Database, Sql } from "#service/database.ts";

const NOON = Date.UTC(2030, 0, 1, 12);
const HOUR = 3_600_000;

describe("counting clicks", function () {
  this.timeout(240_000);
  let town: RelayerWithLinks;
  /** What the database does before a query, in the tests that need it to be slow or down. */
  let first = async (_text: string) => {};
  before(async () => {
    const hooked = (real: Database): Database => ({
      ...real,
      async query<Row>(text: string, parameters?: readonly unknown[]) {
        await first(text);
        return real.query<Row>(text, parameters);
      },
    });
    town = await openRelayerWithLinks(hooked);
  });
  afterEach(() => {
    first = async () => {};
  });
  after(() => town?.close());

  /** A link of a new partner, what the API tells of its days, and visits of it. */
  async function newLink() {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    const invite = (await town.invites.find(code, NOON)) as Invite;
    return {
      campaignId,
      code,
      session,
      visit: (by: "person" | "bot" | "prefetch", now: number) => town.invites.lead(invite, by, now),
      days: async (query = "") =>
        (await town.call("GET", `/v1/campaigns/${campaignId}/links/${code}/clicks${query}`, { token: session })).body,
    };
  }

  it("adds up by day, in UTC, people apart from bots", async () => {
    const { visit, days } = await newLink();
    for (const hours of [-12, -1, 0, 11.99, 12, 36]) visit("person", NOON + hours * HOUR);
    visit("bot", NOON);
    visit("prefetch", NOON);
    await town.invites.flushClicks();
    visit("person", NOON);
    await town.invites.flushClicks();
    expect(await days()).to.deep.equal([
      { day: "2030-01-01", clicks: 5, bots: 2 },
      { day: "2030-01-02", clicks: 1, bots: 0 },
      { day: "2030-01-03", clicks: 1, bots: 0 },
    ]);
    expect(await days("?from=2030-01-02&to=2030-01-02")).to.deep.equal([{ day: "2030-01-02", clicks: 1, bots: 0 }]);
  });

  it("loses nothing when a write fails, nor what is clicked meanwhile", async () => {
    const { visit, days } = await newLink();
    visit("person", NOON);
    first = async (text) => {
      if (!text.includes("INSERT INTO link_clicks")) return;
      visit("person", NOON);
      visit("bot", NOON + 24 * HOUR);
      throw new Error("the database is down");
    };
    for (let i = 0; i < 2; i++) {
      const failed = await town.invites.flushClicks().then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(failed).to.equal("the database is down");
    }
    first = async () => {};
    expect(await days()).to.deep.equal([]);
    await town.invites.flushClicks();
    await town.invites.flushClicks();
    expect(await days()).to.deep.equal([
      { day: "2030-01-01", clicks: 3, bots: 0 },
      { day: "2030-01-02", clicks: 0, bots: 2 },
    ]);
  });

  it("never makes a visitor wait for the database", async () => {
    const { code, visit } = await newLink();
    await town.follow(code);
    let end = () => {};
    const writing = new Promise<void>((resolve) => {
      end = resolve;
    });
    first = () => writing;
    const flushed = town.invites.flushClicks();
    expect(visit("person", NOON)).to.contain("_ushrt=");
    expect((await town.follow(code)).status).to.equal(302);
    end();
    await flushed;
    await town.invites.flushClicks();
  });

  it("goes on with the other links when one is gone", async () => {
    const { visit, days } = await newLink();
    const ghost: Invite = {
      linkId: "999999999",
      code: "bcdfghjk",
      windowMilliseconds: 1,
      plain: "",
      before: "",
      after: "",
      own: new Set(),
    };
    town.invites.lead(ghost, "person", NOON);
    visit("person", NOON);
    await town.invites.flushClicks();
    expect(await days()).to.deep.equal([{ day: "2030-01-01", clicks: 1, bots: 0 }]);
  });

  it("holds a bounded number of links, writes them in parts, and says what it could not count", async () => {
    const written = new Map<string, number>();
    let most = 0;
    let failing = true;
    const database: Sql = {
      async query(_text, parameters) {
        const [ids, , clicks] = parameters as [string[], number[], string[]];
        most = Math.max(most, ids.length);
        // The third part fails: the first two are written, and must not be again.
        if (failing && written.size >= 10_000) throw new Error("full");
        for (const [i, id] of ids.entries()) written.set(id, (written.get(id) ?? 0) + Number(clicks[i]));
        return [];
      },
    };
    const counter = createClickCounter(database);
    for (let i = 0; i < 100_007; i++) counter.count(String(i), "clicks", NOON);
    counter.count("0", "clicks", NOON);
    const message = (error: Error) => error.message;
    expect(await counter.flush().then(() => "", message)).to.equal("full");
    failing = false;
    expect(await counter.flush().then(() => "", message)).to.match(/^7 clicks were not counted/);
    expect(most).to.equal(5_000);
    expect(written.size).to.equal(100_000);
    expect(written.get("0")).to.equal(2);
    expect([...written.values()].reduce((sum, clicks) => sum + clicks, 0)).to.equal(100_001);
    await counter.flush();
  });

  it("reads a link once for everybody who follows it at the same time, and again after five seconds", async () => {
    const { code } = await newLink();
    const invites = createInvites(town.database, SECRET);
    let reads = 0;
    first = async () => void reads++;
    const found = await Promise.all(Array.from({ length: 50 }, () => invites.find(code, NOON)));
    expect(new Set(found).size).to.equal(1);
    expect(invites.recall(code, NOON + 4_999)?.code).to.equal(code);
    await invites.find(code, NOON + 4_999);
    expect(reads).to.equal(1);
    expect(invites.recall(code, NOON + 5_000)).to.equal(undefined);
    await invites.find(code, NOON + 5_000);
    expect(reads).to.equal(2);
  });
});

describe("the cache of links", () => {
  it("asks once in five seconds for a name that does not exist", async () => {
    let reads = 0;
    const cache = createCache(
      async () => void reads++,
      () => {},
    );
    for (const now of [0, 0, 4_999]) expect(await cache.find("made-up", now)).to.equal(undefined);
    expect(reads).to.equal(1);
    await cache.find("made-up", 5_000);
    expect(reads).to.equal(2);
  });

  it("keeps what exists through a flood of made-up names", async () => {
    let reads = 0;
    const cache = createCache(
      async (name) => {
        if (name === "real") reads++;
        return name === "real" ? name : undefined;
      },
      () => {},
    );
    await cache.find("real", 0);
    for (let i = 0; i < 60_000; i++) await cache.find(`made-up-${i}`, 1);
    expect(cache.recall("real", 4_000)).to.equal("real");
    expect(reads).to.equal(1);
  });

  it("forgets what was read longest ago when there is too much", async () => {
    const cache = createCache(
      async (name) => name,
      () => {},
    );
    await cache.find("a", 0);
    await cache.find("b", 0);
    for (let i = 0; i < 49_998; i++) await cache.find(String(i), 1);
    await cache.find("b", 5_000);
    expect(cache.recall("a", 4_000)).to.equal("a");
    await cache.find("one more", 5_000);
    expect(cache.recall("a", 4_000)).to.equal(undefined);
    expect(cache.recall("b", 5_000)).to.equal("b");
  });

  it("gives the old answer for ten minutes when the database does not answer, and says so", async () => {
    let down = false;
    const heard: string[] = [];
    const cache = createCache(
      async (name) => {
        if (down) throw new Error("down");
        return name;
      },
      (error) => heard.push(String(error)),
    );
    await cache.find("a", 0);
    down = true;
    expect(await cache.find("a", 599_999)).to.equal("a");
    expect(heard).to.deep.equal(["Error: down"]);
    const message = (error: Error) => error.message;
    expect(await cache.find("a", 600_000).then(String, message)).to.equal("down");
    expect(await cache.find("b", 0).then(String, message)).to.equal("down");
    down = false;
    expect(await cache.find("a", 600_000)).to.equal("a");
  });

  it("looks up a bounded number of names at once", async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const cache = createCache(
      async (name) => (name === "known" ? name : void (await answered)),
      () => {},
    );
    await cache.find("known", 0);
    const waiting = Array.from({ length: 1_000 }, (_, i) => cache.find(`made-up-${i}`, 5_000));
    expect(await cache.find("known", 5_000)).to.equal("known");
    const refused = await cache.find("another", 5_000).catch((error) => error);
    expect(refused).to.be.instanceOf(TooManyReads);
    answer();
    await Promise.all(waiting);
    expect(await cache.find("another", 5_000)).to.equal(undefined);
  });
});
