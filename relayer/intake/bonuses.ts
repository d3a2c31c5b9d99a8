/** Bonuses by the brand's own word: as far as the description says that there are such, with a reason, and through the ordinary path. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { type ManualBonuses, manualOrderId, periodAt, readManualOrderId } from "@partner-programs/protocol/targets";
import type { Sql, Transaction } from "#service/database.ts";
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
  const period = periodAt("month", Math.floor(now / 1000));
  const month = period.name;
  const given = await readGiven(sql, campaignId, period);
  if (given + amount > toBaseUnitsDown(rules.mostPerMonth, decimals))
    throw new RefusedBonus(describeFull(rules, month, given, gift.amount, decimals));
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
    // What was accepted before stays so, whatever the month has become.
    if (taken?.judgedAgain !== true || taken.conversion.state === "rejected") return;
    const receivedAt = taken.conversion.received_at.getTime();
    const refusal = await whyTooMuch(sql, campaignId, { orderId: order, amount }, receivedAt);
    if (refusal !== undefined) throw new RefusedBonus(refusal);
  }
}

/**
 * Why a bonus that was said in another month is not accepted as of this moment: by the attesters' rules it counts for the month in
 * which it is received. It is there already, and takes up what is left of the month. undefined: it fits.
 */
export async function whyTooMuch(
  sql: Sql,
  campaignId: string,
  { orderId, amount }: { readonly orderId: string; readonly amount: bigint },
  receivedAt: number,
): Promise<string | undefined> {
  const month = periodAt("month", Math.floor(receivedAt / 1000));
  const said = readManualOrderId(orderId);
  if (said === undefined || said === month.name) return undefined;
  const { campaign, description } = await lockTerms(sql, campaignId);
  const { tokenDecimals: decimals } = campaign;
  const rules = requireDescription(campaignId, description).bonuses;
  if (rules === undefined)
    return `Campaign ${campaignId} has no bonuses by the brand's own word any more: its description names none. Publish one with \`bonuses\`.`;
  const given = await readGiven(sql, campaignId, month);
  if (given <= toBaseUnitsDown(rules.mostPerMonth, decimals)) return undefined;
  const late = describeFull(rules, month.name, given - amount, fromBaseUnits(amount, decimals), decimals);
  return `It was said in ${said}, and counts for the month in which it is accepted. ${late}`;
}

const describeFull = (
  { mostPerMonth }: Pick<ManualBonuses, "mostPerMonth">,
  month: string,
  given: bigint,
  more: string,
  decimals: number,
) =>
  `Of the ${mostPerMonth} that the description allows in ${month}, ${fromBaseUnits(given, decimals)} are given. ${more} more do not fit.`;
