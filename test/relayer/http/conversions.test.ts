import { expect } from "chai";
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
});
