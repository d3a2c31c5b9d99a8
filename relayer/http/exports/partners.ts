/** A campaign's partners as CSV, for spreadsheets, as its brand sees them. */
import type { Database } from "#service/database.ts";
import { type PerformanceRow, type Rank, readPerformances } from "../../store/partnerships.ts";
import { readCards } from "../../store/profiles.ts";
import { csvLine, decimalText, pagesOf, rowsText, Sums, TOTAL } from "./csv.ts";
import { createCurrencies } from "./currencies.ts";

const COUNTS = ["clicks", "conversions", "rejected", "reversed"] as const;
const AMOUNTS = ["volume", "commission", "accepted", "pending", "released", "claimed"] as const;
const HEAD = [
  "partner",
  "name",
  "label",
  "tags",
  "site",
  "joined (UTC)",
  ...COUNTS,
  "volume",
  "commission",
  "accepted",
  "on hold",
  "released",
  "claimed",
  "currency",
  "token",
];

/** In the order in which they joined: a place that nothing moves. */
export async function* partnerLines(database: Database, campaignId: string, search: string | undefined, now: Date) {
  yield csvLine(HEAD);
  const currency = (await createCurrencies(database)([campaignId]))(campaignId);
  const sums = new Sums(...COUNTS, ...AMOUNTS);
  const read = (after: Rank | undefined, limit: number) =>
    readPerformances(database, { campaignId, search, sort: "oldest", after, limit });
  for await (const page of pagesOf<PerformanceRow, Rank>(read, (row) => row)) {
    const cards = await readCards(
      database,
      campaignId,
      page.map(({ partner }) => partner),
    );
    yield page
      .map((row) => {
        sums.add(currency, row);
        const card = cards.get(row.partner);
        return csvLine([
          row.partner,
          card?.profile?.name ?? null,
          card?.label ?? null,
          card?.tags.join(" ") ?? null,
          card?.profile?.site ?? null,
          row.created_at.toISOString(),
          ...COUNTS.map((column) => Number(row[column])),
          ...AMOUNTS.map((column) => decimalText(row[column], currency)),
          currency.token_symbol,
          currency.token,
        ]);
      })
      .join("");
  }
  yield* sums.lines(
    ({ rows, sumOf, countOf }) => [
      TOTAL,
      rowsText(rows),
      null,
      null,
      null,
      `until ${now.toISOString()}, UTC`,
      ...COUNTS.map(countOf),
      ...AMOUNTS.map(sumOf),
      currency.token_symbol,
      currency.token,
    ],
    currency,
  );
}
