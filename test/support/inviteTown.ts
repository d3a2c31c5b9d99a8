import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { id, Wallet } from "ethers";
import { pino } from "pino";
import { kindMask } from "../../protocol/kinds.ts";
import { programsDomain } from "../../protocol/typedData.ts";
import { createApp } from "../../relayer/http/app.ts";
import { createIntake } from "../../relayer/intake.ts";
import { createInvites, type Invites } from "../../relayer/invites.ts";
import { hashSecret, newSecret } from "../../relayer/secrets.ts";
import { BROWSER } from "../../scripts/local/client.ts";
import { type Database, openDatabase } from "../../server/database.ts";
import type { ProgramsChain } from "../../server/programs.ts";

const MIGRATIONS = fileURLToPath(new URL("../../relayer/store/migrations", import.meta.url));
export const SECRET = "a secret of at least thirty-two characters";
export const DAY = 86_400;

/** The relayer's HTTP face over a database of its own, with campaigns that are in no chain. */
export interface InviteTown {
  readonly database: Database;
  readonly invites: Invites;
  readonly app: ReturnType<typeof createApp>;
  /** A funded campaign whose links lead to https://brand.example/; returns its id and its brand's session. */
  openCampaign(description?: Record<string, unknown>): Promise<{ campaignId: string; brand: string; session: string }>;
  /** Announces another description, in force at once. */
  describe(campaignId: string, description: Record<string, unknown>): Promise<void>;
  signIn(address: string): Promise<string>;
  /** A new partner of the campaign, with its first link. */
  join(campaignId: string): Promise<{ partner: string; session: string; code: string }>;
  apiKey(campaignId: string): Promise<string>;
  /** A person's browser follows a link, by its code or alias. */
  follow(name: string): Promise<Response>;
  /** One call of the API; the answer's body is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever comes back
  call(method: string, path: string, session?: string, body?: unknown): Promise<{ status: number; body: any }>;
  close(): Promise<void>;
}

export async function buildInviteTown(databaseOf: (real: Database) => Database = (real) => real): Promise<InviteTown> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-"));
  const real = await openDatabase({ dataDir: folder }, MIGRATIONS);
  const database = databaseOf(real);
  const address = "0x00000000000000000000000000000000000000A1";
  const chain = { chainId: 31_337, address, domain: programsDomain(31_337, address) } as ProgramsChain;
  const signer = Wallet.createRandom();
  const invites = createInvites(database, SECRET);
  const app = createApp({
    database,
    chain,
    invites,
    intake: createIntake(database, chain, new Wallet(signer.privateKey), {
      RELAYER_SECRET: SECRET,
      ATTEST_WITHIN_SECONDS: DAY,
    }),
    config: { PUBLIC_URL: "https://go.example", RELAYER_SECRET: SECRET },
    relayerAddress: signer.address,
    log: pino({ level: "silent" }),
  });
  let campaigns = 0;

  const town: InviteTown = {
    database,
    invites,
    app,
    async openCampaign(description = {}) {
      const campaignId = `0x${String(++campaigns).padStart(64, "0")}`;
      const brand = Wallet.createRandom().address;
      await real.query(
        `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps, unit_exponent, operator, funded, available)
         VALUES ($1, $2, $3, 'DUSD', 6, 60, 60, $4, 500, 4, $3, 100000000, 100000000)`,
        [campaignId, brand, address, kindMask("affiliate")],
      );
      await real.query("INSERT INTO offers VALUES ($1, 1, 'signup', 0, 2000000, 0, 0, 0, 9999999999)", [campaignId]);
      await town.describe(campaignId, description);
      return { campaignId, brand, session: await town.signIn(brand) };
    },
    async describe(campaignId, description) {
      const body = JSON.stringify({
        version: 1,
        name: "Streamly",
        summary: "",
        destination: "https://brand.example/",
        attribution: { touch: "first", windowSeconds: 30 * DAY, bindingSeconds: 0 },
        events: [{ name: "signup", title: "", perCustomer: 1 }],
        ...description,
      });
      const hash = id(body);
      await real.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2) ON CONFLICT DO NOTHING", [hash, body]);
      await real.query(
        "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, '', 0)",
        [campaignId, hash],
      );
    },
    async signIn(address) {
      const token = newSecret("us");
      await real.query(
        "INSERT INTO sessions (token_hash, address, expires_at) VALUES ($1, $2, now() + interval '1 day')",
        [hashSecret(token), address],
      );
      return token;
    },
    async join(campaignId) {
      const partner = Wallet.createRandom().address;
      const session = await town.signIn(partner);
      const { body } = await town.call("POST", `/v1/campaigns/${campaignId}/partnerships`, session);
      return { partner, session, code: body.code };
    },
    async apiKey(campaignId) {
      const secret = newSecret("sk");
      await real.query(
        "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) SELECT id, brand, $2, 'test' FROM campaigns WHERE id = $1",
        [campaignId, hashSecret(secret)],
      );
      return secret;
    },
    follow: async (name) => app.request(`/i/${name}`, { headers: { "user-agent": BROWSER } }),
    async call(method, path, session, body) {
      const response = await app.request(path, {
        method,
        headers: {
          ...(session === undefined ? {} : { authorization: `Bearer ${session}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async close() {
      await real.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return town;
}
