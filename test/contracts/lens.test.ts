import { type Line, packLine } from "@partner-programs/protocol/line";
import { type ConversionLeaf, conversionLeaf, conversionTree } from "@partner-programs/protocol/trees";
import { claimOrderTypedData, digestOf, payoutOrderTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, ZeroAddress, ZeroHash } from "ethers";
import {
  type Attested,
  ascending,
  at,
  attest,
  attestation,
  attested,
  attestedWith,
  attesters,
  BUDGET,
  createCampaign,
  DAY,
  HOUR,
  loadFixture,
  NO_LIMIT,
  NOTICE,
  NOW,
  plain,
  reversal,
  reversalDigest,
  START,
  sale,
  signup,
  terms,
  time,
  treeOf,
  worth,
} from "#test/support/programs.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";

const EFFECTIVE = NOW + HOUR + NOTICE;
const [, second, third] = attesters;

describe("lens", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(attested);
    await at(NOW + HOUR);
  });
  const overview = async (campaignId = w.campaignId) => plain(await w.lens.overview(campaignId));

  it("given there is no such campaign, every view of it should revert with UnknownCampaign", async () => {
    for (const view of [
      w.lens.overview(ZeroHash),
      w.lens.termsOf(ZeroHash),
      w.lens.campaign(ZeroHash),
      w.lens.offer(ZeroHash, 1),
      w.lens.attesterSet(ZeroHash, 0),
      w.lens.kindsOf(ZeroHash, w.alice.address, NOW),
      w.lens.rehearse({ ...w.body, campaignId: ZeroHash }, 0, []),
      w.lens.commissionOf(ZeroHash, packLine(sale(w.alice, 1, 0n))),
      w.lens.runway(ZeroHash, 1, START),
    ]) {
      await expect(view).to.be.revertedWithCustomError(w.programs, "UnknownCampaign").withArgs(ZeroHash);
    }
  });

  describe("overview", () => {
    it("given nothing was announced, it should be what is stored", async () => {
      const { total } = worth(...w.lines);
      expect(await overview()).to.deep.equal({
        terms: await w.lens.termsOf(w.campaignId),
        brand: w.brand.address,
        available: BUDGET - total,
        reserved: total,
        spendable: BUDGET - total,
        nextConversion: 4n,
        suspended: false,
        closesAt: 0n,
        closed: false,
        attesterSet: 0n,
        threshold: 2n,
        attesters: attesters.map((attester) => attester.address),
        brandAttests: false,
        contractAttesters: 0n,
        dailyLimit: NO_LIMIT,
        remainingToday: NO_LIMIT,
        offers: [await w.lens.offer(w.campaignId, 1), await w.lens.offer(w.campaignId, 2)],
      });
    });

    it("given a suspension, it should be suspended until its last second", async () => {
      await w.asBrand.suspend(w.campaignId);
      await time.increaseTo(EFFECTIVE - 1);
      expect((await overview()).suspended).to.equal(true);
      await time.increaseTo(EFFECTIVE);
      expect((await overview()).suspended).to.equal(false);
    });

    it("given a closing, it should be closed only once it is final", async () => {
      await w.asBrand.closeCampaign(w.campaignId);
      await time.increaseTo(EFFECTIVE + NOTICE - 1);
      expect([(await overview()).closesAt, (await overview()).closed]).to.deep.equal([BigInt(EFFECTIVE), false]);
      await time.increaseTo(EFFECTIVE + NOTICE);
      expect((await overview()).closed).to.equal(true);
    });

    it("given announced attesters, it should show them from their time on", async () => {
      await w.asBrand.announceAttesters(w.campaignId, 2, [second.address, third.address]);
      const shown = async () => {
        const { attesterSet, attesters: members, threshold } = await w.lens.overview(w.campaignId);
        return [attesterSet, [...members], threshold];
      };
      await time.increaseTo(EFFECTIVE - 1);
      expect(await shown()).to.deep.equal([0n, attesters.map((attester) => attester.address), 2n]);
      await time.increaseTo(EFFECTIVE);
      expect(await shown()).to.deep.equal([1n, [second.address, third.address], 2n]);
    });

    it("given attesters announced after those, it should show those until their time", async () => {
      await w.asBrand.announceAttesters(w.campaignId, 2, [second.address, third.address]);
      await at(EFFECTIVE);
      await w.asBrand.announceAttesters(w.campaignId, 1, [third.address]);
      const shown = async () => {
        const { attesterSet, attesters: members, threshold } = await w.lens.overview(w.campaignId);
        return [attesterSet, [...members], threshold];
      };
      expect(await shown()).to.deep.equal([1n, [second.address, third.address], 2n]);
      await at(EFFECTIVE + NOTICE);
      await w.asBrand.announceAttesters(w.campaignId, 1, [second.address]);
      expect(await shown()).to.deep.equal([2n, [third.address], 1n]);
    });

    it("given an announced withdrawal, it should not count it as spendable until it lapses", async () => {
      const { total } = worth(...w.lines);
      await w.asBrand.announceWithdrawal(w.campaignId, 600);
      expect((await overview()).spendable).to.equal(BUDGET - total - 600n);
      await time.increaseTo(EFFECTIVE + 7 * DAY - 1);
      expect((await overview()).spendable).to.equal(BUDGET - total - 600n);
      await time.increaseTo(EFFECTIVE + 7 * DAY);
      expect((await overview()).spendable).to.equal(BUDGET - total);
    });

    it("given a withdrawal of all that is available, it should have nothing spendable", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - worth(...w.lines).total);
      expect((await overview()).spendable).to.equal(0);
    });

    it("given the brand and contracts among the attesters, it should say so, of the set in force", async () => {
      const wallet = await (await new Wallet1271__factory(w.relayer).deploy(w.stranger.address)).getAddress();
      const members = ascending([w.brand, second, { address: wallet }]).map(({ address }) => address);
      await w.asBrand.announceAttesters(w.campaignId, 2, members);
      const { effectiveAt } = await w.lens.attesterSet(w.campaignId, 1);
      await time.increaseTo(effectiveAt - 1n);
      expect([(await overview()).brandAttests, (await overview()).contractAttesters]).to.deep.equal([false, 0n]);
      await time.increaseTo(effectiveAt);
      const { brandAttests, contractAttesters } = await overview();
      expect([brandAttests, contractAttesters]).to.deep.equal([true, 1n << BigInt(members.indexOf(wallet))]);
    });
  });

  describe("overview under a daily limit", () => {
    const LIMIT = 5_000_000n;
    const limited = () => attestedWith(() => ({ dailyLimit: LIMIT }));
    const shown = async () => {
      const { dailyLimit, remainingToday } = await w.lens.overview(w.campaignId);
      return [dailyLimit, remainingToday];
    };
    beforeEach(async () => {
      w = await loadFixture(limited);
      await at(NOW + HOUR);
    });

    it("it should show what remains of the UTC day, and all of it on the next", async () => {
      await time.increaseTo(NOW + DAY - 1);
      expect(await shown()).to.deep.equal([LIMIT, LIMIT - worth(...w.lines).total]);
      await time.increaseTo(NOW + DAY);
      expect(await shown()).to.deep.equal([LIMIT, LIMIT]);
    });

    it("given a lowering, it should show it from its time on", async () => {
      await w.asBrand.announceDailyLimit(w.campaignId, 7);
      await time.increaseTo(EFFECTIVE - 1);
      expect(await shown()).to.deep.equal([LIMIT, LIMIT]);
      await time.increaseTo(EFFECTIVE);
      expect(await shown()).to.deep.equal([7n, 7n]);
    });

    it("given a lowering below what the day spent, it should have nothing remaining", async () => {
      await w.asBrand.announceDailyLimit(w.campaignId, 7);
      await at(EFFECTIVE - 1);
      const next = { firstConversion: 4n, periodFrom: NOW, periodTo: EFFECTIVE - 1, deadline: EFFECTIVE };
      await attest(w, attestation(w, next));
      await time.increaseTo(EFFECTIVE);
      expect(await shown()).to.deep.equal([7n, 0n]);
    });

    it("given no limit any more, it should show the largest number for both from its time on", async () => {
      await w.asBrand.announceDailyLimit(w.campaignId, NO_LIMIT);
      await time.increaseTo(EFFECTIVE - 1);
      expect(await shown()).to.deep.equal([LIMIT, LIMIT]);
      await at(EFFECTIVE);
      const next = { firstConversion: 4n, periodFrom: NOW, periodTo: EFFECTIVE, deadline: EFFECTIVE };
      await attest(w, attestation(w, next));
      expect(await shown()).to.deep.equal([NO_LIMIT, NO_LIMIT]);
    });
  });

  it("campaignIdOf should be the id that a campaign gets", async () => {
    expect(await w.lens.campaignIdOf(w.brand.address, id("salt"), terms(w))).to.equal(w.campaignId);
    expect(await w.lens.campaignIdOf(w.stranger.address, id("salt"), terms(w))).to.not.equal(w.campaignId);
  });

  describe("kindsOf", () => {
    const kindsOf = (partner: { address: string }, periodTo = NOW + HOUR) =>
      w.lens.kindsOf(w.campaignId, partner.address, periodTo);

    it("given a partner that is not listed, it should be the open kinds", async () => {
      expect(await kindsOf(w.alice)).to.equal(1);
    });

    it("given the last kind is open, it should not take it for a list of partners", async () => {
      const campaignId = await createCampaign(w, { terms: terms(w, { openKinds: 2n ** 63n }) });
      expect((await w.lens.campaign(campaignId)).kindsListed).to.equal(false);
      expect(await w.lens.kindsOf(campaignId, w.alice.address, NOW)).to.equal(2n ** 63n);
    });

    it("given a list, it should be asked of any time, and whoever the operator is", async () => {
      const campaignId = await createCampaign(w, { terms: terms(w, { feeBps: 0, operator: ZeroAddress }) });
      await w.asBrand.setKinds(campaignId, [w.alice.address], 6);
      expect((await w.lens.campaign(campaignId)).kindsListed).to.equal(true);
      expect(await w.lens.kindsOf(campaignId, w.alice.address, 0)).to.equal(1);
      expect(await w.lens.kindsOf(campaignId, w.alice.address, NOW + 99 * DAY)).to.equal(6);
    });

    it("given kinds taken away, it should have them until the notice ends", async () => {
      await w.asBrand.setKinds(w.campaignId, [w.alice.address], 6);
      expect(await kindsOf(w.alice, NOW + HOUR)).to.equal(1);
      expect(await kindsOf(w.alice, NOW + HOUR + 1)).to.equal(7);
      expect(await kindsOf(w.alice, EFFECTIVE)).to.equal(7);
      expect(await kindsOf(w.alice, EFFECTIVE + 1)).to.equal(6);
    });
  });

  describe("commissionOf", () => {
    it("given there is no such offer, it should revert with UnknownOffer", async () => {
      const line = { ...sale(w.alice, 1, 0n), offerId: 3 };
      await expect(w.lens.commissionOf(w.campaignId, packLine(line)))
        .to.be.revertedWithCustomError(w.programs, "UnknownOffer")
        .withArgs(w.campaignId, 3);
    });

    it("it should be what attest computes, rounded down", async () => {
      const prices = async (line: Line) => w.lens.commissionOf(w.campaignId, packLine(line));
      expect(await prices(sale(w.bob, 1, 5_001n))).to.deep.equal([1_006_251n, 50_312n]);
      expect(await prices(signup(w.bob, 3))).to.deep.equal([1_500_000n, 75_000n]);
      for (const line of w.lines) {
        expect(await prices(line)).to.deep.equal([worth(line).commission, worth(line).fee]);
      }
    });
  });

  describe("runway", () => {
    it("given nothing was attested, it should be without end", async () => {
      expect(await w.lens.runway(w.campaignId, 0, START)).to.equal(2n ** 256n - 1n);
    });

    it("it should be what is spendable over what was attested a second, without announced withdrawals", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 1_000_000_000n);
      const { total } = worth(...w.lines);
      await time.increaseTo(NOW + DAY);
      const spendable = BUDGET - total - 1_000_000_000n;
      expect(await w.lens.runway(w.campaignId, total, NOW)).to.equal((spendable * BigInt(DAY)) / total);
    });
  });

  describe("hashes", () => {
    it("the digests should be those of the protocol", async () => {
      const order = {
        owner: w.alice.address,
        receiver: w.bob.address,
        tokens: [w.tokenAddress, w.bob.address],
        nonce: 3n,
        deadline: 9n,
      };
      const r = reversal(w, [sale(w.alice, 1, 0n), signup(w.bob, 0)]);
      expect(await w.lens.attestationDigest(w.body)).to.equal(w.attestation);
      expect(await w.lens.reversalDigest(r.campaignId, r.attestation, r.targets.map(packLine), r.reasonHash)).to.equal(
        reversalDigest(w, r),
      );
      expect(await w.lens.claimDigest(order)).to.equal(digestOf(w.domain, claimOrderTypedData(order)));
      const payout = { owner: w.alice.address, receiver: w.bob.address, lockSeconds: 5, nonce: 3n, deadline: 9n };
      expect(await w.lens.payoutDigest(payout)).to.equal(digestOf(w.domain, payoutOrderTypedData(payout)));
      expect(await w.lens.programs()).to.equal(w.programsAddress);
    });

    for (const count of [1, 2, 3, 5, 8]) {
      it(`root and sum of ${count} lines should be those of the protocol`, async () => {
        const lines = Array.from({ length: count }, (_, i) => sale(w.alice, i, BigInt(i)));
        const worths = lines.map((line) => worth(line).total);
        const { root, total } = treeOf(lines);
        expect(await w.lens.lineTree(lines.map(packLine), worths)).to.deep.equal([root, total]);
      });
    }

    it("a conversion should be in the root with its own leaf and proof, and with no others", async () => {
      const conversions: ConversionLeaf[] = [1n, 2n, 3n].map((number) => ({
        number,
        key: id(`order ${number}`),
        salt: id(`salt ${number}`),
        entries: [sale(w.alice, 1, number), sale(w.bob, 1, number)],
      }));
      const tree = conversionTree(conversions);
      const [one, two] = conversions as [ConversionLeaf, ConversionLeaf];
      const isIn = (c: ConversionLeaf, proof: string[]) =>
        w.lens.isConversionIn(tree.root, c.number, c.key, c.salt, c.entries.map(packLine), proof);
      expect(await w.lens.conversionLeaf(one.number, one.key, one.salt, one.entries.map(packLine))).to.equal(
        conversionLeaf(one),
      );
      expect(await isIn(one, tree.getProof(0))).to.equal(true);
      expect(await isIn(two, tree.getProof(0))).to.equal(false);
      expect(await isIn({ ...one, number: 2n }, tree.getProof(0))).to.equal(false);
      expect(await isIn({ ...one, entries: one.entries.slice(0, 1) }, tree.getProof(0))).to.equal(false);
      expect(await isIn(two, tree.getProof(1))).to.equal(true);
    });
  });
});
