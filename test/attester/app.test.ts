import { buffer } from "node:stream/consumers";
import { type GivenBatch, type GivenConversion, linesPath, writeBatch } from "@partner-programs/protocol/attesterApi";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { REASONS } from "@partner-programs/protocol/reasons";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, dataSlice, getAddress, hexlify, id, verifyTypedData, Wallet, ZeroAddress } from "ethers";
import { findFinality } from "#attester/chain/finality.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import { type LyingNode, startLyingNode } from "#test/support/lyingNode.ts";
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
  treeOf,
  type World,
} from "./world.ts";

describe("an attester, asked over HTTP", function () {
  this.timeout(240_000);
  let world: World;
  let attester: Attester;
  let alice: string;
  /** Stands in for the newest final block where a test needs one that is not the newest. */
  let finality: { number: number; time: number } | undefined;

  before(async () => {
    world = await buildWorld();
    const { finality: ofNode } = await findFinality(world.chain, 0);
    attester = await buildAttester(world, { finality: async () => finality ?? (await ofNode()) });
    alice = world.partners[0] as string;
  });
  after(async () => {
    await attester?.close();
    await world?.close();
  });

  /** A batch of orders that is as it should be. */
  async function batch(campaignId: string, orderIds: readonly string[], changes: object = {}) {
    const now = await world.now();
    attester.clock = now;
    const { nextConversion } = await world.chain.lens.campaign(campaignId);
    const leaves = conversions(nextConversion, orderIds, { partner: alice, receivedAt: now - 10 });
    return { attestation: attest(campaignId, leaves, now, changes), conversions: leaves };
  }
  const digestFor = ({ attestation }: GivenBatch) => digestOf(world.chain.domain, attestationTypedData(attestation));
  /** Carries a reversal of one line, which stands as it was attested, to the chain. */
  async function reverseOnChain(request: GivenBatch, index: number, target: Line, signature: string) {
    const { line, path } = treeOf(linesOf(request.conversions)).proof(index);
    const lowered = { index, line, target: packLine(target), path };
    const signatures = [{ attester: 0, signature }];
    await (await world.programs.reverse(request.attestation, [lowered], id("refunded"), signatures)).wait();
    return world.programs.interface.getEvent("Reversed").topicHash;
  }
  const signed = (campaignId: string) =>
    attester.database.query("SELECT digest FROM signed_attestations WHERE campaign_id = $1", [campaignId]);
  const check = (request: unknown) => attester.ask("/v1/checks", request).then(({ body }) => body);

  it("signs a sound batch, with a signature that the contract takes", async () => {
    const request = await batch(await world.campaign(), ["1", "2", "3"]);
    expect(await attester.ask("/v1/checks", request)).to.deep.equal({ status: 200, body: { ok: true } });
    const { status, body } = await attester.ask("/v1/attestations", request);
    expect(status).to.equal(200);
    const { types, message } = attestationTypedData(request.attestation);
    expect(verifyTypedData(world.chain.domain, types, message, body.signature)).to.equal(attesters[0].address);
    await (await world.programs.attest(request.attestation, [], [{ attester: 0, signature: body.signature }])).wait();
    expect((await world.chain.lens.campaign(request.attestation.campaignId)).nextConversion).to.equal(4n);
    // A lost answer is given again, also when the chain has moved on.
    expect((await attester.ask("/v1/attestations", request)).body).to.deep.equal(body);
    expect(await check(request)).to.deep.equal({ ok: true });
  });

  it("gives opinions without remembering anything", async () => {
    const campaignId = await world.campaign();
    const request = await batch(campaignId, ["1"]);
    await check(request);
    expect(await signed(campaignId)).to.deep.equal([]);
    // Another batch over the same conversion is as good as the first, until one is signed.
    const other = { ...request, attestation: { ...request.attestation, deadline: request.attestation.deadline + 1 } };
    expect(await check(other)).to.deep.equal({ ok: true });
    await attester.ask("/v1/attestations", request);
    expect(await check(other)).to.deep.include({ ok: false, transient: true });
  });

  it("says of each route whether it takes the token, and none takes another", async () => {
    const document = await (await attester.get("/openapi.json")).json();
    expect(document.security).to.deep.equal([{ relayer: [] }]);
    expect(Object.keys(document.components.securitySchemes)).to.deep.equal(["relayer"]);
    const open: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { security?: unknown[] }>>(document.paths))
      for (const [method, { security }] of Object.entries(methods)) {
        if (security?.length === 0) open.push(path);
        const at = path.replace(/\{\w+\}/g, id("none"));
        const { status } =
          method === "get" ? await attester.get(`${at}?from=0`) : await attester.ask(at, "", "another");
        expect(status === 401, `${method} ${path}: ${status}`).to.equal(security?.length !== 0);
      }
    expect(open).to.deep.equal(["/v1/batches/{digest}/lines"]);
  });

  it("answers nobody without its token, and says what is wrong with a request", async () => {
    const request = await batch(await world.campaign(), ["1"]);
    for (const path of ["/v1/checks", "/v1/attestations", "/v1/reversals"])
      expect((await attester.ask(path, request, "another token")).status).to.equal(401);
    const malformed = [
      "",
      "{",
      {},
      { ...request, conversions: [{ ...request.conversions[0], entries: [] }] },
      { ...request, attestation: { ...request.attestation, firstConversion: 2n ** 63n } },
      { ...request, attestation: { ...request.attestation, campaignId: "0x12" } },
      { ...request, more: true },
    ];
    for (const body of malformed) expect((await attester.ask("/v1/attestations", body)).status).to.equal(400);
  });

  it("refuses with the contract's own words what the contract would refuse", async () => {
    const campaignId = await world.campaign({ budget: 3_149_999n });
    const request = await batch(campaignId, ["1"]);
    const says = async (changes: object) => {
      const { ok, reason, transient, conversions } = await check({
        ...request,
        attestation: { ...request.attestation, ...changes },
      });
      expect(ok).to.equal(false);
      expect(conversions).to.deep.equal([]);
      return { reason, transient };
    };
    const now = await world.now();
    expect(await says({})).to.deep.equal({
      reason: `The contract would refuse it: InsufficientBudget(campaignId: ${campaignId}, required: 3150000, available: 3149999).`,
      transient: true,
    });
    expect((await says({ deadline: now - 1 })).reason).to.contain("DeadlinePassed");
    expect(await says({ deadline: now + 2 * DAY })).to.deep.include({ transient: true });
    expect((await says({ periodTo: now + 5 })).reason).to.contain("the newest block that this attester knows");
    expect(await says({ periodTo: now + 5 })).to.deep.include({ transient: true });
    expect(
      await check({ ...request, attestation: { ...request.attestation, campaignId: id("none") } }),
    ).to.deep.include({
      reason: `The chain says: UnknownCampaign(campaignId: ${id("none")}).`,
      transient: true,
    });
    await (await world.programs.suspend(campaignId)).wait();
    expect(await check(await batch(campaignId, ["1"]))).to.deep.include({ ok: false, transient: true });
  });

  it("refuses for now what is not the campaign's next number", async () => {
    const campaignId = await world.campaign();
    const now = await world.now();
    const leaves = conversions(2n, ["1"], { partner: alice, receivedAt: now - 10 });
    const answer = await check({ attestation: attest(campaignId, leaves, now), conversions: leaves });
    expect(answer.reason).to.contain("ConversionOutOfOrder");
    expect(answer.transient).to.equal(true);
  });

  it("refuses what is above the rest of the day for now, and what is above a whole day for good", async () => {
    const campaignId = await world.campaign({ dailyLimit: 4_000_000n });
    const first = await batch(campaignId, ["1"]);
    await attester.ask("/v1/attestations", first);
    await carry(world, first, [0, attesters[0]]);
    const second = await check(await batch(campaignId, ["2"]));
    expect(second.reason).to.contain("DailyLimitExceeded");
    expect(second.transient).to.equal(true);
    expect(await check(await batch(campaignId, ["2", "3"]))).to.deep.include({ ok: false, transient: false });
  });

  it("names every conversion whose partner's kinds do not allow it, as the contract counts them", async () => {
    const [, bob, carol] = world.partners as [string, string, string];
    const campaignId = await world.campaign({ terms: { openKinds: 0b101 } });
    // Bob is a reseller alone for longer than the notice. Carol was one until just now, and nobody listed Alice.
    await (await world.programs.setKinds(campaignId, [bob], 0b100)).wait();
    await world.pass(8 * DAY);
    await (await world.programs.setKinds(campaignId, [carol], 0b001)).wait();
    await world.pass(60);
    const now = await world.now();
    const of = (partner: string, offerId: number, event: string, order: string) =>
      conversions(1n, [order], { partner, offerId, event, receivedAt: now - 10 });
    const renumber = (leaves: GivenConversion[]) => leaves.map((leaf, i) => ({ ...leaf, number: BigInt(i + 1) }));
    const leaves = renumber([
      ...of(alice, 1, "sale", "a"),
      ...of(bob, 1, "sale", "b"),
      ...of(bob, 2, "invoice", "c"),
      ...of(carol, 2, "invoice", "d"),
      ...of(bob, 1, "sale", "e"),
    ]);
    const answer = await check({ attestation: attest(campaignId, leaves, now), conversions: leaves });
    expect(answer.transient).to.equal(false);
    expect(answer.conversions.map((one: { number: string }) => one.number)).to.deep.equal(["2", "5"]);
    const rest = renumber(leaves.filter((_, i) => i !== 1 && i !== 4));
    expect(await check({ attestation: attest(campaignId, rest, now), conversions: rest })).to.deep.equal({ ok: true });
    // After the notice Carol's old kind is gone.
    await world.pass(8 * DAY);
    const later = await world.now();
    const late = rest.map((leaf) => ({
      ...leaf,
      order: { ...leaf.order, receivedAt: later - 10 },
    })) as GivenConversion[];
    const gone = await check({ attestation: attest(campaignId, late, later), conversions: late });
    expect(gone.conversions.map((one: { number: string }) => one.number)).to.deep.equal(["3"]);
  });

  it("refuses where it is not in the attester set in force, also when that changes", async () => {
    const strangers = await world.campaign({ members: [attesters[1].address] });
    expect(await check(await batch(strangers, ["1"]))).to.deep.include({ ok: false });
    await (await world.programs.announceAttesters(strangers, 1, [attesters[0].address])).wait();
    expect((await check(await batch(strangers, ["1"]))).reason).to.contain("is not in the campaign's attester set 0");
    await world.pass(8 * DAY);
    expect(await check(await batch(strangers, ["1"]))).to.deep.equal({ ok: true });
  });

  it("signs only one of two attestations over the same numbers, asked for at once", async () => {
    const campaignId = await world.campaign();
    const requests = await Promise.all([0, 1, 2, 3].map((i) => batch(campaignId, [`order ${i}`])));
    const answers = await Promise.all(requests.map((request) => attester.ask("/v1/attestations", request)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).to.deep.include({ status: 409, transient: true });
    expect(await signed(campaignId)).to.have.length(1);
  });

  it("signs an order again only when what it signed before is dead at a final block", async () => {
    const campaignId = await world.campaign();
    const first = await batch(campaignId, ["1", "2"]);
    await attester.ask("/v1/attestations", first);
    await world.pass(3_601);
    const second = await batch(campaignId, ["2", "3"]);
    // The newest block is past the deadline, the newest final one is not.
    const { number } = (await world.provider.getBlock("latest")) ?? { number: 0 };
    const final = await world.provider.getBlock(number - 1);
    finality = { number: number - 1, time: final?.timestamp ?? 0 };
    const refused = await attester.ask("/v1/attestations", second);
    expect(refused.body.reason).to.contain("can still be attested");
    expect(refused.body.transient).to.equal(true);
    expect(refused.body.conversions.map((one: { number: string }) => one.number)).to.deep.equal(["1"]);
    finality = undefined;
    expect((await attester.ask("/v1/attestations", second)).status).to.equal(200);
  });

  it("refuses an order under a second key or number for ever, once it was attested", async () => {
    const campaignId = await world.campaign();
    const first = await batch(campaignId, ["1", "2"]);
    await attester.ask("/v1/attestations", first);
    await carry(world, first, [0, attesters[0]]);
    await world.pass(2 * DAY);
    const second = await batch(campaignId, ["3", "2"]);
    const renamed = second.conversions.map((leaf) => ({ ...leaf, key: id(`another key for ${leaf.key}`) }));
    const answer = await check({ attestation: attest(campaignId, renamed, await world.now()), conversions: renamed });
    expect(answer.transient).to.equal(false);
    expect(answer.conversions.map((one: { number: string }) => one.number)).to.deep.equal(["4"]);
    expect(answer.reason).to.contain("was attested before");
    // The same key without its order is no way around it.
    const bare = second.conversions.map(({ order: _, ...leaf }) => leaf);
    expect(await check({ ...second, conversions: bare })).to.deep.include({ ok: false, transient: false });
  });

  it("finds an attestation of a campaign without a hold by its event", async () => {
    const members = [attesters[0], attesters[1], attesters[2]].map(({ address }) => address);
    const campaignId = await world.campaign({ terms: { holdSeconds: 0 }, members, threshold: 2 });
    const first = await batch(campaignId, ["1"]);
    await attester.ask("/v1/attestations", first);
    await carry(world, first, [0, attesters[0]], [1, attesters[1]]);
    expect(await check(await batch(campaignId, ["1"]))).to.deep.include({ ok: false, transient: false });
    // Overtaken by another batch, and so dead before its deadline.
    const overtaken = await batch(campaignId, ["2"]);
    const overtaking = await batch(campaignId, ["3"]);
    await attester.ask("/v1/attestations", overtaken);
    await carry(world, overtaking, [1, attesters[1]], [2, attesters[2]]);
    expect(await check(await batch(campaignId, ["2"]))).to.deep.equal({ ok: true });
  });

  it("believes no node that leaves the event of an attestation without a hold out: nothing is signed twice", async () => {
    const node = await startLyingNode(world.rpcUrl);
    const chain = await connectPrograms(node.url, world.deployment);
    const behind = await buildAttester({ ...world, chain });
    try {
      const campaignId = await world.campaign({ terms: { holdSeconds: 0 } });
      const ask = async (path: string, request: Awaited<ReturnType<typeof batch>>) =>
        (await behind.ask(path, request)).body;
      const first = await batch(campaignId, ["1"]);
      await ask("/v1/attestations", first);
      // Not on the chain, as the contract says, whatever the node tells or does not.
      node.lies.set("eth_getLogs", async () => []);
      await world.pass(1);
      const alive = await ask("/v1/checks", await batch(campaignId, ["1"]));
      expect(alive).to.deep.include({ ok: false, transient: true });
      expect(alive.reason).to.contain("can still be attested");

      await carry(world, first, [0, attesters[0]]);
      const again = await batch(campaignId, ["1"]);
      const hidden = await ask("/v1/attestations", again);
      expect(hidden).to.deep.include({ status: 409, transient: true });
      expect(hidden.reason).to.match(
        /^The contract's next number is 2 at block \d+, and the attestations that the chain's node tells end before 1\.$/,
      );
      // One of another chain is none.
      node.lies.set("eth_getLogs", async (_, truth) =>
        (await truth()).map((log: object) => ({ ...log, blockHash: id("another chain") })),
      );
      expect((await ask("/v1/attestations", again)).reason).to.contain(
        `of block ${id("another chain")}, which is not there`,
      );
      node.lies.clear();
      const told = await ask("/v1/attestations", again);
      expect(told).to.deep.include({ status: 409, transient: false });
      expect(told.reason).to.contain("was attested before");
    } finally {
      await behind.close();
      chain.close();
      await node.stop();
    }
  });

  it("signs by no word that its other node does not give as well, and by two of three", async () => {
    const nodes = await Promise.all([0, 1, 2].map(() => startLyingNode(world.rpcUrl)));
    const [liar] = nodes as [LyingNode, ...LyingNode[]];
    const connect = (some: readonly LyingNode[]) =>
      connectPrograms(
        some.map(({ url }) => url),
        world.deployment,
      );
    const [two, three] = [await connect(nodes.slice(0, 2)), await connect(nodes)];
    const byTwo = await buildAttester({ ...world, chain: two });
    const byThree = await buildAttester({ ...world, chain: three });
    try {
      const campaignId = await world.campaign();
      const request = await batch(campaignId, ["1"]);
      // What it says of the contract is a little more than the contract says.
      liar.lies.set("eth_call", async (_, truth) => {
        const answer: string = await truth();
        return answer.length < 66 ? answer : `${answer.slice(0, -1)}${answer.endsWith("1") ? "2" : "1"}`;
      });
      const refused = (await byTwo.ask("/v1/attestations", request)).body;
      expect(refused).to.deep.include({ status: 409, transient: true });
      expect(refused.detail).to.contain("nodes tell different things (eth_call)");
      expect(two.nodes().disagreements.get("eth_call")).to.be.greaterThan(0);

      expect((await byThree.ask("/v1/attestations", request)).body.signature).to.be.a("string");
      expect(three.nodes().nodes.map(({ state }) => state)).to.deep.equal(["contradicted", "ok", "ok"]);

      // Nor by the word of one that is left.
      liar.lies.clear();
      liar.instead = { status: 503 };
      const alone = (await byTwo.ask("/v1/attestations", await batch(campaignId, ["2"]))).body;
      expect(alone).to.deep.include({ status: 409, transient: true });
      expect(alone.detail).to.contain("2 have to tell the same (RPC_AGREE)");
    } finally {
      await byTwo.close();
      await byThree.close();
      two.close();
      three.close();
      for (const node of nodes) await node.stop();
    }
  });

  it("signs reversals of what it signed, for a known reason, that only lower", async () => {
    const campaignId = await world.campaign();
    const request = await batch(campaignId, ["1", "2"]);
    await attester.ask("/v1/attestations", request);
    await carry(world, request, [0, attesters[0]]);
    const digest = digestFor(request);
    const [line] = linesOf(request.conversions);
    if (line === undefined) throw new Error("no line");
    const reversal = {
      campaignId,
      attestation: digest,
      targets: [{ ...line, count: 1, volumeUnits: 1_000n }],
      reasonHash: id("refunded"),
    };
    const ask = async (changes: object) => (await attester.ask("/v1/reversals", { ...reversal, ...changes })).body;
    expect((await ask({ attestation: id("other") })).detail).to.contain("was not signed here");
    expect((await ask({ reasonHash: id("a bad mood") })).detail).to.contain("refunded, fraud_confirmed");
    expect((await ask({ targets: [{ ...line, count: 3 }] })).detail).to.contain("above the attested");
    expect((await ask({ conversions: [{ key: id("key 9") }] })).detail).to.contain("no conversion with the key");
    expect((await ask({ reasonHash: id("fraud_confirmed") })).signature).to.be.a("string");
    const { signature } = await ask({ conversions: [{ key: id("key 1") }] });
    expect((await ask({ conversions: [{ key: id("key 1") }] })).signature).to.equal(signature);
    await reverseOnChain(request, 0, reversal.targets[0] as Line, signature);
    expect((await world.chain.lens.campaign(campaignId)).reserved).to.equal(3_150_000n);
  });

  it("judges a reversal by the lines as those on the chain left them, and trusts no node that tells half of it", async () => {
    const campaignId = await world.campaign();
    const [, bob] = world.partners as [string, string];
    const now = await world.now();
    const receivedAt = now - 10;
    const leaves = [
      ...conversions(1n, ["1", "2", "3"], { partner: alice, receivedAt }),
      ...conversions(4n, ["4"], { partner: bob, receivedAt }),
    ];
    const request = { attestation: attest(campaignId, leaves, now), conversions: leaves };
    attester.clock = now;
    await attester.ask("/v1/attestations", request);
    await carry(world, request, [0, attesters[0]]);
    const place = linesOf(leaves).findIndex(({ partner }) => partner === alice);
    const line = linesOf(leaves)[place] as Line;
    const ask = async (count: number) => {
      const targets = [{ ...line, count, volumeUnits: BigInt(count) * 1_000n }];
      const reversal = { campaignId, attestation: digestFor(request), targets, reasonHash: id("refunded") };
      return (await attester.ask("/v1/reversals", reversal)).body;
    };
    const { signature } = await ask(1);
    const reversed = await reverseOnChain(request, place, { ...line, count: 1, volumeUnits: 1_000n }, signature);
    // A relayer that missed it asks for what stands above that: its proof would not lead to the root.
    expect(await ask(2)).to.deep.include({ transient: true });
    expect((await ask(2)).detail).to.contain("above the 1 and 1000 that a reversal on the chain left");
    expect((await ask(0)).signature).to.be.a("string");

    const { provider } = world.chain;
    const getLogs = provider.getLogs.bind(provider);
    try {
      // A line is left out, or all of it: the contract has a word of what reversals left.
      for (const told of [[reversed], []]) {
        provider.getLogs = async (filter) =>
          (await getLogs(filter)).filter(({ topics }) => told.includes(topics[0] ?? ""));
        for (const count of [0, 2]) {
          const answer = await ask(count);
          expect(answer).to.deep.include({ status: 409, transient: true });
          expect(answer.detail).to.contain("does not lead to what the contract has of it");
        }
      }
    } finally {
      provider.getLogs = getLogs;
    }
  });

  it("gives everybody the lines that it signed, and of nothing else", async () => {
    const campaignId = await world.campaign();
    const now = await world.now();
    attester.clock = now;
    // More than one piece of them.
    const leaves = Array.from({ length: 1_100 }, (_, i) =>
      conversions(BigInt(i + 1), [`${i}`], { partner: getAddress(dataSlice(id(`${i}`), 12)), receivedAt: now - 10 }),
    ).flat();
    const request = { attestation: attest(campaignId, leaves, now), conversions: leaves };
    const path = linesPath(digestFor(request));
    expect((await attester.get(path)).status).to.equal(404);
    expect((await attester.ask("/v1/checks", request)).body).to.deep.equal({ ok: true });
    expect((await attester.get(path)).status).to.equal(404);
    expect((await attester.ask("/v1/attestations", request)).status).to.equal(200);
    const served = await attester.get(path);
    expect(served.headers.get("content-type")).to.equal("application/octet-stream");
    expect(served.headers.get("content-length")).to.equal(String(1_100 * 32));
    expect(served.headers.get("access-control-allow-origin")).to.equal("*");
    expect(hexlify(new Uint8Array(await served.arrayBuffer()))).to.equal(concat(linesOf(leaves).map(packLine)));
    expect((await attester.get(linesPath("0x12"))).status).to.equal(400);
  });

  it("names every line that would pay nobody, each with its fault, and signs the rest", async () => {
    const [, bob] = world.partners as [string, string];
    const campaignId = await world.campaign();
    const offer = { flatAmount: 2_000_000n, rateBps: 1_000, capUnits: 10_000n, validFrom: 0, validTo: 0 };
    const own = { ...offer, kind: 255, eventName: encodeEventName("sale"), lockedUntil: 0, partner: bob };
    await (await world.programs.appendOffer(campaignId, own)).wait();
    await world.pass(60);
    const now = await world.now();
    attester.clock = now;
    const of = (number: bigint, partner: string, offerId: number) =>
      conversions(number, [`own ${number}`], { partner, offerId, receivedAt: now - 10 });
    const prices = (leaves: GivenConversion[]) => {
      const { root, total } = treeOf(linesOf(leaves), [1, 2, 3]);
      return { linesRoot: root, total };
    };
    const check = async (leaves: GivenConversion[]) =>
      (
        await attester.ask("/v1/checks", {
          attestation: attest(campaignId, leaves, now, prices(leaves)),
          conversions: leaves,
        })
      ).body;
    const answer = await check([
      ...of(1n, bob, 3),
      ...of(2n, alice, 3),
      ...of(3n, alice, 1),
      ...of(4n, ZeroAddress, 1),
    ]);
    expect(answer.transient).to.equal(false);
    expect(answer.conversions).to.deep.equal([
      { number: "2", reason: `partner ${alice} under offer 3: ${REASONS.offer_for_other_partner}` },
      { number: "4", reason: `partner ${ZeroAddress} under offer 1: ${REASONS.partner_is_zero}` },
    ]);
    expect(await check([...of(1n, bob, 3), ...of(2n, alice, 1)])).to.deep.equal({ ok: true });
  });

  it("says what is wrong with a batch by its line, and reads no more than one may have", async () => {
    const request = await batch(await world.campaign(), ["1", "2"]);
    const text = (await buffer(writeBatch(request))).toString();
    const lines = text.trimEnd().split("\n");
    const says = async (...given: string[]) => {
      const { status, body } = await attester.ask("/v1/checks", given.join("\n"));
      return `${status} ${body.detail}`;
    };
    expect(await says(lines[0] ?? "", "{")).to.match(/^400 Line 2 is not JSON/);
    expect(await says(lines[0] ?? "", '{"number": "1"}')).to.match(/^400 Line 2: .*key/);
    expect(await says(...lines, lines[2] ?? "")).to.equal(
      "400 The attestation says 2 conversions; line 4 is one more.",
    );
    expect(await says(`{"x":"${"y".repeat(25_000)}"}`)).to.match(/^413 Line 1 is longer than the 24576 bytes/);
    expect((await attester.ask("/v1/checks", lines.slice(0, 2).join("\n"))).body.reason).to.contain(
      "says 2 conversions, 1 were given",
    );
  });

  it("does not take a silent node for a refusal", async () => {
    const request = await batch(await world.campaign(), ["1"]);
    const { provider } = world.chain;
    const send = provider.call.bind(provider);
    provider.call = () =>
      Promise.reject(
        Object.assign(new Error("https://node.example/secret"), { code: "TIMEOUT", shortMessage: "request timeout" }),
      );
    try {
      const answer = await check(request);
      expect(answer).to.deep.include({ ok: false, transient: true, conversions: [] });
      expect(answer.reason).to.equal("The chain's node does not answer as it should (TIMEOUT).");
    } finally {
      provider.call = send;
    }
  });

  it("says that its signer failed, and signs when it is back", async () => {
    const wallet = new Wallet(attesters[0].privateKey);
    const signTypedData = wallet.signTypedData.bind(wallet);
    wallet.signTypedData = () => Promise.reject(new Error("no connection to https://signer.example/secret"));
    const other = await buildAttester(world, { wallet });
    const request = await batch(await world.campaign(), ["1"]);
    const failed = await other.ask("/v1/attestations", request);
    expect(failed.status).to.equal(503);
    expect(JSON.stringify(failed.body)).to.not.contain("secret");
    wallet.signTypedData = signTypedData;
    expect((await other.ask("/v1/attestations", request)).status).to.equal(200);
    await other.close();
  });

  it("checks and signs 20,000 conversions in seconds", async () => {
    const campaignId = await world.campaign();
    const orders = Array.from({ length: 20_000 }, (_, i) => `order ${i}`);
    const request = await batch(campaignId, orders);
    const begun = process.cpuUsage();
    expect(await check(request)).to.deep.equal({ ok: true });
    const checked = process.cpuUsage(begun);
    expect((await attester.ask("/v1/attestations", request)).status).to.equal(200);
    const both = process.cpuUsage(begun);
    // The relayer waits a minute for an answer. This process's own time, whatever else the machine does.
    const seconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1e6;
    expect(Math.max(seconds(checked), seconds(both) - seconds(checked))).to.be.lessThan(20);
  });
});
