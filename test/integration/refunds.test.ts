import { encodeEventName } from "@partner-programs/protocol/eventName";
import { kindMask } from "@partner-programs/protocol/kinds";
import type { Conversion } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { id, parseUnits, ZeroAddress } from "ethers";
import { openCampaign, type Send } from "#harness/campaign.ts";
import { call, type Performance, passTime, signIn, waitFor } from "#harness/client.ts";
import { ATTESTER, localKey, OPERATOR } from "#harness/people.ts";
import { linesFrom, recount } from "#harness/recount.ts";
import { buildTown, click, type Town } from "#harness/town.ts";

const dollars = (whole: string) => parseUnits(whole, 6);

describe("refunds on the chain", function () {
  this.timeout(600_000);
  let town: Town;
  before(async () => {
    town = await buildTown();
  });
  after(() => town?.close());

  it("takes back what was refunded of a commission, part by part, and pays its partner and recruiter the rest", async () => {
    const { stack, programs, lens, dollar, brand, partners } = town;
    const { apiUrl, provider, deployment } = stack;
    const send: Send = async (_verb, by, _what, make) => {
      await (await make(by.signer)).wait();
    };
    const where = {
      apiUrl,
      programs,
      operator: localKey(OPERATOR).address,
      attester: localKey(ATTESTER).address,
      send,
    };
    const draft = {
      title: "refunds",
      summary: "1 DUSD and 10 % of each sale, and 1 % to the recruiter",
      brand,
      partners,
      token: await dollar.getAddress(),
      symbol: "DUSD",
      decimals: 6,
      unitExponent: 4,
      openKinds: kindMask("affiliate", "recruiter"),
      holdSeconds: 600,
      budget: dollars("100"),
      attribution: { touch: "first", windowSeconds: 3_600, bindingSeconds: null },
      event: { name: "sale", title: "A sale", perCustomer: null },
      offer: { kind: 0, flatAmount: dollars("1"), rateBps: 1_000, capUnits: 1_000_000n },
    } as const;
    const toRecruiters = { kind: 4, flatAmount: 0n, rateBps: 100, capUnits: 1_000_000n };
    const { campaignId, shop } = await openCampaign(where, draft, async (made) => {
      const offer = {
        ...toRecruiters,
        validFrom: 0,
        validTo: 0,
        lockedUntil: 0,
        eventName: encodeEventName("sale"),
        partner: ZeroAddress,
      };
      await (await programs.connect(brand.signer).appendOffer(made, offer)).wait();
      await (await programs.connect(brand.signer).fund(made, draft.budget)).wait();
    });
    const [recruiter, partner] = await Promise.all(partners.map((one) => signIn(apiUrl, one)));
    const path = `/v1/campaigns/${campaignId}/partnerships`;
    const { code } = await call<Performance>(apiUrl, "POST", path, { token: recruiter as string });
    const joined = await call<Performance>(apiUrl, "POST", path, {
      token: partner as string,
      body: JSON.stringify({ recruiter: code }),
    });
    const { secret: token } = await call<{ secret: string }>(apiUrl, "POST", `/v1/campaigns/${campaignId}/keys`, {
      token: await signIn(apiUrl, brand),
      body: '{"label":"refunds"}',
    });
    const refund = (conversionId: string, refundId: string, volume: string) =>
      call(apiUrl, "POST", `/v1/conversions/${conversionId}/refunds`, {
        token,
        body: JSON.stringify({ refundId, volume }),
      });

    const referralToken = await click(joined.link);
    const sale = (orderId: string) =>
      shop.reportConversion({ event: "sale", orderId, volume: "100", customerId: "c", referralToken });
    const [kept, cut, gone] = [await sale("kept"), await sale("cut"), await sale("gone")];
    // All of this town is one network, and its partners are known by it.
    const faked = await shop.reportConversion({
      event: "sale",
      orderId: "faked",
      volume: "100",
      customerId: "c",
      customerIp: "127.0.0.1",
      referralToken,
    });
    const isIn = (state: string, commission: string) => async () => {
      const now: Conversion = await shop.conversion(cut.id);
      return now.state === state && now.commission === dollars(commission).toString();
    };
    await waitFor("the attestation", isIn("attested", "11"));
    await refund(cut.id, "first", "25");
    await refund(cut.id, "first", "25");
    await waitFor("the first part to be taken back", isIn("attested", "8.5"));
    await refund(cut.id, "second", "15");
    await shop.refund(gone.id);
    await call(apiUrl, "POST", `/v1/conversions/${faked.id}/reviews`, {
      token: await signIn(apiUrl, brand),
      body: '{"decision":"confirm"}',
    });
    await waitFor("the second part to be taken back", isIn("attested", "7"));
    await waitFor("the whole to be taken back", async () => (await shop.conversion(gone.id)).state === "reversed");
    await waitFor("the fraud to be taken back", async () => (await shop.conversion(faked.id)).state === "reversed");
    await passTime(provider, draft.holdSeconds);
    await waitFor("the release", isIn("released", "7"));
    await waitFor("the other's release", async () => (await shop.conversion(kept.id)).state === "released");

    expect((await shop.conversion(faked.id)).reason).to.equal("fraud_confirmed");
    const reversed = await programs.queryFilter(programs.filters.Reversed(campaignId));
    const returned = (reason: string) =>
      reversed.filter(({ args }) => args.reasonHash === id(reason)).reduce((sum, { args }) => sum + args.returned, 0n);
    // Commissions, and the fee of a twentieth with them.
    expect(returned("fraud_confirmed")).to.equal(dollars("12.6"));
    expect(returned("refunded")).to.equal(dollars("2.8875") + dollars("1.7325") + dollars("12.6"));

    expect((await shop.conversion(kept.id)).commission).to.equal(dollars("11").toString());
    expect(await lens.creditOf(partners[1]?.address ?? "", dollar)).to.equal(dollars("18"));
    expect(await lens.creditOf(partners[0]?.address ?? "", dollar)).to.equal(dollars("1.6"));
    const counted = await recount(provider, deployment, linesFrom(town.stack.attesterUrl));
    expect(counted.differences).to.deep.equal([]);
  });
});
