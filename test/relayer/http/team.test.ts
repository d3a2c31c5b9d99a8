import { expect } from "chai";
import { Wallet } from "ethers";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { isEnough, ROLES } from "#relayer/domain/team.ts";
import { OWN, RIGHTS, type Right } from "#relayer/http/rights.ts";

// biome-ignore lint/suspicious/noExplicitAny: a parsed OpenAPI document
type Part = any;

describe("teams", () => {
  let desk: RelayerWithCampaign;
  let brand: string;
  let team: string;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    brand = await desk.signIn(desk.brand);
    team = `/v1/brands/${desk.brand.address}/team`;
  });
  after(() => desk.close());

  const call = (method: string, path: string, token?: string, json?: unknown) =>
    desk.call(method, path, { ...(token === undefined ? {} : { token }), ...(json === undefined ? {} : { json }) });

  const invite = (by: string, role: string, more: object = {}) =>
    call("POST", `${team}/invitations`, by, { role, label: "somebody", ...more });

  /** A member with a role, who came by a link. */
  async function join(role: string) {
    const wallet = Wallet.createRandom();
    const token = await desk.signIn(wallet);
    const { body } = await invite(brand, role);
    expect((await call("POST", "/v1/me/teams", token, { token: body.token })).status).to.equal(201);
    return { address: wallet.address, token };
  }

  const acts = async (query = "") =>
    (await call("GET", `/v1/brands/${desk.brand.address}/acts?limit=200${query}`, brand)).body.items;

  describe("the table of rights", () => {
    let operations: { path: string; method: string; operation: Part }[];
    before(async () => {
      const document = (await call("GET", "/v1/openapi.json")).body;
      operations = Object.entries<Part>(document.paths).flatMap(([path, methods]) =>
        Object.entries<Part>(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
      );
    });

    it("has every route that takes a session, and no other; what writes for a brand has a name in the list of acts", () => {
      const signedIn = operations
        .filter(({ operation }) => operation.security.some((one: object) => "session" in one))
        .map(({ method, path }) => `${method} ${path}`);
      expect(Object.keys(RIGHTS).sort()).to.deep.equal(signedIn.sort());
      for (const [route, right] of Object.entries(RIGHTS))
        if (right !== OWN) expect(right.act === undefined, route).to.equal(route.startsWith("GET "));
    });

    it("is what each role meets at each route of a brand, and a stranger at all of them", async function () {
      this.timeout(OPENING);
      const members = new Map<string, string>();
      for (const role of ROLES) members.set(role, (await join(role)).token);
      const stranger = await desk.signIn(Wallet.createRandom());
      const ids = await aThingOfEach();
      let asked = 0;
      // What deletes comes last, so that the rest finds what it is about.
      const deletes = ([route]: readonly [string, unknown]) => Number(route.startsWith("DELETE "));
      const routes = Object.entries(RIGHTS).sort((a, b) => deletes(a) - deletes(b));
      for (const [route, right] of routes) {
        if (right === OWN) continue;
        const [method = "", path = ""] = route.split(" ");
        const operation = operations.find((one) => one.method === method && one.path === path)?.operation;
        const request = { at: ids.fill(path, method), body: ids.bodies[route] };
        if (operation.requestBody !== undefined) expect(request.body, `no body for ${route}`).not.to.equal(undefined);
        // A partner sees its own by some routes: there a stranger sees an empty list, and nothing of the brand's.
        const shared =
          (route.startsWith("GET") && path.endsWith("/bonuses")) ||
          (/links|codes|leads|targets|\/v1\/conversions|reports/.test(path) &&
            !/decisions|review|judge|grants/.test(path));
        const outside = await call(method, request.at, stranger, request.body);
        if (!shared) expect([401, 403, 404], `${route} for a stranger: ${outside.status}`).to.include(outside.status);
        for (const [role, token] of members) {
          const answer = await call(method, request.at, token, request.body);
          asked++;
          const may = isEnough(role as (typeof ROLES)[number], (right as Right).role);
          expect(answer.status === 403, `${route} for a ${role}: ${answer.status} ${answer.body?.detail}`).to.equal(
            !may,
          );
          if (may) expect(answer.status, `${route} for a ${role}: ${answer.body?.detail}`).to.be.below(410);
        }
      }
      expect(asked).to.be.above(100);
    });

    /** One of everything that a path can name, and a request for each route that takes one. */
    async function aThingOfEach() {
      const at = `/v1/campaigns/${desk.campaignId}`;
      const key = await desk.addKey(desk.campaignId, brand);
      const conversion = await desk.report(key.secret, "team-1");
      const webhook = (await call("POST", `${at}/webhooks`, brand, { url: "https://brand.example/hook" })).body.id;
      const partner = Wallet.createRandom();
      const partners = await desk.signIn(partner);
      const { code } = (await call("POST", `${at}/partnerships`, partners)).body;
      const spoken = (await call("POST", `${at}/codes`, partners, { code: "TEAMCODE" })).body.code;
      const [application] = await desk.database.query<{ id: bigint }>(
        `INSERT INTO applications (campaign_id, partner, answers) VALUES ($1, $2, '[]') RETURNING id`,
        [desk.campaignId, Wallet.createRandom().address],
      );
      const [delivery] = await desk.database.query<{ id: bigint }>(
        `INSERT INTO webhook_deliveries (endpoint_id, move_id, type, state)
         SELECT $1, max(id), 'conversion.accepted', 'delivered' FROM conversion_moves RETURNING id`,
        [webhook],
      );
      const invited = (await call("POST", `${at}/invitations`, brand, { label: "x", kinds: [0] })).body.id;
      const uninvited = (await invite(brand, "viewer")).body.id;
      const member = await join("viewer");
      const names: Record<string, string> = {
        campaignId: desk.campaignId,
        brand: desk.brand.address,
        keyId: key.id,
        partner: partner.address,
        webhookId: String(webhook),
        deliveryId: String(delivery?.id),
        shop: "shopify",
        source: "stripe",
        wallet: member.address,
      };
      const reason = "because";
      return {
        fill: (path: string, method: string) => {
          const id = path.includes("/applications/")
            ? String(application?.id)
            : path.includes("/team/invitations/")
              ? uninvited
              : path.includes("/invitations/")
                ? invited
                : path.includes("/conversions/")
                  ? conversion
                  : "1";
          const filled = path
            .replace("{id}", id)
            .replace("{code}", path.includes("/codes/") ? spoken : code)
            .replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? `no ${name}`);
          return method === "GET" && path === "/v1/bindings"
            ? `${filled}?campaignId=${desk.campaignId}&customerId=bound`
            : method === "GET" && path === "/v1/conversions"
              ? `${filled}?campaignId=${desk.campaignId}`
              : filled;
        },
        bodies: {
          "POST /v1/campaigns/{campaignId}/keys": { label: "a key" },
          "POST /v1/campaigns/{campaignId}/keys/{keyId}/rotations": { graceSeconds: 0 },
          "PUT /v1/campaigns/{campaignId}/partnerships/{partner}/label": { label: "Ada", note: null, tags: [] },
          "PUT /v1/campaigns/{campaignId}/admission": { questions: [] },
          "POST /v1/applications/{id}/decisions": { decision: "decline", reason },
          "POST /v1/campaigns/{campaignId}/invitations": { label: "x", kinds: [0] },
          "POST /v1/campaigns/{campaignId}/code-grants": {
            codes: [{ partner: partner.address, code: "GRANTED", offerId: null, customerGets: null }],
          },
          "PATCH /v1/campaigns/{campaignId}/codes/{code}": { customerGets: "A mug" },
          "POST /v1/campaigns/{campaignId}/leads/{id}/decisions": { decision: "qualify" },
          "POST /v1/campaigns/{campaignId}/bonuses": {
            bonusId: "b",
            partner: desk.brand.address,
            amount: "1",
            reason,
          },
          "POST /v1/binding-moves": { campaignId: desk.campaignId, customerId: "bound", code, reason },
          "POST /v1/customer-merges": { campaignId: desk.campaignId, customerId: "other", into: "bound", reason },
          "POST /v1/campaigns/{campaignId}/reviews": { decision: "release", conversionIds: [conversion] },
          "POST /v1/conversions/{id}/reviews": { decision: "release" },
          "POST /v1/campaigns/{campaignId}/webhooks": { url: "https://brand.example/hook2" },
          "PATCH /v1/webhooks/{webhookId}": { enabled: true },
          "POST /v1/webhooks/{webhookId}/rotations": { graceSeconds: 0 },
          "PUT /v1/campaigns/{campaignId}/sources/stripe": {
            webhookSecrets: ["whsec_0123456789abcdef0123456789abcdef"],
            testMode: true,
          },
          "PUT /v1/campaigns/{campaignId}/sources/webhook": { webhookSecrets: ["0123456789abcdef0123456789abcdef"] },
          "PUT /v1/campaigns/{campaignId}/sources/{shop}": {
            webhookSecrets: ["0123456789abcdef0123456789abcdef"],
            testMode: false,
          },
          "PUT /v1/brands/{brand}/invoice-details": { name: "Shoes Ltd", address: ["1 Road"], country: "GB" },
          "POST /v1/brands/{brand}/invoices": { partner: partner.address, to: "2020-01-31" },
          "POST /v1/brands/{brand}/team/invitations": { role: "owner", label: "x" },
          "PUT /v1/brands/{brand}/team/members/{wallet}": { role: "viewer" },
        } as Record<string, unknown>,
      };
    }
  });

  it("invite by a link that is good once, whose token is kept as a hash", async () => {
    const made = await invite(brand, "manager", { label: "Grace" });
    expect(made.body).to.include({ role: "manager", wallet: null, label: "Grace", state: "open" });
    expect(made.body.token).to.match(/^ti_[\w-]{43}$/);
    expect(
      JSON.stringify(await desk.database.query("SELECT * FROM team_invitations"), (_, one) => String(one)),
    ).not.to.contain(made.body.token);
    const looked = await call("POST", "/v1/team-invitations/lookups", undefined, { token: made.body.token });
    expect(looked.body).to.include({ brand: desk.brand.address, role: "manager", state: "open" });

    const [first, second] = [Wallet.createRandom(), Wallet.createRandom()];
    const [a, b] = [await desk.signIn(first), await desk.signIn(second)];
    // Both at once: one comes in.
    const both = await Promise.all(
      [a, b].map((token) => call("POST", "/v1/me/teams", token, { token: made.body.token })),
    );
    expect(both.map(({ status }) => status).sort()).to.deep.equal([201, 409]);
    const [winner, wallet] = both[0]?.status === 201 ? [a, first] : [b, second];
    // Sent again it changes nothing.
    expect((await call("POST", "/v1/me/teams", winner, { token: made.body.token })).status).to.equal(201);
    const shown = (await call("GET", team, winner)).body;
    expect(shown.yours).to.equal("manager");
    expect(shown.members.filter((one: Part) => one.wallet === wallet?.address)).to.have.length(1);
    expect((await call("GET", "/v1/me/teams", winner)).body.memberships).to.deep.include({
      brand: desk.brand.address,
      role: "manager",
      since: shown.members.find((one: Part) => one.wallet === wallet?.address).since,
    });
  });

  it("refuse an invitation that is another wallet's, over, taken back, or unknown", async () => {
    const ada = Wallet.createRandom();
    const [hers, other] = [await desk.signIn(ada), await desk.signIn(Wallet.createRandom())];
    const named = (await invite(brand, "viewer", { wallet: ada.address })).body;
    expect((await call("POST", "/v1/me/teams", other, { token: named.token })).status).to.equal(403);
    expect((await call("POST", "/v1/me/teams", other, { invitation: named.id })).status).to.equal(404);
    expect((await call("GET", "/v1/me/teams", hers)).body.invitations[0]).to.include({ id: named.id, role: "viewer" });
    expect((await call("POST", "/v1/me/teams", hers, { invitation: named.id })).status).to.equal(201);

    const over = (await invite(brand, "viewer")).body;
    await desk.database.query("UPDATE team_invitations SET expires_at = now() WHERE id = $1", [over.id]);
    const late = await call("POST", "/v1/me/teams", other, { token: over.token });
    expect([late.status, late.body.detail]).to.deep.equal([
      409,
      `This invitation was good until ${(await expiry(over.id)).toISOString()}. Ask the brand for another.`,
    ]);
    const back = (await invite(brand, "viewer")).body;
    expect((await call("DELETE", `${team}/invitations/${back.id}`, brand)).status).to.equal(204);
    expect((await call("POST", "/v1/me/teams", other, { token: back.token })).body.detail).to.equal(
      "The brand has taken this invitation back. Ask it.",
    );
    // One without a name is found by its token alone.
    const open = (await invite(brand, "viewer")).body;
    expect((await call("POST", "/v1/me/teams", other, { invitation: open.id })).status).to.equal(404);
    expect((await call("POST", "/v1/me/teams", other, { token: `ti_${"a".repeat(43)}` })).status).to.equal(404);
    expect((await call("POST", "/v1/me/teams", brand, { token: open.token })).status).to.equal(409);
  });

  const expiry = async (id: string) => {
    const [row] = await desk.database.query<{ at: Date }>(
      "SELECT expires_at AS at FROM team_invitations WHERE id = $1",
      [id],
    );
    return row?.at as Date;
  };

  it("end a member's rights with the next request of a session that goes on, with its open links, and name the keys it knows", async () => {
    const olga = await join("owner");
    const keys = `/v1/campaigns/${desk.campaignId}/keys`;
    const key = (await call("POST", keys, olga.token, { label: "olga's" })).body;
    const left = (await invite(olga.token, "owner")).body;
    const at = `/v1/campaigns/${desk.campaignId}`;
    const hook = (await call("POST", `${at}/webhooks`, olga.token, { url: "https://olga.example/hook?to=us" })).body;
    const gone = (await call("POST", `${at}/webhooks`, olga.token, { url: "https://gone.example/hook" })).body;
    await call("DELETE", `/v1/webhooks/${gone.id}`, olga.token);
    const secrets = { webhookSecrets: ["0123456789abcdef0123456789abcdef"], testMode: false };
    for (const shop of ["woocommerce", "shopify"]) await call("PUT", `${at}/sources/${shop}`, olga.token, secrets);
    await call("DELETE", `${at}/sources/woocommerce`, olga.token);
    const removed = await call("DELETE", `${team}/members/${olga.address}`, brand);
    const { campaignId } = desk;
    expect(removed.body).to.deep.equal({
      keys: [{ campaignId, id: key.id, label: "olga's" }],
      webhooks: [{ campaignId, id: hook.id, label: "olga.example" }],
      sources: [{ campaignId, source: "shopify" }],
    });
    expect((await call("GET", keys, olga.token)).status).to.equal(403);
    expect((await call("GET", team, olga.token)).status).to.equal(403);
    const back = await call("POST", "/v1/me/teams", olga.token, { token: left.token });
    expect([back.status, back.body.detail]).to.deep.equal([409, "The brand has taken this invitation back. Ask it."]);
    // The session is its wallet's own as well.
    expect((await call("GET", "/v1/me/teams", olga.token)).body.memberships).to.deep.equal([]);
  });

  it("undo what somebody does whose role ends meanwhile", async () => {
    const mallory = await join("manager");
    const hook = { url: "https://brand.example/mallory" };
    // The right is looked at, then the role ends, then the act is written.
    const { transaction } = desk.database;
    const swapped = desk.database as { transaction: typeof transaction };
    swapped.transaction = async (work) => {
      swapped.transaction = transaction;
      await desk.database.query("DELETE FROM team_members WHERE wallet = $1", [mallory.address]);
      return transaction(work);
    };
    const answer = await call("POST", `/v1/campaigns/${desk.campaignId}/webhooks`, mallory.token, hook);
    swapped.transaction = transaction;
    expect([answer.status, answer.body.detail]).to.deep.equal([
      403,
      `${mallory.address} has lost its role in the team of ${desk.brand.address}, or ${desk.brand.address} the campaign, just now.`,
    ]);
    expect(await desk.database.query("SELECT 1 FROM webhook_endpoints WHERE url = $1", [hook.url])).to.deep.equal([]);
    expect(await acts(`&actor=${mallory.address}`)).to.have.length(1);
  });

  it("decide nothing where they earn: a manager who is a partner there looks on", async () => {
    const manager = await join("manager");
    const campaign = `/v1/campaigns/${desk.campaignId}`;
    const give = () =>
      call("POST", `${campaign}/code-grants`, manager.token, {
        codes: [{ partner: manager.address, code: "MINE-10" }],
      });
    expect((await call("POST", `${campaign}/partnerships`, manager.token)).status).to.equal(201);
    const refused = await give();
    expect(refused.status).to.equal(403);
    expect(refused.body.detail).to.match(
      /is a partner of campaign 0x[0-9a-f]{64}: who earns by a campaign decides nothing in it/,
    );
    expect((await call("GET", `${campaign}/codes`, manager.token)).status).to.equal(200);
    // What is its own as a partner it does as one.
    expect((await call("POST", `${campaign}/codes`, manager.token, { code: "MINE-10" })).status).to.equal(201);
    const retired = await call("PATCH", `${campaign}/codes/MINE-10`, manager.token, { retired: true });
    expect(retired.status, retired.body.detail).to.equal(200);
  });

  it("keep the brand's wallet, let members leave, and let nobody but owners change the team", async () => {
    const [manager, viewer] = [await join("manager"), await join("viewer")];
    for (const way of ["PUT", "DELETE"]) {
      const json = way === "PUT" ? { role: "viewer" } : undefined;
      expect((await call(way, `${team}/members/${desk.brand.address}`, brand, json)).status).to.equal(409);
      expect((await call(way, `${team}/members/${viewer.address}`, manager.token, json)).status).to.equal(403);
    }
    expect((await invite(manager.token, "viewer")).status).to.equal(403);
    expect((await call("PUT", `${team}/members/${manager.address}`, manager.token, { role: "owner" })).status).to.equal(
      403,
    );
    expect((await call("DELETE", `${team}/members/${viewer.address}`, viewer.token)).status).to.equal(200);
    expect((await call("DELETE", `${team}/members/${viewer.address}`, viewer.token)).status).to.equal(403);
  });

  it("invite nobody by name for a wallet without a campaign, and nobody without end", async () => {
    const nobody = Wallet.createRandom();
    const token = await desk.signIn(nobody);
    const theirs = `/v1/brands/${nobody.address}/team/invitations`;
    const ada = Wallet.createRandom();
    const ask = (more: object = {}) => call("POST", theirs, token, { role: "viewer", label: "Buy my coin", ...more });
    const named = await ask({ wallet: ada.address });
    expect([named.status, named.body.detail]).to.deep.equal([
      409,
      `The brand has no campaign here, and names no wallet until it has: ${ada.address} would find the invitation among its own. Leave \`wallet\` out, and hand the link over.`,
    ]);
    const hers = await desk.signIn(ada);
    expect((await call("GET", "/v1/me/teams", hers)).body.invitations).to.deep.equal([]);
    // A link reaches nobody by itself; and there are so many of them.
    expect((await ask()).status).to.equal(201);
    await desk.database.query(
      `INSERT INTO team_invitations (brand, role, label, token_hash, made_by, expires_at, revoked_at)
       SELECT $1, 'viewer', 'x', 'hash ' || n, $1, now() + interval '7 days', now() FROM generate_series(1, 198) AS n`,
      [nobody.address],
    );
    expect((await ask()).status).to.equal(201);
    expect((await ask()).body.detail).to.equal(
      "The brand has made 200 invitations into its team within a day. Make more tomorrow.",
    );
    await desk.database.query("UPDATE team_invitations SET made_at = now() - interval '1 day' WHERE brand = $1", [
      nobody.address,
    ]);
    expect((await ask()).status).to.equal(201);
    await desk.database.query(
      "UPDATE team_invitations SET revoked_at = NULL WHERE id IN (SELECT id FROM team_invitations WHERE brand = $1 ORDER BY id LIMIT 48)",
      [nobody.address],
    );
    expect((await ask()).body.detail).to.match(/has 50 open invitations into its team/);
  });

  it("go with the brand's wallet: whom a campaign is handed over to brings its own", async () => {
    const other = Wallet.createRandom();
    const [theirs, manager] = [await desk.signIn(other), await join("manager")];
    const campaignId = await desk.addCampaign(desk.brand.address, "Handed over");
    const keys = `/v1/campaigns/${campaignId}/keys`;
    expect((await call("GET", keys, manager.token)).status).to.equal(200);
    await desk.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [campaignId, other.address]);
    expect((await call("GET", keys, manager.token)).status).to.equal(403);
    expect((await call("GET", keys, theirs)).status).to.equal(200);
    const invited = await call("POST", `/v1/brands/${other.address}/team/invitations`, theirs, {
      role: "viewer",
      label: "x",
    });
    expect((await call("POST", "/v1/me/teams", manager.token, { token: invited.body.token })).status).to.equal(201);
    expect((await call("GET", keys, manager.token)).status).to.equal(200);
    expect((await call("POST", keys, manager.token, { label: "x" })).status).to.equal(403);
  });

  it("list who did what, page by page and as a file, beside what servers did by their keys", async () => {
    const manager = await join("manager");
    const at = `/v1/campaigns/${desk.campaignId}`;
    const key = (await call("POST", `${at}/keys`, manager.token, { label: "crm", scopes: ["admin"] })).body;
    const hook = (await call("POST", `${at}/webhooks`, key.secret, { url: "https://brand.example/by-key" })).body;
    const [newest, before] = await acts();
    expect(newest).to.include({
      act: "webhook.made",
      actor: `key ${key.id}`,
      role: "key",
      campaignId: desk.campaignId,
    });
    expect(newest.facts).to.deep.equal({ webhook: hook.id, host: "brand.example" });
    expect(before).to.deep.include({ act: "key.made", actor: manager.address, role: "manager" });
    expect(before.facts).to.deep.equal({ key: key.id, label: "crm", scopes: "admin" });

    const page = (await call("GET", `/v1/brands/${desk.brand.address}/acts?limit=1`, brand)).body;
    const next = (await call("GET", `/v1/brands/${desk.brand.address}/acts?limit=1&cursor=${page.next}`, brand)).body;
    expect([page.items[0].id, next.items[0].id]).to.deep.equal([newest.id, before.id]);
    const all = await acts(`&campaignId=${desk.campaignId}`);
    expect(all.every((one: Part) => one.campaignId === desk.campaignId)).to.equal(true);

    const file = await desk.app.request(`/v1/brands/${desk.brand.address}/acts.csv?actor=${manager.address}`, {
      headers: { authorization: `Bearer ${brand}` },
    });
    const lines = (await file.text()).trimEnd().split("\r\n");
    expect(lines.map((line) => line.split(",").slice(1, 4).join(","))).to.deep.equal([
      "who,as,what",
      `${manager.address},manager,member.joined`,
      `${manager.address},manager,key.made`,
      "2 rows,,",
    ]);
  });
});
