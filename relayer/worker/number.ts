/** Numbers accepted conversions: builds each campaign's next batch, and writes it down before anybody signs it. */
import { setImmediate } from "node:timers/promises";
import type { Reason } from "@partner-programs/protocol/reasons";
import { attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";
import type { Config } from "../config.ts";
import {
  BatchDraft,
  type Bounds as DraftBounds,
  MAX_LINES_AT_ONCE,
  MAX_LINES_ON_CHAIN,
  type Waiting,
} from "../domain/batch.ts";
import { expireConversions, numberConversions } from "../store/conversions.ts";
import { isForgottenOpen, reviewForgotten } from "../store/forgotten.ts";
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
import type { Reconciled, Work } from "./work.ts";

type Bounds = Pick<Config, "BATCH_SECONDS" | "BATCH_CONVERSIONS" | "DEADLINE_SECONDS">;

/** @returns the digests of the batches built */
export async function number(
  work: Pick<Work, "database" | "chain" | "failures"> & Reconciled,
  bounds: Bounds,
  now: number,
): Promise<string[]> {
  const { database, failures } = work;
  const since = new Date(now - bounds.BATCH_SECONDS * 1000);
  const waiting = await findCampaignsToNumber(database, since, bounds.BATCH_CONVERSIONS);
  const campaigns = waiting.filter(work.isReconciled);
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
    if (campaign === undefined) return undefined;
    // Whatever else is waited for: what was attested already is no conversion that waits.
    await reviewForgotten(sql, campaignId);
    if (campaign.outstanding || (await isForgottenOpen(sql, campaignId))) return undefined;

    const seconds = Math.floor(now / 1000);
    // It is the chain that looks at suspensions and deadlines, by its own time.
    const chainSeconds = Math.max(seconds, Number(campaign.chain_now));
    if (Number(campaign.suspended_until) > chainSeconds) return undefined;
    const most = Math.min(bounds.BATCH_CONVERSIONS, campaign.batch_limit ?? bounds.BATCH_CONVERSIONS);
    const over = campaign.closes_at !== 0n && seconds >= Number(campaign.final_at);
    // The second in which it was received has to be over: a period does not end in the future.
    const waiting = readWaiting(sql, campaignId, new Date(seconds * 1000), most);
    if (over) {
      const ids: bigint[] = [];
      for await (const page of waiting) ids.push(...page.map(({ id }) => id));
      await expireConversions(sql, ids, "attested_too_late");
      return undefined;
    }
    const draft = new BatchDraft(campaign.next_conversion, await boundsNow(sql, campaignId, campaign, most));
    const left = await fill(draft, waiting);
    if (draft.length === 0) {
      // It fits into no batch, not even alone, and must not hold up those behind it.
      if (left !== undefined) await expireConversions(sql, [left.id], whyNot(left, campaign));
      return undefined;
    }
    const priceOf = await readPrices(sql, campaignId, draft.period);
    const deadline = chainSeconds + bounds.DEADLINE_SECONDS;
    const batch = await draft.finish({ campaignId, deadline, priceOf, breathe: setImmediate });
    const { attestation } = batch;
    const digest = digestOf(chain.domain, attestationTypedData(attestation));
    await insertBatch(sql, digest, attestation);
    await writeLines(sql, digest, batch.lines, priceOf);
    await numberConversions(sql, digest, attestation.firstConversion, batch.ids, batch.ownLines);
    await followConversions(sql, digest);
    return digest;
  });
}

/** Adds what waits for as long as it fits. @returns the first that does not */
async function fill(draft: BatchDraft, waiting: AsyncIterable<Waiting[]>): Promise<Waiting | undefined> {
  for await (const page of waiting) for (const one of page) if (!draft.add(one)) return one;
  return undefined;
}

async function boundsNow(
  sql: Sql,
  campaignId: string,
  { hold_seconds, lines_on_chain, closes_at }: CampaignToNumber,
  conversions: number,
): Promise<DraftBounds> {
  const onChain = lines_on_chain ? MAX_LINES_ON_CHAIN : Number.POSITIVE_INFINITY;
  return {
    offers: await readValidity(sql, campaignId),
    kindsEnd: await readKindsEnd(sql, campaignId),
    conversions,
    lines: hold_seconds === 0 ? MAX_LINES_AT_ONCE : onChain,
    periodEnd: closes_at === 0n ? Number.POSITIVE_INFINITY : Number(closes_at),
  };
}

function whyNot({ receivedAt }: Waiting, { closes_at }: CampaignToNumber): Reason {
  const late = closes_at !== 0n && Math.floor(receivedAt / 1000) >= Number(closes_at);
  return late ? "attested_too_late" : "period_outside_offer";
}
