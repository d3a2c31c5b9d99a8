import { expect } from "chai";
import { AbiCoder, concat, getCreate2Address, id, keccak256, Wallet, ZeroHash } from "ethers";
import { pino } from "pino";
import { SiweMessage } from "siwe";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { type Answer, type LocalRelayer, openRelayer, SECRET } from "#harness/relayer.ts";
import { createApp } from "#relayer/http/app.ts";
import { noRates } from "#relayer/intake/saleRates.ts";
import { createInvites } from "#relayer/invites.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";

const CHAIN_ID = 31_337;

interface Signing {
  readonly campaignId: string;
  readonly referralToken: string;
  /** Who signs, if it is not a wallet of its own. */
  readonly key?: Wallet;
  readonly wallet?: string;
  readonly site?: string;
  /** Of the message, if it is not the site's. */
  readonly domain?: string;
  readonly chainId?: number;
  readonly nonce?: string;
  readonly resources?: string[];
  readonly expirationTime?: string;
  /** What comes as the signature, if it is not the key's own. */
  readonly sign?: (message: string) => Promise<string>;
  /** Changes the request after it was signed. */
  readonly tamper?: (request: Record<string, string>) => Record<string, string>;
}

describe("binding a wallet to the invite that it came by", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let anvil: Anvil;
  let app: ReturnType<typeof createApp>;

  before(async () => {
    [market, anvil] = await Promise.all([openRelayer(), startAnvil()]);
    app = createApp({
      database: market.database,
      intake: market.intake,
      findRate: noRates,
      chain: { chainId: CHAIN_ID, provider: anvil.provider, agreed: (work: () => unknown) => work() } as never,
      invites: createInvites(market.database, SECRET),
      config: { PUBLIC_URL: "https://go.example", RELAYER_SECRET: SECRET },
      relayerAddress: market.relayer,
      log: pino({ level: "silent" }),
    });
  });
  after(async () => {
    anvil.stop();
    await market.close();
  });

  async function post(path: string, body?: unknown): Promise<Pick<Answer, "status" | "body">> {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const response = await app.request(path, { method: "POST", ...init });
    return { status: response.status, body: await response.json() };
  }

  async function requestOf(given: Signing): Promise<Record<string, string>> {
    const { campaignId, referralToken, key = newKey(), site = "https://brand.example", chainId = CHAIN_ID } = given;
    const wallet = given.wallet ?? key.address;
    const message = new SiweMessage({
      domain: given.domain ?? new URL(site).host,
      address: wallet,
      uri: site,
      version: "1",
      chainId,
      nonce: given.nonce ?? (await post("/v1/auth/nonces")).body.nonce,
      resources: given.resources ?? [
        `urn:partner-programs:campaign:${campaignId}`,
        `urn:partner-programs:referral:${referralToken}`,
      ],
      ...(given.expirationTime === undefined ? {} : { expirationTime: given.expirationTime }),
    }).prepareMessage();
    const signature = await (given.sign ?? ((text: string) => key.signMessage(text)))(message);
    const request = { campaignId, referralToken, wallet, message, signature };
    return given.tamper?.(request) ?? request;
  }
  const bind = async (given: Signing) => post("/v1/wallet-bindings", await requestOf(given));
  const newKey = () => new Wallet(Wallet.createRandom().privateKey);
  const bindings = async (campaignId: string) =>
    Number(
      (
        await market.database.query<{ count: bigint }>(
          "SELECT count(*) AS count FROM bindings WHERE campaign_id = $1",
          [campaignId],
        )
      )[0]?.count,
    );

  it("makes what the wallet does later count for the partner, with no token and no other name", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const key = newKey();
    const { status, body } = await bind({ campaignId: campaign.campaignId, referralToken: ada.click(), key });
    expect(status, body.detail).to.equal(201);
    expect(body).to.include({ partner: ada.wallet, code: ada.code, boundUntil: null });
    const reported = await campaign.report({ customerWallet: key.address, volume: "5" });
    expect(reported.body).to.include({ state: "accepted", partner: ada.wallet });
    const stranger = await campaign.report({ customerWallet: newKey().address, volume: "5" });
    expect(stranger.body.reason).to.equal("no_referral");
  });

  it("stays with the wallet when the brand gives it a name of its own, and then with the name alone", async () => {
    const campaign = await market.openCampaign({});
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const key = newKey();
    await bind({ campaignId: campaign.campaignId, referralToken: ada.click(), key });
    const signUp = { customerId: "c", customerWallet: key.address, referralToken: ben.click() };
    expect((await campaign.bind(signUp)).body.partner).to.equal(ada.wallet);
    expect((await campaign.report({ customerId: "c", volume: "5" })).body.partner).to.equal(ada.wallet);
    // Another customer that shows the same wallet gets nothing of it.
    expect((await campaign.report({ customerId: "d", customerWallet: key.address, volume: "5" })).body.reason).to.equal(
      "no_referral",
    );
  });

  it("follows the campaign's rule of touch when a wallet comes by two invites", async () => {
    for (const touch of ["first", "last"] as const) {
      const campaign = await market.openCampaign({ attribution: { touch } });
      const [ada, ben] = [await campaign.join(), await campaign.join()];
      const key = newKey();
      const { campaignId } = campaign;
      const [first, second] = [ada.click(60), ben.click(30)];
      expect((await bind({ campaignId, referralToken: first, key })).status).to.equal(201);
      const then = await bind({ campaignId, referralToken: second, key });
      expect([then.status, then.body.partner]).to.deep.equal(touch === "first" ? [200, ada.wallet] : [201, ben.wallet]);
      // Late and again: nothing changes.
      const again = await bind({ campaignId, referralToken: first, key });
      expect([again.status, again.body.partner]).to.deep.equal([200, then.body.partner]);
    }
  });

  it("takes a contract's word for itself (ERC-1271), and nobody else's", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const key = newKey();
    const contract = await new Wallet1271__factory(await anvil.provider.getSigner(0)).deploy(key.address);
    await contract.waitForDeployment();
    const given = { campaignId: campaign.campaignId, referralToken: ada.click(), wallet: await contract.getAddress() };
    expect((await bind({ ...given, key: newKey() })).status).to.equal(401);
    expect((await bind({ ...given, key })).status).to.equal(201);
    const reported = await campaign.report({ customerWallet: given.wallet, volume: "5" });
    expect(reported.body.partner).to.equal(ada.wallet);
  });

  it("takes the word of an account that is not on the chain yet, and of no other address (ERC-6492)", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const key = newKey();
    // The factory that every development chain has: it makes what it is sent (CREATE2).
    const factory = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
    const { data } = await new Wallet1271__factory().getDeployTransaction(key.address);
    const wallet = getCreate2Address(factory, ZeroHash, keccak256(data));
    const wrapped = (by: Wallet) => async (message: string) =>
      AbiCoder.defaultAbiCoder()
        .encode(["address", "bytes", "bytes"], [factory, concat([ZeroHash, data]), await by.signMessage(message)])
        .concat("6492".repeat(16));
    const given = { campaignId: campaign.campaignId, referralToken: ada.click(), wallet };
    const refused = [
      await bind({ ...given, key }),
      await bind({ ...given, sign: wrapped(newKey()) }),
      await bind({ ...given, wallet: newKey().address, sign: wrapped(key) }),
    ];
    expect(refused.map(({ status }) => status)).to.deep.equal([401, 401, 401]);
    expect(refused[1]?.body.detail).to.equal(
      `The message is not good: the account ${wallet} does not take its signature. Sign it as it is sent, with one of the account's owners.`,
    );
    const answer = await bind({ ...given, sign: wrapped(key) });
    expect(answer.status, answer.body.detail).to.equal(201);
    expect(await anvil.provider.getCode(wallet), "nothing was made for it").to.equal("0x");
  });

  it("takes signatures of any length that an account may have: none, sixteen owners', a passkey's", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const account = async (answer: string) => {
      const { address } = newKey();
      // Answers every question with these four bytes.
      await anvil.rpc("anvil_setCode", address, `0x63${answer}60e01b60005260206000f3`);
      return address;
    };
    const given = { campaignId: campaign.campaignId, referralToken: ada.click() };
    for (const bytes of [0, 16 * 65, 5_000]) {
      const sign = async () => `0x${"5a".repeat(bytes)}`;
      const [says, denies] = [await account("1626ba7e"), await account("ffffffff")];
      expect((await bind({ ...given, wallet: denies, sign })).status, `${bytes} bytes, denied`).to.equal(401);
      const taken = await bind({ ...given, wallet: says, sign });
      expect(taken.status, `${bytes} bytes: ${taken.body.detail}`).to.equal(201);
    }
    const long = await bind({
      ...given,
      wallet: await account("1626ba7e"),
      sign: async () => `0x${"5a".repeat(16_385)}`,
    });
    expect([long.status, long.body.detail]).to.deep.equal([400, "json: signature: must be at most 16384 bytes."]);
  });

  it("is asked for again where the node cannot say what a contract says, and refused where the contract does", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const key = newKey();
    const contract = await new Wallet1271__factory(await anvil.provider.getSigner(0)).deploy(key.address);
    await contract.waitForDeployment();
    const given = {
      campaignId: campaign.campaignId,
      referralToken: ada.click(),
      wallet: await contract.getAddress(),
      key,
    };
    const { call } = anvil.provider;
    try {
      for (const [error, status, detail] of [
        [{ code: -32_005, message: "limit exceeded" }, 503, /does not say now whether 0x\w+ signed this/],
        [{ code: 3, message: "execution reverted", data: "0x" }, 401, /The message is not good/],
      ] as const) {
        anvil.provider.call = async (transaction) => {
          throw anvil.provider.getRpcError(
            { method: "eth_call", params: [transaction, "latest"], id: 1, jsonrpc: "2.0" },
            { id: 1, error },
          );
        };
        const { status: answered, body } = await bind(given);
        expect([answered, detail.test(body.detail)], body.detail).to.deep.equal([status, true]);
      }
    } finally {
      anvil.provider.call = call;
    }
    expect((await bind(given)).status).to.equal(201);
  });

  it("binds nothing without the wallet's word for this campaign, this token, this site, now", async () => {
    const campaign = await market.openCampaign({ allowedOrigins: ["https://shop.example"] });
    const other = await market.openCampaign({});
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const { campaignId } = campaign;
    const good: Signing = { campaignId, referralToken: ada.click() };
    const benToken = ben.click();
    const cases: [string, Signing, number, RegExp][] = [
      ["another's wallet", { ...good, wallet: newKey().address }, 401, /not signed by/],
      [
        "a wallet that the message does not name",
        { ...good, tamper: (r) => ({ ...r, wallet: ben.wallet }) },
        400,
        /not by/,
      ],
      ["another token than signed", { ...good, tamper: (r) => ({ ...r, referralToken: benToken }) }, 400, /resource/],
      [
        "another campaign than signed",
        { ...good, tamper: (r) => ({ ...r, campaignId: other.campaignId }) },
        400,
        /resource/,
      ],
      ["a message for something else", { ...good, resources: [] }, 400, /resource/],
      [
        "a site that is not the campaign's",
        { ...good, site: "https://evil.example" },
        401,
        /sites are https:\/\/brand\.example/,
      ],
      ["the campaign's host without encryption", { ...good, site: "http://brand.example" }, 401, /sites are/],
      ["another domain than that of its address", { ...good, domain: "evil.example" }, 401, /for evil\.example/],
      ["another chain", { ...good, chainId: 1 }, 401, /chain 1/],
      ["a nonce that was never given", { ...good, nonce: "neverGiven12345" }, 401, /nonce/],
      ["a message that has expired", { ...good, expirationTime: "2020-01-01T00:00:00.000Z" }, 401, /Expired/],
      ["a changed message", { ...good, tamper: (r) => ({ ...r, message: `${r.message} ` }) }, 400, /EIP-4361/],
      ["no such campaign", { ...good, campaignId: id("none") }, 404, /There is no campaign/],
      ["a token of another campaign", { ...good, referralToken: (await other.join()).click() }, 409, /unknown_token/],
      ["a forged token", { ...good, referralToken: `${ada.click().slice(0, -2)}AA` }, 409, /unknown_token/],
      ["a late token", { ...good, referralToken: ada.click(4_000) }, 409, /window_expired/],
    ];
    for (const [what, given, status, detail] of cases) {
      const answer = await bind(given);
      expect(answer.status, `${what}: ${answer.body.detail}`).to.equal(status);
      expect(answer.body.detail, what).to.match(detail);
    }
    expect(await bindings(campaignId)).to.equal(0);
    expect((await bind({ ...good, site: "https://shop.example" })).status).to.equal(201);
  });

  it("binds no partner to itself, and nobody where the campaign binds nobody", async () => {
    const campaign = await market.openCampaign({});
    const key = newKey();
    const self = await campaign.join(key.address);
    const refused = await bind({ campaignId: campaign.campaignId, referralToken: self.click(), key });
    expect([refused.status, refused.body.detail.split(":")[0]]).to.deep.equal([409, "self_referral"]);
    const bare = await market.openCampaign({ attribution: { bindingSeconds: 0 } });
    const ada = await bare.join();
    const unbound = await bind({ campaignId: bare.campaignId, referralToken: ada.click() });
    expect([unbound.status, unbound.body.detail.split(":")[0]]).to.deep.equal([409, "no_binding"]);
  });

  it("takes a signed message once, also when it comes many times at once", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const request = await requestOf({ campaignId: campaign.campaignId, referralToken: ada.click() });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post("/v1/wallet-bindings", request)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 401, 401, 401, 401]);
    expect((await post("/v1/wallet-bindings", request)).status).to.equal(401);
  });

  it("is no sign-in, and a sign-in is no binding", async () => {
    const campaign = await market.openCampaign({ destination: "https://go.example/" });
    const ada = await campaign.join();
    const site = "https://go.example";
    const given = { campaignId: campaign.campaignId, referralToken: ada.click(), site };
    const { message, signature } = await requestOf(given);
    expect((await post("/v1/auth/sessions", { message, signature })).status).to.equal(401);
    const signIn = await requestOf({ ...given, resources: [] });
    expect((await post("/v1/wallet-bindings", signIn)).status).to.equal(400);
    const session = { message: signIn.message, signature: signIn.signature };
    expect((await post("/v1/auth/sessions", session)).status).to.equal(201);
  });
});
