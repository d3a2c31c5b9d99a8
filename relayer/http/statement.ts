/** A partner's earnings as CSV, for spreadsheets. */
import type { EarningRow } from "../store/earnings.ts";
import { toEarning } from "./earning.ts";

const HEAD = [
  "conversion",
  "received",
  "campaign",
  "event",
  "state",
  "paid",
  "reason",
  "volume",
  "earned",
  "token",
  "release",
  "transaction",
];

export function statementCsv(wallet: string, rows: readonly EarningRow[]): string {
  const lines = rows.map((row) => {
    const one = toEarning(wallet, row);
    return [
      one.conversionId,
      one.receivedAt,
      one.campaignId,
      one.event,
      one.state,
      one.paid,
      one.reasonText ?? "",
      decimalText(BigInt(one.volumeBaseUnits), row.token_decimals),
      decimalText(BigInt(one.earned), row.token_decimals),
      row.token_symbol,
      one.releaseAt === null ? "" : new Date(one.releaseAt * 1000).toISOString(),
      row.transaction ?? "",
    ];
  });
  return [HEAD, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** With all the token's decimals, so that the points of a column stand below each other. */
function decimalText(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** A cell that a spreadsheet reads as text: what begins like a formula would be carried out. */
function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
