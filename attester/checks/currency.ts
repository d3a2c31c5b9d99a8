/** Whether sales in their own currencies were converted by the rate that the attester reads itself, and as it is written. */
import type { GivenConversion, Order, Refusal } from "@partner-programs/protocol/attesterApi";
import {
  CLOCK_SKEW_SECONDS,
  describeRate,
  isPar,
  isSameRate,
  rateTime,
  saltOfSale,
  toTokensDown,
} from "@partner-programs/protocol/rates";
import type { FindRate } from "#service/rates.ts";
import type { CampaignRules } from "../rules.ts";
import type { SourceAnswer } from "../source/source.ts";
import { refuse, refuseSome } from "./refusals.ts";

export interface RateReading {
  readonly findRate: FindRate;
  readonly decimals: number;
}

/** @param found what the attester's source says, one answer for each conversion; empty without a source */
export async function checkCurrencies(
  conversions: readonly GivenConversion[],
  found: readonly (SourceAnswer | undefined)[],
  rules: Pick<CampaignRules, "currencies" | "source">,
  reading: RateReading,
): Promise<Refusal | undefined> {
  const never: { number: bigint; reason: string }[] = [];
  const later: { number: bigint; reason: string }[] = [];
  for (const [i, { number, salt, order }] of conversions.entries()) {
    if (order === undefined) continue;
    const refusal = (await saleReason(order, salt, found[i])) ?? currencyReason(order, found[i]);
    if (refusal !== undefined) (refusal.transient ? later : never).push({ number, reason: refusal.reason });
  }
  return refuseSome(never) ?? refuseSome(later, true);

  async function saleReason(
    { sale, orderId, volume, receivedAt, occurredAt }: Order,
    salt: string,
    answer: SourceAnswer | undefined,
  ): Promise<Refusal | undefined> {
    if (sale === undefined) return undefined;
    const { currency, rate } = sale;
    const name = `order "${orderId}"`;
    const converted = toTokensDown(sale.volume, rate, reading.decimals);
    if (converted !== volume)
      return refuse(
        `${sale.volume} ${currency} of ${name} are ${converted} by their rate, the relayer says ${volume}.`,
      );
    if (saltOfSale(sale) !== salt)
      return refuse(`the salt of ${name} is not the hash of its sale and rate: its receipt was for another.`);
    const { currencies } = rules;
    if (currencies === undefined) {
      // Without rules it has no opinion on orders, and so none on what they are worth.
      if (rules.source.kind === "none") return undefined;
      return refuse(`${name} is in ${currency}, and the attester's rules name no \`currencies\`.`);
    }
    const known = answer !== undefined && "order" in answer ? answer.order.createdAt : undefined;
    // Whoever chose when it was received would choose the rate.
    if (known !== undefined && receivedAt < known - CLOCK_SKEW_SECONDS)
      return refuse(
        `${name} was made at ${known} by the attester's source, and the relayer says that it was received at ${receivedAt}, before that.`,
      );
    const madeAt = known ?? occurredAt;
    const asOf = rateTime(currencies, receivedAt, madeAt);
    const own = await reading.findRate(currencies, currency, asOf);
    if (own.rate !== undefined && isSameRate(own.rate, rate)) return undefined;
    const ofPhase = await reading.findRate(currencies, currency, asOf, rate.sources);
    if (ofPhase.rate !== undefined && isSameRate(ofPhase.rate, rate)) return undefined;
    const given = `${name} is converted from ${currency} by ${describeRate(rate)}`;
    if (own.rate === undefined)
      return refuse(`${given}, and the attester finds no rate: ${own.problem}.`, own.transient);
    const where = describeRate(own.rate);
    return refuse(
      where === describeRate(rate)
        ? `${given} at ${rate.numerator}/${rate.denominator}, which says ${own.rate.numerator}/${own.rate.denominator}.`
        : asOf === receivedAt
          ? `${given}, which was not in force when it was received: that was ${where}.`
          : `${given}, and was received ${receivedAt - (madeAt ?? 0)} seconds after it was made at ${madeAt}: its rate is that of ${asOf}, ${where}. The brand reports when it was made as \`occurredAt\`.`,
    );
  }

  function currencyReason({ sale, orderId }: Order, answer: SourceAnswer | undefined): Refusal | undefined {
    // Without currencies in the rules an order's currency is one of the fields that say nothing.
    if (rules.currencies === undefined || answer === undefined || !("order" in answer)) return undefined;
    const { currencies } = rules;
    const { currency } = answer.order;
    const inTokens = (code: string | undefined) => code === undefined || isPar(currencies, code);
    if (currency === sale?.currency || (inTokens(currency) && inTokens(sale?.currency))) return undefined;
    const told = sale === undefined ? "as in tokens" : `as in ${sale.currency}`;
    return refuse(
      `order "${orderId}" is in ${currency ?? "tokens"} in the attester's source, and the relayer counts it ${told}.`,
    );
  }
}
