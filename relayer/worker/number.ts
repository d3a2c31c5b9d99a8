/** Numbers accepted conversions: builds each campaign's next batch, and writes it down before anybody signs it. */
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { Config } from "../config.ts";
import { buildAttestation, fitting } from "../domain/batch.ts";
import { expireConversions, numberConversions } from "../store/conversions.ts";
import { readPrices, writeLines } from "../store/lines.ts";
import { findCampaignsToNumber, insertBatch, lockToNumber, readValidity, readWaiting } from "../store/numbering.ts";
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
    const deadline = seconds + bounds.DEADLINE_SECONDS;
    // Young enough for the contract until the deadline.
    const endsFrom = Math.min(seconds, deadline - campaign.notice_seconds);
    const conversions = fitting(waiting, await readValidity(sql, campaignId), most, endsFrom);
    if (conversions.length === 0) {
      // The first of them fits into no batch any more, not even alone, and must not hold up those behind it.
      await expireConversions(
        sql,
        waiting.slice(0, 1).map(({ id }) => id),
      );
      return undefined;
    }

    const attestation = buildAttestation(campaignId, campaign.next_conversion, conversions, deadline, endsFrom);
    const digest = digestOf(chain.domain, attestationTypedData(attestation));
    await insertBatch(sql, digest, attestation);
    await writeLines(sql, digest, attestation.lines, await readPrices(sql, campaignId), "signed");
    await numberConversions(
      sql,
      digest,
      attestation.firstConversion,
      conversions.map(({ id }) => id),
    );
    await followConversions(sql, digest);
    return digest;
  });
}
