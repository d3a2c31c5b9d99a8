import { resolve } from "node:path";
import { isHexString } from "ethers";
import { z } from "zod";
import { readEnvironment } from "../server/environment.ts";

const url = z.url({ protocol: /^https?$/ });
const seconds = z.coerce.number().int().min(0);

const environment = z.object({
  /** PostgreSQL. Without it an embedded one (PGlite) keeps its files in DATA_DIR; that one survives a killed process, not a power cut. */
  DATABASE_URL: z.string().optional(),
  DATA_DIR: z.string().default(".state/relayer"),
  RPC_URL: url,
  /** deployments/<network>.json, written by `npm run deploy`. */
  DEPLOYMENT: z.string(),
  /** Pays gas and signs receipts. 32 bytes, hexadecimal. */
  RELAYER_PRIVATE_KEY: z.string().refine((key) => isHexString(key, 32), "must be 0x and 64 hexadecimal digits"),
  /** Signs referral tokens and keys conversions. Losing it breaks both: back it up. */
  RELAYER_SECRET: z.string().min(32),
  /** One URL for each attester, in the order of the campaign's attester set. */
  ATTESTER_URLS: z.string().transform((list) => list.split(",").map((item) => url.parse(item.trim()))),
  ATTESTER_TOKEN: z.string().min(16),
  PUBLIC_URL: url,
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8787),
  /** A block counts as final when so many came after it. Reorganisations up to that depth are rolled back. */
  CONFIRMATIONS: z.coerce.number().int().min(0).default(64),
  /** A transaction that waits longer is sent again at a higher fee, up to MAX_FEE_GWEI for a gas. */
  BUMP_SECONDS: seconds.default(60),
  MAX_FEE_GWEI: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, "must be a decimal number")
    .default("500"),
  /** Accepted conversions wait at most so long for a batch, and a batch has at most so many. */
  BATCH_SECONDS: seconds.default(600),
  BATCH_CONVERSIONS: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  /** The receipts' promise: attested within so many seconds. */
  ATTEST_WITHIN_SECONDS: seconds.default(86_400),
  /** How long a signed batch may be carried to the chain. */
  DEADLINE_SECONDS: seconds.default(3_600),
  POLL_MILLISECONDS: z.coerce.number().int().min(20).default(1_000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export type Config = z.infer<typeof environment>;

/** Reads the configuration. @throws Error that lists every wrong or missing variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const config = readEnvironment("relayer", environment, env);
  return { ...config, DATA_DIR: resolve(config.DATA_DIR) };
}
