/**
 * A campaign next door, with something in each state, for tests that have one campaign of their own: whatever is done to theirs, the
 * neighbour's rows stay as they are, and each campaign keeps as much of its budget as its open conversions were promised.
 */
import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import type { LocalRelayer } from "#harness/relayer.ts";
import { writeLines } from "#relayer/store/lines.ts";
import { findWrongPromises } from "#scripts/backup/sums.ts";

/** Rows of a campaign ($1), by table. */
const OF_CAMPAIGN: Readonly<Record<string, string>> = {
  campaigns: "id = $1",
  batches: "campaign_id = $1",
  batch_lines: "digest IN (SELECT digest FROM batches WHERE campaign_id = $1)",
  conversions: "campaign_id = $1",
  conversion_moves: "conversion_id IN (SELECT id FROM conversions WHERE campaign_id = $1)",
  refunds: "conversion_id IN (SELECT id FROM conversions WHERE campaign_id = $1)",
  reversals: "conversion_id IN (SELECT id FROM conversions WHERE campaign_id = $1)",
  waiting_refunds: "campaign_id = $1",
  bindings: "campaign_id = $1",
  merged_customers: "campaign_id = $1",
  partnerships: "campaign_id = $1",
  api_keys: "campaign_id = $1",
};

/** Opens the neighbour `before` all tests of a suite, or before each; call it below the hook that opens the relayer. */
export function besideANeighbour(relayer: () => LocalRelayer, hook: "before" | "beforeEach" = "before"): void {
  let neighbour: string;
  let last: Awaited<ReturnType<typeof look>>;

  async function open() {
    neighbour = await openNeighbour(relayer());
    last = await look();
  }
  if (hook === "before") before(open);
  else beforeEach(open);

  async function look() {
    const { database } = relayer();
    const rows = new Set<string>();
    for (const [table, condition] of Object.entries(OF_CAMPAIGN)) {
      // When a batch is tried again is nobody's money, and tests move it for all.
      const found = await database.query<{ row: string }>(
        `SELECT (to_jsonb(${table}) - 'retry_at')::text AS row FROM ${table} WHERE ${condition}`,
        [neighbour],
      );
      for (const { row } of found) rows.add(`${table} ${row}`);
    }
    return { rows, wrongPromises: await findWrongPromises(database) };
  }

  afterEach("leave the campaign next door alone, and keep what was promised", async () => {
    const [before, now] = [last, await look()];
    // What one test spoiled is not the next one's fault.
    last = now;
    expect(without(before.rows, now.rows), "rows that the neighbour had").to.deep.equal([]);
    expect(without(now.rows, before.rows), "rows that the neighbour has got").to.deep.equal([]);
    expect(now.wrongPromises, "what is kept, and what is promised").to.deep.equal([]);
  });
}

const without = (some: ReadonlySet<string>, others: ReadonlySet<string>) => [...some].filter((one) => !others.has(one));

/** Accepted, in review, batched and attested conversions; refunds that were asked for and sent; and one whose sale is not known. */
async function openNeighbour({ openCampaign, call, database }: LocalRelayer): Promise<string> {
  const campaign = await openCampaign({});
  const partner = await campaign.join();
  const report = async () => {
    const { body } = await campaign.report({ volume: "70", referralToken: partner.click() });
    expect(body.state, body.reasonText).to.equal("accepted");
    return body.id as string;
  };
  const [whole, part] = [await report(), await report()];
  const line = packLine({ offerId: 1, partner: partner.wallet, count: 2, volumeUnits: 14_000n });
  await writeLines(database, await campaign.attest(), [line], () => ({ commission: 16_000_000n, fee: 800_000n }));
  for (const [conversion, refund] of [
    [whole, {}],
    [part, { volume: "10", refundId: "part" }],
  ] as const)
    expect((await campaign.refund(conversion, refund)).status).to.be.within(200, 202);
  await database.query("UPDATE reversals SET state = 'sent' WHERE conversion_id = $1", [part]);
  await report();
  await report();
  await database.query("UPDATE batches SET state = 'signed', deadline = 1e12 WHERE digest = $1", [
    await campaign.number(),
  ]);
  await report();
  await database.query("UPDATE conversions SET state = 'review', reason = 'attesters_refused' WHERE id = $1", [
    await report(),
  ]);
  const json = { orderId: "not known", event: "sale", volume: "5", refundId: "early" };
  expect((await call("POST", "/v1/refunds", { token: campaign.key, json })).status).to.equal(201);
  return campaign.campaignId;
}
