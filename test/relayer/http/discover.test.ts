import { expect } from "chai";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";

/** A batch, as far as it says when it was and when it pays. */
const BATCH = {
  columns:
    "digest, campaign_id, first_conversion, period_from, period_to, state, release_at, conversions, deadline, conversions_root, lines_root, line_count, total, current_root, current_total",
  values: "$1, $2, $3, $4, $5, $6, $7, 1, 0, '', '', 1, 1, '', 1",
};

describe("finding a campaign", () => {
  let desk: RelayerWithCampaign;
  const ids: Record<string, string> = {};

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    ids.Streamly = desk.campaignId;
    for (const name of ["Rated", "Empty", "Chosen"]) ids[name] = await desk.addCampaign(desk.brand.address, name);
    const set = (name: string, sql: string) =>
      desk.database.query(`UPDATE campaigns SET ${sql} WHERE id = $1`, [ids[name]]);
    await set("Empty", "available = 0, funded = 0");
    await set("Chosen", "open_kinds = 0, hold_seconds = 5");
    await desk.database.query(
      "UPDATE offers SET rate_bps = 2500, cap_units = 7, flat_amount = 0 WHERE campaign_id = $1",
      [ids.Rated],
    );
  });
  after(() => desk.close());

  const find = async (query = "") => (await desk.call("GET", `/v1/discover${query}`)).body;
  const names = async (query?: string) => (await find(query)).items.map(({ name }: { name: string }) => name);

  it("shows what pays now first, and says of the others why they do not", async () => {
    const { items, next } = await find();
    expect(items.at(-1)).to.include({ name: "Empty", funded: false, notice: "budget_exhausted" });
    expect(items.at(-2)).to.include({ name: "Chosen", open: false, notice: null });
    expect(next).to.equal(null);
    expect(await names("?paying=true")).not.to.include("Empty");
    expect(await names("?open=true")).not.to.include("Chosen");
  });

  it("says on each what it pays, in base units", async () => {
    const [rated] = (await find("?sort=rate")).items;
    expect(rated.name).to.equal("Rated");
    // Seven units of 10^4 base units are the most volume that counts.
    expect(rated.offers).to.deep.equal([{ event: "signup", kind: 0, flatAmount: "0", rateBps: 2500, cap: "70000" }]);
    expect(rated.guaranteedUntil).to.equal(null);
    const end = Math.floor(Date.now() / 1000) + 86_400;
    await desk.database.query("UPDATE campaigns SET locked_until = $2 WHERE id = $1", [ids.Rated, end]);
    expect((await find("?sort=rate")).items[0].guaranteedUntil).to.equal(end);
    expect((await names("?sort=hold"))[0]).to.equal("Chosen");
  });

  it("says how long a budget lasts by what was accepted lately, and nothing where nothing was", async () => {
    const key = await desk.addKey(desk.campaignId, await desk.signIn(desk.brand));
    await desk.report(key.secret, "order-1");
    const { items } = await find();
    // 2.10 DUSD in 30 days, of 100.
    expect(items[0]).to.include({ name: "Streamly", conversions: 1, reversed: 0 });
    expect(items[0].lastsSeconds).to.equal(String((100_000_000n * 30n * 86_400n) / 2_100_000n));
    expect(items.find(({ name }: { name: string }) => name === "Rated").lastsSeconds).to.equal(null);
  });

  it("says how long a sale takes to be a credit, by the times of the chain, and nothing where nothing was attested", async () => {
    const { columns, values } = BATCH;
    for (const [i, [from, to, release, state]] of (
      [
        [100, 200, 1_150, "attested"],
        [300, 300, 3_300, "released"],
        [400, 500, 5_450, "attested"],
        // Nobody signed it.
        [600, 600, null, "dead"],
      ] as const
    ).entries())
      await desk.database.query(`INSERT INTO batches (${columns}) VALUES (${values})`, [
        `0xbatch${i}`,
        ids.Streamly,
        i + 1,
        from,
        to,
        state,
        release,
      ]);
    const { items } = await find();
    const toCredit = (name: string) => items.find((one: { name: string }) => one.name === name).secondsToCredit;
    // 1,000, 3,000 and 5,000 seconds.
    expect(toCredit("Streamly")).to.equal(3_000);
    expect(toCredit("Rated")).to.equal(null);
  });

  it("is searched as it is typed, and goes page by page", async () => {
    expect(await names("?search=STREAM")).to.deep.equal(["Streamly"]);
    expect(await names("?search=%25")).to.deep.equal([]);
    const first = await find("?limit=3");
    const rest = await find(`?limit=3&cursor=${first.next}`);
    expect([first.items.length, rest.items.length, rest.next]).to.deep.equal([3, 1, null]);
    const wrong = await desk.call("GET", "/v1/discover?cursor=abc");
    expect([wrong.status, wrong.body.detail]).to.deep.equal([400, "`cursor` is not one that this list gave out."]);
  });

  it("stays open for all when a brand's description is none that the database can read", async () => {
    const campaignId = await desk.addCampaign(desk.brand.address, "Strange");
    const { body } = await desk.call("GET", `/v1/campaigns/${campaignId}`);
    const text = JSON.stringify(body.description).replace(
      /"windowSeconds":\d+/,
      '"windowSeconds":1e0,"bindingSeconds":1e-999999',
    );
    await desk.database.query("INSERT INTO descriptions (hash, body) VALUES ('0xstrange', $1)", [text]);
    await desk.database.query(
      "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, '0xstrange', '', 1)",
      [campaignId],
    );
    const { items } = await find();
    expect(items.find(({ id }: { id: string }) => id === campaignId)).to.include({ name: null, summary: null });
    expect(await names()).to.include("Streamly");
  });
});
