import { codesInData, codeWithPrefix } from "@partner-programs/protocol/dataSuffix";
import { withReferral } from "@partner-programs/sdk/dataSuffix";
import { expect } from "chai";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";

describe("what a customer's wallet sends", () => {
  const codeIn = (data: string) => codeWithPrefix(codesInData(data), "acme_");

  it("carries the code of the link that was followed, or the one that was said", () => {
    const now = Date.now();
    const click = { code: "bcdf2345", clickedAt: now, expiresAt: now + 60_000, clickId: newClickId() };
    const token = signReferral("a secret of the tests that is long enough", click);
    expect(codeIn(withReferral("0xa9059cbb", token, "acme_"))).to.equal("bcdf2345");
    expect(codeIn(withReferral("0xa9059cbb", " Spring-24", "acme_", ["baseapp"]))).to.equal("spring24");
    expect(withReferral("0xa9059cbb", "spring", "acme_")).to.match(/^0xa9059cbb/);
    expect(withReferral("0xa9059cbb", undefined, "acme_")).to.equal("0xa9059cbb");
    expect(() => withReferral("0x", "a,b", "acme_")).to.throw(RangeError, "acme_a,b");
  });
});
