import { isRevert } from "@partner-programs/protocol/reverts";
import { expect } from "chai";
import { JsonRpcProvider, makeError } from "ethers";
import pg from "pg";
import { freePorts } from "#harness/ports.ts";
import { describeError, FinalError, isRetryable, RetryableError } from "#service/errors.ts";

class Later extends RetryableError {
  override readonly name = "Later";
}
class Never extends FinalError {
  override readonly name = "Never";
}

describe("an error", () => {
  it("says by its type whether to retry, and when, whatever its text says", () => {
    expect(isRetryable(new Later("this is final"))).to.equal(true);
    expect(new Later("later", { retryAfterSeconds: 7 }).retryAfterSeconds).to.equal(7);
    expect(new Later("later").retryAfterSeconds).to.equal(undefined);
    expect(isRetryable(new Never("try again later"))).to.equal(false);
    expect(new Later("later", { cause: "the disk" }).cause).to.equal("the disk");
  });

  it("of a database or a node that is away is one to retry", async () => {
    const [port] = await freePorts(1);
    const client = new pg.Client({ connectionString: `postgres://nobody@127.0.0.1:${port}/none` });
    expect(isRetryable(await client.connect().catch((error: unknown) => error))).to.equal(true);
    const provider = new JsonRpcProvider(`http://127.0.0.1:${port}`, 1, { staticNetwork: true });
    expect(isRetryable(await provider.send("eth_blockNumber", []).catch((error: unknown) => error))).to.equal(true);
    provider.destroy();
  });

  for (const code of [
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "08006",
    "53300",
    "57P01",
    "40001",
    "TIMEOUT",
    "SERVER_ERROR",
  ])
    it(`of a driver is one to retry by its code: ${code}`, () => {
      expect(isRetryable(Object.assign(new Error("any text"), { code }))).to.equal(true);
    });

  for (const code of ["23505", "42P01", "57014", "ECONNREFUSED later", 53300, undefined])
    it(`that nobody foresaw is not one to retry: code ${code}`, () => {
      expect(isRetryable(Object.assign(new Error("ECONNREFUSED"), { code }))).to.equal(false);
    });

  const called = (error: object | undefined, data: string | null = null) =>
    makeError("missing revert data", "CALL_EXCEPTION", { data, info: { error } } as never);
  const CALLS: [what: string, error: Error, reverted: boolean][] = [
    ["a revert with data", called({ code: 3, message: "execution reverted" }, "0x08c379a0"), true],
    ["a revert without a reason", called({ code: 3, message: "execution reverted" }, "0x"), true],
    ["a revert without data, by its code", called({ code: 3, message: "nothing said" }), true],
    ["a revert without data, by the code of another node", called({ code: -32_015, message: "nothing said" }), true],
    ["a revert without data, in words", called({ code: -32_000, message: "execution reverted" }), true],
    ["a call that stopped at an invalid opcode", called({ code: -32_000, message: "invalid opcode: INVALID" }), true],
    ["a call that used up its gas", called({ code: -32_000, message: "out of gas" }), true],
    ["a node that is over its limit", called({ code: -32_005, message: "rate limit exceeded" }), false],
    ["a node that is starting", called({ code: -32_603, message: "the node is starting" }), false],
    ["a node that takes too long", called({ code: -32_000, message: "execution aborted (timeout = 5s)" }), false],
    ["a node that does not have the block", called({ code: -32_000, message: "header not found" }), false],
    ["a node that says nothing", called(undefined), false],
    ["a node of whose answer there is no data", makeError("missing", "CALL_EXCEPTION", {} as never), false],
  ];
  for (const [what, error, reverted] of CALLS)
    it(`of a call is ${reverted ? "of what was called" : "its node's, and one to retry"}: ${what}`, () => {
      expect([isRevert(error), isRetryable(error)]).to.deep.equal([reverted, !reverted]);
    });

  it("can be anything that was thrown", () => {
    for (const thrown of [undefined, null, "ECONNREFUSED", 8, {}]) expect(isRetryable(thrown)).to.equal(false);
    expect(describeError("gone")).to.deep.equal({ error: "gone" });
    expect(describeError(undefined)).to.deep.equal({ error: "undefined" });
  });

  it("is described by its name, its text and where it was thrown", () => {
    const described = describeError(new Never("no\nat all"));
    expect(described.error).to.equal("Never: no\nat all");
    expect(described.stack).to.match(/^\s+at .*errors\.test\.ts/);
    expect(described.stack).to.not.contain("at all");
  });

  it("is described without what ethers appends: a request's URL may hold a key", () => {
    const error = makeError("could not coalesce error", "UNKNOWN_ERROR", {
      payload: { url: "https://rpc.example/the-key" },
    } as never);
    expect(error.message, "what is to be kept out").to.contain("the-key");
    const described = describeError(error);
    expect(described.error).to.equal("Error: could not coalesce error");
    expect(JSON.stringify(described)).to.not.contain("the-key");
  });
});
