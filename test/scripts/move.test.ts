import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { readCommissions, readCustomers, readPartners } from "#scripts/move/exports.ts";
import { PLATFORMS } from "#scripts/move/platforms.ts";
import { run } from "#scripts/move.ts";

describe("a program that moves here", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let folder: string;
  before(async () => {
    market = await openRelayer();
    folder = mkdtempSync(join(tmpdir(), "partner-programs-move-"));
  });
  after(async () => {
    await market?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (async (url: URL, init: RequestInit) =>
    market.app.request(`${url.pathname}${url.search}`, init, {
      incoming: { socket: { remoteAddress: "127.0.0.1" } },
    })) as typeof fetch;
  const put = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  const platform = (name: string) => PLATFORMS[name] as NonNullable<(typeof PLATFORMS)[string]>;

  const AFFILIATES = {
    data: [
      {
        id: "a-1",
        first_name: "Ada",
        last_name: "Lovelace",
        email: "Ada@example.com",
        state: "active",
        campaign: { name: "Friends" },
        links: [{ token: "ada" }, { token: "ada-two" }],
        coupon: { token: "LOVE10" },
      },
      {
        id: "a-2",
        first_name: "Bob",
        last_name: "",
        email: "bob@example.com",
        state: "disabled",
        links: [],
        coupon: null,
      },
      {
        id: "a-3",
        first_name: "Cy",
        last_name: "Young",
        email: "cy@example.com",
        state: "active",
        links: [{ token: "cyy" }],
      },
    ],
  };
  const REFERRALS = {
    data: [
      { id: "r-1", stripe_customer_id: "cus_1", affiliate: { id: "a-1" } },
      { id: "r-2", customer: { email: "Guest@Example.com" }, affiliate: { id: "a-1" } },
      { id: "r-3", stripe_customer_id: "cus_3", affiliate: { id: "a-9" } },
      { id: "r-4", stripe_customer_id: "cus_4", affiliate: { id: "a-2" } },
      { id: "r-5", stripe_customer_id: "cus_5", affiliate: { id: "a-1" } },
    ],
  };
  const COMMISSIONS = {
    data: [
      { id: "c-1", amount: 1250, currency: "USD", state: "due", sale: { affiliate: { id: "a-1" } } },
      { id: "c-2", amount: 900, currency: "USD", state: "paid", sale: { affiliate: { id: "a-1" } } },
      { id: "c-3", amount: 500, currency: "EUR", state: "pending", sale: { affiliate: { id: "a-1" } } },
    ],
  };

  it("is read by what its platform calls things, as a file and as its API answers, alike", async () => {
    const json = await readPartners(platform("rewardful"), put("partners.json", AFFILIATES));
    const csv = await readPartners(
      platform("rewardful"),
      put(
        "partners.csv",
        'ID;First Name;Last Name;Email;State;Token;Coupon\r\na-1;Ada;Lovelace;ada@example.com;active;"ada, ada-two";LOVE10\r\n',
      ),
    );
    expect(csv.items).to.deep.equal(json.items.slice(0, 1));
    expect(json.items[0]).to.deep.equal({
      id: "a-1",
      email: "ada@example.com",
      name: "Ada Lovelace",
      active: true,
      tokens: ["ada", "ada-two"],
      codes: ["LOVE10"],
    });
    expect(json.items[1]?.active).to.equal(false);
    expect(json.mapped.get("token")).to.deep.equal(["links[].token"]);
    expect(json.unread, "what nobody reads is said").to.deep.equal(["campaign_name"]);
    const broken = await readCustomers(platform("rewardful"), put("broken.json", [{ stripe_customer_id: "cus_1" }]));
    expect(broken.items).to.deep.equal([]);
    expect(broken.broken).to.deep.equal([
      "customers 1 has no partner: it would be in affiliate.id, affiliate.email, affiliate_email.",
    ]);
  });

  it("is read in the shape of each platform", async () => {
    const read = async (name: string, partner: unknown, customer: unknown, commission: unknown) => [
      (await readPartners(platform(name), put("p.json", { data: { items: [partner] } }))).items[0]?.tokens[0],
      (await readCustomers(platform(name), put("c.json", [customer]))).items[0],
      (await readCommissions(platform(name), put("m.json", { results: [commission] }))).items[0],
    ];
    const owed = (id: string, state: string) => ({
      id,
      partner: "7",
      amount: "990",
      minor: true,
      currency: "usd",
      state,
      open: true,
    });
    const their = { promoter_campaign: { promoter: { id: 7 } } };
    expect(
      await read(
        "firstpromoter",
        { id: 7, promoter_campaigns: [{ state: "accepted", ref_token: "ada" }] },
        { uid: "u1", ...their },
        { id: 1, amount: 990, currency: "usd", status: "approved", ...their },
      ),
    ).to.deep.equal(["ada", { id: "u1", partner: "7" }, owed("1", "approved")]);
    expect(
      await read(
        "partnerstack",
        { partner_key: "7", email: "a@example.com" },
        { customer_key: "u1", partner_key: "7" },
        { key: "rw", amount: 990, currency: "USD", reward_status: "pending", partner_key: "7" },
      ),
    ).to.deep.equal(["7", { id: "u1", partner: "7" }, owed("rw", "pending")]);
    expect(
      await read(
        "tolt",
        { id: "7", links: [{ param: "ref", value: "ada" }] },
        { id: "cus", customer_id: "u1", partner_id: "7" },
        { id: "com", amount: "990", currency: "usd", status: "approved", partner_id: "7" },
      ),
    ).to.deep.equal(["ada", { id: "u1", partner: "7" }, owed("com", "approved")]);
    expect(
      await read(
        "dub",
        { id: "7", status: "approved", links: [{ key: "ada" }] },
        { id: "cus", externalId: "u1", partner: { id: "7" } },
        { id: "cm", earnings: 990, amount: 9_900, currency: "usd", status: "processed", partner: { id: "7" } },
      ),
    ).to.deep.equal(["ada", { id: "u1", partner: "7" }, owed("cm", "processed")]);
  });

  it("says what would come, invites, and carries each over once when its partner has joined", async () => {
    const campaign = await market.openCampaign({
      offers: [
        { event: "sale", kind: 0, rateBps: 2_000 },
        { event: "owed", kind: 0, rateBps: 10_000 },
      ],
      events: [
        { name: "sale", title: "Sale", perCustomer: null },
        { name: "owed", title: "Owed before", perCustomer: null },
      ],
    });
    const made = await market.call("POST", `/v1/campaigns/${campaign.campaignId}/keys`, {
      token: campaign.brandToken,
      json: { label: "move", scopes: ["read", "report", "admin"] },
    });
    const key: string = made.body.secret;
    const out = join(folder, "invitations.csv");
    const files = [
      ...["--partners", put("partners.json", AFFILIATES), "--customers", put("customers.json", REFERRALS)],
      ...["--commissions", put("commissions.json", COMMISSIONS)],
    ];
    async function move(...more: string[]): Promise<string[]> {
      const said: string[] = [];
      await run(
        [
          ...["rewardful", "--relayer", "http://relayer.example", "--campaign", campaign.campaignId, ...files],
          ...["--commission-event", "owed", "--currency", "USD", "--portal", "http://portal.example", "--out", out],
          ...more,
        ],
        { say: (line) => void said.push(line), key, fetch: ask },
      );
      return said;
    }
    const dry = await move();
    expect(dry).to.include(
      "Partners: 0 have joined, 0 wait for your approval, 0 were invited before, 2 would be invited, 1 do not work there any more and do not come.",
    );
    expect(dry.at(-1)).to.equal("Nothing was changed. --apply does it.");
    const invitations = () => market.call("GET", `/v1/campaigns/${campaign.campaignId}/invitations`, { token: key });
    expect((await invitations()).body.items).to.deep.equal([]);

    await move("--apply");
    await move("--apply");
    const { items } = (await invitations()).body;
    expect(items.map(({ label }: { label: string }) => label)).to.have.members([
      "Ada Lovelace (rewardful a-1)",
      "Cy Young (rewardful a-3)",
    ]);
    const ada = items.find(({ label }: { label: string }) => label.startsWith("Ada"));
    expect(readFileSync(out, "utf8").split("\r\n")).to.include(
      `Ada Lovelace,ada@example.com,http://portal.example/campaigns/${campaign.campaignId}?invitation=${ada.code}`,
    );

    const partner = await campaign.join();
    const accepted = await market.call("POST", `/v1/campaigns/${campaign.campaignId}/applications`, {
      token: partner.token,
      json: { answers: [], invitation: ada.code },
    });
    expect(accepted.status, accepted.body.detail).to.equal(201);
    // One of Ada's customers has come by somebody else meanwhile, and stays there.
    const other = await campaign.join();
    expect((await campaign.bind({ customerId: "cus_5", code: other.code })).status).to.equal(201);

    const moved = await move("--apply");
    expect(moved).to.include.members([
      "codes: 3 carried over, 0 are here, 1 come once their partners have joined.",
      "customers: 2 carried over, 0 are here, 0 come once their partners have joined.",
      "commissions: 1 carried over, 0 are here, 0 come once their partners have joined.",
      "  Customer cus_3: no partner a-9 was given.",
      "  Customer cus_4: Bob does not come.",
      `  Customer cus_5 is ${other.wallet}'s here.`,
      "  Commission c-3 is in eur, and the event pays usd.",
    ]);
    expect(readFileSync(out, "utf8")).to.not.include("ada@example.com");
    const bound = await market.call("GET", "/v1/bindings?customerId=cus_1", { token: key });
    expect(bound.body.partner).to.equal(partner.wallet);
    const guest = await campaign.report({ orderId: "g", volume: "10", customerEmail: "guest@example.com" });
    expect(guest.body, "found again by the address").to.include({ state: "accepted", partner: partner.wallet });
    const owed = await market.call("GET", "/v1/conversions?orderId=rewardful:c-1", { token: key });
    expect(owed.body.items).to.have.length(1);
    expect(owed.body.items[0]).to.include({
      event: "owed",
      state: "accepted",
      partner: partner.wallet,
      commission: "12500000",
    });
    const sold = await campaign.report({ orderId: "s", volume: "10", code: "ada" });
    expect(sold.body, "what stands in its old links").to.include({ state: "accepted", partner: partner.wallet });

    const again = await move("--apply");
    expect(again).to.include.members([
      "codes: 0 carried over, 3 are here, 1 come once their partners have joined.",
      "customers: 0 carried over, 2 are here, 0 come once their partners have joined.",
      "commissions: 0 carried over, 1 are here, 0 come once their partners have joined.",
    ]);
  });

  it("is refused with what is wrong and the remedy", async () => {
    const refuse = async (...args: string[]) =>
      run(args, { say: () => {}, key: "sk_x", fetch: ask }).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await refuse("usher")).to.match(/^Say from where: rewardful, .*, not "usher"\.$/);
    expect(await refuse("constructor")).to.match(/^Say from where/);
    const given = ["dub", "--relayer", "http://relayer.example", "--campaign", `0x${"0".repeat(64)}`];
    expect(await refuse(...given)).to.match(/^Give --partners/);
    expect(await refuse(...given, "--partners", join(folder, "none.csv"))).to.match(/^There is no file .*none\.csv\.$/);
    expect(await refuse(...given, "--partners", put("empty.csv", ""))).to.match(/empty\.csv is empty/);
    expect(await refuse(...given, "--partners", put("x.json", "{}"))).to.match(/x\.json has no list/);
    expect(await refuse(...given, "--partners", put("y.json", "{"))).to.match(/y\.json is not JSON/);
    expect(await refuse(...given, "--partners", put("z.csv", "id\na,b\n"))).to.match(/line 2 has 2 cells/);
    expect(await refuse(...given, "--partners", put("p.csv", "id\na\n"), "--apply")).to.match(
      /^--apply needs --portal/,
    );
    expect(await refuse(...given, "--partners", put("p.csv", "id\na\n"))).to.match(/^The API key is not whole/);
  });
});
