import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`));

const deployedContract = z.object({
  address: hex(20),
  /** Unknown (null) where somebody else had deployed it before. */
  transaction: hex(32).nullable(),
  block: z.int(),
  constructorArguments: z.array(z.unknown()),
});

/** What scripts/deploy.ts writes to deployments/<network>.json. */
export const deployment = z.object({
  network: z.string(),
  chainId: z.int(),
  compiler: z.object({ version: z.string(), settings: z.record(z.string(), z.unknown()) }),
  commit: z.string(),
  contracts: z.object({ PartnerPrograms: deployedContract, PartnerProgramsLens: deployedContract }),
});

export type Deployment = z.infer<typeof deployment>;

/** Reads a deployment file. @throws Error that names the file and what to do, if it is missing or malformed. */
export function readDeployment(file: string): Deployment {
  if (!existsSync(file))
    throw new Error(`There is no deployment file ${file}. Run \`npm run deploy -- --network <name>\` first.`);
  const parsed = deployment.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} is not a deployment file: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
