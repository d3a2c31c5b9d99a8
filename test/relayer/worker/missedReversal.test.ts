import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchToSign, Refusal } from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import type { Answer, Attesters } from "#relayer/attesters/client.ts";
import { createSender } from "#relayer/chain/sender.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { readiness } from "#relayer/health.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";
import { createTrees } from "#relayer/trees.ts";
import { compare } from "#relayer/worker/compare.ts";
import { index } from "#relayer/worker/index.ts";
import { number } from "#relayer/worker/number.ts";
import { reverse } from "#relayer/worker/reverse.ts";
import { sign } from "#relayer/worker/sign.ts";
import { submit } from "#relayer/worker/submit.ts";
import { type Attester, buildAttester, buildWorld, HOLD, attesters as keys, type World } from "../../attester/world.ts";

const SECRET = "a secret of the tests that is long enough";
const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 3_600 };

describe("reversals and attesters that look them up in their source", function () {
  this.timeout(600_000);
  const carrier = new Wallet(id("the relayer"));
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-missed-"));
  const rulesFile = join(folder, "rules.json");
  const { failures, logged } = openFailures();
  const refunded = new Set<string>();
  /** Who does not answer. */
  const away = new Set<string>();
  const seats: { address: string; attester: Attester }[] = [];
  let world: World;
  let shop: Server;
  let relayer: LocalRelayer;
  let campaignId: string;
  let key: string;
  let referralToken: string;

  before(async () => {
    world = await buildWorld();
    shop = createServer((request, response) => {
      const orderId = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(orderOf(orderId)));
    });
    await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
    write();
    for (const wallet of keys)
      seats.push({ address: wallet.address, attester: await buildAttester(world, { rulesFile, wallet }) });
    const members = seats.map(({ address }) => address);
    campaignId = await world.campaign({ members, threshold: 2, terms: { linesOnChain: true } });
    await (await world.brand.sendTransaction({ to: carrier.address, value: 10n ** 18n })).wait();
    relayer = await openRelayer({ chain: world.chain });
    await indexAll();
    await openDesk();
  });
  after(async () => {
    await relayer?.close();
    for (const { attester } of seats) await attester.close();
    await world?.close();
    shop?.close();
    shop?.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  let written = 0;
  /** Under another path each time: attesters remember what a source said. */
  function write(): void {
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/${written++}/{orderId}`;
    const source = { kind: "orders", url, timeoutMilliseconds: 60_000 };
    writeFileSync(rulesFile, JSON.stringify({ version: 1, campaigns: { "*": { reversals: "source", source } } }));
    utimesSync(rulesFile, written, written);
  }
  const orderOf = (orderId: string) => ({
    orderId,
    event: "sale",
    volume: "10",
    createdAt: Math.floor(Date.now() / 1000) - 1,
    refunded: refunded.has(orderId),
  });
  const rows = (text: string, ...parameters: unknown[]) =>
    relayer.database.query<Record<string, unknown>>(text, parameters);
  async function indexAll(): Promise<void> {
    while ((await index(relayer.database, world.chain, 0)) > 0);
  }
  async function openDesk(): Promise<void> {
    await rows("DELETE FROM announced_descriptions");
    // Sales are of before the wait for the period's end.
    await rows("UPDATE offers SET valid_from = 0");
    await relayer.describe(campaignId, {});
    key = newSecret("sk");
    await rows(
      "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ($1, $2, $3, 'shop')",
      campaignId,
      world.brand.address,
      hashSecret(key),
    );
    const token = await relayer.openSession(newWallet());
    const { code } = (await relayer.call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token })).body;
    const [clickedAt, expiresAt] = [Date.now(), Date.now() + 3_600_000];
    referralToken = signReferral(SECRET, { code, clickedAt, expiresAt, clickId: newClickId() });
  }
  const ask = async (path: string, members: readonly string[], body: object): Promise<Answer[]> =>
    Promise.all(
      members.map(async (member) => {
        const seat = seats.find(({ address }) => address === member);
        if (seat === undefined || away.has(member)) return { reason: "no answer", transient: true, conversions: [] };
        return (await seat.attester.ask(path, body)).body;
      }),
    );
  const inMemory = async ({ attestation, conversions }: BatchToSign) => {
    const all = [];
    for await (const one of conversions) all.push(one);
    return { attestation, conversions: all };
  };
  const attesters: Attesters = {
    check: async (members, batch) =>
      (await ask("/v1/checks", members, await inMemory(batch))).map((answer) =>
        "ok" in answer && answer.ok === true ? undefined : (answer as Refusal),
      ),
    attest: async (members, batch) => ask("/v1/attestations", members, await inMemory(batch)),
    reverse: (members, reversal, named) =>
      ask("/v1/reversals", members, { ...reversal, conversions: named.map((one) => ({ key: one })) }),
    states: () => new Map(),
  };
  const work = () => {
    const { database } = relayer;
    const sender = createSender(
      database,
      world.chain,
      carrier,
      { bumpAfterSeconds: 600, maxFeePerGas: 10n ** 12n },
      failures,
    );
    return {
      database,
      chain: world.chain,
      attesters,
      sender,
      failures,
      trees: createTrees(database),
      isReconciled: () => true,
    };
  };
  const conversion = async (conversionId: string) =>
    (await relayer.call("GET", `/v1/conversions/${conversionId}`, { token: key })).body;
  async function refund(orderId: string): Promise<void> {
    refunded.add(orderId);
    write();
    const answer = await relayer.call("POST", "/v1/refunds", { token: key, json: { orderId } });
    expect(answer.status).to.equal(202);
  }
  async function takeBack(): Promise<void> {
    await rows("UPDATE batches SET retry_at = now()");
    const { sender, ...rest } = work();
    await reverse({ ...rest, sender });
    await indexAll();
    await sender.follow();
  }

  it("an attester that missed one signs the next of the same line; where none does, brand and operator are told", async () => {
    // The offers are valid from what may be a little ahead of this clock.
    const validFrom = Number((await world.chain.lens.offer(campaignId, 1)).validFrom);
    while (Date.now() / 1000 < validFrom + 1) await new Promise((done) => setTimeout(done, 100));
    const ids: Record<string, string> = {};
    for (const orderId of ["a", "b", "c"]) {
      const json = { event: "sale", orderId, volume: "10", referralToken };
      const { body } = await relayer.call("POST", "/v1/conversions", { token: key, json });
      expect(body.state, JSON.stringify(body)).to.equal("accepted");
      ids[orderId] = body.id;
    }
    await number(work(), BOUNDS, Date.now() + 2_000);
    // Longer than the machine takes for what comes before: a period has to be over.
    await world.pass(1_800);
    for (const { attester } of seats) attester.clock = await world.now();
    await sign(work(), Date.now() + 2_000);
    expect(logged).to.deep.equal([]);
    await submit(work(), Date.now() + 2_000);
    await indexAll();
    expect(await rows("SELECT state, problem FROM batches")).to.deep.equal([{ state: "attested", problem: null }]);

    away.add(keys[2].address);
    await refund("a");
    await takeBack();
    const first = await conversion(ids.a as string);
    expect(first.state, JSON.stringify(first.refunds)).to.equal("reversed");

    // One of the two is away, and the third never heard of what they signed.
    away.clear();
    away.add(keys[0].address);
    await refund("b");
    await takeBack();
    expect(logged).to.deep.equal([]);
    const second = await conversion(ids.b as string);
    expect(second.state, JSON.stringify(second.refunds)).to.equal("reversed");

    expect(await compare(work(), [campaignId])).to.deep.equal([]);
    expect(await rows("SELECT agreed_block = block AS agreed FROM campaigns, chain_cursor")).to.deep.equal([
      { agreed: true },
    ]);

    // Nobody is left until the hold is over.
    for (const { address } of keys) away.add(address);
    await refund("c");
    await takeBack();
    const problem = keys.map(({ address }) => `${address}: no answer`).join("; ");
    expect((await conversion(ids.c as string)).refunds[0]).to.include({ state: "requested", problem });
    const ready = await relayer.call("GET", "/readyz");
    expect(ready.status).to.equal(200);
    expect(ready.body.refunds)
      .to.match(/^1 wait and are lost to the hold from \S+ on: 0x/)
      .and.to.contain(problem);
    const metrics = async () => {
      const one = createMetrics();
      await one.readState(relayer.database, undefined);
      return one.text();
    };
    expect(await metrics()).to.contain("\nrelayer_refunds_refused 1\n");
    await world.pass(HOLD);
    await indexAll();
    await takeBack();
    const late = await conversion(ids.c as string);
    expect(late.refunds[0]).to.include({ state: "late", problem: null });
    expect(late.moves.at(-1)).to.include({ state: "attested", reason: "refund_late" });
    expect(await rows("SELECT announced FROM conversion_moves WHERE reason = 'refund_late'")).to.deep.equal([
      { announced: false },
    ]);
    // Not by its route, which asks once in a second or two.
    const limits = { lagBlocks: 120, silenceSeconds: 120 };
    expect((await readiness(relayer.database, world.chain, undefined, limits)).refunds).to.equal(
      "1 of the last seven days came too late: their commissions stay with the partners",
    );
    expect(await metrics()).to.contain('\nrelayer_refunds{state="late"} 1\n');
    // It is told once.
    await takeBack();
    expect(await rows("SELECT 1 FROM conversion_moves WHERE reason = 'refund_late'")).to.have.length(1);
  });
});
