import { expect } from "chai";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";

describe("a partner's name", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  before(async () => {
    relayer = await openRelayer();
  });
  after(() => relayer.close());

  const put = (token: string, json: Record<string, unknown>) => relayer.call("PUT", "/v1/me/profile", { token, json });

  it("is said once, and its brands have it in every list of theirs, and nobody else", async () => {
    const campaign = await relayer.openCampaign({});
    const [ada, kai] = [await campaign.join(), await campaign.join()];
    expect((await relayer.call("GET", "/v1/me/profile", { token: ada.token })).body).to.equal(null);
    const said = {
      name: "Ada",
      site: "https://ada.example",
      picture: null,
      audience: "people who cook",
      country: "CH",
    };
    expect((await put(ada.token, said)).body).to.deep.equal({ ...said, onLeaderboards: false });
    const reported = await campaign.report({ volume: "100", referralToken: ada.click() });
    await campaign.report({ volume: "100", referralToken: kai.click() });

    const path = `/v1/campaigns/${campaign.campaignId}/partnerships`;
    const ask = async (asked: string, token: string) => (await relayer.call("GET", asked, { token })).body;
    const partners = async () =>
      (await ask(`${path}?sort=oldest`, campaign.brandToken)).items.map(
        ({ partner, profile, label }: Record<string, unknown>) => ({
          partner,
          profile,
          label,
        }),
      );
    expect(await partners()).to.deep.equal([
      { partner: ada.wallet, profile: said, label: null },
      { partner: kai.wallet, profile: null, label: null },
    ]);
    const names = async (token: string) => {
      const { items } = await ask("/v1/conversions?sort=oldest", token);
      const report = await ask(`/v1/campaigns/${campaign.campaignId}/reports?by=partner&per=all`, token);
      return {
        conversions: items.map(({ partnerName }: { partnerName?: string }) => partnerName),
        one: (await ask(`/v1/conversions/${reported.body.id}`, token)).partnerName,
        report: Object.fromEntries(report.map(({ group, groupName }: Record<string, string>) => [group, groupName])),
      };
    };
    expect(await names(campaign.brandToken)).to.deep.equal({
      conversions: ["Ada", undefined],
      one: "Ada",
      report: { [ada.wallet]: "Ada", [kai.wallet]: undefined },
    });
    expect((await names(ada.token)).conversions).to.deep.equal([undefined]);
    expect(JSON.stringify((await relayer.call("GET", `/v1/partners/${ada.wallet}`)).body)).not.to.contain("Ada");

    // The brand's own word counts more, and its partner does not see it.
    const labelled = await relayer.call("PUT", `${path}/${ada.wallet}/label`, {
      token: campaign.brandToken,
      json: { label: "Ada (Basel)", note: "pays late", tags: ["gold", "gold", "chef"] },
    });
    expect(labelled.body).to.deep.equal({ label: "Ada (Basel)", note: "pays late", tags: ["gold", "chef"] });
    expect((await names(campaign.brandToken)).one).to.equal("Ada (Basel)");
    expect((await partners())[0]?.label).to.deep.equal(labelled.body);
    expect(JSON.stringify(await ask("/v1/me/partnerships", ada.token))).not.to.contain("Basel");

    // It is the brand's, and not the campaign's.
    const next = newWallet();
    await relayer.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [campaign.campaignId, next]);
    const [seen] = (await ask(`${path}?sort=oldest`, await relayer.openSession(next))).items;
    expect(seen).to.deep.include({ profile: said, label: null });

    expect((await relayer.call("DELETE", "/v1/me/profile", { token: ada.token })).status).to.equal(204);
    expect((await ask(`${path}?sort=oldest`, await relayer.openSession(next))).items[0].profile).to.equal(null);
  });

  it("is one line in which everything is seen, and no address", async () => {
    const token = await relayer.openSession(newWallet());
    expect((await put(token, { name: "  Ada\r\n\u202Ebob\u200B  Lovelace " })).body.name).to.equal("Ada bob Lovelace");
    for (const [json, said] of [
      [{ name: "\u200b\u202e" }, "has nothing in it that is seen"],
      [{ name: "0xAbCdef is me" }, "begins like an address"],
      [{ name: "a".repeat(61) }, "60"],
      [{ name: "Ada", site: "http://ada.example" }, "site"],
      [{ name: "Ada", site: "javascript:alert(1)" }, "site"],
      [{ name: "Ada", site: "ada" }, "site"],
      [{ name: "Ada", picture: "https://brand.example:pw@evil.example/x.png" }, "has a user or a password in it"],
      [{ name: "Ada", country: "ch" }, "two capital letters"],
      [{ name: "Ada", verified: true }, "verified"],
    ] as const) {
      const refused = await put(token, json);
      expect(refused.status, JSON.stringify(json)).to.equal(400);
      expect(refused.body.detail).to.contain(said);
    }
  });

  it("is the brand's to note, of partners that it has", async () => {
    const campaign = await relayer.openCampaign({});
    const partner = await campaign.join();
    const label = (wallet: string, token: string) =>
      relayer.call("PUT", `/v1/campaigns/${campaign.campaignId}/partnerships/${wallet}/label`, {
        token,
        json: { label: "x" },
      });
    expect((await label(partner.wallet, partner.token)).status).to.equal(403);
    expect((await label(newWallet(), campaign.brandToken)).status).to.equal(404);
  });
});
