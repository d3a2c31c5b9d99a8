/** A brand that is its own sole attester signs a line that does not hold, and the contract pays nobody for it. */
import { unpackLine } from "@partner-programs/protocol/line";
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import { formatUnits } from "ethers";
import { prepareAlone } from "../../attestAlone.ts";
import { call, waitFor } from "../../client.ts";
import type { OpenAct, Refusal, Stage } from "../stage.ts";

const CONVERSIONS = 3;

/** Two lines of one batch: the first holds, the second counts more conversions than there are. */
export async function signAlone(stage: Stage, act: OpenAct): Promise<void> {
  const { stack, teller, programs, lens, send, refusals } = stage;
  teller.chapter("A brand signs alone, and signs what does not hold");
  const [first, second] = act.partners;
  if (first === undefined || second === undefined) throw new Error(`${act.title} needs two partners.`);
  const line = (partner: string, count: number) => ({ offerId: 1, partner, count, volumeUnits: 0n });
  const lines = [line(first.address, CONVERSIONS), line(second.address, CONVERSIONS + 4)];
  const batch = await prepareAlone({ programs, lens, provider: stack.provider }, act.campaignId, lines, CONVERSIONS);
  await send(
    "attest",
    act.draft.brand,
    `${act.title}: ${CONVERSIONS} conversions, 2 lines, signed on purpose`,
    batch.send,
  );
  teller.say(
    `${act.draft.brand.name} has no other attester than itself, and attests ${CONVERSIONS} conversions: ${CONVERSIONS} of them for ${first.name}, and ${CONVERSIONS + 4} for ${second.name}`,
  );
  teller.say(
    "no honest attester signs that: each rehearses a whole batch before; the contract looks when it is settled",
  );

  const refused = await waitFor("the contract to refuse a line", async () => {
    const events = await programs.queryFilter(programs.filters.LineRefused(act.campaignId, batch.digest));
    return events.length > 0 && events.map(({ args }) => args);
  });
  for (const { line, fault, returned } of refused) {
    const partner = act.partners.find(({ address }) => address === unpackLine(line).partner);
    const refusal: Refusal = { act, partner: partner?.name ?? "", why: REASONS[faultReason(fault)], returned };
    refusals.push(refusal);
    teller.say(
      `${refusal.partner} is paid nothing for it; ${formatUnits(returned, act.decimals)} ${act.symbol} are available to ${act.draft.brand.name} again, and the line of ${first.name} beside it is credited`,
    );
  }
  await hearsWhy(stage, second.address, batch.digest);
}

/** The relayer's API says it to the partner in words. */
async function hearsWhy({ stack, teller }: Stage, partner: string, digest: string): Promise<void> {
  const said = await waitFor("the relayer to have seen it", async () => {
    const path = `/v1/partners/${partner}/lines?state=refused`;
    const { items } = await call<{ items: { batch: string; faultText: string }[] }>(stack.apiUrl, "GET", path);
    return items.find(({ batch }) => batch === digest)?.faultText;
  });
  teller.say(`what the partner reads: ${said}`);
}
