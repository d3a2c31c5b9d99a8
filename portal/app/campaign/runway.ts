/** How long a campaign's budget lasts at the pace of the last days. */

import { lens } from "../chain/contracts.ts";
import type { ChainMoney } from "../chain/moneyFlow.ts";
import { useAsked } from "../components/asked.ts";

const DAY = 86_400;
const FOREVER = 100n * 365n * 86_400n;

/**
 * For how many seconds a campaign's budget lasts at the pace of the last 30 days: undefined while that is being read, null where
 * it cannot be told, because nothing is spent or a day is not over yet.
 */
export function useRunway(campaignId: string, money: ChainMoney | undefined): number | null | undefined {
  const paced = money !== undefined && isPaced(money);
  const runway = useAsked({
    queryKey: ["runway", campaignId, String(money?.attestedLately), money?.latelySince],
    queryFn: () => lens().runway(campaignId, money?.attestedLately ?? 0n, money?.latelySince ?? 0),
    enabled: paced,
    placeholderData: (before) => before,
  });
  if (money === undefined || (paced && runway.isPending)) return undefined;
  return paced ? told(runway.data) : null;
}

/** Whether there is a pace: something was attested, over a day at least. */
export const isPaced = ({ attestedLately, lately }: Pick<ChainMoney, "attestedLately" | "lately">): boolean =>
  attestedLately > 0n && lately >= DAY;

/** What the contract answered, as a page says it: what is longer than a hundred years, or not known, is null. */
export const told = (seconds: bigint | undefined): number | null =>
  seconds === undefined || seconds > FOREVER ? null : Number(seconds);
