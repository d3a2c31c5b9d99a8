/** What can be done with a referral token without its secret: find it in an address, read its times, say which of two counts. */

/** The query parameter, cookie and form field that a referral token travels in. */
export const PARAMETER = "_ushrt";

const OURS = new RegExp(`^${PARAMETER}(=|$)`);
const DAY = 86_400_000;
/** The longest window that a campaign can publish. */
const MAX_WINDOW = 366 * DAY;
/** As the relayer writes them: version, code, click, expiry, id of the click, and the relayer's 128 bits. */
const TOKEN = /^2\.[0-9a-z]{4,32}\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.[0-9a-f]{16}\.[\w-]{22}$/;

/** What can be read in a token without its secret. Milliseconds since 1970. Whether it is genuine is for the relayer to say. */
export interface Reading {
  readonly clickedAt: number;
  readonly expiresAt: number;
}

/**
 * `2.<code>.<time>.<expiry>.<click>.<mac>`; undefined if the relayer cannot have made it: what is kept is in the way of the next
 * invite. A click may lie a day ahead, since a visitor's clock may be that wrong.
 */
export function readToken(text: unknown, now = Date.now()): Reading | undefined {
  const times = TOKEN.exec(String(text))?.slice(1) ?? [];
  const [clickedAt = 0, expiresAt = 0] = times.map((time) => Number.parseInt(time, 36));
  const window = expiresAt - clickedAt;
  return window > 0 && window <= MAX_WINDOW && clickedAt <= now + DAY ? { clickedAt, expiresAt } : undefined;
}

/** Takes the tokens out of a query (`?a=1&_ushrt=…`), and gives the first that is one. The rest stays as it is, to the letter. */
export function takeOut(search: string): { readonly token: string | undefined; readonly rest: string } {
  const parts = search.slice(1).split("&");
  const ours = parts.filter((part) => OURS.test(part));
  if (ours.length === 0) return { token: undefined, rest: search };
  const others = parts.filter((part) => !OURS.test(part));
  return {
    token: ours.map(tokenOf).find((value) => readToken(value)),
    rest: others.length > 0 ? `?${others.join("&")}` : "",
  };
}

/** An address with the token in its query, before the fragment. */
export function putIn(address: string, token: string): string {
  const [, path = "", search = "", hash = ""] = /^([^?#]*)(\?[^#]*)?(.*)$/s.exec(address) ?? [];
  const { rest } = takeOut(search);
  return `${path}${rest.length > 1 ? `${rest}&` : "?"}${PARAMETER}=${token}${hash}`;
}

/**
 * Which of two tokens counts, as the campaign's `attribution.touch` has it: by first touch the one that is kept, by last touch
 * that of the later click, in whatever order they arrive. An expired one never does.
 */
export function winner(
  touch: "first" | "last",
  kept: string | undefined,
  arrived: string | undefined,
  now = Date.now(),
): string | undefined {
  const good = (token: string | undefined) => {
    const reading = readToken(token, now);
    return reading && reading.expiresAt > now ? reading : undefined;
  };
  const [before, after] = [good(kept), good(arrived)];
  if (after && !(before && (touch === "first" || after.clickedAt < before.clickedAt))) return arrived;
  return before && kept;
}

/** The tokens in a page's or request's cookies: one of the host and one of its domain have one name, and all are candidates. */
export function inCookies(cookies: string): string[] {
  const ours = cookies.split(/; */).filter((cookie) => OURS.test(cookie));
  return ours.map(tokenOf);
}

const tokenOf = (pair: string) => pair.slice(PARAMETER.length + 1);
