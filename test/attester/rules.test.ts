import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bonusOrderId } from "@partner-programs/protocol/targets";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id } from "ethers";
import { openRules, parseRules, rulesOf } from "#attester/rules.ts";
import {
  type Attester,
  attest,
  attesters,
  buildAttester,
  buildWorld,
  carry,
  conversions,
  DAY,
  linesOf,
  type World,
} from "./world.ts";

const EXAMPLE = new URL("../../attester/rules.example.json", import.meta.url);

describe("a file of rules", () => {
  const parse = (campaigns: object, env = {}) =>
    parseRules(JSON.stringify({ version: 1, campaigns }), "/etc/attester", env);

  it("is what the example shows", () => {
    const rules = parseRules(readFileSync(EXAMPLE, "utf8"), "/etc/attester", { SOURCE_SHOP_TOKEN: "x" });
    const first = rulesOf(rules, `0x${"0".repeat(63)}1`);
    expect(first?.maxCommission.day).to.equal(20_000_000_000n);
    expect(first?.kinds).to.deep.equal([0, 1, 5]);
    expect(rulesOf(rules, `0x${"0".repeat(63)}2`)?.source).to.deep.equal({
      kind: "csv",
      file: "/etc/attester/orders.csv",
    });
    expect(rulesOf(rules, id("any other"))).to.equal(undefined);
  });

  it("signs for a campaign by its own rules, else by those of every campaign, else not", () => {
    const own = id("own");
    expect(rulesOf(parse({ [own]: { offers: [1] }, "*": {} }), own)?.offers).to.deep.equal([1]);
    expect(rulesOf(parse({ [own]: { sign: false }, "*": {} }), own)).to.equal(undefined);
    expect(rulesOf(parse({ "*": {} }), own)).to.not.equal(undefined);
    expect(rulesOf(parse({}), own)).to.equal(undefined);
  });

  it("is refused with the place and the reason when something in it is unknown or wrong", () => {
    const wrong: [object, string][] = [
      [{ "*": { maxComission: { day: "1" } } }, "maxComission"],
      [{ "*": { maxCommission: { day: 1 } } }, 'campaigns["*"].maxCommission.day'],
      [{ "0x12": {} }, "campaigns.0x12"],
      [{ "*": { kinds: ["partner"] } }, "kinds"],
      [{ "*": { reversals: "source" } }, '"source" needs a source'],
      [{ "*": { source: { kind: "orders", url: "file:///orders" } } }, "url"],
      // A rules file cannot have the signing key sent anywhere.
      [
        { "*": { source: { kind: "orders", url: "https://x.example", tokenVariable: "ATTESTER_PRIVATE_KEY" } } },
        "SOURCE_",
      ],
      [
        { "*": { source: { kind: "orders", url: "https://x.example", tokenVariable: "SOURCE_X" } } },
        "SOURCE_X, which is not set",
      ],
    ];
    for (const [campaigns, reason] of wrong) expect(() => parse(campaigns)).to.throw(reason);
    expect(() => parseRules('{"version": 2, "campaigns": {}}', "/", {})).to.throw("version");
    expect(() => parseRules("{", "/", {})).to.throw("not JSON");
  });

  it("is read again when it has changed, and stops the signing while it cannot be used", async () => {
    const folder = mkdtempSync(join(tmpdir(), "partner-programs-rules-"));
    const file = join(folder, "rules.json");
    const rules = openRules(file, {});
    const fails = () =>
      rules().then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await fails()).to.contain("cannot be used");
    writeFileSync(file, '{"version": 1, "campaigns": {"*": {"offers": [1]}}}');
    expect(rulesOf(await rules(), id("x"))?.offers).to.deep.equal([1]);
    writeFileSync(file, '{"version": 1, "campaigns": {"*": {"offers": [2],}}}');
    expect(await fails()).to.contain("not JSON");
    // As long as before, and in the same moment as far as its content goes: the time alone tells.
    writeFileSync(file, '{"version": 1, "campaigns": {"*": {"offers": [2]}}}');
    utimesSync(file, 1_000, 1_000);
    expect(rulesOf(await rules(), id("x"))?.offers).to.deep.equal([2]);
    rmSync(folder, { recursive: true });
  });
});

const THREE = {
  name: "three",
  title: "Three",
  period: "year",
  counts: ["sale"],
  steps: [{ conversions: 3, bonus: "50" }],
};

describe("an attester with rules and a source", function () {
  this.timeout(240_000);
  let world: World;
  let attester: Attester;
  let shop: Server;
  let folder: string;
  let file: string;
  /** What the shop knows; undefined: it is down. */
  let orders: Map<string, object> | undefined;
  let campaignId: string;

  before(async () => {
    world = await buildWorld();
    // One in the morning: no test crosses the end of a day that does not mean to.
    await world.pass(DAY - ((await world.now()) % DAY) + 3_600);
    folder = mkdtempSync(join(tmpdir(), "partner-programs-rules-"));
    file = join(folder, "rules.json");
    shop = createServer((request, response) => {
      const order = orders?.get(decodeURIComponent(request.url?.split("/").at(-1) ?? ""));
      response.writeHead(orders === undefined ? 503 : order === undefined ? 404 : 200).end(JSON.stringify(order));
    });
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
    write({});
    attester = await buildAttester(world, { rulesFile: file });
  });
  after(async () => {
    shop?.close();
    await attester?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    campaignId = await world.campaign();
    orders = new Map();
  });

  let written = 0;
  function write(more: object, sourced = true): void {
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/${written++}/{orderId}`;
    const source = sourced ? { source: { kind: "orders", url, timeoutMilliseconds: 60_000 } } : {};
    writeFileSync(file, JSON.stringify({ version: 1, campaigns: { "*": { ...source, ...more } } }));
    // Coarse clocks of file systems are not what is tested here.
    utimesSync(file, written, written);
  }
  const sell = (orderId: string, createdAt: number, more: object = {}) =>
    orders?.set(orderId, { orderId, event: "sale", volume: "10", createdAt, ...more });
  async function batch(orderIds: readonly string[]) {
    const now = await world.now();
    attester.clock = now;
    const { nextConversion } = await world.chain.lens.campaign(campaignId);
    const partner = world.partners[0] as string;
    const leaves = conversions(nextConversion, orderIds, { partner, receivedAt: now - 10 });
    return { attestation: attest(campaignId, leaves, now), conversions: leaves };
  }
  const check = async (orderIds: readonly string[]) => (await attester.ask("/v1/checks", await batch(orderIds))).body;

  it("signs for orders that its source has, and names those that it has not", async () => {
    write({});
    const now = await world.now();
    sell("1", now);
    sell("2", now, { refunded: true });
    sell("3", now, { volume: "9" });
    sell("5", now, { refunded: "2.5" });
    const answer = await check(["1", "2", "3", "4", "5"]);
    expect(answer).to.deep.include({ ok: false, transient: false });
    expect(answer.conversions).to.deep.equal([
      { number: "2", reason: 'order "2" was refunded.' },
      { number: "3", reason: 'it attests volume 10000000, order "3" has 9000000 in the attester\'s source.' },
      { number: "4", reason: 'order "4" is not in the attester\'s source.' },
      { number: "5", reason: 'it attests volume 10000000, order "5" has 7500000 in the attester\'s source.' },
    ]);
    const refused = await attester.ask("/v1/attestations", await batch(["1", "4"]));
    expect(refused.status).to.equal(409);
    expect(refused.body).to.deep.include({ title: "Refused", transient: false, detail: refused.body.reason });
    expect(refused.body.conversions).to.have.length(1);
    expect((await attester.ask("/v1/attestations", await batch(["1"]))).status).to.equal(200);
  });

  it("says later while its source is down, and signs when it is back", async () => {
    write({});
    orders = undefined;
    expect(await check(["5"])).to.deep.include({ ok: false, transient: true });
    orders = new Map();
    sell("5", await world.now());
    expect(await check(["5"])).to.deep.equal({ ok: true });
  });

  it("follows rules that change while it runs, and signs nothing while they are wrong", async () => {
    write({}, false);
    expect(await check(["6"])).to.deep.equal({ ok: true });
    write({ events: ["signup"] }, false);
    expect((await check(["6"])).reason).to.contain('the event "sale" is none that this attester signs');
    write({ typo: true }, false);
    expect(await check(["6"])).to.deep.include({ ok: false, transient: true });
    write({ sign: false }, false);
    expect((await check(["6"])).reason).to.contain("does not sign for campaign");
  });

  it("signs no more in a day than its rules allow, and goes on the next day", async () => {
    write({ maxCommission: { day: "6000000" } }, false);
    const first = await batch(["7"]);
    expect((await attester.ask("/v1/attestations", first)).status).to.equal(200);
    await carry(world, first, [0, attesters[0]]);
    expect(await check(["8"])).to.deep.equal({ ok: true });
    expect((await check(["8", "9"])).reason).to.contain(
      "of the 6000000 that the attester signs in a day, 3000000 are used",
    );
    const later = await batch(["8", "9"]);
    attester.clock += DAY;
    expect((await attester.ask("/v1/checks", later)).body).to.deep.equal({ ok: true });
  });

  it("counts a day's commission once, when numbers are signed again because their batch died", async () => {
    write({ maxCommission: { day: "6000000" } }, false);
    expect((await attester.ask("/v1/attestations", await batch(["10", "11"]))).status).to.equal(200);
    await world.pass(3_700);
    const again = await batch(["10", "11"]);
    expect((await attester.ask("/v1/attestations", again)).status).to.equal(200);
    await carry(world, again, [0, attesters[0]]);
    expect((await check(["12"])).reason).to.contain("6000000 are used");
  });

  it("signs reversals only for orders that its source has as refunded, and only as much as they amount to", async () => {
    write({ reversals: "source" });
    const now = await world.now();
    for (const orderId of ["a", "b", "c"]) sell(orderId, now);
    const request = await batch(["a", "b", "c"]);
    expect((await attester.ask("/v1/attestations", request)).status).to.equal(200);
    const [line] = linesOf(request.conversions);
    if (line === undefined) throw new Error("no line");
    const keys = (...orderIds: string[]) => orderIds.map((orderId) => ({ key: id(`key ${orderId}`) }));
    const reverse = async (count: number, conversions: object[], volumeUnits = BigInt(count) * 1_000n) =>
      attester.ask("/v1/reversals", {
        campaignId,
        attestation: digestOf(world.chain.domain, attestationTypedData(request.attestation)),
        targets: [{ ...line, count, volumeUnits }],
        reasonHash: id("refunded"),
        conversions,
      });
    expect((await reverse(2, [])).body.reason).to.contain("name the conversions");
    expect((await reverse(2, keys("a"))).body).to.deep.include({
      transient: true,
      reason: 'Conversion 1: order "a" is not refunded in the attester\'s source.',
    });
    sell("a", now, { refunded: true });
    orders?.delete("b");
    expect((await reverse(1, keys("a"))).body.reason).to.contain("lowered by more");
    expect((await reverse(2, keys("a"))).status).to.equal(200);
    // The next one is counted from what was attested, with what was taken back before.
    expect((await reverse(1, keys("b"))).status).to.equal(200);
    expect((await reverse(0, keys("b"))).body.reason).to.contain("lowered by more");
    // Of what is given back in part the count stays, and so much of the volume as is left.
    sell("c", now, { refunded: "4" });
    expect((await reverse(0, keys("c"))).body).to.deep.include({ transient: true, conversions: [] });
    expect((await reverse(1, keys("c"), 599n)).body.reason).to.contain("lowered by more");
    expect((await reverse(1, keys("c"), 600n)).status).to.equal(200);
    orders = undefined;
    expect((await reverse(0, keys("c"))).body).to.deep.include({ transient: true });
  });

  it("gives back no bonus of a target, and what is bought beside it as its source says", async () => {
    const bonuses = { targets: [THREE], bonuses: { most: "20", mostPerMonth: "30" } };
    write({ reversals: "source", ...bonuses });
    const now = await world.now();
    for (const orderId of ["a", "b", "c"]) sell(orderId, now);
    const request = await batch(["a", "b", "c"]);
    const [bonus] = request.conversions.slice(2);
    if (bonus?.order === undefined) throw new Error("no conversion");
    expect((await attester.ask("/v1/attestations", request)).status).to.equal(200);
    // As it was signed with the bonus in it, of the event that its rules know as that of bonuses.
    const orderId = bonusOrderId({ target: "three", period: "2026", step: 1, partner: world.partners[0] as string });
    await attester.database.query(
      "UPDATE signed_orders SET event = 'bonus', order_id = $2 WHERE campaign_id = $1 AND order_id = 'c'",
      [campaignId, orderId],
    );
    const [line] = linesOf(request.conversions);
    if (line === undefined) throw new Error("no line");
    const reverse = async (count: number, ...orderIds: string[]) =>
      attester.ask("/v1/reversals", {
        campaignId,
        attestation: digestOf(world.chain.domain, attestationTypedData(request.attestation)),
        targets: [{ ...line, count, volumeUnits: BigInt(count) * 1_000n }],
        reasonHash: id("refunded"),
        conversions: orderIds.map((one) => ({ key: id(`key ${one}`) })),
      });
    // Whatever its source has under such a name.
    sell(orderId, now, { refunded: true });
    expect((await reverse(2, "c")).body).to.deep.include({
      transient: true,
      reason: `Conversion 3: order "${orderId}" is a bonus, which is not given back.`,
    });
    sell("a", now, { refunded: true });
    expect((await reverse(1, "a", "c")).body.reason).to.contain("is a bonus, which is not given back");
    expect((await reverse(1, "a")).body.reason, "no more than the sale").to.contain("lowered by more");
    expect((await reverse(2, "a")).status).to.equal(200);
  });
});
