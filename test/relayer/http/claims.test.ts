import { NATIVE } from "@partner-programs/protocol/native";
import { type ClaimOrder, claimOrderTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import type { Anvil } from "#harness/anvil.ts";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import type { Sender } from "#relayer/chain/sender.ts";
import { readGasless } from "#relayer/config.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";
import { type Carrying, openCarrying } from "../../support/carrying.ts";

/** Takes coins, and half a million gas with them. */
const GREEDY = "0x62004e205b600190038060045700";

describe("claims that the relayer carries", function () {
  this.timeout(240_000);
  const ada = new Wallet(id("Ada"));
  const kai = new Wallet(id("Kai"));
  const elsewhere = new Wallet(id("Ada's cold wallet")).address;
  let carrying: Carrying;
  let anvil: Anvil;
  let chain: ProgramsChain;
  let programs: PartnerPrograms;
  let dollar: DemoToken;
  let token: string;
  let vault: string;
  let desk: RelayerWithCampaign;
  let sender: Sender;

  before(async function () {
    this.timeout(OPENING);
    carrying = await openCarrying({ GASLESS_CLAIMS: "any", GASLESS_CLAIMS_PER_OWNER: 2, GASLESS_CLAIMS_A_DAY: 3 });
    ({ anvil, chain, programs, dollar, token, desk, sender } = carrying);
    const wallet = await new Wallet1271__factory(carrying.brand).deploy(kai.address);
    vault = await wallet.getAddress();
    // Ada and Kai's contract wallet have 20.00 each; Ada has a coin besides.
    await carrying.give(token, 6, [ada.address, vault]);
    await carrying.give(NATIVE, 18, [ada.address]);
  });
  beforeEach(() => carrying.again());
  after(() => carrying?.close());
  const carry = () => carrying.carry();
  const stateOf = (claim: string) => carrying.stateOf(claim);
  const stored = () => carrying.stored();

  const order = (overrides: Partial<ClaimOrder> = {}): ClaimOrder => ({
    owner: ada.address,
    receiver: elsewhere,
    tokens: [token],
    nonce: 0n,
    deadline: BigInt(Math.floor(Date.now() / 1000) + 3_600),
    ...overrides,
  });

  async function signed(one: ClaimOrder, by = ada) {
    const { types, message } = claimOrderTypedData(one);
    return {
      ...one,
      nonce: String(one.nonce),
      deadline: Number(one.deadline),
      signature: await by.signTypedData(chain.domain, types, message),
    };
  }

  const post = async (one: ClaimOrder, by = ada, at = desk) =>
    at.call("POST", "/v1/claims", { json: await signed(one, by) });

  it("pays a partner that has no coin for gas, to the receiver that it signed", async () => {
    const one = order({ tokens: [token, NATIVE] });
    const taken = await post(one);
    expect(taken.status, JSON.stringify(taken.body)).to.equal(202);
    expect(taken.headers.get("location")).to.equal(`/v1/claims/${digestOf(chain.domain, claimOrderTypedData(one))}`);
    expect(taken.body).to.include({ owner: ada.address, receiver: elsewhere, state: "accepted", transaction: null });
    await carry();
    const sent = await stateOf(taken.body.id);
    expect(sent.state).to.equal("sent");
    await sender.follow();
    expect(await stateOf(taken.body.id)).to.include({ state: "paid", transaction: sent.transaction, problem: null });
    expect(await dollar.balanceOf(elsewhere)).to.equal(20_000_000n);
    expect(await anvil.provider.getBalance(elsewhere)).to.equal(20n * 10n ** 18n);
    expect(await anvil.provider.getBalance(ada.address)).to.equal(0n);
  });

  it("carries an order once, however often, however late and from however many sides it is sent", async () => {
    const one = order();
    const [first, second] = await Promise.all([post(one), post(one)]);
    expect([first.status, second.status]).to.deep.equal([202, 202]);
    expect(second.body.id).to.equal(first.body.id);
    await Promise.all([carry(), carry()]);
    await carry();
    expect((await post(one)).body.state).to.equal("sent");
    await sender.follow();
    await carry();
    expect((await post(one)).body).to.include({ id: first.body.id, state: "paid" });
    expect(await stored()).to.equal(1);
    expect(await desk.database.query("SELECT 1 FROM transactions")).to.have.length(1);
    // The relayer forgot it, and the contract did not.
    await desk.database.query("DELETE FROM claims");
    const late = await post(one);
    expect(late.status).to.equal(409);
    expect(late.body.detail).to.contain("sign with nonces(owner)");
  });

  it("writes nothing down that the contract would not pay", async () => {
    const now = BigInt(Math.floor(Date.now() / 1000));
    const refused: [ClaimOrder, Wallet, number, string][] = [
      [order(), kai, 400, "The owner did not sign this order"],
      [order({ nonce: 1n }), ada, 409, "carried already"],
      [order({ deadline: now - 3_600n }), ada, 400, "too late"],
      [order({ deadline: now + 90_000n }), ada, 400, "Sign an order that ends sooner"],
      [order({ owner: kai.address }), kai, 409, "no credit"],
      [order({ receiver: `0x${"0".repeat(40)}` }), ada, 409, "ZeroAddress"],
      [order({ tokens: [token, token] }), ada, 400, "names a token twice"],
      [order({ tokens: Array(9).fill(token) }), ada, 400, "tokens"],
    ];
    for (const [one, by, status, words] of refused) {
      const reply = await post(one, by);
      expect(reply.status, words).to.equal(status);
      expect(reply.body.detail).to.contain(words);
    }
    // One that was signed, and changed on the way.
    const changed = { ...(await signed(order())), receiver: kai.address };
    expect((await desk.call("POST", "/v1/claims", { json: changed })).body.detail).to.contain("did not sign");
    expect(await stored()).to.equal(0);
    expect((await desk.call("GET", `/v1/claims/${id("none")}`)).status).to.equal(404);
  });

  it("takes the signature of an owner that is a contract (ERC-1271)", async () => {
    expect((await post(order({ owner: vault }), ada)).status).to.equal(400);
    const { body } = await post(order({ owner: vault }), kai);
    await carry();
    await sender.follow();
    expect((await stateOf(body.id)).state).to.equal("paid");
    expect(await dollar.balanceOf(elsewhere)).to.equal(20_000_000n);
  });

  it("gives an order up that somebody else carried first, and takes the owner's next", async () => {
    const one = order();
    const { body } = await post(one);
    const another = await post(order({ receiver: kai.address }));
    expect(another.status).to.equal(409);
    expect(another.body.detail).to.contain("is under way");
    const { signature } = await signed(one);
    await (await programs.claimFor({ ...one, tokens: [...one.tokens] }, signature)).wait();
    await carry();
    const late = await stateOf(body.id);
    expect(late.state).to.equal("failed");
    expect(late.problem).to.contain("WrongNonce");
    expect((await post(one)).body.state).to.equal("failed");
    expect((await post(order({ nonce: 1n, tokens: [NATIVE] }))).status).to.equal(202);
  });

  it("says so where the transaction was mined and the contract refused it, and what a reorganisation makes of it", async () => {
    await anvil.rpc("evm_setAutomine", false);
    const one = order();
    const { body } = await post(one);
    const { signature } = await signed(one);
    // It is on its way when another's, for a higher fee, comes before it.
    await carry();
    await programs.claimFor({ ...one, tokens: [...one.tokens] }, signature, {
      gasLimit: 200_000n,
      maxPriorityFeePerGas: 10n ** 11n,
      maxFeePerGas: 10n ** 12n,
    });
    await anvil.rpc("anvil_mine", 1);
    await anvil.rpc("evm_setAutomine", true);
    await sender.follow();
    expect(await stateOf(body.id)).to.include({ state: "failed" });
    expect((await stateOf(body.id)).problem).to.contain("the order had been carried before");
    await anvil.rpc("anvil_reorg", 1, []);
    await sender.follow();
    expect((await stateOf(body.id)).state).to.equal("sent");
    await sender.follow();
    await anvil.rpc("anvil_mine", 1);
    await sender.follow();
    expect(await stateOf(body.id)).to.include({ state: "paid", problem: null });
    expect(await dollar.balanceOf(elsewhere)).to.equal(20_000_000n);
  });

  it("takes another order with the same nonce where the transaction came too late for the credit", async () => {
    await anvil.rpc("evm_setAutomine", false);
    const { body } = await post(order());
    await carry();
    const fees = { gasLimit: 200_000n, maxPriorityFeePerGas: 10n ** 11n, maxFeePerGas: 10n ** 12n };
    await programs.payOut(ada.address, [token], fees);
    await anvil.rpc("anvil_mine", 1);
    await anvil.rpc("evm_setAutomine", true);
    expect((await post(order({ tokens: [NATIVE] }))).status).to.equal(409);
    await sender.follow();
    await carry();
    const late = await stateOf(body.id);
    expect(late.state).to.equal("failed");
    expect(late.problem).to.contain("or the credit was gone");
    expect((await post(order({ tokens: [NATIVE] }))).status).to.equal(202);
  });

  it("pays for so many claims of one owner in a day, and for so many of all", async () => {
    // Orders that differ in their deadline alone, each after the one before was given up.
    const next = async (later: bigint, owner = ada.address, by = ada) => {
      await desk.database.query("UPDATE claims SET problem = 'given up'");
      return post(order({ owner, deadline: order().deadline + later }), by);
    };
    expect((await next(1n)).status).to.equal(202);
    expect((await next(2n)).status).to.equal(202);
    const third = await next(3n);
    expect(third.status).to.equal(429);
    expect(third.body.detail).to.contain("2 claims of one owner");
    expect((await next(3n, vault, kai)).status).to.equal(202);
    await desk.database.query("UPDATE claims SET owner = 'others'");
    const fourth = await next(4n);
    expect(fourth.status).to.equal(429);
    expect(fourth.body.detail).to.contain("3 claims in 24 hours");
    await desk.database.query("UPDATE claims SET created_at = now() - interval '25 hours'");
    expect((await next(5n)).status).to.equal(202);
  });

  it("lets nobody burn more gas than a claim is worth", async () => {
    const receiver = new Wallet(id("greedy")).address;
    const one = order({ receiver, tokens: [NATIVE] });
    await anvil.rpc("anvil_setCode", receiver, GREEDY);
    expect((await post(one)).status).to.equal(409);
    // One that was modest when the order was rehearsed.
    await anvil.rpc("anvil_setCode", receiver, "0x");
    const { body, status } = await post(one);
    expect(status).to.equal(202);
    await anvil.rpc("anvil_setCode", receiver, GREEDY);
    await carry();
    const claim = await stateOf(body.id);
    expect(claim.state).to.equal("failed");
    expect(claim.problem).to.match(/^The call would cost \d+ gas; at most 250000 are paid for it\.$/);
  });

  it("carries the tokens alone that its operator named, from the least amount on", async () => {
    await carrying.withDesk({ GASLESS_CLAIMS: readGasless(`${token}:20.000001`) }, async (other) => {
      expect((await other.call("GET", "/v1/status")).body.gaslessClaims).to.deep.equal({
        tokens: [{ token, minimum: "20.000001" }],
      });
      const little = await post(order(), ada, other);
      expect(little.status).to.equal(409);
      expect(little.body.detail).to.contain(`a credit of 20.000001 of ${token}`);
      const unnamed = await post(order({ tokens: [NATIVE] }), ada, other);
      expect(unnamed.status).to.equal(400);
      expect(unnamed.body.detail).to.contain(`No gas is paid for claims of ${NATIVE}`);
    });
    await carrying.withDesk({ GASLESS_CLAIMS: readGasless(`${token}:20, ${NATIVE}:1000`) }, async (other) => {
      // Beside a token that is worth it another may be little.
      expect((await post(order({ tokens: [token, NATIVE] }), ada, other)).status).to.equal(202);
    });
    expect(() => readGasless("0x12:3")).to.throw("must be off, any, or a token's address");
  });

  it("carries nothing where nobody said that it should", async () => {
    await carrying.withDesk({}, async (other) => {
      expect((await other.call("GET", "/v1/status")).body.gaslessClaims).to.equal(null);
      const reply = await post(order(), ada, other);
      expect(reply.status).to.equal(403);
      expect(reply.body.detail).to.contain("Call `claim` of the contract");
    });
  });

  it("refuses an order that the contract refuses without a reason, as a call does that runs out of gas", async () => {
    // A desk without a chain behind it: whatever it rehearses reverts, and says nothing.
    const other = await openRelayerWithCampaign({ GASLESS_CLAIMS: "any" });
    const reply = await post(order(), ada, other);
    expect(reply.status).to.equal(409);
    expect(reply.body.detail).to.contain("without a reason");
    await other.close();
  });

  it("does not lose an order to a chain that does not answer", async () => {
    anvil.provider.destroy();
    const silent = Object.create(chain, {
      programs: { value: chain.programs },
      provider: {
        value: {
          call: async () => Promise.reject(Object.assign(new Error("https://rpc/secret"), { code: "NETWORK_ERROR" })),
        },
      },
    }) as ProgramsChain;
    const other = await openRelayerWithCampaign({ GASLESS_CLAIMS: "any" }, silent);
    const reply = await post(order(), ada, other);
    expect(reply.status).to.equal(503);
    expect(reply.body.detail).to.contain("send the order again");
    expect(JSON.stringify(other.logged)).to.contain("NETWORK_ERROR").and.not.contain("secret");
    await other.close();
  });
});
