/** The contracts, and the connection they are read over. Imports ethers: only pages that are loaded lazily import this. */
import { FetchRequest, Interface, JsonRpcProvider } from "ethers";
import { IFunding__factory } from "#typechain/factories/interfaces/IFunding__factory.ts";
import { IPartnerPrograms__factory } from "#typechain/factories/interfaces/IPartnerPrograms__factory.ts";
import { IPartnerProgramsLens__factory } from "#typechain/factories/interfaces/IPartnerProgramsLens__factory.ts";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import type { IPartnerProgramsLens } from "#typechain/interfaces/IPartnerProgramsLens.ts";
import { config } from "../config.ts";

let connection: JsonRpcProvider | undefined;

/** A node that takes longer is not there: ethers' own patience is five minutes. */
const ANSWERS_WITHIN_MS = 20_000;

export function provider(): JsonRpcProvider {
  if (connection === undefined || connection.destroyed) {
    const node = new FetchRequest(config().rpcUrl);
    node.timeout = ANSWERS_WITHIN_MS;
    connection = new JsonRpcProvider(node, config().chainId, { staticNetwork: true, cacheTimeout: -1 });
  }
  return connection;
}

export const programsInterface = IPartnerPrograms__factory.createInterface() as unknown as Interface;
export const programs = (): IPartnerPrograms => IPartnerPrograms__factory.connect(config().programs, provider());
export const lens = (): IPartnerProgramsLens => IPartnerProgramsLens__factory.connect(config().lens, provider());

/** Of the contract that funds by a signature, with the errors of what it calls. */
export const fundingInterface = new Interface([
  ...IFunding__factory.abi,
  "error InvalidNonce()",
  "error InvalidSigner()",
  "error InvalidContractSignature()",
  "error SignatureExpired(uint256 signatureDeadline)",
  "error ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore)",
  "error ERC3009UsedAuthorization(address authorizer, bytes32 nonce)",
  "error ERC3009InvalidSignature()",
]);

/** Whether it is a contract, or an account that is run by one. */
export const hasCode = async (address: string): Promise<boolean> => (await provider().getCode(address)) !== "0x";

export const topicOf = (name: string) => programsInterface.getEvent(name)?.topicHash ?? "";
