/**
 * What the hostile tests share. Whatever they do, an honest campaign with its own token, brand, partner and operator runs
 * beside it on the same contract; after every test it has to pay as if nothing had happened.
 */

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { lineProof } from "@partner-programs/protocol/trees";
import {
  type Attestation,
  attestationTypedData,
  type ClaimOrder,
  claimOrderTypedData,
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
  attestationDigest,
  attestedWith,
  BUDGET,
  type Deployed,
  ethers,
  HOLD,
  HOUR,
  NATIVE,
  networkHelpers,
  newCampaign,
  packed,
  plain,
  sale,
  sign,
  stateOf,
  terms,
  time,
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
  const before = await w.programs.campaign(campaignId);
  const creditOf = (owner: { address: string }) => w.programs.creditOf(owner.address, tokenAddress);
  const paid = await token.balanceOf(carol.address);
  const [credit, fees] = [await creditOf(carol), await creditOf(operator)];

  await asHonestBrand.fund(campaignId, 1_000n);
  const now = await time.latest();
  const a: Attestation = {
    campaignId,
    firstConversion: before.nextConversion,
    conversions: 1,
    periodFrom: now,
    periodTo: now + 1,
    deadline: now + HOUR,
    conversionsRoot: id("honest conversions"),
    lines: [line],
  };
  await attest(w, a);
  await at((await time.latest()) + HOLD);
  await w.programs.release(campaignId, attestationDigest(w, a), [packLine(line)], []);
  await w.programs.connect(carol).claim([tokenAddress], carol.address);

  expect((await token.balanceOf(carol.address)) - paid, "what Carol was paid").to.equal(credit + commission);
  const { available, reserved } = await w.programs.campaign(campaignId);
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
  batch: (w: Deployed) => Partial<Attestation> = () => ({}),
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

/** One more batch of so many conversions as its first line counts, attested in the next block by the usual attesters. */
export async function creditNow(w: Deployed, campaignId: string, lines: readonly Line[]) {
  const now = await time.latest();
  const a: Attestation = {
    campaignId,
    firstConversion: (await w.programs.campaign(campaignId)).nextConversion,
    conversions: lines.reduce((sum, line) => sum + line.count, 0),
    periodFrom: now,
    periodTo: now + 1,
    deadline: now + HOUR,
    conversionsRoot: id("conversions"),
    lines: ascending(lines.map((line) => ({ ...line, address: line.partner }))),
  };
  await attest(w, a);
  return attestationDigest(w, a);
}

/** What the contract has to hold of a token, if these are its campaigns, and the owners of credits in it. */
export async function owed(w: Deployed, token: string, campaignIds: readonly string[], owners: readonly string[]) {
  const campaigns = await Promise.all(campaignIds.map((campaignId) => w.programs.campaign(campaignId)));
  const credits = await Promise.all(owners.map((owner) => w.programs.creditOf(owner, token)));
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
  const { token } = await w.programs.termsOf(w.campaignId);
  const ofOwner = async ({ address }: { address: string }) => [
    await w.programs.creditOf(address, token),
    token === NATIVE ? undefined : await w.token.balanceOf(address),
    await w.programs.nonces(address),
  ];
  return {
    state: await stateOf(w),
    batch: plain(await w.programs.batch(w.campaignId, w.attestation)),
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
export const calls = (w: Deployed) => ({
  data: w.programs.interface.encodeFunctionData.bind(w.programs.interface),
  attest: async (a: Attestation, by?: readonly number[]) =>
    w.programs.interface.encodeFunctionData("attest", [packed(a), await sign(w, attestationTypedData(a), by)]),
  release: (campaignId: string, digest: string, lines: readonly Line[], indices: number[] = []) =>
    w.programs.interface.encodeFunctionData("release", [campaignId, digest, lines.map(packLine), indices]),
  pull: (campaignId: string, digest: string, lines: readonly Line[], index: number) =>
    w.programs.interface.encodeFunctionData("pull", [campaignId, digest, lineProof(lines, index)]),
});

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
