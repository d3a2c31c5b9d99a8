/** Reviews a batch before it is signed: the chain, what was signed before, the attester's rules and its source, in this order. */
import { getAddress } from "@partner-programs/protocol/address";
import type { GivenBatch, Refusal } from "@partner-programs/protocol/attesterApi";
import { lineKey } from "@partner-programs/protocol/line";
import { bonusEvents, MANUAL_ORDERS } from "@partner-programs/protocol/targets";
import { type Attestation, attestationTypedData, digestOf } from "@partner-programs/protocol/typedData";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database, Sql } from "#service/database.ts";
import type { FindRate } from "#service/rates.ts";
import { type CampaignFacts, readCampaign } from "./chain/campaign.ts";
import { type Finality, isAttested, readFinal } from "./chain/finality.ts";
import { refuseWhatIsForgotten } from "./chain/forgotten.ts";
import { countReached } from "./chain/reached.ts";
import { type Faults, rehearseAttest, rehearseLines } from "./chain/rehearse.ts";
import { refuseForNow } from "./chain/trouble.ts";
import { bonusesOf, checkBonuses } from "./checks/bonuses.ts";
import { checkConditions, type FirstSigned, firstsOf } from "./checks/conditions.ts";
import { checkCurrencies } from "./checks/currency.ts";
import { checkDerivation } from "./checks/derivation.ts";
import { checkEarlier, type FinalFacts, isDead } from "./checks/earlier.ts";
import { commissionOf, type Offers } from "./checks/offers.ts";
import { type Brought, checkPartners, namesOf } from "./checks/partner.ts";
import { firstReasons, joinRefusals, refuse, refuseSome } from "./checks/refusals.ts";
import { checkDay, checkRules } from "./checks/rules.ts";
import { checkSource } from "./checks/source.ts";
import type { Conversions } from "./conversions.ts";
import type { PackedLines } from "./lines.ts";
import { type CampaignRules, type Rules, rulesOf, UnusableRules } from "./rules.ts";
import type { OrderSource } from "./source/source.ts";
import { insertBrought, readBrought } from "./store/brought.ts";
import { noteFirstSigned, readFirstSigned } from "./store/firstSigned.ts";
import { sumUnits } from "./store/reached.ts";
import { insertSigned, lockSigned, readEarlier, readSpent, type SignedAttestation, wasSigned } from "./store/signed.ts";

/** What an attester reviews with. */
export interface Reviewer {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly finality: Finality;
  readonly rules: () => Promise<Rules>;
  readonly sourceOf: (rules: CampaignRules) => OrderSource | undefined;
  /** By the chain's feeds on the attester's node, and its own copy of signed files. */
  readonly findRate: FindRate;
  /** The attester's address. */
  readonly attester: string;
  /** How far ahead a deadline may be. */
  readonly maxDeadlineSeconds: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** A batch while it is reviewed. */
export type BatchInHand = GivenBatch<Conversions>;

/** An opinion on an attestation: against it, or what is needed to sign it without asking anybody again. */
type Opinion =
  | { readonly refusal: Refusal }
  | {
      readonly rules: CampaignRules;
      readonly lines: PackedLines;
      readonly offers: Offers;
      readonly commission: bigint;
      readonly signedAfter: number;
      readonly dead: ReadonlySet<string>;
      readonly brought: readonly Brought[];
      readonly firsts: FirstSigned;
    }
  | { readonly signedBefore: true };

export function digestFor(chain: ProgramsChain, attestation: Attestation): string {
  return digestOf(chain.domain, attestationTypedData(attestation));
}

/** Whether the attester would sign, and if not, why. Signs nothing and notes nothing. */
export async function reviewBatch(reviewer: Reviewer, batch: BatchInHand): Promise<Opinion> {
  try {
    return await reviewer.chain.agreed(() => review(reviewer, batch));
  } catch (error) {
    if (error instanceof UnusableRules) return { refusal: refuse(error.message, true) };
    return { refusal: refuseForNow(reviewer.chain, error) };
  }
}

async function review(reviewer: Reviewer, { attestation, conversions }: BatchInHand): Promise<Opinion> {
  const { database, chain, finality, now } = reviewer;
  const { campaignId } = attestation;
  const rules = rulesOf(await reviewer.rules(), campaignId);
  if (rules === undefined) return { refusal: refuse(`This attester does not sign for campaign ${campaignId}.`, true) };
  const forgotten = await refuseWhatIsForgotten(reviewer, campaignId);
  if (forgotten !== undefined) return { refusal: forgotten };
  // What was signed stays signed: the relayer may have lost the answer.
  if (await wasSigned(database, digestFor(chain, attestation))) return { signedBefore: true };

  const facts = await readCampaign(chain, campaignId, conversions.entries);
  const behind = checkMembership(reviewer, attestation, facts);
  if (behind !== undefined) return { refusal: behind };
  const derived = checkDerivation(attestation, conversions, facts.offers, facts);
  if ("refusal" in derived) return derived;
  const { lines } = derived;

  const before = await readEarlier(database, attestation, conversions);
  const finalBlock = await finality();
  const final = before.length === 0 ? undefined : await readFinal(chain, campaignId, finalBlock);
  const isOnChain = (one: SignedAttestation, at: FinalFacts) =>
    isAttested(chain, campaignId, one, facts.holdSeconds, { ...at, number: finalBlock.number });
  const earlier =
    final && (await Promise.all(before.map(async (one) => ({ ...one, attested: await isOnChain(one, final) }))));
  const taken = final && earlier && checkEarlier(earlier, final);
  if (taken !== undefined) return { refusal: taken };

  const refused = await rehearse(chain, attestation, lines, conversions, facts);
  if (refused !== undefined) return { refusal: refused };

  const ruled = checkRules(lines, conversions, rules, facts.offers, facts);
  if (ruled !== undefined) return { refusal: ruled };
  const commission = commissionOf(lines, facts.offers, facts);
  const spent = checkDay(commission, await readSpent(database, attestation, startOfDay(now())), rules);
  if (spent !== undefined) return { refusal: spent };

  // Last, because it costs the most.
  const asked = await askSource(reviewer, rules, campaignId, conversions, facts);
  if ("refusal" in asked) return asked;
  const { brought, firsts } = asked;
  const bonuses = await reviewBonuses(reviewer, rules, campaignId, conversions, facts);
  if (bonuses !== undefined) return { refusal: bonuses };
  const dead = final && earlier ? earlier.filter((one) => !one.attested && isDead(one, final)) : [];
  const isDeadNow = new Set(dead.map(({ digest }) => digest));
  const { offers } = facts;
  return { rules, lines, offers, commission, signedAfter: finalBlock.number, dead: isDeadNow, brought, firsts };
}

/** What nobody reports and no source has: it follows from what was signed before, or is the brand's word. */
async function reviewBonuses(
  reviewer: Reviewer,
  rules: CampaignRules,
  campaignId: string,
  conversions: Conversions,
  facts: CampaignFacts,
): Promise<Refusal | undefined> {
  if (bonusEvents(rules).size === 0) return undefined;
  const isBonus = bonusesOf(rules);
  const bonuses = [...conversions].filter(isBonus);
  if (bonuses.length === 0) return undefined;
  const unit = 10n ** BigInt(facts.unitExponent);
  return checkBonuses(bonuses, rules, {
    ...facts,
    count: (partner, { counts }, { from, to }) =>
      countReached(reviewer, { campaignId, partner, events: counts, from, to, ...facts }),
    givenIn: async ({ from, to }, but) => {
      const given = { event: rules.bonuses?.event ?? "", prefix: MANUAL_ORDERS, from, to };
      return unit * (await sumUnits(reviewer.database, campaignId, given, but));
    },
  });
}

/** What has to be so before anything else can be said. */
function checkMembership(
  { attester, maxDeadlineSeconds, now }: Reviewer,
  { periodTo, deadline }: Attestation,
  { time, attesters, attesterSet }: CampaignFacts,
): Refusal | undefined {
  // Whoever is paid for the period was listed by its end: a node that is behind would not know it, and refuse for good.
  if (periodTo > time)
    return refuse(`The period ends at ${periodTo}, the newest block that this attester knows is of ${time}.`, true);
  if (!attesters.includes(getAddress(attester)))
    return refuse(`${attester} is not in the campaign's attester set ${attesterSet}, which is in force.`, true);
  const latest = Math.max(now(), time) + maxDeadlineSeconds;
  if (deadline > latest)
    return refuse(`The deadline ${deadline} is too far ahead: this attester signs until ${latest} at most.`, true);
  return undefined;
}

/** What the contract says of the attestation, and of each of its lines. */
async function rehearse(
  chain: ProgramsChain,
  attestation: Attestation,
  lines: PackedLines,
  conversions: Conversions,
  facts: CampaignFacts,
): Promise<Refusal | undefined> {
  const refused = await rehearseAttest(chain, attestation, lines, facts);
  if (refused !== undefined) return refused;
  const faults = await rehearseLines(chain, attestation, lines);
  return "reason" in faults ? faults : nameFaults(faults, conversions);
}

function nameFaults(faults: Faults, conversions: Conversions): Refusal | undefined {
  if (faults.size === 0) return undefined;
  return refuseSome(
    firstReasons(conversions, ({ entries }) => {
      for (const line of entries) {
        const fault = faults.get(lineKey(line));
        if (fault !== undefined) return `partner ${getAddress(line.partner)} under offer ${line.offerId}: ${fault}`;
      }
      return undefined;
    }),
  );
}

/** Orders that are looked up and compared at a time. */
const ORDERS_AT_ONCE = 20_000;

/** What the source says of the orders, a part of them after the other; and who brought them, as far as that is new. */
async function askSource(
  { database, sourceOf, findRate, now }: Reviewer,
  rules: CampaignRules,
  campaignId: string,
  conversions: Conversions,
  facts: CampaignFacts,
): Promise<{ readonly refusal: Refusal } | { readonly brought: readonly Brought[]; readonly firsts: FirstSigned }> {
  const source: OrderSource | undefined = sourceOf(rules);
  const refusals: Refusal[] = [];
  const brought: Brought[] = [];
  const known = knownByRules(rules);
  const firsts = firstsOf(conversions, facts.offers, rules);
  const firstSigned = earliest(firsts, await readFirstSigned(database, campaignId, firsts.keys()));
  const isBonus = bonusesOf(rules);
  for (const slice of conversions.slices(ORDERS_AT_ONCE)) {
    const some = slice.filter((one) => !isBonus(one));
    // The rules have refused conversions without an order where there is a source.
    const orders = some.flatMap(({ order }) => (order === undefined ? [] : [order]));
    const found = (await source?.find(orders)) ?? [];
    const misconverted = await checkCurrencies(some, found, rules, { findRate, decimals: facts.decimals });
    if (misconverted !== undefined) refusals.push(misconverted);
    const refusal = checkSource(some, found, rules, { ...facts, now: now() });
    if (refusal !== undefined) refusals.push(refusal);
    const unmet = checkConditions(some, found, rules, facts.offers, firstSigned);
    if (unmet !== undefined) refusals.push(unmet);
    if (known === undefined) continue;
    for (const { name, partner } of await readBrought(database, campaignId, found.flatMap(namesOf)))
      known.set(name, (known.get(name) ?? new Set()).add(partner));
    const checked = checkPartners(some, found, facts.offers, known);
    if (checked.refusal !== undefined) refusals.push(checked.refusal);
    brought.push(...checked.learned);
  }
  const refusal = joinRefusals(refusals);
  return refusal === undefined ? { brought, firsts } : { refusal };
}

/** Of each partner the earlier of both. */
const earliest = (one: FirstSigned, other: FirstSigned): FirstSigned =>
  new Map([...one].map(([partner, at]) => [partner, Math.min(at, other.get(partner) ?? at)]));

/** Whose codes the rules say they are; undefined: the rules do not look at partners. */
function knownByRules({ source }: CampaignRules): Map<string, Set<string>> | undefined {
  if (!("partners" in source) || source.partners === "trust") return undefined;
  return new Map(Object.entries(source.codes).map(([code, of]) => [`code ${code}`, new Set([of.toLowerCase()])]));
}

function startOfDay(now: number): Date {
  return new Date((now - (now % 86_400)) * 1000);
}

/** Notes an attestation before it is signed, unless something else was signed meanwhile that it conflicts with; one at a time. */
export async function noteBatch(
  { database, chain, now }: Reviewer,
  { attestation, conversions }: BatchInHand,
  opinion: Exclude<Opinion, { refusal: Refusal }>,
): Promise<Refusal | undefined> {
  if ("signedBefore" in opinion) return undefined;
  const digest = digestFor(chain, attestation);
  return database.transaction(async (sql: Sql) => {
    await lockSigned(sql);
    if (await wasSigned(sql, digest)) return undefined;
    const earlier = await readEarlier(sql, attestation, conversions);
    const meanwhile = earlier.find((one) => !opinion.dead.has(one.digest));
    if (meanwhile !== undefined)
      return refuse(`${meanwhile.digest}, with some of the same numbers, keys or orders, was signed meanwhile.`, true);
    const spent = await readSpent(sql, attestation, startOfDay(now()));
    const refusal = checkDay(opinion.commission, spent, opinion.rules);
    if (refusal === undefined) {
      await insertSigned(sql, digest, attestation, conversions, opinion, now());
      await insertBrought(sql, attestation.campaignId, opinion.brought);
      await noteFirstSigned(sql, attestation.campaignId, opinion.firsts);
    }
    return refusal;
  });
}
