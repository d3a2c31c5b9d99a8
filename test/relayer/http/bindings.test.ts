import { expect } from "chai";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";

describe("binding customers", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  it("binds by a token or by a code, once, and says until when", async () => {
    const campaign = await market.openCampaign({ attribution: { bindingSeconds: 3_600 } });
    const ada = await campaign.join();
    const referralToken = ada.click();
    const first = await campaign.bind({ referralToken, customerId: "c" });
    expect(first.status).to.equal(201);
    expect(first.body).to.include({ partner: ada.wallet, code: ada.code });
    expect(Date.parse(first.body.boundUntil) - Date.parse(first.body.boundAt)).to.equal(3_600_000);
    const again = await campaign.bind({ referralToken, customerId: "c" });
    expect([again.status, again.body]).to.deep.equal([200, first.body]);

    const byCode = await campaign.bind({ code: ada.code, customerId: "d" });
    expect(byCode.status).to.equal(201);
    // Renewals need nothing but the customer.
    for (const orderId of ["1", "2", "3"]) {
      const { body } = await campaign.report({ orderId, customerId: "d", volume: "5" });
      expect(body).to.include({ state: "accepted", partner: ada.wallet });
    }
  });

  it("binds for life where the description says so", async () => {
    const campaign = await market.openCampaign({ attribution: { bindingSeconds: null } });
    const ada = await campaign.join();
    expect((await campaign.bind({ code: ada.code, customerId: "c" })).body.boundUntil).to.equal(null);
    const eternal = await market.openCampaign({ attribution: { bindingSeconds: Number.MAX_SAFE_INTEGER } });
    const ben = await eternal.join();
    expect((await eternal.bind({ code: ben.code, customerId: "c" })).body.boundUntil).to.equal(null);
  });

  it("keeps the first partner by first touch, as long as the binding lasts", async () => {
    const campaign = await market.openCampaign({ attribution: { touch: "first", bindingSeconds: 3_600 } });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    await campaign.bind({ referralToken: ada.click(), customerId: "c" });
    const second = await campaign.bind({ referralToken: ben.click(), customerId: "c" });
    expect(second.status).to.equal(200);
    expect(second.body.partner).to.equal(ada.wallet);
    const sold = await campaign.report({ customerId: "c", volume: "5", referralToken: ben.click() });
    expect(sold.body.partner).to.equal(ada.wallet);

    await market.database.query("UPDATE bindings SET bound_until = now() WHERE campaign_id = $1", [
      campaign.campaignId,
    ]);
    const ended = await campaign.report({ customerId: "c", volume: "5" });
    expect(ended.body).to.include({ state: "rejected", reason: "binding_expired", partner: ada.wallet });
    const third = await campaign.bind({ referralToken: ben.click(), customerId: "c" });
    expect(third.status).to.equal(201);
    expect(third.body.partner).to.equal(ben.wallet);
  });

  it("replaces the partner by last touch, and not by a touch that came earlier and is told later", async () => {
    const campaign = await market.openCampaign({ attribution: { touch: "last" } });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const [early, middle, late] = [ada.click(300), ben.click(200), ada.click(100)];
    const bind = async (referralToken: string) =>
      (await campaign.bind({ referralToken, customerId: "c" })).body.partner;
    expect(await bind(middle)).to.equal(ben.wallet);
    expect(await bind(early)).to.equal(ben.wallet);
    expect((await campaign.report({ customerId: "c", volume: "5", referralToken: early })).body.partner).to.equal(
      ben.wallet,
    );
    expect(await bind(late)).to.equal(ada.wallet);
    expect(await bind(middle)).to.equal(ada.wallet);
    expect((await campaign.report({ customerId: "c", volume: "5" })).body.partner).to.equal(ada.wallet);
  });

  it("can be read and moved by the brand, with its reason on record", async () => {
    const campaign = await market.openCampaign({ attribution: { bindingSeconds: 3_600 } });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const early = ada.click(60);
    const bound = (await campaign.bind({ referralToken: early, customerId: "c" })).body;
    const before = (await campaign.report({ customerId: "c", volume: "5" })).body;
    const read = (token: string, more = "") => market.call("GET", `/v1/bindings?customerId=%20c${more}`, { token });
    expect((await read(campaign.key)).body).to.deep.equal({ ...bound, changes: [] });
    const move = (json: Record<string, unknown>, token = campaign.key) =>
      market.call("POST", "/v1/binding-moves", { token, json });

    const moved = await move({ customerId: "c", code: ben.code, reason: "Ben's lead, registered by phone" });
    expect(moved.status).to.equal(201);
    expect(moved.body).to.include({ partner: ben.wallet, code: ben.code, boundUntil: bound.boundUntil });
    expect(moved.body.changes).to.have.length(1);
    expect(moved.body.changes[0]).to.include({
      what: "moved",
      from: ada.wallet,
      to: ben.wallet,
      reason: "Ben's lead, registered by phone",
    });
    expect(moved.body.changes[0].by).to.match(/^key \d+$/);
    const again = await move({ customerId: "c", code: ben.code, reason: "said twice" });
    expect([again.status, again.body]).to.deep.equal([200, moved.body]);
    // From now on; what was accepted stays Ada's.
    expect((await campaign.report({ customerId: "c", volume: "5" })).body.partner).to.equal(ben.wallet);
    expect((await campaign.conversion(before.id)).partner).to.equal(ada.wallet);
    expect((await campaign.bind({ referralToken: early, customerId: "c" })).body.partner).to.equal(ben.wallet);

    const of = { campaignId: campaign.campaignId };
    const back = await move({ ...of, customerId: "c", code: ada.code, reason: "a mistake" }, campaign.brandToken);
    expect(back.body.changes.map(({ by }: { by: string }) => by)).to.deep.equal([
      moved.body.changes[0].by,
      campaign.brand,
    ]);
    expect((await read(campaign.brandToken, `&campaignId=${of.campaignId}`)).body).to.deep.equal(back.body);
  });

  const merging = (campaign: Awaited<ReturnType<LocalRelayer["openCampaign"]>>) => ({
    read: async (customerId: string) =>
      (await market.call("GET", `/v1/bindings?customerId=${customerId}`, { token: campaign.key })).body,
    merge: (json: Record<string, unknown>, token = campaign.key) =>
      market.call("POST", "/v1/customer-merges", { token, json: { reason: "two accounts, one person", ...json } }),
  });

  for (const [touch, winner] of [
    ["first", "ada"],
    ["last", "ben"],
  ] as const)
    it(`merges two customers of the brand's: by ${touch} touch ${winner}'s binding stays, with the reason on record`, async () => {
      const campaign = await market.openCampaign({ attribution: { touch, bindingSeconds: null } });
      const { read, merge } = merging(campaign);
      const partners = { ada: await campaign.join(), ben: await campaign.join() };
      const { ada, ben } = partners;
      const [stays, goes] = winner === "ada" ? [ada, ben] : [ben, ada];
      await campaign.bind({ referralToken: ada.click(60), customerId: "old" });
      await campaign.bind({ referralToken: ben.click(30), customerId: "new" });
      const before = (await campaign.report({ customerId: "old", volume: "5" })).body;
      const was = await read(winner === "ada" ? "old" : "new");

      const merged = await merge({ customerId: "new", into: "old" });
      expect(merged.status).to.equal(201);
      expect(merged.body).to.include({ partner: stays.wallet, code: stays.code, boundAt: was.boundAt });
      const [change] = merged.body.changes;
      expect(change).to.include({ what: "merged", from: goes.wallet, to: stays.wallet });
      expect(change.reason).to.equal("two accounts, one person");
      expect(change.by).to.match(/^key \d+$/);
      // By either name it is one customer, and the same again, in either direction, changes nothing.
      expect([await read("new"), await read("old")]).to.deep.equal([merged.body, merged.body]);
      for (const json of [
        { customerId: "new", into: "old" },
        { customerId: "old", into: "new" },
      ]) {
        const again = await merge(json);
        expect([again.status, again.body]).to.deep.equal([200, merged.body]);
      }
      for (const customerId of ["old", "new"])
        expect((await campaign.report({ customerId, volume: "5" })).body.partner).to.equal(stays.wallet);
      expect((await campaign.conversion(before.id)).partner).to.equal(ada.wallet);
      const moved = await market.call("POST", "/v1/binding-moves", {
        token: campaign.key,
        json: { customerId: "new", code: goes.code, reason: "after all" },
      });
      expect(moved.body.changes.map(({ what }: { what: string }) => what)).to.deep.equal(["merged", "moved"]);
      expect((await read("old")).partner).to.equal(goes.wallet);
    });

  it("counts merged customers as one, finds what they bought by either name, and has their wallets together", async () => {
    const campaign = await market.openCampaign({
      attribution: { bindingSeconds: null },
      events: [{ name: "sale", title: "", perCustomer: 2 }],
    });
    const { merge } = merging(campaign);
    const ada = await campaign.join();
    const wallet = newWallet();
    const sell = async (customer: Record<string, unknown>) =>
      (await campaign.report({ volume: "5", referralToken: ada.click(), ...customer })).body;
    const a = await sell({ customerId: "a", customerWallet: wallet });
    const b = await sell({ customerId: "b" });
    expect([a.state, b.state]).to.deep.equal(["accepted", "accepted"]);
    expect((await sell({ customerId: "b", customerWallet: wallet })).reason).to.equal("duplicate_customer");

    // One after the other, so that whom one leads to is merged on.
    expect((await merge({ customerId: "a", into: "b" })).status).to.equal(201);
    expect((await merge({ customerId: "b", into: "c" })).status).to.equal(201);
    for (const customer of [{ customerId: "a" }, { customerId: "b" }, { customerId: "c" }, { customerWallet: wallet }])
      expect((await sell(customer)).reason).to.equal("customer_limit");
    for (const customerId of ["a", "b", "c"]) {
      const { body } = await market.call("GET", `/v1/conversions?state=accepted&customerId=${customerId}`, {
        token: campaign.key,
      });
      expect(body.items.map(({ id }: { id: string }) => id)).to.deep.equal([b.id, a.id]);
    }
    await campaign.refund(a.id);
    expect((await sell({ customerId: "c", customerWallet: wallet })).state).to.equal("accepted");
  });

  it("merges no customers of whom none is bound, none into itself, none with its own partner, and for nobody else", async () => {
    const campaign = await market.openCampaign({});
    const stranger = await market.openCampaign({});
    const { read, merge } = merging(campaign);
    const ada = await campaign.join();
    await campaign.bind({ code: ada.code, customerId: "a" });
    const other = await campaign.join();
    await campaign.bind({ code: other.code, customerId: "self", customerWallet: ada.wallet });
    const before = [await read("a"), await read("self")];
    const refusal = async (json: Record<string, unknown>, token?: string) => {
      const { status, body } = await merge(json, token);
      return [status, body.detail.split(/[:.]/)[0]];
    };
    expect(await refusal({ customerId: "x", into: "y" })).to.deep.equal([404, "Customer y is bound to no partner"]);
    const same = await merge({ customerId: "a", into: " a" });
    expect([same.status, same.body.detail]).to.deep.equal([400, "json: into: is the customer itself."]);
    expect(await refusal({ customerId: "self", into: "a" })).to.deep.equal([409, "self_referral"]);
    expect((await refusal({ customerId: "x", into: "a", reason: "" }))[0]).to.equal(400);
    expect((await refusal({ customerId: "x", into: "a" }, stranger.key))[0]).to.equal(404);
    expect((await refusal({ customerId: "x", into: "a", campaignId: campaign.campaignId }, ada.token))[0]).to.equal(
      403,
    );
    expect([await read("a"), await read("self")]).to.deep.equal(before);
    const of = { campaignId: campaign.campaignId };
    const byBrand = await merge({ ...of, customerId: "x", into: "a" }, campaign.brandToken);
    expect(byBrand.body.changes[0]).to.include({ from: ada.wallet, to: ada.wallet, by: campaign.brand });
  });

  it("knows a customer by its e-mail address, in any spelling, and keeps none", async () => {
    const campaign = await market.openCampaign({
      attribution: { bindingSeconds: null },
      events: [{ name: "sale", title: "", perCustomer: 1 }],
    });
    const { read, merge } = merging(campaign);
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const bound = await campaign.bind({ code: ada.code, customerEmail: " Zoe.Secret@MÜNCHEN.example" });
    expect([bound.status, bound.body.partner]).to.deep.equal([201, ada.wallet]);
    const again = await campaign.bind({ code: ada.code, customerEmail: "zoe.secret@xn--mnchen-3ya.example." });
    expect([again.status, again.body]).to.deep.equal([200, bound.body]);
    // By its one spelling it is an id as any other.
    expect(await read("zoe.secret@xn--mnchen-3ya.example")).to.deep.equal({ ...bound.body, changes: [] });
    const first = await campaign.report({ customerEmail: "ZOE.SECRET@münchen.example", volume: "5" });
    expect(first.body).to.include({ state: "accepted", partner: ada.wallet });
    const second = await campaign.report({ customerEmail: "zoe.secret@münchen.example", volume: "5" });
    expect(second.body).to.include({ reason: "customer_limit" });
    // Another address, not only another spelling.
    const other = await campaign.report({ customerEmail: "zoe.secret+1@münchen.example", volume: "5" });
    expect(other.body).to.include({ reason: "no_referral" });

    const csv = [
      "event,orderId,volume,customerEmail,referralToken",
      `sale,csv-1,5,Zoe.Secret@münchen.example,${ada.click()}`,
      `sale,csv-2,5,new.secret@münchen.example,${ada.click()}`,
      `sale,csv-3,5,nobody,${ada.click()}`,
    ].join("\n");
    const imported = await market.app.request("/v1/imports", {
      method: "POST",
      headers: { authorization: `Bearer ${campaign.key}`, "content-type": "text/csv" },
      body: csv,
    });
    expect(await imported.json()).to.include({ accepted: 1, rejected: 1, invalid: 1 });

    const moved = await market.call("POST", "/v1/binding-moves", {
      token: campaign.key,
      json: { customerEmail: "Zoe.Secret@münchen.example", code: ben.code, reason: "why" },
    });
    expect([moved.status, moved.body.partner]).to.deep.equal([201, ben.wallet]);
    // A guest who signed up.
    const signedUp = await merge({ customerEmail: "Zoe.Secret@münchen.example", into: "account-7" });
    expect([signedUp.status, signedUp.body.partner]).to.deep.equal([201, ben.wallet]);
    const later = await campaign.report({ customerId: "account-7", volume: "5" });
    expect(later.body).to.include({ reason: "customer_limit" });

    const tables = await market.database.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    expect(tables.map(({ name }) => name)).to.include.members(["bindings", "conversions", "import_rows"]);
    for (const { name } of tables) {
      const stored = JSON.stringify(await market.database.query(`SELECT t::text FROM ${name} t`));
      expect(stored, name).to.not.match(/secret@|secret\+1@/i);
    }
    expect(market.logged.join("\n")).to.not.match(/secret/i);
  });

  it("does not repeat what is no e-mail address, and takes one name of a customer at a time", async () => {
    const campaign = await market.openCampaign({ events: [{ name: "sale", title: "", perCustomer: 1 }] });
    const ada = await campaign.join();
    const said = async (customer: Record<string, unknown>) => {
      const { status, body } = await campaign.report({ volume: "5", referralToken: ada.click(), ...customer });
      return [status, body.detail];
    };
    for (const customerEmail of ["secret", "secret@", "@x.example", "a b@x.example", "Ada <ada@x.example>", "a@b c"])
      expect(await said({ customerEmail })).to.deep.equal([
        400,
        "json: customerEmail: must be an e-mail address: ada@example.com.",
      ]);
    expect(await said({ customerEmail: "a@x.example", customerId: "a" })).to.deep.equal([
      400,
      "json: send `customerId` or `customerEmail`, not both; POST /v1/customer-merges makes two customers one.",
    ]);
    expect(await said({ customerEmail: "" })).to.deep.equal([
      400,
      "The campaign counts this event by customer, and the report names none. Send customerId, customerEmail or customerWallet.",
    ]);
    const disposable = await campaign.report({
      customerEmail: "a@MAILINATOR.com",
      volume: "5",
      referralToken: ada.click(),
    });
    expect(disposable.body).to.include({ reason: "disposable_domain" });
    for (const customer of [{}, { customerId: "c", customerEmail: "a@x.example" }])
      expect((await campaign.bind({ code: ada.code, ...customer })).body.detail).to.equal(
        "json: send either `customerId` or `customerEmail`.",
      );
  });

  it("is moved to no one who is not there, to no customer itself, by nobody else, and without a reason not at all", async () => {
    const campaign = await market.openCampaign({});
    const stranger = await market.openCampaign({});
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    await campaign.bind({ code: ada.code, customerId: "c", customerWallet: ben.wallet });
    const refusal = async (json: Record<string, unknown>, token = campaign.key) => {
      const { status, body } = await market.call("POST", "/v1/binding-moves", {
        token,
        json: { customerId: "c", code: ben.code, reason: "why", ...json },
      });
      return [status, body.detail.split(":")[0].slice(0, 60)];
    };
    expect(await refusal({ code: "nobody" })).to.deep.equal([409, "unknown_code"]);
    expect(await refusal({})).to.deep.equal([409, "self_referral"]);
    expect(await refusal({ customerId: "none" })).to.deep.equal([
      404,
      "Customer none is bound to no partner. Bind it with POST /v1/",
    ]);
    expect((await refusal({ reason: " " }))[0]).to.equal(400);
    expect((await refusal({}, stranger.key))[0]).to.equal(404);
    expect((await refusal({ campaignId: campaign.campaignId }, stranger.key))[0]).to.equal(403);
    expect((await refusal({}, campaign.brandToken))[0]).to.equal(400);
    expect((await refusal({ campaignId: campaign.campaignId }, ada.token))[0]).to.equal(403);
    const read = await market.call("GET", "/v1/bindings?customerId=c", { token: campaign.key });
    expect(read.body).to.include({ partner: ada.wallet });
    expect(read.body.changes).to.deep.equal([]);
  });

  it("says why it does not bind", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const refusal = async (binding: Record<string, unknown>) => {
      const { status, body } = await campaign.bind({ customerId: "c", ...binding });
      return `${status} ${body.detail.split(":")[0]}`;
    };
    expect(await refusal({ referralToken: `${ada.click()}x` })).to.equal("409 unknown_token");
    expect(await refusal({ code: "nobody22" })).to.equal("409 unknown_code");
    expect(await refusal({ referralToken: ada.click(3_601) })).to.equal("409 window_expired");
    expect(await refusal({ code: ada.code, customerWallet: ada.wallet })).to.equal("409 self_referral");
    expect(await refusal({ code: ada.code, customerEmailDomain: "mailinator.com" })).to.equal("409 disposable_domain");
    const wallet = newWallet();
    await campaign.bind({ code: ada.code, customerId: "owner", customerWallet: wallet });
    expect(await refusal({ code: ada.code, customerWallet: wallet })).to.equal("409 duplicate_customer");
    expect((await campaign.bind({ customerId: "c" })).status).to.equal(400);
    expect((await campaign.bind({ customerId: "c", code: ada.code, referralToken: ada.click() })).status).to.equal(400);
    expect(
      (await market.call("POST", "/v1/bindings", { token: "sk_none", json: { customerId: "c", code: ada.code } }))
        .status,
    ).to.equal(401);
    const bare = await market.openCampaign({ attribution: { bindingSeconds: 0 } });
    const ben = await bare.join();
    const refused = await bare.bind({ customerId: "c", code: ben.code });
    expect(refused.status).to.equal(409);
    expect(refused.body.detail).to.contain("no_binding");
    // Nothing of what was refused is bound.
    expect((await campaign.report({ customerId: "c", volume: "5" })).body.reason).to.equal("no_referral");
  });

  it("answers a repetition after the window with the binding there is", async () => {
    const campaign = await market.openCampaign({ attribution: { windowSeconds: 3_600 } });
    const ada = await campaign.join();
    const referralToken = ada.click();
    expect((await campaign.bind({ referralToken, customerId: "c" })).status).to.equal(201);
    const { now } = Date;
    Date.now = () => now() + 3_601_000;
    try {
      expect((await campaign.bind({ referralToken, customerId: "c" })).status).to.equal(200);
      expect((await campaign.bind({ referralToken, customerId: "d" })).status).to.equal(409);
    } finally {
      Date.now = now;
    }
  });

  it("keeps campaigns apart", async () => {
    const [one, other] = [await market.openCampaign({}), await market.openCampaign({})];
    const ada = await one.join();
    await one.bind({ code: ada.code, customerId: "c" });
    expect((await other.bind({ code: ada.code, customerId: "c" })).status).to.equal(409);
    expect((await other.report({ customerId: "c", volume: "5" })).body.reason).to.equal("no_referral");
  });

  it("keeps the brand's own names and the customer's address to itself", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    await campaign.bind({ code: ada.code, customerId: "very-own-name", customerIp: "203.0.113.77" });
    await campaign.report({ customerId: "very-own-name", customerIp: "203.0.113.77", volume: "5" });
    for (const table of ["bindings", "conversions", "customer_wallets", "conversion_moves"]) {
      const stored = JSON.stringify(await market.database.query(`SELECT t::text FROM ${table} t`));
      expect(stored).to.not.contain("very-own-name").and.to.not.contain("203.0.113");
    }
  });
});
