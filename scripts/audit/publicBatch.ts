/** Compares the public data of a batch with its attestation: every conversion in the root, every line the sum of its conversions. */
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { hexlify } from "ethers";
import { z } from "zod";
import type { Batch } from "./batch.ts";
import type { CheckName, Findings } from "./findings.ts";
import type { JsonItem } from "./jsonItems.ts";
import { KEY_BYTES, leafHash, lineIn, readPacked, rootOf, WORD } from "./packed.ts";
import type { Offer } from "./rules.ts";

const publicLine = z.object({ attested: bytes32 });
const publicLeaf = z.object({
  number: z.string().regex(/^\d{1,19}$/),
  key: bytes32,
  salt: bytes32,
  entries: z.array(bytes32),
});
export type PublicLeaf = z.infer<typeof publicLeaf>;

/** The lists of what GET /v1/batches/{digest} serves, or of a file saved of it, as they arrive. */
export type PublicBatch = AsyncIterable<JsonItem>;

/** Who serves something did not give it, or not all of it: of what it is nothing is known. */
export class NotGiven extends Error {
  override readonly name = "NotGiven";
}

/** What one of those who serve a batch gives of it. */
export interface GivenBatch {
  readonly source: string;
  readonly data: PublicBatch;
}

/** What is known from the batches before. */
export interface Known {
  readonly findings: Findings;
  readonly offers: ReadonlyMap<number, Offer>;
  /** Under which number a conversion key stands. */
  readonly numberOf: Map<string, bigint>;
}

/** Says that nobody serves a batch. */
export function notServed(findings: Findings, { digest, body }: Batch): void {
  findings.count("leaves", body.conversions);
  findings.count("lines", body.lineCount);
  findings.differ("leaves", `The public data of batch ${digest}, ${conversionsOf(body)}, is not served.`);
}

const conversionsOf = ({ firstConversion: first, conversions }: Batch["body"]) =>
  `conversions ${first} to ${first + BigInt(conversions) - 1n}`;

/**
 * @param lines of the batch, as they were signed, if they are known
 * @returns whether the conversions have the root that was signed
 */
export async function checkPublicBatch(
  known: Known,
  batch: Batch,
  lines: Uint8Array | undefined,
  { source, data }: GivenBatch,
  each: (leaf: PublicLeaf) => void = () => {},
): Promise<boolean> {
  const { findings } = known;
  findings.count("leaves", batch.body.conversions);
  findings.count("lines", batch.body.lineCount);
  const missing = (why: string) => {
    const of = `The public data of batch ${batch.digest}, ${conversionsOf(batch.body)}`;
    findings.differ("leaves", `${of}, as ${source} gives it, ${why}.`);
    return false;
  };
  const comparison = new Comparison(known, batch, lines, source);
  try {
    for await (const { item, ...of } of data) {
      if (!("list" in of)) continue;
      if (of.list === "lines") comparison.line(publicLine.parse(item).attested);
      if (of.list !== "leaves") continue;
      const leaf = publicLeaf.parse(item);
      comparison.leaf(leaf);
      each(leaf);
    }
  } catch (error) {
    if (error instanceof NotGiven) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : (error as Error).message;
    return missing(`cannot be read: ${why.slice(0, 300)}`);
  }
  return comparison.end();
}

/** One batch's data while it arrives: 32 bytes of each conversion are kept, and sums. */
class Comparison {
  readonly #known: Known;
  readonly #source: string;
  readonly #batch: Batch;
  readonly #lines: Uint8Array | undefined;
  /** Grows as conversions arrive: a batch can say that it has four billion. */
  #leaves = new Uint8Array(WORD);
  /** By offer and partner, as the first bytes of a line have them. */
  readonly #sums = new Map<string, { count: number; volumeUnits: bigint }>();
  #seenLines = 0;
  #otherLines = false;
  #seenLeaves = 0;
  #misnumbered = false;
  /** Under which numbers these conversions stand: known to the batches after it if they are proven. */
  readonly #numbers = new Map<string, bigint>();

  constructor(known: Known, batch: Batch, lines: Uint8Array | undefined, source: string) {
    this.#known = known;
    this.#source = source;
    this.#batch = batch;
    this.#lines = lines;
  }

  /** Of several who serve a batch one may lie. */
  #differ(name: CheckName, difference: string): void {
    this.#known.findings.differ(name, `${this.#source}: ${difference}`);
  }

  line(packed: string): void {
    const at = WORD * this.#seenLines++;
    if (this.#lines !== undefined && hexlify(this.#lines.subarray(at, at + WORD)) !== packed) this.#otherLines = true;
  }

  leaf({ number: text, key, salt, entries }: PublicLeaf): void {
    const { offers, numberOf } = this.#known;
    const { digest, body } = this.#batch;
    const [place, number] = [this.#seenLeaves++, BigInt(text)];
    const expected = body.firstConversion + BigInt(place);
    if (number !== expected && !this.#misnumbered) {
      this.#misnumbered = true;
      this.#differ("leaves", `Batch ${digest}: conversion ${place} has number ${number} instead of ${expected}.`);
    }
    const unpacked = entries.map(readPacked);
    if (place < body.conversions) {
      if (WORD * place === this.#leaves.length)
        this.#leaves = new Uint8Array(Buffer.concat([this.#leaves, this.#leaves]));
      this.#leaves.set(leafHash({ number, key, salt, entries }), WORD * place);
    }
    // Whoever is asked second gives the same.
    const before = numberOf.get(key) ?? this.#numbers.get(key) ?? number;
    this.#known.findings.count("keys");
    if (before !== number)
      this.#differ("keys", `Conversion key ${key} stands under number ${before} and under ${number}.`);
    if (!this.#numbers.has(key)) this.#numbers.set(key, number);
    for (const [i, { offerId, count, volumeUnits }] of unpacked.entries()) {
      const cap = offers.get(offerId)?.capUnits;
      if (count !== 1) this.#differ("offers", `Conversion ${number}: an entry counts ${count} times.`);
      if (cap !== undefined && volumeUnits > cap)
        this.#differ(
          "offers",
          `Conversion ${number}: volume ${volumeUnits} is above the cap of offer ${offerId}, ${cap}.`,
        );
      const of = (entries[i] as string).slice(2, 46);
      const sum = this.#sums.get(of) ?? { count: 0, volumeUnits: 0n };
      sum.count += count;
      sum.volumeUnits += volumeUnits;
      this.#sums.set(of, sum);
    }
  }

  end(): boolean {
    const { digest, body } = this.#batch;
    if (this.#seenLeaves !== body.conversions)
      this.#differ(
        "leaves",
        `Batch ${digest} has ${body.conversions} conversions on the chain, ${this.#seenLeaves} in the public data.`,
      );
    const proven =
      this.#seenLeaves === body.conversions &&
      rootOf(this.#leaves.subarray(0, WORD * body.conversions)) === body.conversionsRoot;
    const { numberOf } = this.#known;
    if (proven) for (const [key, number] of this.#numbers) if (!numberOf.has(key)) numberOf.set(key, number);
    if (!proven)
      this.#differ(
        "leaves",
        `Batch ${digest}: the conversions of the public data do not have the root ${body.conversionsRoot} that was signed: one was changed, left out or added, or the root was wrong from the beginning.`,
      );
    if (this.#otherLines || (this.#seenLines > 0 && this.#seenLines !== body.lineCount))
      this.#differ("lines", `Batch ${digest}: the lines of the public data are not those that were signed.`);
    this.#compareSums();
    return proven;
  }

  #compareSums(): void {
    const { digest, body } = this.#batch;
    const lines = this.#lines;
    if (lines === undefined) return;
    for (let i = 0; i < body.lineCount; i++) {
      const of = hexlify(lines.subarray(WORD * i, WORD * i + KEY_BYTES)).slice(2);
      const sum = this.#sums.get(of);
      const line = lineIn(lines, i);
      this.#sums.delete(of);
      if (sum?.count !== line.count || sum.volumeUnits !== line.volumeUnits)
        this.#differ(
          "lines",
          `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}: ${line.count} conversions and volume ${line.volumeUnits} were signed, ${sum?.count ?? 0} and ${sum?.volumeUnits ?? 0n} are those of the conversions.`,
        );
    }
    for (const of of this.#sums.keys())
      this.#differ(
        "lines",
        `Batch ${digest}: conversions of offer ${Number.parseInt(of.slice(0, 4), 16)} for 0x${of.slice(4)} are in no line.`,
      );
  }
}
