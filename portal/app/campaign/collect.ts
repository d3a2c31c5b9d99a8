/** How a partner collects what is due by itself: its lines out of many batches, with their proofs, in one transaction. */
import { api } from "../api/api.ts";
import type { Campaign } from "../api/campaign.ts";
import type { Pull } from "../api/schema.d.ts";
import { lens, programs } from "../chain/contracts.ts";
import { countText, exactText, shortAddress } from "../text/money.ts";
import type { Plan } from "../transactions/plan.ts";
import { tokenOf } from "./naming.ts";

type Of = Pick<Campaign, "id" | "tokenSymbol" | "tokenDecimals">;
type Proofs = Pick<Pull, "attestations" | "lines" | "more">;

/** `commission` and `receiver`: as the contract answers. */
export function collectPlan(campaign: Of, proofs: Proofs, owner: string, receiver: string, commission: bigint): Plan {
  const { attestations, lines, more } = proofs;
  const amount = exactText(commission, tokenOf(campaign));
  const batches = attestations.length === 1 ? "one batch" : `${countText(attestations.length)} batches`;
  return {
    title: `Collect ${amount}`,
    summary: [
      `The contract pays ${amount}, your lines of ${batches}, to ${receiver === owner ? `your wallet ${shortAddress(owner)}` : `your payout address ${receiver}`}.`,
      "Your browser asked the contract itself what they pay. The proofs come from the relayer; were one of them wrong, the contract would pay nothing and refuse the transaction.",
      "What somebody releases for you in the meantime is passed over here, and is yours to claim.",
      ...(more ? ["More is due than one transaction has room for: collect again afterwards."] : []),
    ],
    token: tokenOf(campaign),
    steps: [{ kind: "call", what: "Collect your lines", to: "programs", method: "pull", args: [attestations, lines] }],
    action: "Collect",
  };
}

/** The plan for what is due now in a campaign. @throws what the relayer or the contract answers when nothing is, or a proof is wrong */
export async function planToCollect(campaign: Of, owner: string): Promise<Plan> {
  const proofs = await api.pull(owner, campaign.id);
  const [commission, [receiver]] = await Promise.all([
    programs().pull.staticCall(proofs.attestations, proofs.lines, { from: owner }),
    lens().receiverOf(owner),
  ]);
  return collectPlan(campaign, proofs, owner, receiver, commission);
}
