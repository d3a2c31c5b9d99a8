import type { Line } from "@partner-programs/protocol/line";
import { attestationTypedData } from "@partner-programs/protocol/typedData";

import { expect } from "chai";
import { id, ZeroAddress } from "ethers";
import {
  beside,
  type Call,
  calls,
  claimOrder,
  eitherOrder,
  everything,
  honestStillPays,
  race,
  releasing,
} from "../../support/hostile.ts";
import {
  at,
  attestation,
  attestationDigest,
  attested,
  attesters,
  type Batch,
  BUDGET,
  body,
  DAY,
  given,
  HOLD,
  HOUR,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  reversal,
  sale,
  sign,
  time,
  treeOf,
  worth,
} from "../../support/programs.ts";

const RELEASE = NOW + HOLD;
const [, second, third] = attesters;
const DONE = ["done", "done"];

describe("two transactions in one block", () => {
  /** The usual batch is attested at NOW. */
  const world = async () => beside(await attested());
  let w: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    w = await loadFixture(world);
  });
  afterEach(() => honestStillPays(w));

  const by = (from: Call["from"], name: string, ...values: unknown[]): Call => ({
    from,
    data: w.programs.interface.encodeFunctionData(name as "claim", values as never),
  });
  const byBrand = (name: string, ...values: unknown[]) => by(w.brand, name, ...values);
  /** The next batch, of a period that ends at `to`. */
  const next = (to: number, overrides: Partial<Batch> = {}) =>
    attestation(w, { firstConversion: 4n, periodFrom: to - HOUR, periodTo: to, deadline: to + 30 * DAY, ...overrides });
  const attest = async (a: Batch, signers?: readonly number[]): Promise<Call> => ({
    from: w.relayer,
    data: await calls(w).attest(a, signers),
  });
  const again = ({ from, data: given }: Call) => from.sendTransaction({ to: w.programsAddress, data: given });
  const campaign = () => w.lens.campaign(w.campaignId);
  /** What the usual batch, attested once more, takes from the budget. */
  const TOTAL = 3_287_813n;
  const total = () => worth(...w.lines).total;

  describe("attest against the brand", () => {
    const T = NOW + DAY;

    describe("when the budget is withdrawn", () => {
      const MATURE = NOW + 60 + NOTICE;
      let withdraw: Call;
      let carried: Call;
      beforeEach(async () => {
        await at(NOW + 60);
        await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - TOTAL);
        withdraw = byBrand("withdraw", w.campaignId, w.brand.address);
        carried = await attest(next(MATURE));
      });

      it("before it, attest should fail, and be good once there is money", async () => {
        const { outcomes, after } = await race(w, MATURE, [withdraw, carried]);
        expect(outcomes).to.deep.equal(["done", ["InsufficientBudget", w.campaignId, TOTAL, 0n]]);
        expect(after.state.reserved).to.equal(TOTAL);
        await w.asBrand.fund(w.campaignId, TOTAL);
        await again(carried);
        const { available, reserved, nextConversion } = await campaign();
        expect([available, reserved, nextConversion]).to.deep.equal([0n, 2n * TOTAL, 7n]);
      });

      it("after it, the brand should get what is left", async () => {
        const { outcomes, after } = await race(w, MATURE, [carried, withdraw]);
        expect(outcomes).to.deep.equal(DONE);
        expect([after.state.available, after.state.reserved]).to.deep.equal([0n, 2n * TOTAL]);
        expect(await w.token.balanceOf(w.programsAddress)).to.equal(2n * TOTAL);
      });
    });

    it("when the campaign is closed, either order should come to the same", async () => {
      const [ab, ba] = await eitherOrder(w, T, [byBrand("closeCampaign", w.campaignId), await attest(next(T))]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
    });

    for (const [which, seconds, expected] of [
      ["in the last second", -1, ["done", "NoWithdrawal"]],
      ["once it is final", 0, ["CampaignClosed", "done"]],
    ] as const) {
      it(`when the rest of a closed campaign is withdrawn ${which}, only one can happen, in either order`, async () => {
        await at(NOW + 60);
        await w.asBrand.closeCampaign(w.campaignId);
        const { closesAt, finalAt } = await campaign();
        const pair = [
          await attest(next(Number(closesAt))),
          byBrand("withdraw", w.campaignId, w.brand.address),
        ] as const;
        const [ab, ba] = await eitherOrder(w, Number(finalAt) + seconds, pair);
        const named = (outcome: unknown) => (Array.isArray(outcome) ? outcome[0] : outcome);
        expect(ab.outcomes.map(named)).to.deep.equal(expected);
        expect(ba.outcomes.map(named)).to.deep.equal([...expected].reverse());
        expect(ab.after).to.deep.equal(ba.after);
      });
    }

    describe("when the campaign is suspended", () => {
      it("before it, attest should fail, and be good once the brand resumes", async () => {
        const carried = await attest(next(T));
        const { outcomes } = await race(w, T, [byBrand("suspend", w.campaignId), carried]);
        expect(outcomes).to.deep.equal(["done", ["CampaignSuspended", w.campaignId, BigInt(T + NOTICE)]]);
        await w.asBrand.resume(w.campaignId);
        await again(carried);
        expect((await campaign()).nextConversion).to.equal(7);
      });

      it("before it, attest should be good also if the brand never resumes", async () => {
        const carried = await attest(next(T));
        await race(w, T, [byBrand("suspend", w.campaignId), carried]);
        await at(T + NOTICE);
        await again(carried);
        expect((await campaign()).nextConversion).to.equal(7);
      });

      it("after it, the batch should stand, and be released during the suspension", async () => {
        const { outcomes } = await race(w, T, [await attest(next(T)), byBrand("suspend", w.campaignId)]);
        expect(outcomes).to.deep.equal(DONE);
        await at(T + HOLD);
        await w.programs.release(...releasing(next(T)));
        expect((await campaign()).reserved).to.equal(TOTAL);
      });
    });

    describe("when the campaign is resumed", () => {
      beforeEach(async () => {
        await at(NOW + 60);
        await w.asBrand.suspend(w.campaignId);
      });

      it("before it, attest should succeed", async () => {
        const { outcomes } = await race(w, T, [byBrand("resume", w.campaignId), await attest(next(T))]);
        expect(outcomes).to.deep.equal(DONE);
      });

      it("after it, attest should fail, and be good right after", async () => {
        const carried = await attest(next(T));
        const { outcomes } = await race(w, T, [carried, byBrand("resume", w.campaignId)]);
        expect(outcomes).to.deep.equal([["CampaignSuspended", w.campaignId, BigInt(NOW + 60 + NOTICE)], "done"]);
        await again(carried);
        expect((await campaign()).nextConversion).to.equal(7);
      });
    });

    describe("when the attesters are replaced", () => {
      const IN_FORCE = NOW + 60 + NOTICE;
      const announce = () => byBrand("announceAttesters", w.campaignId, 1, [third.address]);
      /** The third alone signs, as the only member of the new set. */
      const byNew = async (a: Batch): Promise<Call> => {
        const [signature] = await sign(w, attestationTypedData(a), [2]);
        return {
          from: w.relayer,
          data: calls(w).data("attest", [...given(a), [{ attester: 0, signature: signature?.signature ?? "0x" }]]),
        };
      };

      it("by an announcement, either order should come to the same", async () => {
        const [ab, ba] = await eitherOrder(w, T, [announce(), await attest(next(T))]);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
      });

      it("in the second in which the new set is in force, what it signed should win over the old, in either order", async () => {
        await at(NOW + 60);
        await again(announce());
        const [old, signed] = [next(IN_FORCE, { conversionsRoot: id("old") }), next(IN_FORCE)];
        const [ab, ba] = await eitherOrder(w, IN_FORCE, [await attest(old), await byNew(signed)]);
        // The old set's signature comes first under index 0, which is the third's now.
        expect(ab.outcomes).to.deep.equal([["InvalidSignature", third.address, attestationDigest(w, old)], "done"]);
        expect(ba.outcomes).to.deep.equal(["done", ["ConversionOutOfOrder", w.campaignId, 7n, 4n]]);
        expect(ab.after).to.deep.equal(ba.after);
      });

      it("in the second before, what the old set signed should win, in either order", async () => {
        await at(NOW + 60);
        await again(announce());
        const to = IN_FORCE - 1;
        const [old, signed] = [next(to, { conversionsRoot: id("old") }), next(to)];
        const [ab, ba] = await eitherOrder(w, to, [await attest(old), await byNew(signed)]);
        expect(ab.outcomes).to.deep.equal(["done", ["ConversionOutOfOrder", w.campaignId, 7n, 4n]]);
        expect(ba.outcomes).to.deep.equal([["TooFewSignatures", 2n, 1n], "done"]);
        expect(ab.after).to.deep.equal(ba.after);
      });

      it("in the second in which it is in force, another announcement should not void it, in either order", async () => {
        await at(NOW + 60);
        await again(announce());
        const replace = byBrand("announceAttesters", w.campaignId, 1, [second.address]);
        const [ab, ba] = await eitherOrder(w, IN_FORCE, [replace, await byNew(next(IN_FORCE))]);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
        expect((await w.lens.attesterSet(w.campaignId, 2)).members).to.deep.equal([second.address]);
      });

      it("when another announcement comes a second before, the first set should never be in force", async () => {
        await at(NOW + 60);
        await again(announce());
        const carried = await byNew(next(IN_FORCE - 1));
        const replace = byBrand("announceAttesters", w.campaignId, 1, [second.address]);
        const [ab, ba] = await eitherOrder(w, IN_FORCE - 1, [replace, carried]);
        const expected = ["TooFewSignatures", 2n, 1n];
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([
          ["done", expected],
          [expected, "done"],
        ]);
        await expect(again(carried)).to.be.revertedWithCustomError(w.programs, "TooFewSignatures").withArgs(2, 1);
        await again(await attest(next(IN_FORCE - 1)));
        expect((await campaign()).nextConversion).to.equal(7);
      });
    });

    it("when its offer is retired, either order should come to the same, and the period still be payable", async () => {
      const [ab, ba] = await eitherOrder(w, T, [byBrand("retireOffer", w.campaignId, 1), await attest(next(T))]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
      expect((await w.lens.offer(w.campaignId, 1)).validTo).to.equal(T + NOTICE);
    });

    it("when its offer's successor is published, either order should come to the same", async () => {
      await at(NOW + 60);
      await w.asBrand.retireOffer(w.campaignId, 1);
      const ends = NOW + 60 + NOTICE;
      const append = byBrand("appendOffer", w.campaignId, offer({ validFrom: ends, flatAmount: 1n }));
      const [ab, ba] = await eitherOrder(w, ends, [append, await attest(next(ends))]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect({ ...ab.after.state, offerCount: 3n }).to.deep.equal(ba.after.state);
      expect(ba.after.state.reserved).to.equal(2n * TOTAL);
    });

    describe("when a partner's kinds change", () => {
      it("and one is taken, either order should come to the same", async () => {
        const take = byBrand("setKinds", w.campaignId, [w.alice.address], 0);
        const [ab, ba] = await eitherOrder(w, T, [take, await attest(next(T))]);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
      });

      it("and one is given, it should pay for periods that end later only, in either order", async () => {
        await at(NOW + 60);
        await w.asBrand.appendOffer(w.campaignId, offer({ kind: 4 }));
        const line = { ...sale(w.alice, 3, 0n), offerId: 3 };
        const tree = treeOf([line], () => worth(sale(w.alice, 3, 0n)).total);
        const batch = (overrides: Partial<Batch>) =>
          next(T, { lines: [line], linesRoot: tree.root, total: tree.total, ...overrides });
        const give = byBrand("setKinds", w.campaignId, [w.alice.address], 1 << 4);
        const [ab, ba] = await eitherOrder(w, T, [give, await attest(batch({}))]);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
        const later = batch({ firstConversion: 7n, periodTo: T + 1 });
        await at(T + 1);
        await again(await attest(later));
        await at(T + 1 + HOLD);
        for (const signed of [batch({}), later]) {
          const { first, path, lines } = tree.chunk(0);
          await w.programs.release(body(signed), first, path, [...lines]);
        }
        expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(3_000_000n);
        expect((await campaign()).available).to.equal(BUDGET - TOTAL - tree.total);
      });
    });

    describe("when the daily limit changes", () => {
      for (const [what, limit] of [
        ["lowered", 1n],
        ["raised", TOTAL],
      ] as const) {
        it(`and ${what} is announced, either order should come to the same for the money`, async () => {
          const announce = byBrand("announceDailyLimit", w.campaignId, limit);
          const [ab, ba] = await eitherOrder(w, T, [announce, await attest(next(T))]);
          expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
          const money = ({ state }: typeof ab.after) => [state.available, state.reserved, state.nextDailyLimit];
          expect(money(ab.after)).to.deep.equal(money(ba.after));
          // Only a campaign with a limit counts what it spends: before the announcement it had none.
          expect([ab.after.state.spent, ba.after.state.spent]).to.deep.equal([TOTAL, 0n]);
        });
      }

      it("and is raised while a lower one is in force, attest should fail until the notice is over, in either order", async () => {
        await at(NOW + 60);
        await w.asBrand.announceDailyLimit(w.campaignId, TOTAL - 1n);
        const lowered = NOW + 60 + NOTICE;
        const carried = await attest(next(lowered));
        const raise = byBrand("announceDailyLimit", w.campaignId, TOTAL);
        const [ab, ba] = await eitherOrder(w, lowered, [raise, carried]);
        const exceeded = ["DailyLimitExceeded", w.campaignId, TOTAL, TOTAL - 1n];
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([
          ["done", exceeded],
          [exceeded, "done"],
        ]);
        expect(ab.after).to.deep.equal(ba.after);
        await at(lowered + NOTICE - 1);
        await expect(again(carried)).to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded");
        await at(lowered + NOTICE);
        await again(carried);
        expect((await campaign()).reserved).to.equal(2n * TOTAL);
      });
    });

    it("when the campaign changes hands, either order should come to the same", async () => {
      await at(NOW + 60);
      await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
      const accept = by(w.stranger, "acceptCampaign", w.campaignId);
      const due = NOW + 60 + NOTICE;
      const [ab, ba] = await eitherOrder(w, due, [accept, await attest(next(due))]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
    });
  });

  describe("attest against attest", () => {
    const T = NOW + DAY;
    const one = () => next(T);
    const two = () => next(T, { conversions: 1, lines: [sale(w.bob, 1, 9n)] });

    for (const [which, pair] of [
      ["the first", () => [one(), two()] as const],
      ["the second", () => [two(), one()] as const],
    ] as const) {
      it(`when two batches begin with one number, ${which} should win, and the other be good under the next number`, async () => {
        const [winner, loser] = pair();
        const { outcomes } = await race(w, T, [await attest(winner), await attest(loser)]);
        const following = 4n + BigInt(winner.conversions);
        expect(outcomes).to.deep.equal(["done", ["ConversionOutOfOrder", w.campaignId, following, 4n]]);
        await again(await attest({ ...loser, firstConversion: following }));
        const { nextConversion, reserved } = await campaign();
        expect([nextConversion, reserved]).to.deep.equal([8n, TOTAL + worth(...one().lines, ...two().lines).total]);
      });
    }

    it("when one batch is carried twice, it should be booked once", async () => {
      const [ab] = await eitherOrder(w, T, [await attest(one()), await attest(one(), [1, 2])]);
      expect(ab.outcomes).to.deep.equal(["done", ["ConversionOutOfOrder", w.campaignId, 7n, 4n]]);
      expect(ab.after.state.reserved).to.equal(2n * TOTAL);
    });

    it("when two batches follow each other, they should stand in the order of their numbers only", async () => {
      const follows = { ...two(), firstConversion: 7n };
      const [ab, ba] = await eitherOrder(w, T, [await attest(one()), await attest(follows)]);
      expect(ab.outcomes).to.deep.equal(DONE);
      expect(ba.outcomes).to.deep.equal([["ConversionOutOfOrder", w.campaignId, 4n, 7n], "done"]);
      await again(await attest(follows));
      expect((await everything(w)).state).to.deep.equal(ab.after.state);
    });
  });

  describe("reverse", () => {
    const reverse = async (target: Line, current: readonly Line[] = w.lines, index = 0): Promise<Call> => {
      const r = reversal(w, [target]);
      return { from: w.relayer, data: await calls(w).reverse({ ...w.batch, lines: current }, r, [index]) };
    };
    const release = (lines: readonly Line[] = w.lines): Call => ({
      from: w.stranger,
      data: calls(w).release(w, lines),
    });
    const refunded = () => sale(w.alice, 1, 60_000n);

    it("in the second in which the hold is over, release should win, in either order", async () => {
      const [ab, ba] = await eitherOrder(w, RELEASE, [await reverse(refunded()), release()]);
      const over = ["HoldOver", BigInt(RELEASE), BigInt(RELEASE)];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        [over, "done"],
        ["done", over],
      ]);
      expect(ab.after).to.deep.equal(ba.after);
      expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(2_125_000n);
    });

    it("in the second before, the reversal should win, in either order, and the rest be released", async () => {
      const [ab, ba] = await eitherOrder(w, RELEASE - 1, [await reverse(refunded()), release()]);
      const early = ["HoldNotOver", BigInt(RELEASE - 1), BigInt(RELEASE)];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        ["done", early],
        [early, "done"],
      ]);
      expect(ab.after).to.deep.equal(ba.after);
      await expect(again(release())).to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch");
      await again(release([refunded(), ...w.lines.slice(1)]));
      expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(worth(refunded()).commission);
    });

    describe("when two reversals are prepared against the same lines", () => {
      const T = NOW + HOUR;
      const bobs = () => ({ ...(w.lines[1] as Line), count: 0, volumeUnits: 0n });

      it("of two lines, the second should fail by its proof, and carried again come to the same in either order", async () => {
        const [a, b] = [await reverse(refunded()), await reverse(bobs(), w.lines, 1)];
        const before = await race(w, T, [a, b]);
        expect(before.outcomes[0]).to.equal("done");
        expect((before.outcomes[1] as unknown[])[0]).to.equal("LinesDifferFromBatch");
        await again(await reverse(bobs(), [refunded(), w.lines[1] as Line], 1));
        const ab = await everything(w);

        w = await loadFixture(world);
        const after = await race(w, T, [b, a]);
        expect((after.outcomes[1] as unknown[])[0]).to.equal("LinesDifferFromBatch");
        await again(await reverse(refunded(), [w.lines[0] as Line, bobs()], 0));
        expect(await everything(w)).to.deep.equal(ab);
        expect(ab.state.reserved).to.equal(worth(refunded()).total);
      });

      it("of one line to different targets, both should lower it, in either order to the smaller of each", async () => {
        const [lower, fewer] = [sale(w.alice, 2, 10n), sale(w.alice, 1, 100_000n)];
        const [a, b] = [await reverse(lower), await reverse(fewer)];
        await race(w, T, [a, b]);
        await again(await reverse(fewer, [lower, w.lines[1] as Line]));
        const ab = await everything(w);

        w = await loadFixture(world);
        await race(w, T, [b, a]);
        await again(await reverse(lower, [fewer, w.lines[1] as Line]));
        expect(await everything(w)).to.deep.equal(ab);
        expect(ab.state.reserved).to.equal(worth(sale(w.alice, 1, 10n), w.lines[1] as Line).total);
      });
    });

    it("when a batch needs what it returns, attest should fail before it, and be good after it", async () => {
      await at(NOW + 60);
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - TOTAL);
      await at(NOW + 60 + NOTICE);
      await w.asBrand.withdraw(w.campaignId, w.brand.address);
      const now = await time.latest();
      const line = sale(w.alice, 1, 0n);
      await w.asBrand.fund(w.campaignId, worth(line).total);
      const held = next(now, { conversions: 1, lines: [line] });
      await again(await attest(held));
      const T = now + HOUR;
      const r = reversal(w, [{ ...line, count: 0 }], { attestation: attestationDigest(w, held) });
      const give: Call = { from: w.relayer, data: await calls(w).reverse(held, r, [0]) };
      const carried = await attest(next(T, { firstConversion: 5n, conversions: 1, lines: [line] }));
      const [ab, ba] = await eitherOrder(w, T, [give, { ...carried, from: w.stranger }]);
      expect(ab.outcomes).to.deep.equal(DONE);
      expect(ba.outcomes).to.deep.equal([["InsufficientBudget", w.campaignId, worth(line).total, 0n], "done"]);
      await again(carried);
      expect((await everything(w)).state).to.deep.equal(ab.after.state);
    });
  });

  describe("release and pull", () => {
    const T = RELEASE;
    const pull = (from: Call["from"], index = 0): Call => ({
      from,
      data: calls(w).pull(w, index),
    });
    const release = (first?: number): Call => ({
      from: w.stranger,
      data: first === undefined ? calls(w).release(w) : calls(w).release(w, w.lines, first, 0),
    });
    /** What Alice has, in her hand and as credit. */
    const has = async () =>
      (await w.token.balanceOf(w.alice.address)) + (await w.lens.creditOf(w.alice.address, w.tokenAddress));

    it("when the same line is released and pulled, it should be hers once, in either order", async () => {
      const [ab, ba] = await eitherOrder(w, T, [release(), pull(w.relayer)]);
      expect(ab.outcomes).to.deep.equal(["done", ["NothingToPay", w.alice.address]]);
      expect(ba.outcomes).to.deep.equal(DONE);
      expect(await has()).to.equal(2_125_000n);
      expect([ab.after.state, ab.after.settled]).to.deep.equal([ba.after.state, ba.after.settled]);
      expect(ab.after.state.reserved).to.equal(0);
    });

    it("when two pull the same line, it should be paid once", async () => {
      const [ab, ba] = await eitherOrder(w, T, [pull(w.relayer), pull(w.alice)]);
      const already = ["NothingToPay", w.alice.address];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        ["done", already],
        ["done", already],
      ]);
      expect(ab.after).to.deep.equal(ba.after);
      expect(await has()).to.equal(2_125_000n);
    });

    for (const [what, pair] of [
      ["two pull different lines", () => [pull(w.relayer, 0), pull(w.stranger, 1)] as const],
      ["two release the same lines", () => [release(), { ...release(), from: w.relayer }] as const],
      ["two release different lines", () => [release(0), { ...release(1), from: w.relayer }] as const],
      ["one releases a line and another pulls the other", () => [release(0), pull(w.relayer, 1)] as const],
    ] as const) {
      it(`when ${what}, either order should come to the same`, async () => {
        const [ab, ba] = await eitherOrder(w, T, pair());
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
        expect(await w.token.balanceOf(w.programsAddress)).to.be.at.least(ab.after.state.available as bigint);
      });
    }

    it("when its partner opts out, a pull by another should be paid before it, and fail after it, the line waiting", async () => {
      const optOut = by(w.alice, "setPayOutOptOut", true);
      const [ab, ba] = await eitherOrder(w, T, [optOut, pull(w.relayer)]);
      expect(ab.outcomes).to.deep.equal(["done", ["OptedOut", w.alice.address]]);
      expect(ba.outcomes).to.deep.equal(DONE);
      expect(ab.after.state.reserved).to.equal(total());
      expect(await w.token.balanceOf(w.alice.address)).to.equal(2_125_000n);
    });
  });

  describe("claims", () => {
    const T = RELEASE + DAY;
    const ALICE = 2_125_000n;
    beforeEach(async () => {
      await at(RELEASE);
      await w.programs.release(...releasing(w));
    });
    const order = async (from: Call["from"], overrides: Parameters<typeof claimOrder>[3] = {}): Promise<Call> => {
      const signed = await claimOrder(w, w.alice, [w.tokenAddress], { receiver: w.stranger.address, ...overrides });
      return by(from, "claimFor", signed.order, signed.signature);
    };
    const claim = () => by(w.alice, "claim", [w.tokenAddress], w.stranger.address);
    const payOut = () => by(w.relayer, "payOut", w.alice.address, [w.tokenAddress]);
    const balances = async () => [
      await w.token.balanceOf(w.alice.address),
      await w.token.balanceOf(w.stranger.address),
    ];

    it("when two carry one order, it should pay its receiver once, whoever comes first", async () => {
      const [ab, ba] = await eitherOrder(w, T, [await order(w.relayer), await order(w.bob)]);
      const used = ["WrongNonce", w.alice.address, 1n, 0n];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        ["done", used],
        ["done", used],
      ]);
      expect(ab.after).to.deep.equal(ba.after);
      expect(await balances()).to.deep.equal([0n, ALICE]);
    });

    it("when two orders have one nonce, the first should count, and the second never", async () => {
      const other = await order(w.bob, { receiver: w.alice.address });
      const [ab, ba] = await eitherOrder(w, T, [await order(w.relayer), other]);
      const used = ["WrongNonce", w.alice.address, 1n, 0n];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        ["done", used],
        ["done", used],
      ]);
      expect(await balances()).to.deep.equal([ALICE, 0n]);
    });

    it("when the owner claims itself, it should be paid once, in either order", async () => {
      const [ab, ba] = await eitherOrder(w, T, [claim(), await order(w.relayer)]);
      const nothing = ["NothingToPay", w.alice.address];
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([
        ["done", nothing],
        ["done", nothing],
      ]);
      expect(await balances()).to.deep.equal([0n, ALICE]);
    });

    it("when the owner claimed before its order, the order should stay good for what it is credited later", async () => {
      const carried = await order(w.relayer);
      await race(w, T, [claim(), carried]);
      expect(await w.programs.nonces(w.alice.address)).to.equal(0);
      const line = sale(w.alice, 1, 0n);
      const later = next(await time.latest(), { conversions: 1, lines: [line] });
      await again(await attest(later));
      await at((await time.latest()) + HOLD);
      await w.programs.release(...releasing(later));
      await again(carried);
      expect(await balances()).to.deep.equal([0n, ALICE + worth(line).commission]);
    });

    for (const [what, own] of [
      ["claims", async () => claim()],
      ["signed an order", () => order(w.bob)],
    ] as const) {
      it(`when another pushes first and the owner ${what}, the owner itself should have the money`, async () => {
        const { outcomes } = await race(w, T, [payOut(), await own()]);
        expect(outcomes).to.deep.equal(["done", ["NothingToPay", w.alice.address]]);
        expect(await balances()).to.deep.equal([ALICE, 0n]);
      });

      it(`when another pushes after the owner ${what}, the named receiver should have the money`, async () => {
        const { outcomes } = await race(w, T, [await own(), payOut()]);
        expect(outcomes).to.deep.equal(["done", ["NothingToPay", w.alice.address]]);
        expect(await balances()).to.deep.equal([0n, ALICE]);
      });

      it(`given the owner opted out, when another pushes first and the owner ${what}, the push should fail`, async () => {
        await w.programs.connect(w.alice).setPayOutOptOut(true);
        const { outcomes } = await race(w, T, [payOut(), await own()]);
        expect(outcomes).to.deep.equal([["OptedOut", w.alice.address], "done"]);
        expect(await balances()).to.deep.equal([0n, ALICE]);
      });
    }

    it("when the owner opts out, a push should fail after it, and be paid before it", async () => {
      const optOut = by(w.alice, "setPayOutOptOut", true);
      const [ab, ba] = await eitherOrder(w, T, [optOut, payOut()]);
      expect(ab.outcomes).to.deep.equal(["done", ["OptedOut", w.alice.address]]);
      expect(ba.outcomes).to.deep.equal(DONE);
      expect(await balances()).to.deep.equal([ALICE, 0n]);
    });

    it("when a batch is released, a claim before it should leave its credit, and one after it take it", async () => {
      const line = sale(w.alice, 1, 0n);
      const later = next(RELEASE + HOUR, { conversions: 1, lines: [line] });
      await at(RELEASE + HOUR);
      await again(await attest(later));
      const due = RELEASE + HOUR + HOLD;
      const release: Call = { from: w.bob, data: calls(w).release(later) };
      const [ab, ba] = await eitherOrder(w, due, [release, claim()]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(await balances()).to.deep.equal([0n, ALICE]);
      expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(worth(line).commission);
    });
  });

  describe("the budget", () => {
    const MATURE = NOW + 60 + NOTICE;
    const withdraw = () => byBrand("withdraw", w.campaignId, w.brand.address);
    const announced = async (amount = BUDGET - TOTAL) => {
      await at(NOW + 60);
      await w.asBrand.announceWithdrawal(w.campaignId, amount);
    };
    const fund = async (amount: bigint): Promise<Call> => {
      await w.token.mint(w.stranger.address, amount);
      await w.token.connect(w.stranger).approve(w.programsAddress, amount);
      return by(w.stranger, "fund", w.campaignId, amount);
    };

    describe("when the campaign changes hands", () => {
      const accept = () => by(w.stranger, "acceptCampaign", w.campaignId);
      /** When both the withdrawal and the hand-over can be made. */
      const DUE = MATURE + 1;
      beforeEach(async () => {
        await announced(600n);
        await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
      });

      it("before the withdrawal, the former brand should get nothing, and the withdrawal be the new one's", async () => {
        const { outcomes } = await race(w, DUE, [accept(), withdraw()]);
        expect(outcomes).to.deep.equal(["done", ["NotBrand", w.brand.address, w.stranger.address]]);
        await w.programs.connect(w.stranger).withdraw(w.campaignId, w.stranger.address);
        expect(await w.token.balanceOf(w.stranger.address)).to.equal(600);
      });

      it("after the withdrawal, the former brand should have it, and the new one the rest", async () => {
        const { outcomes, after } = await race(w, DUE, [withdraw(), accept()]);
        expect(outcomes).to.deep.equal(DONE);
        expect([after.state.available, after.state.brand, after.state.withdrawableAt]).to.deep.equal([
          BUDGET - TOTAL - 600n,
          w.stranger.address,
          0n,
        ]);
      });

      it("when the brand takes the offer back, the first of both should win", async () => {
        const back = byBrand("transferCampaign", w.campaignId, ZeroAddress);
        const [ab, ba] = await eitherOrder(w, DUE, [back, accept()]);
        expect(ab.outcomes).to.deep.equal(["done", ["NotPendingBrand", w.stranger.address, ZeroAddress]]);
        expect(ba.outcomes).to.deep.equal(["done", ["NotBrand", w.brand.address, w.stranger.address]]);
        expect([ab.after.state.brand, ba.after.state.brand]).to.deep.equal([w.brand.address, w.stranger.address]);
      });

      it("when the new brand cancels the withdrawal in front of it, nothing should be withdrawn", async () => {
        await at(DUE);
        await again(accept());
        const cancel = by(w.stranger, "cancelWithdrawal", w.campaignId);
        const { outcomes } = await race(w, DUE + 1, [cancel, withdraw()]);
        expect(outcomes).to.deep.equal(["done", ["NotBrand", w.brand.address, w.stranger.address]]);
        expect((await campaign()).available).to.equal(BUDGET - TOTAL);
      });
    });

    it("when somebody funds, a withdrawal of all should leave it, in either order", async () => {
      await announced();
      const [ab, ba] = await eitherOrder(w, MATURE, [await fund(70n), withdraw()]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
      expect([ab.after.state.available, ab.after.state.reserved]).to.deep.equal([70n, TOTAL]);
    });

    it("when somebody funds after a batch took what was announced, the withdrawal should not have that back", async () => {
      await announced();
      await again(await attest(next(NOW + 60)));
      const [ab, ba] = await eitherOrder(w, MATURE, [await fund(TOTAL), withdraw()]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
      expect([ab.after.state.available, ab.after.state.reserved]).to.deep.equal([TOTAL, 2n * TOTAL]);
    });

    it("when a guarantee is given, a withdrawal should wait for it after, and be made before", async () => {
      await announced();
      const guarantee = MATURE + DAY;
      const kept = offer({ kind: 7, lockedUntil: guarantee });
      const append = byBrand("appendOffer", w.campaignId, kept);
      const [ab, ba] = await eitherOrder(w, MATURE, [append, withdraw()]);
      expect(ab.outcomes).to.deep.equal(["done", ["WithdrawalNotMature", BigInt(MATURE), BigInt(guarantee)]]);
      expect(ba.outcomes).to.deep.equal(DONE);
    });

    it("given a withdrawal lapsed, when a guarantee is given, it should stay lapsed", async () => {
      await announced();
      const lapse = MATURE + 7 * DAY;
      const append = byBrand("appendOffer", w.campaignId, offer({ kind: 7, lockedUntil: lapse + 1 }));
      await at(lapse);
      await again(append);
      await at(lapse + 1);
      await expect(again(withdraw()))
        .to.be.revertedWithCustomError(w.programs, "WithdrawalLapsed")
        .withArgs(lapse + 1, lapse);
    });

    it("when the campaign is closed, a funding should be taken, in either order", async () => {
      const close = byBrand("closeCampaign", w.campaignId);
      const [ab, ba] = await eitherOrder(w, NOW + DAY, [close, await fund(70n)]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
    });

    for (const [which, seconds, outcome] of [
      ["in the last second before it closes", -1, () => "done"],
      ["once it has closed", 0, () => ["CampaignClosed", w.campaignId, BigInt(MATURE)]],
    ] as const) {
      it(`when it is funded ${which} and suspended then, the suspension should not matter, in either order`, async () => {
        await at(NOW + 60);
        await w.asBrand.closeCampaign(w.campaignId);
        const pair = [await fund(70n), byBrand("suspend", w.campaignId)] as const;
        const [ab, ba] = await eitherOrder(w, MATURE + seconds, pair);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([
          [outcome(), "done"],
          ["done", outcome()],
        ]);
        expect(ab.after).to.deep.equal(ba.after);
        expect((await campaign()).available).to.equal(BUDGET - TOTAL + (seconds < 0 ? 70n : 0n));
      });
    }

    it("when the brand suspends in the second in which a withdrawal matures, either order should pay it", async () => {
      await announced();
      const [ab, ba] = await eitherOrder(w, MATURE, [byBrand("suspend", w.campaignId), withdraw()]);
      expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
      expect(ab.after).to.deep.equal(ba.after);
    });

    it("when a batch is released or pulled, a withdrawal should not touch it, in either order", async () => {
      await announced();
      for (const paid of [calls(w).release(w), calls(w).pull(w, 0)]) {
        const [ab, ba] = await eitherOrder(w, MATURE, [{ from: w.relayer, data: paid }, withdraw()]);
        expect([ab.outcomes, ba.outcomes]).to.deep.equal([DONE, DONE]);
        expect(ab.after).to.deep.equal(ba.after);
        w = await loadFixture(world);
        await announced();
      }
    });
  });
});
