/** The configuration of the portal's server, from environment variables. */
import { address } from "@partner-programs/protocol/address";
import { z } from "zod";
import { readDeployment } from "#service/deployments.ts";
import { opens, readEnvironment } from "#service/environment.ts";

const url = z.url({ protocol: /^https?$/ });

/** Where a page is from: its scheme, host and port, and nothing else. */
const origin = url
  .refine((text) => URL.canParse(text) && `${new URL(text).origin}/` === new URL(text).href, {
    error: "must be an origin: scheme, host and port alone, as https://app.safe.global",
  })
  .transform((text) => new URL(text).origin);

const listOf = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .transform((list) => list.split(",").map((one) => one.trim()))
    .pipe(z.array(item))
    .default([]);

const MAX_NAME = 80;

/** `0x… Its name`: what the operator calls whom it proposes. */
const named = z.string().transform((text, context) => {
  const [account = "", ...words] = text.split(/\s+/);
  const read = address.safeParse(account);
  const name = words.join(" ");
  for (const { message } of read.error?.issues ?? []) context.addIssue({ code: "custom", message });
  if (name.length > MAX_NAME)
    context.addIssue({
      code: "custom",
      message: `has a name of ${name.length} letters; at most ${MAX_NAME} are shown`,
    });
  return { address: read.data ?? account, name: name === "" ? null : name };
});

export const environment = z.object({
  API_URL: url.describe("the relayer's PUBLIC_URL"),
  PUBLIC_RPC_URL: url.describe("the http or https URL of a node of the chain, for browsers: without a secret in it"),
  DEPLOYMENT: z.string().describe("the file that `npm run deploy` wrote: deployments/<network>.json"),
  EXPLORER_URL: url.optional(),
  ATTESTERS: listOf(named),
  TOKENS: listOf(address),
  ATTESTER_URLS: listOf(url),
  SAFE_APP_ORIGINS: listOf(origin),
  OPERATOR: address.optional(),
  OPERATOR_FEE_BPS: z.coerce.number().int().min(0).max(2_000).default(0),
  ACCOUNT_FACTORY: address.optional(),
  LOCAL: z.enum(["true", "false"]).default("false"),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8788),
});

/** Reads the configuration. @throws Error that lists every wrong or missing variable, and files that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): z.infer<typeof environment> {
  return readEnvironment("portal", environment, env, [
    opens("DEPLOYMENT", readDeployment),
    ({ OPERATOR_FEE_BPS = 0 }) =>
      OPERATOR_FEE_BPS > 0 && !env.OPERATOR
        ? [`OPERATOR_FEE_BPS is ${OPERATOR_FEE_BPS}, but OPERATOR is not set. Set it to the address that gets the fee.`]
        : [],
  ]);
}
