/**
 * What a relayer asks of an attester over HTTP, and what it is answered: one schema for each, which the attester parses with and
 * the relayer writes and reads by. `/v1/checks` (what would it do?) and `/v1/attestations` (sign!) take a batch, one JSON value a
 * line: first the attestation, then its conversions. Lines are not sent: they are the sums of the conversions. `/v1/reversals` takes
 * JSON. `/v1/batches/{digest}/lines` gives everybody the lines that were signed, 32 bytes each.
 */
import { z } from "zod";
import { DECIMAL } from "./amount.ts";
import { bytes32 } from "./bytes32.ts";
import { judgedHistory, saidAttributes } from "./conditions.ts";
import { MAX_LINES, packLine, unpackLine } from "./line.ts";
import { MAX_TOTAL } from "./lineTree.ts";
import { readNdjson, UnreadableText, writeNdjson } from "./ndjson.ts";
import { convertedSale } from "./rates.ts";
import { time } from "./time.ts";
import type { ConversionLeaf, PackedLeaf } from "./trees.ts";
import type { Attestation, Reversal } from "./typedData.ts";

/** So many conversions an attester takes in one batch: what it holds of them in memory, and looks up, is bounded by this. */
export const MAX_CONVERSIONS = 200_000;
/** Lines of one conversion. */
export const MAX_ENTRIES = 16;
/** And of all conversions of a batch together. */
export const MAX_BATCH_ENTRIES = 2 * MAX_CONVERSIONS;
/** Lines that one reversal lowers. */
export const MAX_TARGETS = 512;
/** Of a batch: more than the most conversions and entries come to. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024;
/** Of one conversion: its entries, and an order of the longest id and attributes, each character of them escaped. */
export const MAX_RECORD_BYTES = 24 * 1024;
/** Of a reversal: the most keys and targets. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Unix seconds, as the contract holds them. */
export const seconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const line = bytes32.transform(unpackLine).meta({ type: "string", description: "A packed line." });
/** A conversion's number. */
export const number = z
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
    attributes: saidAttributes.optional(),
    history: judgedHistory.optional(),
    sale: convertedSale.optional().meta({ description: "Of a sale in its own currency, what it was converted from." }),
  })
  .meta({
    description: "The order as the brand reported it. It goes from the relayer to its attesters, and no further.",
  });

// ---------------------------------------------------------------------------------------------- what is asked

/** The first line of a batch: what is to be signed. */
export const attestationRecord = z
  .strictObject({
    campaignId: bytes32,
    firstConversion: number,
    conversions: z.int().min(1).max(MAX_CONVERSIONS),
    periodFrom: seconds,
    periodTo: seconds,
    deadline: seconds,
    conversionsRoot: bytes32,
    linesRoot: bytes32,
    lineCount: z.int().min(1).max(MAX_LINES),
    total: z
      .string()
      .regex(/^\d{1,39}$/, "must be a number of base units, as text")
      .transform(BigInt)
      .refine((value) => value <= MAX_TOTAL, "must be below 2^128")
      .meta({ type: "string" }),
  })
  .meta({ id: "AttestationRecord" });

/** Each line behind it: a conversion, in the order of their numbers. */
export const conversionRecord = z
  .strictObject({
    number,
    key: bytes32,
    salt: bytes32,
    entries: z.array(line).min(1).max(MAX_ENTRIES),
    order: order.optional(),
  })
  .meta({ id: "ConversionRecord" });

export const reversalRequest = z
  .strictObject({
    campaignId: bytes32,
    attestation: bytes32,
    targets: z.array(line).min(1).max(MAX_TARGETS),
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
export type ShownConversion = (ConversionLeaf | PackedLeaf) & { readonly order?: z.input<typeof order> | undefined };

/** A batch as a relayer has it: its conversions are read once for each attester that is asked, and need not be in memory. */
export interface BatchToSign {
  readonly attestation: Attestation;
  readonly conversions: Iterable<ShownConversion> | AsyncIterable<ShownConversion>;
}

/** A batch as an attester gets it: its conversions are held as whoever reads them wants. */
export interface GivenBatch<Conversions = readonly GivenConversion[]> {
  readonly attestation: Attestation;
  readonly conversions: Conversions;
}

/** The body of `/v1/checks` and `/v1/attestations`, in pieces to send one after the other. */
export function writeBatch(batch: BatchToSign): AsyncGenerator<Uint8Array> {
  return writeNdjson(records(batch));
}

async function* records({ attestation, conversions }: BatchToSign) {
  yield writeAttestation(attestation);
  for await (const { number, key, salt, entries, order } of conversions) {
    const packed = packEntries(entries);
    yield { number: number.toString(), key, salt, entries: packed, order } satisfies z.input<typeof conversionRecord>;
  }
}

/** The first line of a batch. */
export function writeAttestation(attestation: Attestation): z.input<typeof attestationRecord> {
  return {
    // One by one: a batch that knows its lines as well is sent as the same.
    campaignId: attestation.campaignId,
    firstConversion: attestation.firstConversion.toString(),
    conversions: attestation.conversions,
    periodFrom: attestation.periodFrom,
    periodTo: attestation.periodTo,
    deadline: attestation.deadline,
    conversionsRoot: attestation.conversionsRoot,
    linesRoot: attestation.linesRoot,
    lineCount: attestation.lineCount,
    total: attestation.total.toString(),
  };
}

/** Entries as they are sent: packed, whether they came so or not. */
export const packEntries = (entries: ShownConversion["entries"]): string[] =>
  entries.map((entry) => (typeof entry === "string" ? entry : packLine(entry)));

/** Where conversions are put as they are read. */
interface Holder<Conversion> {
  readonly length: number;
  push(conversion: Conversion): void;
}

/**
 * A batch that arrives in pieces. `begin` is asked, once it is known how many conversions there are and before they are read, for
 * what holds them.
 * @throws UnreadableText that names the line and says what is wrong with it
 */
export function readBatch<Conversions extends Holder<GivenConversion>>(
  pieces: AsyncIterable<Uint8Array>,
  begin: (attestation: Attestation) => Promise<Conversions>,
): Promise<GivenBatch<Conversions>> {
  return readBatchOf(conversionRecord, pieces, begin);
}

/** The same, where the lines behind the attestation are as `record` says. */
export async function readBatchOf<
  Conversion extends { readonly entries: readonly unknown[] },
  Conversions extends Holder<Conversion>,
>(
  record: z.ZodType<Conversion>,
  pieces: AsyncIterable<Uint8Array>,
  begin: (attestation: Attestation) => Promise<Conversions>,
): Promise<GivenBatch<Conversions>> {
  let batch: GivenBatch<Conversions> | undefined;
  let entries = 0;
  for await (const { line, value } of readNdjson(pieces, { lineBytes: MAX_RECORD_BYTES, bytes: MAX_BATCH_BYTES })) {
    if (batch === undefined) {
      const attestation = parseRecord(attestationRecord, value, line);
      batch = { attestation, conversions: await begin(attestation) };
      continue;
    }
    const { attestation, conversions } = batch;
    if (conversions.length === attestation.conversions)
      throw new UnreadableText(
        `The attestation says ${attestation.conversions} conversions; line ${line} is one more.`,
      );
    const conversion = parseRecord(record, value, line);
    entries += conversion.entries.length;
    if (entries > MAX_BATCH_ENTRIES)
      throw new UnreadableText(
        `The conversions up to line ${line} have ${entries} entries, a batch has at most ${MAX_BATCH_ENTRIES}. Make it smaller.`,
        true,
      );
    conversions.push(conversion);
  }
  if (batch === undefined) throw new UnreadableText("The body is empty: its first line is the attestation.");
  return batch;
}

function parseRecord<T extends z.ZodType>(schema: T, value: unknown, line: number): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = z.prettifyError(parsed.error).replaceAll("\n", " ").slice(0, 2_000);
  throw new UnreadableText(`Line ${line}: ${what}`);
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

/** Where everybody reads the lines of a batch: of the attesters that signed it, and of the relayer that carries it. */
export const linesPath = (digest: string): string => `/v1/batches/${digest}/lines`;
