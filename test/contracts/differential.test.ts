/**
 * The contract against its model (test/support/model.ts): random operations, a third of them wrong on purpose, done to both,
 * and after each the same outcome, the same events and the same state. `SEED=7 SEQUENCES=1000 npx hardhat test mocha …` walks
 * elsewhere and further; sequence i of seed s is sequence 0 of seed s + i.
 */

import { expect } from "chai";
import { concat, id as hashOf, type Interface, MaxUint256, type Result, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  addresses,
  aNewCampaign,
  brands,
  type Dice,
  dice,
  everybody,
  type KnownBatch,
  type Operation,
  operations,
  partners,
  proof,
  type Walk,
  whole,
} from "#test/support/differential.ts";
import * as model from "#test/support/model.ts";
import { COIN, type Line, type Model } from "#test/support/model.ts";
import {
  at,
  DAY,
  type Deployed,
  deployed,
  ethers,
  HOUR,
  loadFixture,
  networkHelpers,
  START,
} from "#test/support/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";

const SEED = Number(process.env.SEED ?? 1);
const SEQUENCES = Number(process.env.SEQUENCES ?? 150);
/** Many short walks, and a few long ones. */
const STEPS = process.env.STEPS ? [Number(process.env.STEPS)] : [8, 8, 8, 8, 8, 8, 16, 16, 24, 60];
/** So many sequences are one test: its title names their seeds, and a failure names the one. */
const TOGETHER = 25;

const programs = PartnerPrograms__factory.createInterface();
const erc20 = DemoToken__factory.createInterface();
const lens = PartnerProgramsLens__factory.createInterface();

/**
 * A hundred views a step, in one call: takes (address, size, calldata) after each other, gives (size, returned data or error).
 *
 *     PUSH0 PUSH0 loop: CALLDATASIZE DUP3 LT ISZERO end JUMPI                        stack: i, out
 *     DUP2 32 ADD CALLDATALOAD DUP1 DUP4 64 ADD DUP4 CALLDATACOPY                    its calldata to memory at `out`
 *     PUSH0 PUSH0 DUP3 DUP5 DUP7 CALLDATALOAD GAS STATICCALL POP (and three bytes of nothing)
 *     DUP3 ADD 64 ADD SWAP2 POP                                                      i += 64 + size
 *     RETURNDATASIZE DUP2 MSTORE RETURNDATASIZE PUSH0 DUP3 32 ADD RETURNDATACOPY     what it returned, over that
 *     RETURNDATASIZE ADD 32 ADD loop JUMP   end: PUSH0 RETURN
 */
const VIEWER = "0x00000000000000000000000000000000000a11ed";
const VIEWER_CODE =
  "0x5f5f5b36821015603b578160200135808360400183375f5f828486355afa505b5b5b820160400191503d81523d5f826020013e3d016020016002565b5ff3";
/** Coins looked up as tokens are: PUSH0 CALLDATALOAD BALANCE PUSH0 MSTORE 32 PUSH0 RETURN. */
const COIN_BALANCES = "0x00000000000000000000000000000000000c0175";
const COIN_BALANCES_CODE = "0x5f35315f5260205ff3";

/** How often each is thrown, if not twice. */
const WEIGHTS: Record<string, number> = {
  attest: 24,
  ...{ reverse: 12, release: 10, pull: 10 },
  ...{ fund: 4, setKinds: 5, appendOffer: 4, suspend: 4, resume: 5, retireOffer: 3 },
  ...{ announceAttesters: 3, announceWithdrawal: 4, withdraw: 5, claim: 3, claimFor: 4, payOut: 3 },
  ...{ setPayout: 3, setPayoutFor: 3, acceptCampaign: 3 },
  ...{ createCampaign: 1, announceDescription: 1, setPayOutOptOut: 1, revokeOrders: 1, fundWithPermit: 1 },
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
    ...of("withdraw cancelWithdrawal appendOffer suspend", c.withdrawal?.from),
    ...of("withdraw announceWithdrawal appendOffer", c.withdrawal && c.withdrawal.from + 7 * DAY),
    ...of("attest fund suspend", c.closing?.closesAt),
    ...of("attest withdraw", c.closing?.finalAt),
    ...of("attest resume", c.suspendedUntil || undefined),
    ...of("attest suspend", c.suspendedUntil ? c.suspendedUntil + notice : undefined),
    ...of("attest reverse announceAttesters", c.sets.at(-1)?.effectiveAt),
    ...Object.values(c.kinds).flatMap((history) => of("attest setKinds", history.at(-1)?.from)),
    ...c.offers.flatMap((o) => of("attest appendOffer retireOffer", o.validFrom, o.validTo)),
    ...of("attest announceDailyLimit", c.announcedLimit?.from, (model.today(m) + 1) * DAY),
    ...of("acceptCampaign transferCampaign", c.pending?.from),
    ...Object.values(m.payouts).flatMap((p) => of("claim claimFor payOut pull setPayout", p.next?.from)),
  ].filter(({ time }) => time > m.now && time < m.now + 4 * DAY);
}

/** Operations that chance seldom puts after each other in one campaign, with the times that matter. */
type Scene = { name: string; time?: (c: model.Campaign, m: Model) => number | undefined };
const lastTaken = (c: model.Campaign) =>
  Math.max(0, ...Object.values(c.kinds).map((history) => history.at(-1)?.from ?? 0));
const lastRelease = (c: model.Campaign) => Object.values(c.batches).at(-1)?.releaseAt;
const matured = (plus: number) => (c: model.Campaign) => (c.withdrawal ? c.withdrawal.from + plus : undefined);
const PLOTS: readonly (readonly Scene[])[] = [
  [
    { name: "announceAttesters" },
    { name: "attest", time: (c) => (c.sets.at(-1)?.effectiveAt ?? 0) - 1 },
    { name: "reverse", time: (c) => c.sets.at(-1)?.effectiveAt },
  ],
  [{ name: "closeCampaign" }, { name: "suspend" }, { name: "resume" }],
  [{ name: "suspend" }, { name: "closeCampaign" }, { name: "resume" }],
  [
    { name: "closeCampaign" },
    { name: "attest", time: (c) => c.closing?.finalAt && c.closing.finalAt - 1 },
    { name: "withdraw", time: (c) => c.closing?.finalAt },
    { name: "release", time: lastRelease },
    { name: "withdraw" },
  ],
  [
    { name: "attest" },
    { name: "reverse" },
    { name: "reverse" },
    { name: "release", time: lastRelease },
    { name: "pull" },
  ],
  [{ name: "attest" }, { name: "attest" }, { name: "pull", time: lastRelease }, { name: "release" }, { name: "pull" }],
  [{ name: "attest" }, { name: "reverse", time: lastRelease }],
  [{ name: "setKinds" }, { name: "attest", time: lastTaken }, { name: "attest" }],
  [{ name: "setKinds" }, { name: "setKinds" }, { name: "attest" }, { name: "setKinds", time: lastTaken }],
  [{ name: "announceWithdrawal" }, { name: "suspend", time: matured(0) }, { name: "resume" }],
  [{ name: "announceWithdrawal" }, { name: "withdraw", time: matured(7 * DAY - 1) }],
  [{ name: "announceWithdrawal" }, { name: "withdraw", time: matured(7 * DAY) }],
  [{ name: "announceWithdrawal" }, { name: "appendOffer", time: matured(7 * DAY) }, { name: "withdraw" }],
  [{ name: "announceWithdrawal" }, { name: "attest" }, { name: "fund" }, { name: "withdraw", time: matured(0) }],
  [
    { name: "setKinds" },
    { name: "suspend", time: lastTaken },
    { name: "resume" },
    { name: "setKinds", time: (c) => c.suspendedUntil + c.terms.noticeSeconds - 1 },
  ],
  [
    { name: "announceDailyLimit" },
    { name: "attest", time: (c) => c.announcedLimit?.from },
    { name: "reverse" },
    { name: "attest" },
  ],
  [{ name: "transferCampaign" }, { name: "acceptCampaign", time: (c) => c.pending?.from }, { name: "withdraw" }],
  [{ name: "setPayout" }, { name: "claim" }, { name: "setPayout" }, { name: "payOut" }],
  [{ name: "claimFor" }, { name: "revokeOrders" }, { name: "claimFor" }, { name: "setPayoutFor" }],
];

function attempted(k: Walk, name: string) {
  const operation = (operations[name] as (k: Walk) => Operation)(k);
  return { operation, ...model.attempt(k.m, operation.predict) };
}
type Chosen = { name: string } & ReturnType<typeof attempted>;

function played(k: Walk, before: Model, id: string, { name, time }: Scene): Chosen {
  const then = time?.(before.campaigns[id] as model.Campaign, before) ?? 0;
  k.wrong = false;
  k.id = id;
  k.m = { ...before, now: then > before.now ? then : before.now + k.d.between(1, HOUR) };
  let scene = { name, ...attempted(k, name) };
  const most = k.d.pick([0, 5]);
  for (let tries = 0; tries < most && scene.refusal; tries++) scene = { name, ...attempted(k, name) };
  return scene;
}

/** Throws such an operation: sometimes at an occasion for it, or a second before or after. */
function thrown(k: Walk, before: Model, name: string): Chosen {
  const { d } = k;
  const all = Object.entries(before.campaigns);
  const those = (fit: (c: model.Campaign) => boolean) => all.filter(([, c]) => fit(c));
  const batches = (c: model.Campaign, fit: (b: model.Batch) => boolean) => Object.values(c.batches).some(fit);
  const ends = (c: model.Campaign) => c.closing?.finalAt ?? Number.POSITIVE_INFINITY;
  const live = those((c) => before.now < ends(c));
  const held = those((c) => batches(c, (b) => b.settled.size === 0));
  const inHold = those((c) => batches(c, (b) => before.now < b.releaseAt));
  const outlived = those((c) => batches(c, (b) => before.now < b.releaseAt && b.set < model.setInForce(before, c)));
  const suspended = those((c) => before.now < c.suspendedUntil);
  const counting = those((c) => before.now < ends(c) && Boolean(c.closing || c.withdrawal));
  const guaranteed = those((c) => !c.closing && model.guarantee(c) > before.now + c.terms.noticeSeconds);
  const waiting = those((c) => c.closing !== undefined && model.guarantee(c) > before.now);
  const offered = those((c) => c.pending !== undefined);
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
      acceptCampaign: first(offered),
    }[name] ?? live;
  [k.id] = d.pick(likely.length > 0 && d.chance(0.85) ? likely : all);
  const notable = occasions(before, k.id).filter(({ names }) => names.includes(name));
  const next = notable.length > 0 && d.chance(0.5) ? d.pick(notable) : undefined;
  const jump = d.chance(0.02) ? d.below(20 * DAY) : d.chance(0.3) ? d.below(6 * HOUR) : d.between(1, 60);
  const time = next ? next.time + d.between(-1, 1) : before.now + jump;
  k.m = { ...before, now: Math.max(time, before.now + 1) };
  // Around an occasion a call is mostly wrong in its time alone.
  return { name, ...attempted(next && d.chance(0.8) ? { ...k, wrong: false } : k, name) };
}

// ---------------------------------------------------------------------------------------------------- comparison

/** As text, so that a number is a number and an address an address whatever its type. */
const text = (value: unknown) =>
  JSON.stringify(value, (_, v) =>
    typeof v === "bigint" || typeof v === "number"
      ? String(v)
      : typeof v === "string" && v.startsWith("0x")
        ? v.toLowerCase()
        : v,
  );

interface View {
  readonly label: string;
  readonly target: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly expected: unknown;
  /** What of the returned values is compared. */
  readonly read?: (returned: never) => unknown;
}

interface Looked {
  readonly campaigns: readonly string[];
  readonly owners: readonly string[];
}
const ALL = [...addresses(everybody)];

/** What a step may have changed, and something more; at the end everything that there is. */
function lookedAt(k: Walk, last: boolean, before: Model, after: Model): Looked {
  const campaigns = Object.keys(after.campaigns);
  const owners = [...ALL, after.programs];
  if (last) return { campaigns, owners };
  const changed = (key: "credits" | "balances" | "nonces" | "payouts" | "optedOut") => {
    const [was, is] = [before[key] as Record<string, unknown>, after[key] as Record<string, unknown>];
    return Object.keys(is).filter((at) => was[at] !== is[at] && text(was[at]) !== text(is[at]));
  };
  const keys = (["credits", "balances", "nonces", "payouts", "optedOut"] as const).flatMap(changed);
  return {
    campaigns: campaigns.filter((id) => id === k.id || id === k.d.pick(campaigns) || !(id in before.campaigns)),
    owners: owners.filter((owner) => keys.some((key) => key.startsWith(owner)) || owner === k.d.pick(owners)),
  };
}

/** Everything that the Lens and the tokens should say now of those. */
function views(w: World, m: Model, batches: Walk["batches"], d: Dice, looked: Looked): View[] {
  const view = (name: string, args: readonly unknown[], expected: unknown, read?: View["read"]): View => ({
    label: `${name}(${text(args)})`,
    target: w.lensAddress,
    name,
    args,
    expected,
    ...(read && { read }),
  });
  const ofCampaigns = looked.campaigns.flatMap((id) => {
    const c = m.campaigns[id] as model.Campaign;
    const set = model.setInForce(m, c);
    const inForce = c.sets[set] as model.AttesterSet;
    const withdrawal = model.withdrawalOf(m, c);
    const overview = [
      Object.values(c.terms),
      c.brand,
      c.available,
      c.reserved,
      c.available - (withdrawal?.amount ?? 0n),
      c.next,
      m.now < c.suspendedUntil,
      c.closing?.closesAt ?? 0,
      c.closing !== undefined && m.now >= c.closing.finalAt,
      set,
      inForce.threshold,
      inForce.members,
      inForce.members.includes(c.brand),
      0,
      model.limitInForce(m, c),
      model.remainingToday(m, c),
      c.offers.map((o) => Object.values(o)),
    ];
    const state: Record<string, unknown> = {
      available: c.available,
      reserved: c.reserved,
      nextConversion: c.next,
      suspendedUntil: c.suspendedUntil,
      closesAt: c.closing?.closesAt ?? 0,
      finalAt: c.closing?.finalAt ?? 0,
      offerCount: c.offers.length,
      kindsListed: Object.keys(c.kinds).length > 0,
      brand: c.brand,
      lockedUntil: model.guarantee(c),
      pendingBrand: c.pending?.brand ?? ZeroAddress,
      ...(c.pending && { transferableAt: c.pending.from }),
      // One that lapsed is still there, and nothing.
      ...(withdrawal && { withdrawalAmount: withdrawal.amount, withdrawableAt: withdrawal.from }),
    };
    const times = [m.now, m.now + 1, m.now + c.terms.noticeSeconds, m.now - d.below(20 * DAY)];
    return [
      view("overview", [id], [overview]),
      view("campaign", [id], state, ([s]: Record<string, unknown>[]) =>
        Object.fromEntries(Object.keys(state).map((key) => [key, s?.[key]])),
      ),
      ...[...c.sets, { members: [], threshold: 0, effectiveAt: 0 }].map(({ members, threshold, effectiveAt }, i) =>
        view("attesterSet", [id, i], [members, threshold, effectiveAt]),
      ),
      ...addresses(partners).map((partner) => {
        // No period ends at 0.
        const periodTo = d.pick([
          ...times,
          ...(c.kinds[partner] ?? []).flatMap(({ since, from }) => [since, since + 1, from || 1, from + 1]),
        ]);
        return view("kindsOf", [id, partner, periodTo], [model.kindsFor(c, partner, periodTo)]);
      }),
      ...Object.entries(c.batches).flatMap(([digest, b]) => [
        view(
          "batch",
          [digest],
          [[b.releaseAt, b.set, b.lowered ? model.hashOf({ hash: b.root, sum: b.total }) : ZeroHash]],
        ),
        ...[0, 1].map((word) => {
          const marks = [...b.settled].reduce(
            (bits, i) => (Math.floor(i / 256) === word ? bits | (1n << BigInt(i % 256)) : bits),
            0n,
          );
          return view("settledLines", [digest, word], [marks]);
        }),
      ]),
      ...statusOf(c, batches, d).map(([known, index, expected]) => {
        const { line, path } = proof(known, index);
        return view("lineStatus", [known.body, { index, line: model.wordOf(line), path }], [expected]);
      }),
    ];
  });
  const ofOwners = looked.owners.flatMap((owner) => {
    const { receiver, lock } = model.payoutOf(m, owner);
    return [
      { ...view("nonces", [owner], [m.nonces[owner] ?? 0]), target: w.programsAddress },
      view("payoutOf", [owner], m.optedOut[owner] ?? false, ([p]: { optedOut: boolean }[]) => p?.optedOut),
      view("receiverOf", [owner], [receiver, lock]),
      view("creditsOf", [owner, m.tokens], [m.tokens.map((token) => model.creditOf(m, owner, token))]),
      ...m.tokens.map((token) => ({
        ...view("balanceOf", [owner], [model.balanceOf(m, owner, token)]),
        label: `balanceOf(${owner}) of ${token}`,
        target: token === COIN ? COIN_BALANCES : token,
      })),
    ];
  });
  return [...ofCampaigns, ...ofOwners];
}

/** What `lineStatus` should say of one line of a batch whose lines are as the attesters said. */
function statusOf(c: model.Campaign, batches: Walk["batches"], d: Dice) {
  const known = Object.keys(c.batches).flatMap((digest) => batches.get(digest) ?? []);
  const provable = known.filter(({ tree, body, digest }) => {
    const { hash, sum } = model.topOf(tree);
    const b = c.batches[digest] as model.Batch;
    return hash === b.root && sum === b.total && model.depthOf(body.lineCount) === tree.length - 1;
  });
  if (provable.length === 0) return [];
  const of = d.pick(provable);
  const index = d.below(of.lines.length);
  const line = of.lines[index] as Line;
  const { commission, fee } = model.worthOf(c, of.body, line);
  const { releaseAt, settled } = c.batches[of.digest] as model.Batch;
  const fault = model.FAULTS.indexOf(model.faultOf(c, of.body, line));
  return [[of, index, [commission, fee, releaseAt, settled.has(index), fault]] as const];
}

const abiOf = ({ name }: View): Interface => (name === "balanceOf" ? erc20 : name === "nonces" ? programs : lens);
const encoded = new Map<string, string>();
function encode(view: View): string {
  const key = view.target + view.label;
  const known = encoded.get(key);
  if (known) return known;
  const data = abiOf(view).encodeFunctionData(view.name, view.args);
  const word = view.target === COIN_BALANCES ? `0x${data.slice(10)}` : data;
  const call = concat([toBeHex(view.target, 32), toBeHex((word.length - 2) / 2, 32), word]);
  encoded.set(key, call);
  return call;
}

const decoded = new Map<string, Result>();
/** What most views return is what they returned a step before. */
function decode(view: View, raw: string): Result {
  const key = view.name + raw;
  const known = decoded.get(key);
  if (known) return known;
  const returned = abiOf(view).decodeFunctionResult(view.name, raw);
  decoded.set(key, returned);
  return returned;
}

/** Where the contract says something else than the model. */
async function differences(w: World, m: Model, k: Walk, looked: Looked, mined: boolean): Promise<string[]> {
  const all = views(w, m, k.batches, k.d, looked);
  const answer: string = await ethers.provider.send("eth_call", [
    { to: VIEWER, data: concat(all.map(encode)) },
    mined ? "latest" : "pending",
  ]);
  let offset = 2;
  return all.flatMap((view) => {
    const size = Number(`0x${answer.slice(offset, offset + 64)}`) * 2;
    const raw = `0x${answer.slice(offset + 64, offset + 64 + size)}`;
    offset += 64 + size;
    const should = text(view.expected);
    let is: string;
    try {
      is = view.read ? text(view.read(decode(view, raw) as never)) : text(decode(view, raw));
    } catch {
      is = `${programs.parseError(raw)?.name} ${raw}`;
    }
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
async function outcomeOf(name: string, call: Call): Promise<[name: string, args: string]> {
  try {
    const returned = await ethers.provider.send("eth_call", [call, "pending"]);
    const values = programs.decodeFunctionResult(name as never, returned).toArray();
    return ["done", text(values.at(0) ?? null)];
  } catch (error) {
    const data = (error as { data?: string }).data;
    const parsed = typeof data === "string" ? programs.parseError(data) : null;
    return parsed ? [parsed.name, text(parsed.args)] : [String(error), ""];
  }
}
async function eventsOf(w: Deployed, hash: string): Promise<[string, ...unknown[]][]> {
  const { logs } = await ethers.provider.send("eth_getTransactionReceipt", [hash]);
  return (logs as { address: string; topics: string[]; data: string }[])
    .filter(({ address }) => address.toLowerCase() === w.programsAddress.toLowerCase())
    .map((log) => {
      const parsed = programs.parseLog(log);
      return parsed ? [parsed.name, ...parsed.args.toArray()] : ["an unknown event"];
    });
}

/** Without the nonce that nobody can foresee, and where kinds are in force already, without since when. */
function comparable([name, ...args]: readonly [string, ...unknown[]], now: number) {
  if (name === "OrdersRevoked") return [name, args[0]];
  if (name === "KindsSet" && Number(args[4]) <= now) return [name, ...args.slice(0, 4)];
  return [name, ...args];
}

// --------------------------------------------------------------------------------------------------------- walks

/** Three tokens of 6 and 18 decimals and the coin, everybody with plenty of each, and twelve campaigns of all sorts. */
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
  const lensAddress = await w.lens.getAddress();
  let m: Model = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    programs: w.programsAddress,
    tokens,
    refusingCoins: [w.tokenAddress, lensAddress],
    now: START,
    campaigns: {},
    credits: {},
    balances: Object.fromEntries(
      everybody.flatMap(({ address }) => tokens.map((token) => [`${address} ${token}`, plenty])),
    ),
    nonces: {},
    payouts: {},
    optedOut: {},
    events: [],
  };
  // Gas is free, so that balances are what was paid.
  await networkHelpers.setNextBlockBaseFeePerGas(0);
  const d = dice(2030);
  for (let i = 0; i < CAMPAIGNS; i++) {
    const from = (brands[i % 2] ?? stranger).address;
    m = { ...m, now: m.now + 1 };
    const given = aNewCampaign({ d, m, w, wrong: false }, hashOf(`campaign ${i}`));
    const created = model.attempt(m, (now) => model.createCampaign(now, from, given));
    if (created.refusal) throw new Error(`campaign ${i}: ${created.refusal.name}`);
    await sent(w, created.model.now, from, "createCampaign", [given]);
    const amount = (whole(m, given.terms.token) * BigInt(d.between(3, 100_000))) / 497n;
    const value = given.terms.token === COIN ? amount : 0n;
    const id = created.returned as string;
    const funded = model.attempt({ ...created.model, now: m.now + 1 }, (now) =>
      model.fund(now, from, id, amount, value),
    );
    if (funded.refusal) throw new Error(`campaign ${i}: ${funded.refusal.name}`);
    await sent(w, funded.model.now, from, "fund", [id, amount], value);
    m = funded.model;
  }
  return { ...w, lensAddress, m };
}
const CAMPAIGNS = 12;
type World = Awaited<ReturnType<typeof town>>;
const stranger = { address: ZeroAddress };

function callOf(w: Deployed, from: string, name: string, args: readonly unknown[], value = 0n): Call {
  return {
    from,
    to: w.programsAddress,
    data: programs.encodeFunctionData(name as never, args as never),
    value: `0x${value.toString(16)}`,
    gas: "0xe00000",
    maxFeePerGas: "0x0",
    maxPriorityFeePerGas: "0x0",
  };
}
async function sent(w: Deployed, seconds: number, ...given: [string, string, readonly unknown[], bigint?]) {
  await at(seconds);
  return ethers.provider.send("eth_sendTransaction", [callOf(w, ...given)]);
}

/** Chooses what is done next. */
function chosenBy(k: Walk, m: Model, plot: { id: string; scenes: Scene[] }): Chosen {
  const { d } = k;
  if (plot.scenes.length === 0 && d.chance(0.1)) {
    const open = Object.keys(m.campaigns).filter((id) => !m.campaigns[id]?.closing);
    plot.id = d.pick(open.length > 0 ? open : Object.keys(m.campaigns));
    plot.scenes = [...d.pick(PLOTS)];
  }
  const scene = plot.scenes.shift();
  if (scene) return played(k, m, plot.id, scene);
  k.wrong = d.chance(1 / 3);
  for (let tries = 0, name = ""; ; tries++) {
    if (tries % 6 === 0) name = d.pick(NAMES);
    const candidate = thrown(k, m, name);
    if ((candidate.refusal !== undefined) === k.wrong || tries === 50) return candidate;
  }
}

/** Walks the steps of one sequence; counts in `succeeded` and `refused` what was done. */
async function walk(seed: number, succeeded: Map<string, number>, refused: Map<string, number>) {
  const w = await loadFixture(town);
  const d = dice(seed);
  const cast = d.some(Object.keys(w.m.campaigns)).slice(0, 3);
  let m: Model = {
    ...w.m,
    campaigns: Object.fromEntries(cast.map((id) => [id, structuredClone(w.m.campaigns[id]) as model.Campaign])),
  };
  m.now += d.between(1, 3 * DAY);
  const batches = new Map<string, KnownBatch>();
  const k: Walk = {
    w,
    d,
    m,
    id: ZeroHash,
    wrong: false,
    batches,
    attested: [],
    reversals: [],
    orders: [],
    payouts: [],
  };
  const plot = { id: d.pick(cast), scenes: d.chance(0.6) ? [...d.pick(PLOTS)] : [] };
  const steps = d.pick(STEPS);
  for (let step = 0; step < steps; step++) {
    const { name, operation, refusal, returned, model: after } = chosenBy(k, m, plot);
    const call = callOf(w, operation.from, name, operation.args(), operation.value);
    const happened = () =>
      `SEED=${seed} SEQUENCES=1, step ${step}, at ${after.now}: ${name} by ${operation.from}, ${text(operation.args())}`;
    await at(after.now);
    if (refusal || d.chance(0.3)) {
      const [outcome, values] = await outcomeOf(name, call);
      const expected = refusal ? [refusal.name, text(refusal.args)] : ["done", text(returned ?? null)];
      // What nobody can foresee, and errors of which only the name is known.
      const loose = (refusal && refusal.args.length === 0) || name === "revokeOrders";
      if (outcome !== expected[0] || (values !== expected[1] && !loose)) {
        expect([outcome, values], `${happened()}: outcome`).to.deep.equal(expected);
      }
    }
    if (!refusal) {
      const hash = await ethers.provider.send("eth_sendTransaction", [call]).catch((error) => {
        throw new Error(`${happened()}: ${error}`);
      });
      const emitted = (await eventsOf(w, hash)).map((event) => text(comparable(event, after.now))).sort();
      const should = after.events.map((event) => text(comparable(event, after.now))).sort();
      if (emitted.join() !== should.join()) {
        expect(emitted, `${happened()}: events`).to.deep.equal(should);
      }
      if (name === "revokeOrders") await takeNonce(w, after, m, operation.from);
      operation.keep?.();
    }
    const different = await differences(w, after, k, lookedAt(k, step + 1 === steps, m, after), !refusal);
    if (different.length > 0) expect.fail(`${happened()}: state\n    ${different.join("\n    ")}\n`);
    const [counts, what] = refusal ? [refused, refusal.name] : [succeeded, name];
    counts.set(what, (counts.get(what) ?? 0) + 1);
    for (const [event, , , , , fault] of after.events) {
      if (!refusal && event === "LineRefused") refused.set(`line: ${model.FAULTS[Number(fault)]}`, 1);
    }
    m = after;
  }
}

/** The nonce after a revocation: any that is far from those that were, or could have been, signed for. */
async function takeNonce(w: World, after: Model, before: Model, owner: string) {
  const nonce = await w.programs.nonces(owner);
  const last = before.nonces[owner] ?? 0n;
  expect(nonce > last ? nonce - last : last - nonce).to.be.greaterThan(2n ** 64n);
  after.nonces[owner] = nonce;
}

describe("the contract and its model", function () {
  this.timeout(600_000);
  const succeeded = new Map<string, number>();
  const refused = new Map<string, number>();
  for (let from = 0; from < SEQUENCES; from += TOGETHER) {
    const many = Math.min(TOGETHER, SEQUENCES - from);
    it(`they should agree after each of many random operations, SEED=${SEED + from} SEQUENCES=${many}`, async () => {
      for (let i = 0; i < many; i++) await walk(SEED + from + i, succeeded, refused);
    });
  }
  it("every operation should have succeeded, and every fault of a line been met", () => {
    const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
    if (process.env.COUNTS) console.log(sorted(succeeded), sorted(refused));
    expect(Object.keys(operations).filter((name) => !succeeded.has(name))).to.deep.equal([]);
    expect(model.FAULTS.slice(1).filter((fault) => !refused.has(`line: ${fault}`))).to.deep.equal([]);
  });
});
