/** The tables that end the story. */
import Table from "cli-table3";
import { formatUnits } from "ethers";
import type { Recount } from "../recount.ts";
import type { Played } from "./story.ts";

const style = { head: [], border: [], compact: true };

/** The end of the story as tables. */
export function partnersTable({ acts, performances, people }: Played): string {
  const table = new Table({
    head: ["campaign", "partner", "clicks", "conversions", "rejected", "pending", "released", "claimed"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right"],
    style,
  });
  for (const { campaignId, title, decimals, symbol } of acts) {
    const amount = (units: string) => `${formatUnits(units, decimals)} ${symbol}`;
    for (const row of performances.filter((performance) => performance.campaignId === campaignId)) {
      table.push([
        title,
        people.get(row.partner) ?? row.partner,
        row.clicks,
        row.conversions,
        row.rejected,
        amount(row.pending),
        amount(row.released),
        amount(row.claimed),
      ]);
    }
  }
  return table.toString();
}

export function transactionsTable({ sent }: Played): string {
  const table = new Table({
    head: ["transaction", "by", "for", "gas"],
    colAligns: ["left", "left", "left", "right"],
    style,
  });
  for (const { verb, by, what, gas } of sent) table.push([verb, by, what, gas.toLocaleString("en")]);
  return table.toString();
}

/** What did not hold: what was returned, and to whom. */
export function refusalsTable({ refusals }: Played): string {
  const table = new Table({
    head: ["line that did not hold", "of", "why the contract paid nobody", "returned", "to the budget of"],
    colAligns: ["left", "left", "left", "right", "left"],
    style,
  });
  for (const { act, partner, why, returned } of refusals)
    table.push([act.title, partner, why, `${formatUnits(returned, act.decimals)} ${act.symbol}`, act.draft.brand.name]);
  return table.toString();
}

export function totalsTable({ acts }: Played, { campaigns }: Recount): string {
  const table = new Table({
    head: ["campaign", "funded", "= available", "+ reserved", "+ credits", "+ paid", "+ fees", "adds up"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
    style,
  });
  for (const { campaignId, title, decimals } of acts) {
    const totals = campaigns.get(campaignId);
    if (totals === undefined) throw new Error(`Campaign ${campaignId} is not on the chain.`);
    const { funded, available, reserved, credits, paid, fees } = totals;
    const exact = funded === available + reserved + credits + paid + fees;
    table.push([
      title,
      ...[funded, available, reserved, credits, paid, fees].map((units) => formatUnits(units, decimals)),
      exact ? "to the wei" : "NO",
    ]);
  }
  return table.toString();
}

export function outcomesTable({ outcomes }: Played): string {
  const table = new Table({ head: ["outcome of a report", "times"], colAligns: ["left", "right"], style });
  for (const [outcome, times] of [...outcomes].sort()) table.push([outcome, times]);
  return table.toString();
}
