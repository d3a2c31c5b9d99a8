import { expect } from "chai";
import fc from "fast-check";
import { SECRET } from "#harness/relayer.ts";
import { DAY, openRelayerWithLinks, type RelayerWithLinks } from "#harness/relayerWithLinks.ts";
import { aliasProblem, newInviteCode, readInvite } from "#relayer/domain/inviteCode.ts";
import { signReferral } from "#relayer/domain/referralToken.ts";
import { createLink } from "#relayer/store/links.ts";

describe("a partner's links", function () {
  this.timeout(240_000);
  let town: RelayerWithLinks;
  before(async () => {
    town = await openRelayerWithLinks();
  });
  after(() => town?.close());

  /** A campaign with a partner, who makes links and looks at them. */
  async function newPartner(description = {}) {
    const { campaignId, session: brand } = await town.openCampaign(description);
    const partner = await town.join(campaignId);
    const path = `/v1/campaigns/${campaignId}/links`;
    return {
      campaignId,
      brand,
      path,
      ...partner,
      create: (body: unknown) => town.call("POST", path, { token: partner.session, json: body }),
      change: (code: string, body: unknown) =>
        town.call("PATCH", `${path}/${code}`, { token: partner.session, json: body }),
      list: async (query = "", session = partner.session) =>
        (await town.call("GET", path + query, { token: session })).body,
    };
  }

  it("begin with one, which the partnership shows; joining again makes no other", async () => {
    const { campaignId, session, code, list } = await newPartner();
    const joined = await Promise.all(
      Array.from({ length: 3 }, () =>
        town.call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token: session }),
      ),
    );
    for (const { status, body } of joined) {
      expect(status).to.equal(201);
      expect(body).to.include({ code, link: `https://go.example/i/${code}`, clicks: 0, notice: null });
    }
    expect(await list()).to.have.length(1);
  });

  it("have labels, places and aliases", async () => {
    const { create, list, campaignId, partner, code: first } = await newPartner();
    const plain = await create({});
    expect(plain.status).to.equal(201);
    expect(plain.body).to.include({ alias: null, label: "", path: null, leadsTo: "https://brand.example/" });
    expect(plain.body.code).to.match(/^[2-9b-df-hjkmnp-tv-xz]{8}$/);
    const named = await create({ label: "spring newsletter", path: "/a/../pricing?x=1", alias: "Ada-Loves" });
    expect(named.body).to.include({
      campaignId,
      partner,
      alias: "ada-loves",
      url: "https://go.example/i/ada-loves",
      label: "spring newsletter",
      path: "/pricing?x=1",
      leadsTo: "https://brand.example/pricing?x=1",
      archived: false,
      clicks: 0,
      bots: 0,
      conversions: 0,
      rejected: 0,
      commission: "0",
      notice: null,
      noticeText: null,
    });
    expect((await list()).map(({ code }: { code: string }) => code)).to.deep.equal([
      first,
      plain.body.code,
      named.body.code,
    ]);
  });

  it("lead only where the campaign allows, and say so", async () => {
    const { create, change, code } = await newPartner({ allowedOrigins: ["https://shop.example"] });
    expect((await create({ path: "https://shop.example/shoes" })).body.leadsTo).to.equal("https://shop.example/shoes");
    for (const path of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example/",
      "https://a@shop.example/",
      "javascript:0",
    ]) {
      for (const { status, body } of [await create({ path }), await change(code, { path })]) {
        expect(status, path).to.equal(400);
        expect(body.detail, path).to.contain("path: ").and.to.contain(path);
      }
    }
    expect((await create({ path: "https://evil.example/" })).body.detail).to.equal(
      'path: "https://evil.example/" leads to https://evil.example; this campaign\'s links lead to https://brand.example, https://shop.example.',
    );
  });

  it("have no alias that is taken, reserved, malformed or like a code", async () => {
    const { create } = await newPartner();
    const other = await newPartner();
    expect((await other.create({ alias: "taken" })).status).to.equal(201);
    const taken = await create({ alias: "TAKEN" });
    expect(taken.status).to.equal(409);
    expect(taken.body.detail).to.equal('The alias "taken" is taken. Choose another one.');
    for (const [alias, why] of [
      ["admin", "is reserved"],
      ["sign-in", "is reserved"],
      ["bcdfghj", "looks like an invite code"],
      ["BCDFGHJK", "looks like an invite code"],
      ["ab", "has to be 3 to 32"],
      ["a_b", "has to be 3 to 32"],
      ["-ab", "has to be 3 to 32"],
      ["ab-", "has to be 3 to 32"],
      ["a--b", "has to be 3 to 32"],
      ["a b", "has to be 3 to 32"],
      ["adä", "has to be 3 to 32"],
      ["a".repeat(33), "32"],
    ] as const) {
      const { status, body } = await create({ alias });
      expect(status, alias).to.equal(400);
      expect(body.detail, alias).to.contain(why);
    }
  });

  it("are made once when two partners want the same alias at the same time", async () => {
    const partners = [await newPartner(), await newPartner(), await newPartner()];
    const answers = await Promise.all(partners.map(({ create }) => create({ alias: "race" })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409]);
  });

  it("are refused when a field is not what it should be", async () => {
    const { create, change, code } = await newPartner();
    for (const body of [
      { label: "x".repeat(101) },
      { label: "a\u0000b" },
      { label: "a\nb" },
      { label: 1 },
      { path: "" },
      { path: `/${"x".repeat(4_000)}` },
      { code: "bcdfghjk" },
      { clicks: 7 },
    ]) {
      expect((await create(body)).status, JSON.stringify(body)).to.equal(400);
      expect((await change(code, body)).status, JSON.stringify(body)).to.equal(400);
    }
    expect((await change(code, {})).body.detail).to.contain("give label, path or archived");
    // An alias is in the world: it stays.
    expect((await change(code, { alias: "other" })).status).to.equal(400);
  });

  it("are at most a hundred, archived ones included, however fast they are made", async () => {
    const { campaignId, create, change, list, partner } = await newPartner();
    const [row] = await town.database.query<{ id: bigint }>(
      "SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $2",
      [campaignId, partner],
    );
    const partnershipId = row?.id as bigint;
    for (let i = 1; i < 98; i++) await createLink(town.database, { partnershipId, alias: null, label: "", path: null });
    const answers = await Promise.all(Array.from({ length: 5 }, () => create({})));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 201, 409, 409, 409]);
    const last = answers.find(({ status }) => status === 201)?.body.code;
    expect((await change(last, { archived: true })).status).to.equal(200);
    const { status, body } = await create({});
    expect(status).to.equal(409);
    expect(body.detail).to.contain("at most 100 links");
    expect(await list("?limit=1000")).to.have.length(99);
    expect(await list("?limit=1000&archived=true")).to.have.length(100);
  });

  it("change, field by field", async () => {
    const { create, change, list } = await newPartner();
    const { code } = (await create({ label: "one", path: "/one" })).body;
    expect((await change(code, { label: "two" })).body).to.include({ label: "two", path: "/one", archived: false });
    expect((await change(code, { path: "/two" })).body).to.include({ label: "two", path: "/two", archived: false });
    expect((await change(code, { path: null })).body).to.include({ label: "two", path: null });
    expect((await change(code, { label: "" })).body).to.include({ label: "", path: null });
    expect((await change(code, { archived: true })).body).to.include({ archived: true });
    expect((await change(code, { archived: true, label: "three" })).body).to.include({
      archived: true,
      label: "three",
    });
    expect(await list()).to.have.length(1);
    expect((await change(code, { archived: false })).body).to.include({ archived: false, label: "three" });
    expect(await list()).to.have.length(2);
  });

  it("are their partner's: others neither see nor change them, the brand sees them", async () => {
    const { campaignId, brand, code, create, list, path, partner, session } = await newPartner();
    const other = await town.join(campaignId);
    const elsewhere = await newPartner();
    for (const stranger of [other.session, elsewhere.session, brand, elsewhere.brand]) {
      const { status, body } = await town.call("PATCH", `${path}/${code}`, {
        token: stranger,
        json: { label: "mine" },
      });
      expect(status).to.equal(404);
      expect(body.detail).to.contain(`You have no link ${code}`);
    }
    // By the path of another campaign it is not to be found, either.
    expect(
      (await town.call("PATCH", `${elsewhere.path}/${code}`, { token: session, json: { label: "x" } })).status,
    ).to.equal(404);
    expect((await town.call("GET", `${path}/${code}/clicks`, { token: other.session })).status).to.equal(404);
    expect((await town.call("GET", `${elsewhere.path}/${code}/clicks`, { token: elsewhere.brand })).status).to.equal(
      404,
    );
    expect((await town.call("GET", `${path}/${code}/clicks`, { token: brand })).status).to.equal(200);
    expect(await list("", elsewhere.session)).to.deep.equal([]);
    expect(await list("?partner=".concat(partner), other.session)).to.have.length(1);
    expect((await list("?partner=".concat(partner), other.session))[0].partner).to.equal(other.partner);
    await create({});
    expect(await list("", brand)).to.have.length(3);
    expect(await list(`?partner=${partner}`, brand)).to.have.length(2);
    expect((await list("", brand))[0].label).to.equal("");

    expect((await town.call("POST", path, { token: brand, json: {} })).status).to.equal(403);
    expect((await town.call("POST", path, { token: elsewhere.session, json: {} })).body.detail).to.contain(
      "Join first",
    );
    for (const [method, body] of [["GET"], ["POST", {}]] as const)
      expect((await town.call(method, path, { token: "us_nobody", json: body })).status).to.equal(401);
    const nowhere = `/v1/campaigns/0x${"f".repeat(64)}/links`;
    expect((await town.call("GET", nowhere, { token: brand })).status).to.equal(404);
    expect((await town.call("POST", nowhere, { token: brand, json: {} })).status).to.equal(404);
  });

  it("come in pages", async () => {
    const { create, list } = await newPartner();
    for (let i = 0; i < 4; i++) await create({ label: String(i) });
    const all: { code: string }[] = await list();
    const first: { code: string }[] = await list("?limit=2");
    const second: { code: string }[] = await list(`?limit=2&after=${first[1]?.code}`);
    const third: { code: string }[] = await list(`?limit=2&after=${second[1]?.code}`);
    expect([...first, ...second, ...third]).to.deep.equal(all);
    expect(await list(`?after=${all[4]?.code}`)).to.deep.equal([]);
  });

  it("lead on and count for ever: archived, with another place, by code and alias", async () => {
    const { create, change, list } = await newPartner();
    const { code } = (await create({ path: "/old", alias: "for-ever" })).body;
    await change(code, { archived: true, path: "/new" });
    for (const name of [code, "for-ever"]) {
      const response = await town.follow(name);
      expect(response.headers.get("location")).to.match(new RegExp(`^https://brand.example/new\\?_ushrt=2.${code}`));
    }
    await town.invites.flushClicks();
    expect((await list("?archived=true"))[1]).to.include({ code, clicks: 2 });
  });

  it("show what came of them: clicks, conversions, rejections and commission, to partner and brand", async () => {
    const { campaignId, create, list, brand, code: first } = await newPartner();
    const second = (await create({ alias: "second" })).body.code;
    const key = await town.apiKey(campaignId);
    let orders = 0;
    const report = async (referralToken: string | undefined, customerId?: string) =>
      (
        await town.call("POST", "/v1/conversions", {
          token: key,
          json: {
            event: "signup",
            orderId: `o${++orders}`,
            referralToken,
            customerId,
          },
        })
      ).body;
    const click = async (name: string) =>
      new URL((await town.follow(name)).headers.get("location") ?? "").searchParams.get("_ushrt") as string;

    expect((await report(await click(first), "a1")).state).to.equal("accepted");
    expect((await report(await click("second"), "b1")).state).to.equal("accepted");
    expect((await report(await click("second"), "c1")).state).to.equal("accepted");
    expect((await report(await click(second), "c1")).reason).to.equal("customer_limit");
    // The token's own time counts, to the millisecond.
    const token = (ago: number) => {
      const clickedAt = Date.now() - ago;
      return signReferral(SECRET, { code: second, clickedAt, expiresAt: clickedAt + DAY, clickId: "0123456789abcdef" });
    };
    expect((await report(token(DAY + 1))).reason).to.equal("window_expired");
    expect((await report(token(DAY - 10_000), "d1")).state).to.equal("accepted");
    expect((await report(undefined)).reason).to.equal("no_referral");
    await town.invites.flushClicks();
    for (const session of [undefined, brand]) {
      const links = await list("", session);
      expect(links[0]).to.include({ clicks: 1, conversions: 1, rejected: 0, commission: "2000000" });
      expect(links[1]).to.include({ clicks: 3, conversions: 3, rejected: 2, commission: "6000000" });
    }
    const [partnership] = (await town.call("GET", `/v1/campaigns/${campaignId}/partnerships`, { token: brand })).body
      .items;
    expect(partnership).to.include({ clicks: 4, conversions: 4, rejected: 2, code: first });
  });

  it("bring nothing to another campaign", async () => {
    const here = await newPartner();
    const there = await newPartner();
    const location = (await town.follow(here.code)).headers.get("location") ?? "";
    const referralToken = new URL(location).searchParams.get("_ushrt");
    const key = await town.apiKey(there.campaignId);
    const { body } = await town.call("POST", "/v1/conversions", {
      token: key,
      json: { event: "signup", orderId: "1", referralToken },
    });
    expect(body.reason).to.equal("unknown_token");
    expect((await here.list())[0]).to.include({ conversions: 0, rejected: 0 });
  });

  it("keep no link of a customer that is bound to another partner", async () => {
    const attribution = { touch: "first", windowSeconds: DAY, bindingSeconds: null };
    const events = [{ name: "signup", title: "", perCustomer: null }];
    const ada = await newPartner({ attribution, events });
    const ben = await town.join(ada.campaignId);
    const key = await town.apiKey(ada.campaignId);
    const token = async (code: string) =>
      new URL((await town.follow(code)).headers.get("location") ?? "").searchParams.get("_ushrt");
    for (const [orderId, code] of [
      ["1", ada.code],
      ["2", ben.code],
      ["3", undefined],
    ] as const) {
      const referralToken = code === undefined ? undefined : await token(code);
      const { body } = await town.call("POST", "/v1/conversions", {
        token: key,
        json: {
          event: "signup",
          orderId,
          referralToken,
          customerId: "c",
        },
      });
      expect(body).to.include({ state: "accepted", partner: ada.partner });
    }
    // The second came by Ben's link to a customer of Ada's, the third by none.
    expect((await ada.list("", ada.brand)).map((link: { conversions: number }) => link.conversions)).to.deep.equal([
      1, 0,
    ]);
  });

  it("are documented", async () => {
    const { body } = await town.call("GET", "/v1/openapi.json");
    expect(body.paths).to.include.keys(
      "/i/{name}",
      "/v1/campaigns/{campaignId}/links",
      "/v1/campaigns/{campaignId}/links/{code}",
      "/v1/campaigns/{campaignId}/links/{code}/clicks",
      "/v1/campaigns/{campaignId}/partnerships",
      "/v1/me/partnerships",
    );
  });
});

describe("an invite code", () => {
  it("has eight characters without look-alikes", () => {
    for (let i = 0; i < 500; i++) expect(newInviteCode()).to.match(/^[2-9b-df-hjkmnp-tv-xz]{8}$/);
  });

  it("is never an alias", () => {
    for (let i = 0; i < 500; i++) expect(aliasProblem(newInviteCode())).to.contain("looks like an invite code");
  });

  it("is read as it is kept, and everything else is not", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = readInvite(text);
        if (name !== undefined) expect(name).to.match(/^[a-z0-9-]{3,32}$/);
      }),
    );
    expect(readInvite("BcDfGhJk")).to.equal("bcdfghjk");
    // What stands around it in a text is no part of it; what stands within is.
    expect(readInvite("(bcdfghjk). ")).to.equal("bcdfghjk");
    for (const other of ["bcdf ghjk", "bcdf/ghjk", "bcdf.ghjk", "..", "", "b".repeat(33)])
      expect(readInvite(other), other).to.equal(undefined);
  });
});
