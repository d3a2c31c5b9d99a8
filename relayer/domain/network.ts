/** From which network somebody comes: what counts as one address, for rate limits and for comparing customers with partners. */

const MAX_CHARACTERS = 64;

/**
 * An IPv4 address as it is, also where IPv6 carries it; of an IPv6 address the 64 bits that one household or office shares. What
 * is no address stays what it is, cut to a bounded length.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address.slice(0, MAX_CHARACTERS);
  const groups = groupsOf(address);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  }
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":");
}

/** The spellings of IPv6 addresses, and of much else that has a colon: the rest is for URL to say. */
const LIKE_IPV6 = /^[0-9a-f.]*:[0-9a-f:.]*$/i;

function isIPv6(address: string): boolean {
  const [unscoped = ""] = address.split("%");
  return LIKE_IPV6.test(unscoped) && URL.canParse(`http://[${unscoped}]`);
}

/** The eight groups of an IPv6 address. URL has read its many spellings, the one with an IPv4 address in it included. */
function groupsOf(address: string): number[] {
  const [unscoped] = address.split("%");
  const canonical = new URL(`http://[${unscoped}]`).hostname.slice(1, -1);
  const [left = [], right = []] = canonical.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
