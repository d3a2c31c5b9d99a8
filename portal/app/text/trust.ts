/** What protects a campaign's partners, what does not, and what is announced: in sentences, from the chain alone. Pure. */
import { NO_LIMIT, WITHDRAWAL_WINDOW } from "@partner-programs/protocol/limits";
import { dateText, durationText } from "./dates.ts";
import { moneyText, shortAddress, type TokenFormat } from "./money.ts";

/** A sentence; `warning`: it says where a partner has to trust somebody. */
export interface Said {
  readonly text: string;
  readonly warning?: boolean;
}

/** Who attests, as the Lens says it. */
export interface Attesting {
  readonly threshold: bigint;
  readonly attesters: readonly string[];
  readonly brandAttests: boolean;
  /** A bit for each attester that is a contract. */
  readonly contractAttesters: bigint;
}

/** Who says what happened, whether the brand commands it, and what it can do at worst. */
export function sayAttesters({ threshold, attesters, brandAttests, contractAttesters }: Attesting): Said[] {
  const alone = attesters.length === 1;
  const contracts = attesters.filter((_, i) => ((contractAttesters >> BigInt(i)) & 1n) === 1n).map(shortAddress);
  const said: Said[] = [
    {
      text: alone
        ? "One attester alone says what happened. The brand chose it, and replaces it with notice."
        : `${threshold} of ${attesters.length} attesters have to sign that something happened. The brand chose them, and replaces them with notice.`,
    },
  ];
  if (brandAttests)
    said.push({
      warning: true,
      text: alone
        ? "The brand is its own only attester: nobody else checks what it says."
        : `The brand itself is one of the attesters: it needs ${threshold - 1n} of the others.`,
    });
  if (contracts.length > 0)
    said.push({
      warning: true,
      text: alone
        ? `The only attester is a contract, ${contracts[0]}: it signs what its code, or whoever commands it, wants. That may be the brand.`
        : `${contracts.length === 1 ? "One of the attesters is a contract" : `${contracts.length} of the attesters are contracts`}, ${contracts.join(", ")}: such a one signs what whoever commands it wants. That may be the brand.`,
    });
  said.push(
    {
      text: `Whoever commands ${threshold === 1n ? "it" : `${threshold} of them`} can pay whom it likes from what is not reserved, within the offers and the daily limit; it can never take what is attested to you, but by a refund within the hold.`,
    },
    {
      text: `${alone ? "It" : `${BigInt(attesters.length) - threshold + 1n} of them`} can also withhold a signature. Until a sale is attested you have the relayer's signed receipt, which is a promise; from then on it is code.`,
    },
  );
  return said;
}

/** The daily limit, and the next one if a change is announced. */
export interface Limited {
  readonly dailyLimit: bigint;
  readonly remainingToday: bigint;
  readonly available: bigint;
  readonly next: bigint;
  /** Unix seconds; 0: no change is announced. */
  readonly nextAt: number;
}

const perDay = (limit: bigint, token: TokenFormat) =>
  limit === NO_LIMIT ? "no limit any more" : `${moneyText(limit, token)} a day`;

export function sayLimit(limited: Limited, token: TokenFormat, now = Date.now() / 1000): Said[] {
  const { dailyLimit, remainingToday, available, next, nextAt } = limited;
  const said: Said[] =
    dailyLimit === NO_LIMIT
      ? [
          {
            warning: true,
            text: `There is no daily limit: all that is available, ${moneyText(available, token)}, can be attested in one day.`,
          },
        ]
      : [
          {
            text: `At most ${moneyText(dailyLimit, token)} can be attested in a day (UTC), fees included. Today ${moneyText(remainingToday, token)} of it are left${remainingToday === 0n ? ": what happens now is attested tomorrow" : ""}.`,
          },
        ];
  if (nextAt > now)
    said.push({ text: `From ${dateText(nextAt)} on: ${perDay(next, token)}.`, warning: next > dailyLimit });
  return said;
}

/** What the notice is worth. */
export function sayNotice(noticeSeconds: number, limited: boolean): Said[] {
  const notice = durationText(noticeSeconds);
  return [
    {
      text: `You are told ${notice} ahead before the brand takes money out, ends an offer, takes a kind away, replaces attesters, changes the daily limit up or down, hands the campaign to somebody else, or closes it. Each stands here from the moment it is announced.`,
    },
    {
      text: limited
        ? `Should the brand's key be stolen, the thief gets at most the daily limit a day until ${notice} are over.`
        : "Should the brand's key be stolen, nothing but the offers bounds what the thief can have attested to itself: there is no daily limit.",
      warning: !limited,
    },
    {
      text: `At once and without notice it can add money, offers and partners, and stop new attestations for ${notice} at most. What is attested is not touched by any of it.`,
    },
  ];
}

/** What of an announced withdrawal would be paid now: attestations lower it, nothing raises it. */
export interface Withdrawal {
  readonly amount: bigint;
  /** Unix seconds; 0: none is announced. */
  readonly at: number;
  readonly available: bigint;
}

export const worthNow = ({ amount, available }: Pick<Withdrawal, "amount" | "available">) =>
  amount < available ? amount : available;

export const isAnnounced = ({ at }: Pick<Withdrawal, "at">, now = Date.now() / 1000) =>
  at !== 0 && now < at + WITHDRAWAL_WINDOW;

/** What is on its way to change. */
export function sayAnnounced(
  given: {
    readonly withdrawal: Withdrawal;
    readonly pendingBrand: string;
    readonly transferableAt: number;
    readonly closesAt: number;
    readonly attestersAnnounced: boolean;
  },
  token: TokenFormat,
  now = Date.now() / 1000,
): string[] {
  const { withdrawal, pendingBrand, transferableAt, closesAt, attestersAnnounced } = given;
  const said: string[] = [];
  if (isAnnounced(withdrawal, now))
    said.push(
      `The brand may withdraw ${moneyText(worthNow(withdrawal), token)} from ${dateText(withdrawal.at)} on, until ${dateText(withdrawal.at + WITHDRAWAL_WINDOW)}. What is attested until then can lower it; nothing raises it.`,
    );
  if (BigInt(pendingBrand) !== 0n)
    said.push(
      `The campaign is offered to ${shortAddress(pendingBrand)}, who can take it over from ${dateText(transferableAt)} on. Terms, offers and what you earned stay.`,
    );
  if (attestersAnnounced) said.push("Other attesters are announced.");
  if (closesAt !== 0) said.push(`It closes on ${dateText(closesAt)}: what happens after that is not paid.`);
  return said;
}
