import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import fc from "fast-check";
import { createRoom } from "#attester/room.ts";
import { limit } from "#attester/source/limit.ts";
import { SEED } from "../support/fuzz.ts";

const MOST = 10;
/** Somebody comes with a size, or one of those inside leaves, some of them twice. */
const move = fc.oneof(
  fc.record({ size: fc.integer({ min: 1, max: MOST + 5 }) }),
  fc.record({ leaves: fc.nat({ max: 20 }), twice: fc.boolean() }),
);

describe("the room for batches in memory", () => {
  it("lets in what fits, and has the rest wait until somebody leaves, the first that fits first", async () => {
    const room = createRoom(10);
    const entered: string[] = [];
    const enter = async (name: string, size: number) => {
      const leave = await room.enter(size);
      entered.push(name);
      return leave;
    };
    const leaveLarge = await enter("large", 8);
    const [next, small] = [enter("next", 9), enter("small", 2)];
    await small;
    expect(entered).to.deep.equal(["large", "small"]);
    leaveLarge();
    // Said twice, it gives back no more than it took.
    leaveLarge();
    await Promise.resolve();
    expect(entered).to.deep.equal(["large", "small"]);
    (await small)();
    (await next)();
    expect(entered).to.deep.equal(["large", "small", "next"]);
  });

  it("has room for what is larger than itself, alone", async () => {
    const room = createRoom(10);
    const leave = await room.enter(1_000);
    let entered = false;
    const other = room.enter(1).then((leave) => {
      entered = true;
      return leave;
    });
    await Promise.resolve();
    expect(entered).to.equal(false);
    leave();
    await other;
    expect(entered).to.equal(true);
  });

  it(`never holds more than there is room for, and has nobody wait who fits (FUZZ_SEED=${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 40 }), async (moves) => {
        const room = createRoom(MOST);
        const waiting = new Set<{ readonly size: number }>();
        const inside: { readonly size: number; readonly leave: () => void }[] = [];
        for (const one of moves) {
          if ("size" in one) {
            const comer = { size: Math.min(one.size, MOST) };
            waiting.add(comer);
            void room.enter(one.size).then((leave) => {
              waiting.delete(comer);
              inside.push({ ...comer, leave });
            });
          } else if (inside.length > 0) {
            const [gone] = inside.splice(one.leaves % inside.length, 1);
            gone?.leave();
            if (one.twice) gone?.leave();
          }
          await setImmediate();
          const taken = inside.reduce((all, { size }) => all + size, 0);
          expect(taken).to.be.at.most(MOST);
          for (const { size } of waiting) expect(size, "one that fits waits").to.be.greaterThan(MOST - taken);
        }
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

describe("how much is asked of a source at once", () => {
  it("is so much and no more, in the order in which it came, and what fails makes room as well", async () => {
    const once = limit(2);
    const ends: ((failed: boolean) => void)[] = [];
    const begun: number[] = [];
    const ask = (name: number) =>
      once(async () => {
        begun.push(name);
        await new Promise<void>((resolve, reject) =>
          ends.push((failed) => (failed ? reject(new Error(`${name} failed`)) : resolve())),
        );
        return name;
      }).catch((error: Error) => error.message);
    const asked = [0, 1, 2, 3, 4].map(ask);
    const end = async (which: number, failed = false) => {
      ends[which]?.(failed);
      await setImmediate();
    };
    await setImmediate();
    expect(begun).to.deep.equal([0, 1]);
    await end(1, true);
    expect(begun).to.deep.equal([0, 1, 2]);
    await end(0);
    await end(2);
    expect(begun).to.deep.equal([0, 1, 2, 3, 4]);
    await end(3);
    await end(4);
    expect(await Promise.all(asked)).to.deep.equal([0, "1 failed", 2, 3, 4]);
    // All places are free again: two begin at once.
    void ask(5);
    void ask(6);
    void ask(7);
    await setImmediate();
    expect(begun.slice(5)).to.deep.equal([5, 6]);
  });
});
