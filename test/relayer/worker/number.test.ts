import { unpackLine } from "@partner-programs/protocol/line";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { getAddress, toBeHex } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type Draft, type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { number } from "#relayer/worker/number.ts";
import { toAttestation } from "#service/attestationRow.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

const BOUNDS = { BATCH_SECONDS: 3_600, BATCH_CONVERSIONS: 1_000, DEADLINE_SECONDS: 7_200 };
const HOUR = 3_600_000;
/** A tenth of a tenth of a percent of what does not divide evenly: every line has a rest that is nobody's. */
const UNEVEN = [{ kind: 0, flatAmount: 333_333n, rateBps: 333 }];
const VOLUME = "12.34";
const partner = (n: number) => getAddress(toBeHex(0xb0b_0000n + BigInt(n), 20));

describe("the batcher", () => {
  let relayer: LocalRelayer;
  before(async function () {
    this.timeout(OPENING);
    relayer = await openRelayer();
  });
  after(() => relayer?.close());
  beforeEach(() => relayer.database.query("TRUNCATE campaigns CASCADE"));
  besideANeighbour(() => relayer, "beforeEach");

  /** @returns the digests of what was built at `now`, which is after everything that was taken in unless said otherwise */
  async function build(bounds: Partial<typeof BOUNDS> = {}, now = Date.now() + HOUR) {
    const { failures, logged } = openFailures();
    const chain = { domain: relayer.domain } as ProgramsChain;
    const built = await number(
      { database: relayer.database, chain, failures, isReconciled: () => true },
      { ...BOUNDS, ...bounds },
      now,
    );
    expect(logged, "nothing fails").to.deep.equal([]);
    return built;
  }
  const rows = <Row>(text: string, ...parameters: unknown[]) => relayer.database.query<Row>(text, parameters);

  /** A campaign, and its conversions at these milliseconds before now, of one partner each unless said otherwise. */
  async function openCampaign(draft: Draft, ...agos: number[]) {
    const campaign = await relayer.openCampaign({ offers: UNEVEN, ...draft });
    const { code, click, wallet } = await campaign.join();
    for (const ago of agos) {
      const { body } = await campaign.report({ volume: VOLUME, referralToken: click() });
      expect(body.state, body.reasonText).to.equal("accepted");
      await rows(
        "UPDATE conversions SET received_at = $2 WHERE id = $1",
        body.id,
        new Date(Math.floor(Date.now() / 1000) * 1000 - ago),
      );
    }
    const set = (columns: string, ...values: unknown[]) =>
      rows(`UPDATE campaigns SET ${columns} WHERE id = $1`, campaign.campaignId, ...values);
    const conversions = () =>
      rows<{ state: string; reason: string | null; number: bigint | null; line: bigint | null; batch: string | null }>(
        "SELECT state, reason, number, line, batch FROM conversions WHERE campaign_id = $1 ORDER BY id",
        campaign.campaignId,
      );
    return { ...campaign, code, wallet, set, conversions };
  }
  async function batchOf(campaignId: string) {
    const batches = await rows<Parameters<typeof toAttestation>[0] & { state: string; created_at: Date }>(
      "SELECT *, conversions::float8 AS conversions FROM batches WHERE campaign_id = $1 AND state <> 'dead'",
      campaignId,
    );
    expect(batches).to.have.length(1);
    const [batch] = batches;
    if (batch === undefined) throw new Error("There is no batch.");
    return { ...batch, attestation: toAttestation(batch) };
  }
  const states = (conversions: readonly { state: string; reason: string | null }[]) =>
    conversions.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));

  it("writes down what will be signed, with prices that leave a rest, before anybody is asked", async () => {
    const campaign = await openCampaign({}, 5_000, 3_000, 1_000);
    await campaign.set("next_conversion = 41");
    const now = Date.now() + HOUR;
    const [digest] = await build({}, now);
    const { attestation, state } = await batchOf(campaign.campaignId);
    const [line] = await rows<{ attested: string; commission: bigint; fee: bigint; partner: string }>(
      "SELECT attested, commission, fee, partner FROM batch_lines WHERE digest = $1",
      digest,
    );
    // 12.34 in units of 0.01; three times of it at 3.33 %, with the flat amount, rounded down once for the line.
    const commission = 3n * 333_333n + (3n * 1_234n * 10_000n * 333n) / 10_000n;
    const fee = (commission * 500n) / 10_000n;
    expect((commission * 500n) % 10_000n, "a rest").to.not.equal(0n);
    expect(line).to.deep.include({ commission, fee, partner: campaign.wallet });
    expect(unpackLine(line?.attested ?? "")).to.deep.equal({
      offerId: 1,
      partner: campaign.wallet,
      count: 3,
      volumeUnits: 3n * 1_234n,
    });
    const received = await rows<{ second: number }>(
      "SELECT extract(epoch FROM received_at)::float8 AS second FROM conversions WHERE campaign_id = $1 ORDER BY id",
      campaign.campaignId,
    );
    expect(attestation).to.deep.include({
      campaignId: campaign.campaignId,
      firstConversion: 41n,
      conversions: 3,
      periodFrom: received[0]?.second,
      periodTo: (received[2]?.second ?? 0) + 1,
      deadline: Math.floor(now / 1000) + BOUNDS.DEADLINE_SECONDS,
      lineCount: 1,
      total: commission + fee,
    } satisfies Partial<Attestation>);
    expect(digest).to.equal(digestOf(relayer.domain, attestationTypedData(attestation)));
    expect(state).to.equal("built");
    expect(await campaign.conversions()).to.deep.equal(
      [41n, 42n, 43n].map((number) => ({ state: "batched", reason: null, number, line: 0n, batch: digest })),
    );
    expect(await build({}, now), "with one outstanding").to.deep.equal([]);
  });

  it("keeps more than 256 lines in their order, and knows of each conversion which is its own", async () => {
    const campaign = await openCampaign({}, 5_000);
    const [taken] = await rows<{ entries: string[] }>(
      "SELECT entries FROM conversions WHERE campaign_id = $1",
      campaign.campaignId,
    );
    const [pattern] = taken?.entries ?? [];
    if (pattern === undefined) throw new Error("There is no entry.");
    const partners = Array.from({ length: 300 }, (_, n) => partner((n * 7) % 300));
    for (const [n, of] of partners.entries())
      await rows(
        `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries,
           commission, partner_commission, fee, salt)
         SELECT campaign_id, event, 'many ' || $2, body_hash, $3, volume, received_at, state, $4, commission,
           partner_commission, fee, salt FROM conversions WHERE campaign_id = $1 AND order_id NOT LIKE 'many%'`,
        campaign.campaignId,
        String(n),
        `0x${(n + 1).toString(16).padStart(64, "0")}`,
        JSON.stringify([pattern.slice(0, 6) + of.slice(2).toLowerCase() + pattern.slice(46)]),
      );
    await campaign.set(
      "promised = (SELECT sum(commission + fee) FROM conversions WHERE campaign_id = $2)",
      campaign.campaignId,
    );
    const [digest] = await build();
    const lines = await rows<{ partner: string; attested: string }>(
      "SELECT partner, attested FROM batch_lines WHERE digest = $1 ORDER BY index",
      digest,
    );
    expect(lines).to.have.length(301);
    expect(lines.map(({ attested }) => attested)).to.deep.equal(lines.map(({ attested }) => attested).toSorted());
    expect(await batchOf(campaign.campaignId)).to.deep.include({ line_count: 301n });
    const conversions = await campaign.conversions();
    expect(conversions.map(({ line }) => lines[Number(line ?? -1)]?.partner)).to.deep.equal([
      campaign.wallet,
      ...partners,
    ]);
    expect(conversions.map(({ number }) => number)).to.deep.equal(conversions.map((_, i) => BigInt(i + 1)));
  });

  it("waits until one has waited long enough, or enough of them wait", async () => {
    const campaign = await openCampaign({}, 20_000, 10_000, 5_000);
    const now = Date.now();
    expect(await build({ BATCH_SECONDS: 60 }, now)).to.deep.equal([]);
    expect(await build({ BATCH_SECONDS: 60, BATCH_CONVERSIONS: 4 }, now)).to.deep.equal([]);
    expect(await build({ BATCH_SECONDS: 15 }, now)).to.have.length(1);
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "batched", "batched"]);
    const other = await openCampaign({}, 20_000, 10_000, 5_000);
    expect(await build({ BATCH_SECONDS: 60, BATCH_CONVERSIONS: 3 }, now)).to.have.length(1);
    expect((await batchOf(other.campaignId)).attestation.conversions).to.equal(3);
  });

  it("numbers nothing of a second that is not over, which a period could not hold", async () => {
    const campaign = await openCampaign({}, 10_000, 0);
    const [, last] = await rows<{ received_at: Date }>(
      "SELECT received_at FROM conversions WHERE campaign_id = $1 ORDER BY id",
      campaign.campaignId,
    );
    const second = last?.received_at.getTime() ?? 0;
    await build({ BATCH_SECONDS: 0 }, second + 999);
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "accepted"]);
    await rows("UPDATE batches SET state = 'attested' WHERE campaign_id = $1", campaign.campaignId);
    await build({ BATCH_SECONDS: 0 }, second + 1_000);
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "batched"]);
  });

  it("makes the next one smaller after a larger one was refused, oldest first", async () => {
    const campaign = await openCampaign({}, 5_000, 4_000, 3_000, 2_000);
    await campaign.set("batch_limit = 3");
    await build({ BATCH_CONVERSIONS: 2 });
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "batched", "accepted", "accepted"]);
    await rows("UPDATE batches SET state = 'attested' WHERE campaign_id = $1", campaign.campaignId);
    await campaign.set("batch_limit = 1");
    await build();
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "batched", "batched", "accepted"]);
  });

  for (const state of ["built", "asked", "signed"])
    it(`gives no number while a batch is ${state}`, async () => {
      const campaign = await openCampaign({}, 5_000, 4_000);
      expect(await build({ BATCH_CONVERSIONS: 1 })).to.have.length(1);
      await rows("UPDATE batches SET state = $2 WHERE campaign_id = $1", campaign.campaignId, state);
      expect(await build()).to.deep.equal([]);
      await rows("UPDATE batches SET state = 'dead' WHERE campaign_id = $1", campaign.campaignId);
      expect(await build()).to.have.length(1);
    });

  it("waits while the campaign is suspended, and not a moment longer", async () => {
    const campaign = await openCampaign({}, 5_000);
    const now = Math.floor(Date.now() / 1000) * 1000 + HOUR;
    await campaign.set("suspended_until = $2", now / 1000 + 1);
    expect(await build({}, now)).to.deep.equal([]);
    expect(states(await campaign.conversions())).to.deep.equal(["accepted"]);
    expect(await build({}, now + 1_000)).to.have.length(1);
  });

  it("ends the period where the campaign closes, and rejects what came later", async () => {
    const campaign = await openCampaign({}, 30_000, 10_000);
    const closes = Math.floor(Date.now() / 1000) - 20;
    await campaign.set("closes_at = $2, final_at = $3", closes, closes + 100_000);
    expect(await campaign.promised()).to.not.equal(0n);
    await build();
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "accepted"]);
    expect((await batchOf(campaign.campaignId)).attestation.periodTo).to.be.at.most(closes);
    await rows("UPDATE batches SET state = 'attested' WHERE campaign_id = $1", campaign.campaignId);
    const before = (await campaign.promised()) ?? 0n;
    expect(await build()).to.deep.equal([]);
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "rejected: attested_too_late"]);
    expect(await campaign.promised(), "what it was promised is free again").to.equal(before / 2n);
  });

  it("rejects all that waits once the campaign is final, from that second on", async () => {
    const campaign = await openCampaign({}, 30_000, 20_000);
    const now = Math.floor(Date.now() / 1000) * 1000 + HOUR;
    await campaign.set("closes_at = $2, final_at = $3", now / 1000 - 10, now / 1000);
    expect(await build({}, now)).to.deep.equal([]);
    expect(states(await campaign.conversions())).to.deep.equal([
      "rejected: attested_too_late",
      "rejected: attested_too_late",
    ]);
    expect(await campaign.promised()).to.equal(0n);
    const other = await openCampaign({}, 30_000);
    await other.set("closes_at = $2, final_at = $3", now / 1000 - 10, now / 1000 + 1);
    expect(await build({}, now)).to.have.length(1);
    // Without a closing there is nothing that it could be final after.
    const open = await openCampaign({}, 30_000);
    await open.set("closes_at = 0, final_at = 0");
    expect(await build({}, now)).to.have.length(1);
  });

  it("rejects the first one that fits into no period of its offer, and goes on with those behind it", async () => {
    const campaign = await openCampaign({}, 40_000, 30_000, 10_000);
    const from = Math.floor(Date.now() / 1000) - 20;
    await rows("UPDATE offers SET valid_from = $2 WHERE campaign_id = $1", campaign.campaignId, from);
    for (const expected of [
      ["rejected: period_outside_offer", "accepted", "accepted"],
      ["rejected: period_outside_offer", "rejected: period_outside_offer", "accepted"],
      ["rejected: period_outside_offer", "rejected: period_outside_offer", "batched"],
    ]) {
      await build();
      expect(states(await campaign.conversions())).to.deep.equal(expected);
    }
  });

  it("ends a period where a partner's kinds end that an offer needs", async () => {
    const campaign = await openCampaign({}, 30_000, 10_000);
    const ends = Math.floor(Date.now() / 1000) - 20;
    const list = (mask: number, before: number) =>
      rows(
        `INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (campaign_id, partner) DO UPDATE SET mask = $3, mask_before = $4`,
        campaign.campaignId,
        campaign.wallet,
        mask,
        before,
        ends,
      );
    await list(0b10, 0b01);
    await build();
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "accepted"]);
    // Kinds that begin, or that the offer does not need, end nothing.
    for (const [mask, before] of [
      [0b11, 0b10],
      [0b01, 0b11],
    ] as const) {
      const other = await openCampaign({}, 30_000, 10_000);
      await rows(
        "INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, $3, $4, $5)",
        other.campaignId,
        other.wallet,
        mask,
        before,
        ends,
      );
      await build();
      expect(states(await other.conversions()), `${before} → ${mask}`).to.deep.equal(["batched", "batched"]);
    }
  });

  it("goes by the offers and kinds of the campaign itself, whatever another has of the same numbers and partners", async () => {
    const campaign = await openCampaign({}, 30_000, 10_000);
    const other = await relayer.openCampaign({});
    const ended = Math.floor(Date.now() / 1000) - 20;
    await rows("UPDATE offers SET valid_to = $2, kind = 1 WHERE campaign_id = $1", other.campaignId, ended);
    for (const [of, mask, before] of [
      [other.campaignId, 0b10, 0b01],
      [campaign.campaignId, 0b01, 0b11],
    ] as const)
      await rows(
        "INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, $3, $4, $5)",
        of,
        campaign.wallet,
        mask,
        before,
        ended,
      );
    expect(await build()).to.have.length(1);
    expect(states(await campaign.conversions())).to.deep.equal(["batched", "batched"]);
  });

  it("numbers thousands, read page by page, each of them once", async () => {
    const campaign = await openCampaign({}, 5_000);
    await rows(
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries,
         commission, partner_commission, fee, salt)
       SELECT campaign_id, event, 'many ' || n, body_hash, '0x' || lpad(to_hex(n), 64, '0'), volume, received_at, state, entries,
         commission, partner_commission, fee, salt FROM conversions, generate_series(1, 4499) AS n WHERE campaign_id = $1`,
      campaign.campaignId,
    );
    await campaign.set(
      "promised = (SELECT sum(commission + fee) FROM conversions WHERE campaign_id = $2)",
      campaign.campaignId,
    );
    for (const [most, expected] of [
      [2_000, 2_000],
      [10_000, 2_500],
    ] as const) {
      const [digest] = await build({ BATCH_CONVERSIONS: most });
      const [numbered] = await rows<{ count: bigint; distinct: bigint; span: bigint; moves: bigint }>(
        `SELECT count(*), max(number) - min(number) + 1 AS span,
           (SELECT count(*) FROM conversion_moves JOIN conversions ON conversions.id = conversion_id
            WHERE batch = $1 AND conversion_moves.state = 'batched') AS moves,
           count(DISTINCT number) AS distinct
         FROM conversions WHERE batch = $1`,
        digest,
      );
      const all = BigInt(expected);
      expect(numbered).to.deep.include({ count: all, distinct: all, span: all, moves: all });
      const [batch] = await rows<{ conversions: bigint }>("SELECT conversions FROM batches WHERE digest = $1", digest);
      expect(batch?.conversions).to.equal(all);
      await rows("UPDATE batches SET state = 'attested' WHERE digest = $1", digest);
      await campaign.set("next_conversion = next_conversion + $2", expected);
    }
  });

  it("numbers nothing of a campaign that is set aside", async () => {
    const campaign = await openCampaign({}, 5_000);
    await rows(
      "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, 5, 0, 'Funded', 'unreadable')",
      campaign.campaignId,
    );
    expect(await build()).to.deep.equal([]);
    expect(states(await campaign.conversions())).to.deep.equal(["accepted"]);
  });
});
