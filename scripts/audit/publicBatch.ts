/** Compares the public data of a batch with its attestation: every conversion in the root, every line the sum of its conversions. */
import { type Line, lineKey, packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { type ConversionLeaf, conversionTree } from "@partner-programs/protocol/trees";
import type { Findings } from "./findings.ts";
import type { AttestedBatch, Offer } from "./replay.ts";

/** The public data of a batch: what GET /v1/batches/{digest} serves, or a file saved of it. */
export interface PublicBatch {
  readonly lines?: readonly { readonly attested: string; readonly current: string }[] | undefined;
  readonly leaves: readonly {
    readonly number: string;
    readonly key: string;
    readonly salt: string;
    readonly entries: readonly string[];
  }[];
}

/** What is known from the batches before. */
interface Known {
  readonly findings: Findings;
  readonly offers: ReadonlyMap<number, Offer>;
  /** Under which number a conversion key stands. */
  readonly numberOf: Map<string, bigint>;
}

/** `data` undefined: nobody serves it; a text: why it cannot be read. @returns whether the conversions have the root that was signed */
export function checkPublicBatch(
  known: Known,
  attested: AttestedBatch,
  data: PublicBatch | string | undefined,
): boolean {
  const { findings } = known;
  const { batch: digest, first, conversions, lines } = attested;
  findings.count("leaves", conversions);
  findings.count("lines", lines.length);
  if (data === undefined || typeof data === "string") {
    const why = data === undefined ? "is not served" : `cannot be read: ${data}`;
    const which = `conversions ${first} to ${first + BigInt(conversions) - 1n}`;
    findings.differ("leaves", `The public data of batch ${digest}, ${which}, ${why}.`);
    return false;
  }
  const leaves = data.leaves.map(({ number, entries, ...rest }) => ({
    ...rest,
    number: BigInt(number),
    entries: entries.map(unpackLine),
  }));
  const proven = checkLeaves(findings, attested, leaves);
  checkLines(findings, attested, sumToLines(leaves.flatMap(({ entries }) => entries)));
  if (data.lines !== undefined && data.lines.map(({ attested }) => attested).join() !== lines.map(packLine).join())
    findings.differ("lines", `Batch ${digest}: the lines of the public data are not those on the chain.`);
  for (const leaf of leaves) checkLeaf(known, leaf);
  return proven;
}

function checkLeaves(
  findings: Findings,
  { batch: digest, root, first, conversions }: AttestedBatch,
  leaves: readonly ConversionLeaf[],
): boolean {
  if (leaves.length !== conversions)
    findings.differ(
      "leaves",
      `Batch ${digest} has ${conversions} conversions on the chain, ${leaves.length} in the public data.`,
    );
  const wrong = leaves.findIndex(({ number }, i) => number !== first + BigInt(i));
  if (wrong >= 0) {
    const number = leaves[wrong]?.number;
    const expected = first + BigInt(wrong);
    findings.differ("leaves", `Batch ${digest}: conversion ${wrong} has number ${number} instead of ${expected}.`);
  }
  const proven = leaves.length > 0 && conversionTree(leaves).root === root;
  if (!proven)
    findings.differ(
      "leaves",
      `Batch ${digest}: the conversions of the public data do not have the root ${root} that was signed: one was changed, left out or added, or the root was wrong from the beginning.`,
    );
  return proven;
}

function checkLines(findings: Findings, { batch: digest, lines }: AttestedBatch, summed: readonly Line[]): void {
  const sums = new Map(summed.map((line) => [lineKey(line), line]));
  for (const line of lines) {
    const sum = sums.get(lineKey(line));
    sums.delete(lineKey(line));
    if (sum?.count !== line.count || sum.volumeUnits !== line.volumeUnits)
      findings.differ(
        "lines",
        `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}: ${line.count} conversions and volume ${line.volumeUnits} on the chain, ${sum?.count ?? 0} and ${sum?.volumeUnits ?? 0n} by the conversions.`,
      );
  }
  for (const { offerId, partner } of sums.values())
    findings.differ("lines", `Batch ${digest}: conversions of offer ${offerId} for ${partner} are in no line.`);
}

function checkLeaf({ findings, offers, numberOf }: Known, { number, key, entries }: ConversionLeaf): void {
  const before = numberOf.get(key);
  findings.expect(
    "keys",
    before === undefined,
    () => `Conversion key ${key} stands under number ${before} and under ${number}.`,
  );
  if (before === undefined) numberOf.set(key, number);
  for (const { offerId, count, volumeUnits } of entries) {
    const cap = offers.get(offerId)?.capUnits;
    if (count !== 1) findings.differ("offers", `Conversion ${number}: an entry counts ${count} times.`);
    if (cap !== undefined && volumeUnits > cap)
      findings.differ(
        "offers",
        `Conversion ${number}: volume ${volumeUnits} is above the cap of offer ${offerId}, ${cap}.`,
      );
  }
}
