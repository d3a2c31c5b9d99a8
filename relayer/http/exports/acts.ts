/** What was done for a brand, as a CSV file. */
import type { Database } from "#service/database.ts";
import { type ActFilter, type ActRow, readActs } from "../../store/acts.ts";
import { csvLine, pagesOf, rowsText, TOTAL } from "./csv.ts";

const HEAD = ["time (UTC)", "who", "as", "what", "campaign", "about"];

/** From the first on. `to`: nothing that is done while the file is written is in it. */
export async function* actLines(database: Database, filter: ActFilter, to: Date) {
  yield csvLine(HEAD);
  let rows = 0;
  const read = (after: bigint | undefined, limit: number) =>
    readActs(database, filter, { sort: "oldest", from: after ?? 0n, limit });
  for await (const page of pagesOf(read, ({ id }) => id)) {
    const until = page.filter(({ at }) => at <= to);
    for (const row of until) yield csvLine(cellsOf(row));
    rows += until.length;
    if (until.length < page.length) break;
  }
  yield csvLine([TOTAL, rowsText(rows), "", "", "", `until ${to.toISOString()}, UTC`]);
}

const cellsOf = ({ at, actor, role, act, campaign_id, facts }: ActRow) => [
  at.toISOString(),
  actor,
  role,
  act,
  campaign_id,
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; "),
];
