/** What is wrong with a draft, by field, each with what to do. */
import { FOR_ONE_PARTNER } from "@partner-programs/protocol/kinds";
import { LONGEST_NOTICE, MAX_MEMBERS, SHORTEST_NOTICE } from "@partner-programs/protocol/limits";
import { isAddress } from "../chain/address.ts";
import { fromTyped } from "../text/typed.ts";
import { currencyProblem } from "./currencyDraft.ts";
import type { Draft, OfferDraft } from "./draft.ts";
import { addresses, DAY } from "./draft.ts";
import { basisPoints, UNIT_DECIMALS } from "./newCampaign.ts";

export type Field = keyof Draft | `offer-${number}`;
export type Problems = Partial<Record<Field, string>>;

const isDecimal = (text: string, decimals = 18) => fromTyped(text, decimals) !== undefined;
const isPositive = (text: string, decimals = 18) => (fromTyped(text, decimals) ?? 0n) > 0n;

const HUNDRED_PERCENT = 10_000;

function offerProblem(offer: OfferDraft, decimals: number): string | undefined {
  if (!/^[\x21-\x7e]{1,24}$/.test(offer.event))
    return "The event's name has 1 to 24 letters, digits or signs, without spaces, such as signup.";
  const partner = offer.partner.trim();
  if (offer.kind === FOR_ONE_PARTNER && (!isAddress(partner) || BigInt(partner) === 0n))
    return "An offer for one partner names it: the address of its wallet, 0x and 40 hexadecimal digits.";
  if (offer.title.trim() === "") return "Say in words what happens, for partners to read.";
  if (offer.flat !== "" && !isDecimal(offer.flat, decimals))
    return `"${offer.flat}" is no amount of this token. Write 2.50, with at most ${decimals} decimals.`;
  const rate = basisPoints(offer);
  if (rate === undefined || rate > HUNDRED_PERCENT)
    return `"${offer.ratePercent}" is no percentage. It is from 0 to 100, with at most two decimals.`;
  if (rate > 0 && offer.cap !== "" && !isDecimal(offer.cap, Math.min(decimals, UNIT_DECIMALS)))
    return `"${offer.cap}" is no cap. Write 100 or 99.50, with at most ${Math.min(decimals, UNIT_DECIMALS)} decimals.`;
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
  const taken = draft.offers.map(
    ({ event, kind, partner }) => `${event} ${kind} ${kind === FOR_ONE_PARTNER ? partner.trim().toLowerCase() : ""}`,
  );
  if (new Set(taken).size < taken.length)
    problems.offers =
      "Two offers pay the same event to the same kind or partner. Keep one: at a time only one can be valid.";
  if (draft.noticeSeconds < SHORTEST_NOTICE || draft.noticeSeconds > LONGEST_NOTICE)
    problems.noticeSeconds = "The notice is from 1 to 365 days.";
  else if (draft.noticeSeconds < draft.holdSeconds)
    problems.noticeSeconds = "The notice cannot be shorter than the hold.";
  if (draft.windowSeconds < 1 || draft.windowSeconds > 366 * DAY)
    problems.windowSeconds = "A click counts for at most 366 days.";
  const members = addresses(draft.attesters);
  const wrong = members.find((member) => !isAddress(member));
  if (members.length === 0 || members.length > MAX_MEMBERS)
    problems.attesters = `Name 1 to ${MAX_MEMBERS} attesters, an address each.`;
  else if (wrong !== undefined) problems.attesters = `${wrong} is no address.`;
  else if (new Set(members.map((member) => member.toLowerCase())).size < members.length)
    problems.attesters = "An attester is named twice.";
  const threshold = Number(draft.threshold);
  if (!Number.isInteger(threshold) || threshold > members.length || threshold * 2 <= members.length)
    problems.threshold = `More than half of the ${members.length} attesters have to sign, and at most all of them.`;
  if (draft.dailyLimit !== "" && !isPositive(draft.dailyLimit, decimals))
    problems.dailyLimit = "An amount above zero; leave it empty for no limit.";
  const days = (text: string) => (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 366 ? Number(text) : undefined);
  if (draft.leadDays !== "") {
    const [kept, answer] = [days(draft.leadDays), days(draft.leadAnswerDays)];
    if (kept === undefined) problems.leadDays = "From 1 to 366 days; leave it empty for no leads.";
    else if (draft.bindingSeconds === 0)
      problems.leadDays = "What a lead buys counts only where a customer stays with its partner. Choose that above.";
    if (answer === undefined || answer > (kept ?? answer))
      problems.leadAnswerDays = "A whole number of days, and no more than the lead is protected for.";
  }
  if (draft.velocityPerHour !== "" && !/^[1-9]\d{0,8}$/.test(draft.velocityPerHour))
    problems.velocityPerHour = "A whole number; leave it empty for none.";
  const currencies = currencyProblem(draft.currencies);
  if (currencies !== undefined) problems.currencies = currencies;
  if (draft.budget !== "" && !isPositive(draft.budget, decimals))
    problems.budget = "An amount above zero; leave it empty to fund later.";
  return problems;
}
