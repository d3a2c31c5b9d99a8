/** CSV files (RFC 4180), as spreadsheets read them. */

interface CsvColumn<Row> {
  readonly title: string;
  readonly csv?: (row: Row) => string | number;
}

/** A cell; what begins like a formula would be carried out by a spreadsheet, and is marked as text. */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
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
