import {
  attestationTypedData,
  claimOrderTypedData,
  digestOf,
  payoutOrderTypedData,
  programsDomain,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id } from "ethers";
import { network } from "hardhat";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import type { PartnerPrograms } from "#typechain/PartnerPrograms.ts";
import type { PartnerProgramsLens } from "#typechain/PartnerProgramsLens.ts";
import {
  beside,
  claimOrder,
  creditNow,
  honestStillPays,
  lowering,
  payoutOrder,
  pulling,
  releasing,
} from "../../support/hostile.ts";
import {
  attestation,
  attestationDigest,
  attested,
  attesters,
  BUDGET,
  createCampaign,
  DAY,
  type Deployed,
  ethers,
  given,
  HOLD,
  HOUR,
  loadFixture,
  NOW,
  newCampaign,
  reversal,
  sale,
  sign,
  terms,
  time,
} from "../../support/programs.ts";

const CHAIN = 31_337n;
const OTHER = 31_338n;
const [first] = attesters;
const there = await network.create({ override: { chainId: Number(OTHER), initialDate: "2030-01-01T00:00:00Z" } });
const thereSigners = await there.ethers.getSigners();
const clean = await there.networkHelpers.takeSnapshot();

/** Every storage slot that a transaction of this chain wrote to. */
async function slotsWritten(): Promise<string[]> {
  const slots = new Set<string>();
  for (let number = await ethers.provider.getBlockNumber(); number > 0; number--) {
    const block = await ethers.provider.getBlock(number);
    for (const hash of block?.transactions ?? []) {
      const options = { disableMemory: true, disableStorage: true };
      const { structLogs } = await ethers.provider.send("debug_traceTransaction", [hash, options]);
      for (const { op, stack } of structLogs as { op: string; stack: string[] }[]) {
        if (op === "SSTORE") slots.add(`0x${(stack.at(-1) ?? "").replace(/^0x/, "").padStart(64, "0")}`);
      }
    }
  }
  return [...slots];
}

/** The contract and its token as they are here, code and state, on the other chain: as after a fork with another chain id. */
async function fork(w: Deployed) {
  const slots = await slotsWritten();
  for (const address of [w.programsAddress, w.tokenAddress, await w.lens.getAddress()]) {
    await there.ethers.provider.send("hardhat_setCode", [address, await ethers.provider.getCode(address)]);
    for (const slot of slots) {
      const value = await ethers.provider.getStorage(address, slot);
      if (BigInt(value) !== 0n) await there.networkHelpers.setStorageAt(address, slot, value);
    }
  }
  await there.networkHelpers.time.increaseTo(await time.latest());
}

describe("a chain that forks and takes another chain id", () => {
  /** A batch is in its hold, and Alice has a credit. */
  const world = async () => {
    const w = await beside(await attested());
    const atOnce = await createCampaign(w, { salt: id("at once"), terms: terms(w, { holdSeconds: 0 }) });
    await w.asBrand.fund(atOnce, BUDGET);
    await creditNow(w, atOnce, [sale(w.alice, 1, 0n)]);
    return w;
  };
  let w: Awaited<ReturnType<typeof world>>;
  /** The same with the domain of the other chain, and the contract and the token there. */
  let away: typeof w;
  let programs: PartnerPrograms;
  let token: DemoToken;
  let lens: PartnerProgramsLens;
  let forked: { of: typeof w; snapshot: typeof clean } | undefined;
  beforeEach(async () => {
    w = await loadFixture(world);
    if (forked?.of !== w) {
      await clean.restore();
      await fork(w);
      forked = { of: w, snapshot: await there.networkHelpers.takeSnapshot() };
    } else {
      await forked.snapshot.restore();
    }
    programs = PartnerPrograms__factory.connect(w.programsAddress, thereSigners[0]);
    lens = PartnerProgramsLens__factory.connect(await w.lens.getAddress(), thereSigners[0]);
    token = DemoToken__factory.connect(w.tokenAddress, thereSigners[0]);
    away = { ...w, domain: programsDomain(OTHER, w.programsAddress) };
  });
  afterEach(() => honestStillPays(w));
  const next = () =>
    attestation(w, { firstConversion: 4n, periodFrom: NOW, periodTo: NOW + HOUR, deadline: NOW + 2 * DAY });
  it("the contract should have the same state there, and another domain", async () => {
    expect(await lens.campaign(w.campaignId)).to.deep.equal(await w.lens.campaign(w.campaignId));
    expect(await lens.batch(w.attestation)).to.deep.equal(await w.lens.batch(w.attestation));
    expect((await w.programs.eip712Domain()).chainId).to.equal(CHAIN);
    expect((await programs.eip712Domain()).chainId).to.equal(OTHER);
    expect(attestationDigest(away, next())).to.not.equal(attestationDigest(w, next()));
  });

  it("when a batch signed for here is carried there, it should revert with InvalidSignature, and be good here", async () => {
    const signatures = await sign(w, attestationTypedData(next()));
    await there.networkHelpers.time.increaseTo(NOW + HOUR);
    await expect(programs.attest(...given(next()), signatures))
      .to.be.revertedWithCustomError(programs, "InvalidSignature")
      .withArgs(first.address, attestationDigest(away, next()));
    await time.increaseTo(NOW + HOUR);
    await w.programs.attest(...given(next()), signatures);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(7);
    expect((await lens.campaign(w.campaignId)).nextConversion).to.equal(4);
  });

  it("when a batch signed for there is carried here, it should revert with InvalidSignature, and be good there", async () => {
    const signatures = await sign(away, attestationTypedData(next()));
    await time.increaseTo(NOW + HOUR);
    await expect(w.programs.attest(...given(next()), signatures))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, attestationDigest(w, next()));
    await there.networkHelpers.time.increaseTo(NOW + HOUR);
    await programs.attest(...given(next()), signatures);
    expect((await lens.campaign(w.campaignId)).nextConversion).to.equal(7);
  });

  it("when a reversal signed for here is carried there, it should revert with UnknownBatch", async () => {
    const refund = reversal(w, [sale(w.alice, 1, 60_000n)]);
    const signatures = await sign(w, reversalTypedData(refund));
    await expect(programs.reverse(...lowering(w, refund, [0]), signatures))
      .to.be.revertedWithCustomError(programs, "UnknownBatch")
      .withArgs(w.campaignId, attestationDigest(away, w.batch));
    await w.programs.reverse(...lowering(w, refund, [0]), signatures);
  });

  it("when a claim order signed for here is carried there, it should revert with InvalidSignature, and be good here", async () => {
    const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress]);
    await expect(programs.claimFor(order, signature))
      .to.be.revertedWithCustomError(programs, "InvalidSignature")
      .withArgs(w.alice.address, digestOf(away.domain, claimOrderTypedData(order)));
    expect(await programs.nonces(w.alice.address)).to.equal(0);
    await w.programs.claimFor(order, signature);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(1_000_000n);
    expect(await token.balanceOf(w.alice.address)).to.equal(0);
  });

  it("when a payout order signed for here is carried there, it should revert with InvalidSignature", async () => {
    const { order, signature } = await payoutOrder(w, w.alice, { receiver: w.stranger.address });
    await expect(programs.setPayoutFor(order, signature))
      .to.be.revertedWithCustomError(programs, "InvalidSignature")
      .withArgs(w.alice.address, digestOf(away.domain, payoutOrderTypedData(order)));
    await w.programs.setPayoutFor(order, signature);
    expect((await w.lens.receiverOf(w.alice.address)).receiver).to.equal(w.stranger.address);
    expect((await lens.receiverOf(w.alice.address)).receiver).to.equal(w.alice.address);
  });

  it("what was credited before the fork should be paid on both sides, each from its own", async () => {
    for (const [contract, paid] of [
      [w.programs, w.token],
      [programs, token],
    ] as const) {
      await contract.payOut(w.alice.address, [w.tokenAddress]);
      expect(await paid.balanceOf(w.alice.address)).to.equal(1_000_000n);
    }
  });

  // A batch is found by its digest, and a digest is of a chain: where the id changes, what is in its hold stays there.
  it("what was attested before the fork should be settled on the side that keeps its id, and not on the other", async () => {
    await time.increaseTo(NOW + HOLD);
    await there.networkHelpers.time.increaseTo(NOW + HOLD);
    await w.programs.release(...releasing(w));
    expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(3_125_000n);
    for (const settle of [programs.release(...releasing(w)), programs.pull(...pulling(w, 0))]) {
      await expect(settle)
        .to.be.revertedWithCustomError(programs, "UnknownBatch")
        .withArgs(w.campaignId, attestationDigest(away, w.batch));
    }
  });

  it("when the brand creates the same campaign on both sides, it should have two ids", async () => {
    const campaign = newCampaign(w, { salt: `0x${"01".repeat(32)}` });
    const brandThere = thereSigners.find(({ address }) => address === w.brand.address);
    if (!brandThere) throw new Error("no brand");
    const here = await w.asBrand.createCampaign.staticCall(campaign);
    const other = await programs.connect(brandThere).createCampaign.staticCall(campaign);
    expect(other).to.not.equal(here);
  });
});

describe("the same address on another chain", () => {
  const world = async () => beside(await attested());
  let w: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    w = await loadFixture(world);
  });
  afterEach(() => honestStillPays(w));

  it("when the same brand creates the same campaign there, nothing signed for here should be good there", async () => {
    const [relayer] = thereSigners;
    const brand = thereSigners.find(({ address }) => address === w.brand.address);
    if (!relayer || !brand) throw new Error("no signers");
    await clean.restore();
    const deployed = await (await new PartnerPrograms__factory(relayer).deploy()).getAddress();
    expect(deployed).to.equal(w.programsAddress);
    const code = await ethers.provider.getCode(w.tokenAddress);
    await there.ethers.provider.send("hardhat_setCode", [w.tokenAddress, code]);
    const programs = PartnerPrograms__factory.connect(w.programsAddress, relayer);
    const campaign = newCampaign(w, { salt: `0x${"02".repeat(32)}` });
    const here = await w.asBrand.createCampaign.staticCall(campaign);
    const other = await programs.connect(brand).createCampaign.staticCall(campaign);
    await programs.connect(brand).createCampaign(campaign);
    expect(other).to.not.equal(here);
    await expect(programs.connect(brand).suspend(here))
      .to.be.revertedWithCustomError(programs, "UnknownCampaign")
      .withArgs(here);
    expect((await programs.eip712Domain()).chainId).to.equal(OTHER);
    const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress]);
    await expect(programs.claimFor(order, signature))
      .to.be.revertedWithCustomError(programs, "InvalidSignature")
      .withArgs(w.alice.address, digestOf(programsDomain(OTHER, w.programsAddress), claimOrderTypedData(order)));
  });
});
