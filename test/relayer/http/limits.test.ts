import { expect } from "chai";
import { Wallet } from "ethers";
import fc from "fast-check";
import { SECRET } from "#harness/relayer.ts";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { createBuckets } from "#relayer/http/limits.ts";
import { networkKey } from "#relayer/secrets.ts";

describe("a token bucket", () => {
  it("never lets more through than its burst and its rate", () => {
    const steps = fc.array(fc.tuple(fc.nat(500), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (perSecond, taken) => {
        const buckets = createBuckets(perSecond);
        let now = 1_000_000;
        let passed = 0;
        for (const [pause, back] of taken) {
          now += pause;
          const { allowed } = buckets.take("somebody", now);
          if (allowed) passed++;
          if (allowed && back) {
            buckets.giveBack("somebody");
            passed--;
          }
        }
        expect(passed).to.be.at.most(perSecond * 10 + ((now - 1_000_000) / 1000) * perSecond + 1e-6);
      }),
    );
  });

  it("lets the next one through after the seconds that it says", () => {
    const buckets = createBuckets(0.5);
    for (let i = 0; i < 5; i++) expect(buckets.take("a", 0).allowed).to.equal(true);
    const refused = buckets.take("a", 0);
    expect(refused).to.deep.equal({ allowed: false, left: 0, retryAfter: 2 });
    expect(buckets.take("a", 1_999).allowed).to.equal(false);
    expect(buckets.take("a", 2_001).allowed).to.equal(true);
  });

  it("gives nothing for a clock that was set back", () => {
    const buckets = createBuckets(1);
    for (let i = 0; i < 10; i++) buckets.take("a", 1_000_000);
    expect(buckets.take("a", 0).allowed).to.equal(false);
  });

  it("is forgotten when there are too many, the one longest unused first", () => {
    const buckets = createBuckets(0.1, 100);
    for (let i = 0; i < 100; i++) buckets.take(String(i), 0);
    buckets.take("0", 0);
    buckets.take("another", 0);
    expect(buckets.size).to.equal(100);
    expect(buckets.take("0", 0).allowed).to.equal(false);
    expect(buckets.take("1", 0).allowed).to.equal(true);
  });
});

describe("rate limits", () => {
  let desk: RelayerWithCampaign;
  const rates = { RATE_SIGN_IN: 2, RATE_ADDRESS: 1, RATE_SESSION: 0.5, RATE_KEY: 3, TRUST_PROXY: 2 };

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign(rates);
  });
  after(() => desk.close());

  let last = 0;
  const somebody = () => `198.51.100.${++last}`;
  /** Nothing grows back meanwhile, however slow the machine is. */
  async function passed(most: number, one: () => Promise<{ status: number }>): Promise<number> {
    const clock = Date.now;
    const now = clock();
    Date.now = () => now;
    try {
      for (let i = 0; i < most; i++) if ((await one()).status === 429) return i;
      return most;
    } finally {
      Date.now = clock;
    }
  }

  it("of an address are answered with a problem that says when to come again", async () => {
    const from = somebody();
    const list = () => desk.call("GET", "/v1/campaigns", { from });
    const first = await list();
    expect(first.headers.get("ratelimit-policy")).to.equal('"address";q=10;w=10');
    expect(first.headers.get("ratelimit")).to.equal('"address";r=9;t=1');
    expect(await passed(20, list)).to.be.within(9, 11);
    const refused = await list();
    expect(refused.status).to.equal(429);
    expect(refused.headers.get("content-type")).to.equal("application/problem+json");
    expect(refused.headers.get("retry-after")).to.equal("1");
    expect(refused.body).to.include({ status: 429, title: "Too many requests" });
    expect((await desk.call("GET", "/v1/campaigns", { from: somebody() })).status).to.equal(200);
  });

  it("of signing in are their own", async () => {
    const from = somebody();
    expect(await passed(50, () => desk.call("POST", "/v1/auth/nonces", { from }))).to.be.within(20, 22);
    expect((await desk.call("GET", "/v1/campaigns", { from })).status).to.equal(200);
  });

  it("of a key are by the key, from wherever it comes", async () => {
    const { brand, campaignId } = desk;
    const { secret: token } = await desk.addKey(campaignId, await desk.signIn(brand));
    const from = somebody();
    const read = () => desk.call("GET", "/v1/conversions/1", { token, from });
    const first = await read();
    expect([first.status, first.headers.get("ratelimit-policy")]).to.deep.equal([404, '"key";q=30;w=10']);
    expect(await passed(25, read)).to.equal(25);
    expect(await passed(25, () => desk.call("GET", "/v1/conversions/1", { token, from: somebody() }))).to.be.within(
      4,
      6,
    );
    // The address was charged nothing for it.
    expect(await passed(20, () => desk.call("GET", "/v1/campaigns", { from }))).to.be.at.least(9);
  });

  it("of a session are by the wallet, whichever of its sessions it shows", async () => {
    const wallet = Wallet.createRandom();
    const sessions = [await desk.signIn(wallet), await desk.signIn(wallet)];
    let turn = 0;
    const mine = () => desk.call("GET", "/v1/me/partnerships", { token: sessions[turn++ % 2], from: somebody() });
    expect(await passed(20, mine)).to.be.within(5, 7);
  });

  it("count guessed credentials by address", async () => {
    const from = somebody();
    let guess = 0;
    const read = () => desk.call("GET", "/v1/conversions/1", { token: `sk_guess${++guess}`, from });
    expect(await passed(30, read)).to.be.within(10, 12);
  });

  it("are not escaped by a credential that a public route does not look at", async () => {
    const from = somebody();
    let guess = 0;
    const list = () => desk.call("GET", "/v1/campaigns", { token: `sk_guess${++guess}`, from });
    expect(await passed(30, list)).to.be.within(10, 12);
  });

  it("believe of X-Forwarded-For what the trusted proxies wrote, and nothing before it", async () => {
    const from = somebody();
    let lie = 0;
    const list = (client: string) => () =>
      desk.call("GET", "/v1/campaigns", {
        from,
        headers: { "x-forwarded-for": `10.9.8.${++lie}, ${client}, 10.0.0.2` },
      });
    expect(await passed(30, list("203.0.113.5"))).to.be.within(10, 12);
    expect(await passed(30, list("203.0.113.6"))).to.be.within(10, 12);
    // With fewer entries than proxies the request did not come through them.
    const short = () => desk.call("GET", "/v1/campaigns", { from, headers: { "x-forwarded-for": `10.9.8.${++lie}` } });
    expect(await passed(30, short)).to.be.within(10, 12);
  });

  it("count an address as one, whichever port a proxy notes with it, signing in too", async () => {
    let port = 40_000;
    const forwarded = (noted: string) => ({ headers: { "x-forwarded-for": `${noted}, 10.0.0.2` }, from: somebody() });
    const list = (noted: () => string) => () => desk.call("GET", "/v1/campaigns", forwarded(noted()));
    expect(
      await passed(
        30,
        list(() => `203.0.113.20:${++port}`),
      ),
    ).to.be.within(10, 12);
    // With a port or without is the same address; another one is another.
    expect(
      await passed(
        30,
        list(() => "203.0.113.20"),
      ),
    ).to.be.below(4);
    expect(
      await passed(
        5,
        list(() => `203.0.113.21:${++port}`),
      ),
    ).to.equal(5);
    expect(
      await passed(
        30,
        list(() => `[2001:db8:20::${++port % 9}]:${++port}`),
      ),
    ).to.be.within(10, 12);
    const nonce = () => desk.call("POST", "/v1/auth/nonces", forwarded(`203.0.113.22:${++port}`));
    expect(await passed(50, nonce)).to.be.within(20, 22);
  });

  it("count who has no address by the connection, whatever else stands there", async () => {
    let word = 0;
    const from = somebody();
    const list = () =>
      desk.call("GET", "/v1/campaigns", { from, headers: { "x-forwarded-for": `_word${++word}, 10.0.0.2` } });
    expect(await passed(30, list)).to.be.within(10, 12);
  });

  it("read no header that the proxies do not write", async () => {
    let lie = 0;
    const from = somebody();
    const list = () =>
      desk.call("GET", "/v1/campaigns", {
        from,
        headers: { forwarded: `for=10.9.8.${++lie}, for=10.0.0.2`, "x-forwarded-for": "203.0.113.30, 10.0.0.2" },
      });
    expect(await passed(30, list)).to.be.within(10, 12);
  });

  it("do not hold up invite links, probes and metrics", async () => {
    const from = somebody();
    for (let i = 0; i < 50; i++) {
      for (const [path, status] of [
        ["/healthz", 200],
        ["/readyz", 200],
        ["/metrics", 200],
        ["/i/2345bcdf", 404],
      ] as const)
        expect((await desk.call("GET", path, { from })).status).to.equal(status);
    }
  });
});

describe("behind proxies that write Forwarded", () => {
  let desk: RelayerWithCampaign;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign({ RATE_ADDRESS: 1, TRUST_PROXY: 1, TRUST_PROXY_HEADER: "forwarded" });
  });
  after(() => desk.close());

  it("an address is limited by that header alone, with ports, brackets and a quote that the client left open", async () => {
    let port = 40_000;
    const list = (last: () => string) =>
      desk.call("GET", "/v1/campaigns", {
        headers: { "x-forwarded-for": `10.9.8.${++port % 256}`, forwarded: `for="evil${port}, ${last()}` },
      });
    const passed = async (last: () => string) => {
      for (let i = 0; i < 30; i++) if ((await list(last)).status === 429) return i;
      return 30;
    };
    expect(await passed(() => `for=203.0.113.2;proto=https`)).to.be.within(10, 12);
    expect(await passed(() => `for="203.0.113.3:${port}"`)).to.be.within(10, 12);
    expect(await passed(() => `proto=https;For="[2001:db8::${port % 9}]:${port}"`)).to.be.within(10, 12);
    expect(await passed(() => `for=_hidden${port}`)).to.be.within(10, 12);
  });

  it("the partner's network is noted without the port, and not at all where none is known", async () => {
    const partner = Wallet.createRandom();
    const join = async (forwarded: string) => {
      const { status } = await desk.call("POST", `/v1/campaigns/${desk.campaignId}/partnerships`, {
        token: await desk.signIn(partner),
        from: "198.51.100.7",
        headers: { forwarded },
        json: {},
      });
      expect(status).to.be.oneOf([200, 201]);
      const [row] = await desk.database.query<{ network: string | null }>(
        "SELECT network FROM partnerships WHERE partner = $1",
        [partner.address],
      );
      return row?.network;
    };
    const expected = networkKey(SECRET, desk.campaignId, "203.0.113.40");
    expect(await join('for="203.0.113.40:40001"')).to.equal(expected);
    expect(await join("for=unknown")).to.equal(expected);
    expect(await join('for="[2001:db8:40::1]:40002"')).to.equal(networkKey(SECRET, desk.campaignId, "2001:db8:40::"));
  });
});

describe("descriptions", () => {
  let desk: RelayerWithCampaign;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
  });
  after(() => desk.close());

  const description = (name: string, summary = "") => ({
    version: 1,
    name,
    summary,
    destination: "https://brand.example/",
    attribution: { touch: "first", windowSeconds: 3600, bindingSeconds: 0 },
    events: [{ name: "signup", title: "", perCustomer: null }],
    objectives: Array.from({ length: 20 }, () => "x".repeat(500)),
    expectations: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [String(i), "x".repeat(900)])),
  });

  it("are stored for who is signed in, and only so much in a day", async () => {
    expect((await desk.call("POST", "/v1/descriptions", { json: description("nobody") })).status).to.equal(401);
    const token = await desk.signIn(Wallet.createRandom());
    const statuses = [];
    for (const name of ["one", "two", "three"])
      statuses.push((await desk.call("POST", "/v1/descriptions", { token, json: description(name) })).status);
    expect(statuses).to.deep.equal([201, 201, 429]);
    // What is stored already costs nothing, and another address has its own day.
    expect((await desk.call("POST", "/v1/descriptions", { token, json: description("one") })).status).to.equal(201);
    const other = await desk.signIn(Wallet.createRandom());
    expect((await desk.call("POST", "/v1/descriptions", { token: other, json: description("three") })).status).to.equal(
      201,
    );
    await desk.database.query("UPDATE descriptions SET created_at = created_at - interval '25 hours'");
    expect((await desk.call("POST", "/v1/descriptions", { token, json: description("four") })).status).to.equal(201);
  });
});
