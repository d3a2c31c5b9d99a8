/** What should not pay does not. */
import type { Conversion } from "@partner-programs/sdk/server";
import type { OpenAct, Stage } from "../stage.ts";

/** `early` is a token of a click before all others: its window ends meanwhile. */
export async function mischief(
  { teller, cast, click, report, refused, happened }: Stage,
  [streamly, , boxfresh]: readonly [OpenAct, OpenAct, OpenAct],
  early: string,
): Promise<void> {
  teller.chapter("What should not pay does not");
  const again = await click(streamly, cast.partner("Ben"));
  const order = {
    event: "signup",
    orderId: "user-again",
    customerId: "user-again",
    referralToken: again,
    occurredAt: "2026-11-23T10:00:00.000Z",
  };
  const first = await report(streamly, order);
  const second = await report(streamly, order);
  if (first.id !== second.id) throw new Error("The same order made two conversions.");
  happened("the same report again: the same conversion");
  teller.say("the same order reported twice: one conversion");

  const message = await refused(streamly, { ...order, occurredAt: "2026-11-23T10:00:00.001Z" }, 409);
  happened("refused: 409 one order with two contents");
  teller.say(`the same order a millisecond later: ${message}`);

  const twins = await Promise.all(
    ["2026-11-23T10:00:01.000Z", "2026-11-23T10:00:01.001Z"].map((occurredAt, i) =>
      report(boxfresh, {
        event: "invoice",
        orderId: `invoice-twin-${i}`,
        customerId: "subscriber-0",
        volume: "0.05",
        occurredAt,
      }),
    ),
  );
  expectState(twins, "accepted");
  teller.say("two invoices that differ by a millisecond and their number: two conversions");

  const forged = await report(streamly, {
    event: "signup",
    orderId: "user-forged",
    referralToken: `${again.slice(0, -1)}${again.endsWith("A") ? "B" : "A"}`,
  });
  expectReason(forged, "unknown_token");
  const self = await report(streamly, {
    event: "signup",
    orderId: "user-self",
    referralToken: await click(streamly, cast.partner("Cleo")),
    customerWallet: cast.partner("Cleo").address,
  });
  expectReason(self, "self_referral");
  const twice = await report(streamly, {
    event: "signup",
    orderId: "user-0-again",
    customerId: "user-0",
    referralToken: again,
  });
  expectReason(twice, "customer_limit");
  const uninvited = await report(streamly, { event: "signup", orderId: "user-uninvited" });
  expectReason(uninvited, "no_referral");
  const { windowSeconds } = streamly.draft.attribution;
  const clickedAt = Number.parseInt(early.split(".")[2] as string, 36);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, clickedAt + windowSeconds * 1000 + 500 - Date.now())));
  const late = await report(streamly, { event: "signup", orderId: "user-late", referralToken: early });
  expectReason(late, "window_expired");
  for (const { reason, reasonText } of [forged, self, twice, uninvited, late]) teller.say(`${reason}: ${reasonText}`);
}

function expectState(conversions: readonly Conversion[], state: Conversion["state"]): void {
  for (const conversion of conversions) {
    if (conversion.state !== state)
      throw new Error(`Conversion ${conversion.id} is ${conversion.state} (${conversion.reason}) instead of ${state}.`);
  }
}

function expectReason(conversion: Conversion, reason: string): void {
  if (conversion.reason !== reason)
    throw new Error(
      `Conversion ${conversion.id} is ${conversion.state} (${conversion.reason}) instead of rejected for ${reason}.`,
    );
}
