/** CSV files (RFC 4180), as spreadsheets read them. */

interface CsvColumn<Row> {
  readonly title: string;
  readonly csv?: (row: Row) => string | number;
}

/** A cell; what begins like a formula would be carried out by a spreadsheet, and is marked as text. */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const kept = columns.filter((column) => column.csv !== undefined);
  const lines = [kept.map(({ title }) => title), ...rows.map((row) => kept.map((column) => column.csv?.(row) ?? ""))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function saveCsv<Row>(name: string, columns: readonly CsvColumn<Row>[], rows: readonly Row[]): void {
  saveFile(name, new Blob([toCsv(columns, rows)], { type: "text/csv;charset=utf-8" }));
}

const LAST_BYTES = 16_384;

/**
 * The file, if it has come whole: the relayer ends it with lines of sums, and one that broke off has none, whatever lies between.
 * @throws Error
 */
export async function requireWhole(file: Blob): Promise<Blob> {
  const end = await file.slice(-LAST_BYTES).text();
  if (!/(^|\n)total,[^\n]*\r\n$/.test(end))
    throw new Error("The file broke off on its way, and was not saved. Try again, or ask for fewer days.");
  return file;
}
