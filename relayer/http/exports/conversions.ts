/** Conversions as CSV, for spreadsheets: as their brand sees them, or their partner. */
import type { Database } from "#service/database.ts";
import { type Viewer, viewConversion } from "../../conversionView.ts";
import { type ConversionFilter, readConversions } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import type { Sort } from "../../store/page.ts";
import { type Place, readNames } from "../../store/profiles.ts";
import { placesOf } from "../conversion.ts";
import { csvLine, decimalText, pagesOf, rangeText, rowsText, Sums, TOTAL, type Token } from "./csv.ts";
import { createCurrencies, type NamedCurrency } from "./currencies.ts";
import { SALE_HEAD, saleCells } from "./sale.ts";

const HEAD = [
  "conversion",
  "received (UTC)",
  "campaign",
  "campaign's name",
  "event",
  "order",
  "partner",
  "partner's name",
  "link",
  "code",
  "state",
  "reason",
  "volume",
  "refunded",
  "commission",
  "total commission",
  "currency",
  "token",
  "release (UTC)",
  "batch",
  ...SALE_HEAD,
];

const AMOUNTS = ["volume", "refunded", "commission", "total"] as const;
type Amounts = Sums<(typeof AMOUNTS)[number]>;

interface Asked {
  /** undefined: none can match, and nothing is read. */
  readonly filter: ConversionFilter | undefined;
  readonly sort: Sort;
  readonly viewerOf: (row: ConversionRow) => Viewer;
  /** What an empty file would have been in, where all is one campaign's. */
  readonly token: Token | undefined;
  readonly from: string | undefined;
  /** Nothing that comes in while the file is written is in it. */
  readonly to: string;
}

export async function* conversionLines(database: Database, { filter, sort, viewerOf, token, from, to }: Asked) {
  yield csvLine(HEAD);
  const sums: Amounts = new Sums(...AMOUNTS);
  const currenciesOf = createCurrencies(database);
  const read = async (after: bigint | undefined, limit: number) =>
    filter === undefined
      ? []
      : readConversions(database, { ...filter, to, [sort === "newest" ? "before" : "after"]: after }, limit, sort);
  for await (const page of pagesOf(read, ({ id }) => id)) {
    const [nameOf, currencyOf] = await Promise.all([
      readNames(database, placesOf(page)),
      currenciesOf(page.map(({ campaign_id }) => campaign_id)),
    ]);
    yield page.map((row) => toLine(row, viewerOf(row), nameOf, currencyOf(row.campaign_id), sums)).join("");
  }
  yield* sums.lines(
    (total) => [
      TOTAL,
      rangeText(from, to),
      filter?.campaignId ?? "",
      rowsText(total.rows),
      ...Array<string>(8).fill(""),
      ...AMOUNTS.map(total.sumOf),
      total.token?.token_symbol ?? "",
      total.token?.token ?? "",
      "",
      "",
      ...SALE_HEAD.map(() => ""),
    ],
    token,
  );
}

function toLine(
  row: ConversionRow,
  viewer: Viewer,
  nameOf: (place: Place) => string | null,
  currency: NamedCurrency,
  sums: Amounts,
): string {
  const shown = viewConversion(row, viewer);
  const amounts = {
    volume: row.volume,
    refunded: row.refunded,
    commission: BigInt(shown.commission),
    total: BigInt(shown.totalCommission),
  };
  sums.add(currency, amounts);
  const { campaign_id: campaignId, partner } = row;
  return csvLine([
    shown.id,
    shown.receivedAt,
    campaignId,
    currency.name,
    shown.event,
    shown.orderId,
    partner,
    viewer === "brand" && partner !== null ? nameOf({ campaignId, partner }) : null,
    shown.link,
    shown.code,
    shown.state,
    shown.reasonText,
    ...AMOUNTS.map((column) => decimalText(amounts[column], currency)),
    currency.token_symbol,
    currency.token,
    shown.releaseAt === null ? null : new Date(shown.releaseAt * 1000).toISOString(),
    shown.batch,
    ...saleCells(row.sale, shown.sale?.refunded ?? "0"),
  ]);
}
