/** Ways to write what a report says: two bodies of one meaning are one report. */
import { getAddress } from "ethers";
import fc from "fast-check";

const blank = fc.constantFrom("", " ", "\t", "\n", "\u00a0", "\u2003", "\ufeff");
export const padded = (text: fc.Arbitrary<string>) => fc.tuple(blank, text, blank).map((parts) => parts.join(""));
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter.toLowerCase())).join(""));
const zeros = fc.nat({ max: 4 }).map((count) => "0".repeat(count));

/** Ways to write one text: blanks around it, composed or not. */
export const textSpelling = (text: string) => padded(fc.constantFrom(text.normalize("NFC"), text.normalize("NFD")));
/** Ways to write one number. */
export const decimalSpelling = (whole: number, cents: number) =>
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
const EMAILS = [
  ["ada@münchen.de", "ADA@xn--mnchen-3ya.de."],
  ["émile+1@mail.example"],
  ["o'neill.x@Brand.example"],
] as const;
const emailSpelling = (addresses: readonly string[]) =>
  fc
    .constantFrom(...addresses)
    .chain((text) => fc.tuple(anyCase(text), fc.constantFrom("NFC", "NFD")))
    .chain(([text, form]) => padded(fc.constant(text.normalize(form))));
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

export const name = fc.constantFrom("1001", "é-7", "Å", "ẛ̣", "A b", "ﬁ", "가", "1.50", "é".repeat(200));
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
  email: fc.option(fc.constantFrom(...EMAILS)),
  said: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
});

/** Two bodies that say the same, and which of the optional fields they say. */
export const twice = meaning.chain(({ orderId, customerId, whole, cents, time, wallet, ip, domain, email, said }) => {
  const body = fc
    .tuple(
      fc.record({ event: padded(fc.constant("sale")), orderId: textSpelling(orderId) }) as fc.Arbitrary<object>,
      maybe("volume", decimalSpelling(whole, cents), said[0] === true),
      // By one name.
      email === null ? maybe("customerId", textSpelling(customerId), said[1] === true) : silent("customerId"),
      email === null ? silent("customerEmail") : maybe("customerEmail", emailSpelling(email), said[1] === true),
      maybe("occurredAt", momentSpelling(time.getTime()), said[2] === true),
      maybe("customerWallet", addressSpelling(wallet), said[3] === true),
      maybe("customerIp", ip, said[4] === true),
      maybe("customerEmailDomain", domainSpelling(domain), said[5] === true),
      silent("referralToken"),
    )
    .map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
  return fc.tuple(body, body, fc.constant(said));
});
