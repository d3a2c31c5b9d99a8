import { readFileSync } from "node:fs";
import {
  authorizationFundingTypedData,
  authorizationNonce,
  authorizationTypes,
  PERMIT2,
  permit2Domain,
  permit2FundingTypedData,
  permit2FundingTypes,
} from "@partner-programs/protocol/funding";
import { expect } from "chai";
import { Interface, id, MaxUint256, Signature, type Signer, TypedDataEncoder, ZeroHash } from "ethers";
import {
  at,
  BUDGET,
  createCampaign,
  ethers,
  liveWith,
  loadFixture,
  NATIVE,
  NO_LIMIT,
  NOTICE,
  NOW,
  terms,
} from "#test/support/programs.ts";
import { AuthorizationToken__factory } from "#typechain/factories/mocks/AuthorizationToken__factory.ts";
import { FalseToken__factory } from "#typechain/factories/mocks/FalseToken__factory.ts";
import { FeeToken__factory } from "#typechain/factories/mocks/FeeToken__factory.ts";
import { KeyedAuthorizationToken__factory } from "#typechain/factories/mocks/KeyedAuthorizationToken__factory.ts";
import { LyingToken__factory } from "#typechain/factories/mocks/LyingToken__factory.ts";
import { ReentrantToken__factory } from "#typechain/factories/mocks/ReentrantToken__factory.ts";
import { SilentToken__factory } from "#typechain/factories/mocks/SilentToken__factory.ts";
import { StickyToken__factory } from "#typechain/factories/mocks/StickyToken__factory.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import { Funding__factory } from "#typechain/factories/periphery/Funding__factory.ts";

const permit2Code = JSON.parse(readFileSync(new URL("../support/permit2.json", import.meta.url), "utf8"));
/** What the tests look at of Permit2 beside the one function that the contract calls. */
const permit2 = new Interface([
  "function permitWitnessTransferFrom(((address,uint256),uint256,uint256), (address,uint256), address, bytes32, string, bytes)",
  "error InvalidNonce()",
  "error InvalidSigner()",
  "error InvalidContractSignature()",
  "error SignatureExpired(uint256 signatureDeadline)",
]);

const AMOUNT = 1_000n;
const DEADLINE = BigInt(NOW) + 100n;

/** A campaign in a token as USDC is, which the stranger has and approved for Permit2, as it is on Ethereum. */
async function world() {
  const w = await liveWith(async (d) => {
    const token = await new AuthorizationToken__factory(d.brand).deploy();
    await token.mint(d.brand.address, BUDGET);
    await token.approve(d.programsAddress, BUDGET);
    return { terms: terms(d, { token: await token.getAddress() }) };
  });
  const { token: usdcAddress } = await w.lens.termsOf(w.campaignId);
  const usdc = AuthorizationToken__factory.connect(usdcAddress, w.brand);
  await ethers.provider.send("hardhat_setCode", [PERMIT2, permit2Code.code]);
  const funding = await new Funding__factory(w.relayer).deploy(w.programsAddress);
  const fundingAddress = await funding.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  await usdc.mint(w.stranger.address, 10n * AMOUNT);
  await usdc.connect(w.stranger).approve(PERMIT2, MaxUint256);
  return { ...w, usdc, usdcAddress, funding, fundingAddress, chainId };
}
type FundingWorld = Awaited<ReturnType<typeof world>>;
let w: FundingWorld;

beforeEach(async () => {
  w = await loadFixture(world);
  await at(NOW);
});

interface Anyone extends Signer {
  readonly address: string;
}
interface Given {
  campaignId?: string;
  token?: string;
  amount?: bigint;
  funder?: string;
  nonce?: bigint;
  deadline?: bigint;
}

/** The stranger's signature for a funding by Permit2. */
async function permit(given: Given = {}, spender = w.fundingAddress, signer: Anyone = w.stranger) {
  const funding = {
    campaignId: w.campaignId,
    token: w.usdcAddress,
    amount: AMOUNT,
    nonce: 7n,
    deadline: DEADLINE,
    ...given,
  };
  const { types, message } = permit2FundingTypedData(funding, spender);
  return signer.signTypedData(permit2Domain(w.chainId), types, message);
}
/** Carried by the relayer, unless another is named. */
function carryPermit(signature: string, given: Given = {}, carrier: Anyone = w.relayer) {
  const {
    campaignId = w.campaignId,
    funder = w.stranger.address,
    amount = AMOUNT,
    nonce = 7n,
    deadline = DEADLINE,
  } = given;
  return w.funding.connect(carrier).fundWithPermit2(campaignId, funder, amount, nonce, deadline, signature);
}

const tokenDomain = (address = w.usdcAddress, name = "USD Coin", version = "2") => ({
  name,
  version,
  chainId: w.chainId,
  verifyingContract: address,
});
const SALT = id("salt of a funding");
const authorization = (given: { campaignId?: string; amount?: bigint; salt?: string } = {}) => ({
  campaignId: w.campaignId,
  funder: w.stranger.address,
  amount: AMOUNT,
  validAfter: 0n,
  validBefore: DEADLINE,
  salt: SALT,
  ...given,
});
/** The stranger's signature for a funding by ERC-3009. */
async function authorize(given: Parameters<typeof authorization>[0] = {}, domain = tokenDomain()) {
  const { types, message } = authorizationFundingTypedData(authorization(given), w.fundingAddress);
  return Signature.from(await w.stranger.signTypedData(domain, types, message));
}
function carryAuthorization(
  { v, r, s }: Signature,
  given: Parameters<typeof authorization>[0] = {},
  carrier: Anyone = w.relayer,
) {
  const a = authorization(given);
  return w.funding
    .connect(carrier)
    .fundWithAuthorization(a.campaignId, a.funder, a.amount, a.validAfter, a.validBefore, a.salt, v, r, s);
}

const availableOf = async (campaignId = w.campaignId) => (await w.lens.campaign(campaignId)).available;

/** That the contract keeps nothing: no token, no coin, no approval. */
async function expectNothingLeft(tokenAddress = w.usdcAddress) {
  const token = AuthorizationToken__factory.connect(tokenAddress, w.relayer);
  expect(await token.balanceOf(w.fundingAddress), "tokens left").to.equal(0);
  expect(await token.allowance(w.fundingAddress, w.programsAddress), "approval left").to.equal(0);
  expect(await ethers.provider.getBalance(w.fundingAddress), "coins left").to.equal(0);
}

/** A campaign in another token, which the stranger has and approved for Permit2. */
async function campaignIn(token: {
  getAddress(): Promise<string>;
  mint(to: string, amount: bigint): Promise<unknown>;
  connect(runner: Signer): unknown;
}) {
  await token.mint(w.stranger.address, 10n * AMOUNT);
  const ofStranger = token.connect(w.stranger) as { approve(spender: string, amount: bigint): Promise<unknown> };
  await ofStranger.approve(PERMIT2, MaxUint256);
  const address = await token.getAddress();
  return { address, campaignId: await createCampaign(w, { terms: terms(w, { token: address }) }) };
}

/** The error of Permit2 that a call reverted with. */
async function permit2Error(sent: Promise<unknown>): Promise<string | undefined> {
  const error = await sent.then(
    () => undefined,
    (reason: { data?: string }) => reason,
  );
  return permit2.parseError(error?.data ?? "0x")?.name;
}

describe("Funding", () => {
  it("it should know whose campaigns it funds, and be called without coins only", async () => {
    expect(await w.funding.programs()).to.equal(w.programsAddress);
    await expect(w.relayer.sendTransaction({ to: w.fundingAddress, value: 1 })).to.revert(ethers);
    expect(w.funding.interface.fragments.some((item) => "payable" in item && item.payable)).to.equal(false);
  });

  it("it should have no function beside those that fund and those that tell", () => {
    const functions = w.funding.interface.fragments.filter(({ type }) => type === "function");
    expect(functions.map((fragment) => ("name" in fragment ? fragment.name : ""))).to.have.members([
      "authorizationNonce",
      "fundWithAuthorization",
      "fundWithPermit2",
      "programs",
    ]);
  });
});

describe("fundWithPermit2", () => {
  it("when the funder signed, anybody should fund for it, just so much, and nothing should be left behind", async () => {
    const funded = carryPermit(await permit());
    await expect(funded).to.emit(w.funding, "FundedFor").withArgs(w.campaignId, w.stranger.address, AMOUNT);
    await expect(funded).to.emit(w.programs, "Funded").withArgs(w.campaignId, w.fundingAddress, AMOUNT);
    await expect(funded).to.changeTokenBalances(
      ethers,
      w.usdc,
      [w.stranger, w.programs, w.funding, w.relayer],
      [-AMOUNT, AMOUNT, 0, 0],
    );
    expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    await expectNothingLeft();
  });

  it("it should say who funds before it lets the programs take anything", async () => {
    const receipt = await (await carryPermit(await permit())).wait();
    const names = receipt?.logs.map(
      (log) => (w.funding.interface.parseLog(log) ?? w.usdc.interface.parseLog(log))?.name,
    );
    expect(names?.indexOf("FundedFor")).to.equal((names?.indexOf("Approval") ?? 0) - 1);
  });

  it("given tokens that somebody sent here by a plain transfer, it should leave them alone", async () => {
    await w.usdc.connect(w.stranger).transfer(w.fundingAddress, 5);
    await carryPermit(await permit());
    expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    expect(await w.usdc.balanceOf(w.fundingAddress)).to.equal(5);
  });

  describe("when a stranger carries the signature first", () => {
    it("it should fund what the funder wanted, once", async () => {
      const signature = await permit();
      await carryPermit(signature, {}, w.alice);
      expect(await permit2Error(carryPermit(signature, {}, w.stranger))).to.equal("InvalidNonce");
      expect(await availableOf()).to.equal(BUDGET + AMOUNT);
      expect(await w.usdc.balanceOf(w.stranger)).to.equal(9n * AMOUNT);
    });

    it("given it goes to Permit2 itself, it should take nothing", async () => {
      const witness = { campaignId: w.campaignId, amount: AMOUNT };
      const signature = await permit();
      const direct = w.alice.sendTransaction({
        to: PERMIT2,
        data: permit2.encodeFunctionData("permitWitnessTransferFrom", [
          [[w.usdcAddress, AMOUNT], 7n, DEADLINE],
          [w.alice.address, AMOUNT],
          w.stranger.address,
          TypedDataEncoder.hashStruct("Funding", { Funding: permit2FundingTypes.Funding }, witness),
          "Funding witness)Funding(bytes32 campaignId,uint256 amount)TokenPermissions(address token,uint256 amount)",
          signature,
        ]),
      });
      expect(await permit2Error(direct)).to.equal("InvalidSigner");
      await carryPermit(signature);
      expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    });
  });

  describe("when something is not as it was signed", () => {
    const others: Record<string, (other: string) => Given> = {
      "the campaign is another of the same token": (other) => ({ campaignId: other }),
      "the amount is larger": () => ({ amount: AMOUNT + 1n }),
      "the amount is smaller": () => ({ amount: AMOUNT - 1n }),
      "the nonce is another": () => ({ nonce: 8n }),
      "the deadline is another": () => ({ deadline: DEADLINE + 1n }),
      "the funder is another": () => ({ funder: w.alice.address }),
    };
    for (const [what, given] of Object.entries(others)) {
      it(`as ${what}, it should revert with InvalidSigner`, async () => {
        const other = await createCampaign(w, { salt: id("other"), terms: terms(w, { token: w.usdcAddress }) });
        expect(await permit2Error(carryPermit(await permit(), given(other)))).to.equal("InvalidSigner");
        expect(await availableOf(other)).to.equal(0);
        expect(await w.usdc.balanceOf(w.stranger)).to.equal(10n * AMOUNT);
      });
    }

    it("as the token is not the campaign's, it should revert with InvalidSigner", async () => {
      expect(await permit2Error(carryPermit(await permit({ token: w.tokenAddress })))).to.equal("InvalidSigner");
    });

    it("as it was for another contract, it should revert with InvalidSigner", async () => {
      expect(await permit2Error(carryPermit(await permit({}, w.alice.address)))).to.equal("InvalidSigner");
    });
  });

  it("when its time is over, it should revert with SignatureExpired", async () => {
    const signature = await permit();
    await at(Number(DEADLINE) + 1);
    expect(await permit2Error(carryPermit(signature))).to.equal("SignatureExpired");
  });

  describe("given a contract as the funder", () => {
    it("it should fund by its ERC-1271 signature, and by no other", async () => {
      const wallet = await new Wallet1271__factory(w.brand).deploy(w.stranger.address);
      const funder = await wallet.getAddress();
      await w.usdc.mint(funder, AMOUNT);
      const approve = w.usdc.interface.encodeFunctionData("approve", [PERMIT2, MaxUint256]);
      await wallet.connect(w.stranger).execute(w.usdcAddress, approve);
      const others = await permit({}, w.fundingAddress, w.alice);
      expect(await permit2Error(carryPermit(others, { funder }))).to.equal("InvalidContractSignature");
      await expect(carryPermit(await permit(), { funder }))
        .to.emit(w.funding, "FundedFor")
        .withArgs(w.campaignId, funder, AMOUNT);
      expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    });
  });

  describe("given the campaign takes no money", () => {
    it("as there is none, it should revert with UnknownCampaign", async () => {
      await expect(carryPermit(await permit(), { campaignId: ZeroHash }))
        .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
        .withArgs(ZeroHash);
    });

    it("as it is in the native coin, it should revert with InvalidToken", async () => {
      const native = await createCampaign(w, { salt: id("native"), terms: terms(w, { token: NATIVE }) });
      await expect(carryPermit(await permit(), { campaignId: native }))
        .to.be.revertedWithCustomError(w.programs, "InvalidToken")
        .withArgs(NATIVE);
    });

    it("as it has closed, it should revert with CampaignClosed, and the signature stay unused", async () => {
      await w.asBrand.closeCampaign(w.campaignId);
      await at(NOW + NOTICE);
      const deadline = BigInt(NOW + 2 * NOTICE);
      const signature = await permit({ deadline });
      await expect(carryPermit(signature, { deadline }))
        .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
        .withArgs(w.campaignId, NOW + NOTICE);
      expect(await w.usdc.balanceOf(w.stranger)).to.equal(10n * AMOUNT);
    });

    it("as the amount is zero, it should revert with ZeroAmount", async () => {
      await expect(carryPermit(await permit({ amount: 0n }), { amount: 0n }))
        .to.be.revertedWithCustomError(w.programs, "ZeroAmount")
        .withArgs();
    });

    it("as it would be more than 128 bits, it should revert with BudgetTooLarge", async () => {
      await w.usdc.mint(w.stranger.address, NO_LIMIT);
      await expect(carryPermit(await permit({ amount: NO_LIMIT }), { amount: NO_LIMIT }))
        .to.be.revertedWithCustomError(w.programs, "BudgetTooLarge")
        .withArgs(NO_LIMIT, NO_LIMIT - BUDGET);
    });
  });

  describe("given a token that is not as others", () => {
    it("as it takes a fee, it should revert with WrongAmountArrived", async () => {
      const { address, campaignId } = await campaignIn(await new FeeToken__factory(w.brand).deploy());
      await expect(carryPermit(await permit({ campaignId, token: address }), { campaignId }))
        .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
        .withArgs(address, AMOUNT, 990);
      expect(await availableOf(campaignId)).to.equal(0);
    });

    it("as it says true and moves nothing, it should revert with WrongAmountArrived", async () => {
      const token = await new LyingToken__factory(w.brand).deploy();
      const { address, campaignId } = await campaignIn(token);
      await token.setStill(true);
      await expect(carryPermit(await permit({ campaignId, token: address }), { campaignId }))
        .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
        .withArgs(address, AMOUNT, 0);
    });

    it("as it says false, it should revert, and credit nothing", async () => {
      const token = await new FalseToken__factory(w.brand).deploy();
      const { address, campaignId } = await campaignIn(token);
      await token.setFailing(true);
      await expect(carryPermit(await permit({ campaignId, token: address }), { campaignId })).to.be.revertedWith(
        "TRANSFER_FROM_FAILED",
      );
      expect(await availableOf(campaignId)).to.equal(0);
    });

    it("as its transfers return nothing, it should fund", async () => {
      const { address, campaignId } = await campaignIn(await new SilentToken__factory(w.brand).deploy());
      await carryPermit(await permit({ campaignId, token: address }), { campaignId });
      expect(await availableOf(campaignId)).to.equal(AMOUNT);
      await expectNothingLeft(address);
    });

    it("as it does not count approvals down, it should leave none all the same", async () => {
      const { address, campaignId } = await campaignIn(await new StickyToken__factory(w.brand).deploy());
      await carryPermit(await permit({ campaignId, token: address }), { campaignId });
      expect(await availableOf(campaignId)).to.equal(AMOUNT);
      await expectNothingLeft(address);
      const one = { campaignId, amount: 1n, nonce: 8n };
      await carryPermit(await permit({ ...one, token: address }), one);
      await expectNothingLeft(address);
    });

    it("as it calls back, it should revert", async () => {
      const token = await new ReentrantToken__factory(w.brand).deploy();
      const { address, campaignId } = await campaignIn(token);
      const within = await permit({ campaignId, token: address, nonce: 8n });
      const data = w.funding.interface.encodeFunctionData("fundWithPermit2", [
        campaignId,
        w.stranger.address,
        AMOUNT,
        8n,
        DEADLINE,
        within,
      ]);
      await token.callDuringTransfer(w.fundingAddress, data);
      // Permit2 says in its own words that the token's transfer reverted.
      await expect(carryPermit(await permit({ campaignId, token: address }), { campaignId })).to.be.revertedWith(
        "TRANSFER_FROM_FAILED",
      );
      expect(await availableOf(campaignId)).to.equal(0);
    });
  });
});

describe("fundWithAuthorization", () => {
  it("when the funder signed, anybody should fund for it, just so much, and nothing should be left behind", async () => {
    const funded = carryAuthorization(await authorize());
    await expect(funded).to.emit(w.funding, "FundedFor").withArgs(w.campaignId, w.stranger.address, AMOUNT);
    await expect(funded).to.emit(w.programs, "Funded").withArgs(w.campaignId, w.fundingAddress, AMOUNT);
    await expect(funded).to.changeTokenBalances(
      ethers,
      w.usdc,
      [w.stranger, w.programs, w.funding, w.relayer],
      [-AMOUNT, AMOUNT, 0, 0],
    );
    expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    await expectNothingLeft();
  });

  it("given tokens that somebody sent here by a plain transfer, it should leave them alone", async () => {
    await w.usdc.connect(w.stranger).transfer(w.fundingAddress, 5);
    await carryAuthorization(await authorize());
    expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    expect(await w.usdc.balanceOf(w.fundingAddress)).to.equal(5);
  });

  it("given no approval was ever made, it should fund", async () => {
    await w.usdc.connect(w.stranger).approve(PERMIT2, 0);
    await carryAuthorization(await authorize());
    expect(await availableOf()).to.equal(BUDGET + AMOUNT);
  });

  it("given a token whose nonces count up under keys, it should fund again and again", async () => {
    const token = await new KeyedAuthorizationToken__factory(w.brand).deploy();
    const { address, campaignId } = await campaignIn(token);
    const domain = tokenDomain(address, "Keyed Dollar", "1");
    for (const salt of [id("first"), id("second")])
      await carryAuthorization(await authorize({ campaignId, salt }, domain), { campaignId, salt });
    expect(await availableOf(campaignId)).to.equal(2n * AMOUNT);
    await expectNothingLeft(address);
  });

  describe("when a stranger carries the signature first", () => {
    it("it should fund what the funder wanted, once", async () => {
      const signature = await authorize();
      await carryAuthorization(signature, {}, w.alice);
      await expect(carryAuthorization(signature, {}, w.stranger))
        .to.be.revertedWithCustomError(w.usdc, "ERC3009UsedAuthorization")
        .withArgs(w.stranger.address, authorizationNonce(w.campaignId, SALT));
      expect(await availableOf()).to.equal(BUDGET + AMOUNT);
    });

    for (const name of ["receiveWithAuthorization", "transferWithAuthorization"] as const) {
      it(`given it goes to the token's ${name}, it should move nothing`, async () => {
        const signature = await authorize();
        const { v, r, s } = signature;
        const a = authorization();
        const nonce = authorizationNonce(a.campaignId, a.salt);
        const args = [a.funder, w.fundingAddress, a.amount, a.validAfter, a.validBefore, nonce, v, r, s] as const;
        const direct = w.usdc.connect(w.alice)[name](...args);
        await (name === "receiveWithAuthorization"
          ? expect(direct).to.be.revertedWithCustomError(w.usdc, "ERC20InvalidReceiver").withArgs(w.fundingAddress)
          : expect(direct).to.be.revertedWithCustomError(w.usdc, "ERC3009InvalidSignature").withArgs());
        await carryAuthorization(signature);
        expect(await availableOf()).to.equal(BUDGET + AMOUNT);
      });
    }
  });

  describe("when something is not as it was signed", () => {
    const others: Record<string, (other: string) => Parameters<typeof authorization>[0]> = {
      "the campaign is another of the same token": (other) => ({ campaignId: other }),
      "the amount is larger": () => ({ amount: AMOUNT + 1n }),
      "the amount is smaller": () => ({ amount: AMOUNT - 1n }),
      "the salt is another": () => ({ salt: id("another") }),
    };
    for (const [what, given] of Object.entries(others)) {
      it(`as ${what}, it should revert with the token's error`, async () => {
        const other = await createCampaign(w, { salt: id("other"), terms: terms(w, { token: w.usdcAddress }) });
        await expect(carryAuthorization(await authorize(), given(other)))
          .to.be.revertedWithCustomError(w.usdc, "ERC3009InvalidSignature")
          .withArgs();
        expect(await availableOf(other)).to.equal(0);
        expect(await w.usdc.balanceOf(w.stranger)).to.equal(10n * AMOUNT);
      });
    }

    it("as its nonce was made by chance, not of the campaign, it should revert with the token's error", async () => {
      const { message } = authorizationFundingTypedData(authorization(), w.fundingAddress);
      const signed = await w.stranger.signTypedData(tokenDomain(), authorizationTypes, { ...message, nonce: SALT });
      await expect(carryAuthorization(Signature.from(signed)))
        .to.be.revertedWithCustomError(w.usdc, "ERC3009InvalidSignature")
        .withArgs();
    });
  });

  it("when its time is over, it should revert with the token's error", async () => {
    const signature = await authorize();
    await at(Number(DEADLINE));
    await expect(carryAuthorization(signature))
      .to.be.revertedWithCustomError(w.usdc, "ERC3009InvalidAuthorizationTime")
      .withArgs(0, DEADLINE);
  });

  describe("given the campaign takes no money", () => {
    it("as there is none, it should revert with UnknownCampaign", async () => {
      await expect(carryAuthorization(await authorize(), { campaignId: ZeroHash }))
        .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
        .withArgs(ZeroHash);
    });

    it("as it is in the native coin, it should revert with InvalidToken", async () => {
      const native = await createCampaign(w, { salt: id("native"), terms: terms(w, { token: NATIVE }) });
      await expect(carryAuthorization(await authorize(), { campaignId: native }))
        .to.be.revertedWithCustomError(w.programs, "InvalidToken")
        .withArgs(NATIVE);
    });

    it("as it is full, it should revert with BudgetTooLarge, and the authorization stay unused", async () => {
      await w.usdc.mint(w.stranger.address, NO_LIMIT);
      const given = { amount: NO_LIMIT };
      await expect(carryAuthorization(await authorize(given), given))
        .to.be.revertedWithCustomError(w.programs, "BudgetTooLarge")
        .withArgs(NO_LIMIT, NO_LIMIT - BUDGET);
      const nonce = authorizationNonce(w.campaignId, SALT);
      expect(await w.usdc.authorizationState(w.stranger, nonce)).to.equal(false);
    });
  });

  describe("given a token that is not as others", () => {
    it("as it takes a fee, it should revert with WrongAmountArrived", async () => {
      await w.usdc.setFee(100);
      await expect(carryAuthorization(await authorize()))
        .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
        .withArgs(w.usdcAddress, AMOUNT, 990);
      expect(await w.usdc.balanceOf(w.stranger)).to.equal(10n * AMOUNT);
    });

    it("as it knows no authorizations, it should revert", async () => {
      const { address, campaignId } = await campaignIn(await new FeeToken__factory(w.brand).deploy());
      const signature = await authorize({ campaignId }, tokenDomain(address));
      await expect(carryAuthorization(signature, { campaignId })).to.be.revertedWithoutReason(ethers);
    });

    for (const name of ["fundWithAuthorization", "fundWithPermit2"] as const) {
      it(`as it calls ${name}, it should revert with ReentrancyGuardReentrantCall`, async () => {
        const { v, r, s } = await authorize({ salt: id("within") });
        const a = authorization({ salt: id("within") });
        const data =
          name === "fundWithPermit2"
            ? w.funding.interface.encodeFunctionData(name, [
                w.campaignId,
                w.stranger.address,
                AMOUNT,
                7n,
                DEADLINE,
                await permit(),
              ])
            : w.funding.interface.encodeFunctionData(name, [
                a.campaignId,
                a.funder,
                a.amount,
                a.validAfter,
                a.validBefore,
                a.salt,
                v,
                r,
                s,
              ]);
        await w.usdc.callDuringTransfer(w.fundingAddress, data);
        await expect(carryAuthorization(await authorize())).to.be.revertedWithCustomError(
          w.funding,
          "ReentrancyGuardReentrantCall",
        );
        expect(await availableOf()).to.equal(BUDGET);
      });
    }
  });
});

describe("authorizationNonce", () => {
  it("it should be the same here and in the protocol's helper, and end in 64 bits of zero", async () => {
    for (const salt of [ZeroHash, SALT, id("another")]) {
      const nonce = await w.funding.authorizationNonce(w.campaignId, salt);
      expect(nonce).to.equal(authorizationNonce(w.campaignId, salt));
      expect(BigInt(nonce) & (2n ** 64n - 1n)).to.equal(0n);
    }
  });

  it("it should differ by campaign and by salt", () => {
    const nonces = [w.campaignId, id("other")].flatMap((campaign) =>
      [SALT, ZeroHash].map((salt) => authorizationNonce(campaign, salt)),
    );
    expect(new Set(nonces).size).to.equal(4);
  });
});
