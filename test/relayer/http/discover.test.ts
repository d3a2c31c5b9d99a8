import { expect } from "chai";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";

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
