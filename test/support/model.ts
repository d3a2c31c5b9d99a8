/**
 * The contract once more, as plain data and functions, written from the documentation in IPartnerPrograms.sol: what every
 * operation does and in which order it refuses. differential.test.ts compares the two after every step.
 *
 * A function takes the model first and, where it matters, the caller. It changes the model or throws a `Refusal` with the
 * name and the arguments of the contract's error; what it changed before it threw is for `attempt` to undo.
 */

import { type Line, lineKey, packLine } from "@partner-programs/protocol/line";
import { lineLeaf, lineTree } from "@partner-programs/protocol/trees";
import type { Attestation, ClaimOrder, Reversal } from "@partner-programs/protocol/typedData";
import { AbiCoder, concat, keccak256, ZeroAddress } from "ethers";

const DAY = 86_400;
export const COIN = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE";
export const UNLIMITED = 2n ** 128n - 1n;
const FOR_EVER = 2 ** 40 - 1;

export class Refusal {
  readonly name: string;
  readonly args: readonly unknown[];
  constructor(name: string, args: readonly unknown[]) {
    this.name = name;
    this.args = args;
  }
}
function demand(met: boolean, name: string, ...args: unknown[]): asserts met {
  if (!met) throw new Refusal(name, args);
}

// ---------------------------------------------------------------------------------------------------------- data

export interface Terms {
  token: string;
  holdSeconds: number;
  noticeSeconds: number;
  openKinds: number;
  feeBps: number;
  unitExponent: number;
  operator: string;
}
export interface Offer {
  flatAmount: bigint;
  rateBps: number;
  capUnits: bigint;
  validFrom: number;
  validTo: number;
  kind: number;
  eventName: string;
  lockedUntil: number;
}
export interface AttesterSet {
  members: string[];
  threshold: number;
  effectiveAt: number;
}
export interface Kinds {
  mask: number;
  taken: number;
  takenFrom: number;
}
export interface Batch {
  lines: Line[];
  releaseAt: number;
  set: number;
  released: boolean[];
}
export interface Campaign {
  terms: Terms;
  brand: string;
  pendingBrand: string;
  available: bigint;
  reserved: bigint;
  next: bigint;
  /** Offer i is at i - 1. */
  offers: Offer[];
  /** All sets that were ever in force and at most one that will be. */
  sets: AttesterSet[];
  kinds: Record<string, Kinds>;
  batches: Record<string, Batch>;
  limit: bigint;
  announcedLimit?: { limit: bigint; from: number };
  /** What was attested, by UTC day. */
  spent: Record<number, bigint>;
  suspendedUntil: number;
  withdrawal?: { amount: bigint; from: number };
  closing?: { closesAt: number; finalAt: number };
}
export interface Model {
  readonly chainId: bigint;
  readonly programs: string;
  readonly tokens: readonly string[];
  /** Contracts that take no coins. */
  readonly refusingCoins: readonly string[];
  now: number;
  campaigns: Record<string, Campaign>;
  /** By `${owner} ${token}`, as are balances. */
  credits: Record<string, bigint>;
  balances: Record<string, bigint>;
  nonces: Record<string, bigint>;
  optedOut: Record<string, boolean>;
}
export interface NewCampaign {
  salt: string;
  terms: Terms;
  offers: readonly Offer[];
  attesters: readonly string[];
  threshold: number;
  dailyLimit: bigint;
}
/** A signature by `signer`, passed off as one of member `attester`. `forged`: of something else. */
export interface Signed {
  attester: number;
  signer: string;
  forged?: boolean;
}
export interface ProvenLine {
  index: number;
  line: Line;
  proof: readonly string[];
}

/** What `operation` returns, with the model as it is then; or why it is refused, with the model as it was. */
export function attempt(m: Model, operation: (m: Model) => unknown) {
  const after = structuredClone(m);
  try {
    return { model: after, returned: operation(after) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { model: m, refusal };
  }
}

// ------------------------------------------------------------------------------------------------------ questions

function find(m: Model, id: string): Campaign {
  const c = m.campaigns[id];
  demand(c !== undefined, "UnknownCampaign", id);
  return c;
}
function findOwn(m: Model, id: string, caller: string): Campaign {
  const c = find(m, id);
  demand(caller === c.brand, "NotBrand", caller, c.brand);
  return c;
}
function findBatch(m: Model, id: string, digest: string): Batch {
  const b = find(m, id).batches[digest];
  demand(b !== undefined, "UnknownBatch", id, digest);
  return b;
}
export const setInForce = (m: Model, c: Campaign) => c.sets.findLastIndex((set) => set.effectiveAt <= m.now);
export const limitInForce = (m: Model, c: Campaign) =>
  c.announcedLimit && c.announcedLimit.from <= m.now ? c.announcedLimit.limit : c.limit;
export const today = (m: Model) => Math.floor(m.now / DAY);
export const guarantee = (c: Campaign) => Math.max(0, ...c.offers.map((o) => o.lockedUntil));
const afterNotice = (m: Model, c: Campaign, notBefore = 0) => Math.max(m.now, notBefore) + c.terms.noticeSeconds;

/** The kinds that a partner is paid under for a period that ended at `periodTo`. */
export function payableKinds(c: Campaign, partner: string, periodTo: number): number {
  const k = c.kinds[partner];
  if (!k) return c.terms.openKinds;
  return periodTo <= k.takenFrom ? k.mask | k.taken : k.mask;
}

/** The oldest end of a period that is not too old: a suspension gives one notice more until one notice after it. */
export function oldestPeriod(m: Model, c: Campaign): number {
  const notice = c.terms.noticeSeconds;
  return m.now - (c.suspendedUntil !== 0 && m.now - c.suspendedUntil < notice ? 2 * notice : notice);
}

export function worth(c: Campaign, line: Line) {
  const o = c.offers[line.offerId - 1] as Offer;
  const share = (amount: bigint, bps: number) => (amount * BigInt(bps)) / 10_000n; // bigint division rounds down
  const volume = line.volumeUnits * 10n ** BigInt(c.terms.unitExponent);
  const commission = BigInt(line.count) * o.flatAmount + share(volume, o.rateBps);
  return { commission, fee: share(commission, c.terms.feeBps) };
}
function worthOfAll(c: Campaign, lines: readonly Line[]) {
  const each = lines.map((line) => worth(c, line));
  const commission = each.reduce((sum, one) => sum + one.commission, 0n);
  const fee = each.reduce((sum, one) => sum + one.fee, 0n);
  return { commission, fee, total: commission + fee };
}

/** Where a proof leads to: pairs are hashed in ascending order. */
export const rootFrom = ({ index, line, proof }: ProvenLine) =>
  proof.reduce((node, other) => keccak256(concat(node < other ? [node, other] : [other, node])), lineLeaf(index, line));

// -------------------------------------------------------------------------------------------------- money

const slot = (owner: string, token: string) => `${owner} ${token}`;
export const creditOf = (m: Model, owner: string, token: string) => m.credits[slot(owner, token)] ?? 0n;
export const balanceOf = (m: Model, owner: string, token: string) => m.balances[slot(owner, token)] ?? 0n;

function move(m: Model, token: string, from: string, to: string, amount: bigint) {
  demand(token !== COIN || !m.refusingCoins.includes(to), "NativeTransferFailed", to, amount);
  m.balances[slot(from, token)] = balanceOf(m, from, token) - amount;
  m.balances[slot(to, token)] = balanceOf(m, to, token) + amount;
}
function credit(m: Model, owner: string, token: string, amount: bigint) {
  m.credits[slot(owner, token)] = creditOf(m, owner, token) + amount;
}
function creditLines(m: Model, c: Campaign, lines: readonly Line[]) {
  for (const line of lines) {
    const { commission, fee } = worth(c, line);
    credit(m, line.partner, c.terms.token, commission);
    credit(m, c.terms.operator, c.terms.token, fee);
  }
}
/** All of the owner's credits; coins last. */
function pay(m: Model, owner: string, tokens: readonly string[], receiver: string) {
  demand(receiver !== ZeroAddress, "ZeroAddress");
  const due = [...new Set(tokens)].filter((token) => creditOf(m, owner, token) > 0n);
  demand(due.length > 0, "NothingToPay", owner);
  for (const token of due.sort((a, b) => Number(a === COIN) - Number(b === COIN))) {
    move(m, token, m.programs, receiver, creditOf(m, owner, token));
    m.credits[slot(owner, token)] = 0n;
  }
}

// ----------------------------------------------------------------------------------------------- the brand

export function createCampaign(m: Model, caller: string, given: NewCampaign): string {
  const t = given.terms;
  const types = [
    "uint256",
    "address",
    "address",
    "bytes32",
    "address",
    "uint32",
    "uint32",
    "uint16",
    "uint16",
    "uint8",
  ];
  const bound = [m.chainId, m.programs, caller, given.salt, t.token, t.holdSeconds, t.noticeSeconds, t.openKinds];
  const id = keccak256(
    AbiCoder.defaultAbiCoder().encode([...types, "address"], [...bound, t.feeBps, t.unitExponent, t.operator]),
  );
  demand(!m.campaigns[id], "CampaignExists", id);
  demand(m.tokens.includes(t.token), "InvalidToken", t.token);
  const shortest = Math.max(DAY, t.holdSeconds);
  const noticeFits = t.noticeSeconds >= shortest && t.noticeSeconds <= 365 * DAY;
  demand(noticeFits, "InvalidNotice", t.noticeSeconds, shortest, 365 * DAY);
  demand(t.feeBps <= 2_000, "FeeTooHigh", t.feeBps, 2_000);
  demand((t.feeBps === 0) === (t.operator === ZeroAddress), "FeeWithoutOperator", t.feeBps, t.operator);
  demand(t.unitExponent <= 24, "UnitTooLarge", t.unitExponent, 24);
  m.campaigns[id] = {
    terms: t,
    brand: caller,
    pendingBrand: ZeroAddress,
    available: 0n,
    reserved: 0n,
    next: 1n,
    offers: [],
    sets: [attesterSet(given.threshold, given.attesters, m.now)],
    kinds: {},
    batches: {},
    limit: given.dailyLimit,
    spent: {},
    suspendedUntil: 0,
  };
  for (const o of given.offers) appendOffer(m, caller, id, o);
  return id;
}

export function appendOffer(m: Model, caller: string, id: string, given: Offer): number {
  const c = findOwn(m, id, caller);
  const o = { ...given, validFrom: given.validFrom || m.now, validTo: given.validTo || FOR_EVER };
  demand(o.kind <= 15, "InvalidKind", o.kind);
  demand(o.rateBps <= 10_000, "RateTooHigh", o.rateBps, 10_000);
  const pays = o.flatAmount > 0n || BigInt(o.rateBps) * o.capUnits > 0n;
  demand(pays, "OfferPaysNothing", o.eventName, o.kind);
  demand(o.validFrom >= m.now, "OfferStartsInPast", o.validFrom, m.now);
  const earliestEnd = Math.max(o.validFrom + 1, o.lockedUntil);
  demand(o.validTo >= earliestEnd, "OfferEndsTooEarly", o.validTo, earliestEnd);
  const latest = m.now + 36_500 * DAY;
  demand(o.lockedUntil <= latest, "GuaranteeTooLong", o.lockedUntil, latest);
  if (c.closing) demand(o.lockedUntil <= c.closing.closesAt, "CampaignClosed", id, c.closing.closesAt);
  const last = c.offers.findLastIndex((other) => other.eventName === o.eventName && other.kind === o.kind);
  const end = c.offers[last]?.validTo ?? 0;
  demand(o.validFrom >= end, "OfferOverlaps", last + 1, end, o.validFrom);
  return c.offers.push(o);
}

export function retireOffer(m: Model, caller: string, id: string, offerId: number): number {
  const c = findOwn(m, id, caller);
  const o = c.offers[offerId - 1];
  demand(o !== undefined, "UnknownOffer", id, offerId);
  const effectiveAt = Math.max(afterNotice(m, c), o.lockedUntil, o.validFrom);
  demand(effectiveAt < o.validTo, "OfferEndsAlready", offerId, o.validTo, effectiveAt);
  o.validTo = effectiveAt;
  return effectiveAt;
}

function attesterSet(threshold: number, members: readonly string[], effectiveAt: number): AttesterSet {
  const n = members.length;
  demand(n >= 1 && n <= 16 && threshold <= n && 2 * threshold > n, "InvalidThreshold", threshold, n);
  members.forEach((member, i) => {
    const previous = members[i - 1] ?? ZeroAddress;
    demand(BigInt(previous) < BigInt(member), "AttestersNotAscending", i, previous, member);
  });
  return { members: [...members], threshold, effectiveAt };
}
export function announceAttesters(m: Model, caller: string, id: string, threshold: number, members: readonly string[]) {
  const c = findOwn(m, id, caller);
  const effectiveAt = afterNotice(m, c);
  c.sets = [...c.sets.slice(0, setInForce(m, c) + 1), attesterSet(threshold, members, effectiveAt)];
  return effectiveAt;
}

export function setKinds(m: Model, caller: string, id: string, partners: readonly string[], mask: number): number {
  const c = findOwn(m, id, caller);
  const times = partners.map((partner) => {
    const k = c.kinds[partner] ?? { mask: c.terms.openKinds, taken: 0, takenFrom: 0 };
    const taken = k.mask & ~mask;
    if (taken === 0) {
      c.kinds[partner] = { ...k, mask };
      return m.now;
    }
    // One at a time: until no period under the kinds taken before can be attested any more, also after a suspension.
    const until = k.takenFrom === 0 ? 0 : Math.max(k.takenFrom, c.suspendedUntil) + c.terms.noticeSeconds;
    demand(m.now >= until, "KindsChangePending", partner, until);
    c.kinds[partner] = { mask, taken, takenFrom: afterNotice(m, c) };
    return afterNotice(m, c);
  });
  return Math.max(0, ...times);
}

export function setDailyLimit(m: Model, caller: string, id: string, limit: bigint): number {
  const c = findOwn(m, id, caller);
  c.limit = limitInForce(m, c);
  delete c.announcedLimit;
  if (limit < c.limit) {
    c.announcedLimit = { limit, from: afterNotice(m, c) };
    return c.announcedLimit.from;
  }
  c.limit = limit;
  return m.now;
}

export const announceDescription = (m: Model, caller: string, id: string) => afterNotice(m, findOwn(m, id, caller));

export function suspend(m: Model, caller: string, id: string): number {
  const c = findOwn(m, id, caller);
  const notice = c.terms.noticeSeconds;
  const earliest = c.suspendedUntil + notice;
  demand(c.suspendedUntil === 0 || m.now >= earliest, "SuspensionTooSoon", m.now, earliest);
  c.suspendedUntil = m.now + notice;
  const stopped = (end: number) => (end > m.now ? end + notice : end);
  if (c.withdrawal) c.withdrawal.from = stopped(c.withdrawal.from);
  if (c.closing) c.closing = { closesAt: stopped(c.closing.closesAt), finalAt: stopped(c.closing.finalAt) };
  return c.suspendedUntil;
}

export function resume(m: Model, caller: string, id: string): void {
  const c = findOwn(m, id, caller);
  const until = c.suspendedUntil;
  demand(m.now < until, "NotSuspended", id);
  c.suspendedUntil = m.now;
  // What counts down again is all that ends after the suspension would have ended; the rest was over before it.
  const sooner = (end: number) => (end > until ? end - (until - m.now) : end);
  if (c.withdrawal) c.withdrawal.from = sooner(c.withdrawal.from);
  if (!c.closing) return;
  const running = c.closing.closesAt > until;
  if (running) c.closing.closesAt = Math.max(sooner(c.closing.closesAt), guarantee(c));
  c.closing.finalAt = running ? c.closing.closesAt + c.terms.noticeSeconds : sooner(c.closing.finalAt);
}

export function closeCampaign(m: Model, caller: string, id: string): number {
  const c = findOwn(m, id, caller);
  demand(!c.closing, "ClosingAlready", id, c.closing?.closesAt);
  const closesAt = Math.max(afterNotice(m, c, c.suspendedUntil), guarantee(c));
  c.closing = { closesAt, finalAt: closesAt + c.terms.noticeSeconds };
  return closesAt;
}

export function transferCampaign(m: Model, caller: string, id: string, brand: string): void {
  findOwn(m, id, caller).pendingBrand = brand;
}
export function acceptCampaign(m: Model, caller: string, id: string): void {
  const c = find(m, id);
  demand(caller === c.pendingBrand, "NotPendingBrand", caller, c.pendingBrand);
  c.brand = caller;
  c.pendingBrand = ZeroAddress;
}

// ---------------------------------------------------------------------------------------------- budget

export function fund(m: Model, caller: string, id: string, amount: bigint, sent: bigint): void {
  const c = find(m, id);
  demand(amount > 0n, "ZeroAmount");
  if (c.closing) demand(m.now < c.closing.closesAt, "CampaignClosed", id, c.closing.closesAt);
  const most = 2n ** 128n - 1n - c.available - c.reserved;
  demand(amount <= most, "BudgetTooLarge", amount, most);
  const expected = c.terms.token === COIN ? amount : 0n;
  demand(sent === expected, "WrongNativeAmount", expected, sent);
  move(m, c.terms.token, caller, m.programs, amount);
  c.available += amount;
}
export function fundWithPermit(m: Model, caller: string, id: string, amount: bigint): void {
  demand(find(m, id).terms.token !== COIN, "InvalidToken", COIN);
  fund(m, caller, id, amount, 0n);
}

export function announceWithdrawal(m: Model, caller: string, id: string, amount: bigint): number {
  const c = findOwn(m, id, caller);
  demand(amount > 0n, "ZeroAmount");
  const pending = c.withdrawal?.from;
  demand(pending === undefined || m.now >= pending + 7 * DAY, "WithdrawalPending", id, pending);
  c.withdrawal = { amount, from: afterNotice(m, c, c.suspendedUntil) };
  return c.withdrawal.from;
}
export function cancelWithdrawal(m: Model, caller: string, id: string): void {
  const c = findOwn(m, id, caller);
  demand(c.withdrawal !== undefined, "NoWithdrawal", id);
  delete c.withdrawal;
}
export function withdraw(m: Model, caller: string, id: string, receiver: string): bigint {
  const c = findOwn(m, id, caller);
  demand(receiver !== ZeroAddress, "ZeroAddress");
  let amount = c.available;
  if (!c.closing || m.now < c.closing.finalAt) {
    const { withdrawal } = c;
    demand(withdrawal !== undefined, "NoWithdrawal", id);
    demand(m.now >= withdrawal.from, "WithdrawalNotMature", m.now, withdrawal.from);
    const lapse = withdrawal.from + 7 * DAY;
    demand(m.now < lapse, "WithdrawalLapsed", m.now, lapse);
    if (withdrawal.amount < amount) amount = withdrawal.amount;
  }
  demand(amount > 0n, "ZeroAmount");
  c.available -= amount;
  delete c.withdrawal;
  move(m, c.terms.token, m.programs, receiver, amount);
  return amount;
}

// ------------------------------------------------------------------------------- from conversion to credit

function checkSignatures(set: AttesterSet, caller: string, digest: string, signatures: readonly Signed[]) {
  const { members, threshold } = set;
  // A set of one may call for itself.
  if (members.length === 1 && members[0] === caller) return;
  demand(signatures.length >= threshold, "TooFewSignatures", threshold, signatures.length);
  signatures.forEach(({ attester, signer, forged }, i) => {
    const member = members[attester];
    const ascends = attester > (signatures[i - 1]?.attester ?? -1);
    demand(ascends && member !== undefined, "AttestersOutOfOrder", i, attester, members.length);
    demand(member === signer && !forged, "InvalidSignature", member, digest);
  });
}

export function attest(m: Model, caller: string, a: Attestation, digest: string, signatures: readonly Signed[]) {
  const id = a.campaignId;
  const c = find(m, id);
  demand(a.firstConversion === c.next, "ConversionOutOfOrder", id, c.next, a.firstConversion);
  demand(a.conversions > 0, "NoConversions", id);
  demand(m.now <= a.deadline, "DeadlinePassed", a.deadline, m.now);
  demand(a.periodFrom < a.periodTo && a.periodTo <= m.now, "InvalidPeriod", a.periodFrom, a.periodTo, m.now);
  const oldest = oldestPeriod(m, c);
  demand(a.periodTo >= oldest, "PeriodTooOld", a.periodTo, oldest);
  demand(m.now >= c.suspendedUntil, "CampaignSuspended", id, c.suspendedUntil);
  if (c.closing) {
    const { closesAt, finalAt } = c.closing;
    demand(a.periodTo <= closesAt && m.now < finalAt, "CampaignClosed", id, closesAt);
  }
  checkLines(c, a);
  const { total } = worthOfAll(c, a.lines);
  demand(total <= c.available, "InsufficientBudget", id, total, c.available);
  const spent = c.spent[today(m)] ?? 0n;
  const limit = limitInForce(m, c);
  const remaining = limit > spent ? limit - spent : 0n;
  demand(limit === UNLIMITED || total <= remaining, "DailyLimitExceeded", id, total, remaining);
  const set = setInForce(m, c);
  checkSignatures(c.sets[set] as AttesterSet, caller, digest, signatures);

  c.next += BigInt(a.conversions);
  c.spent[today(m)] = spent + total;
  c.available -= total;
  if (c.terms.holdSeconds === 0) {
    creditLines(m, c, a.lines);
  } else {
    c.reserved += total;
    const releaseAt = m.now + c.terms.holdSeconds;
    c.batches[digest] = { lines: [...a.lines], releaseAt, set, released: a.lines.map(() => false) };
  }
  return digest;
}

function checkLines(c: Campaign, a: Attestation) {
  const { lines } = a;
  demand(lines.length >= 1 && lines.length <= 512, "InvalidLineCount", lines.length, 512);
  const counts: Record<number, number> = {};
  lines.forEach((line, i) => {
    const previous = lines[i - 1];
    const ascends = lineKey(line) > (previous ? lineKey(previous) : 0n);
    demand(ascends, "LinesNotAscending", i, previous ? packLine(previous) : `0x${"00".repeat(32)}`, packLine(line));
    demand(line.partner !== ZeroAddress, "PartnerIsZero", i);
    const o = c.offers[line.offerId - 1];
    demand(o !== undefined, "UnknownOffer", a.campaignId, line.offerId);
    const inside = a.periodFrom >= o.validFrom && a.periodTo <= o.validTo;
    demand(inside, "PeriodOutsideOffer", line.offerId, o.validFrom, o.validTo);
    const kinds = payableKinds(c, line.partner, a.periodTo);
    demand(((kinds >> o.kind) & 1) === 1, "KindNotPayable", line.partner, kinds, o.kind);
    const most = BigInt(line.count) * o.capUnits;
    demand(line.volumeUnits <= most, "VolumeExceedsCap", i, line.volumeUnits, most);
    const count = (counts[line.offerId] ?? 0) + line.count;
    counts[line.offerId] = count;
    demand(count <= a.conversions, "CountsExceedConversions", line.offerId, count, a.conversions);
  });
  const all = lines.reduce((sum, line) => sum + line.count, 0);
  demand(a.conversions <= all, "ConversionsExceedCounts", a.conversions, all);
}

function checkProof(b: Batch, given: ProvenLine) {
  demand(given.index < b.lines.length, "UnknownLine", given.index, b.lines.length);
  const [stored, root] = [lineTree(b.lines).root, rootFrom(given)];
  demand(root === stored, "LinesDifferFromBatch", stored, root);
}

export function reverse(
  m: Model,
  caller: string,
  r: Reversal,
  digest: string,
  current: readonly ProvenLine[],
  signatures: readonly Signed[],
): bigint {
  const c = find(m, r.campaignId);
  const b = findBatch(m, r.campaignId, r.attestation);
  demand(m.now < b.releaseAt, "HoldOver", m.now, b.releaseAt);
  checkSignatures(c.sets[b.set] as AttesterSet, caller, digest, signatures);
  const { targets } = r;
  const sameLength = targets.length > 0 && targets.length === current.length;
  demand(sameLength, "InvalidLineCount", current.length, targets.length);
  const before = worthOfAll(c, b.lines).total;
  targets.forEach((target, i) => {
    const given = current[i] as ProvenLine;
    demand(lineKey(given.line) === lineKey(target), "TargetForOtherLine", i, packLine(target), packLine(given.line));
    checkProof(b, given);
    const { count, volumeUnits } = given.line;
    b.lines[given.index] = {
      ...target,
      count: Math.min(count, target.count),
      volumeUnits: volumeUnits < target.volumeUnits ? volumeUnits : target.volumeUnits,
    };
  });
  const returned = before - worthOfAll(c, b.lines).total;
  c.reserved -= returned;
  c.available += returned;
  return returned;
}

export function release(m: Model, id: string, digest: string, lines: readonly Line[], indices: readonly number[]) {
  const c = find(m, id);
  const b = findBatch(m, id, digest);
  demand(m.now >= b.releaseAt, "HoldNotOver", m.now, b.releaseAt);
  demand(lines.length === b.lines.length, "InvalidLineCount", lines.length, b.lines.length);
  const [stored, root] = [lineTree(b.lines).root, lineTree(lines).root];
  demand(root === stored, "LinesDifferFromBatch", stored, root);
  for (const index of indices) demand(index < lines.length, "UnknownLine", index, lines.length);
  const due = lines.filter((_, i) => !b.released[i] && (indices.length === 0 || indices.includes(i)));
  b.released = b.released.map((was, i) => was || indices.length === 0 || indices.includes(i));
  creditLines(m, c, due);
  const { commission, total } = worthOfAll(c, due);
  c.reserved -= total;
  return commission;
}

export function pull(m: Model, caller: string, id: string, digest: string, given: ProvenLine): bigint {
  const c = find(m, id);
  const b = findBatch(m, id, digest);
  demand(m.now >= b.releaseAt, "HoldNotOver", m.now, b.releaseAt);
  checkProof(b, given);
  demand(!b.released[given.index], "LineReleasedAlready", digest, given.index);
  const { partner } = given.line;
  demand(caller === partner || !m.optedOut[partner], "OptedOut", partner);
  const { commission, fee } = worth(c, given.line);
  b.released[given.index] = true;
  c.reserved -= commission + fee;
  credit(m, c.terms.operator, c.terms.token, fee);
  if (commission > 0n) move(m, c.terms.token, m.programs, partner, commission);
  return commission;
}

// ------------------------------------------------------------------------------------------------- claims

export const claim = (m: Model, caller: string, tokens: readonly string[], receiver: string): void =>
  pay(m, caller, tokens, receiver);

export function claimFor(m: Model, order: ClaimOrder, digest: string, signer: string): void {
  const { owner } = order;
  demand(BigInt(m.now) <= order.deadline, "DeadlinePassed", order.deadline, m.now);
  const nonce = m.nonces[owner] ?? 0n;
  demand(order.nonce === nonce, "WrongNonce", owner, nonce, order.nonce);
  demand(signer === owner, "InvalidSignature", owner, digest);
  m.nonces[owner] = nonce + 1n;
  pay(m, owner, order.tokens, order.receiver);
}
export function payOut(m: Model, caller: string, owner: string, tokens: readonly string[]): void {
  demand(caller === owner || !m.optedOut[owner], "OptedOut", owner);
  pay(m, owner, tokens, owner);
}
export function setPayOutOptOut(m: Model, caller: string, optedOut: boolean): void {
  m.optedOut[caller] = optedOut;
}
