import { expect } from "chai";
import { endOfBlocks } from "#service/chain/programs.ts";

describe("logs in parts", () => {
  const logs = [1, 1, 2, 3, 3, 3, 9].map((blockNumber) => ({ blockNumber }));

  for (const [at, most, end, why] of [
    [0, 100, 7, "all that fit"],
    [0, 4, 3, "whole blocks alone"],
    [0, 3, 3, "blocks that fit exactly"],
    [3, 1, 6, "a block that is too large by itself is not cut"],
    [6, 1, 7, "the last"],
    [7, 1, 7, "nothing"],
  ] as const)
    it(`end with a block: ${why}`, () => {
      expect(endOfBlocks(logs, at, most)).to.equal(end);
    });
});
