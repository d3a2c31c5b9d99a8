/** A running stack with a brand, two partners and a token, for integration and browser tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kindMask } from "@partner-programs/protocol/kinds";
import { type ContractTransactionResponse, parseUnits, type Signer } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { type Draft, openCampaign } from "./campaign.ts";
import { AS_A_BROWSER, call, type Performance, signIn } from "./client.ts";
import { ATTESTER_MIGRATIONS, prepareDatabase, RELAYER_MIGRATIONS } from "./database.ts";
import { ATTESTER, DEPLOYER, FIRST_BRAND, FIRST_PARTNER, localKey, OPERATOR, person } from "./people.ts";
import { freePorts } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import { type Stack, startStack } from "./stack.ts";

/** A running stack with a token, a brand, and partners: where integration tests play. */
export interface Town {
  readonly stack: Stack;
  readonly programs: PartnerPrograms;
  readonly lens: PartnerProgramsLens;
  readonly dollar: DemoToken;
  readonly brand: ReturnType<typeof person>;
  readonly partners: readonly ReturnType<typeof person>[];
  /** Opens and funds a campaign that pays 2 DUSD for a sign-up, after a hold of some seconds. */
  open(title: string, holdSeconds: number, more?: Partial<Draft>): ReturnType<typeof openCampaign>;
  /** Joins the campaign; returns the invite link. */
  join(campaignId: string, partner: number): Promise<string>;
  close(): Promise<void>;
}

export async function buildTown(
  database: "PGlite" | "PostgreSQL" = "PGlite",
  { portal = false, portalEnv = {} }: { portal?: boolean; portalEnv?: Record<string, string> } = {},
): Promise<Town> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-"));
  const postgres = database === "PostgreSQL" ? await startPostgres() : undefined;
  await prepareDatabase(join(folder, "relayer"), RELAYER_MIGRATIONS);
  await prepareDatabase(join(folder, "attester"), ATTESTER_MIGRATIONS);
  const [chain, attester, api, pages] = await freePorts(4);
  const stack = await startStack({
    folder,
    ports: { chain, attester, api, portal: pages } as never,
    say: () => {},
    portal,
    portalEnv,
    ...(postgres === undefined ? {} : { databaseUrl: postgres.url }),
    env: { BATCH_SECONDS: "1", POLL_MILLISECONDS: "250" },
  });
  const { provider, apiUrl, deployment } = stack;
  const programs = PartnerPrograms__factory.connect(deployment.contracts.PartnerPrograms.address, provider);
  const lens = PartnerProgramsLens__factory.connect(deployment.contracts.PartnerProgramsLens.address, provider);
  const dollar = await new DemoToken__factory(person("deployer", DEPLOYER, provider).signer).deploy(
    "Demo Dollar",
    "DUSD",
    6,
  );
  await dollar.waitForDeployment();
  const brand = person("Streamly", FIRST_BRAND, provider);
  const partners = [0, 1].map((i) => person(`partner ${i}`, FIRST_PARTNER + i, provider));
  await (await dollar.connect(brand.signer).mint(brand.address, parseUnits("100000", 6))).wait();
  await (await dollar.connect(brand.signer).approve(programs, 2n ** 256n - 1n)).wait();

  const send = async (
    _verb: string,
    by: typeof brand,
    _what: string,
    make: (signer: Signer) => Promise<ContractTransactionResponse>,
  ) => {
    await (await make(by.signer)).wait();
  };
  const where = { apiUrl, programs, operator: localKey(OPERATOR).address, attester: localKey(ATTESTER).address, send };

  return {
    stack,
    programs,
    lens,
    dollar,
    brand,
    partners,
    async open(title, holdSeconds, more = {}) {
      const draft: Draft = {
        title,
        summary: "2 DUSD for each sign-up",
        brand,
        partners,
        token: await dollar.getAddress(),
        symbol: "DUSD",
        decimals: 6,
        unitExponent: 4,
        openKinds: kindMask("affiliate"),
        holdSeconds,
        budget: parseUnits("100", 6),
        attribution: { touch: "first", windowSeconds: 3600, bindingSeconds: 0 },
        event: { name: "signup", title: "A new user signed up", perCustomer: 1 },
        offer: { kind: 0, flatAmount: parseUnits("2", 6), rateBps: 0, capUnits: 0n },
        ...more,
      };
      return openCampaign(where, draft, async (campaignId) => {
        await (await programs.connect(brand.signer).fund(campaignId, draft.budget)).wait();
      });
    },
    async join(campaignId, index) {
      const token = await signIn(apiUrl, partners[index] as typeof brand);
      return (await call<Performance>(apiUrl, "POST", `/v1/campaigns/${campaignId}/partnerships`, { token })).link;
    },
    async close() {
      await stack.stop();
      await postgres?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A customer follows an invite link, as a browser does; returns the referral token that the destination gets. */
export async function click(link: string): Promise<string> {
  const response = await fetch(link, AS_A_BROWSER);
  return new URL(response.headers.get("location") ?? "http://nowhere").searchParams.get("_ushrt") ?? "";
}
