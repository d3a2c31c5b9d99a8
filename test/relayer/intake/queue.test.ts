import { expect } from "chai";
import { createGroupQueue } from "#relayer/intake/queue.ts";

/** Everything that waits in the event loop has had its turn. */
const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe("the group queue", () => {
  function open(options: { maxWaiting?: number } = {}) {
    const groups: string[][] = [];
    let go = () => {};
    const enqueue = createGroupQueue<string, string>({
      max: 3,
      keysOf: (item) => [item.slice(0, 1)],
      async work(lane, items) {
        groups.push([...items]);
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        if (items.includes("x1")) throw new Error("x1 is to blame");
        return items.map((item) => (item === "e1" ? new Error("e1 is wrong") : `${lane} ${item}`));
      },
      whenFull: (waiting) => new RangeError(`${waiting} wait`),
      ...options,
    });
    const step = async () => {
      go();
      await settle();
    };
    return { enqueue, groups, step };
  }
  const outcome = (promise: Promise<string>) => promise.catch((error: Error) => error);

  it("works on what waits together, at most so many, and never on two with the same key", async () => {
    const { enqueue, groups, step } = open();
    const results = Promise.all(["a1", "b1", "c1", "d1", "d2"].map((item) => enqueue("lane", item)));
    await settle();
    for (let i = 0; i < 3; i++) await step();
    expect(groups).to.deep.equal([["a1", "b1", "c1"], ["d1"], ["d2"]]);
    expect(await results).to.deep.equal(["lane a1", "lane b1", "lane c1", "lane d1", "lane d2"]);
  });

  it("refuses an item with what it was told to throw when too many wait, and takes the next when they are gone", async () => {
    const { enqueue, step } = open({ maxWaiting: 2 });
    const first = enqueue("lane", "a1");
    await settle();
    const waiting = [enqueue("lane", "b1"), enqueue("lane", "c1")];
    const refused = await outcome(enqueue("lane", "d1"));
    expect(refused).to.be.instanceOf(RangeError).with.property("message", "2 wait");
    await step();
    for (let i = 0; i < 3; i++) await step();
    expect(await first).to.equal("lane a1");
    expect(await Promise.all(waiting)).to.deep.equal(["lane b1", "lane c1"]);
  });

  it("gives each its own error, and tries the neighbours of one that spoils a group alone", async () => {
    const { enqueue, step, groups } = open();
    const results = ["a1", "e1", "x1"].map((item) => outcome(enqueue("lane", item)));
    await settle();
    for (let i = 0; i < 4; i++) await step();
    const [a, e, x] = await Promise.all(results);
    expect(groups).to.deep.equal([["a1", "e1", "x1"], ["a1"], ["e1"], ["x1"]]);
    expect(a).to.equal("lane a1");
    expect(e).to.be.instanceOf(Error).with.property("message", "e1 is wrong");
    expect(x).to.be.instanceOf(Error).with.property("message", "x1 is to blame");
  });
});
