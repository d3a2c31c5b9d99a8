/**
 * Shows explorers the source of what `scripts/deploy.ts` deployed: with the compiler's own input anyone can see that the code
 * at the address is the code of this repository. Running it again changes nothing.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { verifyContract } from "@nomicfoundation/hardhat-verify/verify";
import type { Deployment } from "@partner-programs/protocol/deployments";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { readDeployment } from "#service/deployments.ts";
import config from "../hardhat.config.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export const EXPLORERS = ["sourcify", "blockscout", "etherscan"] as const;
export type Explorer = (typeof EXPLORERS)[number];

/** Those that need no key, and Etherscan if there is one. */
const usualExplorers = (): Explorer[] =>
  process.env.ETHERSCAN_API_KEY === undefined ? ["sourcify", "blockscout"] : ["sourcify", "blockscout", "etherscan"];

/** Where each contract's source is. */
const SOURCES: Record<keyof Deployment["contracts"], string> = {
  PartnerPrograms: "contracts/PartnerPrograms.sol:PartnerPrograms",
  PartnerProgramsLens: "contracts/PartnerProgramsLens.sol:PartnerProgramsLens",
  Funding: "contracts/periphery/Funding.sol:Funding",
};

/**
 * Verifies every contract of `deployment` at each of `explorers`. One that fails does not keep the others from trying.
 * @throws Error that tells all that failed
 */
export async function verify(
  deployment: Deployment,
  explorers: readonly Explorer[] = usualExplorers(),
  say: (line: string) => void = console.log,
): Promise<void> {
  const hre = await createHardhatRuntimeEnvironment(config, { network: deployment.network }, ROOT);
  const failures: string[] = [];
  for (const explorer of explorers) {
    for (const [name, { address, constructorArguments, transaction }] of Object.entries(deployment.contracts)) {
      try {
        await verifyContract(
          {
            address,
            constructorArgs: constructorArguments,
            contract: SOURCES[name as keyof typeof SOURCES],
            provider: explorer,
            ...(explorer === "sourcify" && transaction !== null ? { creationTxHash: transaction } : {}),
          },
          hre,
        );
        say(`${explorer}: ${name} at ${address} is verified`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        failures.push(`${explorer}: ${name} at ${address}: ${why}`);
        say(`${explorer}: ${name} is NOT verified: ${why}`);
      }
    }
  }
  if (failures.length > 0)
    throw new Error(`Not verified:\n  ${failures.join("\n  ")}\nRun npm run verify to try these again.`);
}

const HELP = `npm run verify -- --network <name> [--explorer <name> …] [--deployment <file>]

Verifies the contracts of deployments/<name>.json at explorers, so that anyone can read their source there.

  --network <name>   as for npm run deploy; <NAME>_RPC_URL from Hardhat's keystore or the environment
  --explorer <name>  ${EXPLORERS.join(", ")}; may be given several times. Default: sourcify and blockscout, which need no
                     key, and etherscan if ETHERSCAN_API_KEY is set
  --deployment <f>   where npm run deploy wrote what it did; default: deployments/<name>.json
  --help             this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      explorer: { type: "string", multiple: true },
      deployment: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (values.network === undefined) throw new Error(`Name a network: --network <name>.\n\n${HELP}`);
  const unknown = values.explorer?.find((name) => !EXPLORERS.some((explorer) => explorer === name));
  if (unknown !== undefined) throw new Error(`There is no explorer "${unknown}". Name one of ${EXPLORERS.join(", ")}.`);
  const deployment = readDeployment(resolve(ROOT, values.deployment ?? `deployments/${values.network}.json`));
  await verify(deployment, values.explorer as Explorer[] | undefined, console.log);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
