/** Bonuses by the brand's own word: as far as the description says that there are such, with a reason, and through the ordinary path. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { manualOrderId, periodAt } from "@partner-programs/protocol/targets";
import type { Transaction } from "#service/database.ts";
import type { Note } from "../store/acts.ts";
import { insertBonus, readBonus, readGiven } from "../store/bonuses.ts";
import { lockTerms } from "../store/ledger.ts";
import { findPartnership } from "../store/partnerships.ts";
import { unfit } from "./decide.ts";
import { RefusedBonus, requireNotSetAside } from "./errors.ts";
import type { GroupContext } from "./group.ts";
import { requireDescription } from "./ledger.ts";
import { acceptBonuses } from "./rewards.ts";

/** What a brand gives. */
export interface Gift {
  /** As the brand calls it. */
  readonly bonusId: string;
  readonly partner: string;
  /** A decimal number of whole tokens. */
  readonly amount: string;
  readonly reason: string;
  /** Who says so. */
  readonly by: string;
}

/**
 * Gives a bonus, once for each `bonusId`. One that was rejected is judged again when it is said again.
 * @returns whether it is new. @throws RefusedBonus, InvalidReport, MissingDescription
 */
export async function giveBonus(
  sql: Transaction,
  context: GroupContext,
  campaignId: string,
  gift: Gift,
  now: number,
  note: Note,
): Promise<boolean> {
  const { campaign, description } = await lockTerms(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const { tokenDecimals: decimals } = campaign;
  const wrong = unfit(gift.amount, decimals);
  if (wrong !== undefined) throw wrong;
  const amount = toBaseUnitsDown(gift.amount, decimals);
  const before = await readBonus(sql, campaignId, gift.bonusId);
  if (before !== undefined) {
    if (before.partner !== gift.partner || before.amount !== amount || before.reason !== gift.reason)
      throw new RefusedBonus(
        `Bonus "${gift.bonusId}" is ${fromBaseUnits(before.amount, decimals)} for ${before.partner}. Call another one otherwise.`,
      );
    await note(sql, { bonus: gift.bonusId, partner: gift.partner, amount: gift.amount, again: "yes" });
    await accept(before.event, before.order_id, before.partnership_id);
    return false;
  }
  const rules = requireDescription(campaignId, description).bonuses;
  if (rules === undefined)
    throw new RefusedBonus(
      `Campaign ${campaignId} has no bonuses by the brand's own word: its description names none. Publish one with \`bonuses\`.`,
    );
  const partnershipId = await findPartnership(sql, campaignId, gift.partner);
  if (partnershipId === undefined) throw new RefusedBonus(`${gift.partner} is no partner of campaign ${campaignId}.`);
  if (amount > toBaseUnitsDown(rules.most, decimals))
    throw new RefusedBonus(`A bonus of ${gift.amount} is more than the ${rules.most} that the description allows.`);
  const month = periodAt("month", Math.floor(now / 1000)).name;
  const given = await readGiven(sql, campaignId, month);
  if (given + amount > toBaseUnitsDown(rules.mostPerMonth, decimals))
    throw new RefusedBonus(
      `Of the ${rules.mostPerMonth} that the description allows in ${month}, ${fromBaseUnits(given, decimals)} are given. ${gift.amount} more do not fit.`,
    );
  const orderId = manualOrderId(month, gift.bonusId);
  const { bonusId, reason, by } = gift;
  const { event } = rules;
  await insertBonus(sql, { campaignId, bonusId, partnershipId, amount, reason, event, orderId, month, by, at: now });
  await note(sql, { bonus: bonusId, partner: gift.partner, amount: gift.amount });
  await accept(event, orderId, partnershipId);
  return true;

  async function accept(ofEvent: string, order: string, of: bigint): Promise<void> {
    const bonus = { partnershipId: of, event: ofEvent, orderId: order, amount, kinds: undefined };
    const [taken] = await acceptBonuses(sql, context, campaignId, [bonus], now);
    if (taken instanceof Error) throw taken;
  }
}
