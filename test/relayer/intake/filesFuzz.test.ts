import { expect } from "chai";
import fc from "fast-check";
import { type Row, readCsv, readNdjson, readText, UnreadableFile } from "#relayer/intake/rows.ts";
import { isShortenedNumber } from "#service/csv.ts";
import { SEED, sayInputs, secondsOf, tryFor } from "../../support/fuzz.ts";

const SECONDS = secondsOf(2, 2);
const COLUMNS = { required: ["orderId"], decimals: ["volume"], ids: ["orderId", "customerId"] };
const MAX_BYTES = 20_000;

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

/** What a file is read as; what cannot be read is refused by an error of ours, and by no other. */
async function read(form: "csv" | "ndjson", bytes: Uint8Array, sizes: readonly number[], charset?: string) {
  const rows: Row[] = [];
  try {
    const text = readText(cut(bytes, sizes), MAX_BYTES, charset);
    for await (const row of form === "csv" ? readCsv(text, COLUMNS) : readNdjson(text)) rows.push(row);
  } catch (error) {
    expect(error, String(error)).to.be.instanceOf(UnreadableFile);
    // How much was read until then depends on how it arrived; what is wrong with it does not.
    return { refused: true };
  }
  return { rows };
}

const text = fc.oneof(
  fc.constantFrom(
    ...'\0|\ud800|\ufeff|\u2028|,|;|\t|sep=;|sep=|"|""|\r|\n|\r\n|é|😀|1,5|1.23E+15|orderId|orderId,volume\n|null|{}|[|{"a":1}'.split(
      "|",
    ),
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ maxLength: 30 }),
);
const encoded = fc.tuple(fc.array(text, { maxLength: 30 }), fc.nat(5)).map(([parts, form]) => {
  const whole = parts.join("");
  if (form === 1) return new Uint8Array(Buffer.from(`\ufeff${whole}`, "utf16le"));
  if (form === 2) return new Uint8Array(Buffer.from(whole, "latin1"));
  if (form === 3) return new Uint8Array(Buffer.from(`orderId,volume\n${whole}`));
  if (form === 4) return new Uint8Array(Buffer.from(`orderId;volume;customerId\r${whole}`));
  return new Uint8Array(Buffer.from(whole));
});
const bytes = fc.oneof({ weight: 4, arbitrary: encoded }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) });
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const charset = fc.constantFrom(undefined, "windows-1252", "utf-16be", "utf-8");

/** A table, and how somebody's spreadsheet writes it. */
const cell = fc.oneof(
  fc.constantFrom("", "a", 'a "b"', "x,y", "x;y", "a\nb", "c\r\nd", "é😀", "'"),
  fc
    .string({ maxLength: 12 })
    .map((one) => one.trim())
    // As an id it is refused.
    .filter((one) => !isShortenedNumber(one)),
);
const table = fc.record({
  rows: fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 }),
  separator: fc.constantFrom(",", ";", "\t", "|"),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  mark: fc.boolean(),
  named: fc.boolean(),
});

describe(`files of strangers (FUZZ_SEED=${SEED})`, function () {
  this.timeout(120_000 + SECONDS * 4_000);
  let inputs = 0;
  after(() => sayInputs("files", inputs));

  it("are read the same however they arrive, or refused by what is wrong with them", async () => {
    const form = fc.constantFrom("csv" as const, "ndjson" as const);
    inputs += await tryFor(
      SECONDS,
      fc.asyncProperty(form, bytes, sizes, sizes, charset, async (form, file, one, other, named) => {
        expect(await read(form, file, one, named)).to.deep.equal(await read(form, file, other, named));
      }),
    );
  });

  it("are read as what was written, whatever separates, quotes and ends", async () => {
    inputs += await tryFor(
      SECONDS,
      fc.asyncProperty(table, sizes, async ({ rows, separator, end, quoteAll, mark, named }, pieces) => {
        const write = (field: string) =>
          quoteAll || /["\r\n,;\t|]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
        const head = ["orderId", "note", "other"];
        const lines = [head, ...rows].map((fields) => fields.map(write).join(separator));
        const file = `${mark ? "\ufeff" : ""}${named ? `sep=${separator}${end}` : ""}${lines.join(end)}${end}`;
        const { rows: found } = await read("csv", new TextEncoder().encode(file), pieces);
        const wanted = rows
          .filter((fields) => fields.some((field) => field.trim() !== ""))
          .map((fields) =>
            Object.fromEntries(head.map((name, i) => [name, fields[i]?.trim()]).filter(([, one]) => one !== "")),
          );
        const values = (found ?? []).map((row) => ("value" in row ? row.value : row));
        expect(values).to.deep.equal(wanted);
      }),
    );
  });
});
