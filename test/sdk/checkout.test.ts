import { checkoutReferral, PARAMETER } from "@partner-programs/sdk/server";
import { expect } from "chai";
import fc from "fast-check";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";

const NOW = Date.now();
const token = signReferral("secret", {
  code: "bcdfghjk",
  clickedAt: NOW,
  expiresAt: NOW + 1_000,
  clickId: newClickId(),
});
const PROVIDER = "relayer.example";

describe("the referral of an agent's checkout", () => {
  it("stands in affiliate_attribution (Agentic Commerce Protocol), where the claim is of this provider", () => {
    const claim = { provider: PROVIDER, token, publisher_id: "pub_1", metadata: { placement: "top_pick" } };
    const body = { items: [{ id: "item_123", quantity: 1 }], affiliate_attribution: claim };
    expect(checkoutReferral(body, PROVIDER)).to.equal(token);
    expect(checkoutReferral(body)).to.equal(token);
    expect(checkoutReferral(body, "another.example")).to.equal(undefined);
  });

  it("stands in attribution (Universal Commerce Protocol), among what other platforms note there", () => {
    const body = { line_items: [], attribution: { utm_source: "blog", gclid: "abc", [PARAMETER]: token } };
    expect(checkoutReferral(body, PROVIDER)).to.equal(token);
  });

  it("is none where nothing is claimed, or no relayer can have made the token", () => {
    for (const body of [
      {},
      { affiliate_attribution: { provider: PROVIDER, publisher_id: "pub_1" } },
      { affiliate_attribution: { provider: PROVIDER, token: "atp_01J8Z3WXYZ9ABC" } },
      { affiliate_attribution: { provider: PROVIDER, token: [token] } },
      { attribution: { [PARAMETER]: `${token}x` } },
    ])
      expect(checkoutReferral(body, PROVIDER), JSON.stringify(body)).to.equal(undefined);
  });

  it("is read from whatever an agent sends without an error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({ affiliate_attribution: fc.anything() }),
          fc.record({ attribution: fc.anything() }),
        ),
        (body) => {
          expect(checkoutReferral(body, PROVIDER)).to.equal(undefined);
        },
      ),
    );
  });
});
