/** Numbers accepted conversions: builds each campaign's next batch, and writes it down before anybody signs it. */
import type { Reason } from "@partner-programs/protocol/reasons";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";
import type { Config } from "../config.ts";
import { buildBatch, fitting, MAX_LINES_AT_ONCE, MAX_LINES_ON_CHAIN, periodOf, type Waiting } from "../domain/batch.ts";
import { expireConversions, numberConversions } from "../store/conversions.ts";
import { readPrices, writeLines } from "../store/lines.ts";
import {
  type CampaignToNumber,
  findCampaignsToNumber,
  insertBatch,
  lockToNumber,
  readKindsEnd,
  readValidity,
  readWaiting,
} from "../store/numbering.ts";
import { followConversions } from "../store/reversals.ts";
import type { Work } from "./work.ts";

type Bounds = Pick<Config, "BATCH_SECONDS" | "BATCH_CONVERSIONS" | "DEADLINE_SECONDS">;

/** @returns the digests of the batches built */
export async function number(
  work: Pick<Work, "database" | "chain" | "failures">,
  bounds: Bounds,
  now: number,
): Promise<string[]> {
  const { database, failures } = work;
  const since = new Date(now - bounds.BATCH_SECONDS * 1000);
  const campaigns = await findCampaignsToNumber(database, since, bounds.BATCH_CONVERSIONS);
  const built: string[] = [];
  await failures.eachItem(
    "number",
    campaigns,
    (campaignId) => ({ campaignId }),
    async (campaignId) => {
      const digest = await numberCampaign(work, campaignId, bounds, now);
      if (digest !== undefined) built.push(digest);
    },
  );
  return built;
}

/** Under a lock on the campaign, and only when none of its batches is outstanding, so that a number is given once. */
async function numberCampaign(
  { database, chain }: Pick<Work, "database" | "chain">,
  campaignId: string,
  bounds: Bounds,
  now: number,
): Promise<string | undefined> {
  return database.transaction(async (sql) => {
    const campaign = await lockToNumber(sql, campaignId);
    if (campaign === undefined || campaign.outstanding || Number(campaign.suspended_until) * 1000 > now)
      return undefined;

    const seconds = Math.floor(now / 1000);
    const most = Math.min(bounds.BATCH_CONVERSIONS, campaign.batch_limit ?? bounds.BATCH_CONVERSIONS);
    // The second in which it was received has to be over: a period does not end in the future.
    const waiting = await readWaiting(sql, campaignId, new Date(seconds * 1000), most);
    const over = campaign.closes_at !== 0n && seconds >= Number(campaign.final_at);
    const conversions = over ? [] : await fittingNow(sql, campaignId, campaign, waiting, most);
    if (conversions.length === 0) {
      const [ids, reason] = whatExpires(campaign, waiting, seconds);
      await expireConversions(sql, ids, reason);
      return undefined;
    }
    const priceOf = await readPrices(sql, campaignId, periodOf(conversions));
    // It is the chain that looks at it, by its own time.
    const deadline = Math.max(seconds, Number(campaign.chain_now)) + bounds.DEADLINE_SECONDS;
    const batch = buildBatch(campaignId, campaign.next_conversion, conversions, deadline, priceOf);
    const { attestation } = batch;
    const digest = digestOf(chain.domain, attestationTypedData(attestation));
    await insertBatch(sql, digest, attestation);
    await writeLines(sql, digest, batch);
    await numberConversions(
      sql,
      digest,
      attestation.firstConversion,
      conversions.map(({ id }, i) => ({ id, line: batch.ownLines[i] as number })),
    );
    await followConversions(sql, digest);
    return digest;
  });
}

async function fittingNow(
  sql: Sql,
  campaignId: string,
  { hold_seconds, lines_on_chain, closes_at }: CampaignToNumber,
  waiting: readonly Waiting[],
  conversions: number,
): Promise<Waiting[]> {
  const onChain = lines_on_chain ? MAX_LINES_ON_CHAIN : Number.POSITIVE_INFINITY;
  return fitting(waiting, {
    offers: await readValidity(sql, campaignId),
    kindsEnd: await readKindsEnd(sql, campaignId),
    conversions,
    lines: hold_seconds === 0 ? MAX_LINES_AT_ONCE : onChain,
    periodEnd: closes_at === 0n ? Number.POSITIVE_INFINITY : Number(closes_at),
  });
}

/**
 * What fits into no batch any more: all of it once the campaign is final; otherwise the first, not even alone, which must not hold up
 * those behind it.
 */
function whatExpires(
  { closes_at, final_at }: CampaignToNumber,
  waiting: readonly Waiting[],
  now: number,
): [ids: bigint[], reason: Reason] {
  if (closes_at !== 0n && now >= Number(final_at)) return [waiting.map(({ id }) => id), "attested_too_late"];
  const [first] = waiting;
  if (first === undefined) return [[], "attested_too_late"];
  const late = closes_at !== 0n && Math.floor(first.receivedAt / 1000) >= Number(closes_at);
  return [[first.id], late ? "attested_too_late" : "period_outside_offer"];
}
