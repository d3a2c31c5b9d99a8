import { isLeadOf, leadReceiptSigner } from "@partner-programs/sdk/verify";
import { expect } from "chai";
import fc from "fast-check";
import { type LocalRelayer, openRelayer, PROGRAMS } from "#harness/relayer.ts";
import { MAX_LEADS_A_DAY } from "#relayer/domain/leads.ts";
import { createFailures } from "#relayer/failures.ts";
import { lapse } from "#relayer/worker/lapse.ts";

const DAY = 86_400_000;
const RULES = { protectedDays: 90, answerDays: 7 };

describe("leads", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  type Draft = Parameters<LocalRelayer["openCampaign"]>[0];
  const open = (draft: Draft = {}) => market.openCampaign({ leads: RULES, ...draft });
  const register = ({ campaignId }: Campaign, token: string, prospect: Record<string, unknown>) =>
    market.call("POST", `/v1/campaigns/${campaignId}/leads`, { token, json: prospect });
  const decide = ({ campaignId, key }: Campaign, id: string, decision: Record<string, unknown>, token = key) =>
    market.call("POST", `/v1/campaigns/${campaignId}/leads/${id}/decisions`, { token, json: decision });
  const list = ({ campaignId }: Campaign, token: string, query = "") =>
    market.call("GET", `/v1/campaigns/${campaignId}/leads${query}`, { token });
  const read = async (campaign: Campaign, id: string, token = campaign.key) =>
    (await market.call("GET", `/v1/campaigns/${campaign.campaignId}/leads/${id}`, { token })).body;
  const runLapse = (now: number) => {
    const log = { warn: () => {}, error: () => {}, info: () => {} } as never;
    return lapse({ database: market.database, failures: createFailures(log, () => {}) }, now);
  };
  /** As if everything about this lead had happened so many days earlier. */
  const age = async (id: string, days: number) => {
    await market.database.query(
      `UPDATE leads SET registered_at = registered_at - make_interval(days => $2), answer_by = answer_by - make_interval(days => $2),
         protected_until = protected_until - make_interval(days => $2), ended_at = ended_at - make_interval(days => $2) WHERE id = $1`,
      [BigInt(id), days],
    );
    await market.database.query(
      "UPDATE lead_names SET held_until = held_until - make_interval(days => $2) WHERE lead_id = $1",
      [BigInt(id), days],
    );
  };

  it("are registered by a partner with a receipt that shows anybody with its salt who came first", async () => {
    const campaign = await open();
    const partner = await campaign.join();
    const { status, body } = await register(campaign, partner.token, {
      company: " https://www.Shop.ACME.co.uk/about ",
      email: "Quentin@Acme.co.uk",
      name: "Quentin",
      note: "Wants it\nbefore spring",
    });
    expect(status, body.detail).to.equal(201);
    expect(body).to.include({
      state: "registered",
      partner: partner.wallet,
      company: "acme.co.uk",
      email: "quentin@acme.co.uk",
    });
    expect(Date.parse(body.protectedUntil) - Date.parse(body.registeredAt)).to.equal(90 * DAY);
    expect(Date.parse(body.answerBy) - Date.parse(body.registeredAt)).to.equal(7 * DAY);
    expect(leadReceiptSigner(body, 31_337, PROGRAMS)).to.equal(market.relayer);
    expect(isLeadOf(body, { company: "acme.co.uk", email: "quentin@acme.co.uk" })).to.equal(true);
    expect(isLeadOf(body, { company: "acme.co.uk", email: null })).to.equal(false);
    const sooner = { ...body, receipt: { ...body.receipt, registeredAt: body.receipt.registeredAt - 1 } };
    expect(leadReceiptSigner(sooner, 31_337, PROGRAMS)).to.not.equal(market.relayer);
    // Who has the database alone reads neither the company nor the contact.
    const rows = await market.database.query("SELECT * FROM leads, lead_names, lead_moves");
    expect(JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value))).to.not.match(
      /acme|quentin/i,
    );
  });

  it("are told at once to be taken, until when, and neither whose nor by which field", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const first = await register(campaign, ada.token, { company: "acme.com", email: "cto@acme.com", name: "Chris" });
    for (const prospect of [
      { company: "WWW.acme.com" },
      { company: "other.example.com", email: "CTO@acme.com" },
      { company: "shop.acme.com", email: "ceo@acme.com" },
    ]) {
      const { status, body } = await register(campaign, bob.token, prospect);
      expect(status).to.equal(409);
      expect(body.detail).to.equal(
        `lead_taken: This company or contact is another partner's until ${first.body.protectedUntil}.`,
      );
    }
    // Her own is hers, however often and however she says it; another campaign's are its own.
    const again = await register(campaign, ada.token, { company: "acme.com", email: "ceo@acme.com" });
    expect([again.status, again.body]).to.deep.equal([200, first.body]);
    expect((await list(campaign, bob.token)).body.items).to.deep.equal([]);
    const other = await open();
    expect((await register(other, (await other.join()).token, { company: "acme.com" })).status).to.equal(201);
  });

  it("take what the campaign asks for, of the partners that it asks, and nothing that is nobody's", async () => {
    const campaign = await open({ leads: { ...RULES, asks: ["email", "name"], openPerPartner: 1 } });
    const partner = await campaign.join();
    for (const [prospect, problem] of [
      [{ company: "acme.com" }, /^The campaign asks for email and name as well/],
      [{ email: "ada@acme.com", name: " " }, /^The campaign asks for name as well/],
      [{ company: "co.uk", email: "ada@acme.com", name: "Ada" }, /company.*must be the domain/],
      [{ company: "ada@acme.com", email: "ada@acme.com", name: "Ada" }, /company.*must be the domain/],
      [{ email: "ada@mailinator.com", name: "Ada" }, /mailinator.com gives throw-away addresses/],
      [{ email: "ada@acme.com", name: "Ada", note: "\u0007" }, /note.*control characters/],
    ] as const) {
      const { status, body } = await register(campaign, partner.token, prospect);
      expect([status, body.detail], `${JSON.stringify(prospect)} ${body.detail}`).to.satisfy(
        ([code, detail]: [number, string]) => code === 400 && problem.test(detail),
      );
    }
    expect((await register(campaign, partner.token, { email: "ada@acme.com", name: "Ada" })).status).to.equal(201);
    const second = await register(campaign, partner.token, { email: "bob@acme.com", name: "Bob" });
    expect([second.status, second.body.detail]).to.satisfy(
      ([code, detail]: [number, string]) => code === 409 && /has 1 open leads/.test(detail),
    );
    const stranger = await market.openSession(campaign.brand);
    expect((await register(campaign, stranger, { email: "x@acme.com", name: "X" })).body.detail).to.match(
      /not a partner here/,
    );

    const without = await market.openCampaign({});
    const refused = await register(without, (await without.join()).token, { company: "acme.com" });
    expect([refused.status, refused.body.detail]).to.satisfy(
      ([code, detail]: [number, string]) => code === 409 && /takes no leads/.test(detail),
    );
    const forSome = await open({ leads: { ...RULES, kinds: ["referral"] } });
    const affiliate = await forSome.join();
    expect((await register(forSome, affiliate.token, { company: "acme.com" })).body.detail).to.match(
      /of the kinds referral alone/,
    );
    await market.database.query(
      "INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, 3, 1, 0)",
      [forSome.campaignId, affiliate.wallet],
    );
    expect((await register(forSome, affiliate.token, { company: "acme.com" })).status).to.equal(201);
  });

  it("answer a partner that probes for others' leads twenty times a day, taken ones included", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    await register(campaign, ada.token, { company: "acme.com" });
    for (let i = 0; i < MAX_LEADS_A_DAY; i++)
      expect((await register(campaign, bob.token, { company: "acme.com" })).status).to.equal(409);
    const { status, body } = await register(campaign, bob.token, { company: "free.example.com" });
    expect([status, body.detail]).to.deep.equal([
      429,
      `${bob.wallet} tried to register 20 leads in campaign ${campaign.campaignId} today. Go on tomorrow (UTC).`,
    ]);
    // Who has as many open leads as it may learns nothing of others', and loses nothing by asking.
    const few = await open({ leads: { ...RULES, openPerPartner: 1 } });
    const [eve, dan] = [await few.join(), await few.join()];
    await register(few, eve.token, { company: "acme.com" });
    const { body: only } = await register(few, dan.token, { company: "his.com" });
    for (let i = 0; i <= MAX_LEADS_A_DAY; i++)
      for (const company of ["acme.com", "free.example.com"])
        expect((await register(few, dan.token, { company })).body.detail, company).to.match(/has 1 open leads/);
    await decide(few, only.id, { decision: "reject", reason: "no_fit" });
    for (let i = 1; i < MAX_LEADS_A_DAY; i++)
      expect((await register(few, dan.token, { company: "acme.com" })).body.detail).to.match(/^lead_taken/);
    expect((await register(few, dan.token, { company: "free.example.com" })).status).to.equal(429);
    // What is hers already is no probe.
    for (let i = 0; i <= MAX_LEADS_A_DAY; i++)
      expect((await register(campaign, ada.token, { company: "acme.com" })).status).to.equal(200);
  });

  it("pay their partner by the sales of the customer that the brand says they became, and are won by the first", async () => {
    for (const touch of ["first", "last"] as const) {
      const campaign = await open({ attribution: { touch, windowSeconds: 60 } });
      const partner = await campaign.join();
      const { body: lead } = await register(campaign, partner.token, { company: "acme.com" });
      // Older than the window of a click; still protected.
      await age(lead.id, 20);
      const qualified = await decide(campaign, lead.id, { decision: "qualify", customerId: "c-1" });
      expect([qualified.status, qualified.body.state, qualified.body.isCustomer]).to.deep.equal([
        200,
        "qualified",
        true,
      ]);
      const { body: sale } = await campaign.report({ customerId: "c-1", volume: "100" });
      expect(sale).to.include({ state: "accepted", partner: partner.wallet });
      await runLapse(Date.now());
      const won = await read(campaign, lead.id, partner.token);
      expect(won).to.include({ state: "won", conversionId: sale.id });
      expect(won.moves.map(({ state }: { state: string }) => state)).to.deep.equal(["registered", "qualified", "won"]);
      expect(won.moves[1], "who of the brand decided is not the partner's to know").to.not.have.property("by");
    }
  });

  it("bind nobody who bought before, nor whom the campaign's rule leaves with another partner", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    // Rejected, for nobody brought it; a sale all the same.
    await campaign.report({ customerId: "old", volume: "10" });
    await campaign.bind({ customerId: "bobs", referralToken: bob.click() });
    await market.database.query(
      "UPDATE conversions SET received_at = received_at - interval '1 hour' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    const { body: lead } = await register(campaign, ada.token, { company: "acme.com" });
    const known = await decide(campaign, lead.id, { decision: "win", customerId: "old" });
    expect([known.status, known.body.detail]).to.satisfy(
      ([code, detail]: [number, string]) =>
        code === 409 && /^The customer bought at .* Reject it: known_already\.$/.test(detail),
    );
    const others = await decide(campaign, lead.id, { decision: "qualify", customerId: "bobs" });
    expect([others.status, others.body.detail]).to.satisfy(
      ([code, detail]: [number, string]) => code === 409 && /^The customer is another partner's/.test(detail),
    );
    const nobody = await decide(campaign, lead.id, { decision: "win" });
    expect(nobody.body.detail).to.match(/is no customer yet/);
    expect(await read(campaign, lead.id)).to.include({ state: "registered", isCustomer: false });
    expect((await campaign.report({ customerId: "bobs", volume: "10" })).body.partner).to.equal(bob.wallet);
  });

  it("are rejected with a reason that their partner reads, and are then free for another", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const { body: lead } = await register(campaign, ada.token, { company: "acme.com" });
    expect((await decide(campaign, lead.id, { decision: "reject" })).status).to.equal(400);
    expect((await decide(campaign, lead.id, { decision: "reject", reason: "other" })).status).to.equal(400);
    expect((await decide(campaign, lead.id, { decision: "reject", reason: "no_fit" }, ada.token)).status).to.equal(403);
    const rejected = await decide(
      campaign,
      lead.id,
      { decision: "reject", reason: "known_already", comment: "In talks since May." },
      campaign.brandToken,
    );
    expect(rejected.body).to.include({ state: "rejected", reason: "known_already", comment: "In talks since May." });
    expect(rejected.body.moves.at(-1).by).to.equal(campaign.brand);
    expect(await read(campaign, lead.id, ada.token)).to.include({
      reason: "known_already",
      comment: "In talks since May.",
    });
    expect((await decide(campaign, lead.id, { decision: "reject", reason: "no_fit" })).body.reason).to.equal(
      "known_already",
    );
    const late = await decide(campaign, lead.id, { decision: "qualify" });
    expect([late.status, late.body.detail]).to.deep.equal([
      409,
      `Lead ${lead.id} cannot be moved by qualify: it is rejected.`,
    ]);
    expect((await register(campaign, bob.token, { company: "acme.com" })).status).to.equal(201);
  });

  it("stay their partner's where the brand is silent: it rejects nothing after its time, and they lapse at theirs", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const { body: lead } = await register(campaign, ada.token, { company: "acme.com" });
    await age(lead.id, 8);
    const late = await decide(campaign, lead.id, { decision: "reject", reason: "no_fit" });
    expect([late.status, late.body.detail]).to.satisfy(
      ([code, detail]: [number, string]) => code === 409 && /the brand had until .* to reject it/.test(detail),
    );
    expect((await register(campaign, bob.token, { company: "acme.com" })).status).to.equal(409);
    await age(lead.id, 82);
    expect((await decide(campaign, lead.id, { decision: "qualify", customerId: "c" })).body.detail).to.match(
      /it is lapsed/,
    );
    expect((await register(campaign, bob.token, { company: "acme.com" })).status, "before any round").to.equal(201);
    await runLapse(Date.now());
    const lapsed = await read(campaign, lead.id, ada.token);
    expect([lapsed.state, lapsed.moves.at(-1).at]).to.deep.equal(["lapsed", lapsed.protectedUntil]);
  });

  it("keep nothing of who they were thirty days after they ended but the salted hash", async () => {
    const campaign = await open();
    const partner = await campaign.join();
    const [kept, gone] = [
      (await register(campaign, partner.token, { company: "acme.com" })).body,
      (await register(campaign, partner.token, { company: "acme.de", email: "a@acme.de" })).body,
    ];
    await decide(campaign, gone.id, { decision: "reject", reason: "no_fit" });
    await runLapse(Date.now() + 29 * DAY);
    expect(await read(campaign, gone.id)).to.include({ company: "acme.de", erased: false });
    await runLapse(Date.now() + 31 * DAY);
    const erased = await read(campaign, gone.id);
    expect(erased).to.include({ company: null, email: null, erased: true, state: "rejected" });
    expect(erased.receipt).to.include({ leadHash: gone.receipt.leadHash, salt: null });
    expect(isLeadOf(gone, { company: "acme.de", email: "a@acme.de" }), "its partner kept the salt").to.equal(true);
    expect(await read(campaign, kept.id)).to.include({ company: "acme.com", erased: false });
  });

  it("are one list for the brand and its CRM, by state, partner and time, page by page", async () => {
    const campaign = await open();
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const ids: string[] = [];
    for (const [i, { token }] of [ada, bob, ada].entries())
      ids.push((await register(campaign, token, { company: `acme${i}.com` })).body.id);
    const [one = "", two = "", three = ""] = ids;
    await decide(campaign, two, { decision: "qualify" });
    const idsOf = async (query: string, token = campaign.key) =>
      (await list(campaign, token, query)).body.items.map(({ id }: { id: string }) => id);
    expect(await idsOf("")).to.deep.equal([three, two, one]);
    expect(await idsOf("", ada.token)).to.deep.equal([three, one]);
    expect(await idsOf("?state=qualified", campaign.brandToken)).to.deep.equal([two]);
    expect(await idsOf(`?partner=${ada.wallet}&sort=oldest`)).to.deep.equal([one, three]);
    expect(await idsOf(`?partner=${ada.wallet}`, bob.token), "nobody else's").to.deep.equal([two]);
    const { body: page } = await list(campaign, campaign.key, "?limit=2");
    expect(await idsOf(`?limit=2&cursor=${page.next}`)).to.deep.equal([one]);
    expect(await idsOf(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).to.deep.equal([]);
    await age(one, 40);
    await age(two, 40);
    await market.database.query("UPDATE lead_moves SET made_at = made_at - interval '40 days' WHERE lead_id = $1", [
      BigInt(one),
    ]);
    expect(await idsOf(`?since=${new Date(Date.now() - DAY).toISOString()}`), "decided since").to.deep.equal([
      three,
      two,
    ]);
    const other = await open();
    expect((await list(campaign, other.key)).status).to.equal(403);
    const path = `/v1/campaigns/${campaign.campaignId}/leads/${one}`;
    expect((await market.call("GET", path, { token: ada.token })).body.id).to.equal(one);
    expect((await market.call("GET", path, { token: bob.token })).status, "another partner's").to.equal(404);
  });

  it("have one owner at a time, whoever registers, decides and waits in whatever order", async () => {
    const companies = ["a.com", "b.com"] as const;
    const step = fc.oneof(
      fc.record({
        do: fc.constant("register" as const),
        by: fc.constantFrom(0, 1),
        company: fc.option(fc.constantFrom(...companies), { nil: null }),
        email: fc.option(fc.constantFrom("x@a.com", "y@b.com"), { nil: null }),
      }),
      fc.record({ do: fc.constantFrom("reject" as const, "lapse" as const), which: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), async (steps) => {
        const campaign = await open({ leads: { ...RULES, asks: ["email"] } });
        const partners = [await campaign.join(), await campaign.join()] as const;
        /** The names that are held, each with its lead and owner: as it should be. */
        const held = new Map<string, { id: string; by: number }>();
        const ids: string[] = [];
        for (const one of steps) {
          if (one.do === "register") {
            if (one.email === null) continue;
            const names = [one.company, one.email].filter((name) => name !== null);
            const known = names.flatMap((name) => held.get(name) ?? []);
            const { status, body } = await register(campaign, partners[one.by].token, {
              company: one.company,
              email: one.email,
            });
            if (known.some(({ by }) => by !== one.by)) expect(status).to.equal(409);
            else if (known.length > 0) {
              expect(status).to.equal(200);
              expect(known.map(({ id }) => id)).to.include(body.id);
            } else {
              expect(status).to.equal(201);
              ids.push(body.id);
              for (const name of names) held.set(name, { id: body.id, by: one.by });
            }
            continue;
          }
          const id = ids[one.which];
          if (id === undefined || ![...held.values()].some((lead) => lead.id === id)) continue;
          if (one.do === "lapse") await age(id, 91);
          else expect((await decide(campaign, id, { decision: "reject", reason: "no_fit" })).status).to.equal(200);
          for (const [name, lead] of held) if (lead.id === id) held.delete(name);
        }
        const rows = await market.database.query<{ names: bigint; owners: bigint }>(
          `SELECT count(*) AS names, count(DISTINCT name) AS owners FROM lead_names WHERE campaign_id = $1 AND held_until > now()`,
          [campaign.campaignId],
        );
        expect(rows[0]).to.deep.equal({ names: BigInt(held.size), owners: BigInt(held.size) });
      }),
      { numRuns: 20 },
    );
  });
});
