/** Writes protocol/abi.ts, the ABI of the contracts as viem's types want it, from what the compiler wrote. An item, a line. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const ROOT = new URL("../../", import.meta.url);
const CONTRACTS = {
  partnerProgramsAbi: "PartnerPrograms",
  partnerProgramsLensAbi: "PartnerProgramsLens",
  fundingAbi: "periphery/Funding",
};

const HEADER = `/**
 * The ABI of PartnerPrograms, of its Lens and of Funding, \`as const\`: viem's and abitype's types are made of it.
 * Written by scripts/packages/abi.ts from the build: not edited, but built again.
 */
`;

const constants = Object.entries(CONTRACTS).map(([name, contract]) => {
  const artifact = new URL(`artifacts/contracts/${contract}.sol/${basename(contract)}.json`, ROOT);
  const { abi } = JSON.parse(readFileSync(artifact, "utf8")) as { abi: unknown[] };
  return `export const ${name} = [\n${abi.map((item) => `  ${JSON.stringify(item)},\n`).join("")}] as const;\n`;
});
const file = new URL("protocol/abi.ts", ROOT);
const text = [HEADER, ...constants].join("\n");
if (readFileSync(file, { encoding: "utf8", flag: "a+" }) !== text) writeFileSync(file, text);
