/** Looks up the rate of a sale in its own currency, before the campaign's lock: whoever is asked may take its time. */
import { type FoundRate, rateTime } from "@partner-programs/protocol/rates";
import type { Sql } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import type { LookedUpRate } from "../domain/sale.ts";
import { readDescriptionBody } from "../store/campaigns.ts";
import { readRejected } from "../store/rejected.ts";
import type { RatesAgain } from "./judgeAgain.ts";
import { requireDescription } from "./ledger.ts";

/** Where no rates are looked up. */
export const noRates: FindRate = async (): Promise<FoundRate> => ({
  problem: "this relayer looks up no rates",
  transient: true,
});

export interface SaleRates {
  /**
   * Hands a report on with the rate of its currency. Reports of a campaign are handed on in the order in which they came: one that needs no
   * rate does not overtake one that does.
   */
  inTurn<T>(
    campaignId: string,
    sale: {
      readonly currency: string | undefined;
      readonly receivedAt: number;
      readonly occurredAt: string | undefined;
    },
    handOn: (lookedUp: LookedUpRate | undefined) => Promise<T>,
  ): Promise<T>;
  /** What a rejected conversion in its own currency is judged by again: the rate of when it was received first, and that of now. */
  again(campaignId: string, conversionId: bigint, now: number): Promise<RatesAgain>;
}

export function createSaleRates(sql: Sql, findRate: FindRate): SaleRates {
  /** By campaign, until when what came before is handed on. */
  const turns = new Map<string, Promise<unknown>>();

  return {
    inTurn(campaignId, { currency, receivedAt, occurredAt }, handOn) {
      const before = turns.get(campaignId);
      if (currency === undefined && before === undefined) return handOn(undefined);
      const lookedUp = currency === undefined ? [] : lookUp(campaignId, currency, [receivedAt], occurredAt);
      const turn = Promise.allSettled([lookedUp, before]);
      turns.set(campaignId, turn);
      return turn.then(([outcome]) => {
        if (turns.get(campaignId) === turn) turns.delete(campaignId);
        if (outcome.status === "rejected") throw outcome.reason;
        return handOn(outcome.value[0]);
      });
    },

    async again(campaignId, conversionId, now) {
      const row = await readRejected(sql, campaignId, conversionId);
      if (row?.sale == null) return {};
      const times = [row.received_at.getTime(), now];
      const [first, then] = await lookUp(campaignId, row.sale.currency, times, row.occurred_at?.toISOString());
      return { first, now: then };
    },
  };

  /**
   * The rate of a currency for a sale that was received at each of some times (milliseconds since 1970), by the description in force;
   * undefined for each, if that has no currencies. @throws MissingDescription
   */
  async function lookUp(
    campaignId: string,
    currency: string,
    times: readonly number[],
    occurredAt: string | undefined,
  ): Promise<(LookedUpRate | undefined)[]> {
    const text = (await readDescriptionBody(sql, campaignId)) ?? undefined;
    const by = requireDescription(campaignId, text).currencies;
    if (by === undefined) return times.map(() => undefined);
    const madeAt = occurredAt === undefined ? undefined : toSeconds(Date.parse(occurredAt));
    return Promise.all(
      times.map(async (time) => ({ by, found: await findRate(by, currency, rateTime(by, toSeconds(time), madeAt)) })),
    );
  }
}

const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
