/** What the routes work with: the process's parts, and how its HTTP face is bounded. */
import type { Logger } from "pino";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import type { Attesters } from "../attesters/client.ts";
import type { Config } from "../config.ts";
import type { Pulse } from "../health.ts";
import type { Intake } from "../intake.ts";
import type { Invites } from "../invites.ts";
import type { Metrics } from "../metrics.ts";
import type { Trees } from "../trees.ts";

/** How the face is bounded and watched. What is not given is as in a process of its own: no limit, no proxy, open metrics, no claims carried. */
export type FaceSettings = Pick<
  Config,
  | "TRUST_PROXY"
  | "TRUST_PROXY_HEADER"
  | "PORTAL_URLS"
  | "RATE_SIGN_IN"
  | "RATE_ADDRESS"
  | "RATE_SESSION"
  | "RATE_KEY"
  | "METRICS_TOKEN"
  | "GAS_COINS_A_DAY"
  | "REFERRAL_SECRETS"
  | "ATTESTER_TOKEN"
  | "READY_LAG_BLOCKS"
  | "READY_SILENCE_SECONDS"
  | "WEBHOOKS_ALLOW_PRIVATE"
  | "GASLESS_CLAIMS"
  | "GASLESS_CLAIMS_PER_OWNER"
  | "GASLESS_CLAIMS_A_DAY"
  | "ACCOUNT_FACTORY"
  | "PUSH_PAYOUTS"
  | "SMTP_URL"
>;

export interface Services {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly intake: Intake;
  /** Which rate a currency had at a time. */
  readonly findRate: FindRate;
  readonly invites: Invites;
  readonly config: Pick<Config, "PUBLIC_URL" | "RELAYER_SECRET"> & Partial<FaceSettings>;
  readonly relayerAddress: string;
  readonly log: Logger;
  /** The worker's, if this process has one. */
  readonly pulse?: Pulse;
  /** This process's, where its worker counts too; without them the routes have their own. */
  readonly metrics?: Metrics;
  readonly attesters?: Pick<Attesters, "states">;
  /** This process's, which its worker uses too; without them its HTTP face has its own. */
  readonly trees?: Trees;
}

/** What every route is given: the trees are built once for all of them. */
export type RouteServices = Services & { readonly trees: Trees };
