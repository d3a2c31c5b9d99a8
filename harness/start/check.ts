/** Compares the relayer's numbers with what was recounted from the chain. */
import { call } from "../client.ts";
import type { Recount } from "../recount.ts";
import type { Act } from "./stage.ts";
import type { Played } from "./story.ts";

/** Where the relayer's numbers, as its API gives them, differ from the recount of the chain. Empty when they agree. */
export async function compareWithApi(
  apiUrl: string,
  { acts, performances, clicks }: Pick<Played, "acts" | "performances" | "clicks">,
  counted: Recount,
): Promise<string[]> {
  const differences: string[] = [];
  const same = (what: string, relayer: string, chain: bigint | undefined) => {
    if (BigInt(relayer) !== (chain ?? 0n))
      differences.push(`${what}: the relayer says ${relayer}, the chain ${chain ?? 0n}`);
  };
  for (const { campaignId, title } of acts as readonly Act[]) {
    const campaign = await call<Record<string, string>>(apiUrl, "GET", `/v1/campaigns/${campaignId}`);
    const totals = counted.campaigns.get(campaignId);
    for (const name of ["funded", "available", "reserved", "credits", "paid", "fees", "withdrawn"] as const) {
      same(`${title}, ${name}`, campaign[name] ?? "0", totals?.[name]);
    }
    if (campaign.promised !== "0")
      differences.push(`${title}: ${campaign.promised} is still promised after everything was attested`);
  }
  for (const row of performances) {
    const chain = counted.partners.get(`${row.campaignId}:${row.partner}`);
    same(`${row.partner}, pending`, row.pending, chain?.pending);
    same(`${row.partner}, released`, row.released, chain?.released);
    same(`${row.partner}, claimed`, row.claimed, chain?.paid);
  }
  const clicksCounted = performances.reduce((sum, row) => sum + row.clicks, 0);
  if (clicksCounted !== clicks) differences.push(`${clicks} clicks were made, the relayer counted ${clicksCounted}`);
  return differences;
}
