/** Renewals and refunds. */
import pMap from "p-map";
import { waitFor } from "../../client.ts";
import type { Chance } from "../../random.ts";
import { AT_ONCE, type OpenAct, type Stage } from "../stage.ts";
import { invoiceVolume } from "./buy.ts";

const RENEWALS = 40;

export async function renewAndRefund(
  { teller, click, report }: Stage,
  [, ledgerly, boxfresh]: readonly [OpenAct, OpenAct, OpenAct],
  chance: Chance,
): Promise<void> {
  teller.chapter("Renewals and refunds");
  let done = 0;
  const renew = async (volume: string, i: number) => {
    const orderId = `invoice-${i % 20}-${2 + Math.floor(i / 20)}`;
    // No token: the customer is bound to its reseller for life.
    await report(boxfresh, { event: "invoice", orderId, customerId: `subscriber-${i % 20}`, volume });
    teller.progress(++done, RENEWALS, "renewals");
  };
  await pMap(
    Array.from({ length: RENEWALS }, () => invoiceVolume(chance)),
    renew,
    { concurrency: AT_ONCE },
  );

  const unpaid = await report(ledgerly, {
    event: "qualified",
    orderId: "deal-unpaid",
    customerId: "company-unpaid",
    referralToken: await click(ledgerly, chance.pick(ledgerly.partners)),
  });
  const refunded = await ledgerly.shop.refund(unpaid.id);
  teller.say(`a deal refunded before it was attested: ${refunded.state}`);
  // Refunded as soon as it has a number, for its hold to be enough however slow the machine is: what is on its way to the chain
  // is reversed there.
  const { id } = await report(ledgerly, {
    event: "qualified",
    orderId: "deal-returned",
    customerId: "company-returned",
    referralToken: await click(ledgerly, chance.pick(ledgerly.partners)),
  });
  const stateOf = async () => (await ledgerly.shop.conversion(id)).state;
  await waitFor("a deal to be numbered", async () => (await stateOf()) !== "accepted");
  await ledgerly.shop.refund(id);
  await waitFor("its refund to reach the chain", async () => (await stateOf()) === "reversed");
  teller.say("a deal refunded within its hold: reversed on the chain");
}
