import { expect } from "chai";
import fc from "fast-check";
import { canonicalAddress, canonicalDomain, canonicalEmail, canonicalMoment } from "#relayer/domain/spelling.ts";
import { report, toReport } from "#relayer/http/conversion.ts";
import { SEED } from "#test/support/fuzz.ts";
import { twice } from "#test/support/spellings.ts";

const read = (body: unknown) => toReport(report.parse(body));
describe("a report", () => {
  it("is one report in any two spellings", () => {
    fc.assert(
      fc.property(twice, ([one, other, said]) => {
        const [first, second] = [read(one), read(other)];
        // As it is hashed.
        expect(JSON.stringify(first)).to.equal(JSON.stringify(second));
        // And nothing is lost that was said.
        expect((first.customerId ?? first.customerEmail) !== undefined, "customer").to.equal(said[1]);
        for (const [i, field] of (
          ["occurredAt", "customerWallet", "customerIp", "customerEmailDomain"] as const
        ).entries())
          expect(first[field] !== undefined, field).to.equal(said[i + 2]);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it("is another one where a value is another", () => {
    const base = { event: "sale", orderId: "a", volume: "49.9" };
    for (const other of [
      { orderId: "A" },
      { orderId: "a b" },
      { event: "Sale" },
      { volume: "49.09" },
      { volume: "499" },
      { customerId: "0" },
      { customerEmail: "0@brand.example" },
      { customerIp: "2001:db8::1" },
      { customerEmailDomain: "brand.example" },
      { occurredAt: "2026-01-01T00:00:00Z" },
    ])
      expect(JSON.stringify(read({ ...base, ...other }))).not.to.equal(JSON.stringify(read(base)));
    expect(read({ ...base, volume: "10" }).volume).to.equal("10");
    expect(read({ ...base, volume: "0.00" }).volume).to.equal("0");
    expect(read({ ...base, customerIp: "2001:DB8:0::1" }).customerIp).to.equal("2001:db8::1");
  });

  it("is not refused for what is only compared or noted; what cannot be read is not said", () => {
    const base = { event: "sale", orderId: "a" };
    const unreadable = [
      "unknown",
      "not a time",
      "a b.c",
      "1.2.3",
      "http://[::1",
      "999.1.1.1:5",
      "2026-01-01T10:00:00",
      7,
      {},
      [],
    ];
    for (const value of unreadable)
      expect(
        read({
          ...base,
          customerIp: value,
          customerEmailDomain: value === "unknown" ? "a b" : value,
          occurredAt: value,
        }),
        String(value),
      ).to.include({ customerIp: undefined, customerEmailDomain: undefined, occurredAt: undefined });
  });

  it("is refused without what it needs, however that is left out", () => {
    for (const orderId of [undefined, null, "", " ", "\u00a0"])
      expect(report.safeParse({ event: "sale", orderId }).success, String(orderId)).to.equal(false);
    for (const volume of ["1,5", "1e3", "-1", "+1", ".5", "5.", 5])
      expect(report.safeParse({ event: "sale", orderId: "a", volume }).success, String(volume)).to.equal(false);
  });
});

describe("one spelling", () => {
  it("of a moment knows its offsets, and leaves alone what has none", () => {
    expect(canonicalMoment("2026-01-01T10:00:00+0100")).to.equal("2026-01-01T10:00:00+01:00");
    expect(canonicalMoment("2026-01-01t10:00:00.5 01:30")).to.equal("2026-01-01T10:00:00.5+01:30");
    expect(canonicalMoment("2026-01-01 10:00z")).to.equal("2026-01-01T10:00Z");
    expect(canonicalMoment("2026-01-01T10:00:00-05")).to.equal("2026-01-01T10:00:00-05:00");
    expect(canonicalMoment("2026-01-01T10:00:00")).to.equal("2026-01-01T10:00:00");
  });

  it("of a domain is DNS's", () => {
    expect(canonicalDomain("MÜNCHEN.de.")).to.equal("xn--mnchen-3ya.de");
    expect(canonicalDomain("ada@Brand.example")).to.equal("brand.example");
    for (const none of ["", "@", "a b", "a/b", "a:1", "1.2.3.4", "[::1]", "a..b", ".a"])
      expect(canonicalDomain(none), none).to.equal(undefined);
  });

  it("of an e-mail address has small letters, and its domain as DNS has it", () => {
    const one = "zoë.o'neill+news@xn--mnchen-3ya.de";
    for (const text of [one, " Zoë.O'Neill+news@MÜNCHEN.de. ", "ZOE\u0308.O'NEILL+NEWS@xn--mnchen-3ya.de"])
      expect(canonicalEmail(text), text).to.equal(one);
    expect(canonicalEmail('"A b"@x.example')).to.equal('"a b"@x.example');
    // What lower case makes of a letter is composed again.
    const dotted = canonicalEmail("İ@x.example") ?? "";
    expect(canonicalEmail(dotted)).to.equal(dotted);
    expect(canonicalEmail("a.b@x.example")).to.not.equal(canonicalEmail("ab@x.example"));
    for (const none of [
      "",
      "@",
      "a",
      "a@",
      "@a.b",
      "a b@x.de",
      "a\u200b@x.de",
      "a <a@x.de>",
      "a@1.2.3.4",
      "a@b c",
      "a,b@x.de",
    ])
      expect(canonicalEmail(none), none).to.equal(undefined);
    expect(canonicalEmail(`${"a".repeat(65)}@x.de`)).to.equal(undefined);
    expect(canonicalEmail(`${"a".repeat(64)}@x.de`)).to.have.length(69);
  });

  it("of an address has no port, no brackets and no zone", () => {
    expect(canonicalAddress("203.0.113.2:40001")).to.equal("203.0.113.2");
    expect(canonicalAddress("[2001:DB8::1]:443")).to.equal("2001:db8::1");
    expect(canonicalAddress("fe80::1%eth0")).to.equal("fe80::1");
    expect(canonicalAddress("::ffff:203.0.113.2")).to.equal("203.0.113.2");
    for (const none of [
      "",
      "1.2.3",
      "1.2.3.256",
      "1.2.3.4.5",
      "1.2.3.4:",
      "1.2.3.4:999999",
      "::1::",
      "abc",
      "1.2.3.4.:1",
    ])
      expect(canonicalAddress(none), none).to.equal(undefined);
  });
});
