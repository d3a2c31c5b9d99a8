/** The deployment file of a contract that a test deployed by itself. */
import type { Deployment } from "@partner-programs/protocol/deployments";

/** The deployment of a contract that a test deployed itself, on the local chain. It has no Lens: nobody asks for it there. */
export function deploymentOf(programs: string): Deployment {
  const contract = { address: programs, transaction: null, block: 0, constructorArguments: [] };
  return {
    network: "test",
    chainId: 31337,
    compiler: { version: "", settings: {} },
    commit: "",
    contracts: { PartnerPrograms: contract, PartnerProgramsLens: contract },
  };
}
