/** What is handed to the contract to settle lines, as the API gives it. */
import { z } from "@hono/zod-openapi";
import { faultReason, type Reason } from "@partner-programs/protocol/reasons";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { amount, bytes32 } from "./schemas.ts";

export const attestation = z
  .object({
    campaignId: bytes32,
    firstConversion: z.string(),
    conversions: z.int(),
    periodFrom: z.int(),
    periodTo: z.int(),
    deadline: z.int(),
    conversionsRoot: bytes32,
    linesRoot: bytes32,
    lineCount: z.int(),
    total: amount,
  })
  .openapi("Attestation", { description: "A batch as it was signed, and as every operation on it takes it." });

export const lineProof = z
  .object({
    index: z.int(),
    line: bytes32,
    path: z
      .string()
      .openapi({ description: "The siblings on the way to the root, from the leaf up: 48 bytes each, hash and sum." }),
  })
  .openapi("LineProof");

export function toAttestationBody({ firstConversion, total, ...rest }: Attestation): z.output<typeof attestation> {
  return { ...rest, firstConversion: String(firstConversion), total: String(total) } as z.output<typeof attestation>;
}

/** Why a line was refused; null: it was not. */
export const reasonOfFault = (fault: number | null): Reason | null => (fault === null ? null : faultReason(fault));
