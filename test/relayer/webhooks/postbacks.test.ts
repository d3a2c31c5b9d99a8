import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";
import { type LocalRelayer, openRelayer, SECRET } from "#harness/relayer.ts";
import { describeWrong, fillUrl, MACROS, type Macro, SAMPLE } from "#relayer/domain/postbackUrl.ts";
import { createFailures } from "#relayer/failures.ts";
import { announceMoves, moveConversions } from "#relayer/store/conversions.ts";
import { disableFailing, forgetCalls } from "#relayer/store/postbacks.ts";
import { createCaller, type Deliverer } from "#relayer/webhooks/deliverer.ts";
import { openReceiver, verifyMessage } from "../../support/receiver.ts";

const NAMES = Object.keys(MACROS) as Macro[];

describe("a postback's address", () => {
  const BASE = "https://tracker.example/p";

  it("takes macros in its path and query, and says which it does not know", () => {
    expect(describeWrong(`${BASE}/{event}?c={conversion_id}&s={status}`)).to.equal(undefined);
    expect(describeWrong(BASE)).to.equal(undefined);
    expect(describeWrong(`${BASE}?c={conversionId}`)).to.match(
      /^The macro \{conversionId\} is not known\. There are \{conversion_id\}, /,
    );
    for (const name of ["", "constructor", "__proto__", "Status", " status"])
      expect(describeWrong(`${BASE}?c={${name}}`)).to.contain(`The macro {${name}} is not known`);
    for (const brace of ["{", "}", "{{status}}", "{status"])
      expect(describeWrong(`${BASE}?c=${brace}`), brace).to.match(/has a brace|is not known/);
    for (const other of ["javascript:alert(1)", "tracker", "https:\\\\{subid}.example/", "ht\ttps://{subid}.example/"])
      expect(describeWrong(other), other).to.equal("The address does not begin with https://.");
    for (const before of ["https://{subid}.example/", "https://{subid}/", "https://a:{code}@b.example/"])
      expect(describeWrong(before), before).to.match(/before the path/);
  });

  it("keeps each value one part of it, whatever somebody wrote into it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.string({ unit: "grapheme" }), (name, value) => {
        fc.pre(value !== "." && value !== "..");
        const filled = new URL(fillUrl(`${BASE}/x-{${name}}/y?a={${name}}&b=1`, { ...SAMPLE, [name]: value }));
        expect(filled.origin).to.equal("https://tracker.example");
        expect(filled.pathname.split("/")).to.have.lengthOf(4);
        expect(decodeURIComponent(filled.pathname.split("/")[2] ?? "")).to.equal(`x-${value}`);
        expect([...filled.searchParams]).to.deep.equal([
          ["a", value],
          ["b", "1"],
        ]);
      }),
    );
    // And leads out of no folder of it.
    for (const value of [".", "..", "../..", "%2e%2e"])
      expect(new URL(fillUrl(`${BASE}/{subid}/y`, { ...SAMPLE, subid: value })).pathname).to.match(/^\/p\/.*\/y$/);
  });
});

describe("a partner's postbacks", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let caller: Deliverer;
  const log = pino({ level: "silent" });
  const config = { RELAYER_SECRET: SECRET, WEBHOOKS_ALLOW_PRIVATE: true, WEBHOOKS_RETRY_SCALE: 0 };
  type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  type Partner = Awaited<ReturnType<Campaign["join"]>>;

  before(async () => {
    market = await openRelayer({ config });
  });
  after(() => market?.close());
  beforeEach(async () => {
    receiver = await openReceiver();
    caller = createCaller({ database: market.database, config, failures: createFailures(log), log });
  });
  afterEach(async () => {
    await caller.stop();
    await receiver.close();
    await market.database.query("DELETE FROM postbacks");
  });

  const PATH = "/v1/me/postbacks";
  const make = async ({ token }: Partner, json: object = {}) => {
    const answer = await market.call("POST", PATH, {
      token,
      json: { url: `${receiver.url}/p?c={conversion_id}&s={status}`, ...json },
    });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const play = async () => {
    await announceMoves(market.database);
    await caller.deliver();
    await caller.idle();
    return receiver.got.splice(0);
  };
  const calls = async ({ token }: Partner, id: string) =>
    (await market.call("GET", `${PATH}/${id}/calls`, { token })).body.items;

  it("are called on moves of its own conversions, with their values, signed, in their order", async () => {
    const campaign = await market.openCampaign({});
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const query = NAMES.map((name) => `${name}={${name}}`).join("&");
    const { id, secret, states } = await make(ada, { url: `${receiver.url}/p/{event}?${query}` });
    expect(states).to.deep.equal(["accepted", "rejected", "released", "reversed"]);
    await make(bob);
    const links = `/v1/campaigns/${campaign.campaignId}/links`;
    await market.call("PATCH", `${links}/${ada.code}`, { token: ada.token, json: { label: "spring & news" } });
    const sold = await campaign.report({
      volume: "35",
      customerId: "c",
      referralToken: ada.click(60),
      orderId: "a/b?c=1",
    });
    const [called, ...more] = await play();
    expect(more).to.deep.equal([]);
    expect([called?.method, called?.text]).to.deep.equal(["GET", ""]);
    const url = `${receiver.url}${called?.path}`;
    expect(await verifyMessage({ ...(called as NonNullable<typeof called>), text: url }, secret)).to.equal(true);
    expect(await verifyMessage({ ...(called as NonNullable<typeof called>), text: `${url}0` }, secret)).to.equal(false);
    const said = Object.fromEntries(new URL(url).searchParams);
    expect(said).to.deep.include({
      conversion_id: sold.body.id,
      order_id: "a/b?c=1",
      campaign_id: campaign.campaignId,
      event: "sale",
      status: "accepted",
      reason: "",
      commission: "4.5",
      commission_base_units: "4500000",
      token: "DUSD",
      currency: "DUSD",
      link: ada.code,
      subid: "spring & news",
      code: "",
    });
    const now = Date.now() / 1000;
    expect(now - Number(said.click_time)).to.be.within(60, 120);
    expect(now - Number(said.conversion_time)).to.be.within(0, 60);

    // What is not chosen is not called; what is taken back pays nothing.
    await moveConversions(market.database, { ids: [BigInt(sold.body.id)], from: ["accepted"], to: "batched" });
    await moveConversions(market.database, { ids: [BigInt(sold.body.id)], from: ["batched"], to: "accepted" });
    await campaign.refund(sold.body.id);
    const rest = (await play()).map(({ path }) => new URL(`${receiver.url}${path}`).searchParams);
    expect(rest.map((one) => [one.get("status"), one.get("reason"), one.get("commission")])).to.deep.equal([
      ["accepted", "", "4.5"],
      ["reversed", "refunded", "0"],
    ]);
    const ids = rest.map((one) => BigInt(one.get("move_id") ?? 0));
    expect((ids[0] ?? 0n) < (ids[1] ?? 0n)).to.equal(true);
    expect(await calls(ada, id)).to.have.lengthOf(3);
    expect((await calls(ada, id))[0]).to.include({ status: "reversed", state: "delivered", lastStatus: 200 });
  });

  it("of one campaign are called for that alone, and are nobody else's to see or change", async () => {
    const [campaign, other] = [await market.openCampaign({}), await market.openCampaign({})];
    const ada = await campaign.join();
    const there = await other.join(ada.wallet);
    const bob = await campaign.join();
    const { id } = await make(ada, { campaignId: campaign.campaignId });
    await campaign.report({ volume: "10", referralToken: ada.click() });
    await campaign.report({ volume: "10", referralToken: bob.click() });
    await other.report({ volume: "10", referralToken: there.click() });
    expect(await play()).to.have.lengthOf(1);
    for (const [method, path, json] of [
      ["PATCH", "", { enabled: false }],
      ["DELETE", "", undefined],
      ["POST", "/tests", undefined],
      ["GET", "/calls", undefined],
    ] as const)
      expect(
        (await market.call(method, `${PATH}/${id}${path}`, { token: bob.token, json })).status,
        method + path,
      ).to.equal(404);
    expect((await market.call("GET", PATH, { token: bob.token })).body.items).to.deep.equal([]);
    expect((await market.call("GET", PATH)).status).to.equal(401);
    const [shown] = (await market.call("GET", PATH, { token: ada.token })).body.items;
    expect(shown).to.include({ id, enabled: true }).and.not.to.have.property("secret");
  });

  it("are tried with made-up values, once, and a try begins no failing", async () => {
    const ada = await (await market.openCampaign({})).join();
    const { id } = await make(ada);
    const test = () => market.call("POST", `${PATH}/${id}/tests`, { token: ada.token });
    expect((await test()).status).to.equal(202);
    expect((await test()).status, "one at a time").to.equal(409);
    receiver.status = () => 500;
    expect((await play()).map(({ path }) => path)).to.deep.equal(["/p?c=0&s=accepted"]);
    expect(await play()).to.deep.equal([]);
    expect((await calls(ada, id))[0]).to.include({ state: "dead", lastStatus: 500, conversionId: null });
    expect((await market.call("GET", PATH, { token: ada.token })).body.items[0]).to.include({ failingSince: null });
    expect((await test()).status).to.equal(202);
  });

  it("that fail are called again, are off after days of it with a word to the partner, and begin anew when they are turned on", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    await market.database.query(
      "INSERT INTO mail_addresses (wallet, address, confirmed_at) VALUES ($1, 'ada@example.com', now())",
      [ada.wallet],
    );
    const { id } = await make(ada);
    receiver.status = () => 500;
    await campaign.report({ volume: "10", referralToken: ada.click() });
    const tried = await play();
    expect(tried).to.have.lengthOf(10);
    expect(new Set(tried.map(({ headers }) => headers["webhook-id"])).size, "the same call").to.equal(1);
    expect((await calls(ada, id))[0]).to.include({ state: "dead", attempts: 10, lastStatus: 500 });
    expect(await disableFailing(market.database, 5)).to.equal(0);
    await market.database.query("UPDATE postbacks SET failing_since = now() - interval '6 days'");
    expect(await disableFailing(market.database, 5)).to.equal(1);
    const shown = async () => (await market.call("GET", PATH, { token: ada.token })).body.items[0];
    expect(await shown()).to.include({ enabled: false, disabledBy: "failing" });
    const told = await market.database.query("SELECT kind, facts ->> 'host' AS host FROM notices WHERE wallet = $1", [
      ada.wallet,
    ]);
    expect(told.filter((one) => (one as { kind: string }).kind === "partner.postback")).to.deep.equal([
      { kind: "partner.postback", host: new URL(receiver.url).host },
    ]);
    receiver.status = () => 200;
    await campaign.report({ volume: "10", referralToken: ada.click() });
    expect(await play(), "what happens meanwhile is not told").to.deep.equal([]);
    expect((await market.call("POST", `${PATH}/${id}/tests`, { token: ada.token })).status).to.equal(409);
    await market.call("PATCH", `${PATH}/${id}`, { token: ada.token, json: { enabled: true } });
    expect(await shown()).to.include({ enabled: true, disabledBy: null, failingSince: null });
    await campaign.report({ volume: "10", referralToken: ada.click() });
    expect(await play()).to.have.lengthOf(1);
    receiver.status = () => 410;
    await campaign.report({ volume: "10", referralToken: ada.click() });
    await play();
    expect(await shown()).to.include({ enabled: false, disabledBy: "410 Gone" });
    await market.database.query("UPDATE postback_calls SET created_at = now() - interval '31 days'");
    expect(await forgetCalls(market.database)).to.be.greaterThan(0);
  });

  it("go to public addresses alone, by https, with macros that there are, and not to more than ten", async () => {
    const strict = await openRelayer();
    try {
      const campaign = await strict.openCampaign({});
      const { token } = await campaign.join();
      const refusal = async (url: string, rest: object = {}) => {
        const { status, body } = await strict.call("POST", PATH, { token, json: { url, ...rest } });
        expect(status, url).to.equal(400);
        return body.detail as string;
      };
      expect(await refusal("https://t.example/?c={clickid}")).to.match(/^The macro \{clickid\} is not known/);
      expect(await refusal("https://{subid}.example/")).to.match(/before the path/);
      expect(await refusal("http://t.example/")).to.match(/Use https/);
      expect(await refusal("https://127.0.0.1/?c={status}")).to.match(/Use an address that the internet can reach/);
      expect(await refusal("https://metadata.internal/")).to.match(/Use an address that the internet can reach/);
      expect(await refusal("https://a:b@t.example/")).to.match(/user or password/);
      expect(await refusal("https://[1/")).to.match(/is no address/);
      await refusal("https://t.example/", { states: ["paid"] });
      const good = { url: "https://t.example/?c={status}" };
      for (let i = 0; i < 10; i++)
        expect((await strict.call("POST", PATH, { token, json: good })).status).to.equal(201);
      expect((await strict.call("POST", PATH, { token, json: good })).status).to.equal(409);
      // A name may lead elsewhere later: each call looks again.
      await strict.database.query("UPDATE postbacks SET url = $1", [`${receiver.url}/`]);
      const { body } = await strict.call("GET", PATH, { token });
      await strict.call("POST", `${PATH}/${body.items[0].id}/tests`, { token });
      const guarded = { ...config, WEBHOOKS_ALLOW_PRIVATE: false };
      const other = createCaller({ database: strict.database, config: guarded, failures: createFailures(log), log });
      await other.deliver();
      await other.idle();
      expect(receiver.got).to.deep.equal([]);
      const [seen] = (await strict.call("GET", `${PATH}/${body.items[0].id}/calls`, { token })).body.items;
      expect(seen).to.include({ state: "dead", lastStatus: null });
      expect(seen.lastError).to.be.a("string");
    } finally {
      await strict.close();
    }
  });
});
