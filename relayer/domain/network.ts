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

const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
/** A port, or the name that a proxy gives one instead (RFC 7239). */
const PORT = String.raw`:(?:\d{1,5}|_[\w.-]+)`;
const BRACKETED = new RegExp(`^\\[([^\\]]*)\\](?:${PORT})?$`);
const WITH_PORT = new RegExp(`^(.+)${PORT}$`);

/**
 * The address in what a proxy noted of a client: `203.0.113.2`, `203.0.113.2:40001`, `2001:db8::1`, `[2001:db8::1]:40001`, each in
 * quotes or not. Undefined if there is none in it (`unknown`, `_hidden`): whatever else stands there counts as nobody's, so that a
 * new word is not a new client.
 */
export function addressIn(noted: string): string | undefined {
  const text = noted.trim().replace(/^"(.*)"$/s, "$1");
  if (isAddress(text)) return text;
  const bare = BRACKETED.exec(text)?.[1] ?? WITH_PORT.exec(text)?.[1];
  return bare !== undefined && isAddress(bare) ? bare : undefined;
}

function isAddress(text: string): boolean {
  return IPV4.test(text) || isIPv6(text);
}

/**
 * The values of `for` in a `Forwarded` header (RFC 7239), of so many proxies from its end, the last one first. Read from the end,
 * because before it stands what the client sent: a quote that is opened there and never closed must not swallow what follows.
 */
export function forwardedFor(header: string, proxies: number): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  let quoted = false;
  let end = header.length;
  for (let i = end - 1; i >= -1 && found.length < proxies; i--) {
    if (i >= 0 && header[i] === '"' && !isEscaped(header, i)) quoted = !quoted;
    if (i >= 0 && (quoted || header[i] !== ",")) continue;
    found.push(forIn(header.slice(i + 1, end)));
    end = i;
  }
  return found;
}

/** Whether an odd number of backslashes stands before this character. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}

/** One proxy's part: pairs of name and value, each value in quotes or not. */
function forIn(element: string): string | undefined {
  for (const [, name = "", value] of element.matchAll(/([^;="]*)=("(?:[^"\\]|\\.)*"|[^;"]*)(?:;|$)/gy))
    if (name.trim().toLowerCase() === "for") return value;
  return undefined;
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
