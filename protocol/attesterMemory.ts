/**
 * What an attester signed before, as it tells a relayer of it, and as either gives a batch back to the other when its database was
 * restored from an older backup. Asked for with the token of `/v1/attestations`: a batch names the brand's orders.
 */
import { z } from "zod";
import { type attestationRecord, MAX_ENTRIES, number, readBatchOf, seconds, writeAttestation } from "./attesterApi.ts";
import { bytes32 } from "./bytes32.ts";
import { writeNdjson } from "./ndjson.ts";
import { conversionTree, type PackedLeaf } from "./trees.ts";
import type { Attestation } from "./typedData.ts";

/** Attestations of one answer. */
export const MAX_SIGNED = 1_000;

/** An attestation that was signed, as far as its numbers go. */
export const signedAttestation = z
  .object({ digest: bytes32, firstConversion: number, conversions: z.int().min(1), deadline: seconds })
  .meta({ id: "SignedAttestation" });

export type SignedAttestation = z.output<typeof signedAttestation>;

export const memory = z
  .object({
    forgotten: z.array(bytes32).meta({
      description:
        "Attestations on the chain with its signature that its database does not know: it was restored from an older backup, and signs nothing for the campaign until it was given them.",
    }),
    signed: z.array(signedAttestation).max(MAX_SIGNED).meta({
      description: "What it signed from the number asked for on, by number and digest.",
    }),
    more: z
      .boolean()
      .meta({ description: "Whether there is more behind the last: ask from its number and digest on." }),
  })
  .meta({ id: "Memory" });

/** What an attester remembers of a campaign. */
export type Memory = z.output<typeof memory>;

/** From `from` on; `after`: behind the attestation with this digest, which has that number. */
export const memoryPath = (campaignId: string, from: bigint, after?: string): string =>
  `/v1/campaigns/${campaignId}/signed?from=${from}${after === undefined ? "" : `&after=${after}`}`;

/** Where a batch with its conversions is had, of the attesters that signed it and of the relayer that numbered it. */
export const rememberedPath = (digest: string): string => `/v1/attestations/${digest}`;

/** A conversion of a batch that was signed. What attesters signed before they kept salts they remember without: nobody can check it by its root. */
export const rememberedRecord = z
  .strictObject({
    number,
    key: bytes32,
    salt: bytes32.optional(),
    entries: z.array(bytes32).min(1).max(MAX_ENTRIES),
    order: z
      .strictObject({
        event: z.string().min(1).max(24),
        orderId: z.string().min(1).max(200),
        /** Missing of those that were signed before it was kept. */
        receivedAt: seconds.optional(),
      })
      .optional(),
  })
  .meta({ id: "RememberedConversion" });

export type RememberedConversion = z.output<typeof rememberedRecord>;

export interface RememberedBatch {
  readonly attestation: Attestation;
  readonly conversions: readonly RememberedConversion[];
}

/** The body of an answer: the attestation, and behind it its conversions. */
export async function* writeRemembered(
  attestation: Attestation,
  conversions: AsyncIterable<RememberedConversion>,
): AsyncGenerator<Uint8Array> {
  yield* writeNdjson(
    (async function* () {
      yield writeAttestation(attestation) satisfies z.input<typeof attestationRecord>;
      for await (const { number: its, ...rest } of conversions)
        yield { number: its.toString(), ...rest } satisfies z.input<typeof rememberedRecord>;
    })(),
  );
}

/** @throws UnreadableText */
export async function readRemembered(pieces: AsyncIterable<Uint8Array>): Promise<RememberedBatch> {
  return readBatchOf(rememberedRecord, pieces, async () => [] as RememberedConversion[]);
}

/**
 * Why these cannot be the conversions that were signed; undefined: they are as many, in their order, and where all have their salts they are
 * under the root that was signed.
 */
export function whyNotRemembered({ attestation, conversions }: RememberedBatch): string | undefined {
  const { firstConversion, conversionsRoot, conversions: count } = attestation;
  if (conversions.length !== count) return `it has ${count} conversions, and ${conversions.length} are given`;
  const wrong = conversions.findIndex((one, i) => one.number !== firstConversion + BigInt(i));
  if (wrong !== -1)
    return `conversion ${wrong} has number ${conversions[wrong]?.number} instead of ${firstConversion + BigInt(wrong)}`;
  const leaves = conversions.flatMap(({ salt, ...rest }): PackedLeaf[] =>
    salt === undefined ? [] : [{ ...rest, salt }],
  );
  if (leaves.length < count) return undefined;
  const { root } = conversionTree(leaves);
  return root === conversionsRoot ? undefined : `they have root ${root}, and ${conversionsRoot} was signed`;
}
