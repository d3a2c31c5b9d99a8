import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

describe("promotions", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market.close());

  const open = () =>
    market.openCampaign({
      promotions: [
        { kind: 5, conversions: 2, days: 30 },
        { kind: 6, volume: "100", days: 30 },
      ],
    });
  type Campaign = Awaited<ReturnType<typeof open>>;
  const proposal = async ({ campaignId, brandToken }: Campaign, token = brandToken) =>
    market.call("GET", `/v1/campaigns/${campaignId}/promotions`, { token });

  it("are proposed for who has reached what the description says, with the transaction that the brand would sign", async () => {
    const campaign = await open();
    const [busy, big, idle] = [await campaign.join(), await campaign.join(), await campaign.join()];
    for (const order of ["a", "b"])
      await campaign.report({ orderId: order, customerId: order, volume: "1", referralToken: busy.click() });
    await campaign.report({ orderId: "c", customerId: "c", volume: "100", referralToken: big.click() });
    await campaign.report({ orderId: "d", customerId: "d", volume: "99.99", referralToken: idle.click() });

    const { status, body } = await proposal(campaign);
    expect(status).to.equal(200);
    expect(body.promotions).to.deep.equal([
      { partner: busy.wallet, kind: 5, kindName: "group 5", days: 30, conversions: 2, volumeBaseUnits: "2000000" },
      { partner: big.wallet, kind: 6, kindName: "group 6", days: 30, conversions: 1, volumeBaseUnits: "100000000" },
    ]);
    const decoded = body.calls.map(({ data }: { data: string }) => {
      const { args } = PartnerPrograms__factory.createInterface().parseTransaction({ data }) as never as {
        args: [string, string[], bigint];
      };
      return [args[0], [...args[1]], args[2]];
    });
    // What they are open to as everybody is, they keep.
    expect(decoded).to.deep.equal([
      [campaign.campaignId, [busy.wallet], 33n],
      [campaign.campaignId, [big.wallet], 65n],
    ]);
  });

  it("are not proposed again for who is in the group", async () => {
    const campaign = await open();
    const partner = await campaign.join();
    for (const order of ["a", "b"])
      await campaign.report({ orderId: order, customerId: order, volume: "1", referralToken: partner.click() });
    await market.database.query(
      "INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, 33, 0, 0)",
      [campaign.campaignId, partner.wallet],
    );
    expect((await proposal(campaign)).body).to.deep.equal({ promotions: [], calls: [] });
  });

  it("do not count what was refunded, nor what is older than the rule's days", async () => {
    const campaign = await open();
    const partner = await campaign.join();
    const reported = [];
    for (const order of ["a", "b"])
      reported.push(
        await campaign.report({ orderId: order, customerId: order, volume: "60", referralToken: partner.click() }),
      );
    expect((await proposal(campaign)).body.promotions).to.have.length(2);
    await campaign.refund(reported[0]?.body.id);
    expect((await proposal(campaign)).body.promotions).to.deep.equal([]);
    await campaign.report({ orderId: "c", customerId: "c", volume: "60", referralToken: partner.click() });
    expect((await proposal(campaign)).body.promotions).to.have.length(2);
    await market.database.query(
      "UPDATE conversions SET received_at = now() - interval '31 days' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    expect((await proposal(campaign)).body.promotions).to.deep.equal([]);
  });

  it("count the days to the second, and nothing that is in review", async () => {
    const campaign = await open();
    const partner = await campaign.join();
    for (const order of ["a", "b", "c"])
      await campaign.report({ orderId: order, customerId: order, volume: "60", referralToken: partner.click() });
    const proposed = async () =>
      (await proposal(campaign)).body.promotions.map((one: { conversions: number }) => one.conversions);
    const set = (what: string, order: string) =>
      market.database.query(`UPDATE conversions SET ${what} WHERE campaign_id = $1 AND order_id = $2`, [
        campaign.campaignId,
        order,
      ]);
    await set("received_at = now() - interval '30 days' + interval '1 minute'", "a");
    expect(await proposed()).to.deep.equal([3, 3]);
    await set("received_at = now() - interval '30 days' - interval '1 second'", "a");
    expect(await proposed()).to.deep.equal([2, 2]);
    await set("state = 'review'", "b");
    expect(await proposed()).to.deep.equal([]);
  });

  it("are the brand's to see", async () => {
    const campaign = await open();
    const { token } = await campaign.join();
    expect((await proposal(campaign, token)).status).to.equal(403);
  });
});
