import {
  attestationRequest,
  opinion,
  type Refusal,
  refusal,
  reversalRequest,
  writeAttestationRequest,
  writeRefusal,
  writeReversalRequest,
} from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { getAddress, id } from "ethers";

const line = { offerId: 1, partner: getAddress(`0x${"a1".repeat(20)}`), count: 1, volumeUnits: 5_000n };
const attestation = {
  campaignId: id("campaign"),
  firstConversion: 2n ** 63n - 2n,
  conversions: 1,
  periodFrom: 100,
  periodTo: 200,
  deadline: 300,
  conversionsRoot: id("root"),
  lines: [line],
};
const leaf = { number: 2n ** 63n - 2n, key: id("key"), salt: id("salt"), entries: [line] };

/** What arrives: the text of a body, parsed. */
const travel = (body: unknown) => JSON.parse(JSON.stringify(body));

describe("what a relayer and its attesters say to each other", () => {
  it("arrives as it was meant: an attestation with its conversions and their orders", () => {
    const order = { event: "sale", orderId: "7", volume: "49.90", receivedAt: "1970-01-01T01:01:40+01:00" };
    const body = travel(writeAttestationRequest(attestation, [{ ...leaf, order }]));
    expect(attestationRequest.parse(body)).to.deep.equal({
      attestation,
      conversions: [{ ...leaf, order: { ...order, receivedAt: 100 } }],
    });
  });

  it("arrives as it was meant: a reversal with the conversions that are taken back", () => {
    const reversal = {
      campaignId: id("campaign"),
      attestation: id("batch"),
      targets: [line],
      reasonHash: id("refunded"),
    };
    expect(reversalRequest.parse(travel(writeReversalRequest(reversal, [leaf.key])))).to.deep.equal({
      ...reversal,
      conversions: [{ key: leaf.key }],
    });
  });

  it("arrives as it was meant: a refusal, as an opinion and instead of a signature", () => {
    const given: Refusal = {
      reason: "No.",
      transient: true,
      conversions: [{ number: 2n ** 63n, reason: "Not this." }],
    };
    expect(refusal.parse(travel(writeRefusal(given)))).to.deep.equal(given);
    expect(opinion.parse(travel({ ok: false, ...writeRefusal(given) }))).to.deep.equal({ ok: false, ...given });
    expect(opinion.parse({ ok: true })).to.deep.equal({ ok: true });
  });

  it("is refused where it is something else", () => {
    const body = () => travel(writeAttestationRequest(attestation, [leaf]));
    const wrong = (change: (asked: ReturnType<typeof body>) => void) => {
      const asked = body();
      change(asked);
      return attestationRequest.safeParse(asked).error?.issues[0]?.path.join(".");
    };
    expect(wrong(() => {})).to.equal(undefined);
    expect(wrong((asked) => (asked.attestation.firstConversion = "9223372036854775808"))).to.equal(
      "attestation.firstConversion",
    );
    expect(wrong((asked) => (asked.attestation.lines = []))).to.equal("attestation.lines");
    expect(wrong((asked) => (asked.conversions[0].key = asked.conversions[0].key.toUpperCase()))).to.equal(
      "conversions.0.key",
    );
    expect(wrong((asked) => (asked.conversions[0].order = { event: "sale" }))).to.contain("conversions.0.order");
    expect(opinion.safeParse({ ok: false }).success).to.equal(false);
  });
});
