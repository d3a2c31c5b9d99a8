/** How a partner collects what is due by itself: its lines out of many batches, with their proofs, in one transaction. */
import type { LineProof } from "@partner-programs/protocol/lineTree";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { api } from "../api/api.ts";
import type { Campaign } from "../api/campaign.ts";
import { isAway } from "../api/client.ts";
import type { Pull } from "../api/schema.d.ts";
import { lens, programs } from "../chain/contracts.ts";
import { type OwnLine, readOwnLines } from "../chain/ownLines.ts";
import { countText, exactText, shortAddress, type TokenFormat } from "../text/money.ts";
import type { Plan } from "../transactions/plan.ts";
import { tokenOf } from "./naming.ts";

/** What `pull` takes, and who proved it. */
export interface Proofs {
  readonly attestations: readonly (Attestation | Pull["attestations"][number])[];
  readonly lines: readonly LineProof[];
  /** More is due than one transaction has room for. */
  readonly more: boolean;
  /** Whoever gave the lines, the contract checks them. `browser`: proven here, by lines of the chain or of an attester. */
  readonly from: "relayer" | "browser";
}

/** Batches in one transaction: each costs it some 20,000 gas. */
const MAX_PULLED = 20;

const SOURCES: Readonly<Record<Proofs["from"], string>> = {
  relayer: "The proofs come from the relayer",
  browser: "The proofs were made in your browser, without the relayer, from lines that have the root that was signed",
};

/** `commission` and `receiver`: as the contract answers. */
export function collectPlan(
  token: TokenFormat,
  proofs: Proofs,
  owner: string,
  receiver: string,
  commission: bigint,
): Plan {
  const { attestations, lines, more, from } = proofs;
  const amount = exactText(commission, token);
  const batches = attestations.length === 1 ? "one batch" : `${countText(attestations.length)} batches`;
  return {
    title: `Collect ${amount}`,
    summary: [
      `The contract pays ${amount}, your lines of ${batches}, to ${receiver === owner ? `your wallet ${shortAddress(owner)}` : `your payout address ${receiver}`}.`,
      `Your browser asked the contract itself what they pay. ${SOURCES[from]}; were one of them wrong, the contract would pay nothing and refuse the transaction.`,
      "What somebody releases for you in the meantime is passed over here, and is yours to claim.",
      ...(more ? ["More is due than one transaction has room for: collect again afterwards."] : []),
    ],
    token,
    steps: [{ kind: "call", what: "Collect your lines", to: "programs", method: "pull", args: [attestations, lines] }],
    action: "Collect",
  };
}

/** Of lines of one campaign those that are due and hold. */
export const isDue = ({ fault, releaseAt, commission }: OwnLine, now = Date.now() / 1000): boolean =>
  fault === 0 && commission > 0n && releaseAt <= now;

function proofsOf(lines: readonly OwnLine[]): Proofs {
  const due = lines.filter((line) => isDue(line));
  const some = due.slice(0, MAX_PULLED);
  return {
    attestations: some.map(({ attestation }) => attestation),
    lines: some.map(({ proof }) => proof),
    more: due.length > some.length,
    from: "browser",
  };
}

/** The plan for lines of one campaign that were found without the relayer. @throws what the contract answers when a proof is wrong */
export const planToCollectOwn = (token: TokenFormat, lines: readonly OwnLine[], owner: string): Promise<Plan> =>
  planFor(token, proofsOf(lines), owner);

/**
 * The plan for what is due now in a campaign, proven by the relayer or, where it does not answer, by what attesters keep.
 * @throws what the relayer or the contract answers when nothing is, or a proof is wrong
 */
export async function planToCollect(
  campaign: Pick<Campaign, "id" | "tokenSymbol" | "tokenDecimals">,
  owner: string,
): Promise<Plan> {
  const proofs = await api.pull(owner, campaign.id).then(
    (proven): Proofs => ({ ...proven, from: "relayer" }),
    async (error: unknown) => {
      if (!isAway(error)) throw error;
      return proofsOf((await readOwnLines(owner, campaign.id)).lines);
    },
  );
  return planFor(tokenOf(campaign), proofs, owner);
}

async function planFor(token: TokenFormat, proofs: Proofs, owner: string): Promise<Plan> {
  const [commission, [receiver]] = await Promise.all([
    programs().pull.staticCall([...proofs.attestations], [...proofs.lines], { from: owner }),
    lens().receiverOf(owner),
  ]);
  return collectPlan(token, proofs, owner, receiver, commission);
}
