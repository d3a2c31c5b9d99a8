import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { expect } from "chai";
import { Wallet } from "ethers";
import fc from "fast-check";
import { pino } from "pino";
import { SECRET } from "#harness/relayer.ts";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { createFailures } from "#relayer/failures.ts";
import { announceMoves, moveConversions } from "#relayer/store/conversions.ts";
import { forgetDeliveries, leaseDeliveries } from "#relayer/store/deliveries.ts";
import { createDeliverer, type Deliverer } from "#relayer/webhooks/deliverer.ts";
import { EVENTS, pauseAfter, signedHeaders, waitAsked } from "#relayer/webhooks/message.ts";
import { post } from "#relayer/webhooks/post.ts";
import { isPublicAddress, lookupPublic } from "#relayer/webhooks/publicAddress.ts";
import type { Database } from "#service/database.ts";
import { type Message, openReceiver, verifyMessage } from "../../support/receiver.ts";

describe("webhooks", () => {
  let desk: RelayerWithCampaign;
  let session: string;
  let shop: string;
  let deliverer: Deliverer;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  const log = pino({ level: "silent" });
  const failures = createFailures(log);
  const local = { RELAYER_SECRET: SECRET, WEBHOOKS_ALLOW_PRIVATE: true, WEBHOOKS_RETRY_SCALE: 0 };

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign(local);
    session = await desk.signIn(desk.brand);
    shop = (await desk.addKey(desk.campaignId, session, ["report", "admin"])).secret;
  });
  after(() => desk.close());

  beforeEach(async () => {
    receiver = await openReceiver();
    deliverer = createDeliverer({ database: desk.database, config: local, failures, log });
  });
  afterEach(async () => {
    await deliverer.stop();
    await receiver.close();
    await desk.database.query("DELETE FROM webhook_endpoints");
  });

  let orders = 0;
  const report = () => desk.report(shop, `order-${++orders}`);
  const subscribe = async (json: Record<string, unknown> = {}) =>
    (
      await desk.call("POST", `/v1/campaigns/${desk.campaignId}/webhooks`, {
        token: shop,
        json: { url: `${receiver.url}/hook`, ...json },
      })
    ).body;
  const play = async () => {
    await announceMoves(desk.database);
    await deliverer.deliver();
    await deliverer.idle();
  };
  const deliveries = async (webhookId: string, query = "") =>
    (await desk.call("GET", `/v1/webhooks/${webhookId}/deliveries${query}`, { token: shop })).body.items;

  it("tell a former brand nothing: not what happens, nor what waited", async () => {
    const { id } = await subscribe();
    const conversion = await report();
    await announceMoves(desk.database);
    const belongsTo = (brand: string) =>
      desk.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [desk.campaignId, brand]);
    await belongsTo(Wallet.createRandom().address);
    try {
      await play();
      await moveConversions(desk.database, { ids: [BigInt(conversion)], from: ["accepted"], to: "batched" });
      await play();
      expect(receiver.got).to.deep.equal([]);
    } finally {
      await belongsTo(desk.brand.address);
    }
    await play();
    expect(receiver.got.map(({ text }) => JSON.parse(text).type)).to.deep.equal(["conversion.accepted"]);
    expect((await deliveries(id)).length).to.equal(1);
  });

  it("come again to a busy endpoint no sooner than it asks", async () => {
    const { id } = await subscribe();
    await report();
    receiver.status = () => 429;
    receiver.retryAfter = "100";
    await play();
    const [waiting] = await deliveries(id);
    expect(waiting).to.include({ state: "pending", attempts: 1, lastStatus: 429 });
    expect((Date.parse(waiting.dueAt) - Date.now()) / 1000).to.be.within(90, 100);
    await play();
    expect(receiver.got).to.have.length(1);
    // The same without being asked to wait is due at once here: pauses are scaled to nothing.
    receiver.retryAfter = "";
    await desk.database.query("UPDATE webhook_deliveries SET due_at = now()");
    await deliverer.deliver();
    await deliverer.idle();
    expect(receiver.got.length).to.be.greaterThan(1);
  });

  it("tell of every move, with the conversion as the API shows it and a signature of the secret", async () => {
    const { secret } = await subscribe();
    const id = await report();
    await moveConversions(desk.database, { ids: [BigInt(id)], from: ["accepted"], to: "batched" });
    await moveConversions(desk.database, {
      ids: [BigInt(id)],
      from: ["batched"],
      to: "attested",
      transaction: `0x${"a".repeat(64)}`,
    });
    await play();

    const messages = receiver.got.map((message) => ({ message, body: JSON.parse(message.text) }));
    messages.sort((a, b) => Number(a.body.data.moveId) - Number(b.body.data.moveId));
    expect(messages.map(({ body }) => body.type)).to.deep.equal([
      "conversion.accepted",
      "conversion.batched",
      "conversion.attested",
    ]);
    const shown = (await desk.call("GET", `/v1/conversions/${id}`, { token: await reader() })).body;
    const { moveId, ...last } = messages[2]?.body.data ?? {};
    expect(last).to.deep.equal(shown);
    expect(messages[2]?.message.headers["webhook-id"]).to.equal(`move_${moveId}`);
    // A message tells of the state that its move brought, however late it is sent.
    expect(messages.map(({ body }) => body.data.state)).to.deep.equal(["accepted", "batched", "attested"]);
    expect(messages.map(({ body }) => body.data.moves.length)).to.deep.equal([1, 2, 3]);
    for (const { message, body } of messages) {
      expect(await verifyMessage(message, secret)).to.equal(true);
      expect(await verifyMessage({ ...message, text: `${message.text} ` }, secret)).to.equal(false);
      expect(body.timestamp).to.equal(body.data.moves.at(-1).at);
      expect(message.text).not.to.match(/sk_|whsec_/);
    }
  });

  const reader = async () => (await desk.addKey(desk.campaignId, session, ["read"])).secret;

  it("tell of one conversion's moves in their order, however many are sent at once, and wait for none that failed", async () => {
    await subscribe();
    const ids = (await Promise.all([report(), report(), report()])).map(BigInt);
    for (const to of ["review", "accepted", "review", "accepted"] as const)
      await moveConversions(desk.database, { ids, from: ["accepted", "review"], to });
    await announceMoves(desk.database);
    const data = ({ text }: Message) => JSON.parse(text).data as { id: string; moveId: string; state: string };
    const leased = await leaseDeliveries(desk.database, { max: 32, maxPerEndpoint: 32, busy: [] }, 0);
    expect(leased).to.have.length(ids.length);
    await deliverer.deliver();
    await deliverer.idle();
    for (const id of ids) {
      const moves = receiver.got.filter((one) => data(one).id === String(id)).map((one) => Number(data(one).moveId));
      expect(moves).to.have.length(5);
      expect(moves).to.deep.equal(moves.toSorted((a, b) => a - b));
    }

    receiver.got.length = 0;
    const refused = BigInt(await report());
    await moveConversions(desk.database, { ids: [refused], from: ["accepted"], to: "review" });
    await announceMoves(desk.database);
    receiver.status = (message) => (data(message).state === "accepted" ? 500 : 200);
    await deliverer.deliver();
    await deliverer.idle();
    expect(receiver.got.map((one) => data(one).state)).to.include("review");
  });

  it("tell each endpoint of the types that it asked for, and of its own campaign", async () => {
    const other = await desk.addCampaign(desk.brand.address, "Elsewhere");
    const otherShop = (await desk.addKey(other, session)).secret;
    await subscribe({ url: `${receiver.url}/all` });
    await subscribe({ url: `${receiver.url}/released`, events: ["conversion.released"] });
    const id = await report();
    await desk.report(otherShop, "elsewhere-1");
    await moveConversions(desk.database, { ids: [BigInt(id)], from: ["accepted"], to: "released" });
    await play();
    expect(receiver.got.map(({ path, text }) => `${path} ${JSON.parse(text).type}`).sort()).to.deep.equal([
      "/all conversion.accepted",
      "/all conversion.released",
      "/released conversion.released",
    ]);
  });

  it("tell of a move backwards, as after a reorganisation", async () => {
    await subscribe({ events: ["conversion.accepted"] });
    const id = await report();
    await moveConversions(desk.database, { ids: [BigInt(id)], from: ["accepted"], to: "batched" });
    await moveConversions(desk.database, { ids: [BigInt(id)], from: ["batched"], to: "accepted" });
    await play();
    expect(receiver.got).to.have.length(2);
  });

  it("tell nothing of what was before the endpoint", async () => {
    await report();
    await subscribe();
    await play();
    expect(receiver.got).to.have.length(0);
  });

  it("announce each move once, also of a transaction that commits after a later move's", async () => {
    await subscribe();
    const id = BigInt(await report());
    const [{ next } = { next: 0n }] = await desk.database.query<{ next: bigint }>(
      "SELECT max(id) + 100 AS next FROM conversion_moves",
    );
    // Ids are given in the order of the inserts and not of the commits: the later one is announced first.
    const insert = (move: bigint, state: string) =>
      desk.database.query(
        "INSERT INTO conversion_moves (id, conversion_id, state) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)",
        [move, id, state],
      );
    await insert(next + 1n, "attested");
    expect(await announceMoves(desk.database)).to.equal(2);
    await insert(next, "batched");
    expect(await announceMoves(desk.database)).to.equal(1);
    expect(await announceMoves(desk.database)).to.equal(0);
    await play();
    expect(receiver.got.map(({ text }) => JSON.parse(text).type).sort()).to.deep.equal([
      "conversion.accepted",
      "conversion.attested",
      "conversion.batched",
    ]);
  });

  it("are sent once by several processes", async () => {
    await subscribe();
    for (let i = 0; i < 30; i++) await report();
    const others = [1, 2].map(() => createDeliverer({ database: desk.database, config: local, failures, log }));
    await Promise.all([announceMoves(desk.database), announceMoves(desk.database)]);
    await Promise.all([deliverer, ...others].map((one) => one.deliver()));
    await Promise.all([deliverer, ...others].map((one) => one.idle()));
    expect(receiver.got).to.have.length(30);
    expect(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size).to.equal(30);
  });

  it("go on behind one that cannot be told, which is logged with its stack, counted, and tried again", async () => {
    const { id } = await subscribe();
    for (let i = 0; i < 12; i++) await report();
    await announceMoves(desk.database);
    const logged: Record<string, string>[] = [];
    const counted: string[] = [];
    const faultLog = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const faults = createFailures(faultLog, (job) => void counted.push(job));
    const [{ id: broken, moveId }, ...others] = await deliveries(id);
    let thrown: Error = new TypeError("no such line");
    const database: Database = {
      ...desk.database,
      async query<Row>(text: string, parameters?: readonly unknown[]) {
        if (text.includes("earlier") && String(parameters?.[0]) === moveId) throw thrown;
        return desk.database.query<Row>(text, parameters);
      },
    };
    // Not again within this test, however long that takes.
    const slow = { ...local, WEBHOOKS_RETRY_SCALE: 100 };
    const faulty = createDeliverer({ database, config: slow, failures: faults, log });
    await faulty.deliver();
    await faulty.idle();
    expect(receiver.got).to.have.length(others.length);
    expect(counted).to.deep.equal(["deliver"]);
    expect(logged[0]).to.include({ job: "deliver", delivery: broken, endpoint: id, message: `move_${moveId}` });
    expect(logged[0]?.error).to.equal("TypeError: no such line");
    expect(logged[0]?.stack).to.match(/webhooks\.test\.ts/);
    const [seen] = await deliveries(id, "?state=pending");
    expect(seen).to.include({ id: broken, attempts: 1, lastStatus: null, lastError: "RELAYER_FAULT" });
    const wait = ({ dueAt, lastAttemptAt }: typeof seen) => Date.parse(dueAt) - Date.parse(lastAttemptAt);
    // Not its lease, which is a minute.
    expect(wait(seen)).to.be.above(200_000);

    // A database that is away says nothing of the delivery: it is due again when its lease is over.
    thrown = Object.assign(new Error("away"), { code: "ECONNREFUSED" });
    await desk.database.query("UPDATE webhook_deliveries SET due_at = now() WHERE id = $1", [broken]);
    await faulty.deliver();
    await faulty.idle();
    const [later] = await deliveries(id, "?state=pending");
    expect(later).to.include({ id: broken, attempts: 2, lastError: "RELAYER_FAULT" });
    expect(wait(later)).to.equal(60_000);
    expect(counted).to.deep.equal(["deliver", "deliver"]);

    await desk.database.query("UPDATE webhook_deliveries SET due_at = now() WHERE id = $1", [broken]);
    await play();
    expect(await deliveries(id, "?state=delivered")).to.have.length(12);
  });

  it("that a process took and did not finish are sent by another when its lease is over", async () => {
    const { id } = await subscribe();
    await report();
    await announceMoves(desk.database);
    receiver.status = () => "never";
    // As if it were killed: what it finds out is not written down.
    const killed = createDeliverer({
      database: { ...desk.database, transaction: () => Promise.reject(new Error("killed")) },
      config: local,
      failures,
      log,
    });
    await killed.deliver();
    await killed.stop();
    receiver.status = () => 200;
    await play();
    expect(await deliveries(id, "?state=delivered")).to.have.length(0);
    await desk.database.query("UPDATE webhook_deliveries SET due_at = now()");
    await play();
    expect(await deliveries(id, "?state=delivered")).to.have.length(1);
  });

  it("are tried ten times and are dead then, and can be sent again by hand", async () => {
    const { id } = await subscribe();
    await report();
    receiver.status = () => 500;
    await play();
    const ids = receiver.got.map(({ headers }) => headers["webhook-id"]);
    expect(ids).to.have.length(10);
    expect(new Set(ids).size).to.equal(1);
    const [dead] = await deliveries(id, "?state=dead");
    expect([dead.attempts, dead.lastStatus, dead.dueAt]).to.deep.equal([10, 500, null]);

    receiver.status = () => 204;
    const path = `/v1/webhooks/deliveries/${dead.id}/redeliveries`;
    const again = await desk.call("POST", path, { token: shop });
    expect([again.status, again.body.state]).to.deep.equal([202, "pending"]);
    expect((await desk.call("POST", path, { token: shop })).status).to.equal(409);
    await play();
    expect(await deliveries(id, "?state=dead")).to.have.length(0);
    expect((await deliveries(id))[0].state).to.equal("delivered");
    expect(receiver.got.at(-1)?.headers["webhook-id"]).to.equal(ids[0]);
  });

  it("count only 2xx as taken, and follow no redirect", async () => {
    const trap = await openReceiver();
    const { id } = await subscribe();
    await report();
    receiver.location = `${trap.url}/trap`;
    const answers = [301, 302, 307, 308, 304, 400, 404, 429, 503, 299];
    receiver.status = () => answers[receiver.got.length - 1] ?? 0;
    await play();
    expect((await deliveries(id))[0]).to.include({ state: "delivered", attempts: 10, lastStatus: 299 });
    expect(trap.got).to.have.length(0);
    await trap.close();
  });

  it("stop when the endpoint says that it is gone, and go on when it is enabled", async () => {
    const { id } = await subscribe();
    await report();
    receiver.status = () => 410;
    await play();
    const gone = await desk.call("GET", `/v1/webhooks/${id}`, { token: shop });
    expect(gone.body).to.include({ enabled: false, disabledBy: "410 Gone" });
    await report();
    await play();
    expect(receiver.got).to.have.length(1);

    receiver.status = () => 200;
    const enabled = await desk.call("PATCH", `/v1/webhooks/${id}`, { token: shop, json: { enabled: true } });
    expect(enabled.body).to.include({ enabled: true, disabledBy: null });
    await report();
    await play();
    expect(receiver.got).to.have.length(2);
  });

  it("wait while their endpoint is disabled by the brand", async () => {
    const { id } = await subscribe();
    await report();
    await announceMoves(desk.database);
    const disabled = await desk.call("PATCH", `/v1/webhooks/${id}`, { token: shop, json: { enabled: false } });
    expect(disabled.body).to.include({ enabled: false, disabledBy: "brand", url: `${receiver.url}/hook` });
    await play();
    expect(receiver.got).to.have.length(0);
    await desk.call("PATCH", `/v1/webhooks/${id}`, { token: shop, json: { enabled: true } });
    await play();
    expect(receiver.got).to.have.length(1);
  });

  it("are signed with both secrets during the grace of a rotation", async () => {
    const { id, secret } = await subscribe();
    const rotate = { token: shop, json: { graceSeconds: 60 } };
    const fresh = (await desk.call("POST", `/v1/webhooks/${id}/rotations`, rotate)).body.secret;
    expect(fresh)
      .to.match(/^whsec_[A-Za-z0-9+/]{43}=$/)
      .and.not.equal(secret);
    await report();
    await play();
    await desk.database.query("UPDATE webhook_endpoints SET previous_until = now()");
    await report();
    await play();
    const [during, later] = receiver.got as [Message, Message];
    expect([await verifyMessage(during, secret), await verifyMessage(during, fresh)]).to.deep.equal([true, true]);
    expect([await verifyMessage(later, secret), await verifyMessage(later, fresh)]).to.deep.equal([false, true]);
  });

  it("show the secret of an endpoint once, and keep it nowhere", async () => {
    const { id, secret, ...shown } = await subscribe();
    const read = await desk.call("GET", `/v1/webhooks/${id}`, { token: shop });
    expect(read.body).to.deep.equal({ id, ...shown });
    const stored = JSON.stringify(await desk.database.query("SELECT url, seed FROM webhook_endpoints"));
    expect(stored).not.to.contain(secret.slice("whsec_".length));
  });

  it("are deleted with their endpoint", async () => {
    const { id } = await subscribe();
    await report();
    await announceMoves(desk.database);
    expect((await desk.call("DELETE", `/v1/webhooks/${id}`, { token: shop })).status).to.equal(204);
    await play();
    expect(receiver.got).to.have.length(0);
    expect((await desk.call("GET", `/v1/webhooks/${id}`, { token: shop })).status).to.equal(404);
  });

  it("go to ten endpoints of a campaign at most", async () => {
    for (let i = 0; i < 10; i++) expect(await subscribe()).to.have.property("secret");
    expect(await subscribe()).to.include({ status: 409 });
  });

  it("are forgotten after thirty days", async () => {
    const { id } = await subscribe();
    await report();
    await report();
    await play();
    await desk.database.query(
      "UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM webhook_deliveries)",
    );
    expect(await forgetDeliveries(desk.database)).to.equal(1);
    expect(await deliveries(id)).to.have.length(1);
  });

  it("do not wait for a slow endpoint to send to another", async () => {
    await subscribe({ url: `${receiver.url}/slow` });
    await subscribe({ url: `${receiver.url}/quick` });
    for (let i = 0; i < 20; i++) await report();
    receiver.status = ({ path }) => (path === "/slow" ? "never" : 200);
    await announceMoves(desk.database);
    await deliverer.deliver();
    const quick = () => receiver.got.filter(({ path }) => path === "/quick").length;
    while (quick() < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(quick()).to.equal(20);
    expect(receiver.got.filter(({ path }) => path === "/slow").length).to.be.at.most(8);
  });
});

describe("a webhook's schedule", () => {
  it("tries ten times over about three days, each time a little off", () => {
    const pauses = Array.from({ length: 10 }, (_, i) => pauseAfter(i + 1, 0.5));
    expect(pauses).to.deep.equal([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined]);
    expect([pauseAfter(1, 0), pauseAfter(1, 0.999_999)].map((pause) => Math.round(pause ?? 0))).to.deep.equal([4, 6]);
  });
});

describe("a busy endpoint's Retry-After", () => {
  const now = Date.UTC(2030, 0, 1);
  it("is seconds or a date, of a 429 or 503 alone, and at most a day", () => {
    const of = (text: string | undefined, status = 429) => waitAsked(status, text, now);
    expect([of("120"), of("0"), of("120", 503)]).to.deep.equal([120, 0, 120]);
    expect(of("Tue, 01 Jan 2030 00:02:00 GMT")).to.equal(120);
    expect([of("Mon, 31 Dec 2029 00:00:00 GMT"), of("soon"), of(""), of("-5"), of(undefined)]).to.deep.equal([
      0, 0, 0, 0, 0,
    ]);
    expect([of("86401"), of("999999999"), of("Fri, 31 Dec 9999 23:59:59 GMT")]).to.deep.equal([86_400, 86_400, 86_400]);
    expect([of("120", 500), of("120", 404), of("120", 200)]).to.deep.equal([0, 0, 0]);
  });
});

describe("a webhook's signature", () => {
  it("is that of the specification's example", () => {
    const headers = signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, '{"test": 2432232314}', [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]);
    expect(headers["webhook-signature"]).to.equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });
});

describe("a webhook's way out", () => {
  const never = new AbortController().signal;
  const send = (url: string) => post(url, {}, "{}", { allowPrivate: false, signal: never, timeoutSeconds: 2 });

  it("leads to no private address, however it is written", async () => {
    for (const host of [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f.0.0.1",
      "017700000001",
      "0.0.0.0",
      "10.0.0.1",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "100.64.0.1",
      "169.254.169.254",
      "168.63.129.16",
      "224.0.0.1",
      "255.255.255.255",
      "[::]",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:a9fe:a9fe]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
      "[2002:7f00:1::]",
      "[2001::1]",
      "[fc00::1]",
      "[fd00:ec2::254]",
      "[fe80::1]",
      "[ff02::1]",
    ])
      expect(await send(`https://${host}/`), host).to.deep.equal({ error: "PRIVATE_ADDRESS" });
  });

  it("leads to no private address by a name", async () => {
    expect(await send("https://localhost/")).to.deep.equal({ error: "PRIVATE_ADDRESS" });
    const error = await new Promise((resolve) => lookupPublic("localhost", {}, resolve));
    expect(error).to.have.property("code", "PRIVATE_ADDRESS");
  });

  it("leads nowhere by a name that has a private address among its public ones", async () => {
    const open: LookupAddress = { address: "93.184.216.34", family: 4 };
    const open6: LookupAddress = { address: "2606:4700::1111", family: 6 };
    const inside: LookupAddress = { address: "10.0.0.7", family: 4 };
    const { lookup } = dns;
    /** What connects is told of a name of which the system's resolver says this; of all addresses, or of the first. */
    const told = (answers: readonly LookupAddress[], all: boolean) => {
      dns.lookup = ((
        _name: string,
        _options: unknown,
        answer: (error: null, found: readonly LookupAddress[]) => void,
      ) => answer(null, answers)) as never;
      syncBuiltinESMExports();
      return new Promise((resolve) =>
        lookupPublic("shop.example", { all }, (error, found) => resolve(error === null ? found : error)),
      );
    };
    try {
      for (const all of [true, false])
        for (const answers of [[open, inside], [inside, open], [open6, inside], [inside], []])
          expect(await told(answers, all), JSON.stringify(answers)).to.have.property("code", "PRIVATE_ADDRESS");
      expect(await told([open, open6], true)).to.deep.equal([open, open6]);
      expect(await told([open6, open], false)).to.equal(open6.address);
    } finally {
      dns.lookup = lookup;
      syncBuiltinESMExports();
    }
  });

  it("leads by https only", async () => {
    expect(await send("http://203.0.114.1/")).to.deep.equal({ error: "Error" });
  });

  it("is open to public addresses", () => {
    for (const address of [
      "1.1.1.1",
      "8.8.8.8",
      "93.184.216.34",
      "172.15.0.1",
      "172.32.0.1",
      "2606:4700::1111",
      "2a00::1",
    ])
      expect(isPublicAddress(address), address).to.equal(true);
    for (const text of ["", "example.com", "1.1.1", "::1%lo"]) expect(isPublicAddress(text), text).to.equal(false);
  });

  it("is closed to every IPv4 address within IPv6, and to every address out of 2000::/3", () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((value) => value >> 13 !== 1);
    fc.assert(
      fc.property(outside, fc.array(group, { minLength: 7, maxLength: 7 }), (first, rest) => {
        expect(isPublicAddress([first.toString(16), ...rest].join(":"))).to.equal(false);
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).to.equal(false);
      }),
    );
  });

  it("ends after its time", async () => {
    const receiver = await openReceiver();
    receiver.status = () => "never";
    const begun = performance.now();
    const answer = await post(receiver.url, {}, "{}", { allowPrivate: true, signal: never, timeoutSeconds: 0.2 });
    expect(answer).to.deep.equal({ error: "TIMEOUT" });
    // And not before: that this comes to its end is the rest.
    expect(performance.now() - begun).to.be.greaterThan(190);
    await receiver.close();
  });
});

describe("a webhook's endpoint", () => {
  let desk: RelayerWithCampaign;
  let token: string;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    token = await desk.signIn(desk.brand);
  });
  after(() => desk.close());

  it("is at a public https address, without a password", async () => {
    const webhooks = `/v1/campaigns/${desk.campaignId}/webhooks`;
    for (const url of [
      "http://shop.example/hook",
      "https://127.0.0.1/",
      "https://[::1]/",
      "https://2130706433/",
      "https://localhost/",
      "https://LOCALHOST.:8443/",
      "https://shop.localhost/",
      "https://printer.local/",
      "https://relayer.internal/",
      "https://postgres/",
      "https://user:password@shop.example/",
      "ftp://shop.example/",
      "javascript:alert(1)",
      "shop.example",
      "",
      `https://shop.example/${"x".repeat(2_000)}`,
    ])
      expect((await desk.call("POST", webhooks, { token, json: { url } })).status, url).to.equal(400);
    const made = await desk.call("POST", webhooks, { token, json: { url: "https://shop.example/hook#part" } });
    expect(made.body).to.include({ url: "https://shop.example/hook", enabled: true });
    expect(made.body.events).to.deep.equal([...EVENTS]);
    const changed = { token, json: { url: "https://10.0.0.1/" } };
    expect((await desk.call("PATCH", `/v1/webhooks/${made.body.id}`, changed)).status).to.equal(400);
  });
});
