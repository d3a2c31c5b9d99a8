/** Which batches each job of the worker finds, out of many of which each differs in one thing. */
import { expect } from "chai";
import { id } from "ethers";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import {
  findBatchesToRelease,
  findBatchesToSign,
  findBatchesToSubmit,
  findBatchesWithoutLines,
  postponeBatch,
} from "#relayer/store/batches.ts";
import { findDueChunks } from "#relayer/store/lines.ts";
import { findBatchesToReverse } from "#relayer/store/reversals.ts";

const NOW = 1_900_000_000;
const BLOCK = 50;

/** What a batch, and what there is beside it, differs in from one that waits for nothing. */
interface Batch {
  readonly state?: string;
  readonly retryIn?: string;
  readonly periodTo?: number;
  readonly releaseAt?: number | null;
  readonly linesKnown?: boolean;
  readonly setAside?: boolean;
  /** Transactions, each with what it is for in place of the `?` that stands for the batch, its state, and where it was mined. */
  readonly sent?: readonly (readonly [purpose: string, state: string, block?: number])[];
  /** Of each of its conversions: what became of its reversal, and its reason. */
  readonly reversals?: readonly (readonly [state: string, reason: string])[];
  /** Of each of its lines: how it stands, and what it is worth. */
  readonly lines?: readonly (readonly [index: number, state: string, worth: number])[];
}

describe("what the worker finds to do", () => {
  let relayer: LocalRelayer;
  let nonce = 0;
  before(async function () {
    this.timeout(OPENING);
    relayer = await openRelayer();
    const cursor = { block: BLOCK, time: NOW - 1_000_000 };
    await rows(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, 'here', $1, '0x', $2, $1, $2)`,
      cursor.block,
      cursor.time,
    );
    await rows("INSERT INTO indexed_blocks (block, hash, time) VALUES ($1, '0x', $2)", cursor.block, cursor.time);
  });
  after(() => relayer?.close());
  beforeEach(() => rows("TRUNCATE campaigns, transactions, set_aside CASCADE"));

  const rows = <Row>(text: string, ...parameters: unknown[]) => relayer.database.query<Row>(text, parameters);

  /** Writes each of them down, of a campaign of its own. @returns the digests by their names, and the names by the digests */
  async function write(base: Batch, different: Readonly<Record<string, Batch>>) {
    const digests = new Map<string, string>();
    for (const [name, differs] of Object.entries({ plain: {}, ...different })) {
      const batch: Batch = { ...base, ...differs };
      const { campaignId } = await relayer.openCampaign({});
      const digest = id(name);
      digests.set(name, digest);
      await rows(
        `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
           conversions_root, lines_root, line_count, total, current_root, current_total, state, release_at, lines_known,
           retry_at)
         VALUES ($1, $2, 1, 1, 0, $3, 1, $1, $1, 1, 0, $1, 0, $4, $5, $6, now() + $7::interval)`,
        digest,
        campaignId,
        batch.periodTo ?? NOW,
        batch.state ?? "built",
        batch.releaseAt ?? null,
        batch.linesKnown ?? true,
        batch.retryIn ?? "0 seconds",
      );
      if (batch.setAside)
        await rows(
          "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, 5, 0, 'Attested', 'unreadable')",
          campaignId,
        );
      for (const [purpose, state, block] of batch.sent ?? [])
        await rows(
          `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, block)
           VALUES ('us', $1, $2, '0x', 1, $3, $4)`,
          nonce++,
          purpose.replace("?", digest),
          state,
          block ?? null,
        );
      await writeReversals(campaignId, digest, batch.reversals ?? []);
      for (const [index, state, worth] of batch.lines ?? [])
        await rows(
          `INSERT INTO batch_lines (digest, index, attested, partner, commission, fee, state)
           VALUES ($1, $2, $3, $4, $5, 0, $6)`,
          digest,
          index,
          id(`line ${index}`),
          newWallet(),
          worth,
          state,
        );
    }
    return { digests, nameOf: (digest: string) => [...digests].find(([, one]) => one === digest)?.[0] };
  }

  async function writeReversals(campaignId: string, batch: string, reversals: NonNullable<Batch["reversals"]>) {
    for (const [n, [state, reason]] of reversals.entries())
      await rows(
        `WITH conversion AS (
           INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries,
             commission, partner_commission, fee, salt, batch)
           VALUES ($1, 'sale', $2, '', $3, 0, now(), 'attested', '[]', 0, 0, 0, '', $4) RETURNING id
         ), refund AS (
           INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason)
           SELECT id, $2, '', 0, true, $6 FROM conversion RETURNING id
         )
         INSERT INTO reversals (conversion_id, refund_id, batch, reason, state, whole, taken_back, commission_left,
           partner_commission_left, fee_left)
         SELECT conversion.id, refund.id, $4, $6, $5, true, '[]', 0, 0, 0 FROM conversion, refund`,
        campaignId,
        String(n),
        id(`${batch} ${n}`),
        batch,
        state,
        reason,
      );
  }

  /** What keeps every job from a batch. */
  const NEVER: Readonly<Record<string, Batch>> = {
    "set aside": { setAside: true },
    "put off": { retryIn: "1 hour" },
    "put off long ago": { retryIn: "-1 hour" },
  };

  it("signs what was built or asked for, and is not put off", async () => {
    const { nameOf } = await write(
      {},
      {
        ...NEVER,
        asked: { state: "asked" },
        ...Object.fromEntries(["signed", "attested", "released", "dead"].map((state) => [state, { state }])),
      },
    );
    const found = await findBatchesToSign(relayer.database);
    expect(found.map(({ digest, state }) => `${nameOf(digest)}: ${state}`)).to.have.members([
      "plain: built",
      "put off long ago: built",
      "asked: asked",
    ]);
  });

  it("submits what is signed, once its period is over, and not what is on its way already", async () => {
    const { nameOf } = await write(
      { state: "signed" },
      {
        ...NEVER,
        "a second too early": { periodTo: NOW + 1 },
        "long over": { periodTo: 1 },
        asked: { state: "asked" },
        attested: { state: "attested" },
        sent: { sent: [["attest:?", "sent"]] },
        "mined in a block that was not read": { sent: [["attest:?", "mined", BLOCK + 1]] },
        "mined, and the block was read": { sent: [["attest:?", "mined", BLOCK]] },
        lost: { sent: [["attest:?", "lost"]] },
        "another's is sent": { sent: [[`attest:${id("somebody")}`, "sent"]] },
        "reversed on the way": { sent: [["reverse:?", "sent"]] },
      },
    );
    const found = await findBatchesToSubmit(relayer.database, NOW);
    expect(found.map(({ digest }) => nameOf(digest))).to.have.members([
      "plain",
      "put off long ago",
      "long over",
      "mined, and the block was read",
      "lost",
      "another's is sent",
      "reversed on the way",
    ]);
    const campaigns = await rows<{ digest: string }>("SELECT digest FROM batches ORDER BY campaign_id");
    const inOrder = campaigns
      .map(({ digest }) => digest)
      .filter((digest) => found.some((one) => one.digest === digest));
    expect(found.map(({ digest }) => digest)).to.deep.equal(inOrder);
  });

  it("gives the chain the lines where the campaign wants that, and always where there is no hold", async () => {
    await write({ state: "signed" }, {});
    const given = async (lines_on_chain: boolean, hold_seconds: number) => {
      await rows("UPDATE campaigns SET lines_on_chain = $1, hold_seconds = $2", lines_on_chain, hold_seconds);
      return (await findBatchesToSubmit(relayer.database, NOW))[0]?.linesOnChain;
    };
    expect([await given(true, 9), await given(false, 9), await given(false, 0), await given(true, 0)]).to.deep.equal([
      true,
      false,
      true,
      true,
    ]);
  });

  it("releases what is attested and whose hold is over, the longest over first, as much at once as is wanted", async () => {
    const under = (many: number, state = "sent", block?: number): Batch => ({
      sent: Array.from({ length: many }, (_, n) => [`release:?:${n * 256}`, state, block] as const),
    });
    const { nameOf } = await write(
      { state: "attested", releaseAt: NOW },
      {
        ...NEVER,
        "a second too early": { releaseAt: NOW + 1 },
        "a day over": { releaseAt: NOW - 86_400 },
        "without lines": { linesKnown: false },
        signed: { state: "signed" },
        released: { state: "released" },
        "two of three under way": under(2),
        "three under way": under(3),
        "three mined in blocks that were not read": under(3, "mined", BLOCK + 1),
        "three mined": under(3, "mined", BLOCK),
        "others under way": { sent: [1, 2, 3].map((n) => [`reverse:?:${n}`, "sent"] as const) },
      },
    );
    const found = await findBatchesToRelease(relayer.database, NOW, 3);
    expect(found.map(({ digest, under_way }) => `${nameOf(digest)}: ${under_way}`)).to.have.members([
      "plain: 0",
      "put off long ago: 0",
      "a day over: 0",
      "two of three under way: 2",
      "three mined: 0",
      "others under way: 0",
    ]);
    expect(nameOf(found[0]?.digest ?? "")).to.equal("a day over");
    await rows("UPDATE chain_cursor SET block_time = $1", NOW + 1);
    expect(await findBatchesToRelease(relayer.database, NOW, 3)).to.have.length(7);
    await rows("UPDATE chain_cursor SET block_time = $1", NOW - 1_000_000);
  });

  it("releases the chunks in which something is due that is worth something, the first ones first", async () => {
    const { digests } = await write(
      { state: "attested" },
      {
        many: {
          lines: [
            [0, "released", 5],
            [1, "open", 0],
            [255, "refused", 5],
            [256, "open", 5],
            [511, "open", 5],
            [600, "open", 5],
            [1_023, "open", 5],
            [1_024, "open", 5],
          ],
          sent: [
            ["release:?:512", "sent"],
            [`release:${id("somebody")}:256`, "sent"],
            ["release:?:768", "lost"],
          ],
        },
        another: { lines: [[0, "open", 5]] },
      },
    );
    const due = (most: number) => findDueChunks(relayer.database, digests.get("many") as string, most);
    expect(await due(9)).to.deep.equal([256, 768, 1_024]);
    expect(await due(2)).to.deep.equal([256, 768]);
  });

  it("takes back within the hold what was asked for, reason by reason as they came, one reversal at a time", async () => {
    const open = { reversals: [["requested", "refunded"]] } as const;
    const { nameOf } = await write(
      { state: "attested", ...open },
      {
        ...NEVER,
        sent: { reversals: [["sent", "refunded"]] },
        both: {
          reversals: [
            ["done", "refunded"],
            ["requested", "fraud_confirmed"],
            ["sent", "refunded"],
            ["requested", "fraud_confirmed"],
          ],
        },
        done: { reversals: [["done", "refunded"]] },
        late: { reversals: [["late", "refunded"]] },
        none: { reversals: [] },
        signed: { state: "signed" },
        released: { state: "released" },
        "under way": { sent: [["reverse:?", "sent"]] },
        "another's is under way": { sent: [[`reverse:${id("somebody")}`, "sent"]] },
        "released on the way": { sent: [["release:?:0", "sent"]] },
      },
    );
    const found = await findBatchesToReverse(relayer.database);
    expect(found.map(({ digest, reasons }) => `${nameOf(digest)}: ${reasons.join()}`)).to.have.members([
      "plain: refunded",
      "put off long ago: refunded",
      "sent: refunded",
      "both: fraud_confirmed,refunded",
      "another's is under way: refunded",
      "released on the way: refunded",
    ]);
  });

  it("asks for the lines of what is on the chain without them, what waited longest first, so many at most", async () => {
    const { nameOf } = await write(
      { state: "attested", linesKnown: false },
      {
        ...NEVER,
        released: { state: "released", retryIn: "-1 minute" },
        signed: { state: "signed" },
        dead: { state: "dead" },
        known: { linesKnown: true },
      },
    );
    const found = await findBatchesWithoutLines(relayer.database, 2);
    expect(found.map(({ digest }) => nameOf(digest))).to.deep.equal(["put off long ago", "released"]);
    expect(await findBatchesWithoutLines(relayer.database, 9)).to.have.length(3);
  });

  it("puts off by a tenth of a batch's age, a second at least and a minute at most, and no other batch", async () => {
    const { digests } = await write({ retryIn: "-1 hour" }, { another: {} });
    const digest = digests.get("plain") as string;
    for (const [age, seconds] of [
      ["0 seconds", 1],
      ["200 seconds", 20],
      ["9 hours", 60],
    ] as const) {
      // In one transaction it is always the same moment.
      await relayer.database.transaction(async (sql) => {
        await sql.query("UPDATE batches SET created_at = now() - $1::interval", [age]);
        await postponeBatch(sql, digest, "no room");
      });
      const [batch] = await rows<{ later: number; problem: string }>(
        `SELECT extract(epoch FROM retry_at - created_at - $2::interval)::float8 AS later, problem FROM batches
         WHERE digest = $1`,
        digest,
        age,
      );
      expect(batch?.later).to.equal(seconds);
      expect(batch?.problem).to.equal("no room");
    }
    const others = await rows("SELECT 1 FROM batches WHERE problem IS NOT NULL AND digest <> $1", digest);
    expect(others).to.deep.equal([]);
    expect(await findBatchesToSign(relayer.database)).to.have.length(1);
  });
});
