import { packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { expect } from "chai";
import { id, toBeHex } from "ethers";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { writeLines } from "#relayer/store/lines.ts";
import { createTrees } from "#relayer/trees.ts";
import type { Sql } from "#service/database.ts";

const LINES = 10;

describe("the trees of batches, as the relayer keeps them", function () {
  this.timeout(240_000);
  let relayer: LocalRelayer;
  let batches: string[];
  /** Of which batches the lines were read, one after the other. */
  let read: string[];
  let counting: Sql;

  before(async () => {
    relayer = await openRelayer();
    const { campaignId } = await relayer.openCampaign({});
    batches = ["a", "b", "c"].map((name) => id(name));
    for (const [i, digest] of batches.entries()) {
      const lines = Array.from({ length: LINES }, (_, n) => ({
        offerId: 1,
        partner: toBeHex(BigInt(100 * i + n + 1), 20),
        count: 1,
        volumeUnits: 0n,
      }));
      const tree = LineTree.of(lines.map((line) => ({ line, worth: 7n })));
      await relayer.database.query(
        `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
           conversions_root, lines_root, line_count, total, current_root, current_total, state)
         VALUES ($1, $2, $3, 1, 0, 1, 1, $1, $4, $5, $6, $4, $6, 'attested')`,
        [digest, campaignId, i + 1, tree.root, LINES, tree.total],
      );
      await writeLines(relayer.database, digest, lines.map(packLine), () => ({ commission: 7n, fee: 0n }));
    }
    counting = {
      async query<Row>(text: string, parameters: readonly unknown[] = []) {
        if (/FROM batch_lines\s/.test(text)) read.push(String(parameters[0]));
        return relayer.database.query<Row>(text, parameters);
      },
    };
  });
  beforeEach(() => {
    read = [];
  });
  after(() => relayer.close());

  it("are built once, however many ask at once, and kept", async () => {
    const trees = createTrees(counting);
    const [first, second] = await Promise.all(batches.slice(0, 2).flatMap((one) => [trees.read(one), trees.read(one)]));
    expect(first?.count).to.equal(LINES);
    expect(second).to.equal(first);
    expect(await trees.read(batches[0] as string)).to.equal(first);
    expect(read).to.have.members(batches.slice(0, 2));
  });

  it("are kept up to so many lines: the one that was asked for longest ago goes", async () => {
    const [a, b, c] = batches as [string, string, string];
    const trees = createTrees(counting, 2 * LINES);
    for (const one of [a, b, a, c]) await trees.read(one);
    expect(read).to.deep.equal([a, b, c]);
    // b was asked for longest ago when c came: a is there, b is read again, and now a goes, before c.
    for (const one of [a, c, b]) await trees.read(one);
    expect(read).to.deep.equal([a, b, c, b]);
    for (const one of [b, c]) await trees.read(one);
    expect(read).to.deep.equal([a, b, c, b]);
    await trees.read(a);
    expect(read).to.deep.equal([a, b, c, b, a]);
  });

  it("are given, and not kept with others, if they are larger than all the room there is", async () => {
    const [a, b] = batches as [string, string];
    const trees = createTrees(counting, LINES - 1);
    for (const one of [a, a, b, b, a]) expect((await trees.read(one))?.count).to.equal(LINES);
    expect(read).to.deep.equal([a, b, a]);
  });

  it("are built anew when a reversal left another, and are none where the lines are not known", async () => {
    const [a] = batches as [string];
    const trees = createTrees(counting);
    await trees.read(a);
    await relayer.database.query("UPDATE batches SET current_root = $2 WHERE digest = $1", [a, id("another")]);
    const error = await trees.read(a).catch((error: Error) => error);
    expect((error as Error).message)
      .to.contain(`give the root`)
      .and.contain(`not ${id("another")}`);
    expect(read).to.deep.equal([a, a]);
    await relayer.database.query("UPDATE batches SET lines_known = false WHERE digest = $1", [a]);
    expect(await trees.read(a)).to.equal(undefined);
    expect(await trees.read(id("no batch"))).to.equal(undefined);
  });
});
