import { type Line, packLine } from "@partner-programs/protocol/line";
import { lineLeaf, lineProof, lineTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { toBeHex, ZeroHash } from "ethers";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import { RefusingReceiver__factory } from "#typechain/factories/mocks/RefusingReceiver__factory.ts";
import {
  type Attested,
  at,
  attested,
  attestedWith,
  BUDGET,
  ethers,
  eventsOf,
  HOLD,
  HOUR,
  loadFixture,
  NATIVE,
  NOTICE,
  NOW,
  reversal,
  reverse,
  sale,
  stateOf,
  terms,
  time,
  worth,
} from "../support/programs.ts";

const RELEASE = NOW + HOLD;

describe("pull", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    await at(RELEASE);
  });
  const pull = (index = 0, lines: readonly Line[] = w.lines) =>
    w.programs.pull(w.campaignId, w.attestation, lineProof(lines, index));
  const creditOf = (owner: { address: string }) => w.programs.creditOf(owner.address, w.tokenAddress);
  const released = async () => (await w.programs.batch(w.campaignId, w.attestation)).released;

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.programs.pull(ZeroHash, w.attestation, lineProof(w.lines, 0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    await expect(w.programs.pull(w.campaignId, ZeroHash, lineProof(w.lines, 0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, ZeroHash);
  });

  it("in the last second of the hold, it should revert with HoldNotOver", async () => {
    await at(RELEASE - 1);
    await expect(pull())
      .to.be.revertedWithCustomError(w.programs, "HoldNotOver")
      .withArgs(RELEASE - 1, RELEASE);
  });

  for (const index of [2, 7]) {
    it(`when index ${index} is beyond the lines, it should revert with UnknownLine`, async () => {
      await expect(w.programs.pull(w.campaignId, w.attestation, { ...lineProof(w.lines, 0), index }))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(index, 2);
    });
  }

  it("when the line is larger than the batch's, it should revert with LinesDifferFromBatch", async () => {
    const larger = [{ ...alice, volumeUnits: alice.volumeUnits + 1n }, bob];
    await expect(pull(0, larger))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(lineTree(w.lines).root, lineTree(larger).root);
  });

  it("when the proof is missing, it should revert with LinesDifferFromBatch", async () => {
    await expect(w.programs.pull(w.campaignId, w.attestation, { ...lineProof(w.lines, 0), proof: [] }))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(lineTree(w.lines).root, lineLeaf(0, alice));
  });

  it("given the line was pulled, it should revert with LineReleasedAlready", async () => {
    await pull();
    await expect(pull()).to.be.revertedWithCustomError(w.programs, "LineReleasedAlready").withArgs(w.attestation, 0);
  });

  it("given the line was released, it should revert with LineReleasedAlready", async () => {
    await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), [1]);
    await expect(pull(1)).to.be.revertedWithCustomError(w.programs, "LineReleasedAlready").withArgs(w.attestation, 1);
  });

  describe("given the partner opted out of pushes", () => {
    beforeEach(async () => {
      await w.programs.connect(w.alice).setPayOutOptOut(true);
    });

    it("when another pulls, it should revert with OptedOut", async () => {
      await expect(pull()).to.be.revertedWithCustomError(w.programs, "OptedOut").withArgs(w.alice.address);
    });

    it("given the line was pulled, when another pulls, it should revert with LineReleasedAlready", async () => {
      await w.programs.connect(w.alice).pull(w.campaignId, w.attestation, lineProof(w.lines, 0));
      await expect(pull()).to.be.revertedWithCustomError(w.programs, "LineReleasedAlready").withArgs(w.attestation, 0);
    });

    it("when the partner pulls, it should pay", async () => {
      const asAlice = w.programs.connect(w.alice);
      await expect(asAlice.pull(w.campaignId, w.attestation, lineProof(w.lines, 0))).to.emit(w.programs, "Pulled");
    });

    it("when another pulls another's line, it should pay", async () => {
      await expect(pull(1)).to.emit(w.programs, "Pulled");
    });

    it("when another releases the line, it should credit it", async () => {
      await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), [0]);
      expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
    });
  });

  describe("when anyone pulls", () => {
    it("it should pay the partner at once, past its credit", async () => {
      const { commission } = worth(alice);
      const pulled = pull();
      await expect(pulled).to.changeTokenBalances(ethers, w.token, [w.programs, w.alice], [-commission, commission]);
      await expect(pulled)
        .to.emit(w.programs, "Pulled")
        .withArgs(w.campaignId, w.attestation, w.alice.address, 0, commission, worth(alice).fee);
      expect(await creditOf(w.alice)).to.equal(0);
    });

    it("it should credit the operator, mark the line and take both from what is reserved", async () => {
      const before = await stateOf(w);
      await pull();
      expect(await creditOf(w.operator)).to.equal(worth(alice).fee);
      expect(await released()).to.deep.equal([1n, 0n]);
      expect(await stateOf(w)).to.deep.equal({ ...before, reserved: worth(bob).total });
    });

    it("it should emit Pulled before the tokens move", async () => {
      expect(await eventsOf(w, pull())).to.deep.equal(["Pulled", "Transfer"]);
    });

    it("it should leave the partner's earlier credit", async () => {
      await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), [1]);
      await pull();
      expect(await creditOf(w.bob)).to.equal(worth(bob).commission);
    });

    it("it should return the commission", async () => {
      await time.increaseTo(RELEASE);
      const commission = await w.programs.pull.staticCall(w.campaignId, w.attestation, lineProof(w.lines, 1));
      expect(commission).to.equal(worth(bob).commission);
    });
  });

  it("given the line was reversed to nothing, it should mark it and pay nothing", async () => {
    const lines = [{ ...alice, count: 0, volumeUnits: 0n }, bob];
    await at(NOW + HOUR);
    await reverse(w, reversal(w, lines.slice(0, 1)), w.lines, [0]);
    await at(RELEASE);
    const pulled = pull(0, lines);
    await expect(pulled).to.emit(w.programs, "Pulled").withArgs(w.campaignId, w.attestation, w.alice.address, 0, 0, 0);
    await expect(pulled).to.not.emit(w.token, "Transfer");
    expect(await released()).to.deep.equal([1n, 0n]);
  });

  it("given the campaign is final, it should pay all the same", async () => {
    await at(NOW + HOUR);
    await w.asBrand.closeCampaign(w.campaignId);
    await at(NOW + 3 * NOTICE);
    await w.asBrand.withdraw(w.campaignId, w.brand.address);
    await expect(pull()).to.changeTokenBalance(ethers, w.token, w.alice, worth(alice).commission);
  });

  it("given 512 lines, it should mark each for itself, whichever word its mark stands in", async () => {
    const partner = (i: number) => ({ address: toBeHex(1_000 + i, 20) });
    const lines = Array.from({ length: 512 }, (_, i) => sale(partner(i), 1, BigInt(1_000 + i)));
    const largest = () =>
      attestedWith(
        () => ({}),
        () => ({ lines, conversions: 512 }),
      );
    w = await loadFixture(largest);
    await at(RELEASE);
    const words = [0n, 0n];
    for (const i of [0, 183, 184, 255, 256, 511]) {
      await pull(i);
      words[i >> 8] = (words[i >> 8] ?? 0n) | (1n << BigInt(i & 255));
      expect(await released(), `line ${i}`).to.deep.equal(words);
      expect(await w.token.balanceOf(partner(i).address)).to.equal(worth(lines[i] as Line).commission);
      await expect(pull(i), `line ${i} again`)
        .to.be.revertedWithCustomError(w.programs, "LineReleasedAlready")
        .withArgs(w.attestation, i);
    }
  });

  describe("given the native coin", () => {
    it("it should pay the partner in coins", async () => {
      const native = () => attestedWith((d) => ({ terms: terms(d, { token: NATIVE }) }));
      w = await loadFixture(native);
      await at(RELEASE);
      const { commission } = worth(alice);
      await expect(pull()).to.changeEtherBalances(ethers, [w.programs, w.alice], [-commission, commission]);
      expect(await w.programs.creditOf(w.operator.address, NATIVE)).to.equal(worth(alice).fee);
    });

    it("when the partner refuses coins, it should revert with NativeTransferFailed, and release still credit it", async () => {
      let address = "";
      const refusing = () =>
        attestedWith(
          async (d) => {
            address = await (await new RefusingReceiver__factory(d.relayer).deploy()).getAddress();
            return { terms: terms(d, { token: NATIVE }) };
          },
          () => ({ lines: [sale({ address }, 3, 0n)] }),
        );
      w = await loadFixture(refusing);
      const line = w.lines[0] as Line;
      await at(RELEASE);
      await expect(pull())
        .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
        .withArgs(address, worth(line).commission);
      await w.programs.release(w.campaignId, w.attestation, [packLine(line)], []);
      expect(await w.programs.creditOf(address, NATIVE)).to.equal(worth(line).commission);
    });
  });

  it("given the token blocks the partner, it should revert with its error, and release still credit it", async () => {
    const blocking = async () =>
      attestedWith(async (d) => {
        const token = await new BlockingToken__factory(d.brand).deploy();
        await token.mint(d.brand.address, BUDGET);
        await token.approve(d.programsAddress, BUDGET);
        return { terms: terms(d, { token: await token.getAddress() }) };
      });
    w = await loadFixture(blocking);
    const { token: address } = await w.programs.termsOf(w.campaignId);
    const token = BlockingToken__factory.connect(address, w.brand);
    await token.setBlocked(w.alice.address, true);
    await at(RELEASE);
    await expect(pull()).to.be.revertedWithCustomError(token, "Blocked").withArgs(w.alice.address);
    await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), []);
    expect(await w.programs.creditOf(w.alice.address, address)).to.equal(worth(alice).commission);
  });
});
