/** The deployment file of contracts that a test deployed by itself. */
import type { Deployment } from "@partner-programs/protocol/deployments";
import type { Signer } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";

/** The deployment of contracts that a test deployed itself, on the local chain. It has no Funding: nobody asks for it there. */
export function deploymentOf(programs: string, lens: string): Deployment {
  const contract = { address: programs, transaction: null, block: 0, constructorArguments: [] };
  return {
    network: "test",
    chainId: 31337,
    compiler: { version: "", settings: {} },
    commit: "",
    contracts: { PartnerPrograms: contract, PartnerProgramsLens: { ...contract, address: lens }, Funding: contract },
  };
}

/** Deploys both contracts on the local chain. */
export async function deployContracts(
  deployer: Signer,
): Promise<{ programs: PartnerPrograms; lens: PartnerProgramsLens; deployment: Deployment }> {
  const deployed = await new PartnerPrograms__factory(deployer).deploy();
  const address = await deployed.getAddress();
  const lens = await new PartnerProgramsLens__factory(deployer).deploy(address);
  return {
    programs: PartnerPrograms__factory.connect(address, deployer),
    lens,
    deployment: deploymentOf(address, await lens.getAddress()),
  };
}
