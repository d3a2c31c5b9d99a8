/** What the contract itself would say to an attestation, before anybody signs it. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { hasKind, type ListedKinds, payableKinds } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, packLine } from "@partner-programs/protocol/line";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { isError, ZeroAddress } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";
import { refuse } from "../checks/refusals.ts";
import type { CampaignFacts } from "./campaign.ts";
import { inWords } from "./trouble.ts";

/**
 * What the contract itself would say: the attestation is played without signatures, which it looks at last, so a valid one
 * fails with `TooFewSignatures` and nothing else.
 */
export async function rehearse(
  chain: ProgramsChain,
  attestation: Attestation,
  facts: CampaignFacts,
): Promise<(Refusal & { readonly unpayable?: ReadonlySet<bigint> }) | undefined> {
  const { programs } = chain;
  try {
    // From nobody's address: the only member of a set could attest without a signature.
    await programs.attest.staticCall({ ...attestation, lines: attestation.lines.map(packLine) }, [], {
      from: ZeroAddress,
    });
    return undefined;
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION") || error.revert === null) throw error;
    const { name, args } = error.revert as unknown as { name: string; args: Record<string, bigint> };
    if (name === "TooFewSignatures") return undefined;
    const refusal = refuse(`The contract would refuse it: ${inWords(chain, error)}.`, isTransient(name, args, facts));
    return name === "KindNotPayable"
      ? { ...refusal, unpayable: await readUnpayable(chain, attestation, facts) }
      : refusal;
  }
}

/** Errors of the contract that time, or somebody else's transaction, takes away. */
function isTransient(name: string, args: Record<string, bigint>, facts: CampaignFacts): boolean {
  switch (name) {
    case "UnknownCampaign":
    case "ConversionOutOfOrder":
    case "CampaignSuspended":
    case "InsufficientBudget":
      return true;
    case "DailyLimitExceeded":
      // What is more than a whole day's limit does not fit tomorrow either.
      return (args.required ?? 0n) <= facts.dailyLimit;
    case "InvalidPeriod":
      return (args.periodFrom ?? 0n) < (args.periodTo ?? 0n);
    default:
      return false;
  }
}

/** The keys of the lines whose partner cannot be paid under their offer for this period. */
async function readUnpayable(
  { programs }: ProgramsChain,
  { campaignId, lines, periodTo }: Attestation,
  { offers, kindsListed, openKinds }: CampaignFacts,
): Promise<Set<bigint>> {
  const partners = [...new Set(lines.map(({ partner }) => partner))];
  const masks = new Map(
    await Promise.all(
      partners.map(async (partner): Promise<[string, number]> => {
        const listed = kindsListed ? toListed(await programs.kindsOf(campaignId, partner)) : undefined;
        return [partner, payableKinds(listed, openKinds, periodTo)];
      }),
    ),
  );
  const payable = ({ offerId, partner }: Line) => hasKind(masks.get(partner) ?? 0, offers.get(offerId)?.kind ?? 0);
  return new Set(lines.filter((line) => !payable(line)).map(lineKey));
}

function toListed(kinds: IPartnerPrograms.KindsStructOutput): ListedKinds | undefined {
  if (!kinds.listed) return undefined;
  return {
    mask: Number(kinds.mask),
    previousMask: Number(kinds.previousMask),
    effectiveAt: Number(kinds.effectiveAt),
  };
}
