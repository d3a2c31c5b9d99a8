import { expect } from "chai";
import { Wallet } from "ethers";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";

const report = (orderId: string) => ({ event: "signup", orderId, customerId: "bound" });

describe("API keys", () => {
  let desk: RelayerWithCampaign;
  let session: string;
  let keys: string;

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    session = await desk.signIn(desk.brand);
    keys = `/v1/campaigns/${desk.campaignId}/keys`;
  });
  after(() => desk.close());

  it("are made with a label alone, to read and report, and shown once", async () => {
    const made = await desk.call("POST", keys, { token: session, json: { label: "shop" } });
    expect(made.status).to.equal(201);
    expect(made.body.secret).to.match(/^sk_[\w-]{43}[0-9a-f]{8}$/);
    expect(made.body.scopes).to.deep.equal(["read", "report"]);

    const { secret, ...shown } = made.body;
    const [listed] = (await desk.call("GET", keys, { token: session })).body.items;
    expect(listed).to.deep.equal(shown);
    expect(shown.last4).to.equal(secret.slice(-4));

    const stored = JSON.stringify(await desk.database.query("SELECT secret_hash, label, last4 FROM api_keys"));
    expect(stored).not.to.contain(secret);
  });

  it("do only what their scopes say", async () => {
    const reader = await desk.addKey(desk.campaignId, session, ["read"]);
    const reporter = await desk.addKey(desk.campaignId, session, ["report"]);
    const admin = await desk.addKey(desk.campaignId, session, ["admin"]);
    const refused = await desk.call("POST", "/v1/conversions", { token: reader.secret, json: report("scope-1") });
    expect([refused.status, refused.body.detail]).to.deep.equal([
      403,
      "This needs a key with the scope report; this key has read.",
    ]);
    const id = await desk.report(reporter.secret, "scope-1");
    expect((await desk.call("GET", `/v1/conversions/${id}`, { token: reader.secret })).status).to.equal(200);
    expect((await desk.call("GET", `/v1/conversions/${id}`, { token: reporter.secret })).status).to.equal(403);
    expect((await desk.call("GET", `/v1/conversions/${id}`, { token: admin.secret })).status).to.equal(403);
    const webhooks = `/v1/campaigns/${desk.campaignId}/webhooks`;
    expect((await desk.call("GET", webhooks, { token: reporter.secret })).status).to.equal(403);
    expect((await desk.call("GET", webhooks, { token: admin.secret })).status).to.equal(200);
  });

  it("are made, listed and revoked by the brand's wallet only, not even by an admin key", async () => {
    const admin = await desk.addKey(desk.campaignId, session, ["admin"]);
    const stranger = await desk.signIn(Wallet.createRandom());
    for (const [token, status] of [
      [admin.secret, 401],
      [stranger, 403],
      [undefined, 401],
    ] as const) {
      expect((await desk.call("POST", keys, { token, json: { label: "x" } })).status).to.equal(status);
      expect((await desk.call("GET", keys, { token })).status).to.equal(status);
      expect((await desk.call("DELETE", `${keys}/${admin.id}`, { token })).status).to.equal(status);
      const rotate = { token, json: { graceSeconds: 0 } };
      expect((await desk.call("POST", `${keys}/${admin.id}/rotations`, rotate)).status).to.equal(status);
    }
  });

  it("keep the old secret for the grace of a rotation, and no longer", async () => {
    const { id, secret } = await desk.addKey(desk.campaignId, session);
    const rotated = await desk.call("POST", `${keys}/${id}/rotations`, {
      token: session,
      json: { graceSeconds: 3600 },
    });
    expect(rotated.status).to.equal(201);
    const other = rotated.body.secret;
    const tryBoth = async () =>
      Promise.all(
        [secret, other].map(async (token) => (await desk.call("GET", "/v1/conversions/1", { token })).status === 401),
      );
    expect(await tryBoth()).to.deep.equal([false, false]);
    await desk.database.query("UPDATE api_keys SET previous_until = now() - interval '1 second' WHERE id = $1", [id]);
    expect(await tryBoth()).to.deep.equal([true, false]);
  });

  it("end the oldest secret at once when rotated twice", async () => {
    const { id, secret } = await desk.addKey(desk.campaignId, session);
    const rotate = { token: session, json: { graceSeconds: 3600 } };
    await desk.call("POST", `${keys}/${id}/rotations`, rotate);
    await desk.call("POST", `${keys}/${id}/rotations`, rotate);
    expect((await desk.call("GET", "/v1/conversions/1", { token: secret })).status).to.equal(401);
  });

  it("have a grace of seven days at most", async () => {
    const { id } = await desk.addKey(desk.campaignId, session);
    for (const graceSeconds of [7 * 86_400 + 1, -1, 1.5, "60", null]) {
      const rotated = await desk.call("POST", `${keys}/${id}/rotations`, { token: session, json: { graceSeconds } });
      expect(rotated.status, String(graceSeconds)).to.equal(400);
    }
  });

  it("are nothing once revoked, with both their secrets, and cannot be rotated back", async () => {
    const { id, secret } = await desk.addKey(desk.campaignId, session);
    const rotate = { token: session, json: { graceSeconds: 3600 } };
    const other = (await desk.call("POST", `${keys}/${id}/rotations`, rotate)).body.secret;
    const first = await desk.call("DELETE", `${keys}/${id}`, { token: session });
    const second = await desk.call("DELETE", `${keys}/${id}`, { token: session });
    expect(first.body.revokedAt).to.be.a("string");
    expect(second.body.revokedAt).to.equal(first.body.revokedAt);
    for (const token of [secret, other])
      expect((await desk.call("POST", "/v1/conversions", { token, json: report("revoked") })).status).to.equal(401);
    expect((await desk.call("POST", `${keys}/${id}/rotations`, rotate)).status).to.equal(409);
  });

  it("say that they are not whole where a character is wrong, missing or too many, and else that they are not known", async () => {
    const { secret } = await desk.addKey(desk.campaignId, session);
    const detail = async (token: string) => {
      const { status, body } = await desk.call("GET", "/v1/imports", { token });
      expect(status).to.equal(401);
      return body.detail as string;
    };
    const wrong = secret[10] === "A" ? "B" : "A";
    for (const token of [
      secret.slice(0, 10) + wrong + secret.slice(11),
      secret.slice(0, -1),
      secret.slice(0, 20),
      `${secret}0`,
      "sk_none",
    ])
      expect(await detail(token), token).to.match(/^The API key is not whole: of its \d+ characters one is missing/);
    // As they were before they had a checksum, and one that is whole: nobody here made them.
    for (const token of [`sk_${"a".repeat(43)}`, newSecret("sk")])
      expect(await detail(token), token).to.match(/^The API key is unknown, revoked or rotated/);
    await desk.database.query("UPDATE api_keys SET secret_hash = $1 WHERE secret_hash = $2", [
      hashSecret(`sk_${"b".repeat(43)}`),
      hashSecret(secret),
    ]);
    expect((await desk.call("GET", "/v1/imports", { token: `sk_${"b".repeat(43)}` })).status).to.equal(200);
  });

  it("say when they were last used, to the minute", async () => {
    const { id, secret } = await desk.addKey(desk.campaignId, session);
    const lastUsed = async () =>
      (await desk.call("GET", keys, { token: session })).body.items.find((key: { id: string }) => key.id === id)
        .lastUsedAt;
    expect(await lastUsed()).to.equal(null);
    await desk.call("GET", "/v1/conversions/1", { token: secret });
    expect(await lastUsed()).to.match(/:00\.000Z$/);
  });

  it("of one campaign are nothing in another", async () => {
    const other = await desk.addCampaign(desk.brand.address, "Another");
    const mine = await desk.addKey(desk.campaignId, session, ["read", "report", "admin"]);
    const theirs = await desk.addKey(other, session, ["read", "report", "admin"]);
    const id = await desk.report(theirs.secret, "theirs-1");
    expect((await desk.call("GET", `/v1/conversions/${id}`, { token: mine.secret })).status).to.equal(404);
    expect((await desk.call("POST", `/v1/conversions/${id}/refunds`, { token: mine.secret })).status).to.equal(404);
    const webhooks = `/v1/campaigns/${other}/webhooks`;
    expect((await desk.call("GET", webhooks, { token: mine.secret })).status).to.equal(403);
    const hook = { token: theirs.secret, json: { url: "https://shop.example/hook" } };
    const { id: webhookId } = (await desk.call("POST", webhooks, hook)).body;
    expect((await desk.call("DELETE", `/v1/webhooks/${webhookId}`, { token: mine.secret })).status).to.equal(404);
    // Nor is a key changed through a path of another campaign.
    expect((await desk.call("DELETE", `${keys}/${theirs.id}`, { token: session })).status).to.equal(404);
  });

  it("are nothing once the campaign is another brand's, and good again if it comes back", async () => {
    const campaign = await desk.addCampaign(desk.brand.address, "Sold");
    const list = `/v1/campaigns/${campaign}/keys`;
    const { id, secret } = await desk.addKey(campaign, session, ["read", "report", "admin"]);
    const heir = Wallet.createRandom();
    const heirs = await desk.signIn(heir);
    const belongsTo = (brand: string) =>
      desk.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [campaign, brand]);
    const hooks = `/v1/campaigns/${campaign}/webhooks`;
    const hook = { token: secret, json: { url: "https://shop.example/hook" } };
    const { id: webhookId } = (await desk.call("POST", hooks, hook)).body;

    await belongsTo(heir.address);
    const refused = await desk.call("POST", "/v1/conversions", { token: secret, json: report("sold") });
    expect([refused.status, refused.body.detail]).to.satisfy(
      ([status, detail]: [number, string]) => status === 401 && detail.includes("a former brand"),
    );
    expect((await desk.call("GET", "/v1/conversions", { token: secret })).status).to.equal(401);
    expect((await desk.call("POST", hooks, hook)).status).to.equal(401);
    // The heir is shown its own alone, and cannot take over another's by rotating it.
    expect((await desk.call("GET", list, { token: heirs })).body.items).to.deep.equal([]);
    expect((await desk.call("GET", hooks, { token: heirs })).body.items).to.deep.equal([]);
    expect((await desk.call("GET", `/v1/webhooks/${webhookId}`, { token: heirs })).status).to.equal(404);
    const rotation = { token: heirs, json: { graceSeconds: 0 } };
    expect((await desk.call("POST", `${list}/${id}/rotations`, rotation)).status).to.equal(404);
    expect((await desk.call("POST", list, { token: session, json: { label: "still mine" } })).status).to.equal(403);
    const own = await desk.addKey(campaign, heirs);
    expect(await desk.report(own.secret, "sold")).to.be.a("string");

    await belongsTo(desk.brand.address);
    expect((await desk.call("GET", `/v1/webhooks/${webhookId}`, { token: secret })).status).to.equal(200);
    expect((await desk.call("GET", "/v1/conversions", { token: own.secret })).status).to.equal(401);
  });

  it("are listed in pages, whose cursors are of that list alone", async () => {
    const campaign = await desk.addCampaign(desk.brand.address, "Pages");
    const list = `/v1/campaigns/${campaign}/keys`;
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push((await desk.addKey(campaign, session)).id);
    const all = async (more = "") => {
      const seen: string[] = [];
      for (let next: string | null = ""; next !== null; ) {
        const page: Awaited<ReturnType<typeof desk.call>> = await desk.call("GET", `${list}?limit=2${more}${next}`, {
          token: session,
        });
        seen.push(...page.body.items.map(({ id }: { id: string }) => id));
        next = page.body.next === null ? null : `&cursor=${page.body.next}`;
      }
      return seen;
    };
    expect(await all("&sort=oldest")).to.deep.equal(made);
    expect(await all()).to.deep.equal([...made].reverse());
    const { next } = (await desk.call("GET", `${list}?limit=2`, { token: session })).body;
    for (const cursor of ["", "x", "%00", next.slice(1), Buffer.from("keys:1").toString("base64url"), "9".repeat(201)])
      expect((await desk.call("GET", `${list}?cursor=${cursor}`, { token: session })).status, cursor).to.equal(400);
    expect((await desk.call("GET", `${keys}?cursor=${next}`, { token: session })).status).to.equal(400);
    for (const limit of ["0", "201", "1.5", "x"])
      expect((await desk.call("GET", `${list}?limit=${limit}`, { token: session })).status, limit).to.equal(400);
  });
});
