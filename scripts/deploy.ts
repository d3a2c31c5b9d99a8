/**
 * Deploys PartnerPrograms, its Lens and Funding, the same address on every chain, and writes deployments/<network>.json.
 * Running it again changes nothing: what is there already is found, not deployed a second time.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Deployment } from "@partner-programs/protocol/deployments";
import {
  AbiCoder,
  type ContractTransactionResponse,
  concat,
  getCreate2Address,
  id,
  keccak256,
  type Provider,
  type Signer,
} from "ethers";
import { readDeployment } from "#service/deployments.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";
import { openNetwork } from "./network.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The deterministic deployment proxy (github.com/Arachnid/deterministic-deployment-proxy), at this address on nearly every
 * chain: called with a salt and init code, it deploys by CREATE2. Where it is missing anyone can put it there with the
 * transaction below, which was signed by nobody's key and so gives the same address everywhere.
 */
const PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const PROXY_TRANSACTION =
  "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222";
const PROXY_DEPLOYER = "0x3fAB184622Dc19b6109349B94811493BF2a45362";
const PROXY_DEPLOYER_COST = 10n ** 16n;

const SALT = id("partner-programs v1");

const programsCode = PartnerPrograms__factory.bytecode;
/** The address of PartnerPrograms on every chain, of the Lens over it, and of Funding. */
export const programsAddress = getCreate2Address(PROXY, SALT, keccak256(programsCode));
/** The others take its address, and nothing else. */
const overPrograms = (bytecode: string) =>
  concat([bytecode, AbiCoder.defaultAbiCoder().encode(["address"], [programsAddress])]);
const lensCode = overPrograms(PartnerProgramsLens__factory.bytecode);
export const lensAddress = getCreate2Address(PROXY, SALT, keccak256(lensCode));
const fundingCode = overPrograms(Funding__factory.bytecode);
export const fundingAddress = getCreate2Address(PROXY, SALT, keccak256(fundingCode));

/** Deploys what is missing on the signer's chain and writes `file`. */
export async function deploy(
  signer: Signer,
  network: string,
  file: string,
  say: (line: string) => void,
): Promise<Deployment> {
  const provider = signer.provider;
  if (provider === null) throw new Error("The signer is not connected to a chain.");
  const chainId = Number((await provider.getNetwork()).chainId);
  await ensureProxy(signer, provider, say);
  const known = readKnown(file, chainId);
  const programs = await deployOne(
    "PartnerPrograms",
    programsAddress,
    programsCode,
    [],
    known?.contracts.PartnerPrograms,
  );
  const lens = await deployOne(
    "PartnerProgramsLens",
    lensAddress,
    lensCode,
    [programsAddress],
    known?.contracts.PartnerProgramsLens,
  );
  const funding = await deployOne("Funding", fundingAddress, fundingCode, [programsAddress], known?.contracts.Funding);
  const deployed: Deployment = {
    network,
    chainId,
    compiler: readCompiler(),
    commit:
      known !== undefined && known.contracts.PartnerPrograms.address === programsAddress ? known.commit : readCommit(),
    contracts: { PartnerPrograms: programs, PartnerProgramsLens: lens, Funding: funding },
  };
  mkdirSync(dirname(file), { recursive: true });
  // Whole or not at all: a reader never sees half a file.
  writeFileSync(`${file}.new`, `${JSON.stringify(deployed, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  say(`wrote ${file}`);
  return deployed;

  async function deployOne(
    name: string,
    address: string,
    code: string,
    constructorArguments: unknown[],
    before: Deployment["contracts"]["PartnerPrograms"] | undefined,
  ) {
    if ((await (provider as Provider).getCode(address)) !== "0x") {
      say(`${name} is at ${address} already`);
      if (before?.address === address) return before;
      return {
        address,
        transaction: null,
        block: await firstBlockWithCode(provider as Provider, address),
        constructorArguments,
      };
    }
    const sent = (await signer.sendTransaction({
      to: PROXY,
      data: concat([SALT, code]),
    })) as ContractTransactionResponse;
    say(`${name}: sent ${sent.hash}`);
    const receipt = await sent.wait();
    if (receipt === null || (await (provider as Provider).getCode(address)) === "0x")
      throw new Error(`${name} did not arrive at ${address}. Transaction: ${sent.hash}.`);
    say(`${name} is at ${address}, ${receipt.gasUsed} gas`);
    return { address, transaction: sent.hash, block: receipt.blockNumber, constructorArguments };
  }
}

async function ensureProxy(signer: Signer, provider: Provider, say: (line: string) => void): Promise<void> {
  if ((await provider.getCode(PROXY)) !== "0x") return;
  say("the deterministic deployment proxy is not on this chain; putting it there");
  const missing = PROXY_DEPLOYER_COST - (await provider.getBalance(PROXY_DEPLOYER));
  if (missing > 0n) await (await signer.sendTransaction({ to: PROXY_DEPLOYER, value: missing })).wait();
  const sent = await provider.broadcastTransaction(PROXY_TRANSACTION);
  await sent.wait();
}

function readKnown(file: string, chainId: number): Deployment | undefined {
  try {
    const known = readDeployment(file);
    return known.chainId === chainId ? known : undefined;
  } catch {
    return undefined;
  }
}

/** Where an indexer has to begin, when somebody else deployed: found by bisection. */
async function firstBlockWithCode(provider: Provider, address: string): Promise<number> {
  let [without, having] = [-1, await provider.getBlockNumber()];
  while (having - without > 1) {
    const middle = Math.floor((without + having) / 2);
    if ((await provider.getCode(address, middle)) === "0x") without = middle;
    else having = middle;
  }
  return having;
}

function readCompiler(): Deployment["compiler"] {
  const artifact = JSON.parse(
    readFileSync(resolve(ROOT, "artifacts/contracts/PartnerPrograms.sol/PartnerPrograms.json"), "utf8"),
  );
  if (artifact.bytecode !== programsCode)
    throw new Error("artifacts/ and typechain-types/ are of different builds. Run `npm run build`.");
  const folder = resolve(ROOT, "artifacts/build-info");
  const file = readdirSync(folder).find((name) => name === `${artifact.buildInfoId}.json`);
  if (file === undefined) throw new Error(`There is no build info ${artifact.buildInfoId}. Run \`npm run build\`.`);
  const { solcLongVersion, input } = JSON.parse(readFileSync(resolve(folder, file), "utf8"));
  const { outputSelection: _, ...settings } = input.settings;
  return { version: solcLongVersion, settings };
}

function readCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown (not a git checkout)";
  }
}

const HELP = `npm run deploy -- --network <name> [--dry-run] [--verify]

Deploys PartnerPrograms, PartnerProgramsLens and Funding to a network of hardhat.config.ts and writes deployments/<name>.json.
The RPC URL and the deployer's key come from Hardhat's keystore or the environment: <NAME>_RPC_URL, DEPLOYER_PRIVATE_KEY.

  --network <name>  mainnet, sepolia, base, baseSepolia, arbitrum, arbitrumSepolia, optimism, optimismSepolia, polygon,
                    polygonAmoy, or local
  --dry-run         prints the addresses and what it would cost, and sends nothing
  --verify          then verifies the source at explorers, as \`npm run verify\` does
  --help            this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      "dry-run": { type: "boolean" },
      verify: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (values.network === undefined) throw new Error(`Name a network: --network <name>.\n\n${HELP}`);
  const { signer, provider } = await openNetwork(values.network);
  if (values["dry-run"]) return dryRun(signer, provider);
  const file = resolve(ROOT, `deployments/${values.network}.json`);
  const deployment = await deploy(signer, values.network, file, console.log);
  // Asked for only: the explorers' plugin is large.
  if (values.verify) await (await import("./verify.ts")).verify(deployment);
  else console.log(`To show its source at explorers: npm run verify -- --network ${values.network}`);
}

async function dryRun(signer: Signer, provider: Provider): Promise<void> {
  const { gasPrice } = await provider.getFeeData();
  let gas = 0n;
  for (const [name, address, code] of [
    ["PartnerPrograms", programsAddress, programsCode],
    ["PartnerProgramsLens", lensAddress, lensCode],
    ["Funding", fundingAddress, fundingCode],
  ] as const) {
    const there = (await provider.getCode(address)) !== "0x";
    console.log(`${name}: ${address}${there ? " (there already)" : ""}`);
    if (!there)
      gas += await provider.estimateGas({ from: await signer.getAddress(), to: PROXY, data: concat([SALT, code]) });
  }
  const { formatEther } = await import("ethers");
  console.log(`deployer: ${await signer.getAddress()}, ${formatEther(await provider.getBalance(signer))} coins`);
  console.log(`cost: ${gas} gas at ${gasPrice ?? "?"} wei, ${formatEther(gas * (gasPrice ?? 0n))} coins`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
