/** Whether a bonus is earned by a target of the attester's rules, or is the brand's word within what they allow. */
import { getAddress } from "@partner-programs/protocol/address";
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { GivenConversion, Refusal } from "@partner-programs/protocol/attesterApi";
import { FOR_ONE_PARTNER, hasKind, KINDS, kindMask, kindName } from "@partner-programs/protocol/kinds";
import {
  type BonusName,
  bonusEvents,
  bonusOfStep,
  type Period,
  periodAt,
  periodNamed,
  type Reached,
  readBonusOrderId,
  readManualOrderId,
  stepsReached,
  type Target,
} from "@partner-programs/protocol/targets";
import { describeStep } from "@partner-programs/protocol/targetWords";
import type { CampaignRules } from "../rules.ts";
import type { Offers } from "./offers.ts";
import { refuse, refuseSome } from "./refusals.ts";
import type { Units } from "./source.ts";

type BonusRules = Pick<CampaignRules, "targets" | "bonuses">;

/** Which of a campaign's conversions are bonuses, by the attester's rules: no source has them. */
export function bonusesOf(rules: BonusRules): (conversion: GivenConversion) => boolean {
  const events = bonusEvents(rules);
  return ({ order }) => order !== undefined && events.has(order.event);
}

/** What is known of what a bonus is for. */
export interface BonusFacts extends Units {
  readonly offers: Offers;
  /** What of the target's conversions is paid for good, and what there may be at most. */
  readonly count: (
    partner: string,
    target: Target,
    period: Period,
  ) => Promise<{ readonly paid: Reached; readonly atMost: Reached }>;
  /** What was signed by the brand's word and received in a month, but for these orders, in base units. */
  readonly givenIn: (month: Period, but: readonly string[]) => Promise<bigint>;
}

/** @param conversions bonuses alone, all of a batch */
export async function checkBonuses(
  conversions: readonly GivenConversion[],
  rules: BonusRules,
  facts: BonusFacts,
): Promise<Refusal | undefined> {
  const never: { number: bigint; reason: string }[] = [];
  const later: { number: bigint; reason: string }[] = [];
  const given = new Map<string, bigint>();
  for (const conversion of conversions) {
    const { number, order } = conversion;
    if (order === undefined) continue;
    const name = readBonusOrderId(order.orderId);
    const refusal =
      name === undefined
        ? await manualReason(conversion, order, rules, facts, given, conversions)
        : await targetReason(conversion, name, order.event, rules, facts);
    if (refusal !== undefined) (refusal.transient ? later : never).push({ number, reason: refusal.reason });
  }
  return refuseSome(never) ?? refuseSome(later, true);
}

async function targetReason(
  conversion: GivenConversion,
  name: BonusName,
  event: string,
  { targets }: BonusRules,
  facts: BonusFacts,
): Promise<Refusal | undefined> {
  const named = targets.filter((one) => one.name === name.target && one.event === event);
  // Where one target follows another of its name, either may be what the period had.
  let refusal = refuse(`it is a bonus of target "${name.target}", which the attester's rules do not have.`);
  for (const target of named) {
    const one = await oneTargetReason(conversion, name, target, facts);
    if (one === undefined) return undefined;
    refusal = one;
  }
  return refusal;
}

async function oneTargetReason(
  { entries }: GivenConversion,
  { target: called, period: periodName, step, partner }: BonusName,
  target: Target,
  facts: BonusFacts,
): Promise<Refusal | undefined> {
  const { offers, decimals } = facts;
  const period = periodNamed(target.period, periodName);
  const asked = target.steps[step - 1];
  const amount = bonusOfStep(target, step, decimals);
  if (period === undefined) return refuse(`target "${called}" has no period "${periodName}".`);
  if (asked === undefined || amount === undefined)
    return refuse(`target "${called}" has ${target.steps.length} steps, and none of number ${step}.`);
  const wrong = entriesReason(entries, partner, amount, facts);
  if (wrong !== undefined) return refuse(wrong);
  const wanted = target.kinds && kindMask(...target.kinds);
  const foreign = entries
    .map(({ offerId }) => offers.get(offerId)?.kind ?? FOR_ONE_PARTNER)
    .find((kind) => wanted !== undefined && kind !== FOR_ONE_PARTNER && kind !== RECRUITER && !hasKind(wanted, kind));
  if (foreign !== undefined)
    return refuse(`target "${called}" is not for the kind "${kindName(foreign)}", whose offer pays it.`);
  const { paid, atMost } = await facts.count(partner, target, period);
  if (stepsReached(target, paid, decimals) >= step) return undefined;
  const has = `of what this attester signed, ${getAddress(partner)} has ${sayReached(paid, facts)} in ${periodName} whose hold is over`;
  const asks = `step ${step} of target "${called}" asks for ${describeStep(asked)}`;
  if (stepsReached(target, atMost, decimals) < step) return refuse(`${asks}, and ${has}.`);
  return refuse(`${asks}, and it is early: ${has}, and ${sayReached(atMost, facts)} with what is not yet.`, true);
}

const RECRUITER = KINDS.indexOf("recruiter");

/** Why these entries are not one partner's bonus of at most so much. */
function entriesReason(
  entries: GivenConversion["entries"],
  partner: string,
  amount: bigint,
  { offers, unitExponent }: BonusFacts,
): string | undefined {
  const own = entries.filter(({ offerId }) => offers.get(offerId)?.kind !== RECRUITER);
  const other = own.find((entry) => entry.partner.toLowerCase() !== partner);
  if (other !== undefined) return `it is ${getAddress(partner)}'s bonus, and pays ${getAddress(other.partner)}.`;
  if (own.length !== 1) return `it pays ${getAddress(partner)} by ${own.length} offers; a bonus is paid by one.`;
  const most = entries.reduce((units, entry) => (entry.volumeUnits > units ? entry.volumeUnits : units), 0n);
  const attested = most * 10n ** BigInt(unitExponent);
  return attested > amount ? `it attests a bonus of ${attested}, and ${amount} is what it is.` : undefined;
}

const sayReached = ({ conversions, volume }: Reached, { decimals }: Units): string =>
  `${conversions} conversions and a volume of ${fromBaseUnits(volume, decimals)}`;

async function manualReason(
  { entries }: GivenConversion,
  order: NonNullable<GivenConversion["order"]>,
  { bonuses }: BonusRules,
  facts: BonusFacts,
  given: Map<string, bigint>,
  all: readonly GivenConversion[],
): Promise<Refusal | undefined> {
  const { decimals, unitExponent } = facts;
  const said = readManualOrderId(order.orderId);
  if (said === undefined)
    return refuse(
      `order "${order.orderId}" is of the event of bonuses, and no bonus that targets or the brand's word make.`,
    );
  if (bonuses === undefined || bonuses.event !== order.event)
    return refuse("it is a bonus by the brand's word alone, and the attester's rules allow none.");
  // One that was rejected when it was said may be received months later: it counts for that month, whatever month it names.
  const received = periodAt("month", order.receivedAt);
  const month = received.name;
  if (said > month) return refuse(`it is a bonus of ${said}, and was received before, in ${month}.`);
  const [first] = entries;
  const wrong =
    first && entriesReason(entries, first.partner.toLowerCase(), toBaseUnitsDown(bonuses.most, decimals), facts);
  if (wrong !== undefined) return refuse(wrong);
  const amount = (first?.volumeUnits ?? 0n) * 10n ** BigInt(unitExponent);
  if (!given.has(month)) {
    const but = all.flatMap((one) => one.order?.orderId ?? []);
    given.set(month, await facts.givenIn(received, but));
  }
  const before = given.get(month) ?? 0n;
  const most = toBaseUnitsDown(bonuses.mostPerMonth, decimals);
  if (before + amount > most)
    return refuse(
      `it is ${amount} by the brand's word; of the ${most} that are allowed in ${month}, ${before} are used.`,
    );
  given.set(month, before + amount);
  return undefined;
}
