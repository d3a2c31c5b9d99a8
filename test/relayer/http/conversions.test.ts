import { expect } from "chai";
import { Wallet } from "ethers";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";

describe("the list of conversions", () => {
  let desk: RelayerWithCampaign;
  let token: string;
  const ids: string[] = [];

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    const { secret } = await desk.addKey(desk.campaignId, await desk.signIn(desk.brand));
    token = secret;
    for (const orderId of ["1", "2", "3"]) ids.push(await desk.report(token, orderId));
    await desk.database.query("UPDATE conversions SET received_at = '2026-01-01T00:00:00Z' WHERE id = $1", [ids[0]]);
  });
  after(() => desk.close());

  const list = async (query: string, from = token) => {
    const { status, body } = await desk.call("GET", `/v1/conversions${query}`, { token: from });
    expect(status).to.equal(200);
    return { ids: body.items.map(({ id }: { id: string }) => id), next: body.next };
  };

  it("has the newest first, a page at a time", async () => {
    const [one, two, three] = ids;
    expect(await list("")).to.deep.equal({ ids: [three, two, one], next: null });
    const first = await list("?limit=2");
    expect(first).to.deep.equal({ ids: [three, two], next: two });
    expect(await list(`?limit=2&cursor=${first.next}`)).to.deep.equal({ ids: [one], next: null });
  });

  it("has those alone that every condition holds for", async () => {
    const [one, two, three] = ids;
    const time = "2026-01-01T00:00:00Z";
    expect((await list(`?from=${time}&to=2026-01-02T00:00:00Z`)).ids).to.deep.equal([one]);
    expect((await list(`?to=${time}`)).ids).to.deep.equal([]);
    expect((await list("?from=2026-01-02T00:00:00Z&state=accepted")).ids).to.deep.equal([three, two]);
    expect((await list("?state=reversed")).ids).to.deep.equal([]);
    expect((await list(`?partner=${desk.brand.address}`)).ids).to.deep.equal([]);
    expect((await list(`?campaignId=${desk.campaignId}`)).ids).to.deep.equal([three, two, one]);
  });

  it("has the oldest first where that is asked for, a page at a time", async () => {
    const [one, two, three] = ids;
    const first = await list("?sort=oldest&limit=2");
    expect(first).to.deep.equal({ ids: [one, two], next: two });
    expect(await list(`?sort=oldest&limit=2&cursor=${first.next}`)).to.deep.equal({ ids: [three], next: null });
    expect((await list("?sort=newest")).ids).to.deep.equal([three, two, one]);
  });

  it("has an order whatever its event, found by its key, and no other campaign's", async () => {
    const [one] = ids;
    const lead = await desk.call("POST", "/v1/conversions", { token, json: { event: "lead", orderId: "1" } });
    expect((await list("?orderId=1")).ids).to.deep.equal([lead.body.id, one]);
    expect((await list("?orderId=1&event=signup")).ids).to.deep.equal([one]);
    expect((await list("?orderId=1&state=rejected")).ids).to.deep.equal([lead.body.id]);
    expect((await list("?orderId=none")).ids).to.deep.equal([]);
    expect((await list(`?orderId=1&campaignId=0x${"ab".repeat(32)}`)).ids).to.deep.equal([]);
    const session = await desk.signIn(desk.brand);
    expect((await list(`?orderId=1&campaignId=${desk.campaignId}`, session)).ids).to.deep.equal([lead.body.id, one]);
    await desk.database.query("DELETE FROM conversion_moves WHERE conversion_id = $1", [lead.body.id]);
    await desk.database.query("DELETE FROM conversions WHERE id = $1", [lead.body.id]);
  });

  it("of a key is that of its campaign, whichever is asked for", async () => {
    const other = await desk.addCampaign(desk.brand.address, "Another");
    const session = await desk.signIn(desk.brand);
    const { secret } = await desk.addKey(other, session);
    expect((await list("", secret)).ids).to.deep.equal([]);
    expect((await list(`?campaignId=${desk.campaignId}`, secret)).ids).to.deep.equal([]);
    expect((await list(`?campaignId=${other}`)).ids).to.deep.equal([]);
    // Who is signed in sees all that are its own.
    expect((await list(`?campaignId=${desk.campaignId}`, session)).ids).to.deep.equal([...ids].reverse());
  });

  it("has one order, one event, one customer and one link's, as it is asked", async () => {
    const [one, two, three] = ids;
    expect((await list("?orderId=2")).ids).to.deep.equal([two]);
    expect((await list("?orderId=%202%20&event=signup")).ids).to.deep.equal([two]);
    expect((await list("?orderId=nobody's")).ids).to.deep.equal([]);
    expect((await list("?event=sale")).ids).to.deep.equal([]);
    expect((await list("?customerId=bound&limit=200")).ids).to.deep.equal([three, two, one]);
    expect((await list("?customerId=another")).ids).to.deep.equal([]);
    const links = await desk.database.query<{ id: bigint; code: string }>(
      `UPDATE links SET alias = 'the-one' WHERE partnership_id = (SELECT partnership_id FROM conversions WHERE id = $1)
       RETURNING id, code`,
      [one],
    );
    await desk.database.query("UPDATE conversions SET link_id = $1 WHERE id = $2", [links[0]?.id, two]);
    expect((await list(`?link=${links[0]?.code}`)).ids).to.deep.equal([two]);
    expect((await list("?link=The-One")).ids).to.deep.equal([two]);
    expect((await list("?link=another-one")).ids).to.deep.equal([]);
    // In a query a plus is a blank.
    expect((await list("?from=2026-01-01T01:00:00+0100&to=2026-01-01T01:00:01+01:00")).ids).to.deep.equal([one]);
  });

  it("tells nobody but the brand which conversions are a customer's", async () => {
    const ask = async (query: string, from: string) => {
      const { status, body } = await desk.call("GET", `/v1/conversions${query}`, { token: from });
      return [status, body.items?.length ?? body.detail];
    };
    const brand = await desk.signIn(desk.brand);
    expect(await ask(`?customerId=bound&campaignId=${desk.campaignId}`, brand)).to.deep.equal([200, 3]);
    expect(await ask("?customerId=bound", brand)).to.deep.equal([
      400,
      "query: `customerId` is one of a campaign's customers. Send `campaignId` with it.",
    ]);
    const stranger = Wallet.createRandom();
    expect(await ask(`?customerId=bound&campaignId=${desk.campaignId}`, await desk.signIn(stranger))).to.deep.equal([
      403,
      `Only the campaign's brand may ask by customerId; ${stranger.address} is signed in.`,
    ]);
  });

  it("refuses a condition that it does not know, by its name, instead of answering without it", async () => {
    const refusal = async (path: string) => {
      const { status, body } = await desk.call("GET", path, { token });
      expect(status, path).to.equal(400);
      return body.detail;
    };
    expect(await refusal("/v1/conversions?orderid=2&limit=1&x=")).to.match(
      /^query: "orderid", "x" is not known here\. It takes .*\borderId\b.*\.$/,
    );
    expect(await refusal("/v1/imports?state=done")).to.equal(
      'query: "state" is not known here. This route takes no query.',
    );
    expect(await refusal("/v1/conversions?state=accepted&state=review")).to.equal(
      'query: "state" is there 2 times. Send it once.',
    );
  });

  it("refuses it at every route, those that write as well: nobody's `?dryRun=true` reports a sale", async () => {
    const { body: document } = await desk.call("GET", "/v1/openapi.json");
    const routes = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, operations]) =>
      path.startsWith("/v1/") ? Object.keys(operations).map((method) => [method.toUpperCase(), path] as const) : [],
    );
    expect(new Set(routes.map(([method]) => method))).to.include.keys("GET", "POST", "DELETE");
    expect(routes.length).to.be.above(50);
    for (const [method, path] of routes) {
      const { status, body } = await desk.call(method, `${path.replace(/\{\w+\}/g, "1")}?nothing=1`, { token });
      expect([status, body.detail?.slice(0, 16)], `${method} ${path}`).to.deep.equal([400, 'query: "nothing"']);
    }
    const orderId = "dry";
    const dry = await desk.call("POST", "/v1/conversions?dryRun=true", { token, json: { event: "sale", orderId } });
    expect(dry.body.detail).to.equal('query: "dryRun" is not known here. This route takes no query.');
    expect((await desk.call("GET", `/v1/conversions?orderId=${orderId}`, { token })).body.items).to.deep.equal([]);
  });

  it("is had by any spelling of Bearer, and a credential of the other kind is called that", async () => {
    const session = await desk.signIn(desk.brand);
    const ask = async (path: string, authorization: string) => {
      const { status, body } = await desk.call("GET", path, { headers: { authorization } });
      return [status, body.detail];
    };
    for (const scheme of ["bearer", "BEARER", "Bearer"])
      for (const credential of [token, session])
        expect((await ask("/v1/conversions", `${scheme} ${credential}`))[0]).to.equal(200);
    const [status, detail] = await ask(`/v1/campaigns/${desk.campaignId}/keys`, `bearer ${token}`);
    expect(status).to.equal(401);
    expect(detail).to.match(/takes a session token \(us_…\), and an API key \(sk_…\) came/);
    const [other, reason] = await ask("/v1/imports", `Bearer ${session}`);
    expect(other).to.equal(401);
    expect(reason).to.match(/takes an API key \(sk_…\), and a session token \(us_…\) came/);
  });

  it("takes a report whose alphabet is called utf8", async () => {
    for (const charset of ["utf8", "UTF8", '"utf-8"', "utf-8"]) {
      const { status, body } = await desk.call("POST", "/v1/conversions", {
        token,
        headers: { "content-type": `application/json; charset=${charset}` },
        json: { event: "signup", orderId: "1", customerId: "bound" },
      });
      expect([status, body.id], charset).to.deep.equal([200, ids[0]]);
    }
  });
});
