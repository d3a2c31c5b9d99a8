/** The relayer's configuration: every variable of its environment, what it means, and what it is without. */
import { resolve } from "node:path";
import { address, getAddress, isAddress } from "@partner-programs/protocol/address";
import { DECIMAL, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { isNative } from "@partner-programs/protocol/native";
import { z } from "zod";
import { fromNetwork, type NetworkSettings } from "#service/chain/networks.ts";
import { nodeFaults, nodeVariables } from "#service/chain/nodeSettings.ts";
import { namesSigner, signerFaults, signerVariables } from "#service/chain/signer.ts";
import { readDeployment } from "#service/deployments.ts";
import { opens, postgresUrl, readEnvironment } from "#service/environment.ts";
import { rotating } from "#service/rotating.ts";
import type { Gasless } from "./domain/gasless.ts";
import { COIN_DECIMALS, type Pushing } from "./domain/pushing.ts";

const url = z.url({ protocol: /^https?$/ });
const urls = z
  .string()
  .transform((list) => list.split(",").map((item) => item.trim()))
  .pipe(z.array(url));
const rate = z.coerce.number().min(0).max(100_000);
const gwei = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "must be a decimal number");
const seconds = z.coerce.number().int().min(0);

export const environment = z.object({
  /** PostgreSQL. Without it an embedded one (PGlite) keeps its files in DATA_DIR; that one survives a killed process, not a power cut. */
  DATABASE_URL: postgresUrl.optional(),
  DATA_DIR: z.string().default(".state/relayer"),
  ...nodeVariables,
  /** Where a node pushes new blocks (`eth_subscribe`): then they are not asked for. Without it, or while it is away, they are. */
  RPC_HEADS_URL: z
    .url({ protocol: /^wss?$/ })
    .optional()
    .describe("the ws or wss URL of a node of the chain"),
  /** While nothing happens the chain is asked for its newest block so seldom at most; 0: in every round. */
  CHAIN_IDLE_SECONDS: seconds.default(15),
  /** deployments/<network>.json, written by `npm run deploy`. */
  DEPLOYMENT: z.string().describe("the file that `npm run deploy` wrote: deployments/<network>.json"),
  /** Where the key is that pays gas and signs receipts. */
  ...signerVariables("RELAYER"),
  /** Where the one before it is, while what it sent is not mined yet: so that it can pay more. */
  ...signerVariables("RELAYER_RETIRED"),
  /** Accounts before it whose keys are gone: what they sent and is not mined is given up, and sent anew. */
  RELAYER_LOST_ACCOUNTS: z
    .string()
    .transform((list) => list.split(",").map((item) => item.trim()))
    .pipe(z.array(address))
    .default([]),
  /** Signs referral tokens and keys conversions. Losing it breaks both: back it up. */
  RELAYER_SECRET: z
    .string()
    .min(32)
    .describe("32 characters or more that nobody else knows, such as `openssl rand -hex 32` prints"),
  /** What signs referral tokens instead, and what did before: `new,old@2026-12-01T12:00:00Z`. Empty: RELAYER_SECRET. */
  REFERRAL_SECRETS: rotating(32).optional(),
  /** One URL for each attester, in the order of the campaign's attester set. */
  ATTESTER_URLS: urls.describe("the URLs of the attesters, comma-separated"),
  /** The first is presented; those behind it are good as well until their ends: `new,old@2026-12-01T12:00:00Z`. */
  ATTESTER_TOKEN: rotating(16).describe("16 characters or more, the same as the attesters have"),
  PUBLIC_URL: url.describe("the URL under which invite links and the API are reached"),
  /** Where portals are that are not on PUBLIC_URL's host: wallets sign in there too. */
  PORTAL_URLS: urls.default([]),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8787),
  /** A block counts as final when so many came after it. Reorganisations up to that depth are rolled back. Without it, as the network asks. */
  CONFIRMATIONS: z.coerce.number().int().min(0).optional(),
  /** A transaction that waits longer is sent again at a higher fee, up to MAX_FEE_GWEI for a gas. Both without it as the network asks. */
  BUMP_SECONDS: seconds.optional(),
  MAX_FEE_GWEI: gwei.optional(),
  /** In whole coins: no more is spent on gas within 24 hours, and what can wait stops before (`domain/spending.ts`). Empty: no cap. */
  GAS_COINS_A_DAY: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,18})?$/, "must be a decimal number of coins")
    .refine((text) => Number(text) > 0, "must be more than 0")
    .transform((text) => toBaseUnitsDown(text, COIN_DECIMALS))
    .optional(),
  /** Accepted conversions wait at most so long for a batch, and a batch has at most so many. */
  BATCH_SECONDS: seconds.default(600),
  BATCH_CONVERSIONS: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  /** The receipts' promise: attested within so many seconds. */
  ATTEST_WITHIN_SECONDS: seconds.default(86_400),
  /** How long a signed batch may be carried to the chain. */
  DEADLINE_SECONDS: seconds.optional(),
  /** Claims that partners sign and the relayer pays the gas of: `off`, the tokens with the least amount worth it, or `any`. */
  GASLESS_CLAIMS: z
    .string()
    .default("off")
    .transform((text, context): Gasless => {
      try {
        return readGasless(text);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    }),
  /** So many within 24 hours of one owner, and of all. */
  GASLESS_CLAIMS_PER_OWNER: z.coerce.number().int().min(1).default(2),
  GASLESS_CLAIMS_A_DAY: z.coerce.number().int().min(1).default(200),
  /** What makes passkey accounts (Coinbase Smart Wallet). With it a first claim that is carried also puts the account on the chain. */
  ACCOUNT_FACTORY: address.optional(),
  /** Credits that are pushed to their owners: `off`; the tokens, each with the least credit and what one of it is worth in coins; `any`. */
  PUSH_PAYOUTS: z
    .string()
    .default("off")
    .transform((text, context): Pushing => {
      try {
        return readPushing(text);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    }),
  /** Gas for a push is at most so many basis points of what it pays, */
  PUSH_MAX_GAS_BPS: z.coerce.number().int().min(1).max(10_000).default(100),
  /** none is begun while a gas costs more, */
  PUSH_MAX_FEE_GWEI: gwei.optional(),
  /** and so many are begun within 24 hours. What is due is looked for every so many seconds. */
  PUSH_A_DAY: z.coerce.number().int().min(1).default(200),
  PUSH_SECONDS: seconds.default(600),
  /** Proxies in front that add to this header: so many entries from its end are believed. */
  TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
  TRUST_PROXY_HEADER: z.enum(["x-forwarded-for", "forwarded"]).default("x-forwarded-for"),
  /** Requests a second, ten seconds' worth at once; 0: without limit. */
  RATE_SIGN_IN: rate.default(6),
  RATE_ADDRESS: rate.default(30),
  RATE_SESSION: rate.default(30),
  RATE_KEY: rate.default(300),
  /** What Prometheus sends as a bearer token, and what it may send until when; without it /metrics is open. */
  METRICS_TOKEN: rotating(16).optional(),
  /** /readyz says no when the indexer is so far behind the head, or the worker was silent for so long. */
  READY_LAG_BLOCKS: z.coerce.number().int().min(0).optional(),
  READY_SILENCE_SECONDS: seconds.default(120),
  /** For trying things out on one machine: webhooks may go to private addresses, and over http; files of rates may come from there. Never where others can register them. */
  WEBHOOKS_ALLOW_PRIVATE: z.stringbool().default(false),
  /** The pauses between the attempts of a webhook or a mail, times this. */
  WEBHOOKS_RETRY_SCALE: z.coerce.number().min(0).max(10).default(1),
  /** The mail server that notices are handed to: smtp:// with STARTTLS, or smtps://, with user and password. Without it no mail is sent. */
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .describe("the URL of a mail server, smtps://user:password@mail.example")
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n@]{1,100} <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/, "must be an address, or `Name <address>`")
    .describe("the sender of mails, `Partner Programs <notices@brand.example>`")
    .optional(),
  /** So many mails a minute at most, of all relayers together; and after one to a wallet the next waits so long. */
  MAIL_A_MINUTE: z.coerce.number().int().min(1).default(60),
  MAIL_PAUSE_SECONDS: seconds.default(900),
  /** Where Stripe's API is, for trying things out; without it, at Stripe. */
  STRIPE_API_URL: url.optional(),
  POLL_MILLISECONDS: z.coerce.number().int().min(20).default(1_000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

/** With what the network says of what is not set (`service/chain/networks.ts`). */
export type Config = z.infer<typeof environment> & NetworkSettings;

/** Reads `off`, `any`, or `0x…:2.50,0x…:0.001`. @throws Error that names the part that is wrong */
export function readGasless(text: string): Gasless {
  if (text === "off" || text === "any") return text;
  const parts = text.split(",").map((part) => {
    const [token = "", minimum = "", ...more] = part.trim().split(":");
    if (!isAddress(token) || !DECIMAL.test(minimum) || more.length > 0)
      throw new Error(`"${part}" must be off, any, or a token's address and the least amount: 0x…:2.50`);
    return [getAddress(token), minimum] as const;
  });
  return new Map(parts);
}

/** Reads `off`, `any`, or `0x…:20:0.0004,0xEeee…EEeE:0.01`. @throws Error that names the part that is wrong */
export function readPushing(text: string): Pushing {
  if (text === "off" || text === "any") return text;
  const parts = text.split(",").map((part) => {
    const [token = "", minimum = "", given, ...more] = part.trim().split(":");
    const worth = given ?? (isNative(token) ? "1" : "");
    if (!isAddress(token) || !DECIMAL.test(minimum) || !DECIMAL.test(worth) || more.length > 0)
      throw new Error(
        `"${part}" must be off, any, or a token's address, the least credit, and what one token is worth in coins: 0x…:20:0.0004`,
      );
    return [getAddress(token), { minimum, worth }] as const;
  });
  return new Map(parts);
}

/** Reads the configuration. @throws Error that lists every wrong or missing variable, and files that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const config = readEnvironment("relayer", environment, env, [
    opens("DEPLOYMENT", readDeployment),
    nodeFaults,
    (known) => signerFaults("RELAYER", known, env),
    (known) => (namesSigner("RELAYER_RETIRED", known) ? signerFaults("RELAYER_RETIRED", known, env) : []),
    ({ SMTP_URL, MAIL_FROM }) =>
      (SMTP_URL === undefined) === (MAIL_FROM === undefined)
        ? []
        : [
            `${SMTP_URL === undefined ? "SMTP_URL" : "MAIL_FROM"} is not set, but ${SMTP_URL === undefined ? "MAIL_FROM" : "SMTP_URL"} is. Set both, or neither.`,
          ],
  ]);
  const known = fromNetwork(config, readDeployment(config.DEPLOYMENT).chainId);
  return { ...known, DATA_DIR: resolve(config.DATA_DIR) };
}
