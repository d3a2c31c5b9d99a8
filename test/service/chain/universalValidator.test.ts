import { expect } from "chai";
import { erc6492SignatureValidatorByteCode } from "viem";
import { UNIVERSAL_VALIDATOR } from "#service/chain/universalValidator.ts";

describe("the universal validator of signatures", () => {
  it("is the standard's, as viem compiled it", () => {
    expect(UNIVERSAL_VALIDATOR).to.equal(erc6492SignatureValidatorByteCode);
  });
});
