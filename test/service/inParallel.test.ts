import { expect } from "chai";
import fc from "fast-check";
import { inParallel } from "#service/inParallel.ts";

describe("work in parallel", () => {
  it("does all, never more at once than allowed, and throws what failed when all are done", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        async (fails, most) => {
          let now = 0;
          let atMost = 0;
          const done: number[] = [];
          const failure = await inParallel([...fails.keys()], most, async (i) => {
            atMost = Math.max(atMost, ++now);
            await new Promise((resolve) => setImmediate(resolve));
            now--;
            done.push(i);
            if (fails[i]) throw new Error(`${i} failed`);
          }).catch((error: Error) => error);
          expect(done).to.have.members([...fails.keys()]);
          expect(atMost).to.equal(Math.min(most, fails.length));
          const messages = fails.flatMap((failed, i) => (failed ? [`${i} failed`] : []));
          if (messages.length === 0) expect(failure).to.equal(undefined);
          else for (const message of messages) expect((failure as Error).message).to.contain(message);
        },
      ),
      { numRuns: 50 },
    );
  });
});
