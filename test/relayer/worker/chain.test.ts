import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packLine } from "@partner-programs/protocol/line";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, type JsonRpcSigner, parseUnits, type TransactionRequest, Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFailures } from "#harness/failures.ts";
import { startPostgres } from "#harness/postgres.ts";
import { createSender, DaySpent, type Sender, type SenderOptions, WouldRevert } from "#relayer/chain/sender.ts";
import { readPaidByKind, readSpending } from "#relayer/store/outbox.ts";
import { compare } from "#relayer/worker/compare.ts";
import { DeepReorganisation, index } from "#relayer/worker/index.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { saleCampaign } from "../../support/campaign.ts";
import { minedSender } from "../../support/minedSender.ts";

const DAY = 86_400;
const { failures } = openFailures();
const CONFIRMATIONS = 8;
/** What the index keeps of the chain: the same for all who read the same chain. */
const MIRROR = ["campaigns", "offers", "kinds", "batches", "batch_lines", "payouts", "last_claims", "payout_addresses"];

describe("the relayer on a moving chain", function () {
  this.timeout(240_000);
  const attester = new Wallet(id("the attester"));
  const relayer = new Wallet(id("the relayer"));
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-chain-"));
  let anvil: Anvil;
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let programs: PartnerPrograms;
  let token: string;
  let database: Database;
  let fresh: Database;
  let campaignId: string;

  before(async () => {
    database = await newDatabase({ folder: join(folder, "relayer") }, RELAYER_MIGRATIONS);
    fresh = await newDatabase({ folder: join(folder, "fresh") }, RELAYER_MIGRATIONS);
  });
  after(async () => {
    await database.close();
    await fresh.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    await empty(database);
    anvil = await startAnvil();
    brand = await anvil.provider.getSigner(0);
    const deployed = await deployContracts(brand);
    programs = deployed.programs;
    const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
    token = await dollar.getAddress();
    await (await dollar.mint(brand.address, 10n ** 18n)).wait();
    await (await dollar.approve(programs, 2n ** 256n - 1n)).wait();
    await (await brand.sendTransaction({ to: relayer.address, value: 10n ** 18n })).wait();
    chain = await connectPrograms(anvil.url, deployed.deployment);
    campaignId = await createCampaign("first");
    await anvil.rpc("evm_increaseTime", 100);
    await anvil.rpc("anvil_mine", 1);
  });
  afterEach(() => {
    chain.close();
    anvil.stop();
  });

  async function empty(one: Database): Promise<void> {
    const tables = await one.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'",
    );
    await one.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")} RESTART IDENTITY CASCADE`);
  }

  async function createCampaign(salt: string, holdSeconds = DAY): Promise<string> {
    const given = saleCampaign({
      salt,
      token,
      attester: attester.address,
      price: 2_000_000n,
      terms: { holdSeconds, feeBps: 500, operator: brand.address },
    });
    const created = await programs.createCampaign.staticCall(given);
    await (await programs.createCampaign(given)).wait();
    return created;
  }

  const fund = async (amount: bigint) => (await programs.fund(campaignId, amount)).wait();
  const mine = (blocks: number) => anvil.rpc("anvil_mine", blocks);
  const indexAll = async (into = database) => {
    while ((await index(into, chain, CONFIRMATIONS)) > 0);
  };
  const mirror = async (of = database) => {
    const tables = await Promise.all(
      MIRROR.map((table) =>
        of.query<Record<string, unknown>>(
          `SELECT to_jsonb(${table}) - 'created_at' - 'retry_at' AS row FROM ${table} ORDER BY 1`,
        ),
      ),
    );
    return JSON.stringify(tables, (_, value) => (typeof value === "bigint" ? String(value) : value), 1);
  };
  /** What somebody who begins now reads. */
  const readAfresh = async () => {
    await empty(fresh);
    await indexAll(fresh);
    return mirror(fresh);
  };

  /** An attestation of `count` sales by one partner, as call data. */
  async function attestation(firstConversion: bigint, count: number) {
    const now = (await anvil.provider.getBlock("latest"))?.timestamp ?? 0;
    const body = {
      campaignId,
      firstConversion,
      conversions: count,
      periodFrom: now - 1,
      periodTo: now,
      deadline: now + DAY,
      conversionsRoot: id(`conversions ${firstConversion}`),
      // One line, which is the root itself: 2.00 for each, and a fee of 5 %.
      linesRoot: packLine({ offerId: 1, partner: Wallet.createRandom().address, count, volumeUnits: 0n }),
      lineCount: 1,
      total: 2_100_000n * BigInt(count),
    };
    const { types, message } = attestationTypedData(body);
    const signature = await attester.signTypedData(chain.domain, types, message);
    return {
      digest: digestOf(chain.domain, attestationTypedData(body)),
      data: programs.interface.encodeFunctionData("attest", [body, [body.linesRoot], [{ attester: 0, signature }]]),
    };
  }

  describe("the index", () => {
    it("takes back what a reorganisation took back, and reads the new chain as somebody who begins now", async () => {
      await fund(100_000_000n);
      await mine(2);
      await indexAll();
      const before = await mirror();
      // A day's work that is going to be undone: funds, offers, kinds, an attestation, another campaign.
      const { number: fork } = (await anvil.provider.getBlock("latest")) as { number: number };
      await fund(7n);
      await indexAll();
      await (await programs.setKinds(campaignId, [attester.address], 5)).wait();
      await (await programs.retireOffer(campaignId, 1)).wait();
      await indexAll();
      await (await brand.sendTransaction({ to: programs, data: (await attestation(1n, 3)).data })).wait();
      const another = await createCampaign("second");
      await indexAll();
      expect(await mirror()).to.not.equal(before);
      const { number: head } = (await anvil.provider.getBlock("latest")) as { number: number };

      await anvil.rpc("anvil_reorg", head - fork, []);
      await mine(1);
      await indexAll();
      // The other campaign stays, as it would be without any event; all else is as it was.
      const { rows, rest } = await database
        .query<{ id: string; available: bigint }>("SELECT id, available FROM campaigns")
        .then((all) => ({ rows: all, rest: all.filter(({ id: one }) => one !== another) }));
      expect(rows).to.have.length(2);
      expect(rest).to.deep.equal([{ id: campaignId, available: 100_000_000n }]);
      await database.query("DELETE FROM campaigns WHERE id = $1", [another]);
      expect(await mirror()).to.equal(await readAfresh());
      expect(await mirror()).to.equal(before);
    });

    it("reads each of many forks as somebody who begins now", async () => {
      await fund(100_000_000n);
      let next = 1n;
      for (let round = 0; round < 6; round++) {
        await (await brand.sendTransaction({ to: programs, data: (await attestation(next, 1)).data })).wait();
        await indexAll();
        await fund(BigInt(round + 1));
        await indexAll();
        await anvil.rpc("anvil_reorg", 1 + (round % 3), []);
        await fund(1_000n);
        await indexAll();
        expect(await mirror(), `round ${round}`).to.equal(await readAfresh());
        next = (await chain.lens.campaign(campaignId)).nextConversion;
      }
    });

    it("knows where a wallet had its credit sent, and whose a campaign is, as long as the chain says so", async () => {
      campaignId = await createCampaign("without a hold", 0);
      await anvil.rpc("evm_increaseTime", 100);
      await fund(100_000_000n);
      await (await brand.sendTransaction({ to: programs, data: (await attestation(1n, 1)).data })).wait();
      await indexAll();
      const before = await mirror();
      const heir = await anvil.provider.getSigner(1);
      const receiver = Wallet.createRandom().address;
      await (await programs.claim([token], receiver)).wait();
      await (await programs.transferCampaign(campaignId, heir.address)).wait();
      await anvil.rpc("evm_increaseTime", 7 * DAY);
      await (await programs.connect(heir).acceptCampaign(campaignId)).wait();
      await indexAll();
      const payouts = () => database.query("SELECT owner, receiver FROM payouts");
      const brands = () => database.query("SELECT brand FROM campaigns WHERE id = $1", [campaignId]);
      expect(await payouts()).to.deep.equal([{ owner: brand.address, receiver }]);
      expect(await brands()).to.deep.equal([{ brand: heir.address }]);
      await anvil.rpc("anvil_reorg", 3, []);
      await mine(1);
      await indexAll();
      expect(await payouts()).to.deep.equal([]);
      expect(await brands()).to.deep.equal([{ brand: brand.address }]);
      expect(await mirror()).to.equal(before);
    });

    it("goes on at once when the same transactions come again", async () => {
      await fund(100_000_000n);
      const { data, digest } = await attestation(1n, 2);
      await indexAll();
      const sent = await brand.sendTransaction({ to: programs, data });
      await sent.wait();
      await indexAll();
      const [there] = await database.query<{ state: string }>("SELECT state FROM batches WHERE digest = $1", [digest]);
      expect(there?.state).to.equal("attested");
      const raw = await anvil.rpc("eth_getRawTransactionByHash", sent.hash);
      await anvil.rpc("anvil_reorg", 1, [[raw, 0]]);
      await mine(1);
      await indexAll();
      expect(await mirror()).to.equal(await readAfresh());
      const [again] = await database.query<{ state: string }>("SELECT state FROM batches WHERE digest = $1", [digest]);
      expect(again?.state).to.equal("attested");
    });

    it("counts a promise that another relayer is making while it takes back", async () => {
      const postgres = await startPostgres();
      const shared = await newDatabase({ url: postgres.url, folder: "" }, RELAYER_MIGRATIONS);
      try {
        await mine(2);
        await indexAll(shared);
        // An event that leaves the campaign's own row as it is.
        await (await programs.setKinds(campaignId, [attester.address], 5)).wait();
        await indexAll(shared);
        await anvil.rpc("anvil_reorg", 1, []);
        await mine(1);

        let takingBack: Promise<void> | undefined;
        await shared.transaction(async (sql) => {
          await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
          await sql.query(
            `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries, commission, partner_commission, fee, salt)
             VALUES ($1, 'sale', 'one', '', '', 0, now(), 'accepted', '[]', 10, 10, 1, '')`,
            [campaignId],
          );
          await sql.query("UPDATE campaigns SET promised = promised + 11 WHERE id = $1", [campaignId]);
          takingBack = indexAll(shared);
          // Asked outside: within a transaction PostgreSQL shows activity as it was at first.
          const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
          for (let i = 0; i < 100 && (await shared.query(waits)).length === 0; i++)
            await new Promise((done) => setTimeout(done, 50));
        });
        await takingBack;
        expect(await shared.query("SELECT promised FROM campaigns")).to.deep.equal([{ promised: 11n }]);
      } finally {
        await shared.close();
        await postgres.stop();
      }
    });

    it("stops where a reorganisation is deeper than it can take back, and says so", async () => {
      await fund(5n);
      await mine(20);
      await indexAll();
      await anvil.rpc("anvil_reorg", 19, []);
      await mine(1);
      const failure = await indexAll().then(
        () => undefined,
        (error) => error,
      );
      expect(failure).to.be.instanceOf(DeepReorganisation);
      expect(failure.message).to.contain("deeper than CONFIRMATIONS (8)");
    });

    it("forgets how to take back what is final", async () => {
      await fund(5n);
      await indexAll();
      expect((await database.query("SELECT 1 FROM undo")).length).to.be.greaterThan(0);
      await mine(CONFIRMATIONS);
      await indexAll();
      // What is a campaign's is kept until it is as the contract has it.
      expect((await database.query("SELECT 1 FROM undo")).length).to.be.greaterThan(0);
      expect(await compare({ database, chain }, [campaignId])).to.deep.equal([]);
      expect(await database.query("SELECT 1 FROM undo")).to.deep.equal([]);
    });
  });

  describe("the outbox", () => {
    let sender: Sender;
    beforeEach(async () => {
      await fund(100_000_000n);
      await indexAll();
      sender = minedSender(
        anvil,
        createSender(
          database,
          chain,
          relayer,
          { bumpAfterSeconds: 0, maxFeePerGas: parseUnits("500", "gwei") },
          failures,
        ),
      );
    });
    const state = async () => {
      const [row] = await database.query<{ state: string; attempts: bigint; hash: string | null }>(
        `SELECT state, hash, (SELECT count(*) FROM attempts WHERE attempts.nonce = transactions.nonce) AS attempts FROM transactions
         ORDER BY nonce DESC LIMIT 1`,
      );
      return row;
    };
    const pending = async () => {
      const { pending: waiting } = (await anvil.rpc("txpool_content")) as { pending: Record<string, object> };
      return Object.values(waiting).flatMap((one) => Object.values(one)) as { hash: string; maxFeePerGas: string }[];
    };

    it("sends a call, and notes when it was mined", async () => {
      await sender.send("attest:1", (await attestation(1n, 1)).data);
      await sender.follow();
      expect(await state()).to.include({ state: "mined", attempts: 1n });
    });

    it("does not send what would revert, and says in the contract's words why", async () => {
      const failure = await sender.send("attest:5", (await attestation(5n, 1)).data).catch((error) => error);
      expect(failure).to.be.instanceOf(WouldRevert);
      expect(failure.revert).to.equal("ConversionOutOfOrder");
      expect(failure.message).to.match(/: 1, .*: 5/);
      expect(await state()).to.equal(undefined);
    });

    it("pays more for a transaction that waits, and counts it once, whichever was mined", async () => {
      await anvil.rpc("evm_setAutomine", false);
      await sender.send("attest:1", (await attestation(1n, 1)).data);
      const [first] = await pending();
      await sender.follow();
      const [second] = await pending();
      expect(second?.hash).to.not.equal(first?.hash);
      expect(Number(second?.maxFeePerGas)).to.be.at.least(Number(first?.maxFeePerGas) * 1.1);
      await mine(1);
      await sender.follow();
      expect(await state()).to.deep.include({ state: "mined", attempts: 2n, hash: second?.hash });
      expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(2n);
    });

    it("finds the first attempt mined after a second was sent", async () => {
      await anvil.rpc("evm_setAutomine", false);
      await sender.send("attest:1", (await attestation(1n, 1)).data);
      const [first] = await pending();
      const [{ raw } = { raw: "" }] = await database.query<{ raw: string }>("SELECT raw FROM attempts");
      await sender.follow();
      const [second] = await pending();
      // The replacement is lost on its way, and a miner has the first.
      await anvil.rpc("anvil_dropTransaction", second?.hash);
      await anvil.rpc("eth_sendRawTransaction", raw);
      await mine(1);
      await sender.follow();
      expect(await state()).to.deep.include({ state: "mined", hash: first?.hash });
    });

    it("never pays more than its limit", async () => {
      const [{ gasPrice }, none] = [await anvil.provider.getFeeData(), ""];
      expect(none).to.equal("");
      const careful = createSender(
        database,
        chain,
        relayer,
        { bumpAfterSeconds: 0, maxFeePerGas: gasPrice ?? 0n },
        failures,
      );
      await anvil.rpc("evm_setAutomine", false);
      await careful.send("attest:1", (await attestation(1n, 1)).data);
      for (let i = 0; i < 3; i++) await careful.follow();
      expect(await state()).to.include({ state: "sent", attempts: 1n });
      expect(await pending()).to.have.length(1);
    });

    it("broadcasts again what the chain has forgotten", async () => {
      const patient = createSender(
        database,
        chain,
        relayer,
        { bumpAfterSeconds: 3600, maxFeePerGas: 10n ** 12n },
        failures,
      );
      await anvil.rpc("evm_setAutomine", false);
      await patient.send("attest:1", (await attestation(1n, 1)).data);
      await anvil.rpc("anvil_dropAllTransactions");
      expect(await pending()).to.deep.equal([]);
      await patient.follow();
      expect(await pending()).to.have.length(1);
      await mine(1);
      await patient.follow();
      expect(await state()).to.include({ state: "mined", attempts: 1n });
    });

    it("takes up again what a reorganisation threw out", async () => {
      const { data } = await attestation(1n, 1);
      await sender.send("attest:1", data);
      await indexAll();
      await sender.follow();
      expect((await state())?.state).to.equal("mined");
      await anvil.rpc("anvil_reorg", 1, []);
      expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(1n);
      await indexAll();
      await sender.follow();
      await sender.follow();
      expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(2n);
      expect((await state())?.state).to.equal("mined");
    });

    it("follows one that had reverted and was sent anew, when a reorganisation brings the first back", async () => {
      const { data } = await attestation(1n, 1);
      // It reverts, because another was first.
      await anvil.rpc("evm_setAutomine", false);
      await sender.send("attest:1", data);
      const first = await attestation(1n, 1);
      await brand.sendTransaction({
        to: programs,
        data: first.data,
        maxPriorityFeePerGas: 10n ** 12n,
        maxFeePerGas: 2n * 10n ** 12n,
        gasLimit: 500_000,
      });
      await mine(1);
      await anvil.rpc("evm_setAutomine", true);
      await sender.follow();
      expect((await state())?.state).to.equal("reverted");
      await sender.send("attest:1", (await attestation(2n, 1)).data);
      await sender.follow();
      expect((await state())?.state).to.equal("mined");
      await anvil.rpc("anvil_reorg", 2, []);
      await indexAll();
      for (let i = 0; i < 3; i++) await sender.follow();
      const rows = await database.query<{ state: string }>("SELECT state FROM transactions ORDER BY nonce");
      expect(rows.map((row) => row.state)).to.not.include("sent");
      expect(rows).to.have.length(2);
    });

    it("gives a call up whose nonce another transaction of the account took, once that is final", async () => {
      await anvil.rpc("evm_setAutomine", false);
      const { data } = await attestation(1n, 1);
      await sender.send("attest:1", data);
      await anvil.rpc("anvil_dropAllTransactions");
      const [{ nonce } = { nonce: 0n }] = await database.query<{ nonce: bigint }>("SELECT nonce FROM transactions");
      const other = relayer.connect(anvil.provider);
      await other.sendTransaction({ to: relayer.address, nonce: Number(nonce), gasLimit: 21_000 });
      await mine(1);
      await indexAll();
      await sender.follow();
      expect((await state())?.state).to.equal("sent");
      await mine(CONFIRMATIONS);
      await indexAll();
      await sender.follow();
      expect((await state())?.state).to.equal("lost");
      // What it was for can be sent again, with another nonce.
      await anvil.rpc("evm_setAutomine", true);
      await sender.send("attest:1", data);
      await sender.follow();
      expect((await state())?.state).to.equal("mined");
    });

    it("counts what was really paid, and lets wait what can when a day's gas is spent", async () => {
      await sender.send("attest:1", (await attestation(1n, 1)).data);
      await sender.follow();
      await sender.follow();
      const [{ hash } = { hash: "" }] = await database.query<{ hash: string }>("SELECT hash FROM transactions");
      const receipt = await anvil.provider.getTransactionReceipt(hash);
      const cost = receipt?.fee ?? 0n;
      expect(cost).to.be.above(0n);
      expect(await readSpending(database)).to.deep.equal({ paid: cost, open: 0n });
      expect(await readPaidByKind(database)).to.deep.equal([{ kind: "attest", paid: cost }]);

      const spent: string[] = [];
      const capped = (gasADay: bigint) =>
        createSender(
          database,
          chain,
          relayer,
          { bumpAfterSeconds: 0, maxFeePerGas: 10n ** 12n, gasADay, onDaySpent: (kind) => spent.push(kind) },
          failures,
        );
      const next = (await attestation(2n, 1)).data;
      const sendAs = (kind: string, gasADay: bigint) =>
        capped(gasADay)
          .send(`${kind}:2`, next)
          .catch((error: Error) => error);
      // Nothing is left for any of them: the node is not even asked what it would cost.
      for (const kind of ["push", "claim", "release", "attest", "reverse"])
        expect(await sendAs(kind, cost)).to.be.instanceOf(DaySpent);
      expect(spent).to.deep.equal(["push", "claim", "release", "attest", "reverse"]);
      // Something is left, and it could cost more.
      const failure = (await sendAs("reverse", cost + 1n)) as Error;
      expect(failure.message).to.match(/^Gas for "reverse" waits: 0\.000000000000000001 of GAS_COINS_A_DAY .*may cost/);
      expect(await database.query("SELECT 1 FROM transactions")).to.have.length(1);

      // What can wait does, and what cannot goes on.
      const [{ gas_limit, max_fee } = { gas_limit: 0n, max_fee: 0n }] = await database.query<{
        gas_limit: bigint;
        max_fee: bigint;
      }>("SELECT gas_limit, max_fee FROM transactions JOIN attempts USING (sender, nonce)");
      const day = (cost + 2n * gas_limit * max_fee) as bigint;
      const spare = (day * 60n) / 100n;
      await database.query("UPDATE transactions SET paid = $1", [spare]);
      expect(await sendAs("push", day)).to.be.instanceOf(DaySpent);
      await anvil.rpc("evm_setAutomine", false);
      expect(await sendAs("reverse", day * 10n)).to.equal(undefined);
      const { open } = await readSpending(database);
      expect(open).to.be.above(0n);
      // It waits for its block, and is paid no more for than there is.
      await capped(cost + open).follow();
      expect(await state()).to.include({ state: "sent", attempts: 1n });
      await capped(day * 10n).follow();
      expect(await state()).to.include({ state: "sent", attempts: 2n });
      // A day later it is forgotten.
      await database.query("UPDATE transactions SET paid_at = paid_at - interval '24 hours'");
      expect((await readSpending(database)).paid).to.equal(0n);
    });

    it("does not count again what a reorganisation threw out and brought back", async () => {
      await sender.send("attest:1", (await attestation(1n, 1)).data);
      await sender.follow();
      await database.query("UPDATE transactions SET paid_at = paid_at - interval '1 hour'");
      const paidAt = async () =>
        (await database.query<{ paid_at: Date | null }>("SELECT paid_at FROM transactions"))[0];
      const first = await paidAt();
      await createSender(database, chain, relayer, { bumpAfterSeconds: 60, maxFeePerGas: 1n }, failures).follow();
      expect(await paidAt()).to.deep.equal(first);
    });

    describe("when the key was replaced", () => {
      const next = new Wallet(id("the relayer's next key"));
      const withKey = (key: Wallet, options: Partial<SenderOptions> = {}) =>
        minedSender(
          anvil,
          createSender(database, chain, key, { bumpAfterSeconds: 0, maxFeePerGas: 10n ** 12n, ...options }, failures),
        );
      const rows = () =>
        database.query<{ sender: string; purpose: string; state: string; attempts: bigint }>(
          `SELECT sender, purpose, state, (SELECT count(*) FROM attempts
             WHERE attempts.sender = transactions.sender AND attempts.nonce = transactions.nonce) AS attempts
           FROM transactions ORDER BY created_at, sender`,
        );
      const own = (sender: string, purpose: string, state: string, attempts: bigint) => ({
        sender,
        purpose,
        state,
        attempts,
      });
      beforeEach(async () => {
        await (await brand.sendTransaction({ to: next.address, value: 10n ** 18n })).wait();
      });

      it("follows what the old one sent to its end, and sends nothing of it again", async () => {
        await anvil.rpc("evm_setAutomine", false);
        const { data } = await attestation(1n, 1);
        await sender.send("attest:1", data);
        // The node has forgotten it, and the old key is not there: it is broadcast as it was signed.
        await anvil.rpc("anvil_dropAllTransactions");
        const rotated = withKey(next);
        await rotated.send("attest:1", data);
        expect(await pending()).to.deep.equal([]);
        await rotated.follow();
        expect(await pending()).to.have.length(1);
        await mine(1);
        await rotated.follow();
        expect(await rows()).to.deep.equal([own(relayer.address, "attest:1", "mined", 1n)]);
        // Until it is final a reorganisation takes it back, and the new key's relayer brings it again.
        await indexAll();
        await anvil.rpc("anvil_reorg", 1, []);
        await indexAll();
        for (let i = 0; i < 2; i++) await rotated.follow();
        await mine(1);
        await rotated.follow();
        expect(await rows()).to.deep.equal([own(relayer.address, "attest:1", "mined", 1n)]);
        expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(2n);
        await anvil.rpc("evm_setAutomine", true);
        await rotated.send("attest:2", (await attestation(2n, 1)).data);
        await rotated.follow();
        expect(await rows()).to.deep.equal([
          own(relayer.address, "attest:1", "mined", 1n),
          own(next.address, "attest:2", "mined", 1n),
        ]);
      });

      it("pays more for what waits of the old one, while that is configured, wherever it is kept", async () => {
        await anvil.rpc("evm_setAutomine", false);
        await sender.send("attest:1", (await attestation(1n, 1)).data);
        const [first] = await pending();
        await withKey(next).follow();
        expect((await pending()).map(({ hash }) => hash)).to.deep.equal([first?.hash]);
        // A key on another machine signs as one in this process does.
        const asked: string[] = [];
        const retired = {
          address: relayer.address,
          signTransaction: async (request: TransactionRequest) => {
            asked.push(String(request.nonce));
            return relayer.signTransaction(request);
          },
        };
        await withKey(next, { retired }).follow();
        const [second] = await pending();
        expect(Number(second?.maxFeePerGas)).to.be.at.least(Number(first?.maxFeePerGas) * 1.1);
        expect(asked).to.deep.equal(["0"]);
        await mine(1);
        await withKey(next, { retired }).follow();
        expect(await rows()).to.deep.equal([own(relayer.address, "attest:1", "mined", 2n)]);
      });

      it("gives up what a lost one sent and is not mined, and sends that anew, once", async () => {
        await anvil.rpc("evm_setAutomine", false);
        const { data } = await attestation(1n, 1);
        await sender.send("attest:1", data);
        const [{ raw } = { raw: "" }] = await database.query<{ raw: string }>("SELECT raw FROM attempts");
        await anvil.rpc("anvil_dropAllTransactions");
        const rotated = withKey(next, { lost: new Set([relayer.address]) });
        await rotated.follow();
        expect(await rows()).to.deep.equal([own(relayer.address, "attest:1", "lost", 1n)]);
        await rotated.send("attest:1", data);
        await mine(1);
        await rotated.follow();
        expect((await rows())[1]).to.deep.equal(own(next.address, "attest:1", "mined", 1n));
        // Somebody kept it, and broadcasts it: the contract takes each number once.
        await anvil.rpc("eth_sendRawTransaction", raw);
        await mine(1);
        await rotated.follow();
        expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(2n);
        expect((await rows()).map((row) => row.state)).to.deep.equal(["lost", "mined"]);
      });

      it("finds mined what a lost one sent before it was given up", async () => {
        await sender.send("attest:1", (await attestation(1n, 1)).data);
        await withKey(next, { lost: new Set([relayer.address]) }).follow();
        expect(await rows()).to.deep.equal([own(relayer.address, "attest:1", "mined", 1n)]);
      });
    });

    it("sends once what two processes want to send", async () => {
      const twin = createSender(database, chain, relayer, { bumpAfterSeconds: 60, maxFeePerGas: 10n ** 12n }, failures);
      const { data } = await attestation(1n, 1);
      await anvil.rpc("evm_setAutomine", false);
      await Promise.all([sender.send("attest:1", data), twin.send("attest:1", data)]);
      expect(await pending()).to.have.length(1);
      expect(await database.query("SELECT 1 FROM transactions")).to.have.length(1);
    });
  });
});
