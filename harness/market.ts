import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type campaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { programsDomain } from "@partner-programs/protocol/typedData";
import { getAddress, hexlify, id, randomBytes, Wallet } from "ethers";
import { pino } from "pino";
import type { z } from "zod";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { createApp } from "#relayer/http/app.ts";
import { createIntake } from "#relayer/intake.ts";
import { createInvites } from "#relayer/invites.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";
import { LocalSigner } from "#service/chain/signer.ts";
import { type Database, openDatabase } from "#service/database.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";

export const SECRET = "a secret of the tests that is long enough";
const MIGRATIONS = fileURLToPath(new URL("../relayer/store/migrations", import.meta.url));

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

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A campaign that is to be, where it differs from the others. */
export type Draft = Partial<Description> & {
  readonly offers?: readonly OfferDraft[];
  readonly budget?: bigint;
  readonly openKinds?: number;
};

interface Place {
  /** A PostgreSQL; without it a database of its own. */
  readonly url?: string;
  /** Puts something between the relayer and its database. */
  readonly databaseOf?: ((real: Database) => Database) | undefined;
  readonly publicUrl?: string;
}

/** A relayer in this process: its routes over a database, without a chain. Tokens have 6 decimals, a unit is 0.01. */
export async function openMarket({
  url,
  databaseOf = (real) => real,
  publicUrl = "http://relayer.example",
}: Place = {}) {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-market-"));
  const database = databaseOf(await openDatabase({ url, dataDir: folder }, MIGRATIONS));
  const signer = Wallet.createRandom();
  const chain = {
    domain: programsDomain(31337, signer.address),
    chainId: 31337,
    address: signer.address,
    programs: { interface: PartnerPrograms__factory.createInterface() },
  };
  const config = { RELAYER_SECRET: SECRET, ATTEST_WITHIN_SECONDS: 86_400, PUBLIC_URL: publicUrl };
  const intake = createIntake(database, new LocalSigner(signer.privateKey).receiptSigner(chain.domain), config);
  const invites = createInvites(database, SECRET);
  const app = createApp({
    database,
    chain: chain as never,
    intake,
    invites,
    config: config as never,
    relayerAddress: signer.address,
    log: pino({ level: "silent" }),
  });

  async function call(method: string, path: string, token?: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await app.request(path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function signIn(wallet: string): Promise<string> {
    const token = newSecret("us");
    await database.query(
      "INSERT INTO sessions (token_hash, address, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
      [hashSecret(token), wallet],
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
    const { offers, budget = 10n ** 12n, openKinds = 1, attribution, ...description } = draft;
    const campaignId = hexlify(randomBytes(32));
    const brand = newWallet();
    await database.query(
      `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
         unit_exponent, operator, funded, available) VALUES ($1, $2, $3, 'DUSD', 6, 600, 86400, $4, 500, 4, $3, $5, $5)`,
      [campaignId, brand, newWallet(), openKinds, budget],
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
      brandToken: await signIn(brand),

      async join(wallet = newWallet(), recruiter?: string) {
        const token = await signIn(wallet);
        const path = `/v1/campaigns/${campaignId}/partnerships`;
        const joined = await call("POST", path, token, recruiter === undefined ? undefined : { recruiter });
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
        call("POST", "/v1/conversions", key, { event: "sale", orderId: `order-${++orders}`, ...report }, headers),
      bind: (binding: Record<string, unknown>) => call("POST", "/v1/bindings", key, binding),
      refund: (conversionId: string, refund?: Record<string, unknown>, headers = {}) =>
        call("POST", `/v1/conversions/${conversionId}/refunds`, key, refund, headers),
      conversion: async (conversionId: string) => (await call("GET", `/v1/conversions/${conversionId}`, key)).body,
      promised: async () =>
        (await database.query<{ promised: bigint }>("SELECT promised FROM campaigns WHERE id = $1", [campaignId]))[0]
          ?.promised,

      /** Numbers all that was accepted, as the batcher does, in a batch that is on the chain from the start. */
      async attest(holdSeconds = 600): Promise<string> {
        const digest = id(String(Math.random()));
        await database.query(
          `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline,
             conversions_root, state, release_at) VALUES ($1, $2, 1, 1, 0, 1, 1, $1, 'attested', $3)`,
          [digest, campaignId, Math.floor(Date.now() / 1000) + holdSeconds],
        );
        await database.query(
          "UPDATE conversions SET state = 'attested', batch = $2, number = id WHERE campaign_id = $1 AND state = 'accepted'",
          [campaignId, digest],
        );
        return digest;
      },
    };
  }

  return {
    database,
    app,
    intake,
    invites,
    call,
    signIn,
    describe,
    openCampaign,
    relayer: signer.address,
    domain: chain.domain,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Market = Awaited<ReturnType<typeof openMarket>>;

export function newWallet(): string {
  return getAddress(hexlify(randomBytes(20)));
}
