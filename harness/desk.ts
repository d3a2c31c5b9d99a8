import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptionHash } from "@partner-programs/protocol/description";
import { NATIVE } from "@partner-programs/protocol/native";
import { programsDomain } from "@partner-programs/protocol/typedData";
import { type AbstractProvider, id, makeError, Wallet } from "ethers";
import { pino } from "pino";
import { SiweMessage } from "siwe";
import { createPulse, type Pulse } from "#relayer/health.ts";
import { createApp } from "#relayer/http/app.ts";
import type { Services } from "#relayer/http/context.ts";
import { createIntake } from "#relayer/intake.ts";
import { createInvites } from "#relayer/invites.ts";
import { customerKey } from "#relayer/secrets.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { LocalSigner } from "#service/chain/signer.ts";
import { type Database, openDatabase } from "#service/database.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

const MIGRATIONS = fileURLToPath(new URL("../relayer/store/migrations", import.meta.url));
const PROGRAMS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
/** Milliseconds that opening a desk may take: its database is made anew. */
export const OPENING = 60_000;
export const SECRET = "a secret of at least thirty-two characters";

/** An answer of the API, with its body as far as it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers; the test says what it expects
  readonly body: any;
}

/** The relayer's HTTP face in this process, over a real database, with a campaign or two in it and no chain behind it. */
export interface Desk {
  readonly database: Database;
  readonly app: ReturnType<typeof createApp>;
  readonly pulse: Pulse;
  readonly brand: ReturnType<typeof Wallet.createRandom>;
  readonly campaignId: string;
  /** The newest block of the chain; undefined: it does not answer. */
  head: number | undefined;
  /** Lines that were logged. */
  readonly logged: Record<string, unknown>[];
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** `from`: the connection's other end. */
  signIn(
    wallet: { readonly address: string; signMessage(text: string): Promise<string> },
    from?: string,
  ): Promise<string>;
  /** A campaign of `brand` that pays 2 DUSD for a sign-up, funded, with a partner's invite. */
  addCampaign(brand: string, name: string): Promise<string>;
  /** An API key of a campaign, made through the API. */
  addKey(campaignId: string, session: string, scopes?: readonly string[]): Promise<{ id: string; secret: string }>;
  /** Reports a conversion; returns its id. */
  report(secret: string, orderId: string): Promise<string>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
  /** The connection's other end. */
  readonly from?: string;
}

/** With `behind` there is a chain after all. */
export async function openDesk(config: Partial<Services["config"]> = {}, behind?: ProgramsChain): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-desk-"));
  const database = await openDatabase({ dataDir: folder }, MIGRATIONS);
  const brand = Wallet.createRandom();
  const pulse = createPulse();
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const chain =
    behind ??
    ({
      chainId: 31337,
      address: PROGRAMS,
      domain: programsDomain(31337, PROGRAMS),
      // No account has code: a signature is the wallet's own, or none.
      provider: {
        getCode: async () => "0x",
        // The contract would have nothing that it is asked to rehearse.
        call: async () => {
          throw makeError("execution reverted", "CALL_EXCEPTION", { data: "0x" } as never);
        },
      } as unknown as AbstractProvider,
      programs: { interface: PartnerPrograms__factory.createInterface() },
      async block() {
        if (desk.head === undefined) throw new Error("no answer");
        return { number: desk.head, hash: id(String(desk.head)), time: Math.floor(Date.now() / 1000) };
      },
    } as unknown as ProgramsChain);
  const signer = Wallet.createRandom();
  const signReceipts = new LocalSigner(signer.privateKey).receiptSigner(chain.domain);
  const app = createApp({
    database,
    chain,
    intake: createIntake(database, signReceipts, { RELAYER_SECRET: SECRET, ATTEST_WITHIN_SECONDS: 3600 }),
    invites: createInvites(database, SECRET),
    config: { PUBLIC_URL: "http://relayer.example", RELAYER_SECRET: SECRET, ...config },
    relayerAddress: signer.address,
    log,
    pulse,
  });

  const desk: Desk = {
    database,
    app,
    pulse,
    brand,
    campaignId: id("Streamly"),
    head: 100,
    logged,
    async call(method, path, options = {}) {
      const body = options.json === undefined ? options.body : JSON.stringify(options.json);
      const response = await app.request(
        path,
        {
          method,
          headers: {
            ...(options.json === undefined ? {} : { "content-type": "application/json" }),
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
            ...options.headers,
          },
          ...(body === undefined ? {} : { body }),
        },
        { incoming: { socket: { remoteAddress: options.from ?? "127.0.0.1" } } },
      );
      const text = await response.text();
      const json = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    },
    async signIn(wallet, from = "127.0.0.1") {
      const { nonce, domain, chainId } = (await desk.call("POST", "/v1/auth/nonces")).body;
      const message = new SiweMessage({
        domain,
        address: wallet.address,
        uri: "http://relayer.example",
        version: "1",
        chainId,
        nonce,
      }).prepareMessage();
      const signature = await wallet.signMessage(message);
      return (await desk.call("POST", "/v1/auth/sessions", { json: { message, signature }, from })).body.token;
    },
    async addCampaign(by, name) {
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
         VALUES ($1, 0, 'signup', 0, 2000000, 0, 0, 0, 99999999999)`,
        [campaignId],
      );
      const token = await desk.signIn(Wallet.createRandom());
      await desk.call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token });
      // A customer who came by the partner's invite some time ago.
      await database.query(
        `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at)
         SELECT campaign_id, $2, id, now() - interval '1 hour', now() - interval '1 hour' FROM partnerships WHERE campaign_id = $1`,
        [campaignId, customerKey(SECRET, campaignId, "bound")],
      );
      return campaignId;
    },
    async addKey(campaignId, session, scopes) {
      const json = { label: "shop", ...(scopes === undefined ? {} : { scopes }) };
      return (await desk.call("POST", `/v1/campaigns/${campaignId}/keys`, { token: session, json })).body;
    },
    async report(secret, orderId) {
      const json = { event: "signup", orderId, customerId: "bound" };
      return (await desk.call("POST", "/v1/conversions", { token: secret, json })).body.id;
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await desk.addCampaign(brand.address, "Streamly");
  await database.query(
    "INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time) VALUES (31337, $1, 100, $2, 0)",
    [PROGRAMS, id("100")],
  );
  return desk;
}
