/** A campaign as its brand writes it down in a file, read and checked. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { address } from "@partner-programs/protocol/address";
import { DECIMAL, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { descriptionHash, readDescription } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { FIRST_GROUP, FOR_ONE_PARTNER, KINDS, kindMask, MAX_KIND } from "@partner-programs/protocol/kinds";
import { LONGEST_NOTICE, MAX_FEE_BPS, MAX_MEMBERS, NO_LIMIT, SHORTEST_NOTICE } from "@partner-programs/protocol/limits";
import { id, ZeroAddress } from "ethers";
import { z } from "zod";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";

const decimal = z.string().regex(DECIMAL, 'must be a decimal number of whole tokens, such as "2.50"');
const kind = z.union([z.enum(KINDS), z.int().min(FIRST_GROUP).max(MAX_KIND)]);
const time = z.iso.datetime({ offset: true }).transform((value) => Math.floor(Date.parse(value) / 1000));

const offerFields = z.strictObject({
  event: z.string(),
  /** Who is paid by it: a kind of partner, */
  kind: kind.optional(),
  /** or one partner alone, whatever its kinds. */
  partner: address.optional(),
  /** Whole tokens for each conversion. */
  flat: decimal.default("0"),
  /** Of the volume. */
  ratePercent: z.number().min(0).max(100).multipleOf(0.01).default(0),
  /** Whole tokens: the most volume that one conversion counts for. */
  cap: decimal.default("0"),
  validFrom: time.optional(),
  validTo: time.optional(),
  lockedUntil: time.optional(),
});

export const offerPlan = offerFields.refine(
  ({ kind, partner }) => (kind === undefined) !== (partner === undefined) && partner !== ZeroAddress,
  "an offer is for a `kind` of partners, or for one `partner`: give one of the two",
);

/** A campaign as a brand writes it down, in whole tokens and names. */
export const campaignPlan = z.strictObject({
  /** Tells apart campaigns of one brand with the same terms. */
  name: z.string().min(1).max(120),
  token: address,
  holdSeconds: z.int().min(0),
  noticeSeconds: z.int().min(SHORTEST_NOTICE).max(LONGEST_NOTICE),
  /** Kinds of partners that nobody listed; none: only listed partners are paid. */
  openKinds: z.array(kind),
  /** Whether every line is given to the chain; otherwise relayer and attesters keep them, and a batch of any size costs the same. */
  linesOnChain: z.boolean().default(true),
  feeBps: z.int().min(0).max(MAX_FEE_BPS).default(0),
  operator: address.default(ZeroAddress),
  attesters: z.array(address).min(1).max(MAX_MEMBERS),
  threshold: z.int().min(1).max(MAX_MEMBERS),
  /** Whole tokens a day, fees included; none: no limit. */
  dailyLimit: decimal.optional(),
  offers: z.array(offerPlan).min(1),
  /** The description's file, relative to this one, and where it is published. */
  description: z.string(),
  descriptionUri: z.url(),
});

export type CampaignPlan = z.output<typeof campaignPlan>;
export type OfferPlan = z.output<typeof offerPlan>;

/** Reads a JSON file. @throws Error that names the file and every value that is wrong. */
export function readPlan<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** A volume unit of a millionth of a token: fine enough for any price, and 72 billion tokens fit a line. */
export function unitExponentFor(tokenDecimals: number): number {
  return Math.max(0, tokenDecimals - 6);
}

export function toOffer(plan: OfferPlan, tokenDecimals: number, unitExponent: number): IPartnerPrograms.OfferStruct {
  return {
    flatAmount: toBaseUnitsDown(plan.flat, tokenDecimals),
    rateBps: Math.round(plan.ratePercent * 100),
    capUnits: toBaseUnitsDown(plan.cap, tokenDecimals) / 10n ** BigInt(unitExponent),
    validFrom: plan.validFrom ?? 0,
    validTo: plan.validTo ?? 0,
    kind: kindOf(plan),
    eventName: encodeEventName(plan.event),
    lockedUntil: plan.lockedUntil ?? 0,
    partner: plan.partner ?? ZeroAddress,
  };
}

function kindOf({ kind }: OfferPlan): number {
  if (kind === undefined) return FOR_ONE_PARTNER;
  return typeof kind === "number" ? kind : KINDS.indexOf(kind);
}

/** What `createCampaign` takes. `file` is the plan's own, beside which the description is. */
export function toNewCampaign(
  plan: CampaignPlan,
  file: string,
  tokenDecimals: number,
): IPartnerPrograms.NewCampaignStruct {
  const description = readFileSync(resolve(dirname(file), plan.description), "utf8");
  const reading = readDescription(description);
  if (reading.problem !== undefined) throw new Error(`${plan.description}:\n${reading.problem}`);
  const described = new Set(reading.description.events.map(({ name }) => name));
  const missing = plan.offers.find(({ event }) => !described.has(event));
  if (missing !== undefined)
    throw new Error(`An offer pays for "${missing.event}", which ${plan.description} does not describe.`);
  const unitExponent = unitExponentFor(tokenDecimals);
  return {
    salt: id(plan.name),
    terms: {
      token: plan.token,
      holdSeconds: plan.holdSeconds,
      noticeSeconds: plan.noticeSeconds,
      openKinds: kindMask(...plan.openKinds),
      feeBps: plan.feeBps,
      unitExponent,
      linesOnChain: plan.linesOnChain,
      operator: plan.operator,
    },
    offers: plan.offers.map((offer) => toOffer(offer, tokenDecimals, unitExponent)),
    attesters: ascending(plan.attesters),
    threshold: plan.threshold,
    dailyLimit: plan.dailyLimit === undefined ? NO_LIMIT : toBaseUnitsDown(plan.dailyLimit, tokenDecimals),
    descriptionHash: descriptionHash(description),
    descriptionUri: plan.descriptionUri,
  };
}

/** The contract takes attesters in ascending order: that is how it knows that none stands there twice. */
export function ascending(addresses: readonly string[]): string[] {
  return [...addresses].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}
