import { packLine } from "@partner-programs/protocol/line";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, makeError } from "ethers";
import { pino } from "pino";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import type { Attesters } from "#relayer/attesters/client.ts";
import { createSender, type Sender } from "#relayer/chain/sender.ts";
import { createFailures, type Failures } from "#relayer/failures.ts";
import { writeLines } from "#relayer/store/lines.ts";
import { createTrees } from "#relayer/trees.ts";
import { carry } from "#relayer/worker/carry.ts";
import { expire } from "#relayer/worker/expire.ts";
import { number } from "#relayer/worker/number.ts";
import { release } from "#relayer/worker/release.ts";
import { reverse } from "#relayer/worker/reverse.ts";
import { sign } from "#relayer/worker/sign.ts";
import { submit } from "#relayer/worker/submit.ts";
import { watch } from "#relayer/worker/watch.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database, Sql } from "#service/database.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 3_600 };
const SIGNATURE = `0x${"11".repeat(65)}`;
/** The second in which a conversion was received has to be over before it is numbered. */
const soon = () => Date.now() + 2_000;

describe("a job of the worker", function () {
  this.timeout(240_000);
  /** What a statement's parameters may not name: the item's own fault, which nobody foresaw. */
  let poison: string | undefined;
  let relayer: LocalRelayer;
  let failures: Failures;
  let logged: Record<string, unknown>[];
  let counted: string[];
  /** Purposes of what was sent. */
  let sent: string[];

  before(async () => {
    relayer = await openRelayer({ databaseOf: poisoned });
  });
  after(() => relayer.close());
  beforeEach(async () => {
    poison = undefined;
    sent = [];
    logged = [];
    counted = [];
    const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
    failures = createFailures(log, (job) => void counted.push(job));
    const tables = await relayer.database.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'",
    );
    await relayer.database.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")} RESTART IDENTITY CASCADE`);
  });

  function poisoned(real: Database): Database {
    const over = (sql: Sql): Sql => ({
      async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
        if (poison !== undefined && parameters.includes(poison)) throw new TypeError(`${poison} is poison`);
        return sql.query<Row>(text, parameters);
      },
    });
    return {
      ...real,
      ...over(real),
      transaction: (work) => real.transaction((sql) => work({ ...over(sql), commit: () => sql.commit() })),
    };
  }

  /** A chain on which every campaign has one attester, and of whose contract only the signatures are missing. */
  function chain(): ProgramsChain {
    const programs = PartnerPrograms__factory.createInterface();
    const set = { members: [newWallet()], threshold: 1n, effectiveAt: 0n };
    return {
      chainId: 31337,
      domain: relayer.domain,
      address: relayer.domain.verifyingContract,
      campaignAt: stateOf,
      programs: { interface: programs },
      lens: {
        campaign: async () => ({ attesterSet: 0n, attestersAnnounced: false }),
        batch: async () => ({ attesterSet: 0n }),
        attesterSet: async () => set,
        rehearse: async ({ total }: Attestation) => ({ worth: total, faults: [] }),
      },
      provider: {
        async call() {
          const data = programs.encodeErrorResult("TooFewSignatures", [0, 1]);
          throw makeError("execution reverted", "CALL_EXCEPTION", { data } as never);
        },
      },
    } as unknown as ProgramsChain;
  }

  /** The contract has of a campaign what is kept of it. */
  async function stateOf(campaignId: string) {
    const [row] = await relayer.database.query<{ available: bigint; reserved: bigint; brand: string }>(
      "SELECT available, reserved, brand FROM campaigns WHERE id = $1",
      [campaignId],
    );
    return { ...row, nextConversion: 1n, offerCount: 1n, suspendedUntil: 0n, closesAt: 0n, finalAt: 0n };
  }

  const attesters: Attesters = {
    check: async (members) => members.map(() => undefined),
    attest: async (members) => members.map(() => ({ signature: SIGNATURE })),
    reverse: async (members) => members.map(() => ({ signature: SIGNATURE })),
    states: () => new Map(),
  };

  const sender: Sender = {
    address: newWallet(),
    async send(purpose) {
      if (poison !== undefined && purpose.split(":")[1] === poison) throw new TypeError(`${poison} is poison`);
      sent.push(purpose);
    },
    follow: async () => {},
  };

  const work = () => ({
    database: relayer.database,
    chain: chain(),
    attesters,
    sender,
    failures,
    intake: relayer.intake,
    trees: createTrees(relayer.database),
    isReconciled: () => true,
  });

  /** Three campaigns, each with an accepted conversion. */
  async function openThree() {
    const three = [];
    for (const _ of [1, 2, 3]) {
      const campaign = await relayer.openCampaign({});
      const partner = await campaign.join();
      const reported = await campaign.report({ volume: "100", referralToken: partner.click() });
      expect(reported.body.state).to.equal("accepted");
      three.push({ ...campaign, conversionId: reported.body.id as string });
    }
    return three;
  }

  /** Three batches of three campaigns in this state, their digests in the order in which the job takes them. */
  async function openBatches(state: "built" | "signed" | "attested") {
    const three = await openThree();
    await number(work(), BOUNDS, soon());
    // Their holds end one after the other.
    await relayer.database.query(
      `UPDATE batches SET state = $1, signatures = '["${SIGNATURE}"]', period_to = 1,
         release_at = CASE WHEN $1 = 'attested' THEN extract(epoch FROM now())::bigint + $2 + conversions.id END
       FROM conversions WHERE conversions.batch = batches.digest`,
      [state, 600],
    );
    if (state === "attested") await relayer.database.query("UPDATE conversions SET state = 'attested'");
    const order = state === "attested" ? "release_at" : "campaign_id";
    const rows = await relayer.database.query<{ digest: string; campaign_id: string }>(
      `SELECT digest, campaign_id FROM batches ORDER BY ${order}`,
    );
    return rows.map(({ digest, campaign_id }) => {
      const campaign = three.find(({ campaignId }) => campaignId === campaign_id);
      if (campaign === undefined) throw new Error("A batch of no campaign.");
      return { ...campaign, digest };
    });
  }

  const states = async (): Promise<Record<string, string>> => {
    const rows = await relayer.database.query<{ digest: string; state: string }>("SELECT digest, state FROM batches");
    return Object.fromEntries(rows.map(({ digest, state }) => [digest, state]));
  };

  /** Claims that wait, each younger than the one before. */
  async function insertClaims(count: number): Promise<string[]> {
    const claims = Array.from({ length: count }, (_, i) => id(`claim ${i}`));
    for (const [i, claim] of claims.entries())
      await relayer.database.query(
        `INSERT INTO claims (id, owner, receiver, tokens, nonce, deadline, signature, created_at)
         VALUES ($1, $2, $2, ARRAY[$2], 0, 1e12, $3, now() + make_interval(secs => $4))`,
        [claim, newWallet(), SIGNATURE, i],
      );
    return claims;
  }

  /** Sends one purpose, and fails unexpectedly for any other. */
  async function sendOnly(only: string, purpose: string): Promise<void> {
    if (purpose !== only) throw new TypeError(`${purpose} is poison`);
    sent.push(purpose);
  }

  /** One item of this job failed, with its name and where; it was counted, and nothing else failed. */
  function expectOneFailure(job: string, name: Record<string, unknown>): void {
    expect(counted, "counted").to.deep.equal([job]);
    expect(logged, "logged").to.have.length(1);
    expect(logged[0]).to.include({ level: 50, job, ...name });
    expect(logged[0]?.error).to.match(/is poison$/);
    expect(logged[0]?.stack).to.match(/\n.*at .*jobs\.test\.ts|^\s+at .*jobs\.test\.ts/);
  }

  it("number: a campaign that fails holds up no other", async () => {
    const [first, second, third] = await openThree();
    poison = first?.campaignId;
    expect(await number(work(), BOUNDS, soon())).to.have.length(2);
    expectOneFailure("number", { campaignId: poison });
    const rows = await relayer.database.query<{ campaign_id: string }>("SELECT campaign_id FROM batches");
    expect(rows.map(({ campaign_id }) => campaign_id)).to.have.members([second?.campaignId, third?.campaignId]);
    // Nothing of the failed one is written down: it is found due again.
    poison = undefined;
    expect(await number(work(), BOUNDS, soon())).to.have.length(1);
  });

  it("expire: a campaign whose dead batch cannot be ended holds up no other", async () => {
    const [first, second, third] = await openBatches("built");
    await relayer.database.query("UPDATE batches SET deadline = 1");
    await relayer.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, 'here', 9, '0x', 9, 9, 9)`,
    );
    poison = first?.campaignId;
    expect(await expire(work())).to.equal(2);
    expectOneFailure("expire", { campaignId: poison });
    expect(await states()).to.deep.equal({
      [first?.digest ?? ""]: "built",
      [second?.digest ?? ""]: "dead",
      [third?.digest ?? ""]: "dead",
    });
  });

  it("sign: a batch that fails holds up no other", async () => {
    const [first, second, third] = await openBatches("built");
    poison = first?.digest;
    await sign(work(), Date.now());
    expectOneFailure("sign", { batch: poison, campaignId: first?.campaignId });
    expect(await states()).to.deep.equal({
      [first?.digest ?? ""]: "built",
      [second?.digest ?? ""]: "signed",
      [third?.digest ?? ""]: "signed",
    });
  });

  it("submit: a batch that fails holds up no other", async () => {
    const [first, second, third] = await openBatches("signed");
    poison = first?.digest;
    await submit(work(), Date.now());
    expectOneFailure("submit", { batch: poison, campaignId: first?.campaignId });
    expect(sent).to.deep.equal([`attest:${second?.digest}`, `attest:${third?.digest}`]);
  });

  it("release: a batch that fails holds up no other", async () => {
    const [first, second, third] = await openBatches("attested");
    poison = first?.digest;
    await release(work(), Date.now() + 3_600_000);
    expectOneFailure("release", { batch: poison, campaignId: first?.campaignId });
    expect(sent).to.deep.equal([`release:${second?.digest}:0`, `release:${third?.digest}:0`]);
  });

  it("release: a hold is over by the chain's time, however slow this clock is", async () => {
    const [first, second, third] = await openBatches("attested");
    const all = [first, second, third].map((one) => `release:${one?.digest}:0`);
    const moveChain = (time: number) =>
      relayer.database.query(
        `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block)
         VALUES (31337, $1, 1, $1, $2, 1) ON CONFLICT (only_row) DO UPDATE SET block_time = $2`,
        [relayer.domain.verifyingContract, time],
      );
    const now = Math.floor(Date.now() / 1000);
    await moveChain(now);
    await release(work(), Date.now());
    expect(sent).to.deep.equal([]);
    await moveChain(now + 3_600);
    await release(work(), Date.now());
    expect(sent).to.have.members(all);
  });

  it("release: batches that fail every time leave room for others, and say so", async () => {
    const { campaignId } = await relayer.openCampaign({});
    const batches = Array.from({ length: 21 }, (_, i) => id(`batch ${i}`));
    // One line each, which is the root itself.
    const line = packLine({ offerId: 1, partner: newWallet(), count: 1, volumeUnits: 0n });
    for (const [i, digest] of batches.entries()) {
      await relayer.database.query(
        `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
           conversions_root, lines_root, line_count, total, current_root, current_total, state, release_at, created_at)
         VALUES ($1, $2, $3, 1, 0, 1, 1, $1, $4, 1, 7, $4, 7, 'attested', $3, now() - interval '1 hour')`,
        [digest, campaignId, i + 1, line],
      );
      await writeLines(relayer.database, digest, [line], () => ({ commission: 7n, fee: 0n }));
    }
    const last = batches[20];
    const failing = { ...sender, send: (purpose: string) => sendOnly(`release:${last}:0`, purpose) };
    await release({ ...work(), sender: failing }, Date.now());
    expect(counted.length).to.equal(20);
    await release({ ...work(), sender: failing }, Date.now());
    expect(sent).to.deep.equal([`release:${last}:0`]);
    expect(counted.length, "not tried again at once").to.equal(20);
    const rows = await relayer.database.query<{ problem: string | null }>(
      "SELECT DISTINCT problem FROM batches WHERE digest <> $1",
      [last],
    );
    expect(rows).to.deep.equal([{ problem: "The relayer failed unexpectedly; its log says why." }]);
  });

  it("release: a node that is away does not put a batch off", async () => {
    const [first] = await openBatches("attested");
    const away = {
      ...sender,
      send: () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" })),
    };
    const later = Date.now() + 3_600_000;
    await release({ ...work(), sender: away }, later);
    await release(work(), later);
    expect(sent).to.have.length(3).and.include(`release:${first?.digest}:0`);
  });

  it("reverse: a batch that fails holds up no other", async () => {
    const [first, second, third] = await openBatches("attested");
    for (const one of [first, second, third])
      expect((await one?.refund(one.conversionId))?.status).to.be.within(200, 202);
    poison = first?.digest;
    await reverse(work());
    expectOneFailure("reverse", { batch: poison, campaignId: first?.campaignId });
    expect(sent).to.have.members([`reverse:${second?.digest}`, `reverse:${third?.digest}`]);
  });

  it("carry: a claim that fails holds up no other", async () => {
    const claims = await insertClaims(3);
    poison = claims[0];
    await carry(work());
    expectOneFailure("carry", { claim: poison });
    expect(sent).to.have.members([`claim:${claims[1]}`, `claim:${claims[2]}`]);
  });

  it("carry: claims that fail every time leave room for others", async () => {
    const claims = await insertClaims(51);
    const last = claims[50];
    const failing = { ...sender, send: (purpose: string) => sendOnly(`claim:${last}`, purpose) };
    for (let round = 0; round < 8 && sent.length === 0; round++) await carry({ ...work(), sender: failing });
    expect(sent).to.deep.equal([`claim:${last}`]);
    expect(counted.length).to.be.at.least(49);
  });

  it("watch: a contract that fails holds up no other", async () => {
    const contract = {
      address: newWallet(),
      abi: "event Paid(address indexed customer, uint256 volume)",
      customer: "customer",
    };
    const event = { name: "sale", title: "A sale", perCustomer: null, contract };
    for (const _ of [1, 2, 3]) await relayer.openCampaign({ events: [event] as never });
    await relayer.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, 'here', 9, '0x', 9, 9, 9)`,
    );
    const campaigns = await relayer.database.query<{ id: string }>(
      "SELECT campaigns.id FROM campaigns JOIN descriptions_in_force ON campaign_id = campaigns.id",
    );
    const [first, ...others] = campaigns.map((campaign) => campaign.id);
    poison = first;
    await watch(work());
    expectOneFailure("watch", { campaignId: poison, event: "sale", contract: contract.address });
    const watched = await relayer.database.query<{ campaign_id: string }>("SELECT campaign_id FROM watched_contracts");
    expect(watched.map(({ campaign_id }) => campaign_id)).to.have.members(others);
  });

  it("follow: a transaction that fails holds up no other", async () => {
    const signer = newWallet();
    for (const nonce of [1, 2, 3]) {
      await relayer.database.query(
        `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ($1, $2, 'test', '0x', 1, 'sent')`,
        [signer, nonce],
      );
      await relayer.database.query(
        "INSERT INTO attempts (hash, sender, nonce, raw, max_fee, priority_fee) VALUES ($1, $2, $3, '0x', 1, 1)",
        [id(String(nonce)), signer, nonce],
      );
    }
    const provider = {
      getTransactionCount: async () => 4,
    };
    const mined = async (hash: string) => {
      if (hash === id("1")) throw new TypeError("1 is poison");
      return { succeeded: true, hash, gasUsed: 1n, block: 5, blockHash: id("5"), paid: 7n };
    };
    const follower = createSender(
      relayer.database,
      { ...chain(), provider, mined } as unknown as ProgramsChain,
      { address: signer, signTransaction: async () => "0x" } as never,
      { bumpAfterSeconds: 60, maxFeePerGas: 1n },
      failures,
    );
    await follower.follow();
    expectOneFailure("follow", { nonce: 1 });
    const rows = await relayer.database.query<{ state: string }>("SELECT state FROM transactions ORDER BY nonce");
    expect(rows.map(({ state }) => state)).to.deep.equal(["sent", "mined", "mined"]);
  });
});
