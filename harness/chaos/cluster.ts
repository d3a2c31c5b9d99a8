/** Two relayers, three attesters, a PostgreSQL and a chain behind a bad line, each a process that may be killed. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "@partner-programs/protocol/deployments";
import pg from "pg";
import { deploy } from "#scripts/deploy.ts";
import { type Anvil, startAnvil } from "../anvil.ts";
import { ATTESTER_MIGRATIONS, prepareDatabase } from "../database.ts";
import { DEPLOYER, localKey, RELAYER } from "../people.ts";
import { freePorts } from "../ports.ts";
import { startPostgres } from "../postgres.ts";
import { type Running, start } from "../processes.ts";
import type { Chance } from "../random.ts";
import { type BadLine, startBadLine } from "./badLine.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** The local accounts whose keys the attesters have. */
export const ATTESTERS = [20, 21, 22];
export const CONFIRMATIONS = 8;

/** A process that may be killed and started again. */
export interface Member {
  readonly name: string;
  readonly url: string;
  /** What it takes of memory now, in megabytes; 0 if it does not run. */
  memory(): number;
  /** Kills it as hard as `kill -9` does, if it runs. */
  kill(): Promise<void>;
  /** Starts it, unless it runs. It may end at once, if it is told to crash. */
  start(env?: Record<string, string>): Promise<void>;
}

/** Two relayers on one PostgreSQL, three attesters, and a chain behind a line that may be bad. */
export interface Cluster {
  readonly folder: string;
  readonly anvil: Anvil;
  readonly line: BadLine;
  readonly deployment: Deployment;
  readonly relayers: readonly Member[];
  readonly attesters: readonly Member[];
  readonly database: pg.Pool;
  restartDatabase(): Promise<void>;
  close(keepLogs: boolean): Promise<void>;
}

export async function startCluster(
  chance: Chance,
  say: (line: string) => void,
  settings: Record<string, string> = {},
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-chaos-"));
  mkdirSync(join(folder, "logs"));
  const anvil = await startAnvil("--block-time", "1", "--slots-in-an-epoch", "4");
  const line = await startBadLine(anvil.url, chance);
  const postgres = await startPostgres();
  const deploymentFile = join(folder, "deployment.json");
  const deployment = await deploy(localKey(DEPLOYER).connect(anvil.provider), "local", deploymentFile, () => {});
  const secrets = { RELAYER_SECRET: randomBytes(32).toString("hex"), ATTESTER_TOKEN: randomBytes(16).toString("hex") };
  const ports = await freePorts(2 + ATTESTERS.length);
  const urlOf = (i: number) => `http://127.0.0.1:${ports[i]}`;

  const attesters = ATTESTERS.map((account, i) =>
    member(`attester-${i}`, urlOf(2 + i), "attester/main.ts", {
      DATA_DIR: join(folder, `attester-${i}`),
      RPC_URL: anvil.url,
      DEPLOYMENT: deploymentFile,
      ATTESTER_PRIVATE_KEY: localKey(account).privateKey,
      ATTESTER_TOKEN: secrets.ATTESTER_TOKEN,
      CONFIRMATIONS: String(CONFIRMATIONS),
      PORT: String(ports[2 + i]),
    }),
  );
  const relayers = [0, 1].map((i) =>
    member(`relayer-${i}`, urlOf(i), "relayer/main.ts", {
      DATABASE_URL: postgres.url,
      RPC_URL: line.url,
      DEPLOYMENT: deploymentFile,
      RELAYER_PRIVATE_KEY: localKey(RELAYER).privateKey,
      ATTESTER_URLS: attesters.map(({ url }) => url).join(","),
      // One name for both, so that a session of one is good at the other.
      PUBLIC_URL: urlOf(0),
      PORT: String(ports[i]),
      CONFIRMATIONS: String(CONFIRMATIONS),
      BATCH_SECONDS: "1",
      BATCH_CONVERSIONS: "500",
      DEADLINE_SECONDS: "45",
      BUMP_SECONDS: "3",
      POLL_MILLISECONDS: "200",
      CHAIN_IDLE_SECONDS: "3",
      RATE_SIGN_IN: "0",
      RATE_ADDRESS: "0",
      RATE_SESSION: "0",
      RATE_KEY: "0",
      ...settings,
      ...secrets,
    }),
  );
  for (const i of attesters.keys()) await prepareDatabase(join(folder, `attester-${i}`), ATTESTER_MIGRATIONS);
  await Promise.all([...attesters, ...relayers].map((one) => one.start()));
  say(`logs: ${join(folder, "logs")}`);
  const database = new pg.Pool({ connectionString: postgres.url, max: 4 });
  database.on("error", () => {});

  function member(name: string, url: string, script: string, env: Record<string, string>): Member {
    let running: Running | undefined;
    return {
      name,
      url,
      memory() {
        if (running === undefined) return 0;
        const pid = readFileSync(join(folder, "logs", `${name}.pid`), "utf8");
        const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        return Number(kilobytes) / 1024;
      },
      async kill() {
        await running?.stop("SIGKILL");
        running = undefined;
      },
      async start(more = {}) {
        if (running !== undefined) return;
        // One that is told to crash may end before it is ready: that is what it is for.
        running = await start(name, [script], {
          env: { ...env, ...more },
          log: join(folder, "logs", `${name}.log`),
          ready: async () => (await fetch(`${url}/healthz`)).ok,
          cwd: ROOT,
        }).catch((error: unknown) => {
          say(`${name} did not start: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
          return undefined;
        });
        const mine = running;
        void mine?.ended.then(() => {
          if (running === mine) running = undefined;
        });
      },
    };
  }

  return {
    folder,
    anvil,
    line,
    deployment,
    relayers,
    attesters,
    database,
    restartDatabase: postgres.restart,
    async close(keepLogs) {
      await Promise.all([...relayers, ...attesters].map((one) => one.kill()));
      await database.end();
      await postgres.stop();
      line.close();
      anvil.stop();
      if (!keepLogs) rmSync(folder, { recursive: true, force: true });
    },
  };
}
