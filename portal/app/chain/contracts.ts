/** The contracts, and the connection they are read over. Imports ethers: only pages that are loaded lazily import this. */
import { type Interface, JsonRpcProvider } from "ethers";
import { IPartnerPrograms__factory } from "#typechain/factories/interfaces/IPartnerPrograms__factory.ts";
import { IPartnerProgramsLens__factory } from "#typechain/factories/interfaces/IPartnerProgramsLens__factory.ts";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import type { IPartnerProgramsLens } from "#typechain/interfaces/IPartnerProgramsLens.ts";
import { config } from "../config.ts";

let connection: JsonRpcProvider | undefined;

export function provider(): JsonRpcProvider {
  connection ??= new JsonRpcProvider(config().rpcUrl, config().chainId, { staticNetwork: true, cacheTimeout: -1 });
  return connection;
}

export const programsInterface = IPartnerPrograms__factory.createInterface() as unknown as Interface;
export const programs = (): IPartnerPrograms => IPartnerPrograms__factory.connect(config().programs, provider());
export const lens = (): IPartnerProgramsLens => IPartnerProgramsLens__factory.connect(config().lens, provider());

export const topicOf = (name: string) => programsInterface.getEvent(name)?.topicHash ?? "";
