/**
 * Rewards partners for what they reached: when the hold of a batch is over for good, its conversions are added up, and the steps of
 * targets that they complete become bonuses, each a conversion with an order of its own. Who is due is forgotten when that is done: a
 * restart does it again, and finds the orders there.
 */
import { kindMask } from "@partner-programs/protocol/kinds";
import {
  bonusOfStep,
  bonusOrderId,
  PERIODS,
  type Period,
  periodAt,
  stepsReached,
  type Target,
  targetsIn,
} from "@partner-programs/protocol/targets";
import { isRetryable } from "#service/errors.ts";
import { NEVER_AGAIN } from "../intake/judgeAgain.ts";
import type { Bonus } from "../intake/rewards.ts";
import type { Intake } from "../intake.ts";
import { readHistory } from "../progress.ts";
import {
  addReached,
  type DueReward,
  findBatchesToCount,
  findUnpaidBonuses,
  forgetDueRewards,
  noteJudgedBonuses,
  noteNewTargets,
  postponeDueRewards,
  readDueRewards,
  readKnownOrders,
  readReachedFor,
} from "../store/targets.ts";
import { every } from "./every.ts";
import type { Work } from "./work.ts";

type RewardWork = Pick<Work, "database" | "failures"> & { readonly intake: Pick<Intake, "reward" | "judgeAgain"> };

/** Nobody waits for it: a hold is at least as long. */
const PAUSE_SECONDS = 5;
/** What failed, or is not paid by the offers or the budget, is tried again. */
const AGAIN_SECONDS = 600;
const BATCHES_AT_ONCE = 50;
const PARTNERS_AT_ONCE = 500;
/** So many bonuses at most share a transaction. */
const BONUSES_AT_ONCE = 200;
/** So many unpaid ones at most are judged again in a round. */
const UNPAID_AT_ONCE = 200;

/**
 * Who failed is not forgotten: it is noted, and tried again in its next turn.
 * @returns how many partners' months were seen to
 */
export async function reward(work: RewardWork, now: number): Promise<number> {
  const { database, failures } = work;
  for (const digest of await findBatchesToCount(database, BATCHES_AT_ONCE)) await addReached(database, digest);
  await noteNewTargets(database);
  const due = await readDueRewards(database, PARTNERS_AT_ONCE);
  await failures.eachItem(
    "reward",
    [...Map.groupBy(due, ({ campaign_id }) => campaign_id).values()],
    ([first]) => ({ campaignId: first?.campaign_id }),
    async (partners) => {
      try {
        await rewardPartners(work, partners, now);
      } catch (error) {
        // What passes by waiting is in turn again at once.
        if (!isRetryable(error)) await postponeDueRewards(database, partners, AGAIN_SECONDS);
        throw error;
      }
    },
  );
  return due.length;
}

/** @param due of one campaign */
async function rewardPartners(work: RewardWork, due: readonly DueReward[], now: number): Promise<void> {
  const { database, intake, failures } = work;
  const campaignId = due[0]?.campaign_id ?? "";
  const history = await readHistory(database, campaignId);
  const failed = new Set<bigint>();
  for (const [month, partners] of Map.groupBy(due, (one) => one.month))
    for (const { target, period } of targetsOfMonth(history, month)) {
      const ids = partners.map(({ partnership_id }) => partnership_id);
      const rows = await readReachedFor(database, ids, target.counts, period);
      const reached = new Map(rows.map((row) => [row.partnership_id, row]));
      const earned = partners.flatMap((partner) => {
        const { conversions = 0n, volume = 0n } = reached.get(partner.partnership_id) ?? {};
        const steps = stepsReached(target, { conversions: Number(conversions), volume }, partner.token_decimals);
        return Array.from({ length: steps }, (_, i) => bonusOf(target, period, i + 1, partner));
      });
      const orders = earned.map(({ orderId }) => orderId);
      const known = await readKnownOrders(database, campaignId, target.event, orders);
      const unpaid = earned.filter(({ orderId }) => !known.has(orderId));
      for (let from = 0; from < unpaid.length; from += BONUSES_AT_ONCE) {
        const some = unpaid.slice(from, from + BONUSES_AT_ONCE);
        for (const [i, taken] of (await intake.reward(campaignId, some, now)).entries()) {
          const bonus = some[i];
          if (bonus === undefined || !(taken instanceof Error)) continue;
          failures.note("reward", taken, { campaignId, orderId: bonus.orderId });
          failed.add(bonus.partnershipId);
        }
      }
    }
  const [again, done] = partition(due, ({ partnership_id }) => failed.has(partnership_id));
  await forgetDueRewards(database, done);
  await postponeDueRewards(database, again, AGAIN_SECONDS);
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function bonusOf(
  target: Target,
  period: Period,
  step: number,
  { partnership_id, partner, token_decimals }: DueReward,
): Bonus {
  return {
    partnershipId: partnership_id,
    event: target.event,
    orderId: bonusOrderId({ target: target.name, period: period.name, step, partner }),
    amount: bonusOfStep(target, step, token_decimals) ?? 0n,
    kinds: target.kinds && kindMask(...target.kinds),
    reached: { partner, target: target.name, title: target.title, period: period.name, step },
  };
}

function targetsOfMonth(history: Awaited<ReturnType<typeof readHistory>>, month: number) {
  return PERIODS.flatMap((kind) => {
    const period = periodAt(kind, month);
    return targetsIn(history, kind, period).map((target) => ({ target, period }));
  });
}

/** Nothing is final that can be mended: whatever stood against a bonus, it is judged again. */
export async function payUnpaid(
  { database, failures, intake }: RewardWork,
  now: number,
  most = UNPAID_AT_ONCE,
): Promise<void> {
  const unpaid = await findUnpaidBonuses(database, NEVER_AGAIN, most);
  // Before they are: one that fails each time, or ends the process, holds up nobody.
  await noteJudgedBonuses(
    database,
    unpaid.map(({ id }) => id),
  );
  await failures.eachItem(
    "reward",
    unpaid,
    ({ id, campaign_id }) => ({ conversionId: String(id), campaignId: campaign_id }),
    ({ id, campaign_id }) => intake.judgeAgain(campaign_id, id, now),
  );
}

export function createReward(work: RewardWork): () => Promise<void> {
  const count = every(PAUSE_SECONDS, () => reward(work, Date.now()));
  const again = every(AGAIN_SECONDS, () => payUnpaid(work, Date.now()));
  return async () => {
    await count();
    await again();
  };
}
