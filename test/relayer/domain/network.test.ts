import { expect } from "chai";
import fc from "fast-check";
import { networkOf } from "#relayer/domain/network.ts";

describe("the network of an address", () => {
  it("is an IPv4 address, or the /64 of an IPv6 one", () => {
    for (const [address, network] of [
      ["192.0.2.1", "192.0.2.1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["::FFFF:c000:201", "192.0.2.1"],
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
