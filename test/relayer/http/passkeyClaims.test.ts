import {
  addressCall,
  bringAccount,
  type Making,
  makeCall,
  makingOf,
  readAddress,
} from "@partner-programs/protocol/passkeyAccount";
import {
  type ClaimOrder,
  claimOrderTypedData,
  digestOf,
  type PayoutOrder,
  payoutOrderTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { AbiCoder, concat, hashMessage, id, type JsonRpcSigner, Wallet, ZeroAddress } from "ethers";
import type { Anvil } from "#harness/anvil.ts";
import { OPENING, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { deploySmartWallets, SMART_WALLET_FACTORY } from "#harness/smartWallets.ts";
import type { Sender } from "#relayer/chain/sender.ts";
import { readGasless } from "#relayer/config.ts";
import { leastWithMaking, MAX_MAKING_GAS } from "#relayer/domain/gasless.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { type Carrying, openCarrying } from "../../support/carrying.ts";
import { type SoftPasskey, softPasskey } from "../../support/passkey.ts";

/** Burns half a million gas, and goes on with what comes behind it. */
const BURN = "0x62004e205b6001900380600457";
const DAY = 86_400;

describe("what the relayer carries for passkey accounts", function () {
  this.timeout(240_000);
  const elsewhere = new Wallet(id("an exchange")).address;
  let carrying: Carrying;
  let anvil: Anvil;
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let programs: PartnerPrograms;
  let dollar: DemoToken;
  let token: string;
  let desk: RelayerWithCampaign;
  let sender: Sender;
  let ada: SoftPasskey;
  /** Ada's account, and one without a credit. */
  let owner: string;
  let poor: { passkey: SoftPasskey; owner: string };

  const accountOf = async (making: Making, factory = SMART_WALLET_FACTORY) =>
    readAddress(await anvil.provider.call({ to: factory, data: addressCall(making) }));

  before(async function () {
    this.timeout(OPENING);
    carrying = await openCarrying({ GASLESS_CLAIMS: "any", ACCOUNT_FACTORY: SMART_WALLET_FACTORY });
    ({ anvil, chain, brand, programs, dollar, token, desk, sender } = carrying);
    await deploySmartWallets(anvil.provider, brand, "anvil_setCode");
    ada = softPasskey();
    owner = await accountOf(makingOf(ada.key));
    const passkey = softPasskey();
    poor = { passkey, owner: await accountOf(makingOf(passkey.key)) };
    await carrying.give(token, 6, [owner]);
  });
  beforeEach(() => carrying.again());
  after(() => carrying?.close());
  const carry = () => carrying.carry();
  const stateOf = (claim: string) => carrying.stateOf(claim);

  const now = () => Math.floor(Date.now() / 1000);
  const order = (overrides: Partial<ClaimOrder> = {}): ClaimOrder => ({
    ...{ owner, receiver: elsewhere, tokens: [token], nonce: 0n, deadline: BigInt(now() + 3_600) },
    ...overrides,
  });
  const payoutOrder = (overrides: Partial<PayoutOrder> = {}): PayoutOrder => ({
    ...{ owner, receiver: elsewhere, lockSeconds: 30 * DAY, nonce: 0n, deadline: BigInt(now() + 3_600) },
    ...overrides,
  });
  const digestFor = (one: ClaimOrder | PayoutOrder) =>
    digestOf(chain.domain, "tokens" in one ? claimOrderTypedData(one) : payoutOrderTypedData(one));

  interface How {
    readonly by?: SoftPasskey;
    readonly factory?: string;
    readonly call?: string;
    readonly at?: RelayerWithCampaign;
    /** As the account signs once it is there. */
    readonly bare?: boolean;
  }
  async function post(one: ClaimOrder | PayoutOrder, { by = ada, factory = SMART_WALLET_FACTORY, ...how }: How = {}) {
    const inner = by.signFor(31_337, one.owner, digestFor(one));
    const call = how.call ?? makeCall(makingOf(by.key));
    const signature = how.bare === true ? inner : bringAccount({ factory, call, signature: inner });
    const json = { ...one, nonce: String(one.nonce), deadline: Number(one.deadline), signature };
    return (how.at ?? desk).call("POST", "tokens" in one ? "/v1/claims" : "/v1/payout-orders", { json });
  }
  const purposes = async () =>
    (await desk.database.query<{ purpose: string }>("SELECT purpose FROM transactions ORDER BY nonce")).map(
      ({ purpose }) => purpose.split(":")[0],
    );
  const make = (data = makeCall(makingOf(ada.key)), to = SMART_WALLET_FACTORY) =>
    brand.sendTransaction({ to, data }).then((sent) => sent.wait());

  it("makes the account with its first claim and pays it, and neither the account nor its owner ever has a coin", async () => {
    const taken = await post(order());
    expect(taken.status, JSON.stringify(taken.body)).to.equal(202);
    expect(taken.body).to.include({ owner, receiver: elsewhere, state: "accepted", lockSeconds: null });
    expect(await anvil.provider.getCode(owner)).to.equal("0x");
    await carry();
    expect((await stateOf(taken.body.id)).state).to.equal("accepted");
    await sender.follow();
    await carry();
    await sender.follow();
    expect((await stateOf(taken.body.id)).state).to.equal("paid");
    expect(await purposes()).to.deep.equal(["account", "claim"]);
    expect(await dollar.balanceOf(elsewhere)).to.equal(20_000_000n);
    expect(await anvil.provider.getCode(owner)).to.not.equal("0x");
    expect(await anvil.provider.getBalance(owner)).to.equal(0n);
  });

  it("makes it once, however often the order comes and whoever is faster", async () => {
    const one = order();
    const [first, second] = await Promise.all([post(one), post(one)]);
    expect([first.status, second.status, second.body.id]).to.deep.equal([202, 202, first.body.id]);
    await anvil.rpc("evm_setAutomine", false);
    await Promise.all([carry(), carry()]);
    await carry();
    expect(await purposes()).to.deep.equal(["account"]);
    // Somebody else makes it in the same block: the factory finds it, and the order is carried all the same.
    await brand.sendTransaction({ to: SMART_WALLET_FACTORY, data: makeCall(makingOf(ada.key)) });
    await anvil.rpc("anvil_mine", 1);
    await anvil.rpc("evm_setAutomine", true);
    await sender.follow();
    await carry();
    await sender.follow();
    expect((await stateOf(first.body.id)).state).to.equal("paid");
    expect(await purposes()).to.deep.equal(["account", "claim"]);
  });

  it("makes nothing where the account is there by then, or before", async () => {
    const { body } = await post(order());
    await make();
    await carry();
    await sender.follow();
    expect((await stateOf(body.id)).state).to.equal("paid");
    expect(await purposes()).to.deep.equal(["claim"]);
    // From then on it signs as itself, and may bring along what made it.
    for (const bare of [true, false]) {
      const late = await post(order({ nonce: 1n }), { bare });
      expect(late.body.detail).to.equal("The owner has no credit in these tokens.");
    }
  });

  it("takes none that is not its factory's, of that owner, and signed", async () => {
    const other = softPasskey();
    const call = makeCall(makingOf(ada.key));
    const manyOwners = makeCall({ owners: Array(5).fill(makingOf(ada.key).owners[0]), nonce: 0n });
    const refused: [Parameters<typeof post>, number, string][] = [
      [[order(), { factory: token }], 400, `gas is paid for those of ${SMART_WALLET_FACTORY} alone`],
      [[order(), { factory: ZeroAddress }], 400, "gas is paid for those of"],
      [[order(), { call: "0x" }], 400, "no call of createAccount"],
      [[order(), { call: "0xdeadbeef" }], 400, "no call of createAccount"],
      [[order(), { call: addressCall(makingOf(ada.key)) }], 400, "no call of createAccount"],
      [[order(), { call: concat([call, "0x00"]) }], 400, "no call of createAccount"],
      [[order(), { call: manyOwners }], 400, "with 1 to 4 owners"],
      [[order(), { call: makeCall({ owners: [], nonce: 0n }) }], 400, "with 1 to 4 owners"],
      [[order(), { call: makeCall({ owners: ["0x1234"], nonce: 0n }) }], 400, "and not"],
      [[order(), { call: makeCall({ ...makingOf(ada.key), nonce: 1n }) }], 400, `and not ${owner}`],
      [[order(), { by: other }], 400, `and not ${owner}`],
      [[order(), { by: other, call }], 400, "does not take its signature"],
      [[order(), { bare: true }], 400, "The owner did not sign this order"],
      [[order({ nonce: 1n })], 409, "carried already"],
      [[order({ deadline: BigInt(now() - 3_600) })], 400, "too late"],
      [[order({ owner: poor.owner }), { by: poor.passkey }], 409, "no credit"],
    ];
    for (const [given, status, words] of refused) {
      const reply = await post(...given);
      expect(reply.body.detail).to.contain(words);
      expect(reply.status, words).to.equal(status);
    }
    // Signed, and changed on the way.
    const one = order();
    const signature = ada.signFor(31_337, owner, digestFor(one));
    const changed = { ...one, receiver: carrying.relayer.address, nonce: "0", deadline: Number(one.deadline) };
    const brought = bringAccount({ factory: SMART_WALLET_FACTORY, call, signature });
    const reply = await desk.call("POST", "/v1/claims", { json: { ...changed, signature: brought } });
    expect(reply.body.detail).to.contain("does not take its signature");
    // An ending alone, and rubbish before it.
    for (const rubbish of ["0x", `0x${"ff".repeat(96)}`]) {
      const ended = concat([rubbish, `0x${"6492".repeat(16)}`]);
      const answer = await desk.call("POST", "/v1/claims", { json: { ...changed, signature: ended } });
      expect(answer.status).to.equal(400);
    }
    expect(await carrying.stored()).to.equal(0);
    await carrying.withDesk({ GASLESS_CLAIMS: "any" }, async (at) => {
      expect((await post(order(), { at })).body.detail).to.contain("This relayer makes no accounts.");
    });
  });

  it("does not pay where its factory burns gas, refuses or is gone, then or later", async () => {
    const { body } = await post(order());
    const ours = AbiCoder.defaultAbiCoder().encode(["address"], [owner]).slice(2);
    for (const [code, words] of [
      // Answers with Ada's account to whatever it is asked, behind a loop.
      [`${BURN}7f${ours}60005260206000f3`, `at most ${MAX_MAKING_GAS} are paid for it`],
      ["0x60006000fd", "What is brought makes nothing"],
      ["0x", "What is brought makes nothing"],
    ] as const) {
      await anvil.rpc("anvil_setCode", SMART_WALLET_FACTORY, code);
      const late = await post(order({ deadline: order().deadline + 1n }));
      expect(late.body.detail).to.contain(words);
      expect(late.status).to.equal(400);
    }
    await anvil.rpc("anvil_setCode", SMART_WALLET_FACTORY, `${BURN}00`);
    await carry();
    const claim = await stateOf(body.id);
    expect(claim.state).to.equal("failed");
    expect(claim.problem).to.match(/^The call would cost \d+ gas; at most 400000 are paid for it\.$/);
    expect(await purposes()).to.deep.equal([]);
  });

  it("asks for a credit that is worth the account as well, where orders have a least credit", async () => {
    // 250,000 gas for a claim and 400,000 for the account: 2.6 times as much.
    expect([leastWithMaking(7_692_307n, 1), leastWithMaking(7_692_308n, 1)]).to.deep.equal([19_999_999n, 20_000_001n]);
    await carrying.withDesk(
      { GASLESS_CLAIMS: readGasless(`${token}:7.70`), ACCOUNT_FACTORY: SMART_WALLET_FACTORY },
      async (at) => {
        const little = await post(order(), { at });
        expect(little.status).to.equal(409);
        expect(little.body.detail).to.contain("and 2.6 times as much for the first order");
        expect((await post(payoutOrder(), { at })).body.detail).to.contain("and 3.67 times as much");
        await make();
        expect((await post(order(), { at, bare: true })).status).to.equal(202);
        const none = await post(payoutOrder({ owner: poor.owner }), { by: poor.passkey, bare: true, at });
        expect(none.body.detail).to.contain(`a credit of 7.70 of ${token}. Wait until it is more`);
      },
    );
  });

  it("carries where the account is paid, locked, so that a lost passkey loses nothing that anybody pushes", async () => {
    const one = payoutOrder();
    const taken = await post(one);
    expect(taken.status, JSON.stringify(taken.body)).to.equal(202);
    expect(taken.headers.get("location")).to.equal(`/v1/claims/${digestFor(one)}`);
    expect(taken.body).to.include({ receiver: elsewhere, lockSeconds: 30 * DAY });
    for (let round = 0; round < 2; round++) {
      await carry();
      await sender.follow();
    }
    expect((await stateOf(taken.body.id)).state).to.equal("paid");
    expect([...(await chain.lens.receiverOf(owner))]).to.deep.equal([elsewhere, BigInt(30 * DAY)]);
    await (await programs.payOut(owner, [token])).wait();
    expect(await dollar.balanceOf(elsewhere)).to.equal(20_000_000n);
    const tooLong = await post(payoutOrder({ lockSeconds: 366 * DAY, nonce: 1n }));
    expect(tooLong.status).to.equal(400);
  });

  it("carries where a key's owner is paid just the same, and refuses what that owner did not sign", async () => {
    const kai = new Wallet(id("Kai"));
    const one = payoutOrder({ owner: kai.address, lockSeconds: 0 });
    const { types, message } = payoutOrderTypedData(one);
    const json = { ...one, nonce: "0", deadline: Number(one.deadline) };
    const signature = await kai.signTypedData(chain.domain, types, message);
    const changed = await desk.call("POST", "/v1/payout-orders", { json: { ...json, lockSeconds: 1, signature } });
    expect(changed.body.detail).to.contain("The owner did not sign this order");
    const taken = await desk.call("POST", "/v1/payout-orders", { json: { ...json, signature } });
    expect(taken.status, JSON.stringify(taken.body)).to.equal(202);
    await carry();
    await sender.follow();
    expect((await chain.lens.receiverOf(kai.address))[0]).to.equal(elsewhere);
  });

  it("lets the account sign in before it is there, and pushes nothing to it until it says so", async () => {
    const session = await desk.signIn({
      address: owner,
      signMessage: async (text) =>
        bringAccount({
          factory: SMART_WALLET_FACTORY,
          call: makeCall(makingOf(ada.key)),
          signature: ada.signFor(31_337, owner, hashMessage(text)),
        }),
    });
    const read = async () => (await desk.call("GET", "/v1/me/payouts", { token: session })).body.wanted;
    expect(await read()).to.equal(false);
    await desk.call("PUT", "/v1/me/payouts", { token: session, json: { wanted: true, minimums: [] } });
    expect(await read()).to.equal(true);
    expect((await desk.call("GET", "/v1/status")).body.passkeyFactory).to.equal(SMART_WALLET_FACTORY);
  });
});
