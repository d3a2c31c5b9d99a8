import type { Line } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { id } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { beside, claimOrder, honestStillPays, owed } from "../../support/hostile.ts";
import {
  at,
  attest,
  attestation,
  body,
  createCampaign,
  DAY,
  ethers,
  HOLD,
  HOUR,
  liveWith,
  loadFixture,
  NATIVE,
  NOTICE,
  offer,
  sale,
  terms,
  time,
  treeOf,
} from "../../support/programs.ts";

/**
 * Tokens of so many decimals, 18 twice: a token and the coin. A volume unit is a hundredth of a token, of the coarser ones a
 * base unit. Alice: 2 x 1.00 and 1.25 % of 100,001 units. Bob: 1.00 and 1.25 % of 5,001 units. The operator: 5 % of each.
 */
const SUMS = [
  { decimals: 0, unitExponent: 0, alice: 1_252n, bob: 63n, operator: 62n + 3n },
  { decimals: 2, unitExponent: 0, alice: 1_450n, bob: 162n, operator: 72n + 8n },
  { decimals: 6, unitExponent: 4, alice: 14_500_125n, bob: 1_625_125n, operator: 725_006n + 81_256n },
  { decimals: 8, unitExponent: 6, alice: 1_450_012_500n, bob: 162_512_500n, operator: 80_626_250n },
  {
    decimals: 18,
    unitExponent: 16,
    alice: 14_500125n * 10n ** 12n,
    bob: 1_625125n * 10n ** 12n,
    operator: 806262_5n * 10n ** 11n,
  },
  {
    decimals: 18,
    unitExponent: 16,
    alice: 14_500125n * 10n ** 12n,
    bob: 1_625125n * 10n ** 12n,
    operator: 806262_5n * 10n ** 11n,
    native: true,
  },
  {
    decimals: 24,
    unitExponent: 21,
    alice: 3_250012_5n * 10n ** 17n,
    bob: 1_062512_5n * 10n ** 17n,
    operator: 215626_25n * 10n ** 16n,
  },
] as const;

const budgetOf = (decimals: number) => 2_000n * 10n ** BigInt(decimals);

describe("tokens of every number of decimals in one world", () => {
  const linesOf = (w: { alice: { address: string }; bob: { address: string } }) => [
    sale(w.alice, 2, 100_001n),
    sale(w.bob, 1, 5_001n),
  ];
  /** What the lines are worth in a campaign, by the sums. */
  const withFee = (commission: bigint) => commission + (commission * 5n) / 100n;
  const treeIn = (lines: readonly Line[], { alice, bob }: (typeof SUMS)[number]) =>
    treeOf(lines, (line) => withFee(line === lines[0] ? alice : bob));
  const sideBySide = async () => {
    const w = await beside(await liveWith(() => ({})));
    const campaigns: ((typeof SUMS)[number] & { token: string; campaignId: string })[] = [];
    for (const [i, sums] of SUMS.entries()) {
      const { decimals, unitExponent } = sums;
      const budget = budgetOf(decimals);
      let token = NATIVE;
      if (!("native" in sums)) {
        const deployed = await new DemoToken__factory(w.brand).deploy(`Token ${i}`, `T${i}`, decimals);
        expect(await deployed.decimals()).to.equal(decimals);
        await deployed.mint(w.brand.address, budget);
        await deployed.approve(w.programsAddress, budget);
        token = await deployed.getAddress();
      }
      const campaignId = await createCampaign(w, {
        salt: id(`campaign ${i}`),
        terms: terms(w, { token, unitExponent }),
        offers: [offer({ flatAmount: 10n ** BigInt(decimals) })],
      });
      await w.asBrand.fund(campaignId, budget, { value: token === NATIVE ? budget : 0n });
      campaigns.push({ ...sums, token, campaignId });
    }
    const from = await time.latest();
    await at(from + HOUR);
    const lines = linesOf(w);
    const batches = campaigns.map((c) => {
      const { root: linesRoot, total } = treeIn(lines, c);
      const period = { periodFrom: from, periodTo: from + HOUR, deadline: from + DAY };
      return attestation({ ...w, campaignId: c.campaignId }, { ...period, lines, linesRoot, total });
    });
    for (const batch of batches) await attest(w, batch);
    await at((await time.latest()) + HOLD);
    for (const [i, batch] of batches.entries()) {
      const chunk = treeIn(lines, campaigns[i] as (typeof SUMS)[number]).chunk(0);
      await w.programs.release(body(batch), chunk.first, chunk.path, [...chunk.lines]);
    }
    return { ...w, campaigns };
  };
  let w: Awaited<ReturnType<typeof sideBySide>>;
  beforeEach(async () => {
    w = await loadFixture(sideBySide);
  });
  afterEach(() => honestStillPays(w));
  const balance = async (token: string, of: string) =>
    token === NATIVE ? ethers.provider.getBalance(of) : DemoToken__factory.connect(token, w.brand).balanceOf(of);
  const receivers = { alice: id("to a").slice(0, 42), bob: id("to b").slice(0, 42) };

  for (const [which, order] of [
    ["in one order", [0, 1, 2, 3, 4, 5, 6]],
    ["in the other", [6, 5, 4, 3, 2, 1, 0]],
    ["with the coin first", [5, 0, 6, 1, 4, 2, 3]],
  ] as const) {
    it(`when everything is claimed at once ${which}, every sum should be exact, and the rest the brand's`, async () => {
      const tokens = order.map((i) => w.campaigns[i]?.token ?? "");
      const { order: bobs, signature } = await claimOrder(w, w.bob, tokens, { receiver: receivers.bob });
      const operatorsCoins = await balance(NATIVE, w.operator.address);
      await w.programs.connect(w.alice).claim(tokens, receivers.alice);
      await w.programs.claimFor(bobs, signature);
      await w.programs.payOut(w.operator.address, tokens);
      for (const c of w.campaigns) {
        const before = c.token === NATIVE ? operatorsCoins : 0n;
        expect(await balance(c.token, receivers.alice), `Alice, ${c.decimals} decimals`).to.equal(c.alice);
        expect(await balance(c.token, receivers.bob), `Bob, ${c.decimals} decimals`).to.equal(c.bob);
        expect((await balance(c.token, w.operator.address)) - before, `fee, ${c.decimals} decimals`).to.equal(
          c.operator,
        );
        const rest = budgetOf(c.decimals) - c.alice - c.bob - c.operator;
        expect(await balance(c.token, w.programsAddress), `rest, ${c.decimals} decimals`).to.equal(rest);
      }
      for (const { campaignId } of w.campaigns) await w.asBrand.closeCampaign(campaignId);
      await at((await time.latest()) + 2 * NOTICE);
      for (const { campaignId, token } of w.campaigns) {
        await w.asBrand.withdraw(campaignId, w.stranger.address);
        expect(await balance(token, w.programsAddress)).to.equal(0);
      }
    });
  }

  it("when one of them is claimed, nothing of the others should move", async () => {
    for (const c of w.campaigns) {
      await w.programs.connect(w.alice).claim([c.token], receivers.alice);
      expect(await balance(c.token, receivers.alice)).to.equal(c.alice);
      for (const other of w.campaigns) {
        const owners = [w.alice, w.bob, w.operator].map(({ address }) => address);
        expect(await balance(other.token, w.programsAddress)).to.equal(
          await owed(w, other.token, [other.campaignId], owners),
        );
      }
    }
  });
});
