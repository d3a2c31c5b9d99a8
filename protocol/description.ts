import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { DECIMAL } from "./amount.ts";

/**
 * The campaign's published description: everything that binds the parties and that the chain does not enforce. Its content
 * hash is on-chain (`DescriptionAnnounced`), so neither the brand nor a relayer can change it unseen.
 */
export const campaignDescription = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(120),
  summary: z.string().max(2_000),
  /** Where invite links lead. */
  destination: z.url({ protocol: /^https?$/ }),
  attribution: z.strictObject({
    /** Which invite counts when a customer came by several: the first or the last. */
    touch: z.enum(["first", "last"]),
    /** An invite counts for a conversion within so many seconds of the click. */
    windowSeconds: z
      .int()
      .min(1)
      .max(366 * 86_400),
    /** Once converted, a customer stays bound to its partner for so many seconds; null: for life. 0: not at all. */
    bindingSeconds: z.int().min(0).nullable(),
  }),
  events: z
    .array(
      z.strictObject({
        /** As in the campaign's offers: printable ASCII, at most 24 characters. */
        name: z.string().regex(/^[\x21-\x7e]{1,24}$/),
        title: z.string().max(200),
        /** How often one customer counts; null: every time. */
        perCustomer: z.int().min(1).nullable(),
        /** A decimal number of whole tokens; conversions of less volume do not count. */
        minimumVolume: z.string().regex(DECIMAL).optional(),
      }),
    )
    .min(1)
    .max(64),
  /** What the brand wants to reach, and expects of each kind of partner. */
  objectives: z.array(z.string().max(500)).max(20).default([]),
  expectations: z.record(z.string().max(40), z.string().max(1_000)).default({}),
});

export type CampaignDescription = z.infer<typeof campaignDescription>;

/** The content hash of a description: keccak256 of its bytes as published (not of a re-serialisation). */
export function descriptionHash(text: string): string {
  return keccak256(toUtf8Bytes(text));
}
