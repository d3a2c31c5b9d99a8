import { expect } from "chai";
import { prove } from "#scripts/prove.ts";

const model = (attestable: string) => `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
contract Budget {
    uint256 private available;
    uint256 private attested;
    uint256 private funded;
    function fund(uint256 amount) external {
        available += amount;
        funded += amount;
    }
    function attest(uint256 total) external {
        require(${attestable});
        available = total > available ? 0 : available - total;
        attested += total;
    }
    function invariant() external view {
        assert(attested <= funded);
    }
}`;

describe("the prover", function () {
  this.timeout(240_000);

  it("proves what holds", () => {
    expect(prove(model("total <= available"))).to.deep.equal([
      { contract: "Budget", text: "attested <= funded", proved: true },
    ]);
  });

  it("does not prove what does not", () => {
    expect(prove(model("total <= available + 1"))).to.deep.equal([
      { contract: "Budget", text: "attested <= funded", proved: false },
    ]);
  });

  it("says what does not compile", () => {
    expect(() => prove("contract {")).to.throw("Expected identifier");
  });
});
