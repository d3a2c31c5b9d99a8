/**
 * The contract once more, as plain data and functions, written from the documentation in IPartnerPrograms.sol: what every
 * operation does, what it emits, and in which order it refuses. differential.test.ts compares the two after every step.
 *
 * A function takes the model first and, where it matters, the caller. It changes the model or throws a `Refusal` with the
 * name and the arguments of the contract's error; what it changed before it threw is for `attempt` to undo. Like the
 * contract, the model knows a batch's root and total only: lines are shown to it, with their ways to the root.
 */

import type { Attestation, ClaimOrder, PayoutOrder } from "@partner-programs/protocol/typedData";
import { AbiCoder, concat, keccak256, toBeHex, ZeroAddress } from "ethers";

const DAY = 86_400;
export const COIN = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE";
export const UNLIMITED = 2n ** 128n - 1n;
export const FOR_ONE = 255;
const FOR_EVER = 2 ** 40 - 1;
const LONGEST_LOCK = 365 * DAY;
const LAPSE = 7 * DAY;

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
  feeBps: number;
  unitExponent: number;
  linesOnChain: boolean;
  operator: string;
  openKinds: bigint;
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
  partner: string;
}
export interface Line {
  offerId: number;
  partner: string;
  count: number;
  volumeUnits: bigint;
}
export interface AttesterSet {
  members: string[];
  threshold: number;
  effectiveAt: number;
}
/** From `since` on a partner has the kinds `before`, and from `from` on `mask`. */
export interface Kinds {
  since: number;
  before: bigint;
  from: number;
  mask: bigint;
}
export interface Batch {
  root: string;
  total: bigint;
  lowered: boolean;
  releaseAt: number;
  set: number;
  settled: Set<number>;
}
export interface Campaign {
  terms: Terms;
  brand: string;
  pending?: { brand: string; from: number };
  available: bigint;
  reserved: bigint;
  next: bigint;
  /** Offer i is at i - 1. */
  offers: Offer[];
  /** All sets that were ever in force and at most one that will be. */
  sets: AttesterSet[];
  kinds: Record<string, Kinds[]>;
  batches: Record<string, Batch>;
  limit: bigint;
  announcedLimit?: { limit: bigint; from: number };
  /** What was attested, by UTC day. */
  spent: Record<number, bigint>;
  suspendedUntil: number;
  withdrawal?: { amount: bigint; from: number };
  closing?: { closesAt: number; finalAt: number };
}
export interface Payout {
  receiver: string;
  lock: number;
  next?: { receiver: string; lock: number; from: number };
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
  /** Undefined: the owner revoked its orders, and nobody can say which nonce is next. */
  nonces: Record<string, bigint | undefined>;
  payouts: Record<string, Payout>;
  optedOut: Record<string, boolean>;
  /** What the operation emitted. */
  events: [name: string, ...args: unknown[]][];
}
export interface NewCampaign {
  salt: string;
  terms: Terms;
  offers: readonly Offer[];
  attesters: readonly string[];
  threshold: number;
  dailyLimit: bigint;
  descriptionHash: string;
  descriptionUri: string;
}
/** A signature by `signer`, passed off as one of member `attester`. `forged`: of something else. */
export interface Signed {
  attester: number;
  signer: string;
  forged?: boolean;
}
export interface Proven {
  index: number;
  line: Line;
  path: string;
}
export interface Lowered extends Proven {
  target: Line;
}
/** An attestation with its digest: what the model cannot compute without a domain. */
export interface Named {
  body: Attestation;
  digest: string;
}

/** What `operation` returns, with the model as it is then; or why it is refused, with the model as it was. */
export function attempt(m: Model, operation: (m: Model) => unknown) {
  const after = structuredClone(m);
  after.events = [];
  try {
    return { model: after, returned: operation(after) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { model: m, refusal };
  }
}

// --------------------------------------------------------------------------------------------------------- the tree

export interface Node {
  hash: string;
  sum: bigint;
}
const NOTHING: Node = { hash: `0x${"00".repeat(32)}`, sum: 0n };
const NODE_BYTES = 48;

export const wordOf = (line: Line) =>
  toBeHex(
    (BigInt(line.offerId) << 240n) |
      (BigInt(line.partner) << 80n) |
      (BigInt(line.count) << 56n) |
      BigInt(line.volumeUnits),
    32,
  );
const keyOf = (line: Line) => `${line.offerId} ${line.partner}`;
const packed = ({ hash, sum }: Node) => concat([hash, toBeHex(BigInt.asUintN(128, sum), 16)]);
const parentOf = (left: Node, right: Node): Node => ({
  hash: keccak256(concat([packed(left), packed(right)])),
  sum: left.sum + right.sum,
});
/** How many levels there are above so many leaves. */
export const depthOf = (count: number) => {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
};
/** The levels over leaves; what is to the right of the last of them is not there, and counts as nothing. */
export function levelsOver(leaves: readonly Node[]): Node[][] {
  const levels = [[...leaves]];
  for (let level = levels[0] as Node[]; level.length > 1; ) {
    const parents: Node[] = [];
    for (let i = 0; i < level.length; i += 2) parents.push(parentOf(level[i] as Node, level[i + 1] ?? NOTHING));
    levels.push(parents);
    level = parents;
  }
  return levels;
}
export const topOf = (levels: readonly Node[][]) => (levels.at(-1) as Node[])[0] as Node;
/** The siblings of node `position` of `level` on its way up. */
export function pathFrom(levels: readonly Node[][], level: number, position: number): string {
  const siblings: string[] = [];
  for (let at = position, i = level; i < levels.length - 1; i++, at = Math.floor(at / 2)) {
    siblings.push(packed(levels[i]?.[at % 2 === 0 ? at + 1 : at - 1] ?? NOTHING));
  }
  return concat(siblings);
}
const bytesIn = (hex: string) => (hex.length - 2) / 2;
function climb(node: Node, position: number, path: string): Node {
  let [here, at] = [node, position];
  for (let from = 2; from < path.length; from += 2 * NODE_BYTES, at = Math.floor(at / 2)) {
    const sibling = { hash: `0x${path.slice(from, from + 64)}`, sum: BigInt(`0x${path.slice(from + 64, from + 96)}`) };
    here = at % 2 === 0 ? parentOf(here, sibling) : parentOf(sibling, here);
  }
  return here;
}
/** What a batch is known by once it was lowered. */
export const hashOf = ({ hash, sum }: Node) => keccak256(concat([hash, toBeHex(sum, 32)]));

/** `top` has to be the tree's, as it was attested or as reversals left it. */
function demandTop(b: Batch, top: Node) {
  const stored = { hash: b.root, sum: b.total };
  // Sums beyond 128 bits stand in no node: where they lead to is the contract's own affair, only that it is refused is not.
  if (top.sum > UNLIMITED) throw new Refusal("LinesDifferFromBatch", []);
  if (b.lowered) demand(hashOf(top) === hashOf(stored), "LinesDifferFromBatch", hashOf(stored), hashOf(top));
  demand(top.hash === b.root, "LinesDifferFromBatch", b.root, top.hash);
  demand(top.sum === b.total, "TotalDiffersFromBatch", b.total, top.sum);
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
function findBatch(m: Model, { body, digest }: Named): Batch {
  const b = find(m, body.campaignId).batches[digest];
  demand(b !== undefined, "UnknownBatch", body.campaignId, digest);
  return b;
}
export const setInForce = (m: Model, c: Campaign) => c.sets.findLastIndex((set) => set.effectiveAt <= m.now);
export const limitInForce = (m: Model, c: Campaign) =>
  c.announcedLimit && c.announcedLimit.from <= m.now ? c.announcedLimit.limit : c.limit;
export const today = (m: Model) => Math.floor(m.now / DAY);
export const guarantee = (c: Campaign) => Math.max(0, ...c.offers.map((o) => o.lockedUntil));
/** An announced withdrawal that can still be made. */
export const withdrawalOf = (m: Model, c: Campaign) =>
  c.withdrawal && m.now < c.withdrawal.from + LAPSE ? c.withdrawal : undefined;
export const remainingToday = (m: Model, c: Campaign) => {
  const [limit, spent] = [limitInForce(m, c), c.spent[today(m)] ?? 0n];
  if (limit === UNLIMITED) return UNLIMITED;
  return limit > spent ? limit - spent : 0n;
};
const afterNotice = (m: Model, c: Campaign, notBefore = 0) => Math.max(m.now, notBefore) + c.terms.noticeSeconds;

/** The kinds that a partner is paid under for a period that ended at `periodTo`: those of its last second. */
export function kindsFor(c: Campaign, partner: string, periodTo: number): bigint {
  const last = periodTo - 1;
  const k = c.kinds[partner]?.findLast(({ since }) => since <= last);
  if (!k) return c.terms.openKinds;
  return last < k.from ? k.before : k.mask;
}

type Of = Pick<Attestation, "periodFrom" | "periodTo" | "conversions">;
const covers = (o: Offer, a: Of) => a.periodFrom >= o.validFrom && a.periodTo <= o.validTo;

export const FAULTS = [
  "None",
  "UnknownOffer",
  "PeriodOutsideOffer",
  "PartnerIsZero",
  "VolumeExceedsCap",
  "CountExceedsConversions",
  "KindNotPayable",
  "OfferForOtherPartner",
] as const;
/** Why a line does not hold, if it does not: the first of the faults in their order. */
export function faultOf(c: Campaign, a: Of, line: Line): (typeof FAULTS)[number] {
  const o = c.offers[line.offerId - 1];
  if (!o) return "UnknownOffer";
  if (!covers(o, a)) return "PeriodOutsideOffer";
  if (BigInt(line.partner) === 0n) return "PartnerIsZero";
  if (line.volumeUnits > BigInt(line.count) * o.capUnits) return "VolumeExceedsCap";
  if (line.count > a.conversions) return "CountExceedsConversions";
  if (o.kind === FOR_ONE) return line.partner === o.partner ? "None" : "OfferForOtherPartner";
  return (kindsFor(c, line.partner, a.periodTo) >> BigInt(o.kind)) & 1n ? "None" : "KindNotPayable";
}

/** What a line is worth in the tree: nothing, under an offer that there is not or that does not cover the period. */
export function worthOf(c: Campaign, a: Of, line: Line) {
  const o = c.offers[line.offerId - 1];
  if (!o || !covers(o, a)) return { commission: 0n, fee: 0n, total: 0n };
  const share = (amount: bigint, bps: number) => (amount * BigInt(bps)) / 10_000n; // bigint division rounds down
  const volume = line.volumeUnits * 10n ** BigInt(c.terms.unitExponent);
  const commission = BigInt(line.count) * o.flatAmount + share(volume, o.rateBps);
  const fee = share(commission, c.terms.feeBps);
  return { commission, fee, total: commission + fee };
}
export const leafOf = (c: Campaign, a: Of, line: Line): Node => ({
  hash: wordOf(line),
  sum: worthOf(c, a, line).total,
});
/** The tree over all lines of a batch. */
export const treeOver = (c: Campaign, a: Of, lines: readonly Line[]) =>
  levelsOver(lines.map((line) => leafOf(c, a, line)));

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
  if (amount > 0n) m.credits[slot(owner, token)] = creditOf(m, owner, token) + amount;
}

/** Where an owner is paid, and for how long that is locked. */
export function payoutOf(m: Model, owner: string) {
  const p = m.payouts[owner] ?? { receiver: ZeroAddress, lock: 0 };
  const { receiver, lock } = p.next && p.next.from <= m.now ? p.next : p;
  return { receiver: receiver === ZeroAddress ? owner : receiver, lock };
}
const wantsNoPush = (m: Model, caller: string, owner: string) =>
  caller !== owner && m.optedOut[owner] === true && payoutOf(m, owner).lock === 0;

/** All of the owner's credits; coins last. */
function pay(m: Model, owner: string, tokens: readonly string[], receiver: string) {
  const due = [...new Set(tokens)].filter((token) => creditOf(m, owner, token) > 0n);
  demand(due.length > 0, "NothingToPay", owner);
  for (const token of due.sort((a, b) => Number(a === COIN) - Number(b === COIN))) {
    const amount = creditOf(m, owner, token);
    m.events.push(["Claimed", owner, token, receiver, amount]);
    move(m, token, m.programs, receiver, amount);
    m.credits[slot(owner, token)] = 0n;
  }
}

// ----------------------------------------------------------------------------------------------- the brand

export function createCampaign(m: Model, caller: string, given: NewCampaign): string {
  const t = given.terms;
  const types = ["uint256", "address", "address", "bytes32"];
  const ofTerms = ["address", "uint32", "uint32", "uint16", "uint8", "bool", "address", "uint64"];
  const bound = [t.token, t.holdSeconds, t.noticeSeconds, t.feeBps, t.unitExponent, t.linesOnChain];
  const id = keccak256(
    AbiCoder.defaultAbiCoder().encode(
      [...types, ...ofTerms],
      [m.chainId, m.programs, caller, given.salt, ...bound, t.operator, t.openKinds],
    ),
  );
  demand(!m.campaigns[id], "CampaignExists", id);
  demand(m.tokens.includes(t.token), "InvalidToken", t.token);
  const shortest = Math.max(DAY, t.holdSeconds);
  const noticeFits = t.noticeSeconds >= shortest && t.noticeSeconds <= 365 * DAY;
  demand(noticeFits, "InvalidNotice", t.noticeSeconds, shortest, 365 * DAY);
  demand(t.feeBps <= 2_000, "FeeTooHigh", t.feeBps, 2_000);
  demand((t.feeBps === 0) === (t.operator === ZeroAddress), "FeeWithoutOperator", t.feeBps, t.operator);
  demand(t.unitExponent <= 21, "UnitTooLarge", t.unitExponent, 21);
  m.events.push(["CampaignCreated", id, caller, t.token, given.salt, Object.values(t)]);
  const set = attesterSet(given.threshold, given.attesters, m.now);
  m.campaigns[id] = {
    terms: t,
    brand: caller,
    available: 0n,
    reserved: 0n,
    next: 1n,
    offers: [],
    sets: [set],
    kinds: {},
    batches: {},
    limit: given.dailyLimit,
    spent: {},
    suspendedUntil: 0,
  };
  m.events.push(["AttestersAnnounced", id, 0, set.threshold, set.members, m.now]);
  m.events.push(["DescriptionAnnounced", id, given.descriptionHash, given.descriptionUri, m.now]);
  m.events.push(["DailyLimitAnnounced", id, given.dailyLimit, m.now]);
  for (const o of given.offers) appendOffer(m, caller, id, o);
  return id;
}

const NAME = /^[\x21-\x7e]+\0*$/;
export function appendOffer(m: Model, caller: string, id: string, given: Offer): number {
  const c = findOwn(m, id, caller);
  const o = { ...given, validFrom: given.validFrom || m.now, validTo: given.validTo || FOR_EVER };
  const forOne = o.partner !== ZeroAddress;
  demand(forOne ? o.kind === FOR_ONE : o.kind <= 63, "InvalidKind", o.kind, o.partner);
  const characters = Buffer.from(o.eventName.slice(2), "hex").toString("latin1");
  demand(NAME.test(characters), "InvalidEventName", o.eventName);
  demand(o.rateBps <= 10_000, "RateTooHigh", o.rateBps, 10_000);
  const pays = o.flatAmount > 0n || BigInt(o.rateBps) * o.capUnits > 0n;
  demand(pays, "OfferPaysNothing", o.eventName, o.kind);
  demand(o.validFrom >= m.now, "OfferStartsInPast", o.validFrom, m.now);
  const earliestEnd = Math.max(o.validFrom + 1, o.lockedUntil);
  demand(o.validTo >= earliestEnd, "OfferEndsTooEarly", o.validTo, earliestEnd);
  const latest = m.now + 36_500 * DAY;
  demand(o.lockedUntil <= latest, "GuaranteeTooLong", o.lockedUntil, latest);
  if (c.closing) demand(o.lockedUntil <= c.closing.closesAt, "CampaignClosed", id, c.closing.closesAt);
  const same = (other: Offer) =>
    other.eventName === o.eventName && other.kind === o.kind && other.partner === o.partner;
  const last = c.offers.findLastIndex(same);
  const end = c.offers[last]?.validTo ?? 0;
  demand(o.validFrom >= end, "OfferOverlaps", last + 1, end, o.validFrom);
  // A withdrawal that lapsed is none any more, and waits for nothing.
  const withdrawal = withdrawalOf(m, c);
  if (withdrawal) withdrawal.from = Math.max(withdrawal.from, o.lockedUntil);
  const offerId = c.offers.push(o);
  m.events.push(["OfferAppended", id, offerId, Object.values(o)]);
  return offerId;
}

export function retireOffer(m: Model, caller: string, id: string, offerId: number): number {
  const c = findOwn(m, id, caller);
  const o = c.offers[offerId - 1];
  demand(o !== undefined, "UnknownOffer", id, offerId);
  const effectiveAt = Math.max(afterNotice(m, c), o.lockedUntil, o.validFrom);
  demand(effectiveAt < o.validTo, "OfferEndsAlready", offerId, o.validTo, effectiveAt);
  o.validTo = effectiveAt;
  m.events.push(["OfferRetirementAnnounced", id, offerId, effectiveAt]);
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
  m.events.push(["AttestersAnnounced", id, c.sets.length - 1, threshold, members, effectiveAt]);
  return effectiveAt;
}

export function setKinds(m: Model, caller: string, id: string, partners: readonly string[], mask: bigint): number {
  const c = findOwn(m, id, caller);
  const times = partners.map((partner) => {
    const history = c.kinds[partner] ?? [];
    const last = history.at(-1);
    const pending = last !== undefined && m.now < last.from ? last : undefined;
    const present = kindsFor(c, partner, m.now + 1);
    // What was taken before stays taken, to its own time. One withdrawal at a time.
    const taken = (pending?.mask ?? present) & ~mask;
    if (taken !== 0n) demand(!pending, "KindsChangePending", partner, pending?.from);
    const before = present | mask;
    const from = pending?.from ?? (taken === 0n ? 0 : afterNotice(m, c));
    c.kinds[partner] = [...history, { since: m.now, before, from, mask }];
    m.events.push(["KindsSet", id, partner, mask, before, from]);
    return from;
  });
  return Math.max(partners.length > 0 ? m.now : 0, ...times);
}

export function announceDailyLimit(m: Model, caller: string, id: string, limit: bigint): number {
  const c = findOwn(m, id, caller);
  c.limit = limitInForce(m, c);
  c.announcedLimit = { limit, from: afterNotice(m, c) };
  m.events.push(["DailyLimitAnnounced", id, limit, c.announcedLimit.from]);
  return c.announcedLimit.from;
}

export function announceDescription(m: Model, caller: string, id: string, hash: string, uri: string) {
  const effectiveAt = afterNotice(m, findOwn(m, id, caller));
  m.events.push(["DescriptionAnnounced", id, hash, uri, effectiveAt]);
  return effectiveAt;
}

export function suspend(m: Model, caller: string, id: string): number {
  const c = findOwn(m, id, caller);
  const notice = c.terms.noticeSeconds;
  const earliest = c.suspendedUntil + notice;
  demand(c.suspendedUntil === 0 || m.now >= earliest, "SuspensionTooSoon", m.now, earliest);
  c.suspendedUntil = m.now + notice;
  const stopped = (end: number) => (end > m.now ? end + notice : end);
  if (c.withdrawal) c.withdrawal.from = stopped(c.withdrawal.from);
  if (c.closing) c.closing = { closesAt: stopped(c.closing.closesAt), finalAt: stopped(c.closing.finalAt) };
  m.events.push(["Suspended", id, c.suspendedUntil]);
  return c.suspendedUntil;
}

export function resume(m: Model, caller: string, id: string): void {
  const c = findOwn(m, id, caller);
  const until = c.suspendedUntil;
  demand(m.now < until, "NotSuspended", id);
  c.suspendedUntil = m.now;
  m.events.push(["Resumed", id]);
  // What counts down again is all that ends after the suspension would have ended; the rest was over before it.
  const sooner = (end: number) => (end > until ? end - (until - m.now) : end);
  if (c.withdrawal && c.withdrawal.from > until) {
    c.withdrawal.from = Math.max(sooner(c.withdrawal.from), guarantee(c));
  }
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
  m.events.push(["ClosingAnnounced", id, c.closing.finalAt, closesAt]);
  return closesAt;
}

export function transferCampaign(m: Model, caller: string, id: string, brand: string): number {
  const c = findOwn(m, id, caller);
  // Taking it back is for the better, and at once.
  const from = brand === ZeroAddress ? m.now : afterNotice(m, c);
  if (brand === ZeroAddress) delete c.pending;
  else c.pending = { brand, from };
  m.events.push(["BrandTransferAnnounced", id, caller, brand, from]);
  return from;
}
export function acceptCampaign(m: Model, caller: string, id: string): void {
  const c = find(m, id);
  const { pending } = c;
  demand(pending !== undefined && caller === pending.brand, "NotPendingBrand", caller, pending?.brand ?? ZeroAddress);
  demand(m.now >= pending.from, "TransferNotMature", m.now, pending.from);
  m.events.push(["BrandTransferred", id, c.brand, caller]);
  c.brand = caller;
  delete c.pending;
}

// ---------------------------------------------------------------------------------------------- budget

export function fund(m: Model, caller: string, id: string, amount: bigint, sent: bigint): void {
  const c = find(m, id);
  demand(amount > 0n, "ZeroAmount");
  if (c.closing) demand(m.now < c.closing.closesAt, "CampaignClosed", id, c.closing.closesAt);
  const most = UNLIMITED - c.available - c.reserved;
  demand(amount <= most, "BudgetTooLarge", amount, most);
  const expected = c.terms.token === COIN ? amount : 0n;
  demand(sent === expected, "WrongNativeAmount", expected, sent);
  move(m, c.terms.token, caller, m.programs, amount);
  c.available += amount;
  m.events.push(["Funded", id, caller, amount]);
}
export function fundWithPermit(m: Model, caller: string, id: string, amount: bigint): void {
  demand(find(m, id).terms.token !== COIN, "InvalidToken", COIN);
  fund(m, caller, id, amount, 0n);
}

export function announceWithdrawal(m: Model, caller: string, id: string, amount: bigint): number {
  const c = findOwn(m, id, caller);
  demand(amount > 0n, "ZeroAmount");
  const pending = withdrawalOf(m, c);
  demand(pending === undefined, "WithdrawalPending", id, pending?.from);
  demand(amount <= c.available, "InsufficientBudget", id, amount, c.available);
  c.withdrawal = { amount, from: Math.max(afterNotice(m, c, c.suspendedUntil), guarantee(c)) };
  m.events.push(["WithdrawalAnnounced", id, amount, c.withdrawal.from]);
  return c.withdrawal.from;
}
export function cancelWithdrawal(m: Model, caller: string, id: string): void {
  const c = findOwn(m, id, caller);
  demand(c.withdrawal !== undefined, "NoWithdrawal", id);
  delete c.withdrawal;
  m.events.push(["WithdrawalCancelled", id]);
}
export function withdraw(m: Model, caller: string, id: string, receiver: string): bigint {
  const c = findOwn(m, id, caller);
  demand(receiver !== ZeroAddress, "ZeroAddress");
  let amount = c.available;
  if (!c.closing || m.now < c.closing.finalAt) {
    const { withdrawal } = c;
    demand(withdrawal !== undefined, "NoWithdrawal", id);
    demand(m.now >= withdrawal.from, "WithdrawalNotMature", m.now, withdrawal.from);
    const lapse = withdrawal.from + LAPSE;
    demand(m.now < lapse, "WithdrawalLapsed", m.now, lapse);
    amount = withdrawal.amount;
  }
  demand(amount > 0n, "ZeroAmount");
  c.available -= amount;
  delete c.withdrawal;
  m.events.push(["Withdrawn", id, receiver, amount]);
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

export function attest(m: Model, caller: string, named: Named, lines: readonly Line[], signatures: readonly Signed[]) {
  const { body: a, digest } = named;
  const id = a.campaignId;
  const c = find(m, id);
  demand(a.firstConversion === c.next, "ConversionOutOfOrder", id, c.next, a.firstConversion);
  demand(a.conversions > 0, "NoConversions", id);
  demand(m.now <= a.deadline, "DeadlinePassed", a.deadline, m.now);
  demand(a.periodFrom < a.periodTo && a.periodTo <= m.now, "InvalidPeriod", a.periodFrom, a.periodTo, m.now);
  demand(m.now >= c.suspendedUntil, "CampaignSuspended", id, c.suspendedUntil);
  if (c.closing) {
    const { closesAt, finalAt } = c.closing;
    demand(a.periodTo <= closesAt && m.now < finalAt, "CampaignClosed", id, closesAt);
  }
  demand(a.total <= c.available, "InsufficientBudget", id, a.total, c.available);
  const remaining = remainingToday(m, c);
  demand(a.total <= remaining, "DailyLimitExceeded", id, a.total, remaining);
  const set = setInForce(m, c);
  checkSignatures(c.sets[set] as AttesterSet, caller, digest, signatures);
  const given = c.terms.linesOnChain || c.terms.holdSeconds === 0;
  demand(a.lineCount > 0, "InvalidLineCount", 0, 1);
  const expected = given ? a.lineCount : 0;
  demand(lines.length === expected, "InvalidLineCount", lines.length, expected);
  if (given) {
    const top = topOf(treeOver(c, a, lines));
    demand(top.hash === a.linesRoot, "LinesDifferFromBatch", a.linesRoot, top.hash);
    demand(top.sum === a.total, "TotalDiffersFromBatch", a.total, top.sum);
  }

  c.next += BigInt(a.conversions);
  c.spent[today(m)] = (c.spent[today(m)] ?? 0n) + a.total;
  c.available -= a.total;
  m.events.push(["Attested", id, digest, set, Object.values(a), lines.map(wordOf)]);
  const b = { root: a.linesRoot, total: a.total, lowered: false, set, settled: new Set<number>() };
  if (c.terms.holdSeconds > 0) {
    c.reserved += a.total;
    c.batches[digest] = { ...b, releaseAt: m.now + c.terms.holdSeconds };
  } else {
    c.reserved += a.total;
    settle(m, c, named, lines, 0);
  }
  if (c.withdrawal && c.withdrawal.amount > c.available) c.withdrawal.amount = c.available;
  return digest;
}

/** Credits what holds, and gives back what does not. */
function settle(
  m: Model,
  c: Campaign,
  { body, digest }: Named,
  lines: readonly Line[],
  first: number,
  only?: Set<number>,
) {
  let [commissions, fees] = [0n, 0n];
  lines.forEach((line, i) => {
    if (only && !only.has(first + i)) return;
    const { commission, fee, total } = worthOf(c, body, line);
    const fault = faultOf(c, body, line);
    c.reserved -= total;
    if (fault !== "None") {
      c.available += total;
      m.events.push(["LineRefused", body.campaignId, digest, first + i, wordOf(line), FAULTS.indexOf(fault), total]);
      return;
    }
    credit(m, line.partner, c.terms.token, commission);
    credit(m, c.terms.operator, c.terms.token, fee);
    commissions += commission;
    fees += fee;
  });
  return { commission: commissions, fee: fees };
}

function demandLine(a: Attestation, { index, path }: Proven) {
  demand(index < a.lineCount, "UnknownLine", index, a.lineCount);
  const depth = depthOf(a.lineCount);
  demand(bytesIn(path) === depth * NODE_BYTES, "InvalidPath", bytesIn(path), depth);
}

export function reverse(
  m: Model,
  caller: string,
  named: Named,
  digest: string,
  lines: readonly Lowered[],
  reasonHash: string,
  signatures: readonly Signed[],
): bigint {
  const { body: a } = named;
  const c = find(m, a.campaignId);
  const b = findBatch(m, named);
  demand(m.now < b.releaseAt, "HoldOver", m.now, b.releaseAt);
  demand(lines.length > 0, "InvalidLineCount", 0, 1);
  checkSignatures(c.sets[b.set] as AttesterSet, caller, digest, signatures);
  let returned = 0n;
  for (const given of lines) {
    const { index, line, target, path } = given;
    demandLine(a, given);
    demand(keyOf(line) === keyOf(target), "TargetForOtherLine", index, wordOf(target), wordOf(line));
    const stored = { hash: b.root, sum: b.total };
    const top = climb(leafOf(c, a, line), index, path);
    demand(
      hashOf(top) === hashOf(stored),
      "LinesDifferFromBatch",
      ...(top.sum > UNLIMITED ? [] : [hashOf(stored), hashOf(top)]),
    );
    const lowered = {
      ...line,
      count: Math.min(line.count, target.count),
      volumeUnits: line.volumeUnits < target.volumeUnits ? line.volumeUnits : target.volumeUnits,
    };
    const { hash, sum } = climb(leafOf(c, a, lowered), index, path);
    returned += b.total - sum;
    Object.assign(b, { root: hash, total: sum, lowered: true });
    m.events.push(["LineLowered", a.campaignId, named.digest, index, wordOf(lowered)]);
  }
  c.reserved -= returned;
  c.available += returned;
  m.events.push(["Reversed", a.campaignId, named.digest, reasonHash, returned, b.root, b.total]);
  return returned;
}

export function release(m: Model, named: Named, first: number, path: string, lines: readonly Line[]): bigint {
  const { body: a } = named;
  const c = find(m, a.campaignId);
  const b = findBatch(m, named);
  demand(m.now >= b.releaseAt, "HoldNotOver", m.now, b.releaseAt);
  const depth = depthOf(a.lineCount);
  const height = depth - bytesIn(path) / NODE_BYTES;
  const fits = Number.isInteger(height) && height >= 0 && height <= 8;
  demand(fits, "InvalidPath", bytesIn(path), depth);
  demand(first < a.lineCount, "UnknownLine", first, a.lineCount);
  const size = 2 ** height;
  demand(first % size === 0, "MisplacedLines", first, size);
  const expected = Math.min(size, a.lineCount - first);
  demand(lines.length === expected, "InvalidLineCount", lines.length, expected);
  const levels = treeOver(c, a, lines);
  // A subtree of a height of its own, however few lines stand in it.
  let top = topOf(levels);
  for (let level = levels.length - 1; level < height; level++) top = parentOf(top, NOTHING);
  demandTop(b, climb(top, first / size, path));
  const due = new Set(lines.map((_, i) => first + i).filter((index) => !b.settled.has(index)));
  for (const index of due) b.settled.add(index);
  const word = Math.floor(first / 256);
  const mask = [...due].reduce((bits, index) => bits | (1n << BigInt(index % 256)), 0n);
  const { commission, fee } = settle(m, c, named, lines, first, due);
  m.events.push(["Released", a.campaignId, named.digest, word, mask, commission, fee]);
  return commission;
}

export function pull(m: Model, caller: string, batches: readonly Named[], lines: readonly Proven[]): bigint {
  demand(lines.length === batches.length, "InvalidLineCount", lines.length, batches.length);
  const [first, line] = [batches[0], lines[0]];
  demand(first !== undefined && line !== undefined, "InvalidLineCount", 0, 1);
  const id = first.body.campaignId;
  const c = find(m, id);
  const { partner } = line.line;
  demand(!wantsNoPush(m, caller, partner), "OptedOut", partner);
  let [commissions, settled] = [0n, 0];
  batches.forEach((named, i) => {
    const given = lines[i] as Proven;
    demand(named.body.campaignId === id, "BatchOfOtherCampaign", i, named.body.campaignId);
    demand(given.line.partner === partner, "LineOfOtherPartner", i, given.line.partner);
    const b = findBatch(m, named);
    demand(m.now >= b.releaseAt, "HoldNotOver", m.now, b.releaseAt);
    demandLine(named.body, given);
    demandTop(b, climb(leafOf(c, named.body, given.line), given.index, given.path));
    if (b.settled.has(given.index)) return;
    b.settled.add(given.index);
    settled++;
    const { commission, fee, total } = worthOf(c, named.body, given.line);
    c.reserved -= total;
    const fault = faultOf(c, named.body, given.line);
    if (fault !== "None") {
      c.available += total;
      const word = wordOf(given.line);
      m.events.push(["LineRefused", id, named.digest, given.index, word, FAULTS.indexOf(fault), total]);
      return;
    }
    credit(m, c.terms.operator, c.terms.token, fee);
    commissions += commission;
    m.events.push(["Pulled", id, named.digest, partner, given.index, commission]);
  });
  demand(settled > 0, "NothingToPay", partner);
  if (commissions > 0n) move(m, c.terms.token, m.programs, payoutOf(m, partner).receiver, commissions);
  return commissions;
}

// ------------------------------------------------------------------------------------------------- claims

function claimTo(m: Model, owner: string, tokens: readonly string[], receiver: string): void {
  demand(receiver !== ZeroAddress, "ZeroAddress");
  const payout = payoutOf(m, owner);
  demand(payout.lock === 0 || receiver === payout.receiver, "PayoutLocked", owner, payout.receiver, receiver);
  pay(m, owner, tokens, receiver);
}
export const claim = claimTo;

function spendOrder(m: Model, order: ClaimOrder | PayoutOrder, digest: string, signer: string) {
  const { owner } = order;
  demand(BigInt(m.now) <= order.deadline, "DeadlinePassed", order.deadline, m.now);
  const nonce = owner in m.nonces ? m.nonces[owner] : 0n;
  demand(order.nonce === nonce, "WrongNonce", owner, nonce, order.nonce);
  demand(signer === owner, "InvalidSignature", owner, digest);
  m.nonces[owner] = order.nonce + 1n;
}
export function claimFor(m: Model, order: ClaimOrder, digest: string, signer: string): void {
  spendOrder(m, order, digest, signer);
  claimTo(m, order.owner, order.tokens, order.receiver);
}
export function payOut(m: Model, caller: string, owner: string, tokens: readonly string[]): void {
  demand(!wantsNoPush(m, caller, owner), "OptedOut", owner);
  pay(m, owner, tokens, payoutOf(m, owner).receiver);
}
export function setPayout(m: Model, owner: string, receiver: string, lock: number): number {
  demand(lock <= LONGEST_LOCK, "LockTooLong", lock, LONGEST_LOCK);
  const present = payoutOf(m, owner);
  const from = m.now + present.lock;
  if (present.lock === 0) m.payouts[owner] = { receiver, lock };
  else m.payouts[owner] = { ...present, next: { receiver, lock, from } };
  m.events.push(["PayoutAnnounced", owner, receiver, lock, from]);
  return from;
}
export function setPayoutFor(m: Model, order: PayoutOrder, digest: string, signer: string): number {
  spendOrder(m, order, digest, signer);
  return setPayout(m, order.owner, order.receiver, order.lockSeconds);
}
export function revokeOrders(m: Model, owner: string): void {
  m.nonces[owner] = undefined;
  m.events.push(["OrdersRevoked", owner]);
}
export function setPayOutOptOut(m: Model, owner: string, optedOut: boolean): void {
  m.optedOut[owner] = optedOut;
  m.events.push(["PayOutOptedOut", owner, optedOut]);
}
