/** A partner's earnings as CSV, for spreadsheets. */
import type { Database } from "#service/database.ts";
import { type EarningRow, readEarnings } from "../../store/earnings.ts";
import { MAX_ID } from "../../store/page.ts";
import { toEarning } from "../earning.ts";
import { csvLine, decimalText, pagesOf, rangeText, rowsText, Sums, TOTAL } from "./csv.ts";
import { createCurrencies } from "./currencies.ts";
import { SALE_HEAD, saleCells } from "./sale.ts";

const HEAD = [
  "conversion",
  "received (UTC)",
  "campaign",
  "campaign's name",
  "event",
  "state",
  "paid",
  "reason",
  "volume",
  "earned",
  "currency",
  "token",
  "release (UTC)",
  "transaction",
  ...SALE_HEAD,
];

interface Asked {
  readonly wallet: string;
  readonly campaignId?: string | undefined;
  /** In UTC; `to` is the day after the last. */
  readonly days: { readonly from: string; readonly to: string };
  /** As it was asked for: included. */
  readonly lastDay: string;
}

/** The newest first; at the end, for each token, what that adds up to. */
export async function* statementLines(database: Database, { wallet, campaignId, days, lastDay }: Asked) {
  yield csvLine(HEAD);
  const sums = new Sums("volume", "earned");
  const nameOf = createCurrencies(database);
  const read = (before: bigint | undefined, limit: number) =>
    readEarnings(database, wallet, { campaignId, days, sort: "newest", from: before ?? MAX_ID, limit });
  for await (const page of pagesOf(read, ({ id }) => id)) {
    const named = await nameOf(page.map(({ campaign_id }) => campaign_id));
    yield page.map((row) => statementLine(wallet, row, named(row.campaign_id).name, sums)).join("");
  }
  yield* sums.lines(({ token, rows, sumOf }) => [
    TOTAL,
    rangeText(days.from, lastDay),
    campaignId ?? "",
    rowsText(rows),
    "",
    "",
    "",
    "",
    sumOf("volume"),
    sumOf("earned"),
    token?.token_symbol ?? "",
    token?.token ?? "",
    "",
    "",
    ...SALE_HEAD.map(() => ""),
  ]);
}

/** One conversion's line, added to the sums. */
export function statementLine(
  wallet: string,
  row: EarningRow,
  campaign: string,
  sums: Sums<"volume" | "earned">,
): string {
  const one = toEarning(wallet, row);
  const [volume, earned] = [BigInt(one.volumeBaseUnits), BigInt(one.earned)];
  sums.add(row, { volume, earned });
  return csvLine([
    one.conversionId,
    one.receivedAt,
    one.campaignId,
    campaign,
    one.event,
    one.state,
    one.paid,
    one.reasonText,
    decimalText(volume, row),
    decimalText(earned, row),
    row.token_symbol,
    row.token,
    one.releaseAt === null ? null : new Date(one.releaseAt * 1000).toISOString(),
    row.transaction,
    ...saleCells(row.sale, row.sale_refunded),
  ]);
}
