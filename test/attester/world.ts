import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { GivenBatch, GivenConversion } from "@partner-programs/protocol/attesterApi";
import { worthOfLineDown } from "@partner-programs/protocol/commission";
import type { Deployment } from "@partner-programs/protocol/deployments";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { type Line, packLine, sumToLines } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import { conversionTree } from "@partner-programs/protocol/trees";
import { type Attestation, attestationTypedData } from "@partner-programs/protocol/typedData";
import { id, JsonRpcProvider, type JsonRpcSigner, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { pino } from "pino";
import { createAttester } from "#attester/app.ts";
import { findFinality } from "#attester/chain/finality.ts";
import type { Reviewer } from "#attester/review.ts";
import { openRules } from "#attester/rules.ts";
import { openSources } from "#attester/source/open.ts";
import { openRateFiles } from "#attester/source/rateFiles.ts";
import { ATTESTER_MIGRATIONS, newDatabase } from "#harness/database.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFeeds } from "#service/chain/feeds.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { createRates } from "#service/rates.ts";
import { readRotating } from "#service/rotating.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";

export const DAY = 86_400;
export const HOLD = 3 * DAY;
export const TOKEN = "the attester's token";

export const attesters = [1, 2, 3]
  .map((i) => new Wallet(id(`attester ${i}`)))
  .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1)) as [Wallet, Wallet, Wallet];

const RATE = { flatAmount: 2_000_000n, rateBps: 1_000 };
const CAMPAIGN = { feeBps: 500, unitExponent: 4 };

/** A real chain behind JSON-RPC, with the contract and a token of six decimals. */
export interface World {
  readonly provider: JsonRpcProvider;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly chain: ProgramsChain;
  readonly brand: JsonRpcSigner;
  readonly programs: PartnerPrograms;
  readonly partners: readonly string[];
  /** Unix seconds of the newest block. */
  now(): Promise<number>;
  /** Mines a block some seconds later. */
  pass(seconds: number): Promise<void>;
  /** A funded campaign: offer 1 pays 2 and a tenth of at most 100 for a sale, offer 2 pays resellers for an invoice. */
  campaign(changes?: {
    terms?: object;
    threshold?: number;
    members?: readonly string[];
    budget?: bigint;
    dailyLimit?: bigint;
    description?: string;
    /** Events that affiliates are paid for as for a sale: offers from 3 on. */
    events?: readonly string[];
  }): Promise<string>;
  close(): Promise<void>;
}

export async function buildWorld(): Promise<World> {
  const server = await network.createServer("default", "127.0.0.1", 0);
  const { port } = await server.listen();
  const rpcUrl = `http://127.0.0.1:${port}`;
  const provider = new JsonRpcProvider(rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const [brand, ...others] = (await provider.listAccounts()) as [JsonRpcSigner, ...JsonRpcSigner[]];
  const { programs, deployment } = await deployContracts(brand);
  const token = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  await token.mint(brand.address, 10n ** 18n);
  await token.approve(programs, 2n ** 256n - 1n);
  const chain = await connectPrograms(rpcUrl, deployment);
  let salts = 0;
  const pass = async (seconds: number) => {
    await provider.send("evm_increaseTime", [seconds]);
    await provider.send("evm_mine", []);
  };
  return {
    provider,
    rpcUrl,
    deployment,
    chain,
    brand,
    programs,
    partners: others.slice(0, 3).map(({ address }) => address),
    now: async () => (await provider.getBlock("latest"))?.timestamp ?? 0,
    pass,
    async campaign({
      terms = {},
      threshold = 1,
      members,
      budget = 10n ** 12n,
      dailyLimit = 2n ** 128n - 1n,
      description = id("description"),
      events = [],
    } = {}) {
      const offer = { ...RATE, capUnits: 10_000n, validFrom: 0, validTo: 0, kind: 0, partner: ZeroAddress };
      const given: IPartnerPrograms.NewCampaignStruct = {
        salt: id(`campaign ${salts++}`),
        terms: {
          token: await token.getAddress(),
          holdSeconds: HOLD,
          noticeSeconds: 7 * DAY,
          openKinds: 1,
          ...CAMPAIGN,
          linesOnChain: false,
          operator: brand.address,
          ...terms,
        },
        offers: [
          { ...offer, eventName: encodeEventName("sale"), lockedUntil: 0 },
          { ...offer, kind: 2, eventName: encodeEventName("invoice"), lockedUntil: 0 },
          ...events.map((event) => ({ ...offer, eventName: encodeEventName(event), lockedUntil: 0 })),
        ],
        attesters: [...(members ?? [attesters[0].address])],
        threshold,
        dailyLimit,
        descriptionHash: description,
        descriptionUri: "https://brand.example/program.json",
      };
      const campaignId = await programs.createCampaign.staticCall(given);
      await (await programs.createCampaign(given)).wait();
      if (budget > 0n) await (await programs.fund(campaignId, budget)).wait();
      // A period lies in the past, and within the offers.
      await pass(60);
      return campaignId;
    },
    async close() {
      chain.close();
      provider.destroy();
      await server.close();
    },
  };
}

/** Conversions of one partner under one offer, each of 10 tokens of volume. */
export function conversions(
  from: bigint,
  orderIds: readonly string[],
  {
    partner,
    receivedAt,
    offerId = 1,
    event = "sale",
  }: { partner: string; receivedAt: number; offerId?: number; event?: string },
): GivenConversion[] {
  return orderIds.map((orderId, i) => ({
    number: from + BigInt(i),
    key: id(`key ${orderId}`),
    salt: id(`salt ${orderId}`),
    entries: [{ offerId, partner, count: 1, volumeUnits: 1_000n }],
    order: { event, orderId, volume: "10", receivedAt },
  }));
}

export const linesOf = (leaves: readonly GivenConversion[]): Line[] =>
  sumToLines(leaves.flatMap(({ entries }) => entries));

/** The tree over lines, as if each were under an offer of the world's campaigns that covers the period. */
export function treeOf(lines: readonly Line[], offerIds: readonly number[] = [1, 2]): LineTree {
  const period = { periodFrom: 0, periodTo: 1 };
  return LineTree.of(
    lines.map((line) => {
      const offer = offerIds.includes(line.offerId) ? { ...RATE, validFrom: 0, validTo: 1 } : undefined;
      return { line, worth: worthOfLineDown(line, offer, CAMPAIGN, period) };
    }),
  );
}

/** The attestation of some conversions; its period is the last 30 seconds before `now`. */
export function attest(
  campaignId: string,
  leaves: readonly GivenConversion[],
  now: number,
  changes: Partial<Attestation> = {},
  offerIds?: readonly number[],
): Attestation {
  const { root, total, count } = treeOf(linesOf(leaves), offerIds);
  return {
    campaignId,
    firstConversion: leaves[0]?.number ?? 1n,
    conversions: leaves.length,
    periodFrom: now - 30,
    periodTo: now,
    deadline: now + 3_600,
    conversionsRoot: conversionTree(leaves).root,
    linesRoot: root,
    lineCount: count,
    total,
    ...changes,
  };
}

/** Signs an attestation with keys of the set and carries it to the chain. */
export async function carry(
  { programs, chain }: World,
  { attestation, conversions }: GivenBatch,
  ...signers: [number, Wallet][]
) {
  const { types, message } = attestationTypedData(attestation);
  const signatures = await Promise.all(
    signers.map(async ([attester, wallet]) => ({
      attester,
      signature: await wallet.signTypedData(chain.domain, types, message),
    })),
  );
  const { linesOnChain, holdSeconds } = await chain.lens.termsOf(attestation.campaignId);
  const lines = linesOnChain || holdSeconds === 0n ? linesOf(conversions).map(packLine) : [];
  await (await programs.attest(attestation, lines, signatures)).wait();
}

export interface Attester {
  readonly database: Database;
  /** The wall clock, as the attester sees it, in Unix seconds. */
  clock: number;
  readonly reviewer: Reviewer;
  /** POSTs as the relayer does. */
  ask(path: string, body: unknown, token?: string): Promise<{ status: number; body: Answer }>;
  /** GETs as anybody does, or with a token. */
  get(path: string, token?: string): Promise<Response>;
  /** Where it listens, once somebody asks for it. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the attester answers is what a test looks at
type Answer = any;

/** An attester over a database of its own, in this process. */
export async function buildAttester(
  { chain, now }: World,
  options: {
    rulesFile?: string;
    wallet?: Wallet;
    databaseUrl?: string;
    env?: NodeJS.ProcessEnv;
    finality?: Reviewer["finality"];
    /** Of a database that stays; without it one of its own. */
    folder?: string;
  } = {},
): Promise<Attester> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "partner-programs-attester-"));
  const database = await newDatabase({ url: options.databaseUrl, folder }, ATTESTER_MIGRATIONS);
  const wallet = options.wallet ?? attesters[0];
  const env = options.env ?? {};
  const finality = options.finality ?? (await findFinality(chain, 0)).finality;
  let server: Server | undefined;
  const attester: Attester = {
    database,
    clock: await now(),
    reviewer: {
      database,
      chain,
      finality,
      rules: openRules(options.rulesFile, env),
      sourceOf: openSources(database, env, { chain, finality }),
      findRate: createRates({ feeds: openFeeds(chain.provider), fileOf: openRateFiles() }),
      attester: wallet.address,
      maxDeadlineSeconds: DAY,
      now: () => attester.clock,
    },
    async ask(path, body, token = TOKEN) {
      const response = await app.request(path, {
        method: "POST",
        headers: {
          "content-type": path === "/v1/reversals" ? "application/json" : NDJSON,
          authorization: `Bearer ${token}`,
        },
        body: typeof body === "string" ? body : path === "/v1/reversals" ? toJson(body) : toNdjson(body),
      });
      return { status: response.status, body: await response.json() };
    },
    get: async (path, token) =>
      app.request(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    async listen() {
      server = createAdaptorServer({ fetch: app.fetch }) as Server;
      await once(server.listen(0, "127.0.0.1"), "listening");
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async close() {
      server?.close();
      server?.closeAllConnections();
      await database.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  const app = createAttester({
    reviewer: attester.reviewer,
    signer: wallet,
    token: readRotating(TOKEN, 16),
    log: pino({ level: "silent" }),
  });
  return attester;
}

/** A request as it travels: lines packed, big numbers as text. */
export function toJson(body: unknown): string {
  return JSON.stringify(body, (_, value) => {
    if (typeof value === "bigint") return value.toString();
    if (isLine(value)) return packLine(value);
    return value;
  });
}

/** A batch as it travels: the attestation, and behind it its conversions; whatever else it has is a line more. */
function toNdjson(body: unknown): string {
  const { attestation, conversions, ...more } = body as { attestation?: unknown; conversions?: unknown[] };
  const rest = Object.keys(more).length === 0 ? [] : [more];
  return [attestation ?? {}, ...(conversions ?? []), ...rest].map(toJson).join("\n");
}

function isLine(value: unknown): value is Line {
  return typeof value === "object" && value !== null && "volumeUnits" in value && "partner" in value;
}
