/**
 * What the contract's tests share: one chain, one world of accounts, contracts and a campaign on it, and builders for what
 * the contract takes. Everything is fixed, so a test can name every number and every time.
 */

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { NATIVE } from "@partner-programs/protocol/native";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  programsDomain,
  type Reversal,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import {
  type ContractTransactionResponse,
  encodeBytes32String,
  type Interface,
  id,
  type TypedDataField,
  Wallet,
  ZeroAddress,
} from "ethers";
import { network } from "hardhat";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";

export const { ethers, networkHelpers } = await network.create({ override: { initialDate: "2030-01-01T00:00:00Z" } });
export const { time } = networkHelpers;

export const HOUR = 3_600;
export const DAY = 24 * HOUR;
export const HOLD = 3 * DAY;
export const NOTICE = 7 * DAY;
/** A UTC midnight, at which the world's campaign is created. */
export const START = Date.UTC(2030, 0, 2) / 1000;
/** The next UTC midnight, at which tests act. */
export const NOW = START + DAY;
export const FOREVER = 2n ** 40n - 1n;
export const NO_LIMIT = 2n ** 128n - 1n;
export const BUDGET = 10_000_000_000n;
export { NATIVE };

/** A bound on gas, for the code as it is deployed: `npm run coverage` builds it with counters, which cost. */
export const gasBelow = (gas: bigint) => (process.env.COVERAGE ? 2n * gas : gas);

/** Gives the next block a time. */
export const at = (seconds: number) => time.setNextBlockTimestamp(seconds);
/** Ascending, as attesters of a set and partners of a batch are. */
export const ascending = <T extends { address: string }>(accounts: readonly T[]): T[] =>
  [...accounts].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));

export const attesters = ascending([1, 2, 3].map((i) => new Wallet(id(`attester ${i}`)))) as [Wallet, Wallet, Wallet];

export const eventName = (name: string) => encodeBytes32String(name).slice(0, 50);

/** An offer for sales by affiliates: 1.00 and 1.25 % of at most 100.00 for each. */
export function offer(overrides: Partial<IPartnerPrograms.OfferStruct> = {}) {
  return {
    flatAmount: 1_000_000n,
    rateBps: 125,
    capUnits: 1_000_000n,
    validFrom: 0,
    validTo: 0,
    kind: 0,
    eventName: eventName("sale"),
    lockedUntil: 0,
    partner: ZeroAddress,
    ...overrides,
  } satisfies IPartnerPrograms.OfferStruct;
}

async function deploy() {
  const [relayer, brand, operator, stranger, ...others] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    ...HardhatEthersSigner[],
  ];
  const [alice, bob] = ascending(others.slice(0, 2)) as [HardhatEthersSigner, HardhatEthersSigner];
  const programs = await new PartnerPrograms__factory(relayer).deploy();
  const programsAddress = await programs.getAddress();
  const lens = await new PartnerProgramsLens__factory(relayer).deploy(programsAddress);
  const token = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  const tokenAddress = await token.getAddress();
  await token.mint(brand.address, 100n * BUDGET);
  await token.approve(programsAddress, 2n ** 256n - 1n);
  return {
    programs,
    programsAddress,
    asBrand: programs.connect(brand),
    lens,
    token,
    tokenAddress,
    domain: programsDomain((await ethers.provider.getNetwork()).chainId, programsAddress),
    relayer,
    brand,
    operator,
    stranger,
    alice,
    bob,
  };
}
export type Deployed = Awaited<ReturnType<typeof deploy>>;

// Every world begins with them, and a new one is made hundreds of times: they are put on the chain once.
const contracts = await deploy();
const fresh = await networkHelpers.takeSnapshot();
let loaded: { fixture: unknown; world: unknown; snapshot: typeof fresh } | undefined;

/** Contracts and accounts, before there is any campaign. `programs` is connected to the relayer, who may do nothing special. */
export const deployed = async (): Promise<Deployed> => ({ ...contracts });

/**
 * The world that `fixture` makes. As `networkHelpers.loadFixture`, but always on a chain with nothing but the contracts: that one
 * runs a fixture on whatever the test before left, whose time may be later than the fixture's.
 */
export async function loadFixture<T>(fixture: () => Promise<T>): Promise<T> {
  if (loaded?.fixture === fixture) {
    await loaded.snapshot.restore();
  } else {
    await fresh.restore();
    const world = await fixture();
    loaded = { fixture, world, snapshot: await networkHelpers.takeSnapshot() };
  }
  return loaded.world as T;
}

export function terms(w: Deployed, overrides: Partial<IPartnerPrograms.TermsStruct> = {}) {
  return {
    token: w.tokenAddress,
    holdSeconds: HOLD,
    noticeSeconds: NOTICE,
    feeBps: 500,
    unitExponent: 2,
    linesOnChain: true,
    operator: w.operator.address,
    openKinds: 1,
    ...overrides,
  } satisfies IPartnerPrograms.TermsStruct;
}

/** Offer 1 is for sales, offer 2 for sign-ups; two of three attesters sign. */
export function newCampaign(w: Deployed, overrides: Partial<IPartnerPrograms.NewCampaignStruct> = {}) {
  return {
    salt: id("salt"),
    terms: terms(w),
    offers: [offer(), offer({ eventName: eventName("signup"), flatAmount: 500_000n, rateBps: 0, capUnits: 0 })],
    attesters: attesters.map((attester) => attester.address),
    threshold: 2,
    dailyLimit: NO_LIMIT,
    descriptionHash: id("description"),
    descriptionUri: "https://brand.example/program.json",
    ...overrides,
  } satisfies IPartnerPrograms.NewCampaignStruct;
}

export async function createCampaign(w: Deployed, overrides: Partial<IPartnerPrograms.NewCampaignStruct> = {}) {
  const given = newCampaign(w, overrides);
  const campaignId = await w.asBrand.createCampaign.staticCall(given);
  await w.asBrand.createCampaign(given);
  return campaignId;
}

/** A campaign created at START with a budget, differing from the usual one as `overrides` says. */
export async function liveWith(
  overrides: (
    w: Deployed,
  ) => Partial<IPartnerPrograms.NewCampaignStruct> | Promise<Partial<IPartnerPrograms.NewCampaignStruct>>,
) {
  const w = await deployed();
  const given = await overrides(w);
  await at(START);
  const campaignId = await createCampaign(w, given);
  await w.asBrand.fund(campaignId, BUDGET, { value: given.terms?.token === NATIVE ? BUDGET : 0n });
  return { ...w, campaignId };
}
/** The usual campaign. */
export const live = () => liveWith(() => ({}));
export type World = Awaited<ReturnType<typeof live>>;

/** A campaign with one batch attested at NOW, both differing from the usual ones as said. */
export async function attestedWith(
  overrides: Parameters<typeof liveWith>[0],
  batchOverrides: (w: World) => Partial<Batch> = () => ({}),
) {
  const w = await liveWith(overrides);
  const batch = attestation(w, batchOverrides(w));
  await at(NOW);
  await attest(w, batch);
  return { ...w, ...batch, batch, body: body(batch), attestation: attestationDigest(w, batch) };
}
/** The usual campaign with the usual batch: two sales by Alice, and one by Bob. */
export const attested = () => attestedWith(() => ({}));
export type Attested = Awaited<ReturnType<typeof attested>>;

export const sale = (partner: { address: string }, count: number, volumeUnits: bigint): Line => ({
  offerId: 1,
  partner: partner.address,
  count,
  volumeUnits,
});
export const signup = (partner: { address: string }, count: number): Line => ({
  offerId: 2,
  partner: partner.address,
  count,
  volumeUnits: 0n,
});

/** What lines are worth in the world's campaign, which has the offers 1 and 2; under another offer they are worth nothing. */
export function worth(...lines: Line[]) {
  const parts = lines.map((line) => {
    const rate =
      line.offerId === 1
        ? { flatAmount: 1_000_000n, rateBps: 125 }
        : { flatAmount: line.offerId === 2 ? 500_000n : 0n, rateBps: 0 };
    return commissionOfLineDown(line, rate, { unitExponent: 2, feeBps: 500 });
  });
  const commission = parts.reduce((sum, part) => sum + part.commission, 0n);
  const fee = parts.reduce((sum, part) => sum + part.fee, 0n);
  return { commission, fee, total: commission + fee };
}

/** The tree over lines, each worth what `worthOf` says: by default what the world's campaign pays. */
export const treeOf = (lines: readonly Line[], worthOf: (line: Line) => bigint = (line) => worth(line).total) =>
  LineTree.of(lines.map((line) => ({ line, worth: worthOf(line) })));

/** An attestation with its lines, and whether they go to the chain with it. */
export interface Batch extends Attestation {
  readonly lines: readonly Line[];
  readonly given: boolean;
}

/**
 * The conversions of the first day: two sales by Alice and one by Bob, whose volume does not divide evenly. Root, number and total
 * follow from the lines.
 */
export function attestation(w: World, overrides: Partial<Batch> = {}): Batch {
  const lines = overrides.lines ?? [sale(w.alice, 2, 100_000n), sale(w.bob, 1, 5_001n)];
  const tree = lines.length === 0 ? undefined : treeOf(lines);
  return {
    campaignId: w.campaignId,
    firstConversion: 1n,
    conversions: 3,
    periodFrom: START,
    periodTo: NOW,
    deadline: NOW + DAY,
    conversionsRoot: id("conversions"),
    linesRoot: tree?.root ?? id("no lines"),
    lineCount: lines.length,
    total: tree?.total ?? 0n,
    lines,
    given: true,
    ...overrides,
  };
}

/** What of a batch is signed. */
export const body = (batch: Attestation) => attestationTypedData(batch).message;

interface TypedData {
  readonly types: Record<string, TypedDataField[]>;
  readonly message: Record<string, unknown>;
}

/** Signatures of the attesters with these indices. */
export function sign(w: Deployed, typed: TypedData, by: readonly number[] = [0, 1]) {
  return Promise.all(
    by.map(async (index) => {
      const signer = attesters[index];
      if (!signer) throw new RangeError(`There is no attester ${index}.`);
      return { attester: index, signature: await signer.signTypedData(w.domain, typed.types, typed.message) };
    }),
  );
}

export const attestationDigest = (w: Deployed, a: Attestation) => digestOf(w.domain, attestationTypedData(body(a)));

/** What `attest` takes of a batch, before the signatures. */
export const given = (a: Batch): [Attestation, string[]] => [body(a), a.given ? a.lines.map(packLine) : []];

/** Signs and submits. */
export async function attest(w: Deployed, a: Batch, by?: readonly number[]) {
  return w.programs.attest(...given(a), await sign(w, attestationTypedData(body(a)), by));
}

/** Lowers lines of the world's batch to `targets`. */
export function reversal(w: Attested, targets: readonly Line[], overrides: Partial<Reversal> = {}): Reversal {
  return { campaignId: w.campaignId, attestation: w.attestation, targets, reasonHash: id("refunded"), ...overrides };
}
export const reversalDigest = (w: Deployed, r: Reversal) => digestOf(w.domain, reversalTypedData(r));

/** What `reverse` takes of one line that stands in `tree`. */
export const lineReversal = (tree: LineTree, index: number, target: Line) => ({
  ...tree.proof(index),
  target: packLine(target),
});

/** Signs and submits; `current` are all the lines of the batch as they stand, `indices` those of the targets. */
export async function reverse(w: Attested, r: Reversal, current: readonly Line[], indices: readonly number[]) {
  const standing = [...current];
  const lines = r.targets.map((target, i) => {
    const index = indices[i] ?? 0;
    const given = lineReversal(treeOf(standing), index, target);
    const line = standing[index];
    if (line !== undefined) standing[index] = lowerLine(line, target);
    return given;
  });
  return w.programs.reverse(w.body, lines, r.reasonHash, await sign(w, reversalTypedData(r)));
}

/** Releases the chunk that begins at line `first` of lines as they stand. */
export function release(w: Attested, lines: readonly Line[] = w.lines, first = 0, height = 8) {
  const chunk = treeOf(lines).chunk(first, height);
  return w.programs.release(w.body, chunk.first, chunk.path, chunk.lines);
}

/** Names of the events of a transaction in the order in which they were emitted, the token's too. */
export async function eventsOf(w: Deployed, sent: Promise<ContractTransactionResponse>) {
  const receipt = await (await sent).wait();
  const interfaces: Interface[] = [w.programs.interface, w.token.interface];
  return receipt?.logs.map(({ topics }) =>
    interfaces.map((abi) => abi.getEvent(topics[0] ?? "")?.name).find((name) => name !== undefined),
  );
}

/** A struct that a view returned, as a plain object. */
export const plain = (struct: object) => (struct as { toObject(): Record<string, unknown> }).toObject();
/** A campaign's stored state, so that a test can say all that changed. */
export const stateOf = async (w: World) => plain(await w.lens.campaign(w.campaignId));
