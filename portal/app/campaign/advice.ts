/** What numbers of two periods suggest to a brand. Pure; it proposes, the brand decides. */
import type { Total } from "./series.ts";

/** Fewer clicks or conversions than this say nothing. */
const ENOUGH_CLICKS = 20;
const ENOUGH_CONVERSIONS = 3;

export interface PartnerAdvice {
  readonly partner: string;
  readonly why: string;
}

export interface OfferCost {
  readonly offer: string;
  readonly conversions: number;
  /** Commission and fees, base units. */
  readonly cost: bigint;
  /** What it brought, base units: volume, or conversions times what one is worth to the brand. Undefined: not known. */
  readonly brought: bigint | undefined;
  readonly tooDear: boolean;
}

const rate = ({ conversions, clicks }: Total) => (clicks === 0 ? 0 : conversions / clicks);
const reversal = ({ reversed, conversions }: Total) =>
  reversed + conversions === 0 ? 0 : reversed / (reversed + conversions);
const percent = (share: number) =>
  new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);

/** Partners that convert better than the campaign and are taken back no more often: the largest first. */
export function whomToPromote(now: ReadonlyMap<string, Total>, all: Total, most = 3): PartnerAdvice[] {
  return [...now]
    .filter(
      ([partner, one]) =>
        partner !== "" &&
        one.conversions >= ENOUGH_CONVERSIONS &&
        rate(one) >= rate(all) &&
        reversal(one) <= reversal(all),
    )
    .sort(([, a], [, b]) => b.conversions - a.conversions)
    .slice(0, most)
    .map(([partner, one]) => ({
      partner,
      why: `${one.conversions} conversions, ${percent(rate(one))} of clicks (the campaign: ${percent(rate(all))}), ${percent(reversal(one))} taken back.`,
    }));
}

/** Partners with many visitors who do not convert, and those who brought far more before. */
export function whomToHelp(
  now: ReadonlyMap<string, Total>,
  before: ReadonlyMap<string, Total>,
  all: Total,
  most = 3,
): PartnerAdvice[] {
  const found: PartnerAdvice[] = [];
  for (const partner of new Set([...now.keys(), ...before.keys()])) {
    if (partner === "") continue;
    const one = now.get(partner);
    const then = before.get(partner);
    if (one !== undefined && one.clicks >= ENOUGH_CLICKS && rate(one) < rate(all) / 2)
      found.push({
        partner,
        why: `${one.clicks} clicks, but only ${percent(rate(one))} convert (the campaign: ${percent(rate(all))}). Its visitors may expect something else: look at where its links lead.`,
      });
    else if (
      then !== undefined &&
      then.conversions >= 2 * ENOUGH_CONVERSIONS &&
      (one?.conversions ?? 0) * 2 < then.conversions
    )
      found.push({
        partner,
        why: `${one?.conversions ?? 0} conversions, after ${then.conversions} in the period before. Ask what changed.`,
      });
  }
  return found.slice(0, most);
}

/**
 * What each offer costs, and whether that is more than it brings. Offers on volume bring the volume, of which `marginPercent`
 * is the brand's to spend; offers on mere events bring `worth` each, if the brand says so.
 */
export function offerCosts(
  now: ReadonlyMap<string, Total>,
  { marginPercent, worth }: { marginPercent: number; worth: bigint | undefined },
): OfferCost[] {
  return [...now]
    .filter(([offer, one]) => offer !== "" && one.conversions > 0)
    .map(([offer, one]) => {
      const cost = one.commission + one.fees;
      const brought =
        one.volume > 0n
          ? (one.volume * BigInt(Math.round(marginPercent * 100))) / 10_000n
          : worth === undefined
            ? undefined
            : worth * BigInt(one.conversions);
      return { offer, conversions: one.conversions, cost, brought, tooDear: brought !== undefined && cost > brought };
    })
    .sort((a, b) => Number(a.offer) - Number(b.offer));
}
