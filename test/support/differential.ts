/**
 * Random calls of the contract, each with what the model makes of it: honest ones, and ones that are wrong on purpose. A
 * generator does what it can; the model is what judges.
 */

import {
  type Attestation,
  attestationTypedData,
  type ClaimOrder,
  claimOrderTypedData,
  digestOf,
  type PayoutOrder,
  payoutOrderTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { concat, getAddress, id as hashOf, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";
import * as model from "./model.ts";
import { COIN, FOR_ONE, type Line, type Lowered, type Model, type Named, type Proven, type Signed } from "./model.ts";
import { ascending, DAY, type Deployed, eventName, HOUR } from "./programs.ts";

// -------------------------------------------------------------------------------------------------------- people

const people = (role: string, count: number) =>
  ascending(Array.from({ length: count }, (_, i) => new Wallet(hashOf(`${role} ${i}`))));
export const brands = people("brand", 2);
export const partners = people("partner", 4);
export const signers = people("signer", 4);
export const [operator, stranger] = people("passer-by", 2) as [Wallet, Wallet];
export const everybody = [...brands, ...partners, ...signers, operator, stranger];
const walletOf = new Map(everybody.map((wallet) => [wallet.address, wallet]));
export const addresses = (wallets: readonly Wallet[]) => wallets.map((wallet) => wallet.address);

const signatures = new Map<string, string>();
function signed(signer: string, digest: string): string {
  const known = signatures.get(signer + digest);
  const signature = known ?? (walletOf.get(signer) as Wallet).signingKey.sign(digest).serialized;
  signatures.set(signer + digest, signature);
  return signature;
}

// ---------------------------------------------------------------------------------------------------------- dice

/** Mulberry32: the same numbers for the same seed. */
export function dice(seed: number) {
  let state = seed * 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  const between = (least: number, most: number) => least + below(most - least + 1);
  const chance = (p: number) => next() < p;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  /** At least one of them, in their order. */
  const some = <T>(list: readonly T[]): T[] => {
    const sure = below(list.length);
    return list.filter((_, i) => i === sure || chance(0.4));
  };
  return { below, between, chance, pick, some };
}
export type Dice = ReturnType<typeof dice>;

// ------------------------------------------------------------------------------------------------------ a walk

export interface Operation {
  readonly from: string;
  readonly args: () => readonly unknown[];
  readonly value?: bigint;
  readonly predict: (m: Model) => unknown;
  /** What the walk remembers, once this has succeeded. */
  readonly keep?: () => void;
}
/** A batch as those who have its lines know it. */
export interface KnownBatch extends Named {
  /** As they were attested, and as reversals left them. */
  readonly signed: readonly Line[];
  lines: readonly Line[];
  /** Over `lines`. */
  tree: model.Node[][];
}
export interface Walk {
  readonly w: Deployed;
  readonly d: Dice;
  /** The model with its time at that of the operation. */
  m: Model;
  /** The campaign that the next operation is about, if it is about one. */
  id: string;
  /** Whether the next operation is to be wrong. */
  wrong: boolean;
  readonly batches: Map<string, KnownBatch>;
  readonly attested: { named: Named; lines: readonly Line[]; signatures: Signed[] }[];
  readonly reversals: { named: Named; targets: readonly Line[]; indices: readonly number[]; signatures: Signed[] }[];
  readonly orders: { order: ClaimOrder; signer: string }[];
  readonly payouts: { order: PayoutOrder; signer: string }[];
}

const campaignOf = (k: Walk) => k.m.campaigns[k.id] as model.Campaign;
const brandOf = (k: Walk) =>
  k.wrong && k.d.chance(0.15) ? k.d.pick([stranger, ...brands]).address : campaignOf(k).brand;
/** A relayer's address, or that of a signer, who may be the whole set. */
const anyone = ({ d }: Walk) => d.pick([stranger, stranger, ...signers, ...partners]).address;
export const whole = (m: Model, token: string) =>
  token === m.tokens[0] ? 10n ** 6n : token === COIN ? 10n ** 15n : 10n ** 18n;

// ------------------------------------------------------------------------------------------------ what brands give

const events = ["sale", "signup"].map(eventName);
/** Kinds that offers are for: the first three, and the last that there is. */
const KINDS = [0, 1, 2, 63] as const;

export function anOffer({ d, m, id, wrong }: Walk, token: string, kind?: number): model.Offer {
  const c = m.campaigns[id];
  const name = d.pick(events);
  const forOne = kind === FOR_ONE || (kind === undefined && d.chance(0.3));
  const subject = forOne
    ? { kind: FOR_ONE, partner: d.pick(partners).address }
    : { kind: kind ?? d.pick(KINDS), partner: ZeroAddress };
  const flat = d.chance(0.8) ? (whole(m, token) * BigInt(d.between(1, 3_000_003))) / 1_000_001n : 0n;
  const rated = flat === 0n || d.chance(0.6);
  const last = c?.offers.findLast(
    (o) => o.eventName === name && o.kind === subject.kind && o.partner === subject.partner,
  );
  const ends = last && last.validTo < m.now + 365 * DAY ? last.validTo : 0; // after one without end there is no other
  const validFrom = Math.max(m.now, ends) + (d.chance(0.3) ? d.between(0, 5 * DAY) : 0);
  const o: model.Offer = {
    flatAmount: flat,
    rateBps: rated ? d.between(1, 1_500) : 0,
    capUnits: rated ? BigInt(d.between(1, 1_000_003)) : 0n,
    validFrom: validFrom === m.now && d.chance(0.5) ? 0 : validFrom,
    validTo: d.chance(0.3) ? validFrom + d.between(1, 9 * DAY) : 0,
    kind: subject.kind,
    eventName: name,
    lockedUntil: d.chance(0.3) ? m.now + d.between(1, 9 * DAY) : 0,
    partner: subject.partner,
  };
  if (!wrong) return o.validTo !== 0 && o.validTo < o.lockedUntil ? { ...o, lockedUntil: o.validTo } : o;
  return d.pick([
    { ...o, kind: 64, partner: ZeroAddress },
    { ...o, kind: FOR_ONE, partner: ZeroAddress },
    { ...o, kind: 3, partner: stranger.address },
    { ...o, eventName: `0x${"00".repeat(24)}` },
    { ...o, eventName: `0x73616c650001${"00".repeat(18)}` },
    { ...o, eventName: `0x73616c6520${"00".repeat(19)}` },
    { ...o, eventName: `0x73616c657f${"00".repeat(19)}` },
    { ...o, rateBps: 10_001 },
    { ...o, flatAmount: 0n, capUnits: 0n },
    { ...o, validFrom: m.now - 1 },
    { ...o, validFrom: (last?.validTo ?? m.now) - 1 },
    { ...o, validFrom: validFrom + 5, validTo: validFrom + 5 },
    { ...o, validTo: validFrom + HOUR, lockedUntil: validFrom + HOUR + 1 },
    { ...o, validTo: 0, lockedUntil: m.now + 36_500 * DAY + 1 },
    { ...o, lockedUntil: (c?.closing?.closesAt ?? m.now) + 1 },
  ]);
}

export function anAttesterSet({ d, wrong }: Pick<Walk, "d" | "wrong">) {
  const three = addresses(signers).filter((_, i) => i !== d.below(4) || i === 3);
  const [threshold, members] = d.chance(0.4) ? [1, [d.pick(signers).address]] : [2, three.slice(0, 3)];
  if (!wrong) return { threshold, members };
  return d.pick([
    { threshold: 1, members: three.slice(0, 2) },
    { threshold: 4, members: three.slice(0, 3) },
    { threshold: 2, members: three.slice(0, 2).reverse() },
    { threshold: 1, members: [] },
    { threshold: 1, members: [ZeroAddress] },
  ]);
}

// ---------------------------------------------------------------------------------------------- what attesters sign

/** Signatures by enough of a set's members. */
function signaturesBy({ d, wrong }: Walk, set: model.AttesterSet): Signed[] {
  const all = set.members.map((signer, attester) => ({ attester, signer }));
  const left = d.chance(0.3) ? -1 : d.below(all.length);
  const enough = all.length > set.threshold ? all.filter((_, i) => i !== left) : all;
  if (!wrong || d.chance(0.7)) return enough;
  const [first, ...rest] = enough as [Signed, ...Signed[]];
  return d.pick([
    rest,
    [first, first, ...rest],
    [...rest, first],
    [...rest, { ...first, attester: all.length }],
    [{ ...first, signer: stranger.address }, ...rest],
    [...rest, { ...first, attester: all.length - 1, forged: true }],
  ]);
}
const asGiven = (by: readonly Signed[], digest: string) =>
  by.map(({ attester, signer, forged }) => ({ attester, signature: signed(signer, forged ? ZeroHash : digest) }));

export const named = (w: Deployed, body: Attestation): Named => ({
  body,
  digest: digestOf(w.domain, attestationTypedData(body)),
});

/** A period that ended at a time at which something matters, or lately. */
function aPeriod({ d, m, id }: Walk) {
  const c = m.campaigns[id] as model.Campaign;
  const notable = [
    ...c.offers.flatMap((o) => [o.validTo, o.validFrom + 1]),
    ...Object.values(c.kinds).flatMap((history) => history.flatMap(({ since, from }) => [since + 1, from, from + 1])),
    c.closing?.closesAt ?? 0,
  ].filter((time) => time <= m.now && time > m.now - 40 * DAY);
  const periodTo =
    notable.length > 0 && d.chance(0.4)
      ? Math.min(d.pick(notable) + d.between(0, 1), m.now)
      : m.now - d.pick([0, 0, 1, d.below(DAY), d.below(30 * DAY)]);
  return { periodFrom: periodTo - d.between(1, HOUR), periodTo };
}

/** A line that does not hold, or is as it should be after all. */
function anUnsoundLine({ d }: Walk, c: model.Campaign, line: Line, conversions: number): Line {
  const cap = BigInt(line.count) * (c.offers[line.offerId - 1]?.capUnits ?? 0n);
  const forOne = c.offers.findIndex(({ kind }) => kind === FOR_ONE) + 1;
  return d.pick([
    { ...line, offerId: 0 },
    { ...line, offerId: c.offers.length + 1 },
    { ...line, offerId: d.between(1, c.offers.length) },
    { ...line, partner: ZeroAddress },
    { ...line, volumeUnits: cap + 1n },
    { ...line, count: conversions + 1, volumeUnits: 0n },
    { ...line, partner: stranger.address },
    { ...line, offerId: forOne > 0 ? forOne : line.offerId, volumeUnits: 0n },
    { ...line, count: 0, volumeUnits: 0n },
  ]);
}

/** Lines of a batch: mostly few, seldom more than one word of marks. */
function someLines(k: Walk, period: { periodFrom: number; periodTo: number }): Line[] {
  const { d } = k;
  const c = campaignOf(k);
  const usable = c.offers
    .map((o, i) => ({ ...o, id: i + 1 }))
    .filter((o) => o.validFrom < period.periodTo && o.validTo >= period.periodTo);
  const offers = usable.length > 0 ? d.some(usable) : [{ ...(c.offers[0] as model.Offer), id: 1 }];
  const lines = offers.flatMap((o): Line[] => {
    const payable = addresses(partners).filter((p) =>
      o.kind === FOR_ONE ? p === o.partner : (model.kindsFor(c, p, period.periodTo) >> BigInt(o.kind)) & 1n,
    );
    return d.some(payable.length > 0 ? payable : addresses(partners)).map((partner) => {
      const count = d.between(1, 4);
      const most = BigInt(count) * o.capUnits;
      const volumeUnits = d.chance(0.3) ? most : (most * BigInt(d.below(1_000))) / 1_000n;
      return { offerId: o.id, partner, count, volumeUnits };
    });
  });
  if (c.terms.linesOnChain || c.terms.holdSeconds === 0 || !d.chance(0.07)) return lines;
  // Many small ones, so that the budget suffices: the first offer's, one conversion each.
  const many = d.pick([190, 258, 300]);
  const filler = (i: number): Line => ({
    offerId: 1,
    partner: getAddress(toBeHex(0x7000 + i, 20)),
    count: 0,
    volumeUnits: 0n,
  });
  const all = Array.from({ length: many }, (_, i) => filler(i));
  for (const line of lines) all[d.pick([0, 1, 127, 128, many - 1, d.below(many)])] = line;
  return all;
}

function anAttestation(k: Walk): { body: Attestation; lines: Line[] } {
  const { d, m } = k;
  const c = campaignOf(k);
  let period = aPeriod(k);
  let lines = someLines(k, period);
  const begin = Math.max(...lines.map((line) => c.offers[line.offerId - 1]?.validFrom ?? 0));
  if (d.chance(0.9) && begin < period.periodTo) {
    period = { ...period, periodFrom: Math.max(period.periodFrom, begin) };
  }
  const most = Math.max(1, ...lines.map(({ count }) => count));
  const conversions = d.between(most, Math.max(most, Math.min(lines.length, 9)));
  if (d.chance(0.35)) {
    const unsound = d.some(lines.slice(0, 5)).map((line) => anUnsoundLine(k, c, line, conversions));
    lines = d.chance(0.5) ? [...lines, ...unsound] : [...unsound, ...lines.slice(1)];
  }
  const top = model.topOf(model.treeOver(c, { ...period, conversions }, lines));
  const body = {
    campaignId: k.id,
    firstConversion: c.next,
    conversions,
    ...period,
    deadline: m.now + d.pick([0, DAY]),
    conversionsRoot: toBeHex(d.below(2 ** 31), 32),
    linesRoot: top.hash,
    lineCount: lines.length,
    total: top.sum,
  };
  return { body, lines };
}

/** What a campaign should refuse, or, if its lines are not given, can only notice when they are settled. */
function spoilt(k: Walk, { body, lines }: { body: Attestation; lines: Line[] }): { body: Attestation; lines: Line[] } {
  const { d, m } = k;
  const [first, ...rest] = lines as [Line, ...Line[]];
  return d.pick<() => { body: Attestation; lines: Line[] }>([
    () => ({ body: { ...body, firstConversion: body.firstConversion + (d.chance(0.5) ? 1n : -1n) }, lines }),
    () => ({ body: { ...body, conversions: 0 }, lines }),
    () => ({ body: { ...body, deadline: m.now - 1 }, lines }),
    () => ({ body: { ...body, periodTo: m.now + 1 }, lines }),
    () => ({ body: { ...body, periodFrom: body.periodTo }, lines }),
    () => ({ body: { ...body, lineCount: 0 }, lines: [] }),
    () => ({ body: { ...body, lineCount: body.lineCount + d.pick([1, 7, 2 ** 31]) }, lines }),
    () => ({ body: { ...body, total: body.total + 1n }, lines }),
    () => ({ body: { ...body, total: body.total === 0n ? 1n : body.total - 1n }, lines }),
    () => ({ body: { ...body, linesRoot: toBeHex(d.below(2 ** 31), 32) }, lines }),
    () => ({ body: { ...body, total: campaignOf(k).available + 1n }, lines }),
    () => ({ body, lines: [...rest, first] }),
    () => ({ body, lines: rest }),
    () => ({ body, lines: [...lines, first] }),
    () => ({ body, lines: [{ ...first, count: first.count + 1 }, ...rest] }),
    () => ({ body, lines }),
  ])();
}

/** What of a batch is handed over is what was signed, or one word of it is not. */
function handedOver(k: Walk, of: Named): Named {
  if (!k.wrong || k.d.chance(0.85)) return of;
  const { body } = of;
  const others = Object.keys(k.m.campaigns).filter((id) => id !== body.campaignId);
  return named(
    k.w,
    k.d.pick<Attestation>([
      { ...body, campaignId: others.length > 0 ? k.d.pick(others) : ZeroHash },
      { ...body, campaignId: ZeroHash },
      { ...body, firstConversion: body.firstConversion + 1n },
      { ...body, conversions: body.conversions + 1 },
      { ...body, periodFrom: body.periodFrom - 1 },
      { ...body, periodTo: body.periodTo + 1 },
      { ...body, deadline: body.deadline + 1 },
      { ...body, conversionsRoot: ZeroHash },
      { ...body, linesRoot: toBeHex(5, 32) },
      { ...body, lineCount: body.lineCount + 1 },
      { ...body, total: body.total + 1n },
    ]),
  );
}

// ------------------------------------------------------------------------------------------------- lines and proofs

export const proof = (b: Pick<KnownBatch, "tree" | "lines">, index: number): Proven => ({
  index,
  line: b.lines[index] as Line,
  path: model.pathFrom(b.tree, 0, index),
});
const packedProof = ({ index, line, path }: Proven) => ({ index, line: model.wordOf(line), path });
const nodeOf = (line: Line, sum: bigint) => concat([model.wordOf(line), toBeHex(sum, 16)]);

function spoiltProof(k: Walk, b: KnownBatch, p: Proven): Proven {
  const { d } = k;
  const other = proof(b, (p.index + 1) % b.lines.length);
  const upTo = (path: string) => path.slice(0, 2 + 96 * d.below(p.path.length / 96 + 1));
  const flipped = (at: number) => {
    const digit = Number.parseInt(p.path[at] ?? "0", 16) ^ 1;
    return `${p.path.slice(0, at)}${digit.toString(16)}${p.path.slice(at + 1)}`;
  };
  const level = Math.min(1 + d.below(3), b.tree.length - 1);
  const place = Math.floor(p.index / 2 ** level);
  const inner = b.tree[level]?.[place];
  return d.pick<Proven>([
    { ...p, index: p.index ^ 1 },
    { ...p, index: b.body.lineCount },
    { ...p, index: 2 ** 40 + p.index },
    { ...p, line: { ...p.line, count: p.line.count + 1 } },
    { ...p, line: { ...p.line, partner: stranger.address } },
    { ...p, path: other.path },
    { ...p, line: other.line },
    { ...p, path: concat([p.path, nodeOf(p.line, 0n)]) },
    { ...p, path: concat([p.path, "0x00"]) },
    { ...p, path: upTo(p.path) },
    p.path.length > 2 ? { ...p, path: flipped(2 + d.below(p.path.length - 2)) } : p,
    // A sibling as heavy as can be, and a node in a leaf's place.
    p.path.length > 2 ? { ...p, path: `${p.path.slice(0, 66)}${"f".repeat(32)}${p.path.slice(98)}` } : p,
    inner
      ? { index: place, line: unpacked(inner.hash), path: model.pathFrom(b.tree, level, place) }
      : { ...p, index: p.index + 2 },
    b.signed !== b.lines
      ? proof({ lines: b.signed, tree: model.treeOver(campaignOf(k), b.body, b.signed) }, p.index)
      : p,
  ]);
}
function unpacked(word: string): Line {
  const value = BigInt(word);
  return {
    offerId: Number(value >> 240n),
    partner: getAddress(toBeHex((value >> 80n) & (2n ** 160n - 1n), 20)),
    count: Number((value >> 56n) & 0xffffffn),
    volumeUnits: value & (2n ** 56n - 1n),
  };
}

/** A batch of the campaign; one of another, if it is to be wrong; undefined if there is none anywhere. */
function aBatch(k: Walk, fits: (b: model.Batch, known: KnownBatch) => boolean): KnownBatch | undefined {
  const all = (c: model.Campaign) =>
    Object.entries(c.batches).flatMap(([digest, b]) => {
      const known = k.batches.get(digest);
      return known ? [[b, known] as const] : [];
    });
  const own = all(campaignOf(k));
  const fitting = own.filter(([b, known]) => fits(b, known) !== (k.wrong && k.d.chance(0.3)));
  const close = own.filter(([b]) => Math.abs(b.releaseAt - k.m.now) <= 1);
  const from = [close, fitting, own, Object.values(k.m.campaigns).flatMap(all)].find((list) => list.length > 0);
  return from ? k.d.pick(from)[1] : undefined;
}
const due = (k: Walk) => (b: model.Batch, known: KnownBatch) =>
  k.m.now >= b.releaseAt && b.settled.size < known.lines.length;
/** What is handed over where nothing was ever attested. */
function nothingAttested(k: Walk): KnownBatch {
  const lines = [{ offerId: 1, partner: stranger.address, count: 1, volumeUnits: 0n }];
  const { body } = anAttestation(k);
  const tree = model.treeOver(campaignOf(k), body, lines);
  const { hash: linesRoot, sum: total } = model.topOf(tree);
  return { ...named(k.w, { ...body, lineCount: 1, linesRoot, total }), lines, signed: lines, tree };
}

const tokensOf = ({ d, m }: Walk) => d.some([...m.tokens, m.tokens[d.below(3)] as string]);
const owners = (k: Walk) => {
  const all = addresses([...partners, operator]);
  const owning = all.filter((owner) => k.m.tokens.some((token) => model.creditOf(k.m, owner, token) > 0n));
  return owning.length > 0 && !(k.wrong && k.d.chance(0.5)) ? owning : all;
};
/** Somebody, nobody, or a contract that takes no coins. */
const receiver = ({ d, m, wrong }: Walk) =>
  wrong ? d.pick([ZeroAddress, m.refusingCoins[0] as string, stranger.address]) : d.pick(everybody).address;
/** Whom an owner names to be paid: where its lock says, if it has one. */
const receiverOf = (k: Walk, owner: string) => {
  const { lock, receiver: locked } = model.payoutOf(k.m, owner);
  return lock > 0 && !(k.wrong && k.d.chance(0.5)) ? locked : receiver(k);
};
const aLock = ({ d, wrong }: Walk) =>
  wrong && d.chance(0.5) ? 365 * DAY + 1 : d.pick([0, 0, 1, HOUR, 2 * DAY, 365 * DAY]);
const aPayoutReceiver = ({ d, m }: Walk) =>
  d.pick([...addresses(everybody), ZeroAddress, ...(d.chance(0.3) ? m.refusingCoins : [])]);
const nonceOf = ({ d, m, wrong }: Walk, owner: string) =>
  ((owner in m.nonces ? m.nonces[owner] : 0n) ?? 0n) + (wrong && d.chance(0.3) ? 1n : 0n);
const deadlineOf = ({ d, m, wrong }: Walk) => BigInt(m.now + (wrong && d.chance(0.3) ? -1 : d.pick([0, DAY])));

// ---------------------------------------------------------------------------------------------------- operations

export const aNewCampaign = (k: Pick<Walk, "d" | "m" | "w" | "wrong">, salt: string): model.NewCampaign => {
  const { d, m } = k;
  const fresh = { ...(k as Walk), id: ZeroHash, wrong: k.wrong && d.chance(0.4) };
  const token = d.pick(m.tokens);
  const noticeSeconds = d.pick([DAY, 2 * DAY, 3 * DAY + 1]);
  const feeBps = d.pick([0, 500]);
  const t: model.Terms = {
    token,
    holdSeconds: d.pick([0, DAY - 7, DAY - 7, noticeSeconds]),
    noticeSeconds,
    feeBps,
    unitExponent: token === m.tokens[0] ? d.below(3) : d.below(13),
    linesOnChain: d.chance(0.5),
    operator: feeBps === 0 ? ZeroAddress : operator.address,
    openKinds: d.pick([(1n << 63n) | 7n, 7n, 3n, 1n]),
  };
  const bad: model.Terms[] = [
    { ...t, token: stranger.address },
    { ...t, noticeSeconds: DAY - 1 },
    { ...t, noticeSeconds: 365 * DAY + 1 },
    { ...t, holdSeconds: t.noticeSeconds + 1 },
    { ...t, feeBps: 2_001, operator: operator.address },
    { ...t, feeBps: feeBps === 0 ? 500 : 0 },
    { ...t, unitExponent: 22 },
  ];
  const sound = { ...fresh, wrong: false };
  const { threshold, members } = anAttesterSet(fresh);
  return {
    salt,
    terms: k.wrong && !fresh.wrong ? d.pick(bad) : t,
    offers: [anOffer(fresh, token, 0), ...[1, 2, FOR_ONE].map((kind) => anOffer(sound, token, kind))],
    attesters: members,
    threshold,
    dailyLimit: d.chance(0.6) ? model.UNLIMITED : whole(m, token) * BigInt(d.between(10, 60)),
    descriptionHash: ZeroHash,
    descriptionUri: "https://",
  };
};

/** How each function of the contract is called. A call that is to be right may still be wrong, and is then thrown again. */
export const operations: Record<string, (k: Walk) => Operation> = {
  createCampaign(k) {
    const { d, m } = k;
    const [known] = Object.values(m.campaigns);
    const again = k.wrong && known !== undefined && d.chance(0.2);
    const fresh = aNewCampaign(k, again ? ZeroHash : toBeHex(1 + d.below(2 ** 31), 32));
    const given = again ? { ...fresh, salt: hashOf("campaign 0"), terms: known.terms } : fresh;
    const from = d.pick(brands).address;
    return { from, args: () => [given], predict: (now) => model.createCampaign(now, from, given) };
  },
  appendOffer(k) {
    const from = brandOf(k);
    const offer = anOffer(k, campaignOf(k).terms.token);
    return { from, args: () => [k.id, offer], predict: (m) => model.appendOffer(m, from, k.id, offer) };
  },
  retireOffer(k) {
    const from = brandOf(k);
    const { offers } = campaignOf(k);
    const coming = [...offers.keys()].filter((i) => (offers[i] as model.Offer).validFrom > k.m.now);
    const any = k.d.between(1, offers.length + (k.wrong ? 1 : 0));
    const offerId = coming.length > 0 && k.d.chance(0.6) ? k.d.pick(coming) + 1 : any;
    return { from, args: () => [k.id, offerId], predict: (m) => model.retireOffer(m, from, k.id, offerId) };
  },
  announceAttesters(k) {
    const from = brandOf(k);
    const { threshold, members } = anAttesterSet(k);
    const predict = (m: Model) => model.announceAttesters(m, from, k.id, threshold, members);
    return { from, args: () => [k.id, threshold, members], predict };
  },
  setKinds(k) {
    const from = brandOf(k);
    const listed = k.d.some([...addresses(partners), ...(k.d.chance(0.1) ? [partners[0]?.address ?? ""] : [])]);
    const mask = k.d.pick([7n, 7n, 3n, 5n, 6n, 1n, 0n, 1n << 63n, (1n << 63n) | 7n]);
    return { from, args: () => [k.id, listed, mask], predict: (m) => model.setKinds(m, from, k.id, listed, mask) };
  },
  announceDailyLimit(k) {
    const from = brandOf(k);
    const limit = k.d.chance(0.2) ? model.UNLIMITED : whole(k.m, campaignOf(k).terms.token) * BigInt(k.d.below(60));
    return { from, args: () => [k.id, limit], predict: (m) => model.announceDailyLimit(m, from, k.id, limit) };
  },
  announceDescription(k) {
    const from = brandOf(k);
    const hash = toBeHex(k.d.below(2 ** 31), 32);
    const predict = (m: Model) => model.announceDescription(m, from, k.id, hash, "https://");
    return { from, args: () => [k.id, hash, "https://"], predict };
  },
  suspend(k) {
    const from = brandOf(k);
    return { from, args: () => [k.id], predict: (m) => model.suspend(m, from, k.id) };
  },
  resume(k) {
    const from = brandOf(k);
    return { from, args: () => [k.id], predict: (m) => model.resume(m, from, k.id) };
  },
  closeCampaign(k) {
    const from = brandOf(k);
    return { from, args: () => [k.id], predict: (m) => model.closeCampaign(m, from, k.id) };
  },
  transferCampaign(k) {
    const from = brandOf(k);
    const to = k.d.pick([...addresses(brands), ZeroAddress]);
    return { from, args: () => [k.id, to], predict: (m) => model.transferCampaign(m, from, k.id, to) };
  },
  acceptCampaign(k) {
    const { pending } = campaignOf(k);
    const from = !pending || k.wrong ? k.d.pick(brands).address : pending.brand;
    return { from, args: () => [k.id], predict: (m) => model.acceptCampaign(m, from, k.id) };
  },
  fund(k) {
    const { d, m } = k;
    const { token } = campaignOf(k).terms;
    const from = d.pick([...brands, stranger]).address;
    const amount =
      k.wrong && d.chance(0.6)
        ? d.pick([0n, model.UNLIMITED])
        : (whole(m, token) * BigInt(d.between(3, 200_000))) / 997n;
    const owed = token === COIN && amount < model.UNLIMITED ? amount : 0n;
    const value = k.wrong && d.chance(0.5) ? owed + 1n : owed;
    return { from, args: () => [k.id, amount], value, predict: (now) => model.fund(now, from, k.id, amount, value) };
  },
  fundWithPermit(k) {
    const from = k.d.pick(brands).address;
    const { token } = campaignOf(k).terms;
    const amount = k.wrong && k.d.chance(0.6) ? 0n : whole(k.m, token) * BigInt(k.d.between(1, 50));
    // The permit is no good, and the allowance is there.
    const args = () => [k.id, amount, k.m.now, 27, ZeroHash, ZeroHash];
    return { from, args, predict: (m) => model.fundWithPermit(m, from, k.id, amount) };
  },
  announceWithdrawal(k) {
    const from = brandOf(k);
    const { available } = campaignOf(k);
    const amount =
      k.wrong && k.d.chance(0.5) ? k.d.pick([0n, available + 1n]) : (available * BigInt(k.d.between(1, 100))) / 100n;
    return { from, args: () => [k.id, amount], predict: (m) => model.announceWithdrawal(m, from, k.id, amount) };
  },
  cancelWithdrawal(k) {
    const from = brandOf(k);
    return { from, args: () => [k.id], predict: (m) => model.cancelWithdrawal(m, from, k.id) };
  },
  withdraw(k) {
    const from = brandOf(k);
    const to = receiver(k);
    return { from, args: () => [k.id, to], predict: (m) => model.withdraw(m, from, k.id, to) };
  },
  attest(k) {
    const c = campaignOf(k);
    const from = anyone(k);
    const set = c.sets[k.wrong && k.d.chance(0.1) ? 0 : model.setInForce(k.m, c)] as model.AttesterSet;
    const replayed = k.wrong && k.attested.length > 0 && k.d.chance(0.1);
    // Attesters sign nonsense sometimes; where no lines are given, the chain takes it.
    const honest = !k.wrong && !(k.d.chance(0.05) && !c.terms.linesOnChain);
    const fresh = () => {
      const right = anAttestation(k);
      const { body, lines } = honest ? right : spoilt(k, right);
      return { named: named(k.w, body), lines, signatures: signaturesBy(k, set) };
    };
    const { named: given, lines, signatures: by } = replayed ? k.d.pick(k.attested) : fresh();
    const shown = c.terms.linesOnChain || c.terms.holdSeconds === 0 || (k.wrong && k.d.chance(0.1)) ? lines : [];
    return {
      from,
      args: () => [given.body, shown.map(model.wordOf), asGiven(by, given.digest)],
      predict: (m) => model.attest(m, from, given, shown, by),
      keep: () => {
        k.attested.push({ named: given, lines, signatures: by });
        const tree = model.treeOver(c, given.body, lines);
        if (c.terms.holdSeconds > 0) k.batches.set(given.digest, { ...given, lines, signed: lines, tree });
      },
    };
  },
  reverse(k) {
    const { d } = k;
    const c = campaignOf(k);
    // A set that was replaced since still reverses what it attested.
    const outlived = d.chance(0.5);
    const b =
      aBatch(k, ({ releaseAt, set }) => k.m.now < releaseAt && !(outlived && set === model.setInForce(k.m, c))) ??
      nothingAttested(k);
    const earlier = k.reversals.filter(({ named: of }) => of.digest === b.digest);
    const replayed = earlier.length > 0 && d.chance(0.4) ? d.pick(earlier) : undefined;
    const fresh = () => {
      const indices = Array.from({ length: d.between(1, 3) }, () => d.pick([d.below(b.lines.length), 0]));
      const targets = indices.map((index) => {
        const line = b.lines[index] as Line;
        const target = {
          ...line,
          count: d.between(0, line.count + 1),
          volumeUnits: (line.volumeUnits * BigInt(d.between(0, 110))) / 100n,
        };
        return k.wrong && d.chance(0.1)
          ? d.pick([
              { ...target, partner: stranger.address },
              { ...target, offerId: target.offerId + 1 },
            ])
          : target;
      });
      const set = k.wrong && d.chance(0.3) ? c.sets.at(-1) : (c.sets[c.batches[b.digest]?.set ?? 0] ?? c.sets[0]);
      return { named: b as Named, targets, indices, signatures: signaturesBy(k, set as model.AttesterSet) };
    };
    const { targets, indices, signatures: by } = replayed ?? fresh();
    const empty = k.wrong && d.chance(0.05);
    // Each is proven against the tree as those before leave it.
    let standing: Pick<KnownBatch, "lines" | "tree"> = b;
    const lines: Lowered[] = (empty ? [] : indices).map((index, i) => {
      const target = targets[i] as Line;
      const given = { ...proof(standing, index), target };
      const after = [...standing.lines];
      after[index] = {
        ...given.line,
        count: Math.min(given.line.count, target.count),
        volumeUnits: given.line.volumeUnits < target.volumeUnits ? given.line.volumeUnits : target.volumeUnits,
      };
      standing = { lines: after, tree: model.treeOver(c, b.body, after) };
      return given;
    });
    if (k.wrong && d.chance(0.5) && lines[0]) {
      const i = d.below(lines.length);
      const given = lines[i] as Lowered;
      lines[i] = { ...spoiltProof(k, b, given), target: given.target };
    }
    const of = handedOver(k, b);
    const reasonHash = ZeroHash;
    const digest = digestOf(
      k.w.domain,
      reversalTypedData({
        campaignId: of.body.campaignId,
        attestation: of.digest,
        targets: lines.map(({ target }) => target),
        reasonHash,
      }),
    );
    const from = anyone(k);
    const packed = () => lines.map((given) => ({ ...packedProof(given), target: model.wordOf(given.target) }));
    return {
      from,
      args: () => [of.body, packed(), reasonHash, asGiven(by, digest)],
      predict: (m) => model.reverse(m, from, of, digest, lines, reasonHash, by),
      keep: () => {
        k.reversals.push({ named: b, targets, indices, signatures: by });
        Object.assign(b, standing);
      },
    };
  },
  release(k) {
    const { d } = k;
    const b = aBatch(k, due(k)) ?? nothingAttested(k);
    const depth = b.tree.length - 1;
    const height = d.chance(0.6) ? Math.min(8, depth) : d.below(Math.min(8, depth) + 1);
    const size = 2 ** height;
    const first = size * d.below(Math.ceil(b.lines.length / size));
    const right = {
      first,
      path: model.pathFrom(b.tree, height, first / size),
      lines: b.lines.slice(first, first + size),
    };
    const given = k.wrong ? spoiltChunk(k, b, height, right) : right;
    const of = handedOver(k, b);
    return {
      from: anyone(k),
      args: () => [of.body, given.first, given.path, given.lines.map(model.wordOf)],
      predict: (m) => model.release(m, of, given.first, given.path, given.lines),
    };
  },
  pull(k) {
    const { d } = k;
    const b = aBatch(k, due(k)) ?? nothingAttested(k);
    const { partner } = b.lines[d.chance(0.8) ? d.below(Math.min(b.lines.length, 4)) : d.below(b.lines.length)] as Line;
    const theirs = [...k.batches.values()].filter(
      ({ body, digest }) =>
        (body.campaignId === b.body.campaignId || (k.wrong && d.chance(0.2))) &&
        (k.m.now >= (k.m.campaigns[body.campaignId]?.batches[digest]?.releaseAt ?? 0) || (k.wrong && d.chance(0.3))),
    );
    const places = [b, ...d.some([...theirs, b])].flatMap((of) =>
      of.lines.flatMap((line, index) => (line.partner === partner && index < 300 ? [{ of, index }] : [])),
    );
    const chosen = d.some(places).slice(0, 5);
    if (k.wrong && d.chance(0.1)) chosen.push({ of: b, index: d.below(b.lines.length) });
    const lines = chosen.map(({ of, index }) => proof(of, index));
    const batches = chosen.map(({ of }) => handedOver(k, of));
    if (k.wrong && d.chance(0.5) && chosen.length > 0) {
      const i = d.below(chosen.length);
      lines[i] = spoiltProof(k, chosen[i]?.of as KnownBatch, lines[i] as Proven);
    }
    if (k.wrong && d.chance(0.1)) batches.pop();
    const from = d.chance(0.4) && walletOf.has(partner) ? partner : anyone(k);
    return {
      from,
      args: () => [batches.map(({ body }) => body), lines.map(packedProof)],
      predict: (m) => model.pull(m, from, batches, lines),
    };
  },
  claim(k) {
    const from = k.d.pick(owners(k));
    const [tokens, to] = [tokensOf(k), receiverOf(k, from)];
    return { from, args: () => [tokens, to], predict: (m) => model.claim(m, from, tokens, to) };
  },
  claimFor(k) {
    const { d } = k;
    const owner = d.pick(owners(k));
    const to = k.wrong && d.chance(0.7) ? owner : receiverOf(k, owner);
    const fresh = {
      order: { owner, receiver: to, tokens: tokensOf(k), nonce: nonceOf(k, owner), deadline: deadlineOf(k) },
      signer: k.wrong && d.chance(0.3) ? stranger.address : owner,
    };
    const { order, signer } = k.wrong && k.orders.length > 0 && d.chance(0.3) ? d.pick(k.orders) : fresh;
    const digest = digestOf(k.w.domain, claimOrderTypedData(order));
    return {
      from: stranger.address,
      args: () => [order, signed(signer, digest)],
      predict: (now) => model.claimFor(now, order, digest, signer),
      keep: () => k.orders.push({ order, signer }),
    };
  },
  payOut(k) {
    const owner = k.d.pick(owners(k));
    const from = k.d.chance(0.3) ? owner : stranger.address;
    const tokens = tokensOf(k);
    return { from, args: () => [owner, tokens], predict: (m) => model.payOut(m, from, owner, tokens) };
  },
  setPayout(k) {
    const from = k.d.pick(partners).address;
    const [to, lock] = [aPayoutReceiver(k), aLock(k)];
    return { from, args: () => [to, lock], predict: (m) => model.setPayout(m, from, to, lock) };
  },
  setPayoutFor(k) {
    const { d } = k;
    const owner = d.pick(partners).address;
    const [lockSeconds, nonce] = [aLock(k), nonceOf(k, owner)];
    const fresh = {
      order: { owner, receiver: aPayoutReceiver(k), lockSeconds, nonce, deadline: deadlineOf(k) },
      signer: k.wrong && d.chance(0.3) ? stranger.address : owner,
    };
    const { order, signer } = k.wrong && k.payouts.length > 0 && d.chance(0.3) ? d.pick(k.payouts) : fresh;
    const digest = digestOf(k.w.domain, payoutOrderTypedData(order));
    return {
      from: stranger.address,
      args: () => [order, signed(signer, digest)],
      predict: (now) => model.setPayoutFor(now, order, digest, signer),
      keep: () => k.payouts.push({ order, signer }),
    };
  },
  revokeOrders(k) {
    const from = k.d.pick(partners).address;
    return { from, args: () => [], predict: (m) => model.revokeOrders(m, from) };
  },
  setPayOutOptOut(k) {
    const from = k.d.pick(partners).address;
    const optedOut = k.d.chance(0.4);
    return { from, args: () => [optedOut], predict: (m) => model.setPayOutOptOut(m, from, optedOut) };
  },
};

type Chunk = { first: number; path: string; lines: readonly Line[] };
function spoiltChunk(k: Walk, b: KnownBatch, height: number, c: Chunk): Chunk {
  const { d } = k;
  const size = 2 ** height;
  const [line, ...rest] = c.lines as [Line, ...Line[]];
  const before = () => {
    const tree = model.treeOver(campaignOf(k), b.body, b.signed);
    const lines = b.signed.slice(c.first, c.first + size);
    return { ...c, lines, path: model.pathFrom(tree, height, c.first / size) };
  };
  return d.pick<() => Chunk>([
    () => ({ ...c, first: c.first + 1 }),
    () => ({ ...c, first: c.first + size }),
    () => ({ ...c, first: Math.ceil(b.lines.length / size) * size }),
    () => ({ ...c, first: b.body.lineCount - 1 }),
    () => ({ ...c, first: 2 ** 40 }),
    () => ({ ...c, lines: rest }),
    () => ({ ...c, lines: [] }),
    () => ({ ...c, lines: [...c.lines, line] }),
    () => ({ ...c, lines: [...rest, line] }),
    () => ({ ...c, lines: [{ ...line, count: line.count + 1 }, ...rest] }),
    () => ({ ...c, lines: c.lines.map(() => line) }),
    () => ({ ...c, path: concat([c.path, `0x${"00".repeat(48)}`]) }),
    () => ({ ...c, path: concat([c.path, "0x00"]) }),
    ...(c.path.length > 2
      ? [
          () => ({ ...c, path: c.path.slice(0, -96) }),
          () => ({ ...c, path: `${c.path.slice(0, 66)}${"f".repeat(32)}${c.path.slice(98)}` }),
        ]
      : []),
    // The lines of two neighbours, as if they were one subtree.
    () => ({ ...c, lines: b.lines.slice(c.first + size / 2, c.first + size / 2 + size) }),
    before,
    () => c,
  ])();
}
