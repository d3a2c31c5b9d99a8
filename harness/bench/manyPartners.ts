/**
 * A batch of very many partners, from its accepted conversions to their money, through a relayer and an attester that are processes
 * of their own: how long each step takes, what it costs, and how much memory both need at most; whether the relayer answers all the
 * while, and whether the audit recounts it. The lines are not on the chain: relayer and attester are who has them.
 *
 *   node harness/bench/manyPartners.ts [--partners 200000] [--chunks 4] [--pulls 5] [--check]
 *
 * `--check` fails if the relayer or the attester needs 600 MB or more, the audit 800 MB, or if the tree takes 10 s. Linux alone.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { worthOfLineDown } from "@partner-programs/protocol/commission";
import { type LineProof, LineTree } from "@partner-programs/protocol/lineTree";
import type { Attestation } from "@partner-programs/protocol/typedData";
import Table from "cli-table3";
import pg from "pg";
import { deploy } from "#scripts/deploy.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { startAnvil } from "../anvil.ts";
import { endWithUs } from "../children.ts";
import { ATTESTER, DEPLOYER, FIRST_BRAND, FIRST_PARTNER, localKey, RELAYER } from "../people.ts";
import { freePorts } from "../ports.ts";
import { startPostgres } from "../postgres.ts";
import { start } from "../processes.ts";
import { chance, pause } from "../random.ts";
import { CAMPAIGN, conversionsOf, insertConversions, openCampaign, RATE } from "./manyConversions.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TOKEN = "the attester's own token";
const MAX_MEGABYTES = 600;
/** It holds what both know: what was signed, and what is shown. */
const MAX_AUDIT_MEGABYTES = 800;
const MAX_TREE_SECONDS = 10;
const PROOFS = 10_000;
/** A whole batch takes minutes on a machine that does other things as well. */
const PATIENCE_MILLISECONDS = 1_800_000;

const { values } = parseArgs({
  options: {
    partners: { type: "string", default: "200000" },
    chunks: { type: "string", default: "4" },
    pulls: { type: "string", default: "5" },
    check: { type: "boolean", default: false },
  },
});
const [partners, chunks, pulls] = [Number(values.partners), Number(values.chunks), Number(values.pulls)];
const luck = chance(2026);
const table = new Table({
  head: ["", ""],
  colAligns: ["left", "right"],
  style: { head: [], border: [], compact: true },
});
const note = (what: string, how: string) => {
  table.push([what, how]);
  console.log(`${what}: ${how}`);
};
const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
const inGas = (gas: unknown) => `${Number(gas).toLocaleString("en")} gas`;

/** The most memory that a process ever took, in megabytes. */
function peak(pid: string): number {
  const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-many-"));
  const ending: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const treeSeconds = measureTree();
    await measure(folder, ending);
    if (treeSeconds >= MAX_TREE_SECONDS && values.check) throw new Error(`The tree takes ${treeSeconds} s.`);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** @returns how many seconds it takes */
function measureTree(): number {
  const offer = { ...RATE, validFrom: 0, validTo: Number.MAX_SAFE_INTEGER };
  const period = { periodFrom: 0, periodTo: 1 };
  const lines = [...conversionsOf(partners)].map(({ line }) => line);
  const began = performance.now();
  const tree = LineTree.of(lines.map((line) => ({ line, worth: worthOfLineDown(line, offer, CAMPAIGN, period) })));
  const built = performance.now() - began;
  note(`tree over ${partners.toLocaleString("en")} lines`, inSeconds(built));
  const from = performance.now();
  for (let i = 0; i < PROOFS; i++) tree.proof(luck.below(partners));
  note("proofs of it", `${Math.round(PROOFS / (performance.now() - from))} a millisecond`);
  return built / 1000;
}

async function measure(folder: string, ending: (() => unknown)[]): Promise<void> {
  const anvil = await startAnvil();
  ending.push(() => anvil.stop());
  const { provider } = anvil;
  const deploymentFile = join(folder, "deployment.json");
  const deployment = await deploy(localKey(DEPLOYER).connect(provider), "local", deploymentFile, () => {});
  const brand = localKey(FIRST_BRAND).connect(provider);
  const programs = PartnerPrograms__factory.connect(deployment.contracts.PartnerPrograms.address, brand);
  const campaignId = await openCampaign(programs, brand, partners);
  // The chain's time goes with the clock from here on.
  await anvil.rpc("evm_setIntervalMining", 1);

  // The embedded database would count to the processes' own memory.
  const postgres = await startPostgres();
  ending.push(() => postgres.stop());
  const database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  ending.push(() => database.end());
  await database.query("CREATE DATABASE attester");
  const attester = await startProcess(folder, "attester", {
    DATABASE_URL: postgres.url.replace(/relayer$/, "attester"),
    RPC_URL: anvil.url,
    DEPLOYMENT: deploymentFile,
    ATTESTER_PRIVATE_KEY: localKey(ATTESTER).privateKey,
    ATTESTER_TOKEN: TOKEN,
    CONFIRMATIONS: "0",
  });
  ending.push(() => attester.stop());
  const relayer = await startProcess(folder, "relayer", {
    DATABASE_URL: postgres.url,
    RPC_URL: anvil.url,
    DEPLOYMENT: deploymentFile,
    RELAYER_PRIVATE_KEY: localKey(RELAYER).privateKey,
    RELAYER_SECRET: "a secret of the bench that is long enough",
    ATTESTER_URLS: attester.url,
    ATTESTER_TOKEN: TOKEN,
    PUBLIC_URL: "http://127.0.0.1",
    CONFIRMATIONS: "0",
    BATCH_CONVERSIONS: String(partners),
    BATCH_SECONDS: "86400",
    // Nobody else is at this campaign.
    RATE_ADDRESS: "0",
  });
  ending.push(() => relayer.stop());
  /** The one answer to a question to the relayer's database, once there is one. */
  const until = async <Row extends pg.QueryResultRow>(sql: string, ...parameters: unknown[]): Promise<Row> => {
    for (const end = Date.now() + PATIENCE_MILLISECONDS; ; await pause(100)) {
      const { rows } = await database.query<Row>(sql, parameters);
      if (rows[0] !== undefined) return rows[0];
      if (Date.now() > end) throw new Error(`After ${inSeconds(PATIENCE_MILLISECONDS)} there is still none: ${sql}`);
    }
  };
  await until("SELECT 1 FROM offers WHERE campaign_id = $1", campaignId);
  note(
    "load of the machine",
    loadavg()
      .map((one) => one.toFixed(1))
      .join(" "),
  );
  const idle = [relayer.peak(), attester.peak()];

  const watching = watchAnswers(relayer.url);
  const accepted = await insertConversions(database, campaignId, partners);
  const began = Date.now();
  let last = began;
  const step = (what: string) => {
    note(what, inSeconds(Date.now() - last));
    note("  memory until then", `relayer ${relayer.peak()} MB, attester ${attester.peak()} MB`);
    last = Date.now();
  };
  const { digest } = await until<{ digest: string }>("SELECT digest FROM batches WHERE campaign_id = $1", campaignId);
  step("the relayer numbers the conversions");
  await until("SELECT 1 FROM batches WHERE digest = $1 AND state <> 'built'", digest);
  step("it and the attester rehearse the batch, which the attester derives again");
  await until("SELECT 1 FROM batches WHERE digest = $1 AND state NOT IN ('built', 'asked')", digest);
  step("the attester signs it");
  await until("SELECT 1 FROM batches WHERE digest = $1 AND state IN ('attested', 'released')", digest);
  step("the relayer attests it and hears of it");
  note("from accepted to attested", inSeconds(Date.now() - accepted));
  const asked = Math.min(chunks, Math.ceil(partners / 256));
  await until(
    "SELECT 1 FROM (SELECT count(*) FROM transactions WHERE purpose LIKE 'release:%' AND state = 'mined') AS t WHERE count >= $1",
    asked,
  );
  step(`${asked} chunks are released, after a hold of 60 s`);
  for (const [what, purpose] of [
    ["attest", "attest:%"],
    ["release 256 lines", "release:%"],
  ] as const) {
    const { gas } = await until<{ gas: bigint }>(
      "SELECT max(gas_used) AS gas FROM transactions WHERE purpose LIKE $1",
      purpose,
    );
    note(what, inGas(gas));
  }
  await pullSome(relayer.url, digest, localKey(FIRST_PARTNER).connect(provider), programs);
  note("the relayer was silent for at most", inSeconds(await watching()));
  note("the relayer's memory at most", `${relayer.peak()} MB (${idle[0]} MB before)`);
  note("the attester's memory at most", `${attester.peak()} MB (${idle[1]} MB before)`);
  const most = [relayer.peak(), attester.peak()];

  const auditing = Date.now();
  const audited = await audit([
    ...["--campaign", campaignId, "--rpc", anvil.url, "--deployment", deploymentFile],
    ...["--relayer", relayer.url, "--attester", attester.url],
  ]);
  note("the audit recounts it", inSeconds(Date.now() - auditing));
  note("the audit's memory at most", `${audited} MB`);
  console.log(table.toString());
  if (values.check && Math.max(...most) >= MAX_MEGABYTES) throw new Error(`More than ${MAX_MEGABYTES} MB of memory.`);
  if (values.check && audited >= MAX_AUDIT_MEGABYTES)
    throw new Error(`The audit takes more than ${MAX_AUDIT_MEGABYTES} MB of memory.`);
}

/** Partners far behind what is released settle their lines by themselves, with proofs of the relayer. */
async function pullSome(url: string, digest: string, partner: Signer, programs: Programs): Promise<void> {
  const taken: number[] = [];
  const gas: bigint[] = [];
  for (let i = 0; i < pulls; i++) {
    const index = partners - 1 - luck.below(Math.ceil(partners / 4));
    const began = performance.now();
    const response = await fetch(new URL(`/v1/batches/${digest}/lines/${index}`, url));
    const { attestation, proof, state } = (await response.json()) as Proof;
    taken.push(performance.now() - began);
    if (state !== "pullable") continue;
    const receipt = await (await programs.connect(partner).pull([attestation], [proof])).wait();
    gas.push(receipt?.gasUsed ?? 0n);
  }
  note("proofs of the relayer, in milliseconds", taken.map((one) => one.toFixed(0)).join(" "));
  note(`pull, ${gas.length} times`, inGas(gas.reduce((most, one) => (one > most ? one : most), 0n)));
}

type Programs = ReturnType<typeof PartnerPrograms__factory.connect>;
type Signer = ReturnType<ReturnType<typeof localKey>["connect"]>;
interface Proof {
  readonly attestation: Attestation;
  readonly proof: LineProof;
  readonly state: string;
}

/** Asks again and again whether it is there. @returns what ends that, and tells the longest that it took to answer, in milliseconds */
function watchAnswers(url: string): () => Promise<number> {
  let [watching, most] = [true, 0];
  const asking = (async () => {
    while (watching) {
      const began = performance.now();
      // One that does not answer at all does not answer for as long as it does not.
      await fetch(new URL("/healthz", url)).then(
        (response) => response.text(),
        () => {},
      );
      most = Math.max(most, performance.now() - began);
      await pause(50);
    }
  })();
  return async () => {
    watching = false;
    await asking;
    return most;
  };
}

async function startProcess(folder: string, name: "relayer" | "attester", env: Record<string, string>) {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const running = await start(name, [`${name}/main.ts`], {
    env: { ...env, PORT: String(port) },
    log: join(folder, `${name}.log`),
    ready: async () => (await fetch(`${url}/healthz`)).ok,
    cwd: ROOT,
  });
  const pid = readFileSync(join(folder, `${name}.pid`), "utf8");
  return { url, stop: () => running.stop(), peak: () => peak(pid) };
}

/** @returns the most memory that it took, in megabytes @throws Error if it finds anything */
async function audit(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ["scripts/audit.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithUs(child);
  let [output, most] = ["", 0];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const watch = setInterval(() => {
    try {
      most = Math.max(most, peak(String(child.pid)));
    } catch {
      // It has just ended.
      clearInterval(watch);
    }
  }, 100);
  const code = await new Promise((ended) => child.once("close", ended));
  clearInterval(watch);
  if (code !== 0) throw new Error(`The audit ends with ${code}:\n${output}`);
  return most;
}

await main();
process.exit();
