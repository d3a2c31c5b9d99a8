import { expect } from "chai";
import { getAddress } from "ethers";
import fc from "fast-check";
import { canonicalAddress, canonicalDomain, canonicalMoment } from "#relayer/domain/spelling.ts";
import { report, toReport } from "#relayer/http/conversion.ts";

/** Plays a run again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

const read = (body: unknown) => toReport(report.parse(body));
const blank = fc.constantFrom("", " ", "\t", "\n", "\u00a0", "\u2003", "\ufeff");
const padded = (text: fc.Arbitrary<string>) => fc.tuple(blank, text, blank).map((parts) => parts.join(""));
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter.toLowerCase())).join(""));
const zeros = fc.nat({ max: 4 }).map((count) => "0".repeat(count));

/** Ways to write one text: blanks around it, composed or not. */
const textSpelling = (text: string) => padded(fc.constantFrom(text.normalize("NFC"), text.normalize("NFD")));
/** Ways to write one number. */
const decimalSpelling = (whole: number, cents: number) =>
  padded(
    fc.tuple(zeros, zeros, fc.boolean()).map(([before, after, point]) => {
      const fraction = String(cents).padStart(2, "0").replace(/0+$/, "") + after;
      return `${before}${whole}${fraction === "" ? (point ? ".0" : "") : `.${fraction}`}`;
    }),
  );
/** Ways to write one moment, in offsets of whole hours. */
const momentSpelling = (time: number) =>
  fc
    .tuple(fc.integer({ min: -12, max: 14 }), fc.constantFrom(":00", "00", ""), fc.constantFrom("T", "t", " "))
    .map(([hours, minutes, separator]) => {
      const local = new Date(time + hours * 3_600_000).toISOString().slice(0, -1).replace("T", separator);
      return `${local}${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}${minutes}`;
    });
const port = fc.integer({ min: 1, max: 65_535 });
/** Ways to write one IPv6 address. */
const ipv6Spelling = (groups: readonly number[]) => {
  const full = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
  const short = groups.map((group) => group.toString(16)).join(":");
  const canonical = new URL(`http://[${full}]`).hostname.slice(1, -1);
  const tail = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  const dotted = `${groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":")}:${tail.join(".")}`;
  return fc
    .tuple(fc.constantFrom(full, short, canonical, dotted).chain(anyCase), fc.constantFrom("", "%eth0"), port)
    .chain(([text, zone, at]) => padded(fc.constantFrom(`${text}${zone}`, `[${text}${zone}]`, `[${text}]:${at}`)));
};
const ipv4Spelling = (bytes: readonly number[]) => {
  const text = bytes.join(".");
  return port.chain((at) => padded(fc.constantFrom(text, `${text}:${at}`, `::ffff:${text}`, `[::FFFF:${text}]:${at}`)));
};
const DOMAINS = [
  ["münchen.de", "xn--mnchen-3ya.de"],
  ["mailinator.com"],
  ["mail.例え.jp", "mail.xn--r8jz45g.jp"],
] as const;
const domainSpelling = (names: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...names).chain(anyCase), fc.constantFrom("", "."), fc.constantFrom("", "@", "ada@"))
    .chain(([name, stop, before]) => padded(fc.constant(`${before}${name}${stop}`)));
const addressSpelling = (hex: string) =>
  fc
    .constantFrom(`0x${hex}`, `0x${hex.toUpperCase()}`, getAddress(`0x${hex}`))
    .chain((text) => padded(fc.constant(text)));
/** Ways not to say something. */
const SILENCES: readonly Record<string, unknown>[] = [null, "", "  "].map((value) => ({ value }));
const silent = (name: string) =>
  fc.constantFrom<Record<string, unknown>>(
    {},
    { [name]: undefined },
    ...SILENCES.map(({ value }) => ({ [name]: value })),
  );
const maybe = (name: string, spelling: fc.Arbitrary<string>, said: boolean) =>
  said ? spelling.map((value): Record<string, unknown> => ({ [name]: value })) : silent(name);

const name = fc.constantFrom("1001", "é-7", "Å", "ẛ̣", "A b", "ﬁ", "가", "1.50", "é".repeat(200));
const meaning = fc.record({
  orderId: name,
  customerId: name,
  whole: fc.nat({ max: 1e9 }),
  cents: fc.nat({ max: 99 }),
  time: fc.date({ min: new Date("1971-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
  wallet: fc.stringMatching(/^[0-9a-f]{40}$/),
  ip: fc.oneof(
    fc.array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 }).map(ipv4Spelling),
    fc.array(fc.nat({ max: 65_535 }), { minLength: 8, maxLength: 8 }).map(ipv6Spelling),
    // With zeros, which have most spellings.
    fc.array(fc.constantFrom(0, 0, 1), { minLength: 8, maxLength: 8 }).map(ipv6Spelling),
  ),
  domain: fc.constantFrom(...DOMAINS),
  said: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
});

/** Two bodies that say the same. */
const twice = meaning.chain(({ orderId, customerId, whole, cents, time, wallet, ip, domain, said }) => {
  const body = fc
    .tuple(
      fc.record({ event: padded(fc.constant("sale")), orderId: textSpelling(orderId) }) as fc.Arbitrary<object>,
      maybe("volume", decimalSpelling(whole, cents), said[0] === true),
      maybe("customerId", textSpelling(customerId), said[1] === true),
      maybe("occurredAt", momentSpelling(time.getTime()), said[2] === true),
      maybe("customerWallet", addressSpelling(wallet), said[3] === true),
      maybe("customerIp", ip, said[4] === true),
      maybe("customerEmailDomain", domainSpelling(domain), said[5] === true),
      silent("referralToken"),
    )
    .map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
  return fc.tuple(body, body, fc.constant(said));
});

describe("a report", () => {
  it("is one report in any two spellings", () => {
    fc.assert(
      fc.property(twice, ([one, other, said]) => {
        const [first, second] = [read(one), read(other)];
        // As it is hashed.
        expect(JSON.stringify(first)).to.equal(JSON.stringify(second));
        // And nothing is lost that was said.
        for (const [i, field] of (
          ["customerId", "occurredAt", "customerWallet", "customerIp", "customerEmailDomain"] as const
        ).entries())
          expect(first[field] !== undefined, field).to.equal(said[i + 1]);
      }),
      { seed, numRuns: 2_000 },
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
