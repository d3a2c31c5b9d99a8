/** The lines of batches: as they were signed, as they stand, what they are worth, and what became of each. */
import { setImmediate } from "node:timers/promises";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { unpackLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import type { Sql } from "#service/database.ts";
import type { PlacedLine, PriceOf } from "../domain/batch.ts";
import { readPacked } from "../domain/lines.ts";

/** What becomes of a line. */
export const LINE_STATES = ["signed", "held", "pullable", "credited", "claimed", "pulled", "refused"] as const;
export type LineState = (typeof LINE_STATES)[number];

/** The period of a batch, in Unix seconds: [from, to). */
export interface Period {
  readonly periodFrom: number;
  readonly periodTo: number;
}

const NOTHING = { commission: 0n, fee: 0n };

/** What the lines of a campaign's batch are worth, by the offers that the chain announced; nothing, where the offer does not cover its period. */
export async function readPrices(sql: Sql, campaignId: string, period: Period): Promise<PriceOf> {
  const offers = await sql.query<{
    offer_id: number;
    flat_amount: bigint;
    rate_bps: number;
    valid_from: bigint;
    valid_to: bigint;
    unit_exponent: number;
    fee_bps: number;
  }>(
    `SELECT offer_id, flat_amount, rate_bps, valid_from, valid_to, unit_exponent, fee_bps
     FROM offers JOIN campaigns ON campaigns.id = campaign_id WHERE campaign_id = $1`,
    [campaignId],
  );
  const covering = offers.filter(
    ({ valid_from, valid_to }) => period.periodFrom >= valid_from && period.periodTo <= valid_to,
  );
  const byId = new Map(covering.map((offer) => [offer.offer_id, offer]));
  return (line) => {
    const offer = byId.get(line.offerId);
    if (offer === undefined) return NOTHING;
    const rate = { flatAmount: offer.flat_amount, rateBps: offer.rate_bps };
    return commissionOfLineDown({ ...line, partner: "" }, rate, {
      unitExponent: offer.unit_exponent,
      feeBps: offer.fee_bps,
    });
  };
}

/** So many rows at a time: a batch can have hundreds of thousands of lines. */
const PAGE = 2_000;

/**
 * Writes the lines of a batch down in their order, as they were signed. Of those that something happened to before they were known,
 * what happened stays.
 */
export async function writeLines(sql: Sql, digest: string, lines: Iterable<string>, priceOf: PriceOf): Promise<void> {
  let from = 0;
  for (const some of pagesOf(lines)) {
    const worth = some.map((packed) => priceOf(readPacked(packed)));
    await sql.query(
      `INSERT INTO batch_lines (digest, index, attested, partner, commission, fee)
       SELECT $1, $2 + given.ordinal - 1, given.line, given.partner, given.commission, given.fee
       FROM unnest($3::text[], $4::text[], $5::numeric[], $6::numeric[])
         WITH ORDINALITY AS given (line, partner, commission, fee, ordinal)
       ON CONFLICT (digest, index) DO UPDATE SET attested = excluded.attested, partner = excluded.partner,
         commission = CASE WHEN batch_lines.lowered IS NULL
           THEN excluded.commission ELSE batch_lines.commission END,
         fee = CASE WHEN batch_lines.lowered IS NULL THEN excluded.fee ELSE batch_lines.fee END`,
      [
        digest,
        from,
        some,
        some.map(partnerOf),
        worth.map(({ commission }) => commission.toString()),
        worth.map(({ fee }) => fee.toString()),
      ],
    );
    from += some.length;
  }
  await sql.query("UPDATE batches SET lines_known = true WHERE digest = $1", [digest]);
}

function* pagesOf(lines: Iterable<string>): Generator<string[]> {
  let page: string[] = [];
  for (const line of lines) {
    page.push(line);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A line's partner, checksummed as every address in the database. */
export const partnerOf = (packed: string): string => unpackLine(packed).partner;

/** The packed lines of a batch in their order, page by page, as they were signed. */
export async function* readSignedLines(sql: Sql, digest: string): AsyncGenerator<string[]> {
  for (let next = 0; ; ) {
    const rows = await sql.query<{ attested: string }>(
      `SELECT attested FROM batch_lines WHERE digest = $1 AND index >= $2 ORDER BY index LIMIT ${PAGE}`,
      [digest, next],
    );
    if (rows.length > 0) yield rows.map(({ attested }) => attested);
    if (rows.length < PAGE) return;
    next += rows.length;
  }
}

/** All of them at once: for batches whose lines the chain gets, which are small. */
export async function readAllSignedLines(sql: Sql, digest: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of readSignedLines(sql, digest)) lines.push(...page);
  return lines;
}

/** A line of a batch, as its public data shows it. */
export interface LineRow {
  readonly index: bigint;
  readonly attested: string;
  readonly line: string;
  readonly state: LineState;
  readonly fault: number | null;
}

/** The lines of a batch with their states, page by page. */
export async function* readLineRows(sql: Sql, digest: string): AsyncGenerator<LineRow[]> {
  for (let next = 0n; ; ) {
    const rows = await sql.query<LineRow>(
      `SELECT index, attested, line, state, fault FROM lines_now
       WHERE digest = $1 AND index >= $2 AND attested IS NOT NULL ORDER BY index LIMIT ${PAGE}`,
      [digest, next],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    next = last.index + 1n;
  }
}

/** The tree of a batch as reversals left it. @throws Error if its lines are not known here, or are not those under the root */
export async function readLineTree(sql: Sql, digest: string): Promise<LineTree> {
  const [batch] = await sql.query<{
    line_count: bigint;
    current_root: string;
    current_total: bigint;
    lines_known: boolean;
  }>("SELECT line_count, current_root, current_total, lines_known FROM batches WHERE digest = $1", [digest]);
  if (batch?.lines_known !== true) throw new Error(`The lines of batch ${digest} are not known here.`);
  const [lines, worths]: [string[], bigint[]] = [[], []];
  while (lines.length < Number(batch.line_count)) {
    const rows = await sql.query<{ line: string; worth: bigint }>(
      `SELECT coalesce(lowered, attested) AS line, commission + fee AS worth FROM batch_lines
       WHERE digest = $1 AND index >= $2 ORDER BY index LIMIT ${PAGE}`,
      [digest, lines.length],
    );
    if (rows.length === 0) break;
    for (const { line, worth } of rows) {
      lines.push(line);
      worths.push(worth);
    }
  }
  const priced = {
    length: lines.length,
    *[Symbol.iterator]() {
      for (const [i, packed] of lines.entries()) yield { line: readPacked(packed), worth: worths[i] as bigint };
    },
  };
  const tree = await LineTree.inSlices(priced, setImmediate);
  if (tree.root !== batch.current_root || tree.total !== batch.current_total)
    throw new Error(
      `The lines of batch ${digest} give the root ${tree.root} and ${tree.total}, not ${batch.current_root} and ${batch.current_total}.`,
    );
  return tree;
}

/** The lines of some partners in a batch, as they stand. */
export async function readLinesOf(sql: Sql, digest: string, partners: readonly string[]): Promise<PlacedLine[]> {
  const rows = await sql.query<{ index: bigint; line: string }>(
    `SELECT index, coalesce(lowered, attested) AS line FROM batch_lines
     WHERE digest = $1 AND partner = ANY($2::text[]) ORDER BY index`,
    [digest, [...new Set(partners)]],
  );
  return rows.map(({ index, line }) => ({ index: Number(index), line: unpackLine(line) }));
}

/** The beginnings of the chunks of 256 of a batch in which a line is due that is worth something, the first ones. */
export async function findDueChunks(sql: Sql, digest: string, most: number): Promise<number[]> {
  const rows = await sql.query<{ first: bigint }>(
    `SELECT index / 256 * 256 AS first FROM batch_lines
     WHERE digest = $1 AND state = 'open' AND commission + fee > 0
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way
         WHERE purpose = 'release:' || digest || ':' || (index / 256 * 256))
     GROUP BY 1 ORDER BY 1 LIMIT $2`,
    [digest, most],
  );
  return rows.map(({ first }) => Number(first));
}

/** One line of a batch as it stands. */
export async function readLine(
  sql: Sql,
  digest: string,
  index: number,
): Promise<{ readonly commission: bigint; readonly state: LineState } | undefined> {
  const [row] = await sql.query<{ commission: bigint; state: LineState }>(
    "SELECT commission, state FROM lines_now WHERE digest = $1 AND index = $2",
    [digest, index],
  );
  return row;
}
