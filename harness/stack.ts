/** A chain, an attester, a relayer and the portal on this machine, as `npm start` and the integration tests run them. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "@partner-programs/protocol/deployments";
import { JsonRpcProvider } from "ethers";
import { deploy } from "#scripts/deploy.ts";
import { ATTESTER, DEPLOYER, localKey, RELAYER, SMART_WALLETS } from "./people.ts";
import { isFree, type Running, start } from "./processes.ts";
import { deploySmartWallets, SMART_WALLET_FACTORY } from "./smartWallets.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export interface Ports {
  readonly chain: number;
  readonly attester: number;
  readonly api: number;
  readonly portal: number;
}

export const DEFAULT_PORTS: Ports = { chain: 8545, attester: 8789, api: 8787, portal: 8788 };

/** A whole local installation: a chain, an attester, a relayer and the portal, each a process of its own. */
export interface Stack {
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  /** Where its logs and databases are. */
  readonly folder: string;
  readonly rpcUrl: string;
  readonly apiUrl: string;
  readonly attesterUrl: string;
  readonly portalUrl: string;
  /** Resolves with a message when a process ends that should not. */
  readonly broken: Promise<string>;
  /** Kills the relayer as hard as `kill -9` does; one that is being started, as soon as it is up. */
  killRelayer(): Promise<void>;
  /** Resolves when the relayer has ended by itself. */
  relayerEnded(): Promise<number | string>;
  /** Starts a relayer when the one before has ended, or is up: its port and its database belong to one. */
  startRelayer(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Holds logs, databases and the deployment file. */
  readonly folder: string;
  readonly ports: Ports;
  readonly say: (line: string) => void;
  readonly databaseUrl?: string;
  readonly portal?: boolean;
  /** For the relayer, besides what the stack sets. */
  readonly env?: Record<string, string>;
  readonly attesterEnv?: Record<string, string>;
  readonly portalEnv?: Record<string, string>;
}

export async function startStack({
  folder,
  ports,
  say,
  databaseUrl,
  portal = true,
  env = {},
  attesterEnv = {},
  portalEnv = {},
}: StackOptions): Promise<Stack> {
  for (const [name, port] of Object.entries(ports)) {
    if (!(portal || name !== "portal") || (await isFree(port))) continue;
    throw new Error(
      `Port ${port} (${name}) is in use. Stop what listens there, or choose another: ${name.toUpperCase()}_PORT=… npm start`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const running: Running[] = [];
  let relayer: Running | undefined;
  /** What is done with the relayer is done one after the other. */
  let lastOfRelayer: Promise<unknown> = Promise.resolve();
  let stopping = false;
  let reportBroken: (message: string) => void = () => {};
  const broken = new Promise<string>((resolve) => {
    reportBroken = resolve;
  });
  const rpcUrl = `http://127.0.0.1:${ports.chain}`;
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const attesterUrl = `http://127.0.0.1:${ports.attester}`;
  const portalUrl = `http://127.0.0.1:${ports.portal}`;
  const deploymentFile = join(folder, "deployment.json");
  const secrets = { RELAYER_SECRET: randomBytes(32).toString("hex"), ATTESTER_TOKEN: randomBytes(16).toString("hex") };

  async function launch(
    name: string,
    args: string[],
    childEnv: Record<string, string>,
    ready: () => Promise<boolean>,
  ): Promise<Running> {
    const child = await start(name, args, { env: childEnv, log: join(folder, `${name}.log`), ready, cwd: ROOT });
    child.ended.then((how) => {
      if (!stopping && child !== relayer)
        reportBroken(`The ${name} ended unexpectedly (${how}). Its log: ${child.log}`);
    });
    say(`${name.padEnd(8)} is up`);
    return child;
  }

  const answers = (url: string) => async () => (await fetch(url)).ok;

  function afterTheLast<T>(work: () => Promise<T>): Promise<T> {
    const done = lastOfRelayer.then(work, work);
    lastOfRelayer = done.catch(() => {});
    return done;
  }

  const startRelayer = (more?: Record<string, string>) =>
    afterTheLast(async () => {
      await relayer?.stop("SIGKILL");
      await launchRelayer(more);
    });

  async function launchRelayer(more: Record<string, string> = {}): Promise<void> {
    relayer = await launch(
      "relayer",
      ["relayer/main.ts"],
      {
        ...(databaseUrl === undefined ? { DATA_DIR: join(folder, "relayer") } : { DATABASE_URL: databaseUrl }),
        RPC_URL: rpcUrl,
        DEPLOYMENT: deploymentFile,
        RELAYER_PRIVATE_KEY: localKey(RELAYER).privateKey,
        ATTESTER_URLS: attesterUrl,
        PUBLIC_URL: apiUrl,
        // Passkeys belong to a name: to a browser that uses one the portal is on localhost.
        PORTAL_URLS: `${portalUrl},http://localhost:${ports.portal}`,
        PORT: String(ports.api),
        CONFIRMATIONS: "0",
        BATCH_SECONDS: "2",
        POLL_MILLISECONDS: "200",
        CHAIN_IDLE_SECONDS: "0",
        GASLESS_CLAIMS: "any",
        GASLESS_CLAIMS_PER_OWNER: "1000",
        ...(portal ? { ACCOUNT_FACTORY: SMART_WALLET_FACTORY } : {}),
        ...secrets,
        ...env,
        ...more,
      },
      answers(`${apiUrl}/healthz`),
    );
  }

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    provider.destroy();
    await afterTheLast(async () => relayer?.stop());
    for (const child of running.reverse()) await child.stop();
  }

  const provider = new JsonRpcProvider(rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 100 });
  try {
    running.push(
      await launch(
        "chain",
        [
          "node_modules/hardhat/dist/src/cli.js",
          "node",
          "--network",
          "chain",
          "--port",
          String(ports.chain),
          "--no-typechain",
        ],
        {},
        async () =>
          (
            await fetch(rpcUrl, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
            })
          ).ok,
      ),
    );
    const deployment = await deploy(localKey(DEPLOYER).connect(provider), "local", deploymentFile, () => {});
    // Passkeys are made in pages alone.
    if (portal) await deploySmartWallets(provider, localKey(SMART_WALLETS).connect(provider), "hardhat_setCode");
    say(`contract is at ${deployment.contracts.PartnerPrograms.address}`);
    const attester = launch(
      "attester",
      ["attester/main.ts"],
      {
        DATA_DIR: join(folder, "attester"),
        RPC_URL: rpcUrl,
        DEPLOYMENT: deploymentFile,
        ATTESTER_PRIVATE_KEY: localKey(ATTESTER).privateKey,
        ATTESTER_TOKEN: secrets.ATTESTER_TOKEN,
        PORT: String(ports.attester),
        ...attesterEnv,
      },
      answers(`${attesterUrl}/healthz`),
    );
    const pages = portal
      ? [
          launch(
            "portal",
            ["portal/main.ts"],
            {
              PORT: String(ports.portal),
              API_URL: apiUrl,
              PUBLIC_RPC_URL: rpcUrl,
              DEPLOYMENT: deploymentFile,
              ATTESTERS: `${localKey(ATTESTER).address} This machine's attester`,
              ATTESTER_URLS: attesterUrl,
              ACCOUNT_FACTORY: SMART_WALLET_FACTORY,
              LOCAL: "true",
              ...portalEnv,
            },
            answers(portalUrl),
          ),
        ]
      : [];
    // Each waits for itself; what did start is ended even if another does not.
    const started = await Promise.allSettled([attester, ...pages, startRelayer()]);
    for (const result of started)
      if (result.status === "fulfilled" && result.value !== undefined) running.push(result.value);
    for (const result of started) if (result.status === "rejected") throw result.reason;
    return {
      deployment,
      provider,
      folder,
      rpcUrl,
      apiUrl,
      attesterUrl,
      portalUrl,
      broken,
      killRelayer: () => afterTheLast(async () => relayer?.stop("SIGKILL")),
      relayerEnded: () => (relayer as Running).ended,
      startRelayer,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
