/**
 * What a relayer asks of an attester over HTTP, and what it is answered: one schema for each, which the attester parses with and
 * the relayer writes and reads by. `/v1/checks` (what would it do?), `/v1/attestations` and `/v1/reversals` (sign!).
 */
import { z } from "zod";
import { DECIMAL } from "./amount.ts";
import { bytes32 } from "./bytes32.ts";
import { MAX_LINES } from "./limits.ts";
import { packLine, unpackLine } from "./line.ts";
import { time } from "./time.ts";
import type { ConversionLeaf } from "./trees.ts";
import type { Attestation, Reversal } from "./typedData.ts";

/** 512 lines and 100,000 conversions or so. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
export const MAX_CONVERSIONS = 100_000;

const seconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const line = bytes32.transform(unpackLine).meta({ type: "string", description: "A packed line." });
const number = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n, "must be below 2^63")
  .meta({ type: "string" });

const order = z
  .strictObject({
    event: z.string().min(1).max(24),
    orderId: z.string().min(1).max(200),
    volume: z.string().regex(DECIMAL, "must be a decimal number of whole tokens, such as 49.90"),
    occurredAt: time.optional(),
    receivedAt: time,
  })
  .meta({
    description: "The order as the brand reported it. It goes from the relayer to its attesters, and no further.",
  });

// ---------------------------------------------------------------------------------------------- what is asked

export const attestationRequest = z
  .strictObject({
    attestation: z.strictObject({
      campaignId: bytes32,
      firstConversion: number,
      conversions: z
        .int()
        .min(1)
        .max(2 ** 32 - 1),
      periodFrom: seconds,
      periodTo: seconds,
      deadline: seconds,
      conversionsRoot: bytes32,
      lines: z.array(line).min(1).max(MAX_LINES),
    }),
    conversions: z
      .array(
        z.strictObject({
          number,
          key: bytes32,
          salt: bytes32,
          entries: z.array(line).min(1).max(16),
          order: order.optional(),
        }),
      )
      .min(1)
      .max(MAX_CONVERSIONS),
  })
  .meta({ id: "AttestationRequest" });

export const reversalRequest = z
  .strictObject({
    campaignId: bytes32,
    attestation: bytes32,
    targets: z.array(line).min(1).max(MAX_LINES),
    reasonHash: bytes32,
    conversions: z
      .array(z.strictObject({ key: bytes32 }))
      .max(MAX_CONVERSIONS)
      .default([])
      .meta({ description: "The conversions that are taken back." }),
  })
  .meta({ id: "ReversalRequest" });

/** An order as the brand reported it. Times are Unix seconds. */
export type Order = z.output<typeof order>;

/** A conversion as an attester gets it: its leaf, and the order behind it. */
export interface GivenConversion extends ConversionLeaf {
  readonly order?: Order | undefined;
}

/** A conversion as a relayer gives it. */
export interface ShownConversion extends ConversionLeaf {
  readonly order?: z.input<typeof order> | undefined;
}

/** The body of `/v1/checks` and `/v1/attestations`. */
export function writeAttestationRequest(
  attestation: Attestation,
  conversions: readonly ShownConversion[],
): z.input<typeof attestationRequest> {
  return {
    attestation: {
      ...attestation,
      firstConversion: attestation.firstConversion.toString(),
      lines: attestation.lines.map(packLine),
    },
    conversions: conversions.map(({ number, entries, ...rest }) => ({
      ...rest,
      number: number.toString(),
      entries: entries.map(packLine),
    })),
  };
}

/** The body of `/v1/reversals`. `keys`: the conversions that are taken back. */
export function writeReversalRequest(reversal: Reversal, keys: readonly string[]): z.input<typeof reversalRequest> {
  return { ...reversal, targets: reversal.targets.map(packLine), conversions: keys.map((key) => ({ key })) };
}

// -------------------------------------------------------------------------------------------- what is answered

/** Why an attester does not sign. */
export interface Refusal {
  readonly reason: string;
  /** The same request may be answered otherwise later. */
  readonly transient: boolean;
  /** The conversions that the reason is about, and without which it would sign; none: it is about the whole. */
  readonly conversions: readonly { readonly number: bigint; readonly reason: string }[];
}

export const refusal = z
  .object({
    reason: z.string(),
    transient: z.boolean().meta({ description: "The same request may be granted later." }),
    conversions: z
      .array(
        z.object({
          number: z
            .string()
            .regex(/^\d{1,20}$/)
            .transform(BigInt)
            .meta({ type: "string" }),
          reason: z.string(),
        }),
      )
      .meta({ description: "The conversions that the reason is about; none: it is about the whole batch." }),
  })
  .meta({ id: "Refusal" });

/** What an attester would do. */
export const opinion = z
  .union([z.object({ ok: z.literal(true) }), z.intersection(refusal, z.object({ ok: z.literal(false) }))])
  .meta({ id: "Opinion" });

export const signature = z.object({ signature: z.string() }).meta({ id: "Signature" });

/** A refusal as it is answered. */
export function writeRefusal({ reason, transient, conversions }: Refusal) {
  const named = conversions.map((one) => ({ number: one.number.toString(), reason: one.reason }));
  return { reason, transient, conversions: named } satisfies z.input<typeof refusal>;
}
