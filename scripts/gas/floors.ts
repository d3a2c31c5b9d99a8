/**
 * The physical floor of each operation: what the chain itself charges for what any contract with the same promise has to do.
 * Intrinsic gas and calldata are counted, slots, logs and signatures listed here, by hand, so that a reader can object.
 */

/** Gas of the EVM, osaka. */
const INTRINSIC = 21_000;
const CALLDATA_ZERO = 4;
const CALLDATA_OTHER = 16;
/** EIP-7623: the least that a transaction's calldata costs, for each zero byte; four times that for another. */
const CALLDATA_LEAST_ZERO = 10;
const COLD_READ = 2_100;
const COLD_UPDATE = 5_000;
const COLD_NEW = 22_100;
const COLD_ACCOUNT = 2_600;
const RECOVERY = 3_000;
const LOG = 375;
const LOG_BYTE = 8;

export interface Calldata {
  readonly transactions: number;
  readonly zeroBytes: number;
  readonly otherBytes: number;
}

/** What is done beside intrinsic gas and calldata. */
export interface Work {
  /** Slots that are only read, that are changed, and that were zero before; each cold. */
  readonly read: number;
  readonly changed: number;
  readonly fresh: number;
  /** Other contracts that are called. */
  readonly accounts?: number;
  readonly signatures?: number;
  /** Of each event, topics and words of data. */
  readonly logs: readonly (readonly [topics: number, words: number])[];
}

const both = (...parts: readonly Work[]): Work => ({
  read: parts.reduce((sum, { read }) => sum + read, 0),
  changed: parts.reduce((sum, { changed }) => sum + changed, 0),
  fresh: parts.reduce((sum, { fresh }) => sum + fresh, 0),
  accounts: parts.reduce((sum, { accounts = 0 }) => sum + accounts, 0),
  signatures: parts.reduce((sum, { signatures = 0 }) => sum + signatures, 0),
  logs: parts.flatMap(({ logs }) => logs),
});
const times = (count: number, work: Work) => both(...Array.from({ length: count }, () => work));

const TRANSFER = [3, 1] as const;
const RELEASED = [4, 3] as const;
/** Terms and attester set; budget and numbers; the batch. `Attested` has the ten words that were signed, and the lines. */
const attest = (linesOnChain = 0): Work => ({
  read: 2,
  changed: 2,
  fresh: 1,
  signatures: 1,
  logs: [[4, 12 + linesOnChain]],
});
/** Both slots of terms, the offer; budget, the batch's marks, the operator's credit. */
const RELEASE: Work = { read: 3, changed: 3, fresh: 0, logs: [RELEASED] };
/** Marks beyond the first 192 lines are words of their own. */
const RELEASE_BEYOND: Work = { read: 4, changed: 2, fresh: 1, logs: [RELEASED] };
/** Of each partner. */
const OLD_CREDITS = (count: number): Work => ({ read: 0, changed: count, fresh: 0, logs: [] });
const NEW_CREDITS = (count: number): Work => ({ read: 0, changed: 0, fresh: count, logs: [] });
/** A thousand lines are four chunks. The first begins in the batch's slot and goes on in a word. */
const RELEASE_THOUSAND = both(RELEASE, { read: 0, changed: 0, fresh: 1, logs: [] }, times(3, RELEASE_BEYOND));
/** The token, what the contract has of it, and its `Transfer`. */
const SENT: Work = { read: 0, changed: 1, fresh: 0, accounts: 1, logs: [TRANSFER] };
/** Both slots of terms, the offer, where the partner is paid; budget, operator's credit; to a new account. */
const PULL = both(SENT, { read: 4, changed: 2, fresh: 1, logs: [] });
const PULLED = [4, 2] as const;

export const FLOORS: Readonly<Record<string, Work>> = {
  // Two slots of terms, numbers, brand, attesters; three offers of two slots and, of each, what is the latest of its event.
  "create a campaign with 3 offers and one attester": {
    read: 0,
    changed: 0,
    fresh: 14,
    logs: [[4, 9], [2, 2], [3, 5], [3, 5], ...Array.from({ length: 3 }, () => [3, 9] as const)],
  },
  // Terms, closing, allowance; budget, both balances.
  "fund a campaign again": { read: 3, changed: 3, fresh: 0, accounts: 1, logs: [TRANSFER, [3, 1]] },
  "1,000 conversions, one returning partner: attest": attest(),
  "1,000 conversions, one returning partner: attest + release": both(attest(), RELEASE, OLD_CREDITS(1)),
  "1,000,000 conversions, one returning partner: attest + release": both(attest(), RELEASE, OLD_CREDITS(1)),
  "1,000 conversions, ten returning partners: attest + release": both(attest(), RELEASE, OLD_CREDITS(10)),
  "1,000 conversions, 1,000 partners: attest": attest(),
  "1,000 conversions, 1,000 new partners: attest + release": both(attest(), RELEASE_THOUSAND, NEW_CREDITS(1_000)),
  "1,000 conversions, 1,000 returning partners that claimed: attest + release": both(
    attest(),
    RELEASE_THOUSAND,
    OLD_CREDITS(1_000),
  ),
  "pull one line of 512, paid to a new account: first 192 lines": both(PULL, {
    read: 0,
    changed: 1,
    fresh: 0,
    logs: [PULLED],
  }),
  "pull one line of 512, paid to a new account: the others, first of its word": both(PULL, {
    read: 1,
    changed: 0,
    fresh: 1,
    logs: [PULLED],
  }),
  "pull one line of 512, paid to a new account: the others": both(PULL, {
    read: 1,
    changed: 1,
    fresh: 0,
    logs: [PULLED],
  }),
  "1,000,000 conversions, 1,000,000 partners: attest": attest(),
  "pull one line of 1,000,000, paid to a new account: first of its word": both(PULL, {
    read: 1,
    changed: 0,
    fresh: 1,
    logs: [PULLED],
  }),
  "pull one partner's lines of 20 batches of 100, paid once": both(
    PULL,
    times(20, { read: 0, changed: 1, fresh: 0, logs: [PULLED] }),
  ),
  // Terms, the set that attested, the offer; budget, the batch; the root that stands from now on.
  "reverse one line of 100": { read: 3, changed: 2, fresh: 1, signatures: 1, logs: [[3, 2], RELEASED] },
  "1,000 conversions, 1,000 partners, lines on the chain: attest": attest(1_000),
  // Both slots of terms, attesters, offer; budget, numbers, two credits.
  "hold 0, 1,000 conversions, one returning partner: attest": {
    read: 4,
    changed: 4,
    fresh: 0,
    signatures: 1,
    logs: [[4, 13], RELEASED],
  },
  // Where the owner is paid; its credit, what the contract has of the token.
  "claim one token to a new account": both(SENT, { read: 1, changed: 1, fresh: 1, logs: [[4, 1]] }),
  "claim one token": both(SENT, { read: 1, changed: 2, fresh: 0, logs: [[4, 1]] }),
};

/** What the chain charges at least, in its parts. */
export function floorOf({ transactions, zeroBytes, otherBytes }: Calldata, work: Work) {
  const intrinsic = transactions * INTRINSIC;
  const calldata = zeroBytes * CALLDATA_ZERO + otherBytes * CALLDATA_OTHER;
  const slots = work.read * COLD_READ + work.changed * COLD_UPDATE + work.fresh * COLD_NEW;
  const calls = (work.accounts ?? 0) * COLD_ACCOUNT + (work.signatures ?? 0) * RECOVERY;
  const logs = work.logs.reduce((sum, [topics, words]) => sum + LOG * (1 + topics) + LOG_BYTE * 32 * words, 0);
  const least = intrinsic + CALLDATA_LEAST_ZERO * (zeroBytes + 4 * otherBytes);
  const total = Math.max(intrinsic + calldata + slots + calls + logs, least);
  return { intrinsic, calldata, slots, calls, logs, total };
}
