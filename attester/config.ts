/** The attester's environment variables, each with its check. */
import { resolve } from "node:path";
import { z } from "zod";
import { fromNetwork, type NetworkSettings } from "#service/chain/networks.ts";
import { nodeFaults, nodeVariables } from "#service/chain/nodeSettings.ts";
import { signerFaults, signerVariables } from "#service/chain/signer.ts";
import { readDeployment } from "#service/deployments.ts";
import { opens, postgresUrl, readEnvironment } from "#service/environment.ts";
import { rotating } from "#service/rotating.ts";
import { readRules } from "./rules.ts";

export const environment = z.object({
  /** The attester's own database, never the relayer's: PostgreSQL, or PGlite in DATA_DIR. */
  DATABASE_URL: postgresUrl.optional(),
  DATA_DIR: z.string().default(".state/attester"),
  ...nodeVariables,
  DEPLOYMENT: z.string().describe("the file that `npm run deploy` wrote: deployments/<network>.json"),
  /** Where the key is of a member of the campaigns' attester sets. It pays no gas and needs no coins. */
  ...signerVariables("ATTESTER"),
  /** What the relayer presents, and what it may present until when: `new,old@2026-12-01T12:00:00Z`. */
  ATTESTER_TOKEN: rotating(16).describe("16 characters or more, the same as the relayer has"),
  /** A JSON file, see docs/attester.md. Without it the attester has no opinion on orders. */
  ATTESTER_RULES: z.string().optional(),
  /** How far ahead a deadline may be. */
  MAX_DEADLINE_SECONDS: z.coerce.number().int().min(60).default(86_400),
  /** A block with so many above it is final, where the node knows no `finalized` block. Without it, as the network asks. */
  CONFIRMATIONS: z.coerce.number().int().min(0).optional(),
  /** What Prometheus sends as a bearer token, and what it may send until when; without it /metrics is open. */
  METRICS_TOKEN: rotating(16).optional(),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8789),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

/** With what the network says of what is not set (`service/chain/networks.ts`). */
export type Config = z.infer<typeof environment> & Pick<NetworkSettings, "CONFIRMATIONS">;

/** Reads the configuration. @throws Error that lists every wrong or missing variable, and files that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const config = readEnvironment("attester", environment, env, [
    opens("DEPLOYMENT", readDeployment),
    opens("ATTESTER_RULES", readRules),
    nodeFaults,
    (known) => signerFaults("ATTESTER", known, env),
  ]);
  const { CONFIRMATIONS } = fromNetwork(config, readDeployment(config.DEPLOYMENT).chainId);
  return { ...config, CONFIRMATIONS, DATA_DIR: resolve(config.DATA_DIR) };
}
