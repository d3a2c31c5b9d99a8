import { PERMIT2 } from "@partner-programs/protocol/funding";
import { NATIVE } from "@partner-programs/protocol/native";
import { expect } from "chai";
import { id, type JsonRpcSigner, Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import type { Claim } from "#portal/app/api/schema.d.ts";
import { fundingSteps } from "#portal/app/campaign/funding.ts";
import { provider } from "#portal/app/chain/contracts.ts";
import { config, setConfig } from "#portal/app/config.ts";
import { begin, type Execution, execute, isFinished, type Progress } from "#portal/app/transactions/execute.ts";
import { underWayOf } from "#portal/app/transactions/kept.ts";
import type { Plan, Step } from "#portal/app/transactions/plan.ts";
import { proposalsOf } from "#portal/app/transactions/proposals.ts";
import { rehearse } from "#portal/app/transactions/rehearse.ts";
import type { Eip1193 } from "#portal/app/wallet/discovery.ts";
import { AuthorizationToken__factory } from "#typechain/factories/mocks/AuthorizationToken__factory.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { AuthorizationToken } from "#typechain/mocks/AuthorizationToken.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";

const FUNDING = `0x${"f".repeat(40)}`;
const DUSD = { symbol: "DUSD", decimals: 6 };

/** A wallet without a browser. `declines`: methods that its user refuses. */
function walletOf(key: Wallet) {
  const asked: string[] = [];
  const declines = new Set<string>();
  const wallet = {
    asked,
    declines,
    chainId: 31337,
    async request({ method, params = [] }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
      asked.push(method);
      if (declines.has(method)) throw Object.assign(new Error("User rejected the request."), { code: 4001 });
      switch (method) {
        case "eth_chainId":
          return `0x${wallet.chainId.toString(16)}`;
        case "wallet_switchEthereumChain":
        case "wallet_addEthereumChain":
          return null;
        case "eth_signTypedData_v4": {
          const { domain, types, message } = JSON.parse(params[1] as string);
          delete types.EIP712Domain;
          return key.signTypedData(domain, types, message);
        }
        case "eth_sendTransaction": {
          const { to, data, value, gas } = params[0] as Record<string, string>;
          return (await key.sendTransaction({ to, data, value, gasLimit: gas })).hash;
        }
        default:
          throw Object.assign(new Error(`It does not do ${method}.`), { code: 4200 });
      }
    },
  };
  return wallet satisfies Eip1193;
}

describe("a plan, carried out", function () {
  this.timeout(240_000);
  let anvil: Anvil;
  let rich: JsonRpcSigner;
  let key: Wallet;
  let dollar: DemoToken;
  let token: string;

  before(async () => {
    anvil = await startAnvil();
    rich = await anvil.provider.getSigner(0);
    dollar = await new DemoToken__factory(rich).deploy("Demo Dollar", "DUSD", 6);
    token = await dollar.getAddress();
    setConfig({
      apiUrl: "http://relayer.example",
      rpcUrl: anvil.url,
      chainId: 31337,
      network: "localhost",
      programs: rich.address,
      lens: rich.address,
      funding: null,
      fromBlock: 0,
      explorerUrl: null,
      attesters: [],
      attesterUrls: [],
      safeOrigins: [],
      operator: null,
      passkeyFactory: null,
      local: true,
    });
  });

  beforeEach(async () => {
    key = new Wallet(Wallet.createRandom().privateKey, anvil.provider);
    await (await rich.sendTransaction({ to: key.address, value: 10n ** 18n })).wait();
  });

  after(() => {
    provider().destroy();
    anvil.stop();
  });

  const mint = (amount: bigint): Step => ({
    kind: "call",
    what: `Mint ${amount}`,
    to: { token },
    method: "mint",
    args: [key.address, amount],
  });
  const approve = (amount: bigint): Step => ({
    kind: "call",
    what: `Allow ${amount}`,
    to: { token },
    method: "approve",
    args: [rich.address, amount],
  });
  const planOf = (...steps: Step[]): Plan => ({ title: "A plan", summary: [], steps, token: DUSD });

  async function run(from: Execution, wallet: Eip1193, moves: string[] = []): Promise<Execution> {
    return execute(from, { wallet, account: key.address, token: DUSD }, ({ progress }) =>
      moves.push(progress.map(({ state }) => state).join(" ")),
    );
  }

  it("goes step by step, each one on the chain before the next is asked for", async () => {
    const wallet = walletOf(key);
    const moves: string[] = [];
    const end = await run(begin(planOf(mint(5n), approve(3n))), wallet, moves);
    expect(moves).to.deep.equal([
      "wallet waiting",
      "sent waiting",
      "confirmed waiting",
      "confirmed wallet",
      "confirmed sent",
      "confirmed confirmed",
    ]);
    expect(isFinished(end)).to.equal(true);
    expect(await dollar.balanceOf(key.address)).to.equal(5n);
    expect(await dollar.allowance(key.address, rich.address)).to.equal(3n);
  });

  it("asks for what follows from a step once that step is on the chain", async () => {
    const wallet = walletOf(key);
    const all = {
      ...(approve(0n) as Extract<Step, { kind: "call" }>),
      settle: async () => [rich.address, await dollar.balanceOf(key.address)],
    };
    const before = await dollar.balanceOf(key.address);
    expect(isFinished(await run(begin(planOf(mint(5n), all)), wallet))).to.equal(true);
    expect(await dollar.allowance(key.address, rich.address)).to.equal(before + 5n);
  });

  it("leaves behind what may still be mined, and nothing of what was declined, refused or done", () => {
    const plan = planOf(mint(5n), approve(3n));
    const begun = { title: plan.title, account: key.address, at: 1 };
    const at = (...progress: Progress[]) => underWayOf(begun, { steps: plan.steps, progress });
    const [waiting, hash] = [{ state: "waiting" } as const, id("sent")];
    const failure = { title: "", remedy: "" };
    expect(at(waiting, waiting)).to.equal(undefined);
    expect(at({ state: "wallet" }, waiting)).to.deep.equal({ ...begun, what: "Mint 5", rest: ["Allow 3"] });
    expect(at({ state: "sent", hash }, waiting)).to.include({ what: "Mint 5", hash });
    expect(at({ state: "confirmed", hash }, { state: "sent", hash })).to.deep.include({ what: "Allow 3", rest: [] });
    expect(at({ state: "failed", failure, hash }, waiting), "waited for too long").to.include({ hash });
    expect(at({ state: "failed", failure }, waiting), "declined").to.equal(undefined);
    expect(at({ state: "failed", failure, hash, refused: true }, waiting), "refused").to.equal(undefined);
    expect(at({ state: "confirmed", hash }, { state: "confirmed", hash })).to.equal(undefined);
  });

  it("stops where the user declines, and goes on from there without doing anything twice", async () => {
    const wallet = walletOf(key);
    const minted = await run(begin(planOf(mint(5n), approve(3n))), {
      request: (call) => {
        if (call.method === "eth_sendTransaction" && wallet.asked.includes("eth_sendTransaction"))
          wallet.declines.add("eth_sendTransaction");
        return wallet.request(call);
      },
    });
    expect(minted.progress.map(({ state }) => state)).to.deep.equal(["confirmed", "failed"]);
    expect(minted.progress[1]).to.have.nested.property("failure.title", "You declined in the wallet.");
    wallet.declines.clear();
    expect(isFinished(await run(minted, wallet))).to.equal(true);
    expect(await dollar.balanceOf(key.address)).to.equal(5n);
  });

  it("puts what was signed into the next step: a permit instead of an approval", async () => {
    const steps = await fundingSteps({ campaignId: id("c"), token, amount: 7n, owner: key.address });
    const moves: string[] = [];
    const end = await run(begin(planOf(...steps)), walletOf(key), moves);
    expect(moves.slice(0, 3)).to.deep.equal(["wallet waiting", "signed waiting", "signed wallet"]);
    expect(isFinished(end)).to.equal(true);
    const next = end.steps[1] as Extract<Step, { kind: "call" }>;
    expect(next.method).to.equal("fundWithPermit");
    // The token itself takes the signature.
    const [, amount, deadline, v, r, s] = next.args as [string, bigint, bigint, number, string, string];
    await (await dollar.permit(key.address, rich.address, amount, deadline, v, r, s)).wait();
    expect(await dollar.allowance(key.address, rich.address)).to.equal(7n);
  });

  describe("that funds a campaign", () => {
    let usdc: AuthorizationToken;

    before(async () => {
      usdc = await new AuthorizationToken__factory(rich).deploy();
      setConfig({ ...config(), funding: FUNDING });
    });
    after(() => setConfig({ ...config(), funding: null }));

    const ways = async (owner: string, of: string) =>
      (await fundingSteps({ campaignId: id("c"), token: of, amount: 7n, owner })).map((step) =>
        step.kind === "call" ? step.method : step.kind,
      );
    const signs = (method: string) => ["sign", method];
    const APPROVES = ["approve", "fund"];

    it("asks for one signature where token and wallet can, and for an approval where they can not", async () => {
      expect(await ways(key.address, NATIVE)).to.deep.equal(["fund"]);
      expect(await ways(key.address, token)).to.deep.equal(signs("fundWithPermit"));
      const authorizing = await usdc.getAddress();
      expect(await ways(key.address, authorizing)).to.deep.equal(signs("fundWithAuthorization"));

      // Permit2 is allowed, but not on this chain yet.
      await (await rich.sendTransaction({ to: key.address, value: 10n ** 18n })).wait();
      await (await usdc.connect(key).approve(PERMIT2, 7n)).wait();
      expect(await ways(key.address, authorizing)).to.deep.equal(signs("fundWithAuthorization"));
      await anvil.provider.send("anvil_setCode", [PERMIT2, "0x00"]);
      expect(await ways(key.address, authorizing)).to.deep.equal(signs("fundWithPermit2"));

      // What the campaigns' contract may take already is not asked for again.
      await (await usdc.connect(key).approve(config().programs, 7n)).wait();
      expect(await ways(key.address, authorizing)).to.deep.equal(["fund"]);
    });

    it("asks an account that is a contract for an approval: tokens read signatures of keys", async () => {
      for (const one of [token, await usdc.getAddress()]) expect(await ways(token, one)).to.deep.equal(APPROVES);
      // Also where it allowed Permit2 before: its owners would all sign twice.
      const account = Wallet.createRandom().address;
      await anvil.rpc("anvil_setBalance", account, "0xde0b6b3a7640000");
      await anvil.rpc("anvil_impersonateAccount", account);
      await (await usdc.connect(await anvil.provider.getSigner(account)).approve(PERMIT2, 7n)).wait();
      await anvil.rpc("anvil_setCode", account, "0x00");
      expect(await ways(account, await usdc.getAddress())).to.deep.equal(APPROVES);
    });

    it("asks for an approval where no contract funds by a signature", async () => {
      setConfig({ ...config(), funding: null });
      expect(await ways(key.address, await usdc.getAddress())).to.deep.equal(APPROVES);
      expect(await ways(key.address, token)).to.deep.equal(signs("fundWithPermit"));
    });
  });

  describe("by an account that is a contract", () => {
    /** Carries nothing out, and says as a Safe does that it did: its data are the event's topics. */
    const SAFE_CODE = "0x60203560003560006000a200";
    const [EXECUTED, FAILED] = ["ExecutionSuccess", "ExecutionFailure"].map((name) => id(`${name}(bytes32,uint256)`));

    async function safe() {
      const { address } = Wallet.createRandom();
      await anvil.rpc("anvil_setCode", address, SAFE_CODE);
      return address;
    }
    const runBy = (account: string, from: Execution, wallet: Eip1193, moves: string[] = []) =>
      execute(from, { wallet, account, token: DUSD }, ({ progress }) =>
        moves.push(progress.map(({ state }) => state).join(" ")),
      );

    for (const [topic, end] of [
      [EXECUTED, "confirmed"],
      [FAILED, "failed"],
    ] as const)
      it(`follows a proposal that its owners sign later to what it came to: ${end}`, async () => {
        const account = await safe();
        const [proposal, asked]: [string, Record<string, string>[]] = [id(`proposal ${end}`), []];
        const moves: string[] = [];
        let carried: string | undefined;
        const wallet: Eip1193 = {
          async request({ method, params = [] }) {
            if (method === "eth_chainId") return "0x7a69";
            if (method !== "eth_sendTransaction") throw Object.assign(new Error(method), { code: 4200 });
            asked.push(params[0] as Record<string, string>);
            return proposal;
          },
        };
        const { progress } = await execute(
          begin(planOf(mint(5n))),
          { wallet, account, token: DUSD },
          async ({ progress: [one] }) => {
            moves.push(one?.state ?? "");
            if (one?.state !== "proposed") return;
            // Another's proposal first: it is not taken for this one.
            await (await rich.sendTransaction({ to: account, data: EXECUTED + id("another").slice(2) })).wait();
            const sent = await rich.sendTransaction({ to: account, data: topic + proposal.slice(2) });
            carried = sent.hash;
          },
        );
        expect(moves).to.deep.equal(["wallet", "proposed", end]);
        expect(progress[0]).to.include({ state: end, hash: carried });
        // What its way through the owners costs is its wallet's to say.
        expect(asked).to.have.length(1);
        expect(asked[0]).to.include({ from: account }).and.not.to.have.property("gas");
      });

    it("is asked for all calls at once where its wallet can, and follows them to their transaction", async () => {
      const account = await safe();
      const batches: { calls: unknown[]; atomicRequired: boolean; from: string }[] = [];
      let hash = "";
      const batching = (status: string): Eip1193 => ({
        async request({ method, params = [] }) {
          if (method === "eth_chainId") return "0x7a69";
          if (method === "wallet_getCapabilities") return { "0x7a69": { atomic: { status } } };
          if (method === "wallet_sendCalls") {
            batches.push(params[0] as (typeof batches)[number]);
            return { id: "0xba7c4" };
          }
          if (method === "wallet_getCallsStatus") {
            if (hash === "") {
              hash = (await (await rich.sendTransaction({ to: account, data: EXECUTED })).wait())?.hash ?? "";
              return { status: 100 };
            }
            return { status: 200, receipts: [{ transactionHash: hash }] };
          }
          throw Object.assign(new Error(method), { code: 4200 });
        },
      });
      const moves: string[] = [];
      const plan = planOf(mint(5n), approve(3n));
      const end = await runBy(account, begin(plan), batching("ready"), moves);
      expect(moves.at(1)).to.equal("proposed waiting");
      expect(end.progress).to.deep.equal([
        { state: "confirmed", hash },
        { state: "confirmed", hash },
      ]);
      expect(batches).to.have.length(1);
      expect(batches[0]).to.include({ from: account, atomicRequired: true });
      expect(batches[0]?.calls).to.have.length(2);
      // A key's account is not made a contract's for it.
      const alone = await execute(
        begin(plan),
        { wallet: batching("ready"), account: key.address, token: DUSD },
        () => {},
      );
      expect([alone.progress[0]?.state, batches.length]).to.deep.equal(["failed", 1]);
    });

    it("is not asked again for what was proposed before: it is followed, and left whenever somebody leaves", async () => {
      const account = await safe();
      const plan: Plan = { ...planOf(mint(5n), approve(3n)), made: { page: "/brand/0x01", endsForm: true } };
      const name = id("a batch");
      const asked: string[] = [];
      const wallet: Eip1193 = {
        async request({ method }) {
          asked.push(method);
          if (method === "eth_chainId") return "0x7a69";
          // As it was called before the standard was final.
          if (method === "wallet_getCapabilities") return { "0x7a69": { atomicBatch: { supported: true } } };
          if (method === "wallet_sendCalls") return name;
          throw Object.assign(new Error("The wallet is away."), { code: 4900 });
        },
      };
      const leaving = new AbortController();
      const left = await execute(
        begin(plan, proposalsOf(account)),
        { wallet, account, token: DUSD, signal: leaving.signal },
        ({ progress: [one] }) => one?.state === "proposed" && leaving.abort(),
      );
      expect(left.progress.map(({ state }) => state)).to.deep.equal(["proposed", "waiting"]);
      const [kept, ...others] = proposalsOf(account);
      expect(kept).to.include({ id: name, calls: 2, title: "A plan" });
      expect([kept?.made, others]).to.deep.equal([plan.made, []]);
      expect(asked.filter((method) => method === "wallet_sendCalls")).to.have.length(1);

      // Another plan is not it.
      expect(begin(planOf(mint(6n), approve(3n)), proposalsOf(account)).progress[0]).to.deep.equal({
        state: "waiting",
      });
      asked.length = 0;
      const sent = await rich.sendTransaction({ to: account, data: EXECUTED + name.slice(2) });
      const end = await execute(begin(plan, proposalsOf(account)), { wallet, account, token: DUSD }, () => {});
      expect(end.progress).to.deep.equal(Array(2).fill({ state: "confirmed", hash: sent.hash }));
      expect(asked).to.not.contain("wallet_sendCalls");
      expect(proposalsOf(account)).to.deep.equal([]);
    });

    it("can propose anew what its wallet gave up", async () => {
      const account = await safe();
      let named = 0;
      const wallet: Eip1193 = {
        async request({ method }) {
          if (method === "eth_chainId") return "0x7a69";
          if (method === "wallet_getCapabilities") return { "0x7a69": { atomic: { status: "supported" } } };
          if (method === "wallet_sendCalls") return { id: id(`batch ${named++}`) };
          return { status: 400 };
        },
      };
      const first = await runBy(account, begin(planOf(mint(5n), approve(3n))), wallet);
      expect(first.progress[0]).to.have.nested.property(
        "failure.title",
        "The wallet gave the calls up: none of them was sent.",
      );
      expect(proposalsOf(account)).to.deep.equal([]);
      await runBy(account, first, wallet);
      expect(named).to.equal(2);
    });

    it("is warned of no gas", async () => {
      expect(await rehearse(planOf(mint(5n)), await safe())).to.equal(undefined);
    });
  });

  it("waits for a transaction that was sent before, instead of sending another", async () => {
    const wallet = walletOf(key);
    const { hash } = await dollar.connect(rich).mint(key.address, 5n);
    const failure = { title: "The network's node takes too long.", remedy: "" };
    const before: Execution = { title: "A plan", steps: [mint(5n)], progress: [{ state: "failed", hash, failure }] };
    expect(isFinished(await run(before, wallet))).to.equal(true);
    expect(wallet.asked).to.not.contain("eth_sendTransaction");
    expect(await dollar.balanceOf(key.address)).to.equal(5n);
  });

  it("takes a receipt for what it is, whatever the node says its newest block is", async () => {
    const behind = provider();
    behind.getBlockNumber = async () => 0;
    try {
      expect(isFinished(await run(begin(planOf(mint(5n))), walletOf(key)))).to.equal(true);
    } finally {
      // What the class has is what it has again.
      delete (behind as { getBlockNumber?: unknown }).getBlockNumber;
    }
  });

  it("sends again what the contract refused in a block", async () => {
    const wallet = walletOf(key);
    const refused = await rich.sendTransaction({ to: token, data: "0xdeadbeef", gasLimit: 100_000 });
    const once = await run(begin(planOf(mint(5n))), {
      request: (call) => (call.method === "eth_sendTransaction" ? Promise.resolve(refused.hash) : wallet.request(call)),
    });
    expect(once.progress[0]).to.include({ state: "failed", refused: true, hash: refused.hash });
    expect(isFinished(await run(once, wallet))).to.equal(true);
    expect(await dollar.balanceOf(key.address)).to.equal(5n);
  });

  it("asks nothing of a wallet that stays on another network", async () => {
    const wallet = walletOf(key);
    wallet.chainId = 1;
    const end = await run(begin(planOf(mint(5n))), wallet);
    expect(end.progress[0]).to.have.nested.property(
      "failure.title",
      "The wallet is on network 1; this campaign is on localhost (31337).",
    );
    expect(wallet.asked).to.not.contain("eth_sendTransaction");
  });

  it("follows what somebody else sends, and says why it was given up", async () => {
    const { hash } = await (await dollar.connect(rich).mint(key.address, 1n))
      .wait()
      .then((receipt) => ({ hash: receipt?.hash ?? "" }));
    const answers: Partial<Claim>[] = [
      { state: "accepted", transaction: null },
      { state: "sent", transaction: hash },
      { state: "paid", transaction: hash },
    ];
    const carry = (asked: Partial<Claim>[]): Step => ({
      kind: "carry",
      what: "The relayer sends it",
      hand: async () => ({ id: "1" }) as Claim,
      ask: async () => asked.shift() as Claim,
    });
    const moves: string[] = [];
    const paid = await run(begin(planOf(carry(answers))), walletOf(key), moves);
    expect(moves).to.deep.equal(["handed", "sent", "sent", "confirmed"]);
    expect(isFinished(paid)).to.equal(true);
    const failed = await run(
      begin(planOf(carry([{ state: "failed", transaction: null, problem: "The order is not valid any more." }]))),
      walletOf(key),
    );
    expect(failed.progress[0]).to.have.nested.property("failure.title", "The order is not valid any more.");
  });

  it("is rehearsed first: what would fail, and what the account is short of", async () => {
    expect(await rehearse(planOf(mint(5n)), key.address)).to.equal(undefined);
    const poor = Wallet.createRandom().address;
    const short = await rehearse(planOf(mint(5n)), poor).catch((error: unknown) => error);
    expect(short)
      .to.have.property("title")
      .that.matches(/^Your account has 0(\.00)? ETH, and this takes about /);
    const impossible: Step = { kind: "call", what: "Fail", to: { token }, method: "permit", args: [] };
    const refused = await rehearse(planOf(impossible), key.address).catch((error: unknown) => error);
    expect(refused).to.be.an("error");
  });
});
