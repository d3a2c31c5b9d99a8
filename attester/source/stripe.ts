/** A source of orders: the brand's account at Stripe, read with the attester's own key. */
import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import { codeOf } from "#sources/referral.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { connectStripe, describeStripeError, fetchSale } from "#sources/stripe/api.ts";
import { buyerOf, orderOf } from "#sources/stripe/orders.ts";
import { createAskedSource } from "./asking.ts";
import type { OrderName, OrderSource, SourceAnswer } from "./source.ts";

interface Options extends StripeMapping {
  readonly key: string;
  readonly url?: string | undefined;
  readonly concurrency: number;
  /** Which currencies count besides, as the description has them. */
  readonly currencies?: SaleCurrencies | undefined;
}

/** Orders are invoices and Checkout Sessions, by Stripe's own ids: what they are worth is derived here as the relayer derives it. */
export function createStripeSource({ key, url, concurrency, currencies, ...mapping }: Options): OrderSource {
  const stripe = connectStripe(key, url);
  return createAskedSource({
    concurrency,
    away: "Stripe does not answer the attester.",
    ask: (orders) => Promise.all(orders.map(ask)),
  });

  async function ask({ orderId }: OrderName): Promise<SourceAnswer> {
    try {
      const read = await fetchSale(stripe, orderId);
      if (read === undefined) return { missing: true };
      const { sale, facts } = read;
      const order = orderOf(sale, facts, mapping, currencies);
      if ("reason" in order) return { refused: order.reason };
      const { customer, referral } = buyerOf(sale, facts);
      return {
        order: {
          orderId,
          event: order.event,
          volume: order.volume,
          ...(order.currency !== undefined && { currency: order.currency }),
          createdAt: order.at,
          refunded: order.back,
          brought: { customer, code: referral && codeOf(referral) },
        },
      };
    } catch (error) {
      if (error instanceof UnreadableObject) return { refused: error.message };
      const problem = describeStripeError(error);
      return problem === undefined ? { missing: true } : { unavailable: `Stripe ${problem}.` };
    }
  }
}
