/** Customers click and buy. */
import pMap from "p-map";
import type { Person } from "../../people.ts";
import type { Chance } from "../../random.ts";
import { AT_ONCE, type OpenAct, type Stage } from "../stage.ts";

const CLICKS = { streamly: 199, ledgerly: 40, boxfresh: 60 };
const ALL = CLICKS.streamly + CLICKS.ledgerly + CLICKS.boxfresh;

export async function buy(
  { teller, click, report }: Stage,
  [streamly, ledgerly, boxfresh]: readonly [OpenAct, OpenAct, OpenAct],
  chance: Chance,
): Promise<void> {
  let done = 0;
  /** So many customers follow links, each partner's in turn; what the first of them do is up to `act`. */
  const visit = (act: OpenAct, clicks: number, then: (i: number, referralToken: string) => Promise<void>) =>
    pMap(
      Array.from({ length: clicks }),
      async (_, i) => {
        await then(i, await click(act, act.partners[i % act.partners.length] as Person));
        teller.progress(++done, ALL, "clicks");
      },
      { concurrency: AT_ONCE, stopOnError: true },
    );

  await visit(streamly, CLICKS.streamly, async (i, referralToken) => {
    if (i < 98)
      await report(streamly, { event: "signup", orderId: `user-${i}`, customerId: `user-${i}`, referralToken });
  });
  await visit(ledgerly, CLICKS.ledgerly, async (i, referralToken) => {
    if (i < 12)
      await report(ledgerly, { event: "qualified", orderId: `deal-${i}`, customerId: `company-${i}`, referralToken });
  });
  // Drawn before they are at once, so that every run plays the same.
  const volumes = Array.from({ length: 20 }, () => invoiceVolume(chance));
  await visit(boxfresh, CLICKS.boxfresh, async (i, referralToken) => {
    const volume = volumes[i];
    if (volume === undefined) return;
    const customerId = `subscriber-${i}`;
    await report(boxfresh, { event: "invoice", orderId: `invoice-${i}-1`, customerId, volume, referralToken });
  });
}

/** What an invoice is about, in coins. */
export const invoiceVolume = (chance: Chance): string => (0.04 + chance.next() * 0.08).toFixed(6);
