/** What the contract itself would say to an attestation, before anybody signs it. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { lineKey, unpackLine } from "@partner-programs/protocol/line";
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import { isRevert } from "@partner-programs/protocol/reverts";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { ZeroAddress } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { rehearse } from "#service/chain/rehearsal.ts";
import { refuse } from "../checks/refusals.ts";
import type { PackedLines } from "../lines.ts";
import type { CampaignFacts } from "./campaign.ts";
import { inWords } from "./trouble.ts";

/** Lines that are text at once, for each question to the Lens. */
const PAGE = 1_000;
const QUESTIONS_AT_ONCE = 4;

/**
 * Whether the contract would take the attestation: it is played without signatures, which it looks at last, so a valid one
 * fails with `TooFewSignatures` and nothing else.
 */
export async function rehearseAttest(
  chain: ProgramsChain,
  attestation: Attestation,
  lines: PackedLines,
  facts: CampaignFacts,
): Promise<Refusal | undefined> {
  try {
    // From nobody's address: the only member of a set could attest without a signature.
    const given = facts.linesGiven ? [...lines.pages(lines.length)].flat() : [];
    await chain.programs.attest.staticCall(attestation, given, [], { from: ZeroAddress });
    return undefined;
  } catch (error) {
    if (!isRevert(error) || error.revert === null) throw error;
    const { name, args } = error.revert as unknown as { name: string; args: Record<string, bigint> };
    if (name === "TooFewSignatures") return undefined;
    return refuse(`The contract would refuse it: ${inWords(chain, error)}.`, isTransient(name, args, facts));
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

/** Lines that would pay nobody, by (offer, partner), each with the reason. */
export type Faults = ReadonlyMap<bigint, string>;

/**
 * Which lines would not hold when they are settled. The contract asks that only then, so nobody but whoever signs asks before; a
 * line that holds now holds for ever, because its period is over.
 */
export async function rehearseLines(
  chain: ProgramsChain,
  attestation: Attestation,
  lines: PackedLines,
): Promise<Refusal | Faults> {
  const { worth, faults } = await rehearse(chain, attestation, lines.pages(PAGE), QUESTIONS_AT_ONCE);
  if (worth !== attestation.total)
    return refuse(`By the contract the lines are worth ${worth}, the attestation says ${attestation.total}.`);
  return new Map(faults.map(({ line, fault }) => [lineKey(unpackLine(line)), REASONS[faultReason(fault)]]));
}
