import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";

const DAY = 86_400_000;
const day = (ago = 0) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);

describe("reports", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  /** Two partners: Ada sells for 10 and 20, of which 20 is refunded; Ben for 50, yesterday. Each sale pays 1 and a tenth. */
  async function played() {
    const campaign = await market.openCampaign({
      offers: [
        { kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
        { kind: 4, flatAmount: 500_000n },
      ],
      openKinds: 0b10001n,
      events: [{ name: "sale", title: "A sale", perCustomer: null, minimumVolume: "1" }],
    });
    const ada = await campaign.join();
    const ben = await campaign.join(undefined, ada.code);
    const sold = await campaign.report({ volume: "10", customerId: "a", referralToken: ada.click() });
    const refunded = await campaign.report({ volume: "20", customerId: "b", referralToken: ada.click() });
    await campaign.refund(refunded.body.id);
    await campaign.report({ volume: "0.5", customerId: "c", referralToken: ada.click() });
    const old = await campaign.report({ volume: "50", customerId: "d", referralToken: ben.click() });
    await market.database.query("UPDATE conversions SET received_at = received_at - interval '1 day' WHERE id = $1", [
      old.body.id,
    ]);
    await market.database.query(
      "INSERT INTO link_clicks (link_id, day, clicks) SELECT id, $2::date, 4 FROM links WHERE code = $1",
      [ada.code, day()],
    );
    const report = (query: string, token = campaign.brandToken) =>
      market.call("GET", `/v1/campaigns/${campaign.campaignId}/reports?${query}`, { token });
    return { campaign, ada, ben, sold: sold.body, report };
  }

  const zero = {
    clicks: 0,
    conversions: 0,
    rejected: 0,
    reversed: 0,
    volumeBaseUnits: "0",
    commission: "0",
    fees: "0",
    reversedCommission: "0",
  };

  it("sums by day what was clicked, sold, rejected and taken back", async () => {
    const { report } = await played();
    const { status, body } = await report("");
    expect(status).to.equal(200);
    expect(body).to.deep.equal([
      // Ben's sale pays Ben 1 + 5, and Ada, who recruited him, a half.
      {
        ...zero,
        day: day(1),
        group: "campaign",
        conversions: 1,
        volumeBaseUnits: "50000000",
        commission: "6500000",
        fees: "325000",
      },
      {
        ...zero,
        day: day(),
        group: "campaign",
        clicks: 4,
        conversions: 1,
        rejected: 1,
        reversed: 1,
        volumeBaseUnits: "10000000",
        commission: "2000000",
        fees: "100000",
        reversedCommission: "3000000",
      },
    ]);
  });

  it("groups by partner, offer, kind and event, by day or in all", async () => {
    const { ada, ben, report } = await played();
    const named = async (query: string) =>
      (await report(query)).body.map(({ group, clicks, conversions }: Record<string, unknown>) => [
        group,
        clicks,
        conversions,
      ]);
    expect(await named("by=partner&per=all")).to.have.deep.members([
      [ada.wallet, 4, 1],
      [ben.wallet, 0, 1],
    ]);
    expect(await named("by=offer&per=all")).to.deep.equal([
      ["", 0, 0],
      ["1", 0, 2],
    ]);
    expect(await named("by=kind&per=all")).to.deep.equal([
      ["", 0, 0],
      ["affiliate", 0, 2],
    ]);
    expect(await named(`by=event&from=${day(1)}&to=${day(1)}`)).to.deep.equal([["sale", 0, 1]]);
  });

  it("shows a partner its own, and a stranger nothing", async () => {
    const { ben, report } = await played();
    const { body } = await report("by=partner&per=all", ben.token);
    expect(body).to.deep.equal([
      { ...zero, day: "", group: ben.wallet, conversions: 1, volumeBaseUnits: "50000000", commission: "6000000" },
    ]);
    const stranger = await market.openSession("0x00000000000000000000000000000000000000aB");
    expect((await report("by=partner", stranger)).body).to.deep.equal([]);
    expect((await report("", "us_nobody")).status).to.equal(401);
  });

  it("refuses days that are none, too many, or the wrong way round", async () => {
    const { report } = await played();
    for (const query of [
      "from=2026-02-30",
      `from=${day()}&to=${day(1)}`,
      "from=2020-01-01&to=2021-06-01",
      "by=customer",
      "per=week",
    ])
      expect((await report(query)).status, query).to.equal(400);
  });

  it("says how much of what was accepted is taken back, and how long the chain takes", async () => {
    const { campaign } = await played();
    const path = `/v1/campaigns/${campaign.campaignId}/health`;
    const { body } = await market.call("GET", path);
    expect(body).to.include({
      conversions: 3,
      attested: "11500000",
      reversed: "3000000",
      secondsToAttest: null,
      waiting: 2,
    });
    await campaign.attest();
    await market.database.query(
      `UPDATE conversion_moves SET moved_at = received_at + interval '90 seconds'
       FROM conversions WHERE conversions.id = conversion_id AND campaign_id = $1 AND conversion_moves.state = 'attested'`,
      [campaign.campaignId],
    );
    const after = (await market.call("GET", path)).body;
    expect(after).to.include({ secondsToAttest: 90, secondsToRelease: null, waiting: 0, oldestWaiting: null });
    expect((await market.call("GET", `/v1/campaigns/0x${"00".repeat(32)}/health`)).status).to.equal(404);
  });

  it("tells a partner what each conversion earned it, and a recruiter its part of others'", async () => {
    const { campaign, ada, ben, sold } = await played();
    const earned = async (token: string, query = "") =>
      (await market.call("GET", `/v1/me/earnings?${query}`, { token })).body;
    const hers = await earned(ada.token);
    expect(
      hers.items.map(({ earned: amount, state, recruited }: Record<string, unknown>) => [amount, state, recruited]),
    ).to.deep.equal([
      ["500000", "accepted", true],
      ["0", "rejected", false],
      ["0", "reversed", false],
      ["2000000", "accepted", false],
    ]);
    expect(hers.items[1].reasonText).to.contain("minimum");
    expect((await earned(ben.token)).items.map((one: { earned: string }) => one.earned)).to.deep.equal(["6000000"]);
    const first = await earned(ada.token, "limit=2");
    const rest = await earned(ada.token, `limit=2&cursor=${first.next}`);
    expect([...first.items, ...rest.items]).to.deep.equal(hers.items);
    expect(rest.next).to.equal(null);
    const oldest = await earned(ada.token, "limit=3&sort=oldest");
    const last = await earned(ada.token, `limit=3&sort=oldest&cursor=${oldest.next}`);
    expect([...oldest.items, ...last.items]).to.deep.equal(hers.items.toReversed());
    // A cursor goes on in the direction in which it was given out.
    expect((await market.call("GET", `/v1/me/earnings?cursor=${oldest.next}`, { token: ada.token })).status).to.equal(
      400,
    );

    const digest = await campaign.attest(-10);
    await market.database.query(
      `INSERT INTO batch_lines (digest, index, attested, partner, commission, state, settled_block, settled_index)
       VALUES ($1, 0, '', $2, 2000000, 'released', 5, 1)`,
      [digest, ada.wallet],
    );
    await market.database.query("UPDATE conversions SET state = 'released' WHERE batch = $1", [digest]);
    const state = async () =>
      (await earned(ada.token)).items.find(({ conversionId }: { conversionId: string }) => conversionId === sold.id)
        .paid;
    expect(await state()).to.equal("claimable");
    // A claim takes all that was credited before it, and nothing after it.
    const claim = (block: number) =>
      market.database.query(
        `INSERT INTO last_claims (owner, token, block, log_index)
         SELECT $2, token, $3, 1 FROM campaigns JOIN batches ON campaign_id = id WHERE digest = $1
         ON CONFLICT (owner, token) DO UPDATE SET block = $3`,
        [digest, ada.wallet, block],
      );
    await claim(4);
    expect(await state()).to.equal("claimable");
    await claim(6);
    expect(await state()).to.equal("claimed");
  });

  it("lowers what a conversion earned by what its customer was given back, before the attestation and after", async () => {
    const { campaign, ada } = await played();
    for (const attested of [false, true]) {
      const { body } = await campaign.report({ volume: "100", customerId: "e", referralToken: ada.click() });
      if (attested) await campaign.attest();
      const refund = await campaign.refund(body.id, { volume: "60", refundId: "r-1" });
      expect(refund.status, refund.body.detail).to.equal(202);
      const [latest] = (await market.call("GET", "/v1/me/earnings?limit=1", { token: ada.token })).body.items;
      expect(latest).to.include({ conversionId: body.id, volumeBaseUnits: "40000000", earned: "5000000" });
    }
  });

  it("gives the statement as CSV that no spreadsheet carries out", async () => {
    const campaign = await market.openCampaign({
      events: [{ name: "=cmd()", title: "", perCustomer: null }],
      offers: [{ event: "=cmd()", kind: 0, flatAmount: 1_500_000n }],
    });
    const ada = await campaign.join();
    await campaign.report({ event: "=cmd()", customerId: "a", referralToken: ada.click() });
    const response = await market.app.request("/v1/me/statement.csv", {
      headers: { authorization: `Bearer ${ada.token}` },
    });
    expect(response.headers.get("content-type")).to.equal("text/csv; charset=utf-8");
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const [head, line, total, ...rest] = (await response.text()).trim().split("\r\n");
    expect(head).to.equal(
      "conversion,received (UTC),campaign,campaign's name,event,state,paid,reason,volume,earned,currency,token,release (UTC),transaction,sold for,given back,sold in,tokens for one,rate as of (UTC),rate by",
    );
    expect(line).to.contain(`,${campaign.campaignId},Spring,'=cmd(),accepted,no,,0.000000,1.500000,DUSD,0x`);
    expect(total).to.match(new RegExp(`^total,"?${day(29)} to ${day()}, UTC"?,,1 row,,,,,0.000000,1.500000,DUSD,0x`));
    expect(rest).to.deep.equal([]);
    expect((await market.app.request("/v1/me/statement.csv")).status).to.equal(401);
  });
});
