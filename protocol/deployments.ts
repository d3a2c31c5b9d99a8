/** What `npm run deploy` writes down of a network: which contracts are where, and how they were built. */
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
  contracts: z.object({
    PartnerPrograms: deployedContract,
    PartnerProgramsLens: deployedContract,
    Funding: deployedContract,
  }),
});

export type Deployment = z.infer<typeof deployment>;
