/** A campaign as a brand fills it in, and what becomes of it: the description to publish and the arguments of `createCampaign`. */

import { type CampaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { kindMask, kindName } from "@partner-programs/protocol/kinds";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import type { IPartnerPrograms } from "#typechain/interfaces/IPartnerPrograms.ts";
import { config } from "../config.ts";
import { fromDecimal, type TokenFormat } from "../money.ts";
import type { OfferWords } from "../words.ts";

export const DAY = 86_400;
const NO_LIMIT = 2n ** 128n - 1n;
const SHORTEST_NOTICE = DAY;
const LONGEST_NOTICE = 365 * DAY;

export interface OfferDraft {
  readonly id: number;
  readonly event: string;
  readonly title: string;
  readonly kind: number;
  /** Whole tokens; empty for none. */
  readonly flat: string;
  readonly ratePercent: string;
  readonly cap: string;
  readonly oncePerCustomer: boolean;
}

export interface Draft {
  readonly template: string;
  readonly name: string;
  readonly summary: string;
  readonly destination: string;
  readonly token: string;
  readonly format: TokenFormat | undefined;
  readonly offers: readonly OfferDraft[];
  readonly openKinds: readonly number[];
  readonly holdSeconds: number;
  readonly noticeSeconds: number;
  readonly windowSeconds: number;
  readonly touch: "first" | "last";
  /** null: for life. 0: not at all. */
  readonly bindingSeconds: number | null;
  readonly attesters: string;
  readonly threshold: string;
  /** Whole tokens; empty for none. */
  readonly dailyLimit: string;
  readonly velocityPerHour: string;
  readonly objectives: string;
  readonly expectations: Readonly<Record<string, string>>;
  readonly resources: readonly { readonly id: number; readonly title: string; readonly content: string }[];
  readonly budget: string;
}

export type Field = keyof Draft | `offer-${number}`;
export type Problems = Partial<Record<Field, string>>;

export const addresses = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== "");

const isDecimal = (text: string, decimals = 18) => fromDecimal(text, decimals) !== undefined;
const isPositive = (text: string, decimals = 18) => (fromDecimal(text, decimals) ?? 0n) > 0n;

function offerProblem(offer: OfferDraft, decimals: number): string | undefined {
  if (!/^[\x21-\x7e]{1,24}$/.test(offer.event))
    return "The event's name has 1 to 24 letters, digits or signs, without spaces, such as signup.";
  if (offer.title.trim() === "") return "Say in words what happens, for partners to read.";
  if (offer.flat !== "" && !isDecimal(offer.flat, decimals))
    return `"${offer.flat}" is no amount of this token. Write 2.50, with at most ${decimals} decimals.`;
  const rate = offer.ratePercent === "" ? 0 : Number(offer.ratePercent);
  if (!(rate >= 0 && rate <= 100) || Math.round(rate * 100) !== rate * 100)
    return "A percentage is from 0 to 100, with at most two decimals.";
  if (rate > 0 && !isPositive(offer.cap, decimals))
    return "A percentage needs a cap: the most of one sale that counts. It bounds what a single report can cost you.";
  if (rate === 0 && !isPositive(offer.flat, decimals))
    return "This pays nothing. Give an amount, a percentage, or both.";
  return undefined;
}

/** What is still wrong, by field, each with what to do. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {};
  const decimals = draft.format?.decimals ?? 18;
  if (draft.name.trim() === "") problems.name = "Give the campaign a name that partners recognise.";
  if (!URL.canParse(draft.destination) || !/^https?:$/.test(new URL(draft.destination).protocol))
    problems.destination = "Where invite links lead: a whole address, such as https://example.com/welcome.";
  if (draft.format === undefined) problems.token = "Choose a token, or paste the address of one on this network.";
  for (const offer of draft.offers) {
    const problem = offerProblem(offer, decimals);
    if (problem !== undefined) problems[`offer-${offer.id}`] = problem;
  }
  if (draft.offers.length === 0) problems.offers = "Offer something.";
  const taken = draft.offers.map(({ event, kind }) => `${event} ${kind}`);
  if (new Set(taken).size < taken.length)
    problems.offers = "Two offers pay the same event to the same kind. Keep one: at a time only one can be valid.";
  if (draft.noticeSeconds < SHORTEST_NOTICE || draft.noticeSeconds > LONGEST_NOTICE)
    problems.noticeSeconds = "The notice is from 1 to 365 days.";
  else if (draft.noticeSeconds < draft.holdSeconds)
    problems.noticeSeconds = "The notice cannot be shorter than the hold.";
  if (draft.windowSeconds < 1 || draft.windowSeconds > 366 * DAY)
    problems.windowSeconds = "A click counts for at most 366 days.";
  const members = addresses(draft.attesters);
  const wrong = members.find((member) => !isAddress(member));
  if (members.length === 0 || members.length > 16) problems.attesters = "Name 1 to 16 attesters, an address each.";
  else if (wrong !== undefined) problems.attesters = `${wrong} is no address.`;
  else if (new Set(members.map((member) => member.toLowerCase())).size < members.length)
    problems.attesters = "An attester is named twice.";
  const threshold = Number(draft.threshold);
  if (!Number.isInteger(threshold) || threshold > members.length || threshold * 2 <= members.length)
    problems.threshold = `More than half of the ${members.length} attesters have to sign, and at most all of them.`;
  if (draft.dailyLimit !== "" && !isPositive(draft.dailyLimit, decimals))
    problems.dailyLimit = "An amount above zero; leave it empty for no limit.";
  if (draft.velocityPerHour !== "" && !/^[1-9]\d{0,8}$/.test(draft.velocityPerHour))
    problems.velocityPerHour = "A whole number; leave it empty for none.";
  if (draft.budget !== "" && !isPositive(draft.budget, decimals))
    problems.budget = "An amount above zero; leave it empty to fund later.";
  return problems;
}

const toEvent = (offer: OfferDraft) => ({
  name: offer.event,
  title: offer.title.trim(),
  perCustomer: offer.oncePerCustomer ? 1 : null,
});

/** What is published; its hash is on the chain. */
export function toDescription(draft: Draft): CampaignDescription {
  const events = new Map(draft.offers.map((offer) => [offer.event, { ...toEvent(offer), perPartner: [] }]));
  return {
    version: 1,
    name: draft.name.trim(),
    summary: draft.summary.trim(),
    destination: draft.destination,
    allowedOrigins: [],
    attribution: { touch: draft.touch, windowSeconds: draft.windowSeconds, bindingSeconds: draft.bindingSeconds },
    events: [...events.values()],
    objectives: draft.objectives
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
    expectations: Object.fromEntries(Object.entries(draft.expectations).filter(([, text]) => text.trim() !== "")),
    resources: draft.resources
      .filter(({ title, content }) => title.trim() !== "" && content.trim() !== "")
      .map(({ title, content }) =>
        URL.canParse(content.trim()) ? { title, url: content.trim() } : { title, text: content },
      ),
    promotions: [],
    fraud: { velocityPerHour: draft.velocityPerHour === "" ? null : Number(draft.velocityPerHour) },
  };
}

/** A volume unit of a millionth of a token: fine enough for any price, and 72 billion tokens fit a line. */
export const unitExponentFor = (decimals: number) => Math.max(0, decimals - 6);

export function toOffer(draft: OfferDraft, decimals: number, unitExponent: number) {
  return {
    flatAmount: fromDecimal(draft.flat === "" ? "0" : draft.flat, decimals) ?? 0n,
    rateBps: Math.round(Number(draft.ratePercent === "" ? 0 : draft.ratePercent) * 100),
    capUnits:
      draft.ratePercent === ""
        ? 0n
        : (fromDecimal(draft.cap === "" ? "0" : draft.cap, decimals) ?? 0n) / 10n ** BigInt(unitExponent),
    validFrom: 0,
    validTo: 0,
    kind: draft.kind,
    eventName: encodeEventName(draft.event),
    lockedUntil: 0,
  };
}

export function toWords(draft: OfferDraft, decimals: number): OfferWords {
  const { flatAmount, rateBps } = toOffer({ ...draft, event: draft.event === "" ? "-" : draft.event }, decimals, 0);
  return {
    event: draft.event,
    kind: draft.kind,
    flatAmount,
    rateBps,
    cap: fromDecimal(draft.cap === "" ? "0" : draft.cap, decimals) ?? 0n,
  };
}

/** The arguments of `createCampaign`, for a draft without problems. */
export function toNewCampaign(
  draft: Draft,
  salt: string,
  published: { text: string; uri: string },
): IPartnerPrograms.NewCampaignStruct {
  if (draft.format === undefined) throw new Error("The token is not known.");
  const { operator } = config();
  const { decimals } = draft.format;
  const unitExponent = unitExponentFor(decimals);
  return {
    salt,
    terms: {
      token: draft.token,
      holdSeconds: draft.holdSeconds,
      noticeSeconds: draft.noticeSeconds,
      openKinds: kindMask(...draft.openKinds),
      feeBps: operator?.feeBps ?? 0,
      unitExponent,
      operator: (operator?.feeBps ?? 0) === 0 ? ZeroAddress : (operator?.address ?? ZeroAddress),
    },
    offers: draft.offers.map((offer) => toOffer(offer, decimals, unitExponent)),
    // Ascending: that is how the contract knows that none stands there twice.
    attesters: addresses(draft.attesters)
      .map((member) => getAddress(member))
      .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
    threshold: Number(draft.threshold),
    dailyLimit: draft.dailyLimit === "" ? NO_LIMIT : (fromDecimal(draft.dailyLimit, decimals) ?? NO_LIMIT),
    descriptionHash: descriptionHash(published.text),
    descriptionUri: published.uri,
  };
}

// --------------------------------------------------------------------------------------------------- proposals

export interface Template {
  readonly id: string;
  readonly title: string;
  readonly pays: string;
  /** Why these numbers. */
  readonly because: string;
  readonly draft: Partial<Draft>;
}

const offer = (given: Partial<OfferDraft>): OfferDraft => ({
  id: 1,
  event: "",
  title: "",
  kind: 0,
  flat: "",
  ratePercent: "",
  cap: "",
  oncePerCustomer: true,
  ...given,
});

export const TEMPLATES: readonly Template[] = [
  {
    id: "consumer",
    title: "Sign-ups for a consumer service",
    pays: "A small flat amount for each new user, to any affiliate",
    because:
      "Many partners with large audiences, small worth of each customer: a flat amount is understood at a glance and easy to budget. A short hold is enough, because whether a sign-up is genuine shows within two weeks. Counting a customer once keeps it from being farmed.",
    draft: {
      offers: [offer({ event: "signup", title: "A new user signed up", kind: 0, flat: "2" })],
      openKinds: [0],
      holdSeconds: 14 * DAY,
      noticeSeconds: 14 * DAY,
      windowSeconds: 30 * DAY,
      touch: "last",
      bindingSeconds: 0,
      velocityPerHour: "60",
      expectations: {
        affiliate: "Say that the link is an advertisement. No brand bidding, no coupons that are not ours.",
      },
    },
  },
  {
    id: "business",
    title: "Qualified customers for a business service",
    pays: "A larger flat amount for each qualified customer, to referral partners",
    because:
      "Few customers, each worth a lot, and decided over weeks: a click has to count for longer (90 days), and the commission is due only when the customer is qualified, not when it fills in a form. A hold of 30 days covers the usual right to cancel.",
    draft: {
      offers: [offer({ event: "qualified", title: "A company became a qualified customer", kind: 1, flat: "150" })],
      openKinds: [1],
      holdSeconds: 30 * DAY,
      noticeSeconds: 30 * DAY,
      windowSeconds: 90 * DAY,
      touch: "last",
      bindingSeconds: 0,
      velocityPerHour: "10",
      expectations: { referral: "Introduce companies that you know. Tell us who decides there." },
    },
  },
  {
    id: "reseller",
    title: "Resellers of a subscription",
    pays: "A percentage of every invoice, for the customer's life, to resellers that you list",
    because:
      "Resellers advise and support customers for years: a share of each invoice pays for that, and first touch keeps the customer theirs. You choose who is a reseller, so the campaign is not open. The cap bounds what one report can cost you.",
    draft: {
      offers: [
        offer({
          event: "invoice",
          title: "An invoice was paid",
          kind: 2,
          ratePercent: "20",
          cap: "10000",
          oncePerCustomer: false,
        }),
      ],
      openKinds: [],
      holdSeconds: 30 * DAY,
      noticeSeconds: 60 * DAY,
      windowSeconds: 90 * DAY,
      touch: "first",
      bindingSeconds: null,
      velocityPerHour: "",
      expectations: { reseller: "First-line support for the customers that you bring." },
    },
  },
];

export function emptyDraft(): Draft {
  const [template] = TEMPLATES;
  const { attesters, local } = config();
  return fromTemplate(
    {
      template: "",
      name: "",
      summary: "",
      destination: local ? new URL("/local/shop", location.origin).href : "",
      token: "",
      format: undefined,
      offers: [],
      openKinds: [],
      holdSeconds: 0,
      noticeSeconds: 0,
      windowSeconds: 0,
      touch: "last",
      bindingSeconds: 0,
      attesters: attesters.join("\n"),
      threshold: String(Math.floor(attesters.length / 2) + 1),
      dailyLimit: "",
      velocityPerHour: "",
      objectives: "",
      expectations: {},
      resources: [],
      budget: "",
    },
    template as Template,
  );
}

export function fromTemplate(draft: Draft, template: Template): Draft {
  const filled = { ...draft, ...template.draft, template: template.id };
  // Nobody waits a fortnight to see a demonstration's end.
  return config().local ? { ...filled, holdSeconds: 20, noticeSeconds: DAY } : filled;
}

/** Kinds of partners that offers name: those whom the brand expects something of. */
export const kindsIn = (draft: Draft) => [...new Set(draft.offers.map(({ kind }) => kindName(kind)))];
