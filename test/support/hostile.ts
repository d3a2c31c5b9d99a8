import type { LineProof } from "@partner-programs/protocol/lineTree";
/**
 * What the hostile tests share. Whatever they do, an honest campaign with its own token, brand, partner and operator runs
 * beside it on the same contract; after every test it has to pay as if nothing had happened.
 */

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Line, lowerLine } from "@partner-programs/protocol/line";
import {
  attestationTypedData,
  type ClaimOrder,
  claimOrderTypedData,
  type PayoutOrder,
  payoutOrderTypedData,
  type Reversal,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { Interface, type InterfaceAbi, id, Wallet } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";
import {
  type Attested,
  ascending,
  at,
  attest,
  attestation,
  attestationDigest,
  attestedWith,
  given as attesting,
  type Batch,
  BUDGET,
  body,
  type Deployed,
  ethers,
  HOLD,
  HOUR,
  lineReversal,
  NATIVE,
  networkHelpers,
  newCampaign,
  plain,
  sale,
  sign,
  stateOf,
  terms,
  time,
  treeOf,
  type World,
  worth,
} from "./programs.ts";

// ------------------------------------------------------------------------------------------ the honest campaign

/** The same world, and beside it an honest campaign in 18 decimals, whose partner is Carol. */
export async function beside<W extends Deployed>(w: W) {
  const [brand, carol, operator] = (await ethers.getSigners()).slice(10) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const token = await new DemoToken__factory(brand).deploy("Honest Dollar", "HUSD", 18);
  const tokenAddress = await token.getAddress();
  await token.mint(brand.address, 10n * BUDGET);
  await token.approve(w.programsAddress, 10n * BUDGET);
  const asHonestBrand = w.programs.connect(brand);
  const given = newCampaign(w, {
    salt: id("honest"),
    terms: terms(w, { token: tokenAddress, operator: operator.address }),
  });
  const campaignId = await asHonestBrand.createCampaign.staticCall(given);
  await asHonestBrand.createCampaign(given);
  await asHonestBrand.fund(campaignId, BUDGET);
  return { ...w, honest: { brand, carol, operator, token, tokenAddress, campaignId, asHonestBrand } };
}
export type Beside = Awaited<ReturnType<typeof beside<Deployed>>>;

/** Funds, attests, releases and claims in the honest campaign; every sum is exact, and nothing is missing. */
export async function honestStillPays(w: Beside) {
  const { carol, operator, token, tokenAddress, campaignId, asHonestBrand } = w.honest;
  const line = sale(carol, 1, 5_001n);
  const { commission, fee, total } = worth(line);
  const before = await w.lens.campaign(campaignId);
  const creditOf = (owner: { address: string }) => w.lens.creditOf(owner.address, tokenAddress);
  const paid = await token.balanceOf(carol.address);
  const [credit, fees] = [await creditOf(carol), await creditOf(operator)];

  await asHonestBrand.fund(campaignId, 1_000n);
  const now = await time.latest();
  const a = attestation(
    { ...w, campaignId },
    {
      firstConversion: before.nextConversion,
      conversions: 1,
      periodFrom: now,
      periodTo: now + 1,
      deadline: now + HOUR,
      conversionsRoot: id("honest conversions"),
      lines: [line],
    },
  );
  await attest(w, a);
  await at((await time.latest()) + HOLD);
  await w.programs.release(...releasing(a));
  await w.programs.connect(carol).claim([tokenAddress], carol.address);

  expect((await token.balanceOf(carol.address)) - paid, "what Carol was paid").to.equal(credit + commission);
  const { available, reserved } = await w.lens.campaign(campaignId);
  expect([available, reserved], "the honest budget").to.deep.equal([
    before.available + 1_000n - total,
    before.reserved,
  ]);
  const owed = fees + fee;
  expect(await creditOf(operator), "the honest operator's fees").to.equal(owed);
  expect(await token.balanceOf(w.programsAddress), "what is held for the honest").to.equal(available + reserved + owed);
}

/** Credits Carol, at once, in a campaign of her honest brand's without a hold: so that she has something to claim. */
export async function creditCarol(w: Beside) {
  const { brand, carol, operator, token, tokenAddress, asHonestBrand } = w.honest;
  const given = newCampaign(w, {
    salt: id("without a hold"),
    terms: terms(w, { token: tokenAddress, operator: operator.address, holdSeconds: 0 }),
  });
  const campaignId = await asHonestBrand.createCampaign.staticCall(given);
  await asHonestBrand.createCampaign(given);
  await token.connect(brand).approve(w.programsAddress, 10n * BUDGET);
  await asHonestBrand.fund(campaignId, worth(sale(carol, 1, 0n)).total);
  return creditNow(w, campaignId, [sale(carol, 1, 0n)]);
}

// --------------------------------------------------------------------------------------------- a hostile campaign

interface Mintable {
  getAddress(): Promise<string>;
  mint(to: string, amount: bigint): Promise<unknown>;
  approve(spender: string, amount: bigint): Promise<unknown>;
}

/** The usual campaign with the usual batch attested at NOW, in a token of the test's choice, and the honest one beside it. */
export async function attestedIn<T extends Mintable>(
  deploy: (d: Deployed) => Promise<T>,
  overrides: Partial<IPartnerPrograms.TermsStruct> = {},
  batch: (w: World) => Partial<Batch> = () => ({}),
) {
  let hostile: T | undefined;
  const w = await attestedWith(async (d) => {
    hostile = await deploy(d);
    await hostile.mint(d.brand.address, 10n * BUDGET);
    await hostile.approve(d.programsAddress, 10n * BUDGET);
    return { terms: terms(d, { token: await hostile.getAddress(), ...overrides }) };
  }, batch);
  if (hostile === undefined) throw new Error("no token");
  return { ...(await beside(w)), hostile, hostileAddress: await hostile.getAddress() };
}

// --------------------------------------------------------------------------------------- what a batch is settled with

type Body = ReturnType<typeof body>;

/** What `release` takes of a batch whose lines stand like this: the chunk from line `first` on, as large as can be. */
export function releasing(batch: Batch, lines = batch.lines, first = 0, height = 8): [Body, number, string, string[]] {
  const chunk = treeOf(lines).chunk(first, height);
  return [body(batch), chunk.first, chunk.path, [...chunk.lines]];
}
/** What `pull` takes of one line of a batch. */
export const pulling = (batch: Batch, index: number, lines = batch.lines): [Body[], LineProof[]] => [
  [body(batch)],
  [treeOf(lines).proof(index)],
];
/** What `reverse` takes to lower lines to the reversal's targets, each in the tree that the ones before leave. */
export async function reversing(w: Deployed, batch: Batch, r: Reversal, indices: readonly number[], by?: number[]) {
  const signatures = await sign(w, reversalTypedData(r), by);
  return [...lowering(batch, r, indices), signatures] satisfies unknown[] as [
    ...ReturnType<typeof lowering>,
    typeof signatures,
  ];
}
/** The same without the signatures. */
export function lowering(
  batch: Batch,
  r: Reversal,
  indices: readonly number[],
): [Body, ReturnType<typeof lineReversal>[], string] {
  const standing = [...batch.lines];
  const lines = r.targets.map((target, i) => {
    const index = indices[i] ?? 0;
    const given = lineReversal(treeOf(standing), index, target);
    standing[index] = lowerLine(standing[index] as Line, target);
    return given;
  });
  return [body(batch), lines, r.reasonHash];
}

/** One more batch of so many conversions as its lines count, attested in the next block by the usual attesters. */
export async function creditNow(w: Deployed, campaignId: string, lines: readonly Line[]) {
  const now = await time.latest();
  const batch = attestation(
    { ...w, campaignId },
    {
      firstConversion: (await w.lens.campaign(campaignId)).nextConversion,
      conversions: lines.reduce((sum, line) => sum + line.count, 0),
      periodFrom: now,
      periodTo: now + 1,
      deadline: now + HOUR,
      lines: ascending(lines.map((line) => ({ ...line, address: line.partner }))),
    },
  );
  await attest(w, batch);
  return { ...batch, digest: attestationDigest(w, batch) };
}

/** What the contract has to hold of a token, if these are its campaigns, and the owners of credits in it. */
export async function owed(w: Deployed, token: string, campaignIds: readonly string[], owners: readonly string[]) {
  const campaigns = await Promise.all(campaignIds.map((campaignId) => w.lens.campaign(campaignId)));
  const credits = await Promise.all(owners.map((owner) => w.lens.creditOf(owner, token)));
  return [...campaigns.map(({ available, reserved }) => available + reserved), ...credits].reduce((a, b) => a + b, 0n);
}

/** An owner's order for everything in `tokens`, and the signature of its key. */
export async function claimOrder(
  w: Deployed,
  signer: HardhatEthersSigner | Wallet,
  tokens: readonly string[],
  overrides: Partial<ClaimOrder> = {},
) {
  const order = {
    owner: signer.address,
    receiver: signer.address,
    tokens: [...tokens],
    nonce: 0n,
    deadline: 2n ** 40n,
    ...overrides,
  };
  const { types, message } = claimOrderTypedData(order);
  return {
    order: { ...order, tokens: [...order.tokens] },
    signature: await signer.signTypedData(w.domain, types, message),
  };
}

/** An owner's order to be paid elsewhere, and the signature of its key. */
export async function payoutOrder(
  w: Deployed,
  signer: HardhatEthersSigner | Wallet,
  overrides: Partial<PayoutOrder> = {},
) {
  const order = {
    owner: signer.address,
    receiver: signer.address,
    lockSeconds: 0,
    nonce: 0n,
    deadline: 2n ** 40n,
    ...overrides,
  };
  const { types, message } = payoutOrderTypedData(order);
  return { order, signature: await signer.signTypedData(w.domain, types, message) };
}

/** Gas that suffices for everything here and is below what one transaction may use (EIP-7825). */
export const GAS = 10_000_000;
export const MOST_GAS = 16_700_000n;

// ---------------------------------------------------------------------------------------------------------- races

/** A transaction to the contract. */
export interface Call {
  readonly from: HardhatEthersSigner;
  readonly data: string;
  readonly value?: bigint;
}
/** What became of it: "done", or the error with its arguments. */
export type Outcome = "done" | readonly unknown[];

/** Mines one block with these transactions in this order, and says what became of each. */
export async function inOneBlock(w: Deployed, seconds: number, calls: readonly Call[]): Promise<Outcome[]> {
  const errors = new Interface([
    ...w.programs.interface.fragments,
    ...w.token.interface.fragments.filter(({ type }) => type === "error"),
  ] as InterfaceAbi);
  const hashes: string[] = [];
  await ethers.provider.send("evm_setAutomine", [false]);
  try {
    for (const [i, { from, data, value = 0n }] of calls.entries()) {
      const sent = await from.sendTransaction({
        to: w.programsAddress,
        data,
        value,
        gasLimit: 5_000_000,
        maxFeePerGas: 10n ** 12n,
        maxPriorityFeePerGas: BigInt(1_000 - i), // the block takes them by this
      });
      hashes.push(sent.hash);
    }
    await at(seconds);
    await networkHelpers.mine();
  } finally {
    await ethers.provider.send("evm_setAutomine", [true]);
  }
  const block = await ethers.provider.getBlock("latest");
  expect([block?.timestamp, block?.transactions], "the block").to.deep.equal([seconds, hashes]);
  return Promise.all(
    hashes.map(async (hash) => {
      const receipt = await ethers.provider.getTransactionReceipt(hash);
      if (receipt?.status === 1) return "done";
      const options = { disableMemory: true, disableStack: true, disableStorage: true };
      const { returnValue } = await ethers.provider.send("debug_traceTransaction", [hash, options]);
      const error = errors.parseError(returnValue);
      return error ? [error.name, ...error.args] : ["unknown error", returnValue];
    }),
  );
}

/** All that a race in the world's campaign can change. */
export async function everything(w: Attested & Beside) {
  const owners = [w.brand, w.operator, w.stranger, w.alice, w.bob, w.relayer, { address: w.programsAddress }];
  const { token } = await w.lens.termsOf(w.campaignId);
  const ofOwner = async ({ address }: { address: string }) => [
    await w.lens.creditOf(address, token),
    token === NATIVE ? undefined : await w.token.balanceOf(address),
    await w.programs.nonces(address),
  ];
  return {
    state: await stateOf(w),
    batch: plain(await w.lens.batch(w.attestation)),
    settled: await w.lens.settledLines(w.attestation, 0),
    owners: await Promise.all(owners.map(ofOwner)),
  };
}

/**
 * Mines both in one block, and checks that a loser lost nothing but its transaction: where one of the two fails, everything
 * is as if the other had been alone.
 */
export async function race(w: Attested & Beside, seconds: number, calls: readonly [Call, Call]) {
  const before = await networkHelpers.takeSnapshot();
  const alone: Awaited<ReturnType<typeof everything>>[] = [];
  for (const call of calls) {
    await inOneBlock(w, seconds, [call]);
    alone.push(await everything(w));
    await before.restore();
  }
  const outcomes = await inOneBlock(w, seconds, calls);
  const after = await everything(w);
  for (const loser of [0, 1]) {
    if (outcomes[loser] !== "done" && outcomes[1 - loser] === "done") expect(after).to.deep.equal(alone[1 - loser]);
  }
  return { outcomes, after };
}

/** The same race in both orders, from the same state. */
export async function eitherOrder(w: Attested & Beside, seconds: number, [a, b]: readonly [Call, Call]) {
  const before = await networkHelpers.takeSnapshot();
  const first = await race(w, seconds, [a, b]);
  await before.restore();
  return [first, await race(w, seconds, [b, a])] as const;
}

/** The functions of the contract that races and re-entries call, as calldata. */
export const calls = (w: Deployed) => {
  const data = w.programs.interface.encodeFunctionData.bind(w.programs.interface);
  return {
    data,
    attest: async (batch: Batch, by?: readonly number[]) =>
      data("attest", [...attesting(batch), await sign(w, attestationTypedData(batch), by)]),
    release: (...of: Parameters<typeof releasing>) => data("release", releasing(...of)),
    pull: (...of: Parameters<typeof pulling>) => data("pull", pulling(...of)),
    reverse: async (batch: Batch, r: Reversal, indices: readonly number[], by?: number[]) =>
      data("reverse", await reversing(w, batch, r, indices, by)),
  };
};

// ---------------------------------------------------------------------------------------------- delegation (EIP-7702)

/** Gives `account` the code at `to`, or none (zero). A sponsor pays, so that the account needs no coins. */
export async function delegate(account: Wallet, to: string) {
  const sponsor = new Wallet(id("sponsor"));
  const { chainId } = await ethers.provider.getNetwork();
  const nonceOf = ({ address }: Wallet) => ethers.provider.getTransactionCount(address);
  await networkHelpers.setBalance(sponsor.address, 10n ** 20n);
  const authorization = await account.authorize({ address: to, nonce: await nonceOf(account), chainId });
  const transaction = await sponsor.signTransaction({
    type: 4,
    chainId,
    nonce: await nonceOf(sponsor),
    to: sponsor.address,
    gasLimit: 200_000,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 1n,
    authorizationList: [authorization],
  });
  await ethers.provider.send("eth_sendRawTransaction", [transaction]);
}
