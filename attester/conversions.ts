/**
 * The conversions of a batch as an attester holds them: side by side in bytes, each an object only while it is looked at. As objects
 * hundreds of thousands of them take ten times the memory.
 */
import type { GivenConversion, Order } from "@partner-programs/protocol/attesterApi";
import { LINE_BYTES, type Line, writeLine } from "@partner-programs/protocol/line";
import { PackedLines, readLine } from "./lines.ts";

// One record: number (8 bytes), key (32), salt (32), where its entries end (4), where event, order id, volume and what else it
// says end (4 each), when it was received and when it occurred (8 each; not a number: it has no order, or does not say).
const [KEY, SALT, ENTRIES, TEXTS, RECEIVED, OCCURRED, RECORD] = [8, 40, 72, 76, 92, 100, 108] as const;
const TEXTS_OF_AN_ORDER = 4;

export class Conversions implements Iterable<GivenConversion> {
  readonly #records: Buffer;
  readonly #entries: Growing;
  readonly #texts = new Growing(1 << 16);
  #length = 0;

  /** With room for so many. */
  constructor(most: number) {
    this.#records = Buffer.alloc(most * RECORD);
    this.#entries = new Growing(most * LINE_BYTES);
  }

  static of(given: readonly GivenConversion[]): Conversions {
    const conversions = new Conversions(given.length);
    for (const one of given) conversions.push(one);
    return conversions;
  }

  get length(): number {
    return this.#length;
  }

  push({ number, key, salt, entries, order }: GivenConversion): void {
    const [records, at] = [this.#records, this.#length * RECORD];
    records.writeBigUInt64BE(number, at);
    records.write(key.slice(2), at + KEY, "hex");
    records.write(salt.slice(2), at + SALT, "hex");
    for (const entry of entries) {
      const end = this.#entries.grow(LINE_BYTES);
      writeLine(entry, this.#entries.bytes, end - LINE_BYTES);
    }
    records.writeUInt32BE(this.#entries.length, at + ENTRIES);
    const texts = order === undefined ? [] : [order.event, order.orderId, order.volume, writeSaid(order)];
    for (let i = 0; i < TEXTS_OF_AN_ORDER; i++)
      records.writeUInt32BE(this.#texts.write(texts[i] ?? ""), at + TEXTS + 4 * i);
    records.writeDoubleBE(order?.receivedAt ?? Number.NaN, at + RECEIVED);
    records.writeDoubleBE(order?.occurredAt ?? Number.NaN, at + OCCURRED);
    this.#length++;
  }

  *[Symbol.iterator](): Generator<GivenConversion> {
    for (let i = 0; i < this.#length; i++) yield this.#at(i);
  }

  /** All of them, so many at a time. */
  *slices(size: number): Generator<GivenConversion[]> {
    for (let from = 0; from < this.#length; from += size)
      yield Array.from({ length: Math.min(size, this.#length - from) }, (_, i) => this.#at(from + i));
  }

  /** The entries of all of them. */
  get entries(): PackedLines {
    return new PackedLines(this.#entries.bytes.subarray(0, this.#entries.length));
  }

  #at(index: number): GivenConversion {
    const [records, at] = [this.#records, index * RECORD];
    const hex = (from: number) => `0x${records.toString("hex", at + from, at + from + 32)}`;
    const entries: Line[] = [];
    const end = records.readUInt32BE(at + ENTRIES);
    for (let from = index === 0 ? 0 : records.readUInt32BE(at + ENTRIES - RECORD); from < end; from += LINE_BYTES)
      entries.push(readLine(this.#entries.bytes, from));
    return { number: records.readBigUInt64BE(at), key: hex(KEY), salt: hex(SALT), entries, order: this.#order(index) };
  }

  #order(index: number): Order | undefined {
    const [records, at] = [this.#records, index * RECORD];
    const receivedAt = records.readDoubleBE(at + RECEIVED);
    if (Number.isNaN(receivedAt)) return undefined;
    const occurredAt = records.readDoubleBE(at + OCCURRED);
    let from = index === 0 ? 0 : records.readUInt32BE(at - RECORD + TEXTS + 4 * (TEXTS_OF_AN_ORDER - 1));
    const next = (i: number) => {
      const [begin, end] = [from, records.readUInt32BE(at + TEXTS + 4 * i)];
      from = end;
      return this.#texts.bytes.toString("utf8", begin, end);
    };
    const order = { event: next(0), orderId: next(1), volume: next(2), receivedAt, ...readSaid(next(3)) };
    return Number.isNaN(occurredAt) ? order : { ...order, occurredAt };
  }
}

/** What an order says for conditions, and of its own currency, as one text: most say nothing. */
type Said = Pick<Order, "attributes" | "history" | "sale">;
const writeSaid = ({ attributes, history, sale }: Said) =>
  attributes === undefined && history === undefined && sale === undefined
    ? ""
    : JSON.stringify({ attributes, history, sale });
const readSaid = (text: string): Said => (text === "" ? {} : JSON.parse(text));

/** Bytes to which more are added, with room for twice as many whenever there is none left. */
class Growing {
  bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  /** @returns where the new ones end */
  grow(by: number): number {
    this.length += by;
    if (this.length > this.bytes.length) {
      const larger = Buffer.alloc(2 * this.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return this.length;
  }

  /** @returns where the text ends */
  write(text: string): number {
    const size = Buffer.byteLength(text);
    const end = this.grow(size);
    this.bytes.write(text, end - size);
    return end;
  }
}
