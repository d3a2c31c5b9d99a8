/** A network of hardhat.config.ts for a command line: opened, or all that its configuration lacks said at once. */
import { isHexString, type Provider, type Signer } from "ethers";
import { readDeployment } from "#service/deployments.ts";

export interface OpenNetwork {
  readonly signer: Signer;
  readonly provider: Provider;
}

/** Where a command line's settings come from. */
const WHERE = "in the environment, or by `npx hardhat keystore set";

/**
 * Connects to `name` with its first account. `deployment`: the file that the command needs as well.
 * @throws Error that names every variable and file that is wrong or missing
 */
export async function openNetwork(name: string, deployment?: string): Promise<OpenNetwork> {
  const { default: hre, network } = await import("hardhat");
  const config = hre.config.networks[name];
  const faults: string[] = [];
  if (config === undefined) {
    const known = Object.keys(hre.config.networks).filter((one) => !["default", "chain", "node"].includes(one));
    faults.push(`--network is "${name}", which hardhat.config.ts does not have. Name one of ${known.join(", ")}.`);
  } else if (config.type === "http") {
    faults.push(...(await urlFaults(name, config.url)), ...(await accountFaults(config.accounts)));
  }
  if (deployment !== undefined) faults.push(...deploymentFaults(deployment));
  if (faults.length > 0) throw new Error(`This cannot begin:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  const { ethers } = await network.connect(name);
  const [signer] = await ethers.getSigners();
  if (signer === undefined) throw new Error(`Network ${name} has no account. Set DEPLOYER_PRIVATE_KEY.`);
  return { signer: signer as unknown as Signer, provider: ethers.provider };
}

/** `BASE_RPC_URL` of base, `BASE_SEPOLIA_RPC_URL` of baseSepolia. */
const variableOf = (name: string) => `${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_RPC_URL`;

async function urlFaults(name: string, url: { getUrl(): Promise<string> }): Promise<string[]> {
  const variable = variableOf(name);
  const found = await read(() => url.getUrl());
  if (found.value !== undefined) return [];
  // Not the value: providers put their keys into it.
  return found.missing
    ? [`${variable} is not set. Set it to the URL of a node of ${name}, ${WHERE} ${variable}\`.`]
    : [`${variable} (not shown) is no URL. It must begin with http:// or https://.`];
}

async function accountFaults(accounts: unknown): Promise<string[]> {
  if (!Array.isArray(accounts)) return [];
  const found = await read(() => (accounts[0] as { get(): Promise<string> }).get());
  if (found.missing)
    return [
      `DEPLOYER_PRIVATE_KEY is not set. Set it to the key of the account that sends, ${WHERE} DEPLOYER_PRIVATE_KEY\`.`,
    ];
  return isHexString(found.value, 32) ? [] : ["DEPLOYER_PRIVATE_KEY (not shown) must be 0x and 64 hexadecimal digits."];
}

/** Hardhat throws for a variable that is nowhere, and for a value that does not fit. */
async function read(get: () => Promise<string>): Promise<{ value?: string; missing: boolean }> {
  try {
    return { value: await get(), missing: false };
  } catch (error) {
    return { missing: /not found/.test((error as Error).message) };
  }
}

function deploymentFaults(file: string): string[] {
  try {
    readDeployment(file);
    return [];
  } catch (error) {
    return [(error as Error).message.replaceAll("\n", " ")];
  }
}
