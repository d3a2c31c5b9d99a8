/** Writing a self-billing invoice: what was paid to a partner and is on none yet, with what it was worth when it was the partner's. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { currencyDecimals } from "@partner-programs/protocol/currency";
import { readDescription } from "@partner-programs/protocol/description";
import { unpackLine } from "@partner-programs/protocol/line";
import { type Rate, toCurrencyDown } from "@partner-programs/protocol/rates";
import type { Database, Sql } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import { type Invoice, type Item, invoiceName, notesOf, type Party, sumByToken, taxIn } from "../domain/invoice.ts";
import type { Note } from "../store/acts.ts";
import { type CurrencyRow, readCurrencies } from "../store/campaigns.ts";
import {
  type BillableRow,
  type InvoiceRow,
  insertInvoice,
  lockInvoices,
  readAgreement,
  readBillable,
  readLastInvoice,
  readParty,
} from "../store/invoices.ts";
import { RefusedInvoice } from "./errors.ts";

/** So many batches are on one invoice. */
const MAX_ITEMS = 2_000;
const DAY_SECONDS = 86_400;

export interface AskedInvoice {
  readonly brand: string;
  readonly partner: string;
  /** What was paid of this campaign alone; undefined: of all of the brand's. */
  readonly campaignId?: string | undefined;
  /** The last day of its period, in UTC. */
  readonly to: string;
  /** In what it says what was paid was worth; undefined: in nothing but tokens. */
  readonly currency?: string | undefined;
}

/** @throws RefusedInvoice */
export async function issueInvoice(
  database: Database,
  findRate: FindRate,
  asked: AskedInvoice,
  by: { readonly wallet: string; readonly note: Note },
  now: number,
): Promise<InvoiceRow> {
  const { brand, partner, to } = asked;
  const before = Date.parse(to) / 1000 + DAY_SECONDS;
  if (before * 1000 > now) throw new RefusedInvoice(`The day ${to} is not over. Name one before today, in UTC.`);
  const rows = await readBillable(database, asked, before, MAX_ITEMS + 1);
  // Rates are looked up before anything is locked: whoever is asked may take its time.
  const items = await itemsOf(database, findRate, rows, asked.currency);
  return database.transaction(async (sql) => {
    await lockInvoices(sql, brand, partner);
    const parties = await partiesOf(sql, brand, partner);
    const still = await readBillable(sql, asked, before, MAX_ITEMS + 1);
    const names = (of: readonly BillableRow[]) => JSON.stringify(of.map(({ digest, indexes }) => [digest, indexes]));
    if (names(still) !== names(rows))
      throw new RefusedInvoice(`What ${partner} was paid has changed meanwhile. Ask for the invoice again.`);
    const last = await readLastInvoice(sql, brand, partner);
    const number = (last?.number ?? 0) + 1;
    const body = write(asked, { ...parties, items, number, last: last?.body });
    const row = await insertInvoice(sql, { brand, partner, number, issued_by: by.wallet, body }, rows);
    await by.note(sql, { invoice: body.name, partner });
    return row;
  });
}

interface Parties {
  readonly seller: Party;
  readonly buyer: Party;
  readonly agreedAt: Date;
}

async function partiesOf(sql: Sql, brand: string, partner: string): Promise<Parties> {
  const agreedAt = await readAgreement(sql, brand, partner);
  if (agreedAt === undefined)
    throw new RefusedInvoice(
      `${partner} has not agreed that ${brand} writes its invoices. It does so with PUT /v1/me/self-billing/${brand}, or on its page.`,
    );
  const [seller, buyer] = await Promise.all([readParty(sql, partner), readParty(sql, brand)]);
  if (seller === undefined || seller.tax === null)
    throw new RefusedInvoice(
      `${partner} has not said who it is on invoices, and how it is taxed: PUT /v1/me/invoice-details.`,
    );
  if (buyer === undefined)
    throw new RefusedInvoice(`${brand} has not said who it is on invoices: PUT /v1/brands/${brand}/invoice-details.`);
  return { seller, buyer, agreedAt };
}

async function itemsOf(
  sql: Sql,
  findRate: FindRate,
  rows: readonly BillableRow[],
  currency: string | undefined,
): Promise<Item[]> {
  if (rows.length === 0)
    throw new RefusedInvoice("Nothing was paid until then that is on no invoice yet. Name a later day, once there is.");
  if (rows.length > MAX_ITEMS)
    throw new RefusedInvoice(`Until then there are more than ${MAX_ITEMS} batches. Name an earlier day first.`);
  const ids = [...new Set(rows.map(({ campaign_id }) => campaign_id))];
  const campaigns = new Map((await readCurrencies(sql, ids)).map((one) => [one.id, one]));
  const items: Item[] = [];
  for (const row of rows.toSorted((a, b) => Number(a.release_at - b.release_at))) {
    const campaign = campaigns.get(row.campaign_id);
    if (campaign === undefined) throw new Error(`Campaign ${row.campaign_id} is not there.`);
    const description = campaign.description === null ? undefined : readDescription(campaign.description).description;
    const dueAt = Number(row.release_at);
    const worth = currency === undefined ? NO_WORTH : await worthOf(row, campaign, currency, dueAt);
    items.push({
      campaignId: row.campaign_id,
      campaign: description?.name ?? "",
      batch: row.digest,
      dueAt: new Date(dueAt * 1000).toISOString(),
      conversions: row.lines.reduce((sum, line) => sum + unpackLine(line).count, 0),
      amountBaseUnits: String(row.amount),
      token: campaign.token,
      tokenSymbol: campaign.token_symbol,
      tokenDecimals: campaign.token_decimals,
      ...worth,
    });

    async function worthOf({ amount }: BillableRow, of: CurrencyRow, code: string, at: number) {
      const currencies = description?.currencies;
      if (currencies === undefined)
        throw new RefusedInvoice(
          `The description of campaign ${of.id} names no \`currencies\`, so what its token was worth is not known. Leave \`currency\` out, or name another campaign.`,
        );
      const { rate, problem } = await findRate(currencies, code, at);
      if (rate === undefined)
        throw new RefusedInvoice(`What ${of.token_symbol} was worth in ${code} at ${at} is not known: ${problem}.`);
      return { rate, value: valueIn(amount, rate, of.token_decimals, code) };
    }
  }
  return items;
}

const NO_WORTH = { value: null, rate: null };

/** Cut off to the currency's smallest unit: what rows say adds up to what the invoice says. */
const valueIn = (amount: bigint, rate: Rate, tokenDecimals: number, currency: string): string => {
  const decimals = currencyDecimals(currency) ?? 0;
  return fromBaseUnits(toCurrencyDown(amount, rate, tokenDecimals, decimals), decimals);
};

function write(
  { brand, partner, to, currency }: AskedInvoice,
  {
    seller,
    buyer,
    agreedAt,
    items,
    number,
    last,
  }: Parties & {
    readonly items: readonly Item[];
    readonly number: number;
    readonly last: Invoice | undefined;
  },
): Invoice {
  const { tax } = seller;
  if (tax === null) throw new Error(`${partner} has no tax.`);
  if (tax.kind === "included" && currency === undefined)
    throw new RefusedInvoice(
      `${partner} is taxed with ${tax.percent} % ${tax.name}, which is said in a currency. Name a \`currency\`.`,
    );
  // What was due on days that an earlier invoice was of, and settled after it was written, is on this one: its items say when it was due.
  const first = items[0]?.dueAt.slice(0, 10) ?? to;
  const next = last === undefined ? first : dayAfter(last.period.to);
  return {
    name: invoiceName(brand, partner, number),
    period: { from: next <= to ? next : to, to },
    seller: { ...seller, wallet: partner },
    buyer: { ...buyer, tax: null, wallet: brand },
    agreedAt: agreedAt.toISOString(),
    items,
    paid: sumByToken(items),
    currency: currency ?? null,
    value: currency === undefined ? null : sumIn(items, currency, tax.kind === "included" ? tax.percent : "0"),
    notes: notesOf(tax),
  };
}

function sumIn(items: readonly Item[], currency: string, percent: string) {
  const decimals = currencyDecimals(currency) ?? 0;
  const gross = items.reduce((sum, { value }) => sum + toBaseUnitsDown(value ?? "0", decimals), 0n);
  const tax = taxIn(gross, percent);
  const say = (units: bigint) => fromBaseUnits(units, decimals);
  return { gross: say(gross), net: say(gross - tax), tax: say(tax) };
}

const dayAfter = (day: string) => new Date(Date.parse(day) + DAY_SECONDS * 1000).toISOString().slice(0, 10);
