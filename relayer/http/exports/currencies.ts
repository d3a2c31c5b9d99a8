/** What the campaigns of a file are called, and what their amounts are in: each is read once, however many pages name it. */
import type { Database } from "#service/database.ts";
import { type CurrencyRow, readCurrencies } from "../../store/campaigns.ts";

export interface NamedCurrency extends Omit<CurrencyRow, "description"> {
  /** Empty where its description is not known here. */
  readonly name: string;
}

export function createCurrencies(database: Database) {
  const known = new Map<string, NamedCurrency>();
  return async (campaignIds: readonly string[]): Promise<(campaignId: string) => NamedCurrency> => {
    const missing = [...new Set(campaignIds)].filter((id) => !known.has(id));
    for (const { description, ...row } of await readCurrencies(database, missing))
      known.set(row.id, { ...row, name: description === null ? "" : String(JSON.parse(description).name) });
    return (campaignId) => {
      const found = known.get(campaignId);
      if (found === undefined) throw new Error(`Campaign ${campaignId} is not there.`);
      return found;
    };
  };
}
