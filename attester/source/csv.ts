/** A source of orders: a CSV file. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { saidAttributes } from "@partner-programs/protocol/conditions";
import { z } from "zod";
import { parseCsv, readDecimal } from "#service/csv.ts";
import type { Database, Sql } from "#service/database.ts";
import { decodeText } from "#service/text.ts";
import {
  deleteFileOrders,
  insertFileOrders,
  isFileRead,
  lockFiles,
  readFileOrders,
  setFileRead,
} from "../store/sourceOrders.ts";
import { asTyped, type OrderSource, refunded, type SourceAnswer, sourceOrder } from "./source.ts";

const ROWS_AT_ONCE = 1_000;

/**
 * The brand's orders in a CSV file with the columns orderId, volume, createdAt, and maybe event, currency, refunded,
 * attribute:… for what was sold, customerOrders and customerFirstAt for what its customer had bought of that event before. Whenever the file
 * was changed it is read again, into the attester's database, whole or not at all.
 */
export function createCsvSource(database: Database, file: string): OrderSource {
  // One reading at a time, whoever asks.
  let reading: Promise<void> = Promise.resolve();
  const refresh = () => {
    reading = reading.catch(() => undefined).then(() => readFile(database, file));
    return reading;
  };
  return {
    async find(orders) {
      try {
        await refresh();
      } catch (error) {
        const unavailable = `the attester's file of orders cannot be read: ${(error as Error).message}`;
        return orders.map(() => ({ unavailable }));
      }
      const rows = await readFileOrders(database, file, [...new Set(orders.map(({ orderId }) => orderId))]);
      const byId = Map.groupBy(rows, (row) => row.orderId);
      return orders.map(({ event, orderId }): SourceAnswer => {
        const ofId = byId.get(orderId) ?? [];
        const row = ofId.find((one) => one.event === event) ?? ofId.find((one) => one.event === "") ?? ofId[0];
        if (row === undefined) return { missing: true };
        return {
          order: {
            orderId,
            event: row.event === "" ? undefined : row.event,
            volume: row.volume,
            currency: row.currency,
            createdAt: row.createdAt,
            refunded: row.refunded === "true" || (row.refunded !== "false" && row.refunded),
            attributes: row.said.attributes,
            customer: row.said.customer && { [event]: row.said.customer },
          },
        };
      });
    },
  };
}

async function readFile(database: Database, file: string): Promise<void> {
  const { mtimeMs, size } = await stat(file);
  const stamp = `${mtimeMs} ${size}`;
  if (await isFileRead(database, file, stamp)) return;
  await database.transaction(async (sql) => {
    await lockFiles(sql);
    if (await isFileRead(sql, file, stamp)) return;
    await deleteFileOrders(sql, file);
    let rows: z.infer<typeof row>[] = [];
    for await (const [line, order] of parseOrders(decodeText(createReadStream(file)))) {
      rows.push(order);
      if (rows.length < ROWS_AT_ONCE) continue;
      await insert(sql, file, rows, line);
      rows = [];
    }
    if (rows.length > 0) await insert(sql, file, rows, undefined);
    await setFileRead(sql, file, stamp);
  });
}

async function insert(
  sql: Sql,
  file: string,
  rows: readonly z.infer<typeof row>[],
  before: number | undefined,
): Promise<void> {
  const orders = rows.map(({ attributes, customer, ...one }) => ({
    ...one,
    event: one.event ?? "",
    refunded: String(one.refunded),
    said: { attributes, customer },
  }));
  // Which of the two would count? Nobody can say.
  if ((await insertFileOrders(sql, file, orders)) !== rows.length)
    throw new Error(`an order stands in it twice${before === undefined ? "" : `, at or before line ${before}`}.`);
}

const asNumber = (text: unknown) => (/^\d+$/.test(String(text)) ? Number(text) : text);

const row = sourceOrder.extend({
  attributes: saidAttributes.transform(asTyped).optional(),
  createdAt: z.preprocess(asNumber, sourceOrder.shape.createdAt),
  refunded: z.preprocess((text) => ({ "": false, false: false, true: true })[String(text)] ?? text, refunded),
  customer: z
    .object({
      conversions: z.preprocess(asNumber, z.int().min(0)),
      firstAt: z.preprocess(asNumber, sourceOrder.shape.createdAt).optional(),
    })
    .optional(),
});

/** Columns `attribute:plan` are what an order at a URL has as `attributes.plan`. */
const ATTRIBUTE = "attribute:";

/** What a row says for conditions on offers; an empty field says nothing. */
function saidIn(named: Readonly<Record<string, string>>) {
  const given = Object.entries(named).filter(([name, value]) => name.startsWith(ATTRIBUTE) && value !== "");
  const attributes = Object.fromEntries(given.map(([name, value]) => [name.slice(ATTRIBUTE.length), value]));
  const { customerOrders = "", customerFirstAt = "" } = named;
  const customer = { conversions: customerOrders, firstAt: customerFirstAt || undefined };
  return {
    ...(given.length > 0 && { attributes }),
    ...((customerOrders !== "" || customerFirstAt !== "") && { customer }),
  };
}

/** The orders of a CSV text, each with the number of its last line. @throws Error that names the line that is wrong */
export async function* parseOrders(text: AsyncIterable<string>): AsyncGenerator<[number, z.infer<typeof row>]> {
  let header: string[] | undefined;
  for await (const [line, fields, separator] of parseCsv(text)) {
    if (header === undefined) {
      header = fields.map((name) => name.trim());
      for (const column of ["orderId", "volume", "createdAt"])
        if (!header.includes(column)) throw new Error(`its first line names no column ${column}.`);
      const twice = header.find((name, i) => name !== "" && header?.indexOf(name) !== i);
      // Which of the two would count? Nobody can say.
      if (twice !== undefined) throw new Error(`its first line names the column ${twice} twice.`);
      continue;
    }
    if (fields.every((field) => field.trim() === "")) continue;
    if (fields.length !== header.length)
      throw new Error(`line ${line} has ${fields.length} fields, the first has ${header.length}.`);
    const named = Object.fromEntries(
      header.map((name, i) => {
        const field = fields[i]?.trim() ?? "";
        return [name, ["volume", "refunded"].includes(name) ? readDecimal(field, separator) : field];
      }),
    );
    // Columns `attributes` and `customer` are the shop's own: what is said for conditions has columns of its own.
    const { attributes: _, customer: __, ...read } = named;
    const parsed = row.safeParse({ refunded: "", ...read, event: named.event || undefined, ...saidIn(named) });
    if (!parsed.success) throw new Error(`line ${line}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
    yield [line, parsed.data];
  }
}
