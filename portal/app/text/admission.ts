/** Whether joining a campaign would pay, said before and after. */
import { kindName } from "@partner-programs/protocol/kinds";
import type { Admission, Campaign, OwnAdmission } from "../api/schema.d.ts";
import { dateText } from "./dates.ts";

/** What stands between a partner and being paid now; none: nothing does. */
export function sayObstacles(
  given: Pick<Admission, "funded" | "closesAt" | "notice"> & Partial<Pick<OwnAdmission, "payable">>,
): string[] {
  const { funded, closesAt, notice, payable } = given;
  return [
    ...(payable === false
      ? [
          "This campaign does not pay you now: no offer is for your kind of partner. Links that you share earn nothing until it does.",
        ]
      : []),
    ...(notice === "campaign_closed" ? ["This campaign is closed. Nothing that happens now is paid."] : []),
    ...(notice === "campaign_suspended"
      ? ["The brand has suspended this campaign. What happens now is not paid until it resumes."]
      : []),
    ...(notice === "budget_exhausted"
      ? [
          funded
            ? "Its budget is used up. What happens now is not paid until the brand funds it."
            : "It is not funded yet. What happens now is not paid until there is money in it.",
        ]
      : []),
    ...(closesAt !== null && notice !== "campaign_closed"
      ? [`It closes on ${dateText(closesAt)}. What happens after that is not paid.`]
      : []),
  ];
}

export const sayKinds = (kinds: readonly number[]): string => kinds.map(kindName).join(", ");

/** Why a campaign accepts nothing now, in a word. */
export const NOTICE_WORDS = {
  campaign_closed: "Closed",
  campaign_suspended: "Suspended",
  budget_exhausted: "Out of budget",
} as const;

/** What is not as usual about a campaign, in a word or two; undefined: nothing. */
export function sayStanding(
  {
    suspendedUntil,
    closesAt,
    funded,
    available,
  }: Pick<Campaign, "suspendedUntil" | "closesAt" | "funded" | "available">,
  now = Date.now() / 1000,
): string | undefined {
  if (closesAt !== null && closesAt <= now) return NOTICE_WORDS.campaign_closed;
  if (suspendedUntil !== null && suspendedUntil > now) return NOTICE_WORDS.campaign_suspended;
  if (closesAt !== null) return `Closes ${dateText(closesAt, "day")}`;
  if (funded === "0") return "Not funded";
  return available === "0" ? NOTICE_WORDS.budget_exhausted : undefined;
}
