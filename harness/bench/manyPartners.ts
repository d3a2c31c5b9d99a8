/**
 * A batch of very many partners, from its conversions to their money, on this machine: how long the tree takes and a proof, what an
 * attester needs of memory and time to check and sign it, what attesting, releasing and pulling cost, and whether the audit
 * recounts it. The lines are not on the chain: they are read of the attester.
 *
 *   node harness/bench/manyPartners.ts [--partners 200000] [--chunks 4] [--pulls 5] [--check]
 *
 * `--check` fails if the attester or the audit needs 600 MB or more.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import { descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { packLine, sumToLines } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import { attestationTypedData, digestOf, programsDomain } from "@partner-programs/protocol/typedData";
import Table from "cli-table3";
import { type ContractTransactionResponse, getAddress, toBeHex, ZeroAddress } from "ethers";
import { connectAttesters, isSignature } from "#relayer/attesters/client.ts";
import { deploy } from "#scripts/deploy.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { startAnvil } from "../anvil.ts";
import { chainTime } from "../client.ts";
import { ATTESTER, DEPLOYER, FIRST_BRAND, localKey } from "../people.ts";
import { freePorts } from "../ports.ts";
import { startPostgres } from "../postgres.ts";
import { start } from "../processes.ts";
import { chance } from "../random.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const HOUR = 3_600;
const RATE = { flatAmount: 2_000_000n, rateBps: 1_000, capUnits: 10_000n };
const CAMPAIGN = { feeBps: 500, unitExponent: 4 };
const DESCRIPTION = "{}";
const MAX_MEGABYTES = 600;
const PROOFS = 10_000;

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

/** Does something and notes how long it took. */
async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  table.push([what, `${((performance.now() - began) / 1000).toFixed(1)} s`]);
  return result;
}

/** The most memory that a process ever took, in megabytes. */
function peak(pid: string): number {
  const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

const conversionOf = (i: number, receivedAt: number): ShownConversion => ({
  number: BigInt(i + 1),
  key: toBeHex(BigInt(i) * 2n + 1n, 32),
  salt: toBeHex(BigInt(i) * 2n + 2n, 32),
  entries: [
    {
      offerId: 1,
      partner: getAddress(toBeHex(0xa11ce_0000_0000n + BigInt(i) * 7_919n, 20)),
      count: 1,
      volumeUnits: BigInt(1 + (i % 9_999)),
    },
  ],
  order: { event: "sale", orderId: `order-${i}`, volume: "100", receivedAt },
});

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-many-"));
  mkdirSync(join(folder, "data", "descriptions"), { recursive: true });
  const anvil = await startAnvil();
  const ending: (() => unknown)[] = [() => anvil.stop(), () => rmSync(folder, { recursive: true, force: true })];
  try {
    await measure(folder, anvil, ending);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function measure(folder: string, anvil: Awaited<ReturnType<typeof startAnvil>>, ending: (() => unknown)[]) {
  const { provider } = anvil;
  const deploymentFile = join(folder, "deployment.json");
  const deployment = await deploy(localKey(DEPLOYER).connect(provider), "local", deploymentFile, () => {});
  const brand = localKey(FIRST_BRAND).connect(provider);
  const programs = PartnerPrograms__factory.connect(deployment.contracts.PartnerPrograms.address, brand);
  const gas = async (what: string, sending: Promise<ContractTransactionResponse>) => {
    const receipt = await (await sending).wait();
    table.push([what, `${Number(receipt?.gasUsed ?? 0n).toLocaleString("en")} gas`]);
  };
  const campaignId = await openCampaign(programs, brand);
  await anvil.rpc("anvil_mine", "0x2", toBeHex(HOUR));

  const now = await chainTime(provider);
  const conversions = Array.from({ length: partners }, (_, i) => conversionOf(i, now - 10));
  const lines = sumToLines(conversions.flatMap(({ entries }) => entries));
  const period = { periodFrom: now - 60, periodTo: now };
  const offer = { ...RATE, validFrom: 0, validTo: Number.MAX_SAFE_INTEGER };
  const tree = await timed(`tree over ${partners.toLocaleString("en")} lines`, () =>
    treeOf(lines, new Map([[1, offer]]), CAMPAIGN, period),
  );
  const conversionsRoot = await timed("tree over its conversions", () => conversionTree(conversions).root);
  const began = performance.now();
  for (let i = 0; i < PROOFS; i++) tree.proof(luck.below(partners));
  table.push(["proofs", `${Math.round(PROOFS / (performance.now() - began))} a millisecond`]);

  const attestation = {
    campaignId,
    firstConversion: 1n,
    conversions: partners,
    ...period,
    deadline: now + 6 * HOUR,
    conversionsRoot,
    linesRoot: tree.root,
    lineCount: tree.count,
    total: tree.total,
  };
  // The database of an attester that takes such batches is a process of its own; the embedded one alone takes a gigabyte.
  const postgres = await startPostgres();
  ending.push(() => postgres.stop());
  const attester = await startAttester(folder, anvil.url, deploymentFile, postgres.url);
  ending.push(() => attester.stop());
  const batch = { attestation, lines, conversions };
  const members = [localKey(ATTESTER).address];
  const [opinion] = await timed("the attester checks it", () => attester.client.check(members, batch));
  if (opinion !== undefined) throw new Error(`The attester would refuse: ${opinion.reason}`);
  const [answer] = await timed("and signs it", () => attester.client.attest(members, batch));
  if (answer === undefined || !isSignature(answer)) throw new Error(`The attester refuses: ${answer?.reason}`);
  const attesterMegabytes = attester.peak();
  table.push(["the attester's memory at most", `${attesterMegabytes} MB`]);

  await gas("attest", programs.attest(attestation, [], [{ attester: 0, signature: answer.signature }]));
  await anvil.rpc("anvil_mine", "0x2", toBeHex(HOUR));
  for (let i = 0; i < Math.min(chunks, Math.ceil(partners / 256)); i++) {
    const { first, path, lines } = tree.chunk(256 * i);
    await gas(`release ${lines.length} lines from ${first}`, programs.release(attestation, first, path, [...lines]));
  }
  for (let i = 0; i < pulls; i++) {
    const index = 256 * chunks + luck.below(Math.max(1, partners - 256 * chunks));
    await gas(`pull line ${index.toLocaleString("en")}`, programs.pull([attestation], [tree.proof(index)]));
  }

  const digest = digestOf(
    programsDomain(deployment.chainId, await programs.getAddress()),
    attestationTypedData(attestation),
  );
  writePublicData(join(folder, "data"), digest, conversions);
  const auditMegabytes = await timed("the audit recounts it", () =>
    audit([
      "--campaign",
      campaignId,
      "--rpc",
      anvil.url,
      "--deployment",
      deploymentFile,
      "--data",
      join(folder, "data"),
      "--attester",
      attester.url,
    ]),
  );
  table.push(["the audit's memory at most", `${auditMegabytes} MB`]);
  console.log(table.toString());
  if (values.check && Math.max(attesterMegabytes, auditMegabytes) >= MAX_MEGABYTES)
    throw new Error(`More than ${MAX_MEGABYTES} MB of memory.`);
}

type Programs = ReturnType<typeof PartnerPrograms__factory.connect>;
type Wallet = ReturnType<ReturnType<typeof localKey>["connect"]>;

async function openCampaign(programs: Programs, brand: Wallet): Promise<string> {
  const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  const budget = 15_000_000n * BigInt(partners);
  await (await dollar.mint(brand.address, budget)).wait();
  await (await dollar.approve(programs, budget)).wait();
  const given = {
    salt: toBeHex(1, 32),
    terms: {
      token: await dollar.getAddress(),
      holdSeconds: 60,
      noticeSeconds: 24 * HOUR,
      ...CAMPAIGN,
      linesOnChain: false,
      operator: localKey(DEPLOYER).address,
      openKinds: 1n,
    },
    offers: [
      {
        ...RATE,
        kind: 0,
        validFrom: 0,
        validTo: 0,
        eventName: encodeEventName("sale"),
        lockedUntil: 0,
        partner: ZeroAddress,
      },
    ],
    attesters: [localKey(ATTESTER).address],
    threshold: 1,
    dailyLimit: NO_LIMIT,
    descriptionHash: descriptionHash(DESCRIPTION),
    descriptionUri: "",
  };
  const campaignId = await programs.createCampaign.staticCall(given);
  await (await programs.createCampaign(given)).wait();
  await (await programs.fund(campaignId, budget)).wait();
  return campaignId;
}

async function startAttester(folder: string, rpcUrl: string, deploymentFile: string, databaseUrl: string) {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const token = "the attester's token";
  const running = await start("attester", ["attester/main.ts"], {
    env: {
      DATABASE_URL: databaseUrl,
      RPC_URL: rpcUrl,
      DEPLOYMENT: deploymentFile,
      ATTESTER_PRIVATE_KEY: localKey(ATTESTER).privateKey,
      ATTESTER_TOKEN: token,
      CONFIRMATIONS: "0",
      PORT: String(port),
    },
    log: join(folder, "attester.log"),
    ready: async () => (await fetch(`${url}/healthz`)).ok,
    cwd: ROOT,
  });
  const pid = readFileSync(join(folder, "attester.pid"), "utf8");
  return { url, client: connectAttesters([url], token), stop: () => running.stop(), peak: () => peak(pid) };
}

/** What a relayer serves of the batch, as `npm run audit -- --data` reads it. */
function writePublicData(folder: string, digest: string, conversions: readonly ShownConversion[]): void {
  const leaves = conversions.map(({ number, key, salt, entries }) =>
    JSON.stringify({ number: String(number), key, salt, entries: entries.map(packLine) }),
  );
  writeFileSync(join(folder, `${digest}.json`), `{"leaves":[${leaves.join(",")}]}`);
  writeFileSync(join(folder, "descriptions", `${descriptionHash(DESCRIPTION)}.json`), DESCRIPTION);
}

/** @returns the most memory that it took, in megabytes @throws Error if it finds anything */
async function audit(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ["scripts/audit.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
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
