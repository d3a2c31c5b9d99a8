import { kindMask } from "@partner-programs/protocol/kinds";
import { type Line, packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { receiptTypes } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id as ethersId, verifyTypedData } from "ethers";
import fc from "fast-check";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { lowerings } from "#relayer/domain/batch.ts";
import { entriesLeft, takenBack } from "#relayer/domain/refund.ts";
import { expireConversions, takeBack } from "#relayer/store/conversions.ts";
import { readPrices, writeLines } from "#relayer/store/lines.ts";
import { finishReversals, followConversions, returnRefunds } from "#relayer/store/reversals.ts";
import { createTrees } from "#relayer/trees.ts";
import { reverse } from "#relayer/worker/reverse.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

describe("what a refund leaves", () => {
  const partner = newWallet();
  const entry = (offerId: number, volumeUnits: bigint): Line => ({ offerId, partner, count: 1, volumeUnits });

  it("takes volume and leaves the count, until nothing is left", () => {
    const entries = [entry(1, 500n), entry(2, 100n)];
    expect(entriesLeft(entries, 300n)).to.deep.equal([entry(1, 300n), entry(2, 100n)]);
    expect(entriesLeft(entries, 0n)).to.deep.equal([entry(1, 0n), entry(2, 0n)]);
    expect(entriesLeft(entries, undefined)).to.deep.equal([]);
  });

  it("adds up: refund after refund takes from a batch's lines what the conversions had, and no more", () => {
    const steps = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 1_000n }), steps, fc.boolean()), { minLength: 1, maxLength: 8 }),
        (conversions) => {
          let lines = sumToLines(conversions.map(([volume]) => entry(1, volume)));
          const left: Line[] = [];
          for (const [volume, refunds, whole] of conversions) {
            let entries = [entry(1, volume)];
            const states = [...refunds.sort((a, b) => (a < b ? 1 : -1)), ...(whole ? [undefined] : [])];
            for (const units of states) {
              const after = entriesLeft(entries, units);
              const placed = lines.map((line, index) => ({ index, line }));
              const lowered = lowerings(placed, takenBack(entries, after));
              lines = lines.map((line, i) => lowered.find(({ index }) => index === i)?.target ?? line);
              entries = after;
            }
            left.push(...entries);
          }
          const standing = lines.filter(({ count }) => count > 0);
          expect(standing.map(packLine)).to.deep.equal(sumToLines(left).map(packLine));
        },
      ),
    );
  });
});

describe("refunds", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());
  besideANeighbour(() => market);

  async function sold(volume = "50", offers = [{ kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 }]) {
    const campaign = await market.openCampaign({ offers });
    const ada = await campaign.join();
    const { body } = await campaign.report({ volume, customerId: "c", referralToken: ada.click() });
    expect(body.state).to.equal("accepted");
    return { campaign, ada, id: body.id as string, body };
  }

  const reversals = (conversionId: string) =>
    market.database.query<{ state: string; whole: boolean; taken_back: string[]; batch: string }>(
      "SELECT state, whole, taken_back, batch FROM reversals WHERE conversion_id = $1 ORDER BY id",
      [conversionId],
    );

  it("before attestation takes all back and frees what was promised", async () => {
    const { campaign, id } = await sold();
    const refunded = await campaign.refund(id);
    expect(refunded.status).to.equal(202);
    expect(refunded.body).to.include({ state: "reversed", reason: "refunded", refunded: "50000000" });
    expect(await campaign.promised()).to.equal(0n);
    // Said again, with and without a name: nothing more happens.
    for (const headers of [{}, { "idempotency-key": "again" }])
      expect((await campaign.refund(id, undefined, headers)).body).to.deep.equal(refunded.body);
    expect(await campaign.promised()).to.equal(0n);
  });

  it("frees a promise once, however often it is taken back", async () => {
    const { campaign, ada, id } = await sold();
    await campaign.report({ volume: "50", referralToken: ada.click() });
    for (const _ of [1, 2]) await takeBack(market.database, [BigInt(id)]);
    expect(await campaign.promised()).to.equal(6_300_000n);
  });

  it("before attestation shrinks a conversion by a part, with a new receipt and all its moves", async () => {
    const { campaign, ada, id, body: before } = await sold();
    const { status, body } = await campaign.refund(id, { volume: "20", refundId: "r1" });
    expect(status).to.equal(202);
    // 30.00 are left: 10 % of them and 1 flat are 4.00; the fee is 5 %.
    expect(body).to.include({
      state: "accepted",
      commission: "4000000",
      refunded: "20000000",
      volumeBaseUnits: "50000000",
    });
    expect(await campaign.promised()).to.equal(4_200_000n);
    expect(body.receipt.entries.map(unpackLine)).to.deep.equal([
      { offerId: 1, partner: ada.wallet, count: 1, volumeUnits: 3_000n },
    ]);
    const { signature, ...receipt } = body.receipt;
    const message = { campaignId: campaign.campaignId, ...receipt };
    expect(verifyTypedData(market.domain, receiptTypes, message, signature)).to.equal(market.relayer);
    expect(signature).to.not.equal(before.receipt.signature);
    expect(body.moves.map(({ reason }: { reason: string }) => reason)).to.deep.equal([null, "partly_refunded"]);
    expect(body.refunds).to.have.length(1);

    const repeated = await campaign.refund(id, { volume: "20", refundId: "r1" });
    expect(repeated.body).to.deep.equal(body);
    const second = await campaign.refund(id, { volume: "10" }, { "idempotency-key": "k" });
    expect(second.body).to.include({ commission: "3000000", refunded: "30000000" });
    const rest = await campaign.refund(id, { volume: "20", refundId: "r3" });
    expect(rest.body).to.include({ state: "reversed", refunded: "50000000" });
    expect(await campaign.promised()).to.equal(0n);
    const late = await campaign.refund(id, { volume: "1", refundId: "r4" });
    expect(late.status).to.equal(409);
    expect(late.body.detail).to.contain("nothing of it is left");
  });

  it("refuses a part that is not there, has no name, or has another conversion's name", async () => {
    const { campaign, id } = await sold();
    const detail = async (refund: Record<string, unknown>, status: number, headers = {}) => {
      const answer = await campaign.refund(id, refund, headers);
      expect(answer.status).to.equal(status);
      return answer.body.detail;
    };
    expect(await detail({ volume: "50.000001", refundId: "r" }, 409)).to.contain("of 50.000001, and 50 of the 50 of");
    expect(await detail({ volume: "5" }, 400)).to.contain("refundId");
    expect(await detail({ volume: "0", refundId: "r" }, 400)).to.contain("above 0");
    expect(await detail({ volume: "1.0000001", refundId: "r" }, 409)).to.contain("7 decimals");
    await campaign.refund(id, { volume: "5", refundId: "r" });
    expect(await detail({ volume: "6", refundId: "r" }, 409)).to.contain("with another body");
    const stranger = await market.openCampaign({});
    expect((await stranger.refund(id)).status).to.equal(404);
    expect((await campaign.conversion(id)).refunded).to.equal("5000000");
  });

  it("keeps a flat amount through partial refunds, and takes it with the whole", async () => {
    const { campaign, id } = await sold("50", [{ kind: 0, flatAmount: 1_000_000n, rateBps: 0 }]);
    const { body } = await campaign.refund(id, { volume: "49.99", refundId: "r1" });
    expect(body).to.include({ state: "accepted", commission: "1000000" });
    expect((await campaign.refund(id, { volume: "0.01", refundId: "r2" })).body.state).to.equal("reversed");
  });

  it("shrinks what the customer gets as well, and tells the partner only of its own", async () => {
    const offers = [
      { kind: 0, rateBps: 1_000 },
      { kind: 3, flatAmount: 2_000_000n, rateBps: 100 },
    ];
    const campaign = await market.openCampaign({ offers, openKinds: kindMask("affiliate", "customer") });
    const ada = await campaign.join();
    const { body } = await campaign.report({ volume: "50", customerWallet: newWallet(), referralToken: ada.click() });
    expect(body).to.include({ commission: "5000000", totalCommission: "7500000" });
    const part = await campaign.refund(body.id, { volume: "40", refundId: "r1" });
    expect(part.body).to.include({ commission: "1000000", totalCommission: "3100000" });
    expect(await campaign.promised()).to.equal(3_255_000n);
    // Nothing of the partner's is left, the customer's flat amount is.
    const most = await campaign.refund(body.id, { volume: "9.995", refundId: "r2" });
    expect(most.body).to.include({ state: "accepted", commission: "0", totalCommission: "2000000" });
    expect(most.body.receipt.entries).to.have.length(1);
    await campaign.attest();
    await campaign.refund(body.id);
    expect((await reversals(body.id))[0]?.taken_back).to.deep.equal(most.body.receipt.entries);
  });

  it("takes back what is left too small to pay anything", async () => {
    const { campaign, id } = await sold("50", [{ kind: 0, flatAmount: 0n, rateBps: 1_000 }]);
    const { body } = await campaign.refund(id, { volume: "49.995", refundId: "r1" });
    expect(body).to.include({ state: "reversed", reason: "refunded" });
    expect(await campaign.promised()).to.equal(0n);
  });

  it("within the hold asks for a reversal of the difference, refund by refund", async () => {
    const { campaign, ada, id } = await sold();
    const digest = await campaign.attest();
    const promised = await campaign.promised();
    const first = await campaign.refund(id, { volume: "20", refundId: "r1" });
    expect(first.body).to.include({ state: "attested", commission: "6000000", refunded: "20000000" });
    expect(first.body.refunds[0]).to.include({ state: "requested", volumeBaseUnits: "20000000", whole: false });
    await campaign.refund(id, { volume: "20", refundId: "r1" });
    await campaign.refund(id, { volume: "5", refundId: "r2" });
    const line = (count: number, volumeUnits: bigint) =>
      packLine({ offerId: 1, partner: ada.wallet, count, volumeUnits });
    expect((await reversals(id)).map(({ taken_back }) => taken_back)).to.deep.equal([
      [line(0, 2_000n)],
      [line(0, 500n)],
    ]);
    // The reserved budget is the chain's business.
    expect(await campaign.promised()).to.equal(promised);

    await market.database.query("UPDATE reversals SET state = 'sent' WHERE batch = $1", [digest]);
    // One for another reason is another one.
    await finishReversals(market.database, digest, ethersId("fraud_confirmed"), "0xother");
    expect((await reversals(id)).map(({ state }) => state)).to.deep.equal(["sent", "sent"]);
    await finishReversals(market.database, digest, ethersId("refunded"), "0xtransaction");
    const shrunk = await campaign.conversion(id);
    expect(shrunk).to.include({ state: "attested", commission: "3500000" });
    expect(shrunk.moves.at(-1)).to.include({ reason: "partly_refunded", transaction: "0xtransaction" });

    await campaign.refund(id);
    expect((await reversals(id)).at(-1)).to.deep.include({ whole: true, taken_back: [line(1, 2_500n)] });
    await market.database.query("UPDATE reversals SET state = 'sent' WHERE batch = $1 AND state = 'requested'", [
      digest,
    ]);
    await finishReversals(market.database, digest, ethersId("refunded"), "0xlast");
    expect(await campaign.conversion(id)).to.include({ state: "reversed", reason: "refunded" });
  });

  it("asks for no reversal of what was never paid for: volume above the offer's cap", async () => {
    const campaign = await market.openCampaign({ offers: [{ kind: 0, rateBps: 1_000, capUnits: 1_000n }] });
    const ada = await campaign.join();
    const { id } = (await campaign.report({ volume: "50", referralToken: ada.click() })).body;
    await campaign.attest();
    const first = await campaign.refund(id, { volume: "40", refundId: "r1" });
    expect(first.body.refunds[0]).to.include({ state: "done", volumeBaseUnits: "40000000" });
    expect(await reversals(id)).to.deep.equal([]);
    await campaign.refund(id, { volume: "1", refundId: "r2" });
    expect((await reversals(id))[0]?.taken_back.map(unpackLine)[0]?.volumeUnits).to.equal(100n);
  });

  it("says after the hold that it is too late, released or not", async () => {
    const { campaign, id } = await sold();
    await campaign.attest(-1);
    const late = await campaign.refund(id);
    expect(late.status).to.equal(409);
    expect(late.body.detail).to.contain("released").and.to.contain("the commission is the partner's");
    expect((await campaign.conversion(id)).refunds).to.deep.equal([]);
  });

  it("of what was rejected is a success that takes back nothing, in whole and in part", async () => {
    const campaign = await market.openCampaign({});
    const rejected = (await campaign.report({ volume: "50" })).body;
    expect(rejected).to.include({ state: "rejected", reason: "no_referral" });
    for (const asked of [
      undefined,
      { volume: "20", refundId: "r1" },
      { volume: "51", refundId: "r2" },
      { all: true },
    ]) {
      const { status, body } = await campaign.refund(rejected.id, asked);
      expect(status).to.equal(202);
      expect(body).to.deep.equal({ ...rejected, refunds: [] });
    }
    expect(await campaign.promised()).to.equal(0n);
  });

  it("of a unit more than is left says what is left, and `all` takes it under the same name", async () => {
    const { campaign, id } = await sold("100", [{ kind: 0, flatAmount: 0n, rateBps: 1_000 }]);
    const part = await campaign.refund(id, { volume: "30", refundId: "r1" });
    expect(part.body).to.include({ state: "accepted", commission: "7000000" });
    const over = await campaign.refund(id, { volume: "70.000001", refundId: "r2" });
    expect(over.status).to.equal(409);
    expect(over.body.detail).to.contain("of 70.000001, and 70 of the 100 of").and.to.contain('"all": true');
    const both = await campaign.refund(id, { volume: "70", all: true, refundId: "r2" });
    expect([both.status, both.body.detail]).to.deep.equal([
      400,
      "A refund is of 70 or of all that is left. Send `volume` or `all`, not both.",
    ]);
    expect((await campaign.refund(id, { all: false, refundId: "r2" })).status).to.equal(400);
    expect(await campaign.conversion(id)).to.include({ state: "accepted", refunded: "30000000" });
    for (const _ of [1, 2]) {
      const rest = await campaign.refund(id, { all: true, refundId: "r2" });
      expect(rest.status).to.equal(202);
      expect(rest.body).to.include({ state: "reversed", refunded: "100000000" });
      expect(rest.body.refunds).to.have.length(2);
    }
    expect(await campaign.promised()).to.equal(0n);
  });

  it("leaves no commission to be seen of what is reversed, after a part and the rest", async () => {
    const { campaign, id } = await sold("100", [{ kind: 0, flatAmount: 0n, rateBps: 1_000 }]);
    await campaign.refund(id, { volume: "30", refundId: "r1" });
    const { body } = await campaign.refund(id, { volume: "70", refundId: "r2" });
    const none = { state: "reversed", commission: "0", totalCommission: "0", refunded: "100000000" };
    expect(body).to.include(none);
    expect(await campaign.conversion(id)).to.include(none);
    const { items } = (await market.call("GET", "/v1/conversions", { token: campaign.key })).body;
    expect(items[0]).to.include({ id, ...none });
    // What expired before it could be attested pays nothing either.
    const late = await sold("100");
    await market.database.transaction((sql) => expireConversions(sql, [BigInt(late.id)], "attested_too_late"));
    expect(await late.campaign.conversion(late.id)).to.include({
      state: "rejected",
      commission: "0",
      totalCommission: "0",
    });
  });

  it("is asked for by the order's id as well, and is the same refund", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const sale = (orderId: string, event = "sale") =>
      campaign.report({ event, orderId, volume: "50", referralToken: ada.click() });
    const { id } = (await sale("A-1")).body;
    const refund = (json: unknown, token = campaign.key) => market.call("POST", "/v1/refunds", { token, json });
    const part = await refund({ orderId: "A-1", volume: "20", refundId: "r1" });
    expect(part.status).to.equal(202);
    expect(part.body).to.include({ id, state: "accepted", refunded: "20000000" });
    expect((await campaign.refund(id, { volume: "20", refundId: "r1" })).body).to.deep.equal(part.body);
    // The same order with another event: which of the two?
    await sale("A-1", "lead");
    await sale("A-2", "lead");
    const which = await refund({ orderId: "A-1" });
    expect([which.status, which.body.detail]).to.deep.equal([
      409,
      "Order A-1 was reported with the events sale, lead. Say which `event` is refunded.",
    ]);
    expect((await refund({ orderId: "A-1", event: "sale" })).body).to.include({ id, state: "reversed" });
    expect((await refund({ orderId: "A-1", event: "lead" })).body).to.include({ event: "lead", state: "rejected" });

    // Of what is not known yet, it waits.
    expect((await refund({ orderId: "A-3" })).status).to.equal(201);
    expect((await refund({ orderId: "A-2", event: "sale" })).status).to.equal(201);
    expect((await refund({ orderId: "A-2", volume: "5" })).body.detail).to.contain("refundId");
    const stranger = await market.openCampaign({});
    expect((await refund({ orderId: "A-1", event: "sale" }, stranger.key)).status).to.equal(201);
    expect(await campaign.conversion(id)).to.include({ state: "reversed", refunded: "50000000" });
    expect((await refund({ orderId: "A-1" }, "sk_none")).status).to.equal(401);
  });

  it("of a batch that died, takes the whole back at once and carries a part into the next batch", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const [one, two] = await Promise.all(
      ["1", "2"].map(
        async (orderId) => (await campaign.report({ orderId, volume: "50", referralToken: ada.click() })).body.id,
      ),
    );
    const digest = await campaign.number();
    await campaign.refund(one);
    await campaign.refund(two, { volume: "10", refundId: "r" });
    await returnRefunds(market.database, digest);
    await market.database.query(
      "UPDATE conversions SET state = 'accepted', batch = NULL WHERE batch = $1 AND state = 'batched'",
      [digest],
    );
    expect(await campaign.conversion(one)).to.include({ state: "reversed", reason: "refunded" });
    expect(await campaign.promised()).to.equal(6_300_000n);
    await market.database.query("UPDATE batches SET state = 'dead' WHERE digest = $1", [digest]);
    const next = await campaign.number();
    await followConversions(market.database, next);
    expect(await reversals(two)).to.have.length(1);
    expect((await reversals(two))[0]).to.include({ state: "requested", batch: next });

    // A refund that comes between the batches shrinks the conversion by both.
    await market.database.query("UPDATE conversions SET state = 'accepted', batch = NULL WHERE id = $1", [two]);
    const { body } = await campaign.refund(two, { volume: "10", refundId: "r2" });
    expect(body).to.include({ state: "accepted", commission: "4000000", refunded: "20000000" });
    expect((await reversals(two))[0]?.state).to.equal("done");
    expect(await campaign.promised()).to.equal(4_200_000n);
  });

  it("goes to the chain in a reversal for each reason, of which one that is refused does not hold up the other", async () => {
    await market.database.query("UPDATE batches SET retry_at = 'infinity'");
    const campaign = await market.openCampaign({ fraud: { velocityPerHour: 1 } });
    const ada = await campaign.join();
    const report = async (orderId: string) =>
      (await campaign.report({ orderId, volume: "50", referralToken: ada.click() })).body.id as string;
    const [returned, faked] = [await report("returned"), await report("faked")];
    const digest = await campaign.attest();
    const line = { offerId: 1, partner: ada.wallet, count: 2, volumeUnits: 10_000n };
    const priceOf = await readPrices(market.database, campaign.campaignId, { periodFrom: 0, periodTo: 1 });
    const price = priceOf(line);
    await writeLines(market.database, digest, [packLine(line)], priceOf);
    await market.database.query(
      "UPDATE batches SET lines_root = $2, current_root = $2, total = $3, current_total = $3 WHERE digest = $1",
      [digest, packLine(line), price.commission + price.fee],
    );
    await campaign.refund(returned);
    const path = `/v1/conversions/${faked}/reviews`;
    await market.call("POST", path, { token: campaign.brandToken, json: { decision: "confirm" } });

    const sent: { purpose: string; reasonHash: string; targets: string[] }[] = [];
    let refused = [ethersId("refunded")];
    const programs = PartnerPrograms__factory.createInterface();
    const work = {
      database: market.database,
      failures: openFailures().failures,
      chain: {
        programs: { interface: programs },
        lens: {
          batch: async () => ({ attesterSet: 0n }),
          attesterSet: async () => ({ members: ["0xA"], threshold: 1n, effectiveAt: 0n }),
        },
      },
      attesters: {
        reverse: async (_: unknown, { reasonHash }: { reasonHash: string }) => [
          refused.includes(reasonHash)
            ? { reason: "not refunded in my source", transient: true, conversions: [] }
            : { signature: `0x${"00".repeat(65)}` },
        ],
      },
      sender: {
        async send(purpose: string, data: string) {
          const [, lines, reasonHash] = programs.decodeFunctionData("reverse", data);
          sent.push({ purpose, reasonHash, targets: lines.map(({ target }: { target: string }) => target) });
        },
      },
      trees: createTrees(market.database),
    } as unknown as Parameters<typeof reverse>[0];
    const states = async () => [...(await reversals(returned)), ...(await reversals(faked))].map(({ state }) => state);
    await reverse(work);
    const one = [packLine({ ...line, count: 1, volumeUnits: 5_000n })];
    expect(sent).to.deep.equal([
      { purpose: `reverse:${digest}`, reasonHash: ethersId("fraud_confirmed"), targets: one },
    ]);
    expect(await states()).to.deep.equal(["requested", "sent"]);

    // Both are wanted now: still one at a time, the one that was asked for first.
    refused = [];
    await market.database.query("UPDATE batches SET retry_at = now() WHERE digest = $1", [digest]);
    await reverse(work);
    expect(sent.slice(1)).to.deep.equal([
      { purpose: `reverse:${digest}`, reasonHash: ethersId("refunded"), targets: one },
    ]);
  });

  it("is not too late because we are slow to hear of the chain, only when the chain's final time says so", async () => {
    // What other tests left open is not to be carried here.
    await market.database.query("UPDATE batches SET retry_at = 'infinity'");
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const { body } = await campaign.report({ orderId: "1", volume: "50", referralToken: ada.click() });
    const digest = await campaign.attest(60);
    await campaign.refund(body.id);
    // Its reversal is on the way, and the hold is over by our clock.
    const releaseAt = Math.floor(Date.now() / 1000) - 5;
    await market.database.query("UPDATE batches SET release_at = $2 WHERE digest = $1", [digest, releaseAt]);
    await market.database.query("UPDATE reversals SET state = 'sent' WHERE batch = $1", [digest]);
    await market.database.query(
      "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ('us', 1, $1, '0x', 0, 'sent')",
      [`reverse:${digest}`],
    );
    const heard = async (time: number) => {
      await market.database.query("DELETE FROM chain_cursor");
      await market.database.query(
        `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
         VALUES (31337, '', 9, '', $1, 9, $1)`,
        [time],
      );
      await reverse({ database: market.database, failures: openFailures().failures } as Parameters<typeof reverse>[0]);
      return (await reversals(body.id))[0]?.state;
    };
    expect(await heard(releaseAt - 1)).to.equal("sent");
    expect(await heard(releaseAt)).to.equal("late");
  });
});
