/**
 * The contract against its model (test/support/model.ts): random operations, a third of them wrong on purpose, done to both,
 * and after each the same outcome and the same state. `SEED=7 SEQUENCES=100 npx hardhat test mocha …` walks elsewhere and
 * further; sequence i of seed s is sequence 0 of seed s + i.
 */

import { type Line, lineKey, lowerLine, packLine } from "@partner-programs/protocol/line";
import { lineTree } from "@partner-programs/protocol/trees";
import {
  type Attestation,
  attestationTypedData,
  type ClaimOrder,
  claimOrderTypedData,
  digestOf,
  type Reversal,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, id as hashOf, MaxUint256, type Result, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";
import * as model from "#test/support/model.ts";
import { COIN, type Model, type ProvenLine, type Signed, UNLIMITED } from "#test/support/model.ts";
import {
  ascending,
  at,
  DAY,
  type Deployed,
  deployed,
  ethers,
  eventName,
  HOUR,
  loadFixture,
  networkHelpers,
  packed,
  packedReversal,
  START,
} from "#test/support/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";

const SEED = Number(process.env.SEED ?? 1);
const SEQUENCES = Number(process.env.SEQUENCES ?? 7);
const STEPS = 200;

const programs = PartnerPrograms__factory.createInterface();
const erc20 = DemoToken__factory.createInterface();

// -------------------------------------------------------------------------------------------------------- people

const people = (role: string, count: number) =>
  ascending(Array.from({ length: count }, (_, i) => new Wallet(hashOf(`${role} ${i}`))));
const brands = people("brand", 3);
const partners = people("partner", 4);
const signers = people("signer", 4);
const [operator, stranger] = people("passer-by", 2) as [Wallet, Wallet];
const everybody = [...brands, ...partners, ...signers, operator, stranger];
const walletOf = new Map(everybody.map((wallet) => [wallet.address, wallet]));
const keyOf = (address: string) => walletOf.get(address) as Wallet;
const addresses = (wallets: readonly Wallet[]) => wallets.map((wallet) => wallet.address);

/**
 * A hundred views a step, in one call: takes (address, size, calldata) after each other, gives (size, returned data).
 *
 *     PUSH0 PUSH0 loop: CALLDATASIZE DUP3 LT ISZERO end JUMPI                        stack: i, out
 *     DUP2 32 ADD CALLDATALOAD DUP1 DUP4 64 ADD DUP4 CALLDATACOPY                    its calldata to memory at `out`
 *     PUSH0 PUSH0 DUP3 DUP5 DUP7 CALLDATALOAD GAS STATICCALL ISZERO fail JUMPI
 *     DUP3 ADD 64 ADD SWAP2 POP                                                      i += 64 + size
 *     RETURNDATASIZE DUP2 MSTORE RETURNDATASIZE PUSH0 DUP3 32 ADD RETURNDATACOPY     what it returned, over that
 *     RETURNDATASIZE ADD 32 ADD loop JUMP   end: PUSH0 RETURN   fail: PUSH0 PUSH0 REVERT
 */
const VIEWER = "0x00000000000000000000000000000000000a11ed";
const VIEWER_CODE =
  "0x5f5f5b36821015603b578160200135808360400183375f5f828486355afa15603e57820160400191503d81523d5f826020013e3d016020016002565b5ff35b5f5ffd";
/** Coins looked up as tokens are: PUSH0 CALLDATALOAD BALANCE PUSH0 MSTORE 32 PUSH0 RETURN. */
const COIN_BALANCES = "0x00000000000000000000000000000000000c0175";
const COIN_BALANCES_CODE = "0x5f35315f5260205ff3";

// ---------------------------------------------------------------------------------------------------------- dice

/** Mulberry32: the same numbers for the same seed. */
function dice(seed: number) {
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
type Dice = ReturnType<typeof dice>;

// ---------------------------------------------------------------------------------------------------- operations

interface Operation {
  readonly from: string;
  readonly args: readonly unknown[] | (() => readonly unknown[]);
  readonly value?: bigint;
  readonly predict: (m: Model) => unknown;
  /** What can be carried again, once this has succeeded. */
  readonly keep?: () => void;
}
interface Walk {
  readonly w: Deployed;
  readonly d: Dice;
  /** The model with its time at that of the operation. */
  m: Model;
  /** The campaign that the next operation is about, if it is about one. */
  id: string;
  /** Whether the next operation is to be wrong. A generator does what it can; the model is what judges. */
  wrong: boolean;
  readonly attestations: { a: Attestation; signatures: Signed[] }[];
  readonly reversals: { r: Reversal; signatures: Signed[] }[];
  readonly orders: { order: ClaimOrder; signer: string }[];
}

const campaignOf = (k: Walk) => k.m.campaigns[k.id] as model.Campaign;
const brandOf = (k: Walk) =>
  k.wrong && k.d.chance(0.15) ? k.d.pick([stranger, ...brands]).address : campaignOf(k).brand;
const whole = (m: Model, token: string) =>
  token === m.tokens[0] ? 10n ** 6n : token === COIN ? 10n ** 15n : 10n ** 18n;
const events = ["sale", "signup"].map(eventName);

function anOffer({ d, m, id, wrong }: Walk, token: string, kind = d.below(3)): model.Offer {
  const c = m.campaigns[id];
  const name = d.pick(events);
  const flat = d.chance(0.8) ? (whole(m, token) * BigInt(d.between(1, 3_000_003))) / 1_000_001n : 0n;
  const rated = flat === 0n || d.chance(0.6);
  const last = c?.offers.findLast((o) => o.eventName === name && o.kind === kind);
  const ends = last && last.validTo < m.now + 365 * DAY ? last.validTo : 0; // after one without end there is no other
  const validFrom = Math.max(m.now, ends) + (d.chance(0.3) ? d.between(0, 5 * DAY) : 0);
  const o = {
    flatAmount: flat,
    rateBps: rated ? d.between(1, 1_500) : 0,
    capUnits: rated ? BigInt(d.between(1, 1_000_003)) : 0n,
    validFrom: validFrom === m.now && d.chance(0.5) ? 0 : validFrom,
    validTo: d.chance(0.3) ? validFrom + d.between(1, 9 * DAY) : 0,
    kind,
    eventName: name,
    lockedUntil: d.chance(0.3) ? m.now + d.between(1, 9 * DAY) : 0,
  };
  if (!wrong) return o.validTo !== 0 && o.validTo < o.lockedUntil ? { ...o, lockedUntil: o.validTo } : o;
  return d.pick([
    { ...o, kind: 16 },
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

function anAttesterSet({ d, wrong }: Walk) {
  const three = addresses(signers).filter((_, i) => i !== d.below(4) || i === 3);
  const [threshold, members] = d.chance(0.4) ? [1, [d.pick(signers).address]] : [2, three.slice(0, 3)];
  if (!wrong) return { threshold, members };
  return d.pick([
    { threshold: 1, members: three.slice(0, 2) },
    { threshold: 4, members: three.slice(0, 3) },
    { threshold: 2, members: three.slice(0, 2).reverse() },
    { threshold: 1, members: [] },
  ]);
}

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
const asGiven = (signed: readonly Signed[], digest: string) =>
  signed.map(({ attester, signer, forged }) => ({
    attester,
    signature: keyOf(signer).signingKey.sign(forged ? ZeroHash : digest).serialized,
  }));

/** A relayer's address, or that of a signer, who may be the whole set. */
const anyone = ({ d }: Walk) => d.pick([stranger, stranger, ...signers, ...partners]).address;

function anAttestation(k: Walk): Attestation {
  const { d, m } = k;
  const c = campaignOf(k);
  const oldest = model.oldestPeriod(m, c);
  const notable = [
    ...c.offers.flatMap((o) => [o.validTo, o.validFrom + 1]),
    ...Object.values(c.kinds).map((kinds) => kinds.takenFrom),
    c.closing?.closesAt ?? 0,
    oldest,
  ].filter((time) => time <= m.now && time >= oldest);
  const periodTo =
    notable.length > 0 && d.chance(0.4) ? d.pick(notable) + d.between(0, 1) : m.now - d.pick([0, 0, 1, d.below(DAY)]);
  const early = periodTo - d.between(1, HOUR);
  const usable = c.offers
    .map((o, i) => ({ ...o, id: i + 1 }))
    .filter((o) => o.validFrom < periodTo && o.validTo >= periodTo);
  const offers =
    usable.length > 0 && !(k.wrong && d.chance(0.1)) ? d.some(usable) : [{ ...c.offers[0], id: 1 } as never];
  const periodFrom = Math.max(early, ...(d.chance(0.9) ? offers.map((o: model.Offer) => o.validFrom) : []));
  const lines: Line[] = (offers as (model.Offer & { id: number })[]).flatMap((o) => {
    const payable = addresses(partners).filter((p) => (model.payableKinds(c, p, periodTo) >> o.kind) & 1);
    const paid = payable.length > 0 && !(k.wrong && d.chance(0.15)) ? payable : addresses(partners);
    return d.some(paid).map((partner) => {
      const count = d.between(1, 4);
      const most = BigInt(count) * o.capUnits;
      return {
        offerId: o.id,
        partner,
        count,
        volumeUnits: d.chance(0.3) ? most : (most * BigInt(d.below(1_000))) / 1_000n,
      };
    });
  });
  const countOf = (offerId: number) =>
    lines.reduce((sum, line) => (line.offerId === offerId ? sum + line.count : sum), 0);
  const all = lines.reduce((sum, line) => sum + line.count, 0);
  return {
    campaignId: k.id,
    firstConversion: c.next,
    conversions: d.between(Math.max(...lines.map((line) => countOf(line.offerId))), all),
    periodFrom,
    periodTo,
    deadline: m.now + d.pick([0, DAY]),
    conversionsRoot: toBeHex(d.below(2 ** 31), 32),
    lines,
  };
}
function spoiltAttestation(k: Walk, a: Attestation): Attestation {
  const { d, m } = k;
  const c = campaignOf(k);
  const [first, ...rest] = a.lines as [Line, ...Line[]];
  const cap = BigInt(first.count) * (c.offers[first.offerId - 1]?.capUnits ?? 0n);
  const all = a.lines.reduce((sum, line) => sum + line.count, 0);
  return d.pick<Attestation>([
    { ...a, firstConversion: a.firstConversion + (d.chance(0.5) ? 1n : -1n) },
    { ...a, conversions: 0 },
    { ...a, deadline: m.now - 1 },
    { ...a, periodTo: m.now + 1 },
    { ...a, periodFrom: a.periodTo },
    { ...a, periodFrom: 1, periodTo: model.oldestPeriod(m, c) - 1 },
    { ...a, periodFrom: (c.offers[first.offerId - 1]?.validFrom ?? 1) - 1 },
    { ...a, lines: [] },
    { ...a, lines: [...rest, first] },
    { ...a, lines: [first, first, ...rest] },
    { ...a, lines: [{ ...first, partner: ZeroAddress }, ...rest] },
    { ...a, lines: [...a.lines, { ...first, offerId: c.offers.length + 1 }] },
    { ...a, lines: [{ ...first, volumeUnits: cap + 1n }, ...rest] },
    { ...a, lines: [{ ...first, count: first.count + a.conversions, volumeUnits: 0n }, ...rest] },
    { ...a, conversions: all + 1 },
    { ...a, lines: [{ ...first, count: 1_000_000 }, ...rest], conversions: 1_000_000 },
    a,
  ]);
}

/** Lines of a batch, each proven against the tree as the targets before it leave it. */
function proven(lines: readonly Line[], targets: readonly Line[]): ProvenLine[] {
  const now = [...lines];
  return targets.map((target) => {
    const index = Math.max(
      0,
      now.findIndex((line) => lineKey(line) === lineKey(target)),
    );
    const line = now[index] as Line;
    const given = { index, line, proof: lineTree(now).getProof(index) };
    if (lineKey(line) === lineKey(target)) now[index] = lowerLine(line, target);
    return given;
  });
}
const packedProof = (given: ProvenLine) => ({ ...given, line: packLine(given.line) });
const spoiltProof = ({ d }: Walk, p: ProvenLine): ProvenLine =>
  d.pick([
    { ...p, index: p.index + 1 },
    { ...p, index: 600 },
    { ...p, line: { ...p.line, count: p.line.count + 1 } },
    { ...p, proof: [...p.proof, ZeroHash] },
    { ...p, line: { ...p.line, partner: stranger.address } },
  ]);

/** A batch's digest; one of another campaign, or of none, if it is to be wrong. */
function aBatch(k: Walk, fits: (b: model.Batch) => boolean): [string, model.Batch | undefined] {
  const all = Object.entries(campaignOf(k).batches);
  const fitting = all.filter(([, b]) => fits(b) !== (k.wrong && k.d.chance(0.5)));
  const other = Object.values(k.m.campaigns).flatMap((c) => Object.entries(c.batches));
  const close = all.filter(([, b]) => Math.abs(b.releaseAt - k.m.now) <= 1);
  const from = [close, fitting, all, other].find((list) => list.length > 0 && !(k.wrong && k.d.chance(0.1)));
  return from ? k.d.pick(from) : [ZeroHash, undefined];
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

/** How each function of the contract is called. A call that is to be right may still be wrong, and is then thrown again. */
const operations: Record<string, (k: Walk) => Operation> = {
  createCampaign(k) {
    const { d, m } = k;
    const fresh = { ...k, id: ZeroHash, wrong: k.wrong && d.chance(0.4) };
    const token = d.pick(m.tokens);
    const noticeSeconds = d.pick([DAY, 2 * DAY, 3 * DAY + 1]);
    const feeBps = d.pick([0, 500]);
    const t: model.Terms = {
      token,
      holdSeconds: d.pick([0, DAY - 7, noticeSeconds]),
      noticeSeconds,
      openKinds: d.pick([0b111, 0b011, 0b001]),
      feeBps,
      unitExponent: token === m.tokens[0] ? d.below(3) : d.below(13),
      operator: feeBps === 0 ? ZeroAddress : operator.address,
    };
    const spoilt: model.Terms[] = [
      { ...t, token: stranger.address },
      { ...t, noticeSeconds: DAY - 1 },
      { ...t, noticeSeconds: 365 * DAY + 1 },
      { ...t, holdSeconds: t.noticeSeconds + 1 },
      { ...t, feeBps: 2_001, operator: operator.address },
      { ...t, feeBps: feeBps === 0 ? 500 : 0 },
      { ...t, unitExponent: 25 },
    ];
    const [known] = Object.values(m.campaigns);
    const again = k.wrong && known !== undefined && d.chance(0.2);
    const { threshold, members } = anAttesterSet(fresh);
    const offer = anOffer(fresh, token, 0);
    const given = {
      salt: again
        ? hashOf("first")
        : Object.keys(m.campaigns).length === 0
          ? hashOf("first")
          : toBeHex(d.below(2 ** 31), 32),
      terms: again ? known.terms : k.wrong && !fresh.wrong ? d.pick(spoilt) : t,
      offers: [offer, anOffer({ ...fresh, wrong: false }, token, 1), anOffer({ ...fresh, wrong: false }, token, 2)],
      attesters: members,
      threshold,
      dailyLimit: d.chance(0.6) ? UNLIMITED : whole(m, token) * BigInt(d.between(10, 60)),
    };
    const from = again ? (brands[0] as Wallet).address : d.pick(brands).address;
    return {
      from: Object.keys(m.campaigns).length === 0 ? (brands[0] as Wallet).address : from,
      args: [{ ...given, descriptionHash: ZeroHash, descriptionUri: "" }],
      predict: (now) =>
        model.createCampaign(now, Object.keys(m.campaigns).length === 0 ? (brands[0] as Wallet).address : from, given),
    };
  },
  appendOffer(k) {
    const from = brandOf(k);
    const offer = anOffer(k, campaignOf(k).terms.token);
    return { from, args: [k.id, offer], predict: (m) => model.appendOffer(m, from, k.id, offer) };
  },
  retireOffer(k) {
    const from = brandOf(k);
    const { offers } = campaignOf(k);
    const coming = [...offers.keys()].filter((i) => (offers[i] as model.Offer).validFrom > k.m.now);
    const any = k.d.between(1, offers.length + (k.wrong ? 1 : 0));
    const offerId = coming.length > 0 && k.d.chance(0.6) ? k.d.pick(coming) + 1 : any;
    return { from, args: [k.id, offerId], predict: (m) => model.retireOffer(m, from, k.id, offerId) };
  },
  announceAttesters(k) {
    const from = brandOf(k);
    const { threshold, members } = anAttesterSet(k);
    const args = [k.id, threshold, members];
    return { from, args, predict: (m) => model.announceAttesters(m, from, k.id, threshold, members) };
  },
  setKinds(k) {
    const from = brandOf(k);
    const listed = k.d.some(addresses(partners));
    const mask = k.d.pick([0b111, 0b111, 0b111, 0b011, 0b101, 0b110, 0b001]);
    return { from, args: [k.id, listed, mask], predict: (m) => model.setKinds(m, from, k.id, listed, mask) };
  },
  setDailyLimit(k) {
    const from = brandOf(k);
    const limit = k.d.chance(0.2) ? UNLIMITED : whole(k.m, campaignOf(k).terms.token) * BigInt(k.d.between(5, 60));
    return { from, args: [k.id, limit], predict: (m) => model.setDailyLimit(m, from, k.id, limit) };
  },
  announceDescription(k) {
    const from = brandOf(k);
    return { from, args: [k.id, ZeroHash, "https://"], predict: (m) => model.announceDescription(m, from, k.id) };
  },
  suspend(k) {
    const from = brandOf(k);
    return { from, args: [k.id], predict: (m) => model.suspend(m, from, k.id) };
  },
  resume(k) {
    const from = brandOf(k);
    return { from, args: [k.id], predict: (m) => model.resume(m, from, k.id) };
  },
  closeCampaign(k) {
    const from = brandOf(k);
    return { from, args: [k.id], predict: (m) => model.closeCampaign(m, from, k.id) };
  },
  transferCampaign(k) {
    const from = brandOf(k);
    const to = k.d.pick([...addresses(brands), ZeroAddress]);
    return { from, args: [k.id, to], predict: (m) => model.transferCampaign(m, from, k.id, to) };
  },
  acceptCampaign(k) {
    const { pendingBrand } = campaignOf(k);
    const from = pendingBrand === ZeroAddress || k.wrong ? k.d.pick(brands).address : pendingBrand;
    return { from, args: [k.id], predict: (m) => model.acceptCampaign(m, from, k.id) };
  },
  fund(k) {
    const { d, m } = k;
    const { token } = campaignOf(k).terms;
    const from = d.pick([...brands, stranger]).address;
    const amount =
      k.wrong && d.chance(0.6) ? d.pick([0n, UNLIMITED]) : (whole(m, token) * BigInt(d.between(3, 200_000))) / 997n;
    const due = token === COIN && amount < UNLIMITED ? amount : 0n;
    const value = k.wrong && d.chance(0.5) ? due + 1n : due;
    return { from, args: [k.id, amount], value, predict: (now) => model.fund(now, from, k.id, amount, value) };
  },
  fundWithPermit(k) {
    const from = k.d.pick(brands).address;
    const { token } = campaignOf(k).terms;
    const amount = k.wrong && k.d.chance(0.6) ? 0n : whole(k.m, token) * BigInt(k.d.between(1, 50));
    // The permit is no good, and the allowance is there.
    const args = [k.id, amount, k.m.now, 27, ZeroHash, ZeroHash];
    return { from, args, predict: (m) => model.fundWithPermit(m, from, k.id, amount) };
  },
  announceWithdrawal(k) {
    const from = brandOf(k);
    const amount =
      k.wrong && k.d.chance(0.3) ? 0n : (campaignOf(k).available * BigInt(k.d.between(1, 120))) / 100n + 1n;
    return { from, args: [k.id, amount], predict: (m) => model.announceWithdrawal(m, from, k.id, amount) };
  },
  cancelWithdrawal(k) {
    const from = brandOf(k);
    return { from, args: [k.id], predict: (m) => model.cancelWithdrawal(m, from, k.id) };
  },
  withdraw(k) {
    const from = brandOf(k);
    const to = receiver(k);
    return { from, args: [k.id, to], predict: (m) => model.withdraw(m, from, k.id, to) };
  },
  attest(k) {
    const c = campaignOf(k);
    const from = anyone(k);
    const set = c.sets[model.setInForce(k.m, c)] as model.AttesterSet;
    const replayed = k.wrong && k.attestations.length > 0 && k.d.chance(0.1);
    const right = {
      a: anAttestation(k),
      signatures: signaturesBy(k, k.wrong && k.d.chance(0.2) ? k.d.pick(c.sets) : set),
    };
    const done = replayed ? k.d.pick(k.attestations) : k.wrong ? { ...right, a: spoiltAttestation(k, right.a) } : right;
    const digest = digestOf(k.w.domain, attestationTypedData(done.a));
    return {
      from,
      args: () => [packed(done.a), asGiven(done.signatures, digest)],
      predict: (m) => model.attest(m, from, done.a, digest, done.signatures),
      keep: () => k.attestations.push(done),
    };
  },
  reverse(k) {
    const { d } = k;
    const c = campaignOf(k);
    const inHold = Object.values(c.batches).filter(({ releaseAt }) => k.m.now < releaseAt);
    // A set that was replaced since still reverses what it attested.
    const outlived = inHold.some(({ set }) => set !== model.setInForce(k.m, c)) && d.chance(0.7);
    const [attestation, b] = aBatch(
      k,
      ({ releaseAt, set }) => k.m.now < releaseAt && !(outlived && set === model.setInForce(k.m, c)),
    );
    const earlier = k.reversals.filter(({ r }) => r.attestation === attestation);
    const lines = b?.lines ?? [{ offerId: 1, partner: stranger.address, count: 1, volumeUnits: 0n }];
    const targets = d.some(lines).map((line) => {
      const count = d.between(0, line.count + 1);
      return { ...line, count, volumeUnits: (line.volumeUnits * BigInt(d.between(0, 110))) / 100n };
    });
    if (k.wrong && d.chance(0.2)) targets.reverse().splice(0, d.below(2));
    const set = k.wrong && d.chance(0.3) ? c.sets.at(-1) : (c.sets[b?.set ?? 0] ?? c.sets[0]);
    const fresh = {
      r: { campaignId: k.id, attestation, targets, reasonHash: ZeroHash },
      signatures: signaturesBy(k, set as model.AttesterSet),
    };
    const done = earlier.length > 0 && d.chance(0.4) ? d.pick(earlier) : fresh;
    const current = proven(lines, done.r.targets);
    if (k.wrong && d.chance(0.5) && current[0]) current.splice(0, d.below(2), spoiltProof(k, current[0]));
    const digest = digestOf(k.w.domain, reversalTypedData(done.r));
    const from = anyone(k);
    return {
      from,
      args: () => [packedReversal(done.r), current.map(packedProof), asGiven(done.signatures, digest)],
      predict: (m) => model.reverse(m, from, done.r, digest, current, done.signatures),
      keep: () => k.reversals.push(done),
    };
  },
  release(k) {
    const { d } = k;
    const [digest, b] = aBatch(k, ({ releaseAt, released }) => k.m.now >= releaseAt && released.includes(false));
    const attested = k.attestations.find(({ a }) => digestOf(k.w.domain, attestationTypedData(a)) === digest)?.a.lines;
    const now = b?.lines ?? [{ offerId: 1, partner: stranger.address, count: 1, volumeUnits: 0n }];
    const lines = !k.wrong ? now : d.pick([now, attested ?? now, [...now, now[0] as Line], [...now].reverse()]);
    const indices = d.chance(0.4) ? [] : d.some([...lines.keys(), ...(k.wrong ? [lines.length] : [0])]);
    return {
      from: anyone(k),
      args: [k.id, digest, lines.map(packLine), indices],
      predict: (m) => model.release(m, k.id, digest, lines, indices),
    };
  },
  pull(k) {
    const { d } = k;
    const [digest, b] = aBatch(k, ({ releaseAt, released }) => k.m.now >= releaseAt && released.includes(false));
    const lines = b?.lines ?? [{ offerId: 1, partner: stranger.address, count: 1, volumeUnits: 0n }];
    const [right] = proven(lines, [d.pick(lines)]) as [ProvenLine];
    const given = k.wrong && d.chance(0.4) ? spoiltProof(k, right) : right;
    const from = d.chance(0.4) && walletOf.has(given.line.partner) ? given.line.partner : anyone(k);
    return { from, args: [k.id, digest, packedProof(given)], predict: (m) => model.pull(m, from, k.id, digest, given) };
  },
  claim(k) {
    const from = k.d.pick(owners(k));
    const [tokens, to] = [tokensOf(k), receiver(k)];
    return { from, args: [tokens, to], predict: (m) => model.claim(m, from, tokens, to) };
  },
  claimFor(k) {
    const { d, m } = k;
    const owner = d.pick(owners(k));
    const nonce = (m.nonces[owner] ?? 0n) + (k.wrong && d.chance(0.3) ? 1n : 0n);
    const deadline = BigInt(m.now + (k.wrong && d.chance(0.3) ? -1 : d.pick([0, DAY])));
    const fresh = {
      order: { owner, receiver: k.wrong && d.chance(0.7) ? owner : receiver(k), tokens: tokensOf(k), nonce, deadline },
      signer: k.wrong && d.chance(0.3) ? stranger.address : owner,
    };
    const { order, signer } = k.wrong && k.orders.length > 0 && d.chance(0.3) ? d.pick(k.orders) : fresh;
    const digest = digestOf(k.w.domain, claimOrderTypedData(order));
    return {
      from: stranger.address,
      args: () => [order, keyOf(signer).signingKey.sign(digest).serialized],
      predict: (now) => model.claimFor(now, order, digest, signer),
      keep: () => k.orders.push({ order, signer }),
    };
  },
  payOut(k) {
    const owner = k.d.pick(owners(k));
    const from = k.d.chance(0.3) ? owner : stranger.address;
    const tokens = tokensOf(k);
    return { from, args: [owner, tokens], predict: (m) => model.payOut(m, from, owner, tokens) };
  },
  setPayOutOptOut(k) {
    const from = k.d.pick(partners).address;
    const optedOut = k.d.chance(0.4);
    return { from, args: [optedOut], predict: (m) => model.setPayOutOptOut(m, from, optedOut) };
  },
};

/** How often each is thrown, if not twice. */
const WEIGHTS: Record<string, number> = {
  attest: 24,
  ...{ reverse: 12, release: 7, pull: 7 },
  ...{
    fund: 4,
    setKinds: 5,
    appendOffer: 3,
    suspend: 4,
    resume: 6,
    retireOffer: 3,
    announceAttesters: 4,
    withdraw: 4,
    claimFor: 3,
  },
  ...{ createCampaign: 1, setDailyLimit: 1, announceDescription: 1, setPayOutOptOut: 1 },
};
const NAMES = Object.keys(operations).flatMap((name) => Array.from({ length: WEIGHTS[name] ?? 2 }, () => name));

/** Times at which something in a campaign begins or ends, with the operations to which it matters. */
function occasions(m: Model, id: string): { time: number; names: string[] }[] {
  const c = m.campaigns[id] as model.Campaign;
  const notice = c.terms.noticeSeconds;
  const of = (names: string, ...times: (number | undefined)[]) =>
    times.filter((time) => time !== undefined).map((time) => ({ time, names: names.split(" ") }));
  return [
    ...Object.values(c.batches).flatMap((b) => of("reverse release pull", b.releaseAt)),
    ...of("withdraw cancelWithdrawal", c.withdrawal?.from),
    ...of("withdraw announceWithdrawal", c.withdrawal && c.withdrawal.from + 7 * DAY),
    ...of("attest fund suspend", c.closing?.closesAt),
    ...of("attest withdraw", c.closing?.finalAt),
    ...of("attest resume", c.suspendedUntil || undefined),
    ...of("attest suspend", c.suspendedUntil ? c.suspendedUntil + notice : undefined),
    ...of("attest reverse announceAttesters", c.sets.at(-1)?.effectiveAt),
    ...Object.values(c.kinds).flatMap((k) => of("attest setKinds", k.takenFrom, k.takenFrom && k.takenFrom + notice)),
    ...c.offers.flatMap((o) => of("attest appendOffer retireOffer", o.validFrom, o.validTo)),
    ...of("attest setDailyLimit", c.announcedLimit?.from, (model.today(m) + 1) * DAY),
  ].filter(({ time }) => time > m.now && time < m.now + 4 * DAY);
}

/** Operations that chance seldom puts after each other in one campaign, with the times that matter. */
type Scene = { name: string; time?: (c: model.Campaign) => number | undefined };
const lastTaken = (c: model.Campaign) => Math.max(...Object.values(c.kinds).map((kinds) => kinds.takenFrom));
const PLOTS: readonly (readonly Scene[])[] = [
  [
    { name: "announceAttesters" },
    { name: "attest", time: (c) => (c.sets.at(-1)?.effectiveAt ?? 0) - 1 },
    { name: "reverse", time: (c) => c.sets.at(-1)?.effectiveAt },
  ],
  [{ name: "closeCampaign" }, { name: "suspend" }, { name: "resume" }],
  [{ name: "suspend" }, { name: "closeCampaign" }, { name: "resume" }],
  [{ name: "attest" }, { name: "reverse", time: (c) => Object.values(c.batches).at(-1)?.releaseAt }],
  [{ name: "setKinds" }, { name: "attest", time: lastTaken }, { name: "attest" }],
  [{ name: "announceWithdrawal" }, { name: "suspend", time: (c) => c.withdrawal?.from }, { name: "resume" }],
  [{ name: "announceWithdrawal" }, { name: "withdraw", time: (c) => (c.withdrawal?.from ?? 0) + 7 * DAY - 1 }],
  [{ name: "announceWithdrawal" }, { name: "withdraw", time: (c) => (c.withdrawal?.from ?? 0) + 7 * DAY }],
  [
    { name: "setKinds" },
    { name: "suspend", time: lastTaken },
    { name: "resume" },
    { name: "setKinds", time: (c) => c.suspendedUntil + c.terms.noticeSeconds - 1 },
  ],
];
function played(k: Walk, before: Model, id: string, { name, time }: Scene) {
  const then = time?.(before.campaigns[id] as model.Campaign) ?? 0;
  k.wrong = false;
  k.id = id;
  k.m = { ...before, now: then > before.now ? then : before.now + k.d.between(1, HOUR) };
  let scene = { name, ...attempted(k, name) };
  const most = k.d.pick([0, 5]);
  for (let tries = 0; tries < most && scene.refusal; tries++) scene = { name, ...attempted(k, name) };
  return scene;
}

/** Throws such an operation: sometimes at an occasion for it, or a second before or after. */
function thrown(k: Walk, before: Model, name: string) {
  const { d } = k;
  const all = Object.entries(before.campaigns);
  const those = (fit: (c: model.Campaign) => boolean) => all.filter(([, c]) => fit(c));
  const batches = (c: model.Campaign, fit: (b: model.Batch) => boolean) => Object.values(c.batches).some(fit);
  const ends = (c: model.Campaign) => c.closing?.finalAt ?? Number.POSITIVE_INFINITY;
  const live = those((c) => before.now < ends(c));
  const held = those((c) => batches(c, (b) => b.released.includes(false)));
  const inHold = those((c) => batches(c, (b) => before.now < b.releaseAt));
  const outlived = those((c) => batches(c, (b) => before.now < b.releaseAt && b.set < model.setInForce(before, c)));
  const suspended = those((c) => before.now < c.suspendedUntil);
  const counting = those((c) => before.now < ends(c) && Boolean(c.closing || c.withdrawal));
  const guaranteed = those((c) => !c.closing && model.guarantee(c) > before.now + c.terms.noticeSeconds);
  const waiting = those((c) => c.closing !== undefined && model.guarantee(c) > before.now);
  const first = (...lists: (typeof all)[]) => lists.find((list) => list.length > 0 && d.chance(0.7)) ?? live;
  const likely =
    {
      reverse: first(outlived, inHold, held),
      release: first(held),
      pull: first(held),
      suspend: first(waiting, counting),
      resume: first(suspended),
      withdraw: first(counting),
      closeCampaign: first(guaranteed),
    }[name] ?? live;
  [k.id] = d.pick(likely.length > 0 && d.chance(0.85) ? likely : all);
  const notable = occasions(before, k.id).filter(({ names }) => names.includes(name));
  const next = notable.length > 0 && d.chance(0.5) ? d.pick(notable) : undefined;
  const time = next
    ? next.time + d.between(-1, 1)
    : before.now + (d.chance(0.3) ? d.below(6 * HOUR) : d.between(1, 60));
  k.m = { ...before, now: Math.max(time, before.now + 1) };
  // Around an occasion a call is mostly wrong in its time alone.
  return { name, ...attempted(next && d.chance(0.8) ? { ...k, wrong: false } : k, name) };
}
function attempted(k: Walk, name: string) {
  const operation = (operations[name] as (k: Walk) => Operation)(k);
  return { operation, ...model.attempt(k.m, operation.predict) };
}

// ---------------------------------------------------------------------------------------------------- comparison

/** As text, so that a number is a number whatever its type. */
const text = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" || typeof v === "number" ? String(v) : v));

interface View {
  readonly label: string;
  readonly target: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly expected: unknown;
  /** What of the returned values is compared. */
  readonly read?: (returned: never) => unknown;
}

/** Everything that the contract and the tokens should say now. */
function views(w: Deployed, m: Model): View[] {
  const at = (name: string, args: readonly unknown[], expected: unknown, read?: View["read"]): View => ({
    label: `${name}(${args.join(", ")})`,
    target: w.programsAddress,
    name,
    args,
    expected,
    ...(read && { read }),
  });
  const ofCampaigns = Object.entries(m.campaigns).flatMap(([id, c]) => {
    const set = model.setInForce(m, c);
    const limit = model.limitInForce(m, c);
    const state = {
      available: c.available,
      reserved: c.reserved,
      nextConversion: c.next,
      suspendedUntil: c.suspendedUntil,
      closesAt: c.closing?.closesAt ?? 0,
      finalAt: c.closing?.finalAt ?? 0,
      set,
      offerCount: c.offers.length,
      kindsListed: Object.keys(c.kinds).length > 0,
      unitExponent: c.terms.unitExponent,
      brand: c.brand,
      lockedUntil: model.guarantee(c),
      pendingBrand: c.pendingBrand,
      withdrawalAmount: c.withdrawal?.amount ?? 0,
      withdrawableAt: c.withdrawal?.from ?? 0,
      limit,
      // Without a limit nothing is counted.
      spent: limit === UNLIMITED ? 0 : (c.spent[model.today(m)] ?? 0),
    };
    return [
      at("campaign", [id], state, ([s]: [IPartnerPrograms.CampaignStateStructOutput]) => {
        const announced = c.sets[Number(s.attesterSet) + 1];
        const lowered = s.nextDailyLimitAt !== 0n && s.nextDailyLimitAt <= m.now;
        const limitNow = !s.limited ? UNLIMITED : lowered ? s.nextDailyLimit : s.dailyLimit;
        const settled: Record<string, unknown> = {
          set: s.attesterSet + (s.attestersAnnounced && announced && announced.effectiveAt <= m.now ? 1n : 0n),
          limit: limitNow,
          spent: limitNow === UNLIMITED || s.spentOnDay !== BigInt(model.today(m)) ? 0n : s.spent,
        };
        return Object.fromEntries(Object.keys(state).map((key) => [key, settled[key] ?? s[key as keyof typeof s]]));
      }),
      ...c.offers.map((o, i) =>
        at("offer", [id, i + 1], o, ([given]: [IPartnerPrograms.OfferStructOutput]) =>
          Object.fromEntries(Object.keys(o).map((key) => [key, given[key as keyof typeof given]])),
        ),
      ),
      ...[...c.sets, { members: [], threshold: 0, effectiveAt: 0 }].map(({ members, threshold, effectiveAt }, i) =>
        at("attesterSet", [id, i], [members, threshold, effectiveAt]),
      ),
      ...addresses(partners).map((partner) => {
        const kinds = c.kinds[partner];
        const listed = kinds !== undefined;
        return at("kindsOf", [id, partner], [[kinds?.mask ?? 0, kinds?.taken ?? 0, kinds?.takenFrom ?? 0, listed]]);
      }),
      ...Object.entries(c.batches).map(([digest, b]) => {
        const released = b.released.reduce((bits, was, i) => (was ? bits | (1n << BigInt(i)) : bits), 0n);
        const expected = [rootOf(b.lines), b.releaseAt, b.lines.length, b.set, [released, 0]];
        return at("batch", [id, digest], [expected]);
      }),
    ];
  });
  const ofOwners = [...addresses(everybody), w.programsAddress].flatMap((owner) => [
    at("nonces", [owner], [m.nonces[owner] ?? 0]),
    at("payOutOptedOut", [owner], [m.optedOut[owner] ?? false]),
    ...m.tokens.flatMap((token) => [
      at("creditOf", [owner, token], [model.creditOf(m, owner, token)]),
      {
        label: `balanceOf(${owner}) of ${token}`,
        target: token === COIN ? COIN_BALANCES : token,
        name: "balanceOf",
        args: [owner],
        expected: [model.balanceOf(m, owner, token)],
      },
    ]),
  ]);
  return [...ofCampaigns, ...ofOwners];
}

const roots = new Map<string, string>();
function rootOf(lines: readonly Line[]): string {
  const key = text(lines);
  const root = roots.get(key) ?? lineTree(lines).root;
  roots.set(key, root);
  return root;
}
const abiOf = ({ name }: View) => (name === "balanceOf" ? erc20 : programs);
const encoded = new Map<string, string>();
function encode(view: View): string {
  const known = encoded.get(view.label);
  if (known) return known;
  const data = abiOf(view).encodeFunctionData(view.name as never, view.args as never);
  const word = view.target === COIN_BALANCES ? `0x${data.slice(10)}` : data;
  const call = concat([toBeHex(view.target, 32), toBeHex((word.length - 2) / 2, 32), word]);
  encoded.set(view.label, call);
  return call;
}

const decoded = new Map<string, Result>();
/** What most views return is what they returned a step before. */
function decode(view: View, raw: string): Result {
  const known = decoded.get(view.name + raw);
  if (known) return known;
  const returned = abiOf(view).decodeFunctionResult(view.name as never, raw);
  decoded.set(view.name + raw, returned);
  return returned;
}

/** Where the contract says something else than the model. */
async function differences(w: Deployed, m: Model): Promise<string[]> {
  const all = views(w, m);
  const answer: string = await ethers.provider.send("eth_call", [
    { to: VIEWER, data: concat(all.map(encode)) },
    "latest",
  ]);
  let offset = 2;
  return all.flatMap((view) => {
    const size = Number(`0x${answer.slice(offset, offset + 64)}`) * 2;
    const raw = `0x${answer.slice(offset + 64, offset + 64 + size)}`;
    offset += 64 + size;
    const [is, should] = [
      view.read ? text(view.read(decode(view, raw) as never)) : text(decode(view, raw)),
      text(view.expected),
    ];
    return is === should ? [] : [`${view.label}\n      contract ${is}\n      model    ${should}`];
  });
}

interface Call {
  from: string;
  to: string;
  data: string;
  value: string;
  gas: string;
  maxFeePerGas: string;
  maxPriorityFeePerGas: string;
}
/** What the contract returns to a call in the next block, or the error with which it refuses. */
async function outcomeOf(name: string, call: Call): Promise<string> {
  try {
    const returned = await ethers.provider.send("eth_call", [call, "pending"]);
    return text(
      programs
        .decodeFunctionResult(name as never, returned)
        .toArray()
        .at(0) ?? null,
    );
  } catch (error) {
    const data = (error as { data?: string }).data;
    const parsed = typeof data === "string" ? programs.parseError(data) : null;
    return parsed ? `${parsed.name}${text(parsed.args)}` : String(error);
  }
}

// --------------------------------------------------------------------------------------------------------- walks

/** Three tokens of 6 and 18 decimals and the coin, and everybody with plenty of each. */
async function town() {
  const w = await deployed();
  const dollars = w.token;
  const others = await new DemoToken__factory(w.brand).deploy("Demo Ether", "DETH", 18);
  const tokens = [w.tokenAddress, await others.getAddress(), COIN];
  const plenty = 10n ** 27n;
  for (const { address } of everybody) {
    await ethers.provider.send("hardhat_impersonateAccount", [address]);
    await networkHelpers.setBalance(address, plenty);
    const from = await ethers.getSigner(address);
    for (const token of [dollars, others]) {
      await token.mint(address, plenty);
      await token.connect(from).approve(w.programsAddress, MaxUint256, { gasPrice: 10n ** 9n * 10n });
    }
    await networkHelpers.setBalance(address, plenty);
  }
  await networkHelpers.setCode(VIEWER, VIEWER_CODE);
  await networkHelpers.setCode(COIN_BALANCES, COIN_BALANCES_CODE);
  // Gas is free, so that balances are what was paid.
  await networkHelpers.setNextBlockBaseFeePerGas(0);
  await at(START);
  await networkHelpers.mine();
  const m: Model = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    programs: w.programsAddress,
    tokens,
    refusingCoins: [w.tokenAddress],
    now: START,
    campaigns: {},
    credits: {},
    balances: Object.fromEntries(
      everybody.flatMap(({ address }) => tokens.map((token) => [`${address} ${token}`, plenty])),
    ),
    nonces: {},
    optedOut: {},
  };
  return { ...w, m };
}

/** Walks the steps of one sequence; counts in `succeeded` and `refused` what was done. */
async function walk(seed: number, succeeded: Map<string, number>, refused: Map<string, number>) {
  const w = await loadFixture(town);
  const d = dice(seed);
  const k: Walk = { w, d, m: w.m, id: ZeroHash, wrong: false, attestations: [], reversals: [], orders: [] };
  let { m } = w;
  let plot: { id: string; scenes: Scene[] } = { id: ZeroHash, scenes: [] };
  for (let step = 0; step < STEPS; step++) {
    k.wrong = d.chance(1 / 3);
    let chosen: ReturnType<typeof thrown> | undefined;
    if (step < 6) {
      // Three campaigns, each with a budget.
      k.wrong = false;
      k.id = Object.keys(m.campaigns).at(-1) ?? ZeroHash;
      k.m = { ...m, now: m.now + HOUR };
      const name = step % 2 === 0 ? "createCampaign" : "fund";
      chosen = { name, ...attempted(k, name) };
    }
    if (!chosen && plot.scenes.length === 0 && d.chance(0.05)) {
      const open = Object.keys(m.campaigns).filter((id) => !m.campaigns[id]?.closing);
      plot = { id: d.pick(open.length > 0 ? open : Object.keys(m.campaigns)), scenes: [...d.pick(PLOTS)] };
    }
    const scene = chosen ? undefined : plot.scenes.shift();
    if (scene) chosen = played(k, m, plot.id, scene);
    for (let tries = 0, name = ""; !chosen; tries++) {
      if (tries % 6 === 0) name = d.pick(NAMES);
      const candidate = thrown(k, m, name);
      if ((candidate.refusal !== undefined) === k.wrong || tries === 50) chosen = candidate;
    }
    const { name, operation, refusal, returned, model: after } = chosen;
    const args = typeof operation.args === "function" ? operation.args() : operation.args;
    const call = {
      from: operation.from,
      to: w.programsAddress,
      data: programs.encodeFunctionData(name as never, args as never),
      value: `0x${(operation.value ?? 0n).toString(16)}`,
      gas: "0xe00000",
      maxFeePerGas: "0x0",
      maxPriorityFeePerGas: "0x0",
    };
    const happened = `SEED=${seed} SEQUENCES=1, step ${step}, at ${after.now}: ${name} by ${operation.from}, ${text(args)}`;
    await at(after.now);
    const expected = refusal ? `${refusal.name}${text(refusal.args)}` : text(returned ?? null);
    expect(await outcomeOf(name, call), `${happened}: outcome`).to.equal(expected);
    if (refusal) {
      await networkHelpers.mine();
    } else {
      await ethers.provider.send("eth_sendTransaction", [call]);
      operation.keep?.();
    }
    const different = await differences(w, after);
    expect(different, `${happened}: state\n    ${different.join("\n    ")}\n`).to.deep.equal([]);
    const [counts, what] = refusal ? [refused, refusal.name] : [succeeded, name];
    counts.set(what, (counts.get(what) ?? 0) + 1);
    m = after;
  }
}

describe("the contract and its model", function () {
  this.timeout(600_000);
  const succeeded = new Map<string, number>();
  const refused = new Map<string, number>();
  for (let i = 0; i < SEQUENCES; i++) {
    it(`they should agree after each of ${STEPS} random operations, SEED=${SEED + i}`, () =>
      walk(SEED + i, succeeded, refused));
  }
  it("every operation should have succeeded", () => {
    const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
    if (process.env.COUNTS) console.log(sorted(succeeded), sorted(refused));
    expect(Object.keys(operations).filter((name) => !succeeded.has(name))).to.deep.equal([]);
  });
});
