import { decodeEventName } from "@partner-programs/protocol/eventName";
import { type Line, lineKey, packLine } from "@partner-programs/protocol/line";
import { NATIVE } from "@partner-programs/protocol/token";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { type CallExceptionError, Contract, id, isError, type Provider, ZeroAddress } from "ethers";
import { readLogs } from "#service/chain/logs.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { type FinalFacts, type Offer, type Refusal, refuse } from "./check.ts";

/** The campaign as the newest block has it. */
export interface CampaignFacts {
  /** Unix seconds of the newest block. */
  readonly time: number;
  /** Decimals of the campaign's token. */
  readonly decimals: number;
  readonly unitExponent: number;
  readonly feeBps: number;
  readonly openKinds: number;
  /** 0: what is attested is credited at once, and no batch is stored. */
  readonly holdSeconds: number;
  readonly kindsListed: boolean;
  /** The set in force. */
  readonly attesterSet: number;
  readonly attesters: readonly string[];
  /** Commissions and fees that can be attested in a day. */
  readonly dailyLimit: bigint;
  /** The offers that the attestation's lines name, as far as there are such. */
  readonly offers: ReadonlyMap<number, Offer>;
}

/** A block that is not undone any more, by its number and its time. */
export interface FinalBlock {
  readonly number: number;
  readonly time: number;
}

/** Finds the newest block that is final. */
export type Finality = () => Promise<FinalBlock>;

/** The node's `finalized` block if it has one; else the one with `confirmations` blocks above it. Asked once, so that no failure later weakens it. */
export async function findFinality(
  { provider }: ProgramsChain,
  confirmations: number,
): Promise<{ readonly finality: Finality; readonly byTag: boolean }> {
  const tagged = await provider.getBlock("finalized").catch(() => null);
  const byTag = tagged !== null;
  return {
    byTag,
    finality: async () => {
      const tag = byTag ? "finalized" : Math.max(0, (await provider.getBlockNumber()) - confirmations);
      const block = await provider.getBlock(tag);
      if (block === null) throw new NodeTrouble(`The chain's node has no block ${tag}.`);
      return { number: block.number, time: block.timestamp };
    },
  };
}

/** The node cannot say now. */
class NodeTrouble extends Error {
  override readonly name = "NodeTrouble";
}

/** What turns a volume of the campaign into whole tokens. */
export async function readUnits({ programs, provider }: ProgramsChain, campaignId: string) {
  const { token, unitExponent } = await programs.termsOf(campaignId);
  return { unitExponent: Number(unitExponent), decimals: await readDecimals(provider, token) };
}

export async function readCampaign(
  { programs, provider }: ProgramsChain,
  { campaignId, lines }: Attestation,
): Promise<CampaignFacts> {
  const [state, terms, block] = await Promise.all([
    programs.campaign(campaignId),
    programs.termsOf(campaignId),
    provider.getBlock("latest"),
  ]);
  if (block === null) throw new NodeTrouble("The chain's node has no newest block.");
  const time = block.timestamp;
  const next = state.attestersAnnounced ? await programs.attesterSet(campaignId, state.attesterSet + 1n) : undefined;
  const inForce = next !== undefined && Number(next.effectiveAt) <= time;
  const set = inForce ? next : await programs.attesterSet(campaignId, state.attesterSet);
  const offerIds = [...new Set(lines.map((line) => line.offerId))].filter((id) => id >= 1 && id <= state.offerCount);
  const offers = await Promise.all(
    offerIds.map(async (offerId): Promise<[number, Offer]> => {
      const offer = await programs.offer(campaignId, offerId);
      return [
        offerId,
        {
          flatAmount: offer.flatAmount,
          rateBps: Number(offer.rateBps),
          kind: Number(offer.kind),
          event: decodeEventName(offer.eventName),
          capUnits: offer.capUnits,
          validFrom: Number(offer.validFrom),
          validTo: Number(offer.validTo),
        },
      ];
    }),
  );
  const limitChanged = state.nextDailyLimitAt !== 0n && Number(state.nextDailyLimitAt) <= time;
  return {
    time,
    decimals: await readDecimals(provider, terms.token),
    unitExponent: Number(terms.unitExponent),
    feeBps: Number(terms.feeBps),
    openKinds: Number(terms.openKinds),
    holdSeconds: Number(terms.holdSeconds),
    kindsListed: state.kindsListed,
    attesterSet: Number(state.attesterSet) + (inForce ? 1 : 0),
    attesters: set.members,
    dailyLimit: !state.limited ? 2n ** 128n - 1n : limitChanged ? state.nextDailyLimit : state.dailyLimit,
    offers: new Map(offers),
  };
}

/** A token without the optional `decimals` has none. That a node does not answer is something else. */
async function readDecimals(provider: Provider, token: string): Promise<number> {
  if (token === NATIVE) return 18;
  try {
    return Number(
      await new Contract(token, ["function decimals() view returns (uint8)"], provider).getFunction("decimals")(),
    );
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA")) return 0;
    throw error;
  }
}

/** The campaign's next number at a final block. */
export async function readFinal(
  { programs }: ProgramsChain,
  campaignId: string,
  { number, time }: FinalBlock,
): Promise<FinalFacts> {
  try {
    const { nextConversion } = await programs.campaign(campaignId, { blockTag: number });
    return { nextConversion, time };
  } catch (error) {
    const unknown = isError(error, "CALL_EXCEPTION") && error.revert?.name === "UnknownCampaign";
    // Nothing comes back from an address without code: the block is older than the contract.
    const absent = isError(error, "BAD_DATA") && error.value === "0x";
    if (unknown || absent) return { nextConversion: 1n, time };
    throw new NodeTrouble(`The chain's node does not have the state of block ${number}, which is final.`);
  }
}

/** Whether the chain has an attestation: its batch is stored, or with a hold of 0 only its event is there. */
export async function isAttested(
  { programs, provider, address, deployedAt }: ProgramsChain,
  campaignId: string,
  { digest, signedAfter = deployedAt }: { readonly digest: string; readonly signedAfter: number | undefined },
  holdSeconds: number,
): Promise<boolean> {
  if ((await programs.batch(campaignId, digest)).releaseAt !== 0n) return true;
  if (holdSeconds !== 0) return false;
  const topics = programs.interface.encodeFilterTopics("Attested", [campaignId, digest]);
  const head = await provider.getBlockNumber();
  for await (const { logs } of readLogs(provider, { address, topics }, signedAfter, head))
    if (logs.length > 0) return true;
  return false;
}

/**
 * What the contract itself would say: the attestation is played without signatures, which it looks at last, so a sound one
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
        if (!kindsListed) return [partner, openKinds];
        const kinds = await programs.kindsOf(campaignId, partner);
        if (!kinds.listed) return [partner, openKinds];
        const previous = periodTo <= Number(kinds.effectiveAt) ? Number(kinds.previousMask) : 0;
        return [partner, Number(kinds.mask) | previous];
      }),
    ),
  );
  const payable = ({ offerId, partner }: Line) =>
    ((masks.get(partner) ?? 0) & (1 << (offers.get(offerId)?.kind ?? 0))) !== 0;
  return new Set(lines.filter((line) => !payable(line)).map(lineKey));
}

/** A refusal for the time being, if the error is the chain's or its node's; other errors are ours, and thrown again. */
export function refuseForNow(chain: ProgramsChain, error: unknown): Refusal {
  if (error instanceof NodeTrouble) return refuse(error.message, true);
  if (isError(error, "CALL_EXCEPTION") && error.revert !== null)
    return refuse(`The chain says: ${inWords(chain, error)}.`, error.revert.name === "UnknownCampaign");
  // What ethers appends to its messages may hold the node's URL, and that a provider's key.
  if (error instanceof Error && "code" in error && "shortMessage" in error)
    return refuse(`The chain's node does not answer as it should (${error.code}).`, true);
  throw error;
}

function inWords({ programs }: ProgramsChain, { data, revert }: CallExceptionError): string {
  const parsed = data === null ? null : programs.interface.parseError(data);
  if (parsed === null) return revert?.signature ?? "no reason";
  return `${parsed.name}(${parsed.fragment.inputs.map((input, i) => `${input.name}: ${parsed.args[i]}`).join(", ")})`;
}

/** Reasons for which reversals are signed, by their hash. */
export const REVERSAL_REASONS: ReadonlyMap<string, string> = new Map(
  ["refunded", "fraud_confirmed"].map((reason) => [id(reason), reason]),
);
