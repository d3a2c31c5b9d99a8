import { expect } from "chai";
import { Wallet } from "ethers";
import { SiweMessage } from "siwe";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";

describe("signing in", () => {
  let desk: RelayerWithCampaign;
  const wallet = Wallet.createRandom();
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign({
      PORTAL_URLS: ["https://portal.example", "https://pages.example:8443/partners"],
    });
  });
  after(() => desk.close());

  /** The nonce's answer as a page gets it, or a program that has no origin. */
  const ask = async (origin?: string) =>
    (await desk.call("POST", "/v1/auth/nonces", { headers: origin === undefined ? {} : { origin } })).body;
  async function signIn(nonce: string, domain: string, origin: string) {
    const message = new SiweMessage({
      domain,
      uri: origin,
      address: wallet.address,
      version: "1",
      chainId: 31337,
      nonce,
    }).prepareMessage();
    const json = { message, signature: await wallet.signMessage(message) };
    return desk.call("POST", "/v1/auth/sessions", { json, headers: { origin } });
  }

  it("names each portal its own host, as wallets want it, and takes it", async () => {
    for (const origin of ["https://portal.example", "https://pages.example:8443", "http://relayer.example"]) {
      const { nonce, domain } = await ask(origin);
      expect(domain).to.equal(new URL(origin).host);
      const { status, body } = await signIn(nonce, domain, origin);
      expect(status, body.detail).to.equal(201);
      expect(body.address).to.equal(wallet.address);
    }
    expect((await ask()).domain).to.equal("relayer.example");
  });

  it("names nobody else's page its host, and takes no message for one, nor uses up its nonce", async () => {
    for (const origin of [
      "https://evil.example",
      "http://portal.example",
      "https://pages.example",
      "https://portal.example.evil.example",
      "null",
    ])
      expect((await ask(origin)).domain, origin).to.equal("relayer.example");
    const { nonce } = await ask("https://portal.example");
    for (const domain of ["evil.example", "pages.example", "portal.example.evil.example"]) {
      const refused = await signIn(nonce, domain, "https://evil.example");
      expect(refused.status).to.equal(401);
      expect(refused.body.detail).to.equal(
        `The message is for ${domain}, and not to sign in here. Sign in for relayer.example or portal.example or pages.example:8443; the relayer's operator adds a portal with PORTAL_URLS.`,
      );
    }
    expect((await signIn(nonce, "portal.example", "https://portal.example")).status).to.equal(201);
  });

  it("lasts a day, and not longer", async () => {
    const token = await desk.signIn(wallet);
    const keys = async () => (await desk.call("GET", `/v1/campaigns/${desk.campaignId}/keys`, { token })).status;
    const [session] = await desk.database.query<{ hours: number }>(
      "SELECT round(extract(epoch FROM max(expires_at) - now()) / 3600)::int AS hours FROM sessions",
    );
    expect(session?.hours).to.equal(24);
    // Another's campaign: who asks is known.
    expect(await keys()).to.equal(403);
    await desk.database.query("UPDATE sessions SET expires_at = now()");
    expect(await keys()).to.equal(401);
    const stale = await desk.call("GET", `/v1/campaigns/${desk.campaignId}/keys`, { token });
    expect(stale.body.detail).to.equal(
      "The session is unknown or has ended. Sign in again: POST /v1/auth/nonces, then /v1/auth/sessions.",
    );
    // The next one to sign in sweeps it away, and nobody else's.
    const other = await desk.signIn(Wallet.createRandom());
    await desk.database.query("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE address = $1", [
      wallet.address,
    ]);
    await desk.signIn(Wallet.createRandom());
    const left = await desk.database.query("SELECT 1 FROM sessions WHERE address = $1", [wallet.address]);
    expect(left).to.deep.equal([]);
    expect((await desk.call("DELETE", "/v1/auth/sessions", { token: other })).status).to.equal(204);
    expect((await desk.call("DELETE", "/v1/auth/sessions", { token: other })).status).to.equal(401);
  });

  it("takes a nonce once, and within ten minutes", async () => {
    const origin = "https://portal.example";
    const { nonce } = await ask(origin);
    expect((await signIn(nonce, "portal.example", origin)).status).to.equal(201);
    expect((await signIn(nonce, "portal.example", origin)).status).to.equal(401);
    const late = (await ask(origin)).nonce;
    const [kept] = await desk.database.query<{ minutes: number }>(
      "SELECT round(extract(epoch FROM expires_at - now()) / 60)::int AS minutes FROM sign_in_nonces WHERE nonce = $1",
      [late],
    );
    expect(kept?.minutes).to.equal(10);
    await desk.database.query("UPDATE sign_in_nonces SET expires_at = now() WHERE nonce = $1", [late]);
    expect((await signIn(late, "portal.example", origin)).status).to.equal(401);
  });
});
