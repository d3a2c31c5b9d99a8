import { expect } from "chai";
import { pino } from "pino";
import { createFailures } from "#relayer/failures.ts";
import { RetryableError } from "#service/errors.ts";

class Away extends RetryableError {
  override readonly name = "Away";
}

function open() {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const counts = new Map<string, number>();
  const failures = createFailures(log, (job) => counts.set(job, (counts.get(job) ?? 0) + 1));
  return { failures, logged, counts };
}
const nameOf = (item: string) => ({ campaign: item });

describe("a job's items", () => {
  it("fail apart: the one that fails is logged with its name and stack and counted, and the others go on", async () => {
    const { failures, logged, counts } = open();
    const done: string[] = [];
    await failures.eachItem("number", ["a", "b", "c"], nameOf, async (item) => {
      if (item === "a") throw new TypeError("a's own fault");
      done.push(item);
    });
    expect(done).to.deep.equal(["b", "c"]);
    expect([...counts]).to.deep.equal([["number", 1]]);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include({ level: 50, job: "number", campaign: "a", error: "TypeError: a's own fault" });
    expect(logged[0]?.stack).to.match(/failures\.test\.ts/);
  });

  it("fail apart also if one throws before there is a promise", async () => {
    const { failures, logged } = open();
    const done: string[] = [];
    await failures.eachItem("sign", ["a", "b"], nameOf, (item) => {
      if (item === "a") throw new Error("at once");
      done.push(item);
      return Promise.resolve();
    });
    expect(done).to.deep.equal(["b"]);
    expect(logged[0]).to.include({ job: "sign", campaign: "a" });
  });

  it("that wait for somebody are logged as such, without a stack, and counted too", async () => {
    const { failures, logged, counts } = open();
    await failures.eachItem("submit", ["a"], nameOf, () => Promise.reject(new Away("the node is away")));
    expect(logged[0]).to.include({ level: 40, job: "submit", campaign: "a", error: "Away: the node is away" });
    expect(logged[0]).to.not.have.property("stack");
    expect(counts.get("submit")).to.equal(1);
  });

  it("that fail in every round are logged when that changes, with how often, and counted each time", async () => {
    const { failures, logged, counts } = open();
    const round = (error?: Error) =>
      failures.eachItem("sign", ["a", "b"], nameOf, async (item) => {
        if (item === "a" && error !== undefined) throw error;
      });
    for (let i = 0; i < 100; i++) await round(new Away("no answer"));
    expect(logged.map(({ campaign, times }) => [campaign, times])).to.deep.equal([
      ["a", undefined],
      ["a", 10],
      ["a", 100],
    ]);
    await round(new Away("another"));
    await round();
    await round();
    await round(new Away("another"));
    expect(logged.slice(3).map(({ msg, times, error }) => [msg, times, error])).to.deep.equal([
      ["failed for now; it is tried again", undefined, "Away: another"],
      ["works again", 1, "Away: another"],
      ["failed for now; it is tried again", undefined, "Away: another"],
    ]);
    expect(counts.get("sign")).to.equal(102);
  });

  it("are counted by job, whole jobs among them", async () => {
    const { failures, logged, counts } = open();
    for (const _ of [1, 2]) failures.note("index", new Error("once more"));
    await failures.eachItem("release", ["a", "b"], nameOf, () => Promise.reject(new Error("each")));
    expect(Object.fromEntries(counts)).to.deep.equal({ index: 2, release: 2 });
    expect(logged[0]).to.include({ job: "index", error: "Error: once more" });
  });

  it("are worked on so many at once, and one after the other unless more are allowed", async () => {
    const { failures } = open();
    for (const [allowed, expected] of [
      [undefined, 1],
      [3, 3],
    ] as const) {
      let now = 0;
      let most = 0;
      const work = async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
      };
      await failures.eachItem("reverse", ["a", "b", "c", "d", "e"], nameOf, work, allowed);
      expect(most).to.equal(expected);
    }
  });

  it("that are none do nothing", async () => {
    const { failures, logged, counts } = open();
    await failures.eachItem("number", [], nameOf, () => Promise.reject(new Error("nobody")));
    expect([counts.size, logged.length]).to.deep.equal([0, 0]);
  });
});
