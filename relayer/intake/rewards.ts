/** Taking in bonuses: conversions that nobody reports, because they follow from others or are the brand's word. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import type { Transaction } from "#service/database.ts";
import { bodyKey } from "../secrets.ts";
import { lockTerms } from "../store/ledger.ts";
import { type ReachedStep, tellReached } from "../store/news.ts";
import { acceptGroup, type GroupContext } from "./group.ts";
import type { Acceptance } from "./report.ts";

/** What a partner is paid beside its commissions. */
export interface Bonus {
  readonly partnershipId: bigint;
  readonly event: string;
  /** What makes it one: the same whoever derives it, and whenever. */
  readonly orderId: string;
  /** Base units. */
  readonly amount: bigint;
  /** The mask of the kinds whose offers may pay it; undefined: all. */
  readonly kinds: bigint | undefined;
  /** The step of a target that it is for, of which the brand is told whatever pays it. */
  readonly reached?: Omit<ReachedStep, "orderId" | "event" | "bonus"> | undefined;
}

/** Takes in bonuses of one campaign, no two of one order, as reports are: the same again is the same conversion. */
export async function acceptBonuses(
  sql: Transaction,
  context: GroupContext,
  campaignId: string,
  bonuses: readonly Bonus[],
  now: number,
): Promise<(Acceptance | Error)[]> {
  const { campaign } = await lockTerms(sql, campaignId);
  // Before they are taken in, which may end the transaction.
  const reached = bonuses.flatMap(({ reached: step, orderId, event, amount }) =>
    step === undefined ? [] : [{ ...step, orderId, event, bonus: amount }],
  );
  await tellReached(sql, campaignId, reached);
  const pending = bonuses.map(({ partnershipId, event, orderId, amount, kinds }) => {
    const said = { event, orderId, volume: fromBaseUnits(amount, campaign.tokenDecimals) };
    const report = {
      ...said,
      referralToken: undefined,
      customerId: undefined,
      customerWallet: undefined,
      occurredAt: undefined,
      bonus: { partnershipId, kinds },
    };
    const bodyHash = bodyKey(context.secret, campaignId, said);
    return { report, apiKeyId: 0n, idempotencyKey: undefined, receivedAt: now, bodyHash };
  });
  return acceptGroup(sql, context, campaignId, pending);
}
