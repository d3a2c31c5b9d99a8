import { expect } from "chai";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";

describe("a partner's read key", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  before(async () => {
    relayer = await openRelayer();
  });
  after(() => relayer.close());

  it("reads what its wallet earns, and does nothing else, until it is deleted", async () => {
    const campaign = await relayer.openCampaign({});
    const { token, wallet, click } = await campaign.join();
    await campaign.report({ volume: "100", referralToken: click() });
    const made = await relayer.call("POST", "/v1/me/keys", { token, json: { label: "my sheet" } });
    expect(made.status).to.equal(201);
    const { secret, id } = made.body;
    expect(secret).to.match(/^pk_/);
    const get = (path: string, of = secret) => relayer.call("GET", path, { token: of });
    expect(
      (await get("/v1/me/partnerships")).body.items.map(({ partner }: { partner: string }) => partner),
    ).to.deep.equal([wallet]);
    expect((await get("/v1/me/earnings")).body.items).to.have.length(1);
    expect((await get("/v1/me/statement.csv")).status).to.equal(200);

    const partnerships = `/v1/campaigns/${campaign.campaignId}/partnerships`;
    for (const [method, path, json] of [
      ["POST", "/v1/me/keys", { label: "another" }],
      ["GET", "/v1/me/keys", undefined],
      ["PUT", "/v1/me/profile", { name: "Eve" }],
      ["PUT", "/v1/me/email", { email: "eve@mail.example" }],
      ["POST", partnerships, {}],
      ["GET", partnerships, undefined],
      ["POST", "/v1/conversions", { event: "sale", orderId: "1" }],
    ] as const) {
      const refused = await relayer.call(method, path, { token: secret, json });
      expect(refused.status, `${method} ${path}`).to.equal(401);
    }

    const listed = (await get("/v1/me/keys", token)).body;
    expect(listed).to.have.length(1);
    expect(listed[0]).to.include({ id, label: "my sheet", last4: secret.slice(-4) });
    expect(listed[0].lastUsedAt).to.be.a("string");
    expect(JSON.stringify(listed)).not.to.contain(secret);
    const stranger = await relayer.openSession(newWallet());
    expect((await relayer.call("DELETE", `/v1/me/keys/${id}`, { token: stranger })).status).to.equal(404);
    expect((await relayer.call("DELETE", `/v1/me/keys/${id}`, { token })).status).to.equal(204);
    expect((await get("/v1/me/earnings")).status).to.equal(401);
  });
});
