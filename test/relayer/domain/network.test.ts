import { expect } from "chai";
import fc from "fast-check";
import { addressIn, forwardedFor, networkOf } from "#relayer/domain/network.ts";

describe("the network of an address", () => {
  it("is an IPv4 address, or the /64 of an IPv6 one", () => {
    for (const [address, network] of [
      ["192.0.2.1", "192.0.2.1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["::FFFF:c000:201", "192.0.2.1"],
      ["::ffff:203.113.7.9", "203.113.7.9"],
      ["::ffff:255.255.255.255", "255.255.255.255"],
      ["::1:ffff:192.0.2.1", "0:0:0:0"],
      ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
      ["2001:DB8:0001:2::1", "2001:db8:1:2"],
      ["2001:db8::1", "2001:db8:0:0"],
      ["1:2:3:4:5:6:7::", "1:2:3:4"],
      ["::2:3:4:5:6:7:8", "0:2:3:4"],
      ["1::4:5:6:7:8", "1:0:0:4"],
      ["64:ff9b::192.0.2.1", "64:ff9b:0:0"],
      ["::1", "0:0:0:0"],
      ["::", "0:0:0:0"],
      ["fe80::1%eth0", "fe80:0:0:0"],
      ["unknown", "unknown"],
      ["", ""],
      ["x".repeat(1_000), "x".repeat(64)],
    ] as const)
      expect(networkOf(address), address).to.equal(network);
  });

  it("is the same however the address is written", () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (numbers) => {
        // Its first group is not zero, so that it carries no IPv4 address.
        const parts = [0x2001, ...numbers.slice(1)].map((group) => group.toString(16));
        const network = parts.slice(0, 4).join(":");
        expect(networkOf(parts.join(":"))).to.equal(network);
        expect(networkOf(parts.map((part) => part.toUpperCase().padStart(4, "0")).join(":"))).to.equal(network);
        const [last] = parts.slice(-1);
        expect(networkOf(`${parts.slice(0, 4).join(":")}::${last}`)).to.equal(network);
      }),
    );
  });
});

describe("the address that a proxy noted", () => {
  it("is read without its port, brackets and quotes", () => {
    for (const [noted, address] of [
      ["203.0.113.2", "203.0.113.2"],
      [" 203.0.113.2 ", "203.0.113.2"],
      ["203.0.113.2:40001", "203.0.113.2"],
      ["203.0.113.2:0", "203.0.113.2"],
      ['"203.0.113.2:40001"', "203.0.113.2"],
      ["203.0.113.2:_hidden-1.x", "203.0.113.2"],
      ["2001:db8::1", "2001:db8::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ["[2001:db8::1]:40001", "2001:db8::1"],
      ['"[2001:db8::1]:40001"', "2001:db8::1"],
      ["2001:db8:1:2:3:4:5:6:40001", "2001:db8:1:2:3:4:5:6"],
      ["[::ffff:203.0.113.2]:80", "::ffff:203.0.113.2"],
      ["::ffff:203.0.113.2", "::ffff:203.0.113.2"],
      ["fe80::1%eth0", "fe80::1%eth0"],
      ["0.0.0.0", "0.0.0.0"],
      ["255.255.255.255", "255.255.255.255"],
    ] as const)
      expect(addressIn(noted), noted).to.equal(address);
  });

  it("is none where there is none, whatever else is written", () => {
    for (const noted of [
      "",
      " ",
      "unknown",
      "_hidden",
      "203.0.113",
      "203.0.113.256",
      "203.0.113.02",
      "203.0.113.2.1",
      "203.0.113.2:",
      "203.0.113.2:http",
      "203.0.113.2:400011",
      "203.0.113.2:1:2",
      "203.0.113.2 x",
      "x 203.0.113.2",
      "[2001:db8::1",
      "[2001:db8::1]x",
      "[]:1",
      "2001:db8::1::2",
      "localhost:80",
      '"203.0.113.2',
    ])
      expect(addressIn(noted), noted).to.equal(undefined);
  });

  it("is of one network, whichever port it came from", () => {
    const port = fc.nat(65_535);
    fc.assert(
      fc.property(fc.ipV4(), port, port, (address, one, other) => {
        expect(addressIn(`${address}:${one}`)).to.equal(address);
        expect(addressIn(`"${address}:${other}"`)).to.equal(address);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), port, (address, one) => {
        expect(networkOf(addressIn(`[${address}]:${one}`) ?? "none")).to.equal(networkOf(address));
      }),
    );
  });

  it("stands in Forwarded as RFC 7239 has it, and is read from the end", () => {
    for (const [header, found] of [
      ["for=203.0.113.2", ["203.0.113.2"]],
      ["For = 203.0.113.2", [" 203.0.113.2"]],
      ['for="[2001:db8::1]:40001";proto=https', ['"[2001:db8::1]:40001"']],
      ["by=10.0.0.1;for=203.0.113.2;host=a", ["203.0.113.2"]],
      ["for=10.9.8.7, for=203.0.113.2,for=10.0.0.2", ["10.0.0.2", "203.0.113.2"]],
      // What the client sent before them opens a quote, ends in a backslash, or holds what looks like their words.
      ['for="evil, for=203.0.113.2, for=10.0.0.2', ["10.0.0.2", "203.0.113.2"]],
      ["for=evil\\, for=203.0.113.2, for=10.0.0.2", ["10.0.0.2", "203.0.113.2"]],
      // A Host that the proxies quote is the client's word, too.
      ['for=203.0.113.2;host="a, for=9.9.9.9;for=9.9.9.9", for=10.0.0.2', ["10.0.0.2", "203.0.113.2"]],
      ['host="a\\",b;for=9.9.9.9";for=203.0.113.2, for=10.0.0.2', ["10.0.0.2", "203.0.113.2"]],
      ['host="a;for=9.9.9.9";for=203.0.113.2, for=10.0.0.2', ["10.0.0.2", "203.0.113.2"]],
      ["proto=https, for=10.0.0.2", ["10.0.0.2", undefined]],
      ["", [undefined]],
    ] as const)
      expect(forwardedFor(header, 2), header).to.deep.equal(found);
    // A quote behind one backslash is text, behind two it ends the text; and a whole header may be a quote that is never closed.
    for (const [header, found] of [
      ['for=8.8.8.8, by="a\\", for=9.9.9.9";for=203.0.113.2, for=10.0.0.2', ["10.0.0.2", "203.0.113.2", "8.8.8.8"]],
      ['for=8.8.8.8, by="a\\\\";for=203.0.113.2, for=10.0.0.2', ["10.0.0.2", "203.0.113.2", "8.8.8.8"]],
      ['"for=10.0.0.2', [undefined]],
      ["for=1.1.1.1,for=2.2.2.2", ["2.2.2.2", "1.1.1.1"]],
      [",for=2.2.2.2", ["2.2.2.2", undefined]],
    ] as const)
      expect(forwardedFor(header, 3), header).to.deep.equal(found);
  });
});
