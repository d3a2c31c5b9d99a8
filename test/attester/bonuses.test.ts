import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { packLine } from "@partner-programs/protocol/line";
import { bonusOrderId, manualOrderId, periodAt } from "@partner-programs/protocol/targets";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id } from "ethers";
import { checkBonuses } from "#attester/checks/bonuses.ts";
import { type CampaignRules, parseRules, rulesOf } from "#attester/rules.ts";
import {
  type Attester,
  attest,
  attesters,
  buildAttester,
  buildWorld,
  carry,
  conversions,
  DAY,
  HOLD,
  linesOf,
  treeOf,
  type World,
} from "./world.ts";

const OFFERS = [1, 2, 3];
const THREE = {
  name: "three",
  title: "Three",
  period: "year" as const,
  counts: ["sale"],
  steps: [
    { conversions: 3, bonus: "50" },
    { conversions: 4, bonus: "70" },
  ],
};
const RULES = { targets: [THREE], bonuses: { most: "20", mostPerMonth: "30" } };

describe("an attester, asked for bonuses", function () {
  this.timeout(240_000);
  let world: World;
  let attester: Attester;
  let folder: string;
  let ada: string;
  let bob: string;

  before(async () => {
    world = await buildWorld();
    folder = mkdtempSync(join(tmpdir(), "partner-programs-rules-"));
    const rulesFile = join(folder, "rules.json");
    writeFileSync(rulesFile, JSON.stringify({ version: 1, campaigns: { "*": RULES } }));
    attester = await buildAttester(world, { rulesFile });
    [ada, bob] = world.partners as [string, string];
  });
  after(async () => {
    await attester?.close();
    await world?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const open = () => world.campaign({ events: ["bonus"] });
  async function batchOf(campaignId: string, leaves: (from: bigint, at: number) => GivenConversion[]) {
    const now = await world.now();
    attester.clock = now;
    const { nextConversion } = await world.chain.lens.campaign(campaignId);
    const given = leaves(nextConversion, now - 10);
    return { attestation: attest(campaignId, given, now, {}, OFFERS), conversions: given };
  }
  /** Signed here, and on the chain. */
  async function sell(campaignId: string, orderIds: readonly string[], partner = ada) {
    const batch = await batchOf(campaignId, (from, receivedAt) => conversions(from, orderIds, { partner, receivedAt }));
    expect((await attester.ask("/v1/attestations", batch)).status).to.equal(200);
    await carry(world, batch, [0, attesters[0]]);
    return batch;
  }
  /** A bonus as a relayer sends it, with what it lies about. */
  const bonus = (
    campaignId: string,
    lie: {
      partner?: string;
      to?: string;
      step?: number;
      units?: bigint;
      target?: string;
      orderId?: string;
      copies?: number;
    } = {},
  ) =>
    batchOf(campaignId, (from, receivedAt) => {
      const { partner = ada, step = 1, units = 5_000n, target = "three", orderId = "", copies = 1 } = lie;
      const { to = partner } = lie;
      const period = periodAt("year", receivedAt).name;
      const called = orderId || bonusOrderId({ target, period, step, partner });
      return Array.from({ length: copies }, (_, i) => i).flatMap((i) =>
        conversions(from + BigInt(i), [`${called}${i === 0 ? "" : i}`], {
          partner: to,
          receivedAt,
          offerId: 3,
          event: "bonus",
        }).map(({ entries: [entry], ...rest }) => ({
          ...rest,
          entries: [{ ...(entry as NonNullable<typeof entry>), volumeUnits: units }],
        })),
      );
    });
  const refusalOf = async (batch: Awaited<ReturnType<typeof bonus>>) => (await attester.ask("/v1/checks", batch)).body;

  it("signs what its own memory and the chain say is earned, once the hold is over", async () => {
    const campaignId = await open();
    await sell(campaignId, ["a", "b"]);
    await sell(campaignId, ["c"]);
    const early = await refusalOf(await bonus(campaignId));
    expect(early).to.deep.include({ ok: false, transient: true });
    expect(early.reason).to.match(/asks for 3 conversions, and it is early: .* has 0 conversions .* and 3 conversions/);
    await world.pass(HOLD);
    const earned = await bonus(campaignId);
    expect(await refusalOf(earned)).to.deep.equal({ ok: true });
    expect((await attester.ask("/v1/attestations", earned)).status).to.equal(200);
    await carry(world, earned, [0, attesters[0]]);
    const twice = await refusalOf(await bonus(campaignId));
    expect(twice.reason).to.match(/its key or its order was attested before/);
  });

  it("refuses a dishonest relayer's, with the reason: not earned, larger, for another, of no target or another period", async () => {
    const campaignId = await open();
    await sell(campaignId, ["a", "b", "c"]);
    await world.pass(HOLD);
    const reason = async (lie: Parameters<typeof bonus>[1]) => {
      const { ok, transient, reason } = await refusalOf(await bonus(campaignId, lie));
      expect({ ok, transient }).to.deep.equal({ ok: false, transient: false });
      return reason;
    };
    expect(await reason({ step: 2, units: 7_000n })).to.match(
      /step 2 of target "three" asks for 4 conversions, and of what this attester signed, 0x.* has 3 conversions/,
    );
    expect(await reason({ partner: bob })).to.match(/has 0 conversions and a volume of 0 in/);
    expect(await reason({ to: bob })).to.equal(`Conversion 4: it is ${ada}'s bonus, and pays ${bob}.`);
    expect(await reason({ units: 5_001n })).to.match(/it attests a bonus of 50010000, and 50000000 is what it is/);
    expect(await reason({ step: 3 })).to.match(/has 2 steps, and none of number 3/);
    expect(await reason({ target: "four" })).to.match(/target "four", which the attester's rules do not have/);
    expect(await reason({ orderId: `target:three:2019:1:${ada.toLowerCase()}` })).to.match(
      /has 0 conversions .* in 2019/,
    );
    expect(await reason({ orderId: `target:three:2026-01:1:${ada.toLowerCase()}` })).to.match(
      /has no period "2026-01"/,
    );
    expect(await reason({ orderId: "1" })).to.match(/no bonus that targets or the brand's word make/);
    expect(await refusalOf(await bonus(campaignId))).to.deep.equal({ ok: true });
  });

  it("what was taken back in its hold does not count, whoever signed that", async () => {
    const campaignId = await open();
    const batch = await sell(campaignId, ["a", "b", "c"]);
    const [line] = linesOf(batch.conversions);
    const target = { ...(line as NonNullable<typeof line>), count: 2, volumeUnits: 2_000n };
    const reversal = {
      campaignId,
      attestation: digestOf(world.chain.domain, attestationTypedData(batch.attestation)),
      targets: [target],
      reasonHash: id("refunded"),
    };
    const { body } = await attester.ask("/v1/reversals", { ...reversal, conversions: [{ key: id("key c") }] });
    const { path } = treeOf(linesOf(batch.conversions)).proof(0);
    const lowering = { index: 0, line: packLine(line as NonNullable<typeof line>), target: packLine(target), path };
    await (
      await world.programs.reverse(batch.attestation, [lowering], id("refunded"), [
        { attester: 0, signature: body.signature },
      ])
    ).wait();
    await world.pass(HOLD);
    expect((await refusalOf(await bonus(campaignId))).reason).to.match(/has 2 conversions and a volume of 20 in/);
    await sell(campaignId, ["d"]);
    await world.pass(HOLD);
    expect(await refusalOf(await bonus(campaignId))).to.deep.equal({ ok: true });
  });

  it("signs the brand's own word up to what the rules allow at once and in a month", async () => {
    const campaignId = await open();
    const month = periodAt("month", await world.now()).name;
    const word = (name: string, units: bigint, of = month) =>
      bonus(campaignId, { orderId: manualOrderId(of, name), units });
    expect((await refusalOf(await word("1", 2_001n))).reason).to.match(
      /attests a bonus of 20010000, and 20000000 is what it is/,
    );
    expect((await refusalOf(await word("1", 1_000n, "2999-01"))).reason).to.match(
      /a bonus of 2999-01, and was received before, in/,
    );
    const first = await word("1", 2_000n);
    expect((await attester.ask("/v1/attestations", first)).status).to.equal(200);
    await carry(world, first, [0, attesters[0]]);
    expect((await refusalOf(await word("2", 1_001n))).reason).to.match(
      /of the 30000000 that are allowed in .*, 20000000 are used/,
    );
    expect(await refusalOf(await word("2", 1_000n))).to.deep.equal({ ok: true });
    const both = await bonus(campaignId, { orderId: manualOrderId(month, "3"), units: 600n, copies: 2 });
    expect((await refusalOf(both)).conversions, "of two in one batch the second").to.have.lengthOf(1);
  });

  it("signs what was said in an earlier month and is received now, and counts it for now", async () => {
    const campaignId = await open();
    const month = periodAt("month", await world.now()).name;
    const word = (name: string, units: bigint, of = month) =>
      bonus(campaignId, { orderId: manualOrderId(of, name), units });
    const late = await word("1", 2_000n, "2019-01");
    expect(await refusalOf(late)).to.deep.equal({ ok: true });
    expect((await attester.ask("/v1/attestations", late)).status).to.equal(200);
    await carry(world, late, [0, attesters[0]]);
    // Neither this month nor the next name of an old one gives more than a month allows.
    for (const name of [month, "2019-01", "2019-02"])
      expect((await refusalOf(await word("2", 1_001n, name))).reason).to.match(
        /of the 30000000 that are allowed in .*, 20000000 are used/,
      );
    expect(await refusalOf(await word("2", 1_000n, "2019-02"))).to.deep.equal({ ok: true });
    // What came without its time is of its attestation's month.
    await attester.database.query("UPDATE signed_orders SET received_at = NULL WHERE order_id LIKE 'manual:%'");
    expect((await refusalOf(await word("2", 1_001n))).reason).to.match(/20000000 are used/);
  });

  it("of a target for a group only that group's offers pay, and no second offer beside", async () => {
    const rules = rulesOf(
      parseRules(JSON.stringify({ version: 1, campaigns: { "*": { targets: [{ ...THREE, kinds: [5] }] } } }), "/", {}),
      id("x"),
    ) as CampaignRules;
    const offer = {
      flatAmount: 0n,
      rateBps: 10_000,
      event: "bonus",
      capUnits: 10n ** 6n,
      validFrom: 0,
      validTo: 2 ** 40 - 1,
    };
    const reached = { conversions: 9, volume: 0n };
    const facts = {
      offers: new Map([
        [1, { ...offer, kind: 0 }],
        [2, { ...offer, kind: 5 }],
        [3, { ...offer, kind: 4 }],
      ]),
      unitExponent: 4,
      decimals: 6,
      count: async () => ({ paid: reached, atMost: reached }),
      givenIn: async () => 0n,
    };
    const orderId = bonusOrderId({ target: "three", period: "2026", step: 1, partner: ada });
    const ask = (entries: [offerId: number, partner: string][]) =>
      checkBonuses(
        [
          {
            number: 1n,
            key: id("k"),
            salt: id("s"),
            entries: entries.map(([offerId, partner]) => ({ offerId, partner, count: 1, volumeUnits: 5_000n })),
            order: { event: "bonus", orderId, volume: "50", receivedAt: DAY },
          },
        ],
        rules,
        facts,
      );
    expect(
      await ask([
        [2, ada],
        [3, bob],
      ]),
      "a recruiter is paid beside",
    ).to.equal(undefined);
    expect((await ask([[1, ada]]))?.reason).to.match(/is not for the kind "affiliate", whose offer pays it/);
    expect(
      (
        await ask([
          [2, ada],
          [1, ada],
        ])
      )?.reason,
    ).to.match(/by 2 offers; a bonus is paid by one/);
  });
});
