/** A whole relayer in the process of a test or a benchmark, and campaigns in its database as if the chain had told of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type campaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { programsDomain } from "@partner-programs/protocol/typedData";
import { type AbstractProvider, getAddress, hexlify, id, makeError, randomBytes, Wallet } from "ethers";
import { pino } from "pino";
import type { z } from "zod";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { createPulse } from "#relayer/health.ts";
import { createApp } from "#relayer/http/app.ts";
import type { Services } from "#relayer/http/context.ts";
import { noRates } from "#relayer/intake/saleRates.ts";
import { createIntake } from "#relayer/intake.ts";
import { createInvites } from "#relayer/invites.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";
import { attestConversions, numberConversions } from "#relayer/store/conversions.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { leadReceiptsBy } from "#service/chain/receipts.ts";
import { LocalSigner } from "#service/chain/signer.ts";
import type { Database } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { newDatabase, RELAYER_MIGRATIONS } from "./database.ts";

/** The contract of the chain that is not there. */
export const PROGRAMS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const SECRET = "a secret of the tests that is long enough";

type Description = Omit<z.input<typeof campaignDescription>, "attribution"> & {
  attribution?: Partial<z.input<typeof campaignDescription>["attribution"]>;
};

export interface OfferDraft {
  readonly event?: string;
  readonly kind: number;
  readonly flatAmount?: bigint;
  readonly rateBps?: number;
  readonly capUnits?: bigint;
}

/** A campaign that is to be, where it differs from the others. */
export type Draft = Partial<Description> & {
  readonly offers?: readonly OfferDraft[];
  readonly budget?: bigint;
  readonly openKinds?: bigint;
  readonly holdSeconds?: number;
  readonly linesOnChain?: boolean;
};

/** An answer of the API, with its body as far as it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers; the test says what it expects
  readonly body: any;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
  /** The connection's other end. */
  readonly from?: string;
}

interface Options {
  /** A PostgreSQL; without it a database of its own. */
  readonly url?: string | undefined;
  /** Puts something between the relayer and its database. */
  readonly databaseOf?: ((real: Database) => Database) | undefined;
  readonly config?: Partial<Services["config"]>;
  /** Without it there is no chain but a number that says how far it is. */
  readonly chain?: ProgramsChain | undefined;
  /** Of a database that stays; without it one of its own. */
  readonly folder?: string;
  /** Without it no sale in its own currency has a rate. */
  readonly findRate?: FindRate;
}

/**
 * A relayer in this process: its routes over a real database, with campaigns that a test opens, and no chain behind it unless
 * it is given one. Tokens have 6 decimals, a unit is 0.01.
 */
export async function openRelayer({ url, databaseOf = (real) => real, config, chain: given, ...rest }: Options = {}) {
  const folder = rest.folder ?? mkdtempSync(join(tmpdir(), "partner-programs-relayer-"));
  const database = databaseOf(await newDatabase({ url, folder }, RELAYER_MIGRATIONS));
  const signer = Wallet.createRandom();
  const pulse = createPulse();
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  /** The newest block of a chain that is not there; undefined: it does not answer. */
  const head: { block: number | undefined } = { block: 100 };
  const chain = given ?? chainWithout(head);
  const signReceipts = new LocalSigner(signer.privateKey).receiptSigner(chain.domain);
  const intake = createIntake(
    database,
    signReceipts,
    leadReceiptsBy(signer, chain.domain),
    {
      RELAYER_SECRET: SECRET,
      ATTEST_WITHIN_SECONDS: 86_400,
      REFERRAL_SECRETS: config?.REFERRAL_SECRETS,
    },
    rest.findRate,
  );
  const invites = createInvites(database, config?.REFERRAL_SECRETS?.current ?? SECRET);
  const app = createApp({
    database,
    chain,
    intake,
    findRate: rest.findRate ?? noRates,
    invites,
    config: { PUBLIC_URL: "http://relayer.example", RELAYER_SECRET: SECRET, ...config },
    relayerAddress: signer.address,
    log,
    pulse,
  });

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
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
  }

  /** A session of an address, without its signature. */
  async function openSession(address: string): Promise<string> {
    const token = newSecret("us");
    await database.query(
      "INSERT INTO sessions (token_hash, address, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
      [hashSecret(token), address],
    );
    return token;
  }

  /** Announces a description, in force at once. */
  async function describe(campaignId: string, { attribution, ...description }: Partial<Description>): Promise<void> {
    const body = JSON.stringify({
      version: 1,
      name: "Spring",
      summary: "",
      destination: "https://brand.example/",
      events: [{ name: "sale", title: "A sale", perCustomer: null }],
      ...description,
      attribution: { touch: "first", windowSeconds: 3_600, bindingSeconds: null, ...attribution },
    });
    await database.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      descriptionHash(body),
      body,
    ]);
    await database.query(
      "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, '', 0)",
      [campaignId, descriptionHash(body)],
    );
  }

  /** A funded campaign with its brand's key and session. */
  async function openCampaign(draft: Draft) {
    const { offers, budget = 10n ** 12n, openKinds = 1n, holdSeconds = 600, linesOnChain = true, ...rest } = draft;
    const { attribution, ...description } = rest;
    const campaignId = hexlify(randomBytes(32));
    const brand = newWallet();
    await database.query(
      `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
         unit_exponent, operator, lines_on_chain, funded, available)
       VALUES ($1, $2, $3, 'DUSD', 6, $6, 86400, $4, 500, 4, $3, $7, $5, $5)`,
      [campaignId, brand, newWallet(), openKinds, budget, holdSeconds, linesOnChain],
    );
    await describe(campaignId, { ...description, attribution });
    for (const [i, offer] of (offers ?? [{ kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 }]).entries())
      await database.query(
        `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 1099511627775)`,
        [
          campaignId,
          i + 1,
          offer.event ?? "sale",
          offer.kind,
          offer.flatAmount ?? 0n,
          offer.rateBps ?? 0,
          offer.capUnits ?? 1_000_000n,
        ],
      );
    const key = newSecret("sk");
    await database.query("INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ($1, $2, $3, 'shop')", [
      campaignId,
      brand,
      hashSecret(key),
    ]);
    let orders = 0;

    return {
      campaignId,
      brand,
      key,
      brandToken: await openSession(brand),

      async join(wallet = newWallet(), recruiter?: string) {
        const token = await openSession(wallet);
        const path = `/v1/campaigns/${campaignId}/partnerships`;
        const joined = await call("POST", path, {
          token,
          json: recruiter === undefined ? undefined : { recruiter },
        });
        if (joined.status !== 201) throw new Error(`Joining answers ${joined.status}: ${joined.body.detail}`);
        const { code } = joined.body;
        const click = (secondsAgo = 0) =>
          signReferral(SECRET, {
            code,
            clickedAt: Date.now() - secondsAgo * 1000,
            expiresAt: Date.now() - secondsAgo * 1000 + (attribution?.windowSeconds ?? 3_600) * 1000,
            clickId: newClickId(),
          });
        return { wallet, token, code: code as string, click };
      },

      report: (report: Record<string, unknown>, headers = {}) =>
        call("POST", "/v1/conversions", {
          token: key,
          json: { event: "sale", orderId: `order-${++orders}`, ...report },
          headers,
        }),
      bind: (binding: Record<string, unknown>) => call("POST", "/v1/bindings", { token: key, json: binding }),
      refund: (conversionId: string, refund?: Record<string, unknown>, headers = {}) =>
        call("POST", `/v1/conversions/${conversionId}/refunds`, { token: key, json: refund, headers }),
      conversion: async (conversionId: string) =>
        (await call("GET", `/v1/conversions/${conversionId}`, { token: key })).body,
      promised: async () =>
        (await database.query<{ promised: bigint }>("SELECT promised FROM campaigns WHERE id = $1", [campaignId]))[0]
          ?.promised,

      number,

      /** What was accepted, or a batch of it, is on the chain. */
      async attest(holdSeconds = 600, given?: string): Promise<string> {
        const digest = given ?? (await number());
        await database.query("UPDATE batches SET state = 'attested', release_at = $2 WHERE digest = $1", [
          digest,
          Math.floor(Date.now() / 1000) + holdSeconds,
        ]);
        await attestConversions(database, campaignId, digest, id(`attestation of ${digest}`));
        return digest;
      },
    };

    /** Numbers all that was accepted, as the batcher does, in a batch that nobody was asked to sign. */
    async function number(): Promise<string> {
      const digest = id(String(Math.random()));
      const accepted = await database.query<{ id: bigint }>(
        "SELECT id FROM conversions WHERE campaign_id = $1 AND state = 'accepted' ORDER BY id",
        [campaignId],
      );
      const ids = accepted.map((row) => row.id);
      await database.query(
        `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
           conversions_root, lines_root, line_count, total, current_root, current_total, state)
         VALUES ($1, $2, 1, 1, 0, 1, 1, $1, $1, 1, 0, $1, 0, 'built')`,
        [digest, campaignId],
      );
      await numberConversions(database, digest, ids[0] ?? 1n, ids, new Uint32Array(ids.length));
      return digest;
    }
  }

  return {
    database,
    app,
    intake,
    invites,
    pulse,
    logged,
    head,
    call,
    openSession,
    describe,
    openCampaign,
    relayer: signer.address,
    domain: chain.domain,
    async close() {
      await database.close();
      if (rest.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type LocalRelayer = Awaited<ReturnType<typeof openRelayer>>;

/** A chain that is not there: no account has code, so a signature is the wallet's own or none; the contract refuses what it is asked to rehearse. */
function chainWithout(head: { readonly block: number | undefined }): ProgramsChain {
  const block = async () => {
    if (head.block === undefined) throw new Error("no answer");
    return { number: head.block, hash: id(String(head.block)), time: Math.floor(Date.now() / 1000) };
  };
  return {
    chainId: 31337,
    address: PROGRAMS,
    domain: programsDomain(31337, PROGRAMS),
    provider: {
      getCode: async () => "0x",
      getBalance: async () => {
        if (head.block === undefined) throw new Error("no answer");
        return 1_500_000_000_000_000_000n;
      },
      call: async () => {
        throw makeError("execution reverted", "CALL_EXCEPTION", { data: "0x" } as never);
      },
    } as unknown as AbstractProvider,
    programs: { interface: PartnerPrograms__factory.createInterface() },
    block,
    newest: block,
    agreed: (work: () => unknown) => work(),
    nodes: () => ({ nodes: [], disagreements: new Map(), needed: 1 }),
  } as unknown as ProgramsChain;
}

export function newWallet(): string {
  return getAddress(hexlify(randomBytes(20)));
}
