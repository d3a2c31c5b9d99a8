import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import type { Memory, RememberedBatch } from "@partner-programs/protocol/attesterMemory";
import { descriptionHash } from "@partner-programs/protocol/description";
import { expect } from "chai";
import { pino } from "pino";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer, SECRET } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { type Attesters, connectAttesters, type Memories } from "#relayer/attesters/client.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";
import { findBatchesToSubmit } from "#relayer/store/batches.ts";
import { expire } from "#relayer/worker/expire.ts";
import { index } from "#relayer/worker/index.ts";
import { number } from "#relayer/worker/number.ts";
import { createReconcile, type Reconcile } from "#relayer/worker/reconcile.ts";
import { sign } from "#relayer/worker/sign.ts";
import { type Attester, attesters, buildAttester, buildWorld, TOKEN, type World } from "../../attester/world.ts";

const HOUR = 3_600;
const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: HOUR };
const DESCRIPTION = JSON.stringify({
  version: 1,
  name: "Spring",
  summary: "",
  destination: "https://brand.example/",
  attribution: { touch: "first", windowSeconds: HOUR, bindingSeconds: null },
  events: [{ name: "sale", title: "A sale", perCustomer: null }],
});

/** A relayer over a real chain and a real attester, whose database is put back to what it was before. */
describe("a relayer whose database was restored from an older backup", function () {
  this.timeout(240_000);
  const clock = Date.now;
  let world: World;
  let attester: Attester;
  let memories: Attesters & Memories;
  let folder: string;
  let campaignId: string;
  let key: string;
  let click: () => string;
  /** Of the relayer that is up now. */
  let relayer: LocalRelayer;
  let reconcile: Reconcile;
  let term: number;
  let logged: Record<string, unknown>[];

  before(async function () {
    this.timeout(OPENING);
    world = await buildWorld();
    attester = await buildAttester(world);
    memories = connectAttesters([await attester.listen()], TOKEN);
  });
  after(async () => {
    Date.now = clock;
    await attester?.close();
    await world?.close();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-restored-"));
    campaignId = await world.campaign({ description: descriptionHash(DESCRIPTION) });
    // The chain is hours ahead where a test before has let them pass, and what is reported is reported by the clock.
    const ahead = 1000 * (await world.now()) - clock();
    Date.now = () => clock() + ahead;
    await start("now");
    await indexAll();
    await relayer.database.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2)", [
      descriptionHash(DESCRIPTION),
      DESCRIPTION,
    ]);
    key = newSecret("sk");
    await relayer.database.query(
      "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ($1, $2, $3, 'shop')",
      [campaignId, world.brand.address, hashSecret(key)],
    );
    const token = await relayer.openSession(newWallet());
    const { body } = await relayer.call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token });
    click = () =>
      signReferral(SECRET, {
        code: body.code,
        clickedAt: Date.now(),
        expiresAt: Date.now() + HOUR * 1000,
        clickId: newClickId(),
      });
    await report("1");
    await round();
    expect(await carry()).to.equal(1);
    await report("2");
    await report("3");
  });
  afterEach(async () => {
    await relayer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(name: string): Promise<void> {
    relayer = await openRelayer({ chain: world.chain, folder: join(folder, name) });
    term = 1;
    begin();
  }
  function begin(asked: Memories = memories): void {
    logged = [];
    const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    let rounds = 0;
    reconcile = createReconcile(
      { ...work(), attesters: asked, config: { RELAYER_SECRET: SECRET, ...BOUNDS }, log },
      () => {
        rounds += 60_000;
        return rounds;
      },
    );
  }
  /** What is in the database now is kept as it is, and the relayer goes on. */
  async function backUp(): Promise<void> {
    await relayer.close();
    cpSync(join(folder, "now"), join(folder, "backup"), { recursive: true });
    await start("now");
  }
  async function restore(): Promise<void> {
    await relayer.close();
    await start("backup");
  }
  const work = () => ({
    database: { ...relayer.database, term: () => term },
    chain: world.chain,
    attesters: memories,
    failures: openFailures().failures,
    isReconciled: (of: string) => reconcile.isReconciled(of),
  });

  async function indexAll(): Promise<void> {
    // What is final is a block behind.
    await world.pass(1);
    while ((await index(relayer.database, world.chain, 1)) > 0);
  }
  const chainNow = async () => 1000 * (await world.now());
  /** All that the leader does, once. @returns the digests of what it numbered */
  async function round(): Promise<string[]> {
    await world.pass(2);
    await indexAll();
    attester.clock = await world.now();
    await reconcile.run();
    await expire(work());
    const built = await number(work(), BOUNDS, await chainNow());
    await relayer.database.query("UPDATE batches SET retry_at = now()");
    await sign(work() as never, await chainNow());
    return built;
  }
  /** @returns how many signed batches were brought to the chain */
  async function carry(): Promise<number> {
    const batches = await findBatchesToSubmit(relayer.database, await world.now());
    for (const { attestation, signatures } of batches)
      await (
        await world.programs.attest(attestation, [], [{ attester: 0, signature: signatures?.[0] as string }])
      ).wait();
    await indexAll();
    return batches.length;
  }
  async function report(orderId: string): Promise<void> {
    const json = { event: "sale", orderId, volume: "100", referralToken: click() };
    const { body } = await relayer.call("POST", "/v1/conversions", { token: key, json });
    expect(body.state, JSON.stringify(body)).to.equal("accepted");
  }
  const states = async () =>
    Object.fromEntries(
      (
        await relayer.database.query<{ order_id: string; state: string; number: bigint | null }>(
          "SELECT order_id, state, number FROM conversions ORDER BY id",
        )
      ).map(({ order_id, state, number }) => [order_id, number === null ? state : `${state} ${number}`]),
    );
  const forgotten = async () => (await relayer.call("GET", "/v1/status")).body.forgotten;
  const memory = async () => (await relayer.call("GET", "/readyz")).body.memory;
  const problem = async () =>
    (await relayer.database.query<{ problem: string }>("SELECT problem FROM unreconciled"))[0]?.problem;
  const nextOnChain = async () => (await world.chain.lens.campaign(campaignId)).nextConversion;
  /** All that was ever signed: no order twice, and no number of two attestations that are on the chain. */
  async function expectNothingTwice(): Promise<void> {
    const twice = await attester.database.query(
      `SELECT order_id FROM signed_orders WHERE campaign_id = $1 GROUP BY order_id HAVING count(*) > 1`,
      [campaignId],
    );
    expect(twice).to.deep.equal([]);
  }

  it("gives no number that was given, says what was signed that it does not know, and goes on by itself", async () => {
    await backUp();
    const [attestedSince] = await round();
    expect(await carry()).to.equal(1);
    await report("4");
    const [signedSince] = await round();
    await restore();

    // Nothing before the others were asked, also where the chain is read.
    await indexAll();
    expect(await number(work(), BOUNDS, await chainNow())).to.deep.equal([]);
    expect(await round()).to.deep.equal([]);
    expect((await forgotten()).map(({ deadline: _, ...one }: { deadline: number }) => one)).to.have.deep.members([
      { digest: attestedSince, campaignId, firstConversion: "2", conversions: 2, state: "attested", ordersMissing: 0 },
      { digest: signedSince, campaignId, firstConversion: "4", conversions: 1, state: "open", ordersMissing: 1 },
    ]);
    expect(await memory()).to.match(
      /attesters signed 1 batches that this database does not know.* at 20.*Z at the latest/,
    );
    expect(logged.map(({ batch, msg }) => [batch, String(msg).includes("no numbers")])).to.have.deep.members([
      [attestedSince, false],
      [signedSince, true],
    ]);
    const { body: metrics } = await relayer.call("GET", "/metrics");
    expect(metrics).to.contain('relayer_forgotten_batches{state="open"} 1');
    expect(metrics).to.contain('relayer_forgotten_batches{state="attested"} 1');

    // What is attested goes to the brand at once, while what is open is still waited for.
    await number(work(), BOUNDS, await chainNow());
    expect(await states()).to.deep.equal({ 1: "attested 1", 2: "review", 3: "review" });
    // What was reported since the backup is reported again, as the brand is told.
    await report("4");
    await report("5");
    expect(await round()).to.deep.equal([]);
    // Past its deadline, at a final block.
    await world.pass(HOUR + 60);
    expect(await round()).to.have.length(1);
    expect(await states()).to.deep.equal({
      1: "attested 1",
      2: "review",
      3: "review",
      4: "batched 4",
      5: "batched 5",
    });
    const [note] = await relayer.database.query("SELECT reason, note FROM conversions WHERE order_id = '2'");
    expect(note).to.deep.equal({
      reason: "attesters_refused",
      note: `its key or its order was attested before, in ${attestedSince}.`,
    });
    expect(await carry()).to.equal(1);
    expect(await nextOnChain()).to.equal(6n);
    expect(await memory()).to.equal("ok");
    // 4 was signed twice, and the first of them was dead.
    const onChain = await relayer.database.query("SELECT digest FROM batches WHERE state = 'attested'");
    expect(onChain).to.have.length(3);
  });

  it("takes what was signed and is mined only now for attested, once that is final", async () => {
    await backUp();
    await round();
    const underWay = await findBatchesToSubmit(relayer.database, await world.now());
    await restore();
    expect(await round()).to.deep.equal([]);
    for (const { attestation, signatures } of underWay)
      await (
        await world.programs.attest(attestation, [], [{ attester: 0, signature: signatures?.[0] as string }])
      ).wait();
    while ((await index(relayer.database, world.chain, 1)) > 0);
    // Mined, and not final: it may still be taken back.
    expect(await number(work(), BOUNDS, await chainNow())).to.deep.equal([]);
    expect(await states()).to.include({ 2: "accepted", 3: "accepted" });
    await report("5");
    expect(await round()).to.have.length(1);
    expect(await states()).to.deep.equal({ 1: "attested 1", 2: "review", 3: "review", 5: "batched 4" });
    await expectNothingTwice();
  });

  it("has what was only built in the backup, and signed since, signed as it is", async () => {
    await indexAll();
    const [built] = await number(work(), BOUNDS, await chainNow());
    await backUp();
    await round();
    expect(await carry()).to.equal(1);
    await restore();
    await relayer.database.query("UPDATE campaigns SET batch_limit = 1");
    // Before anything is known of it, it is not touched.
    await sign(work() as never, await chainNow());
    const state = async () =>
      (await relayer.database.query<{ state: string }>("SELECT state FROM batches WHERE digest = $1", [built]))[0]
        ?.state;
    expect(await state()).to.equal("built");
    await round();
    expect(await state()).to.equal("attested");
    expect(await states()).to.deep.equal({ 1: "attested 1", 2: "attested 2", 3: "attested 3" });
    expect(await forgotten()).to.deep.equal([]);
  });

  it("never dissolves a batch that is built in the backup once an attester says that it signed it", async () => {
    await indexAll();
    const [built] = await number(work(), BOUNDS, await chainNow());
    await backUp();
    await sign({ ...work(), isReconciled: () => true } as never, await chainNow());
    await restore();
    await indexAll();
    await reconcile.run();
    expect(await relayer.database.query("SELECT state FROM batches WHERE digest = $1", [built])).to.deep.equal([
      { state: "asked" },
    ]);
    await round();
    expect(await carry()).to.equal(1);
    expect(await states()).to.deep.equal({ 1: "attested 1", 2: "attested 2", 3: "attested 3" });
  });

  it("asks again whenever it begins to lead, because the database may be another one then", async () => {
    await indexAll();
    await reconcile.run();
    expect(reconcile.isReconciled(campaignId)).to.equal(true);
    term = 2;
    expect(reconcile.isReconciled(campaignId)).to.equal(false);
    expect(await number(work(), BOUNDS, await chainNow())).to.deep.equal([]);
    await reconcile.run();
    expect(reconcile.isReconciled(campaignId)).to.equal(true);
  });

  describe("with attesters of which some", () => {
    const MEMBERS = attesters.map(({ address }) => address);
    const away: Refusal = { reason: "no answer: it is away", transient: true, conversions: [] };
    const nothing: Memory = { forgotten: [], signed: [], more: false };
    const forgot: Memory = { ...nothing, forgotten: [`0x${"ab".repeat(32)}`] };
    let answers: (Memory | Refusal)[];
    let given: RememberedBatch | Refusal;

    beforeEach(async () => {
      campaignId = await world.campaign({ members: MEMBERS, threshold: 2 });
      await indexAll();
      await relayer.database.query(
        "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ($1, $2, $3, 'shop')",
        [campaignId, world.brand.address, hashSecret(newSecret("sk"))],
      );
      given = away;
      begin({
        signed: async (members, of) =>
          of === campaignId
            ? members.map((member) => answers[MEMBERS.indexOf(member)] as Memory)
            : members.map(() => nothing),
        remembered: async () => given,
      });
    });
    it("never answer keep no other campaign waiting, however many there are", async () => {
      const OTHERS = 230;
      await relayer.database.query(
        `WITH made AS (
           INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
             unit_exponent, operator, funded, available)
           SELECT '0x' || lpad(to_hex(n), 64, '0'), brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds,
             fee_bps, unit_exponent, operator, 0, 0 FROM campaigns, generate_series(1, $2::int) AS n WHERE campaigns.id = $1 RETURNING id
         )
         INSERT INTO api_keys (campaign_id, brand, secret_hash, label) SELECT id, '0x', id, 'shop' FROM made`,
        [campaignId, OTHERS],
      );
      answers = [nothing, nothing, nothing];
      // Unknown to the contract, so that none of them is ever reconciled; and all before this one.
      for (let i = 0; i < 2; i++) await reconcile.run();
      expect(reconcile.isReconciled(campaignId)).to.equal(true);
    });

    async function isReconciledWith(...of: (Memory | Refusal)[]): Promise<boolean> {
      answers = of;
      await reconcile.run();
      return reconcile.isReconciled(campaignId);
    }

    it("are away goes on with so many as every quorum has one of", async () => {
      expect(await isReconciledWith(nothing, away, away)).to.equal(false);
      expect(await problem()).to.equal(
        `1 of 3 attesters say what they signed, and 2 have to: ${MEMBERS[0]}: whole; ${MEMBERS[1]}: ${away.reason}; ${MEMBERS[2]}: ${away.reason}`,
      );
      expect(await memory())
        .to.contain("1 campaigns get no numbers until")
        .and.to.contain(campaignId);
      expect(await isReconciledWith(nothing, away, nothing)).to.equal(true);
      expect(await problem()).to.equal(undefined);
    });

    it("forgot something themselves does not count them", async () => {
      expect(await isReconciledWith(nothing, forgot, away)).to.equal(false);
      expect(await problem()).to.contain(`${MEMBERS[1]}: it forgot 1 attestations, the first ${forgot.forgotten[0]}`);
      expect(await isReconciledWith(nothing, forgot, nothing)).to.equal(true);
    });

    it("say that they signed what they do not give waits, and says whose fault that is", async () => {
      const deadline = (await world.now()) + HOUR;
      const claim = { digest: `0x${"cd".repeat(32)}`, firstConversion: 1n, conversions: 1, deadline };
      const liar = { ...nothing, signed: [claim] };
      expect(await isReconciledWith(liar, nothing, nothing)).to.equal(false);
      expect(await problem()).to.contain(
        `was signed and is not known here, and nobody gives it: ${MEMBERS[0]}: no answer`,
      );
      const attestation = {
        campaignId,
        firstConversion: 1n,
        conversions: 1,
        periodFrom: 0,
        periodTo: 1,
        deadline,
        conversionsRoot: claim.digest,
        linesRoot: claim.digest,
        lineCount: 1,
        total: 1n,
      };
      given = { attestation, conversions: [] };
      expect(await isReconciledWith(liar, nothing, nothing)).to.equal(false);
      expect(await problem()).to.contain("it gives another attestation");
      // A claim of what is dead holds up nobody.
      expect(await isReconciledWith({ ...liar, signed: [{ ...claim, deadline: 1 }] }, nothing, nothing)).to.equal(true);
    });
  });
});
