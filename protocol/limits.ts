/** The bounds that the contract sets (contracts/libraries/Limits.sol and Quorum.sol); a test reads them there and compares. */

const DAY_SECONDS = 86_400;

/** A notice, in seconds; and it is never shorter than the hold. */
export const SHORTEST_NOTICE = DAY_SECONDS;
export const LONGEST_NOTICE = 365 * DAY_SECONDS;
export const MAX_FEE_BPS = 2_000;
/** So that no line is worth 2^128. */
export const MAX_UNIT_EXPONENT = 21;
/** Kinds are bits of a mask. */
export const MAX_KINDS = 64;
/** One `release` settles a subtree of at most this height: 256 lines, whose marks stand in one word. */
export const CHUNK_HEIGHT = 8;
/** A payout address is locked for so long at most, in seconds. */
export const LONGEST_LOCK = 365 * DAY_SECONDS;
/** So far ahead an offer can be guaranteed, in seconds. */
export const LONGEST_GUARANTEE = 36_500 * DAY_SECONDS;
/** For so long, in seconds, a withdrawal that matured can be made. */
export const WITHDRAWAL_WINDOW = 7 * DAY_SECONDS;
/** The daily limit of a campaign that has none. */
export const NO_LIMIT = 2n ** 128n - 1n;
/** Members of an attester set. */
export const MAX_MEMBERS = 16;
