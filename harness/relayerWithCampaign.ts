/** A relayer with one funded campaign that pays for sign-ups, for tests of what is said over HTTP. */
import { descriptionHash } from "@partner-programs/protocol/description";
import { NATIVE } from "@partner-programs/protocol/native";
import { id, Wallet } from "ethers";
import { SiweMessage } from "siwe";
import type { Services } from "#relayer/http/context.ts";
import { customerKey } from "#relayer/secrets.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { openRelayer, PROGRAMS, SECRET } from "./relayer.ts";

/** Milliseconds that opening may take: a database is made anew. Only what hangs takes so long; a busy machine is slow. */
export const OPENING = 240_000;

/** `config` is the relayer's, where it differs; with `chain` there is one behind it. */
export async function openRelayerWithCampaign(config: Partial<Services["config"]> = {}, chain?: ProgramsChain) {
  const relayer = await openRelayer({ config, chain });
  const { call, database } = relayer;
  const brand = Wallet.createRandom();

  /** A session by EIP-4361, as a wallet opens it. `from`: the connection's other end. */
  async function signIn(
    wallet: { readonly address: string; signMessage(text: string): Promise<string> },
    from = "127.0.0.1",
  ): Promise<string> {
    const { nonce, domain, chainId } = (await call("POST", "/v1/auth/nonces")).body;
    const message = new SiweMessage({
      domain,
      address: wallet.address,
      uri: "http://relayer.example",
      version: "1",
      chainId,
      nonce,
    }).prepareMessage();
    const signature = await wallet.signMessage(message);
    return (await call("POST", "/v1/auth/sessions", { json: { message, signature }, from })).body.token;
  }

  /** A campaign of a brand that pays 2 DUSD for a sign-up, funded, with a partner's invite. */
  async function addCampaign(by: string, name: string): Promise<string> {
    const campaignId = id(name);
    const description = JSON.stringify({
      version: 1,
      name,
      summary: "2 DUSD for each sign-up",
      destination: "https://brand.example/welcome",
      attribution: { touch: "first", windowSeconds: 3600, bindingSeconds: null },
      events: [{ name: "signup", title: "A new user", perCustomer: null }],
    });
    await database.query(
      `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps, unit_exponent,
         operator, funded, available) VALUES ($1, $2, $3, 'DUSD', 6, 60, 86400, 1, 500, 4, $2, 100000000, 100000000)`,
      [campaignId, by, NATIVE],
    );
    await database.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2)", [
      descriptionHash(description),
      description,
    ]);
    await database.query(
      "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, '', 0)",
      [campaignId, descriptionHash(description)],
    );
    await database.query(
      `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to)
       VALUES ($1, 1, 'signup', 0, 2000000, 0, 0, 0, 99999999999)`,
      [campaignId],
    );
    const token = await signIn(Wallet.createRandom());
    await call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token });
    // A customer who came by the partner's invite some time ago.
    await database.query(
      `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at)
       SELECT campaign_id, $2, id, now() - interval '1 hour', now() - interval '1 hour' FROM partnerships WHERE campaign_id = $1`,
      [campaignId, customerKey(SECRET, campaignId, "bound")],
    );
    return campaignId;
  }

  await addCampaign(brand.address, "Streamly");
  await database.query(
    "INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time) VALUES (31337, $1, 100, $2, 0)",
    [PROGRAMS, id("100")],
  );
  return {
    ...relayer,
    brand,
    campaignId: id("Streamly"),
    signIn,
    addCampaign,
    /** An API key of a campaign, made through the API. */
    async addKey(
      campaignId: string,
      session: string,
      scopes?: readonly string[],
    ): Promise<{ id: string; secret: string }> {
      const json = { label: "shop", ...(scopes === undefined ? {} : { scopes }) };
      return (await call("POST", `/v1/campaigns/${campaignId}/keys`, { token: session, json })).body;
    },
    /** Reports a conversion; returns its id. */
    async report(secret: string, orderId: string): Promise<string> {
      const json = { event: "signup", orderId, customerId: "bound" };
      return (await call("POST", "/v1/conversions", { token: secret, json })).body.id;
    },
  };
}

export type RelayerWithCampaign = Awaited<ReturnType<typeof openRelayerWithCampaign>>;
