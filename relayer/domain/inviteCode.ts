/** Invite codes and the aliases that partners choose instead. */
import { randomInt } from "node:crypto";

/** No 0/O, 1/l/I, no vowels (no words by accident). */
const ALPHABET = "23456789bcdfghjkmnpqrstvwxz";
const LENGTH = 8;
/** What is a code, was one or may become one. */
const LIKE_A_CODE = new RegExp(`^[${ALPHABET}]{7,8}$`);

/** Names that a visitor would take for somebody else's than a partner's. */
const RESERVED = new Set(
  `about account accounts admin administrator api app apps assets auth billing blog brand brands campaign campaigns careers claim
   claims contact dashboard default developer developers docs faq feedback help home index info invite invites legal link links
   localhost login logout mail me moderator news notice null official owner partner partners pay payment payments payout payouts
   portal press privacy public register relayer root sales secure security settings shop signin signout signup staff static
   status store support system team terms test trust undefined unsubscribe user users verify wallet webmaster welcome www`.split(
    /\s+/,
  ),
);

/** A new invite code: 8 characters without look-alikes, 2.8e11 of them. */
export function newInviteCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

const NAME = /^[a-z0-9-]{3,32}$/;
/** What an address goes on with: a query that was encoded along, or an encoding that was cut off or encoded twice. */
const GOES_ON = /[?#&%].*$/s;
/** Marks that nobody sees: of no width, or of a direction. */
const UNSEEN = /\p{Cf}/gu;
/** Full stops, brackets, quotes, spaces and slashes of the text that a name stood in. */
const AROUND = /^[^a-z0-9]+|[^a-z0-9]+$/g;
/** What is longer was no link of ours. */
const MAX_TYPED = 300;

/**
 * The code or alias that somebody followed, as it is kept; undefined if it can be neither. People type capitals, and programs that
 * find addresses in texts take some of the text along: no code and no alias begins or ends with what is cut here.
 */
export function readInvite(text: string): string | undefined {
  const typed = text.toLowerCase();
  if (NAME.test(typed) && !typed.startsWith("-") && !typed.endsWith("-")) return typed;
  if (typed.length > MAX_TYPED) return undefined;
  const name = typed.replace(GOES_ON, "").replace(UNSEEN, "").replace(AROUND, "");
  return NAME.test(name) ? name : undefined;
}

/** Why a partner cannot have this alias; undefined if it can. */
export function aliasProblem(alias: string): string | undefined {
  if (!/^(?=.{3,32}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(alias))
    return "has to be 3 to 32 of a–z, 0–9 and single hyphens between them";
  if (RESERVED.has(alias.replaceAll("-", ""))) return "is reserved: visitors would take it for the site's own";
  if (LIKE_A_CODE.test(alias)) return "looks like an invite code; add a vowel or a hyphen";
  return undefined;
}
