import { z } from "@hono/zod-openapi";
import { getAddress, isAddress } from "ethers";

export const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 lower-case hexadecimal digits");
export const address = z
  .string()
  .refine((value) => isAddress(value), "must be an address: 0x and 40 hexadecimal digits")
  .transform((value) => getAddress(value))
  .openapi({ type: "string", pattern: "^0x[0-9a-fA-F]{40}$" });
/** Amounts travel as decimal strings of base units: JSON numbers would lose digits. */
export const amount = z.string().regex(/^\d+$/).openapi({ description: "Base units of the campaign's token." });
export const campaignParameter = z.object({ campaignId: bytes32 });
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});
