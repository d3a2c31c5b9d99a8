/** A deployment file, for what reads one and asks no chain. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "@partner-programs/protocol/deployments";
import { getAddress, id } from "ethers";

/** Writes deployment.json into `folder`. @returns its path */
export function writeDeploymentFile(folder: string): string {
  const contract = (name: string) => ({
    address: getAddress(id(name).slice(0, 42)),
    transaction: null,
    block: 1,
    constructorArguments: [],
  });
  const deployment: Deployment = {
    network: "base",
    chainId: 8453,
    compiler: { version: "0.8.37", settings: {} },
    commit: "unknown",
    contracts: {
      PartnerPrograms: contract("PartnerPrograms"),
      PartnerProgramsLens: contract("PartnerProgramsLens"),
      Funding: contract("Funding"),
    },
  };
  const file = join(folder, "deployment.json");
  writeFileSync(file, JSON.stringify(deployment));
  return file;
}
