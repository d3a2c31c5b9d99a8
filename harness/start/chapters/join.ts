/** Partners join and get their links. */
import { kindMask } from "@partner-programs/protocol/kinds";
import { call, type Performance, signIn } from "../../client.ts";
import type { OpenAct, Stage } from "../stage.ts";

export async function join({ stack, teller, programs, send }: Stage, acts: readonly OpenAct[]): Promise<void> {
  teller.chapter("Partners join and get their links");
  for (const act of acts) {
    if (act.draft.openKinds === 0n) {
      const resellers = act.partners.map(({ address }) => address);
      await send("setKinds", act.draft.brand, `${act.title}: ${resellers.length} resellers`, (signer) =>
        programs.connect(signer).setKinds(act.campaignId, resellers, kindMask("reseller")),
      );
    }
    for (const joining of act.partners) {
      const token = await signIn(stack.apiUrl, joining);
      const path = `/v1/campaigns/${act.campaignId}/partnerships`;
      const { link } = await call<Performance>(stack.apiUrl, "POST", path, { token });
      act.links.set(joining.address, link);
    }
    teller.say(`${act.title}: ${act.partners.map(({ name }) => name).join(", ")}`);
  }
}
