import { expect } from "chai";
import { id } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { expire } from "#relayer/worker/expire.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

const DEADLINE = 5_000;
const FINAL = 90;
const BLOCK = 100;

/** Where the index stands. */
interface Cursor {
  readonly block: number;
  readonly blockTime: number;
  readonly finalBlock: number;
  readonly finalTime: number;
}
/** A chain whose newest final block is past the deadline. */
const PAST: Cursor = { block: BLOCK, blockTime: DEADLINE + 100, finalBlock: FINAL, finalTime: DEADLINE + 1 };

/** A batch of two conversions, 3 and 4, that somebody may have signed. */
describe("a batch that can never be attested", () => {
  let relayer: LocalRelayer;
  let campaignId: string;
  /** The next number that the contract has; undefined: the one that is kept. */
  let onChain: bigint | undefined;
  const digest = () => id(`batch of ${campaignId}`);
  before(async function () {
    this.timeout(OPENING);
    relayer = await openRelayer();
  });
  after(() => relayer?.close());
  beforeEach(() => relayer.database.query("TRUNCATE chain_cursor, set_aside, campaigns CASCADE"));
  besideANeighbour(() => relayer, "beforeEach");
  beforeEach(async () => {
    onChain = undefined;
    const campaign = await relayer.openCampaign({});
    campaignId = campaign.campaignId;
    await relayer.database.query("UPDATE campaigns SET next_conversion = 3 WHERE id = $1", [campaignId]);
    const partner = await campaign.join(newWallet());
    for (const volume of ["10", "20"])
      expect((await campaign.report({ volume, referralToken: partner.click() })).body.state).to.equal("accepted");
    await insertBatch(digest(), 3, 2, "asked");
    await relayer.database.query(
      "UPDATE conversions SET state = 'batched', batch = $1, number = id, line = 0 WHERE campaign_id = $2",
      [digest(), campaignId],
    );
  });

  const insertBatch = (name: string, first: number, conversions: number, state: string, attestedBlock?: number) =>
    relayer.database.query(
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
         conversions_root, lines_root, line_count, total, current_root, current_total, state, attested_block)
       VALUES ($1, $2, $3, $4, 0, 1, $5, $1, $1, 1, 0, $1, 0, $6, $7)`,
      [name, campaignId, first, conversions, DEADLINE, state, attestedBlock ?? null],
    );

  /** @returns how many batches were dead, with the chain read so far */
  async function expireAt(cursor: Partial<Cursor> = {}): Promise<number> {
    const { block, blockTime, finalBlock, finalTime } = { ...PAST, ...cursor };
    await relayer.database.query("TRUNCATE chain_cursor, indexed_blocks");
    await relayer.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, 'here', $1, '0x', $2, $3, $4)`,
      [block, blockTime, finalBlock, finalTime],
    );
    await relayer.database.query("INSERT INTO indexed_blocks (block, hash, time) VALUES ($1, '0x', $2)", [
      block,
      blockTime,
    ]);
    const chain = { campaignAt } as unknown as ProgramsChain;
    return expire({ database: relayer.database, chain, failures: openFailures().failures });
  }
  async function campaignAt(of: string) {
    const [row] = await relayer.database.query<{ available: bigint; brand: string; next: bigint }>(
      "SELECT available, reserved, brand, next_conversion AS next FROM campaigns WHERE id = $1",
      [of],
    );
    const rest = { offerCount: 1n, suspendedUntil: 0n, closesAt: 0n, finalAt: 0n };
    return { ...row, ...rest, nextConversion: onChain ?? row?.next };
  }
  async function conversionStates() {
    const rows = await relayer.database.query<{ state: string; batch: string | null; number: bigint | null }>(
      "SELECT state, batch, number FROM conversions WHERE campaign_id = $1 ORDER BY id",
      [campaignId],
    );
    return rows.map(({ state, batch, number }) => [state, batch, number]);
  }
  async function expectDead(why: string): Promise<void> {
    expect(await relayer.database.query("SELECT state FROM batches WHERE digest = $1", [digest()])).to.deep.equal([
      { state: "dead" },
    ]);
    expect(await conversionStates()).to.deep.equal([
      ["accepted", null, null],
      ["accepted", null, null],
    ]);
    const moves = await relayer.database.query(
      `SELECT moves.state, moves.reason FROM conversion_moves moves JOIN conversions ON conversions.id = conversion_id
       WHERE campaign_id = $1 AND moves.reason IS NOT NULL`,
      [campaignId],
    );
    expect(moves).to.deep.equal([
      { state: "accepted", reason: why },
      { state: "accepted", reason: why },
    ]);
  }
  async function expectAlive(): Promise<void> {
    const [batch] = await relayer.database.query<{ state: string }>("SELECT state FROM batches WHERE digest = $1", [
      digest(),
    ]);
    expect(batch?.state).to.equal("asked");
    expect((await conversionStates()).map(([state]) => state)).to.deep.equal(["batched", "batched"]);
  }

  it("is one that a final block is past the deadline of, and its conversions wait for another", async () => {
    expect(await expireAt()).to.equal(1);
    await expectDead("the batch passed its deadline");
    expect(await expireAt()).to.equal(0);
  });

  it("is none as long as the block past its deadline is not final", async () => {
    expect(await expireAt({ finalTime: DEADLINE, blockTime: DEADLINE + 1_000 })).to.equal(0);
    await expectAlive();
  });

  it("is none while the index is behind what is final: the attestation may stand in what it has not read", async () => {
    expect(await expireAt({ block: FINAL - 1 })).to.equal(0);
    await expectAlive();
    expect(await expireAt({ block: FINAL })).to.equal(1);
  });

  it("is none when the contract says that its number has moved, and no event did: the campaign is set aside", async () => {
    onChain = 5n;
    expect(await expireAt()).to.equal(0);
    await expectAlive();
    expect(await relayer.database.query("SELECT event, reason FROM set_aside")).to.deep.equal([
      {
        event: null,
        reason: `at block ${BLOCK} it is not as the contract has it (the next number: 3 here, 5 on the chain)`,
      },
    ]);
  });

  it("is none as long as the contract was not asked after the deadline", async () => {
    expect(await expireAt({ blockTime: DEADLINE })).to.equal(0);
    await expectAlive();
  });

  it("is none when its number has moved: it was attested, or another was", async () => {
    await relayer.database.query("UPDATE campaigns SET next_conversion = 5 WHERE id = $1", [campaignId]);
    expect(await expireAt()).to.equal(0);
    await expectAlive();
  });

  for (const state of ["attested", "released"])
    it(`is one whose first number another ${state} batch has, once that is final`, async () => {
      await relayer.database.query("UPDATE campaigns SET next_conversion = 5 WHERE id = $1", [campaignId]);
      await insertBatch(id("another"), 1, 3, state, FINAL + 1);
      const before = { finalTime: DEADLINE };
      expect(await expireAt(before)).to.equal(0);
      await expectAlive();
      await relayer.database.query("UPDATE batches SET attested_block = $2 WHERE digest = $1", [id("another"), FINAL]);
      expect(await expireAt(before)).to.equal(1);
      await expectDead("another batch took its numbers");
    });

  it("is none because of one that ends before its numbers, begins after its first, is another campaign's, or is not attested", async () => {
    const before = { finalTime: DEADLINE };
    await insertBatch(id("before"), 1, 2, "attested", FINAL);
    await insertBatch(id("after"), 4, 2, "attested", FINAL);
    await insertBatch(id("dead"), 3, 2, "dead");
    const here = campaignId;
    const other = await relayer.openCampaign({});
    campaignId = other.campaignId;
    await insertBatch(id("elsewhere"), 3, 2, "attested", FINAL);
    campaignId = here;
    expect(await expireAt(before)).to.equal(0);
    await expectAlive();
  });

  it("is none of a campaign that is set aside: what became of it is not known", async () => {
    await relayer.database.query(
      "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, 5, 0, 'Attested', 'unreadable')",
      [campaignId],
    );
    expect(await expireAt()).to.equal(0);
    await expectAlive();
  });
});
