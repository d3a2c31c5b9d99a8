import { expect } from "chai";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import type { Database } from "#service/database.ts";

const PARTNERS = 500;

describe("lists", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  let campaign: Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  /** What was asked of the database, and how many rows it gave. */
  const asked: number[] = [];

  before(async () => {
    relayer = await openRelayer({
      databaseOf: (real): Database => ({
        ...real,
        async query<Row>(text: string, parameters?: readonly unknown[]) {
          const rows = await real.query<Row>(text, parameters);
          asked.push(rows.length);
          return rows;
        },
      }),
    });
    campaign = await relayer.openCampaign({});
    const { database } = relayer;
    // Five hundred partners; the n-th sold n % 50 times, and its link was followed n times.
    await database.query(
      `WITH joined AS (
         INSERT INTO partnerships (campaign_id, partner)
         SELECT $1, '0xaaa' || lpad(to_hex(n), 37, '0') FROM generate_series(1, $2::int) AS n RETURNING id
       )
       INSERT INTO links (partnership_id, code) SELECT id, 'l' || id FROM joined`,
      [campaign.campaignId, PARTNERS],
    );
    await database.query(
      `INSERT INTO link_clicks (link_id, day, clicks)
       SELECT l.id, '2026-11-01', row_number() OVER (ORDER BY l.id) FROM links l JOIN partnerships p ON p.id = l.partnership_id
       WHERE campaign_id = $1`,
      [campaign.campaignId],
    );
    await database.query(
      `WITH made AS (INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, partnership_id, volume, received_at, state, entries,
         commission, partner_commission, fee, salt)
       SELECT $1, CASE WHEN i % 2 = 0 THEN 'sale' ELSE 'lead' END, 'shop-' || p.n || '-' || i, '', gen_random_uuid()::text, p.id, 10, now(),
         CASE WHEN i % 7 = 6 THEN 'reversed' ELSE 'accepted' END, '[]', 3, 2, 0, ''
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM partnerships WHERE campaign_id = $1) AS p
       CROSS JOIN LATERAL generate_series(1, p.n % 50) AS i RETURNING id, state)
       INSERT INTO conversion_moves (conversion_id, state) SELECT id, state FROM made`,
      [campaign.campaignId],
    );
  });
  after(() => relayer.close());
  beforeEach(() => {
    asked.length = 0;
  });

  const get = (path: string, token = campaign.brandToken, headers = {}) =>
    relayer.call("GET", path, { token, headers });
  const partners = () => `/v1/campaigns/${campaign.campaignId}/partnerships`;

  // biome-ignore lint/suspicious/noExplicitAny: items of any list
  async function all(path: string, token?: string): Promise<any[]> {
    const items = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const answer = await get(`${path}${cursor === "" ? "" : `&cursor=${cursor}`}`, token);
      expect(answer.status, answer.body.detail).to.equal(200);
      items.push(...answer.body.items);
      cursor = answer.body.next;
    }
    return items;
  }

  it("of 500 partners are read a page at a time, by what each has sold, earned or had clicked, and each is there once", async () => {
    for (const sort of ["newest", "oldest", "commission", "conversions", "clicks"]) {
      const items = await all(`${partners()}?sort=${sort}&limit=120`);
      expect(items).to.have.length(PARTNERS);
      expect(new Set(items.map(({ partner }) => partner)).size).to.equal(PARTNERS);
      const values = items.map((item) => (/est$/.test(sort) ? Date.parse(item.joinedAt) : Number(item[sort])));
      const sorted = values.toSorted((a, b) => (sort === "oldest" ? a - b : b - a));
      expect(values, sort).to.deep.equal(sorted);
    }
    asked.length = 0;
    const { items } = (await get(`${partners()}?sort=commission&limit=50`)).body;
    // Seven of its 49 were taken back, of the 42 others it has 2 each.
    expect(items[0]).to.deep.include({ conversions: 42, reversed: 7, volumeBaseUnits: "420", commission: "84" });
    // Who asks, whose the campaign is, a page and its names: whatever the campaign has.
    expect(asked.length).to.be.at.most(5);
    expect(Math.max(...asked)).to.be.at.most(51);
  });

  it("of partners are searched by address, name, label and tag, and what is typed is no pattern", async () => {
    const ada = newWallet();
    const { token } = await campaign.join(ada);
    await relayer.call("PUT", "/v1/me/profile", {
      token,
      json: { name: "Ada 100%", site: null, picture: null, audience: null, country: null },
    });
    await relayer.call("PUT", `${partners()}/${ada}/label`, {
      token: campaign.brandToken,
      json: { label: "The cook", note: null, tags: ["gold"] },
    });
    for (const search of [ada.slice(4, 20), "ADA 100%25", "cook", "gold"])
      expect(
        (await get(`${partners()}?search=${search}`)).body.items.map(({ partner }: { partner: string }) => partner),
        search,
      ).to.deep.equal([ada]);
    for (const search of ["%25%25", "_da", "nobody's"])
      expect((await get(`${partners()}?search=${search}`)).body.items, search).to.deep.equal([]);
    const page = await all(`${partners()}?search=0xaaa&sort=clicks&limit=200`);
    expect(page).to.have.length(PARTNERS);
  });

  it("refuse a cursor of another list or of another order, and what they do not know", async () => {
    const { next } = (await get(`${partners()}?sort=clicks&limit=2`)).body;
    for (const query of [
      `sort=newest&cursor=${next}`,
      "cursor=abc",
      `cursor=${Buffer.from("partners").toString("base64url")}`,
    ]) {
      const { status, body } = await get(`${partners()}?${query}`);
      expect([status, body.detail], query).to.deep.equal([400, "`cursor` is not one that this list gave out."]);
    }
    for (const [query, said] of [
      ["sort=best", "sort"],
      ["limit=201", "limit"],
      ["search=", "search"],
      [`search=${"a".repeat(101)}`, "search"],
      ["order=asc", '"order" is not known here'],
    ]) {
      const { status, body } = await get(`${partners()}?${query}`);
      expect(status, query).to.equal(400);
      expect(body.detail, query).to.contain(said);
    }
    for (const path of [`/v1/campaigns?cursor=${next}`, "/v1/campaigns?cursor=e30", "/v1/campaigns?ids=0x1"])
      expect((await get(path)).status, path).to.equal(400);
  });

  it("of conversions are searched by what an order's id begins with, of every event, and by no more than that", async () => {
    const found = async (search: string, more = "") =>
      get(`/v1/conversions?campaignId=${campaign.campaignId}&limit=200&search=${encodeURIComponent(search)}${more}`);
    const orders = (await found("shop-49-")).body.items.map(({ orderId }: { orderId: string }) => orderId);
    expect(new Set(orders)).to.deep.equal(new Set(Array.from({ length: 49 }, (_, i) => `shop-49-${i + 1}`)));
    expect((await found("shop-49-1", "&event=lead")).body.items).to.have.length(6);
    expect((await found("shop-49-1", "&state=reversed")).body.items).to.have.length(1);
    for (const none of ["SHOP-49", "hop-49", "shop-4%", "shop-4_-"])
      expect((await found(none)).body.items, none).to.deep.equal([]);
    const much = await found("shop-");
    expect([much.status, much.body.detail]).to.deep.equal([
      400,
      'query: more than 200 conversions have orders that begin with "shop-". Type more of it.',
    ]);
    const nowhere = await get("/v1/conversions?search=shop");
    expect([nowhere.status, nowhere.body.detail]).to.deep.equal([
      400,
      "query: `search` is in one campaign's orders. Send `campaignId` with it.",
    ]);
  });

  it("of conversions are searched among what the asker may see: how many others there are is told to nobody", async () => {
    const search = (wanted: string, token: string, campaignId = campaign.campaignId) =>
      get(`/v1/conversions?campaignId=${campaignId}&limit=200&search=${wanted}`, token);
    const [wallet, other] = [newWallet(), newWallet()];
    const next = await relayer.openCampaign({});
    const sell = async (campaignId: string, partner: string, orders: readonly string[]) => {
      await relayer.database.query(
        `WITH joined AS (INSERT INTO partnerships (campaign_id, partner) VALUES ($1, $2) RETURNING id),
           made AS (INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, partnership_id, volume, received_at, state,
             entries, commission, partner_commission, fee, salt)
           SELECT $1, 'sale', given.order_id, '', gen_random_uuid()::text, joined.id, 10, now(), 'accepted', '[]', 3, 2, 0, ''
           FROM joined, unnest($3::text[]) AS given (order_id) RETURNING id, state)
         INSERT INTO conversion_moves (conversion_id, state) SELECT id, state FROM made`,
        [campaignId, partner, orders],
      );
    };
    await sell(campaign.campaignId, wallet, ["shop-mine-1", "shop-mine-2"]);
    await sell(campaign.campaignId, other, ["shop-theirs-1"]);
    await sell(next.campaignId, wallet, ["shop-next-1"]);
    const orders = async (...asked: Parameters<typeof search>) => {
      const { status, body } = await search(...asked);
      expect(status, JSON.stringify(body)).to.equal(200);
      return body.items.map(({ orderId }: { orderId: string }) => orderId).sort();
    };
    const partner = await relayer.openSession(wallet);
    // More than can be shown begin so, and none of the others is this partner's.
    expect(await orders("shop-", partner)).to.deep.equal(["shop-mine-1", "shop-mine-2"]);
    expect(await orders("shop-theirs", partner)).to.deep.equal([]);
    expect(await orders("shop-", partner, next.campaignId)).to.deep.equal(["shop-next-1"]);
    expect(await orders("shop-", await relayer.openSession(other))).to.deep.equal(["shop-theirs-1"]);
    expect(await orders("shop-", await relayer.openSession(newWallet()))).to.deep.equal([]);
    // One brand knows nothing of the other's.
    expect(await orders("shop-", next.brandToken)).to.deep.equal([]);
    expect(await orders("shop-", next.brandToken, next.campaignId)).to.deep.equal(["shop-next-1"]);
    expect((await search("shop-", campaign.brandToken)).status).to.equal(400);
  });

  it("of campaigns are a brand's, or those that are named, a page at a time", async () => {
    const ids = [campaign.campaignId];
    for (let i = 0; i < 4; i++) {
      const { campaignId } = await relayer.openCampaign({});
      await relayer.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [campaignId, campaign.brand]);
      ids.push(campaignId);
    }
    await relayer.openCampaign({});
    const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);
    expect(idsOf(await all(`/v1/campaigns?brand=${campaign.brand}&limit=2`))).to.deep.equal(ids.toSorted());
    expect(idsOf(await all(`/v1/campaigns?ids=${ids[1]},${ids[3]}`))).to.deep.equal([ids[1], ids[3]].sort());
    expect(idsOf(await all("/v1/campaigns?limit=3"))).to.include.members(ids);
    const many = await get(`/v1/campaigns?ids=${Array(51).fill(ids[0]).join(",")}`);
    expect([many.status, many.body.detail]).to.deep.equal([
      400,
      "query: ids: has at most 50 ids; ask again for the others.",
    ]);
  });

  it("are not sent again while they are what they were", async () => {
    const path = `${partners()}?limit=2`;
    const first = await get(path);
    const tag = first.headers.get("etag") ?? "";
    expect(first.headers.get("cache-control")).to.equal("private, no-cache");
    expect(first.headers.get("vary")).to.contain("authorization");
    const again = await get(path, undefined, { "if-none-match": `W/"other", ${tag}` });
    expect([again.status, again.body, again.headers.get("etag")]).to.deep.equal([304, "", tag]);
    expect(again.headers.get("access-control-allow-origin")).to.equal("*");
    await campaign.join();
    const changed = await get(path, undefined, { "if-none-match": tag });
    expect(changed.status).to.equal(200);
    expect(changed.headers.get("etag")).to.not.equal(tag);
    // Who may not see the list is not told that it has not changed, either.
    expect((await get(path, campaign.key, { "if-none-match": tag })).status).to.equal(403);
  });
});
