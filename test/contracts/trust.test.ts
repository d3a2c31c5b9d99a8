/** The trust table of docs/security.md, cell by cell: what each party can do, until when, and never. */
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { attestationTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { getBytes, id, Wallet, ZeroAddress } from "ethers";
import {
  ascending,
  at,
  attest,
  attestation,
  attested,
  BUDGET,
  body,
  createCampaign,
  DAY,
  ethers,
  eventName,
  HOLD,
  live,
  liveWith,
  loadFixture,
  NO_LIMIT,
  NOTICE,
  NOW,
  offer,
  release,
  reversal,
  reverse,
  START,
  sale,
  signup,
  terms,
  treeOf,
  type World,
  worth,
} from "#test/support/programs.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";

const LIMIT = 5_000_000n;
/** The brand is its own only attester, with no hold: nobody stands between its decision and the money. */
const selfAttested = () =>
  liveWith((w) => ({
    terms: terms(w, { holdSeconds: 0 }),
    attesters: [w.brand.address],
    threshold: 1,
    dailyLimit: LIMIT,
  }));
/** What the brand attests to a partner of its choice, calling for itself. */
async function attestAsBrand(
  w: World,
  firstConversion: bigint,
  signups: number,
  partner: { address: string } = w.alice,
) {
  const lines = [signup(partner, signups)];
  const batch = attestation(w, { firstConversion, conversions: signups, lines, deadline: NOW + 9 * DAY + NOTICE });
  return w.asBrand.attest(body(batch), [...treeOf(lines).chunk(0, 8).lines], []);
}

describe("the brand", () => {
  it("cannot touch what is attested, whatever it does in the hold", async () => {
    const w = await loadFixture(attested);
    const { available } = await w.lens.campaign(w.campaignId);
    await at(NOW + 60);
    await w.asBrand.announceWithdrawal(w.campaignId, available);
    await w.asBrand.announceAttesters(w.campaignId, 1, [w.brand.address]);
    await w.asBrand.announceDailyLimit(w.campaignId, 0);
    await w.asBrand.setKinds(w.campaignId, [w.alice.address, w.bob.address], 0);
    for (const offerId of [1, 2]) await w.asBrand.retireOffer(w.campaignId, offerId);
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    await w.asBrand.closeCampaign(w.campaignId);
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + HOLD);
    await release(w);
    for (const [partner, line] of [
      [w.alice, w.lines[0]],
      [w.bob, w.lines[1]],
    ] as const)
      expect(await w.lens.creditOf(partner.address, w.tokenAddress)).to.equal(line && worth(line).commission);
  });

  it("cannot take out more than it announced when it was there, nor what is attested meanwhile", async () => {
    const w = await loadFixture(live);
    const empty = await createCampaign(w, { salt: id("empty") });
    await expect(w.asBrand.announceWithdrawal(empty, NO_LIMIT))
      .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
      .withArgs(empty, NO_LIMIT, 0);
    await at(NOW - 60);
    await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
    const batch = attestation(w);
    await at(NOW);
    await attest(w, batch);
    // Somebody funds on the last day: that is not the brand's to take.
    await w.asBrand.fund(w.campaignId, 777n);
    await at(NOW - 60 + NOTICE);
    const withdrawn = w.asBrand.withdraw(w.campaignId, w.brand.address);
    await expect(withdrawn)
      .to.emit(w.programs, "Withdrawn")
      .withArgs(w.campaignId, w.brand.address, BUDGET - batch.total);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(777n);
  });

  it("cannot withdraw before the latest guarantee", async () => {
    const lockedUntil = START + 60 * DAY;
    const w = await loadFixture(() => liveWith(() => ({ offers: [offer({ lockedUntil }), offer({ kind: 1 })] })));
    await at(NOW);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, BUDGET))
      .to.emit(w.programs, "WithdrawalAnnounced")
      .withArgs(w.campaignId, BUDGET, lockedUntil);
    await at(lockedUntil - 1);
    await expect(w.asBrand.withdraw(w.campaignId, w.brand.address)).to.be.revertedWithCustomError(
      w.programs,
      "WithdrawalNotMature",
    );
  });

  it("that commands its attesters takes at most the daily limit a day until a notice is over", async () => {
    const w = await loadFixture(selfAttested);
    expect((await w.lens.overview(w.campaignId)).brandAttests).to.equal(true);
    await at(NOW);
    await w.asBrand.announceDailyLimit(w.campaignId, NO_LIMIT);
    await at(NOW + 60);
    await attestAsBrand(w, 1n, 9);
    await expect(attestAsBrand(w, 10n, 1)).to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded");
    const { remainingToday } = await w.lens.overview(w.campaignId);
    expect(remainingToday).to.equal(LIMIT - worth(signup(w.alice, 9)).total);
    await at(NOW + NOTICE - 60);
    await attestAsBrand(w, 10n, 9);
    await expect(attestAsBrand(w, 19n, 1)).to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded");
    await at(NOW + NOTICE + 60);
    await attestAsBrand(w, 19n, 100);
  });

  it("whose key is stolen keeps its campaign for a notice, and takes the hand-over back", async () => {
    const w = await loadFixture(live);
    await at(NOW);
    await expect(w.asBrand.transferCampaign(w.campaignId, w.stranger.address))
      .to.emit(w.programs, "BrandTransferAnnounced")
      .withArgs(w.campaignId, w.brand.address, w.stranger.address, NOW + NOTICE);
    await at(NOW + NOTICE - 1);
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "TransferNotMature")
      .withArgs(NOW + NOTICE - 1, NOW + NOTICE);
    await w.asBrand.transferCampaign(w.campaignId, ZeroAddress);
    await at(NOW + NOTICE + DAY);
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId)).to.be.revertedWithCustomError(
      w.programs,
      "NotPendingBrand",
    );
  });

  it("whose key is stolen loses at most the daily limit a day to a kind and an offer of the thief's", async () => {
    // Honest attesters are shown one honest conversion; the offer for the thief's kind makes it dear.
    const w = await loadFixture(() => liveWith(() => ({ dailyLimit: LIMIT })));
    await at(NOW);
    await w.asBrand.setKinds(w.campaignId, [w.stranger.address], 1n << 9n);
    await w.asBrand.appendOffer(w.campaignId, offer({ kind: 9, flatAmount: BUDGET / 2n, rateBps: 0, capUnits: 0 }));
    const lines = [{ ...signup(w.stranger, 1), offerId: 3 }];
    const dear = BUDGET / 2n + BUDGET / 40n;
    const tree = treeOf(lines, () => dear);
    const batch = attestation(w, {
      lines,
      conversions: 1,
      linesRoot: tree.root,
      total: tree.total,
      periodFrom: NOW + 60,
      periodTo: NOW + 120,
    });
    await at(NOW + 180);
    await expect(attest(w, batch))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, dear, LIMIT);
  });

  it("stops what is not attested for one notice at most, and then not for as long", async () => {
    const w = await loadFixture(live);
    await at(NOW);
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + NOTICE);
    await attest(w, attestation(w, { deadline: NOW + 2 * NOTICE }));
    await expect(w.asBrand.suspend(w.campaignId)).to.be.revertedWithCustomError(w.programs, "SuspensionTooSoon");
  });
});

describe("attesters", () => {
  it("fewer than m of them attest nothing", async () => {
    const w = await loadFixture(live);
    await at(NOW);
    await expect(attest(w, attestation(w), [1]))
      .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
      .withArgs(2, 1);
  });

  it("take nothing back once the hold is over, and nobody else ever", async () => {
    const w = await loadFixture(attested);
    const target = sale(w.alice, 0, 0n);
    await at(NOW + HOLD);
    await expect(reverse(w, reversal(w, [target]), w.lines, [0])).to.be.revertedWithCustomError(w.programs, "HoldOver");
  });

  it("may be one key behind two contracts: two members by address are not two by person", async () => {
    const key = new Wallet(id("one key"));
    const w = await loadFixture(() =>
      liveWith(async (d) => {
        const wallets = [1, 2].map(() => new Wallet1271__factory(d.brand).deploy(key.address));
        const members = await Promise.all(
          (await Promise.all(wallets)).map(async (one) => ({ address: await one.getAddress() })),
        );
        return { attesters: ascending(members).map(({ address }) => address), threshold: 2 };
      }),
    );
    await at(NOW);
    const batch = attestation(w);
    const { types, message } = attestationTypedData(batch);
    const signature = await key.signTypedData(w.domain, types, message);
    const lines = treeOf(batch.lines).chunk(0, 8).lines;
    await w.programs.attest(
      body(batch),
      [...lines],
      [0, 1].map((attester) => ({ attester, signature })),
    );
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(batch.total);
    // What can be seen of it: that both are contracts.
    expect((await w.lens.overview(w.campaignId)).contractAttesters).to.equal(3n);
  });

  it("of two offers may pay one conversion under each: how many lines a number stands in is not seen", async () => {
    const w = await loadFixture(live);
    await at(NOW);
    const lines = [sale(w.alice, 1, 100n), signup(w.alice, 1)];
    await attest(w, attestation(w, { conversions: 1, lines }));
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(worth(...lines).total);
  });
});

describe("what a line is worth", () => {
  it("below a base unit depends on how conversions are grouped", () => {
    const rate = { flatAmount: 0n, rateBps: 5_000 };
    const of = (count: number, volumeUnits: bigint) =>
      commissionOfLineDown({ offerId: 1, partner: ZeroAddress, count, volumeUnits }, rate, {
        unitExponent: 0,
        feeBps: 0,
      });
    expect(of(1, 1n).commission + of(1, 1n).commission).to.equal(0n);
    expect(of(2, 2n).commission).to.equal(1n);
  });

  it("cannot be offered under a name that only looks like another", async () => {
    const w = await loadFixture(live);
    for (const name of ["sale\0\x01", "sale ", " sale", "säle"]) {
      const bytes = new Uint8Array(24);
      bytes.set(new TextEncoder().encode(name));
      await expect(
        w.asBrand.appendOffer(w.campaignId, offer({ kind: 1, eventName: bytes })),
      ).to.be.revertedWithCustomError(w.programs, "InvalidEventName");
    }
    await w.asBrand.appendOffer(w.campaignId, offer({ kind: 1, eventName: eventName("sale") }));
  });
});

describe("the relayer, or whoever carries", () => {
  it("carries, releases and pushes without any right of its own", async () => {
    const w = await loadFixture(attested);
    await at(NOW + HOLD);
    const { lines, path } = treeOf(w.lines).chunk(0, 8);
    await w.programs.connect(w.stranger).release(w.body, 0, path, [...lines]);
    const line = w.lines[0];
    if (line === undefined) throw new Error("no line");
    await expect(w.programs.connect(w.stranger).payOut(w.alice.address, [w.tokenAddress])).to.changeTokenBalances(
      ethers,
      w.token,
      [w.alice, w.stranger],
      [worth(line).commission, 0n],
    );
  });
});

describe("the deployer", () => {
  it("has no function, and no code by which anything could be changed or destroyed", async () => {
    const w = await loadFixture(live);
    for (const word of [/owner\b/i, /upgrade/i, /pause/i, /admin/i, /initialize/i])
      w.programs.interface.forEachFunction(({ name }) => expect(name).to.not.match(word));
    const code = getBytes(await ethers.provider.getCode(w.programsAddress));
    const forbidden = new Map([
      [0xf2, "CALLCODE"],
      [0xf4, "DELEGATECALL"],
      [0xff, "SELFDESTRUCT"],
    ]);
    // Up to what the compiler says of itself at the end; what is pushed is data.
    const end = code.length - 2 - (((code.at(-2) ?? 0) << 8) | (code.at(-1) ?? 0));
    const found: string[] = [];
    for (let i = 0; i < end; i++) {
      const operation = code[i] ?? 0;
      const name = forbidden.get(operation);
      if (name !== undefined) found.push(`${name} at ${i}`);
      if (operation >= 0x60 && operation <= 0x7f) i += operation - 0x5f;
    }
    expect(found).to.deep.equal([]);
  });
});
