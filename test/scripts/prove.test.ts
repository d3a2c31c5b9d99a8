import { expect } from "chai";
import { claimsOf } from "#scripts/prove/claims.ts";
import { readSource, runtimeCode } from "#scripts/prove/compile.ts";
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

describe("the proofs of the libraries", function () {
  this.timeout(300_000);

  /** What is not proved any more when a library is changed. */
  const lost = (file: string, before: string, after: string) => {
    const source = readSource(`contracts/libraries/${file}.sol`);
    expect(source.split(before), `${before} stands in ${file} once`).to.have.length(2);
    const read = (name: string) =>
      name.endsWith(`/${file}.sol`) ? source.replace(before, () => after) : readSource(name);
    return claimsOf(runtimeCode("test/proofs/Libraries.sol", "Libraries", read))
      .filter(({ proved }) => !proved)
      .map(({ text }) => text.slice(0, 24));
  };

  it("hold of contracts/ as it is", () => {
    expect(lost("Notice", "a > b ? a : b", "a > b ? a : b")).to.deep.equal([]);
  });

  it("fail where a commission is rounded up", () => {
    expect(lost("Commission", "volumeRate) / BPS;", "volumeRate + BPS - 1) / BPS;")).to.include(
      "a line of any offer is w",
    );
  });

  it("fail where a way does not bind its siblings' sums", () => {
    expect(
      lost("LineTree", "calldatacopy(sub(48, own), sibling, 48)", "calldatacopy(sub(48, own), sibling, 32)"),
    ).to.include("a way of up to 6 levels ");
  });

  it("fail where a sum that is too large comes back to what a total can be", () => {
    expect(lost("LineTree", "sum := shl(128, 1)", "sum := not(0)")).to.deep.equal(["where a sum on the way h"]);
  });

  it("fail where a leaf is judged without its batch's conversions", () => {
    expect(lost("LineTree", "holds := and(holds, iszero(gt(count, mload(add(facts, 0x80)))))", "")).to.deep.equal([
      "the leaves of lines of o",
    ]);
  });
});
