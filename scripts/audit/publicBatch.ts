/** Compares the public data of a batch with its attestation: every conversion in the root, every line the sum of its conversions. */
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { LINE_BYTES, LINE_KEY_BYTES, unpackLine } from "@partner-programs/protocol/line";
import { conversionLeaf, treeOfLeaves } from "@partner-programs/protocol/trees";
import { getBytes, hexlify } from "ethers";
import { z } from "zod";
import { type Batch, lineIn } from "./batch.ts";
import type { Findings } from "./findings.ts";
import type { JsonItem } from "./jsonItems.ts";
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

/** What is known from the batches before. */
export interface Known {
  readonly findings: Findings;
  readonly offers: ReadonlyMap<number, Offer>;
  /** Under which number a conversion key stands. */
  readonly numberOf: Map<string, bigint>;
}

/**
 * @param data undefined: nobody serves it
 * @param lines of the batch, as they were signed, if they are known
 * @returns whether the conversions have the root that was signed
 */
export async function checkPublicBatch(
  known: Known,
  batch: Batch,
  lines: Uint8Array | undefined,
  data: PublicBatch | undefined,
  each: (leaf: PublicLeaf) => void = () => {},
): Promise<boolean> {
  const { findings } = known;
  const { firstConversion: first, conversions } = batch.body;
  findings.count("leaves", conversions);
  findings.count("lines", batch.body.lineCount);
  const missing = (why: string) => {
    const which = `conversions ${first} to ${first + BigInt(conversions) - 1n}`;
    findings.differ("leaves", `The public data of batch ${batch.digest}, ${which}, ${why}.`);
    return false;
  };
  if (data === undefined) return missing("is not served");
  const comparison = new Comparison(known, batch, lines);
  try {
    for await (const { list, item } of data) {
      if (list === "lines") comparison.line(publicLine.parse(item).attested);
      if (list !== "leaves") continue;
      const leaf = publicLeaf.parse(item);
      comparison.leaf(leaf);
      each(leaf);
    }
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : (error as Error).message;
    return missing(`cannot be read: ${why.slice(0, 300)}`);
  }
  return comparison.end();
}

/** One batch's data while it arrives: 32 bytes of each conversion are kept, and sums. */
class Comparison {
  readonly #known: Known;
  readonly #batch: Batch;
  readonly #lines: Uint8Array | undefined;
  readonly #leaves: Uint8Array;
  /** By offer and partner, as the first bytes of a line have them. */
  readonly #sums = new Map<string, { count: number; volumeUnits: bigint }>();
  #seenLines = 0;
  #otherLines = false;
  #seenLeaves = 0;
  #misnumbered = false;

  constructor(known: Known, batch: Batch, lines: Uint8Array | undefined) {
    this.#known = known;
    this.#batch = batch;
    this.#lines = lines;
    this.#leaves = new Uint8Array(32 * batch.body.conversions);
  }

  line(packed: string): void {
    const at = LINE_BYTES * this.#seenLines++;
    if (this.#lines !== undefined && hexlify(this.#lines.subarray(at, at + LINE_BYTES)) !== packed)
      this.#otherLines = true;
  }

  leaf({ number: text, key, salt, entries }: PublicLeaf): void {
    const { findings, offers, numberOf } = this.#known;
    const { digest, body } = this.#batch;
    const [place, number] = [this.#seenLeaves++, BigInt(text)];
    const expected = body.firstConversion + BigInt(place);
    if (number !== expected && !this.#misnumbered) {
      this.#misnumbered = true;
      findings.differ("leaves", `Batch ${digest}: conversion ${place} has number ${number} instead of ${expected}.`);
    }
    const unpacked = entries.map(unpackLine);
    if (place < body.conversions)
      this.#leaves.set(getBytes(conversionLeaf({ number, key, salt, entries })), 32 * place);
    const before = numberOf.get(key);
    findings.expect(
      "keys",
      before === undefined,
      () => `Conversion key ${key} stands under number ${before} and under ${number}.`,
    );
    if (before === undefined) numberOf.set(key, number);
    for (const [i, { offerId, count, volumeUnits }] of unpacked.entries()) {
      const cap = offers.get(offerId)?.capUnits;
      if (count !== 1) findings.differ("offers", `Conversion ${number}: an entry counts ${count} times.`);
      if (cap !== undefined && volumeUnits > cap)
        findings.differ(
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
    const { findings } = this.#known;
    const { digest, body } = this.#batch;
    if (this.#seenLeaves !== body.conversions)
      findings.differ(
        "leaves",
        `Batch ${digest} has ${body.conversions} conversions on the chain, ${this.#seenLeaves} in the public data.`,
      );
    const proven = this.#seenLeaves === body.conversions && treeOfLeaves(this.#leaves).root === body.conversionsRoot;
    if (!proven)
      findings.differ(
        "leaves",
        `Batch ${digest}: the conversions of the public data do not have the root ${body.conversionsRoot} that was signed: one was changed, left out or added, or the root was wrong from the beginning.`,
      );
    if (this.#otherLines || (this.#seenLines > 0 && this.#seenLines !== body.lineCount))
      findings.differ("lines", `Batch ${digest}: the lines of the public data are not those that were signed.`);
    this.#compareSums();
    return proven;
  }

  #compareSums(): void {
    const { findings } = this.#known;
    const { digest, body } = this.#batch;
    const lines = this.#lines;
    if (lines === undefined) return;
    for (let i = 0; i < body.lineCount; i++) {
      const of = hexlify(lines.subarray(LINE_BYTES * i, LINE_BYTES * i + LINE_KEY_BYTES)).slice(2);
      const sum = this.#sums.get(of);
      const line = lineIn(lines, i);
      this.#sums.delete(of);
      if (sum?.count !== line.count || sum.volumeUnits !== line.volumeUnits)
        findings.differ(
          "lines",
          `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}: ${line.count} conversions and volume ${line.volumeUnits} were signed, ${sum?.count ?? 0} and ${sum?.volumeUnits ?? 0n} are those of the conversions.`,
        );
    }
    for (const of of this.#sums.keys())
      findings.differ(
        "lines",
        `Batch ${digest}: conversions of offer ${Number.parseInt(of.slice(0, 4), 16)} for 0x${of.slice(4)} are in no line.`,
      );
  }
}
