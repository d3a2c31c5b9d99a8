/** The parts that the schemas of many routes share: addresses, amounts, moments, pages. */
import { z } from "@hono/zod-openapi";
import { address as anyAddress } from "@partner-programs/protocol/address";
import { bytes32 as anyBytes32 } from "@partner-programs/protocol/bytes32";
import { Problem } from "#service/problem.ts";
import { canonicalMoment } from "../domain/spelling.ts";
import { MAX_ID, type Page, type Sort } from "../store/page.ts";

// As copies: a schema that was made before OpenAPI was loaded has no `openapi`.
export const bytes32 = anyBytes32.clone();
export const address = anyAddress.clone().openapi({ type: "string", pattern: "^0x[0-9a-fA-F]{40}$" });
/** Amounts travel as decimal strings of base units: JSON numbers would lose digits. */
export const amount = z.string().regex(/^\d+$/).openapi({ description: "Base units of the campaign's token." });
/** ISO 8601 has years and offsets that PostgreSQL has not. */
const isPlausible = (value: string) => Date.parse(value) >= 0 && Date.parse(value) < Date.UTC(9_999, 0);
/** A moment, kept in UTC. */
export const moment = z
  .string()
  .transform(canonicalMoment)
  .pipe(z.iso.datetime({ offset: true }))
  .refine(isPlausible, "must be a moment since 1970")
  .transform((value) => new Date(value).toISOString())
  .openapi({ type: "string", format: "date-time" });
export const day = z.iso.date().refine(isPlausible, "must be a day since 1970");
export const campaignParameter = z.object({ campaignId: bytes32 });
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
/** The id of a row, as a path has it: a bigint of PostgreSQL, and no more digits than surely fit. */
export const rowId = z.string().regex(/^\d{1,18}$/, "must be a number of at most 18 digits");
export const toId = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : BigInt(text));

const MAX_ITEMS = 200;

/** What a route that answers with a page takes in its query. */
export const pageQuery = z.object({
  cursor: z.string().max(200).optional().openapi({ description: "`next` of the page before." }),
  limit: z.coerce.number().int().min(1).max(MAX_ITEMS).default(50).openapi({ description: "How many at most." }),
});

/** For lists whose index serves both directions. */
export const sort = z
  .enum(["newest", "oldest"])
  .default("newest")
  .openapi({ description: "Which come first. A cursor goes on in the direction in which it was given out." });
export const sortedPageQuery = pageQuery.extend({ sort });

/** A page: `next` is the cursor of the page after it, null on the last. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable().openapi({ description: "The next page's `cursor`." }) });

/**
 * The id before which a page begins, newest first; without a cursor the greatest there can be. A cursor is opaque to clients and
 * says what list it is of, so that one of another list is not taken for a place in this one.
 */
export function idBefore(list: string, cursor: string | undefined): bigint {
  return cursor === undefined ? MAX_ID : readCursor(list, cursor);
}

function readCursor(list: string, cursor: string): bigint {
  const id = openCursor(list, cursor);
  if (!rowId.safeParse(id).success) throw new Problem(400, UNKNOWN_CURSOR);
  return BigInt(id);
}

export const UNKNOWN_CURSOR = "`cursor` is not one that this list gave out.";

/** What a list wrote into a cursor of its own. @throws Problem 400 if it is another's */
export function openCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(`${list}:`)) throw new Problem(400, UNKNOWN_CURSOR);
  return text.slice(list.length + 1);
}

/** Where a page of a list begins that goes in either direction: each of them is a list of its own to cursors. */
export function placeIn(
  list: string,
  { cursor, limit, sort }: { readonly cursor?: string | undefined; readonly limit: number; readonly sort: Sort },
): Page & { readonly list: string } {
  const name = sort === "newest" ? list : `${list} ${sort}`;
  const first = sort === "newest" ? MAX_ID : 0n;
  return { list: name, sort, from: cursor === undefined ? first : readCursor(name, cursor), limit: limit + 1 };
}

/** Makes a page of `rows`, which were asked for with one more than `limit` to see whether there are more. `placeOf`: what `openCursor` gives back. */
export function toPage<Row extends { readonly id: bigint | string }, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  placeOf: (row: Row) => string = ({ id }) => String(id),
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map(toItem),
    next: more ? Buffer.from(`${list}:${placeOf(last)}`).toString("base64url") : null,
  };
}

/** How long the secret before a rotation stays good. */
export const rotation = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(7 * 86_400)
      .openapi({ description: "For so long the secret before is good too; 0: not at all. At most seven days." }),
  })
  .openapi("Rotation");

export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});
