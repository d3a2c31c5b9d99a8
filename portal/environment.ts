/** The configuration of the portal's server, from environment variables. */
import { address } from "@partner-programs/protocol/address";
import { z } from "zod";
import { readEnvironment } from "#service/environment.ts";

export const environment = z.object({
  API_URL: z.url(),
  PUBLIC_RPC_URL: z.url(),
  DEPLOYMENT: z.string(),
  EXPLORER_URL: z.url().optional(),
  ATTESTERS: z
    .string()
    .transform((list) => list.split(",").map((item) => item.trim()))
    .pipe(z.array(address))
    .default([]),
  OPERATOR: address.optional(),
  OPERATOR_FEE_BPS: z.coerce.number().int().min(0).max(2_000).default(0),
  LOCAL: z.enum(["true", "false"]).default("false"),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().default(8788),
});

/** Reads the configuration. @throws Error that lists every wrong or missing variable. */
export function readConfig(env: NodeJS.ProcessEnv): z.infer<typeof environment> {
  return readEnvironment("portal", environment, env);
}
