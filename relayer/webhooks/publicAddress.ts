/** Which addresses are the public internet's: a webhook must not reach into the network that the relayer stands in. */

import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { FinalError } from "#service/errors.ts";

/**
 * Everything that is not the public internet (IANA's special-purpose registries). A list for each family: to a BlockList an
 * IPv4 address is also the IPv6 address that it is mapped to, and all of those are refused.
 */
const NOT_PUBLIC = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  NOT_PUBLIC.ipv4.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  // Only 2000::/3 is given out as public. IPv4 in IPv6 (mapped, translated by NAT64), loopback, unique local, link-local and
  // multicast are all outside of it.
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  // And within it: protocol assignments (with Teredo), documentation, 6to4, direct delegation AS112.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
] as const)
  NOT_PUBLIC.ipv6.addSubnet(network, bits, "ipv6");
// Metadata services of clouds that have addresses of their own outside of the above.
NOT_PUBLIC.ipv4.addAddress("168.63.129.16", "ipv4");

/** A host name leads, or an address is, into a network that a webhook has no business in. */
export class PrivateAddress extends FinalError {
  override readonly name = "PrivateAddress";
  readonly code = "PRIVATE_ADDRESS";
  constructor(host: string) {
    super(`${host} is not, or does not only resolve to, public internet addresses.`);
  }
}

export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  return !NOT_PUBLIC[family].check(address, family);
}

/** Names that are never the public internet's (RFC 6761, 6762 and 8375, ICANN's `internal`), and those of one label. */
const NEVER_PUBLIC = /^[^.]+$|(^|\.)(localhost|local|internal|invalid|home\.arpa)$/i;

/** @throws PrivateAddress if the host of a URL has a name that no public host can have */
export function checkName(hostname: string): void {
  const host = hostname.replace(/\.$/, "");
  if (!host.startsWith("[") && NEVER_PUBLIC.test(host)) throw new PrivateAddress(hostname);
}

/** @throws PrivateAddress if the host of a URL is an address, and not a public one. Names are looked at when they are resolved. */
export function checkLiteralHost(hostname: string): void {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new PrivateAddress(host);
}

/**
 * Resolves like `dns.lookup`, and fails unless every answer is a public address. The connection is made to the very addresses
 * that were looked at here, so that a name cannot answer with one address to the check and with another to the connection.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found) => {
    const [first] = found ?? [];
    if (error !== null || first === undefined) {
      callback(error ?? new PrivateAddress(hostname), "", 0);
    } else if (!found.every(({ address }) => isPublicAddress(address))) {
      callback(new PrivateAddress(hostname), "", 0);
    } else if (options.all === true) {
      callback(null, found);
    } else {
      callback(null, first.address, first.family);
    }
  });
};
