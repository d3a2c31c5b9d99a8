/** What can be done with a referral token without its secret: find it in an address, read its times, say which of two counts. */

/** The query parameter, cookie and form field that a referral token travels in. */
export const PARAMETER = "_ushrt";

const DAY = 86_400_000;
const UNKNOWN_DAYS = 90;

/** What can be read in a token without its secret. Milliseconds since 1970. Whether it is genuine is for the relayer to say. */
export interface Reading {
  readonly clickedAt: number;
  readonly expiresAt: number;
}

/** `2.<code>.<time>.<expiry>.<click>.<mac>`; undefined if it is no token at all, so that it could not harm a cookie or an address. */
export function readToken(text: unknown, now = Date.now()): Reading | undefined {
  if (typeof text !== "string" || text.length > 200 || !/^\d{1,3}\.[\w.-]+$/.test(text)) return undefined;
  const [version, , clicked = "", expiry = ""] = text.split(".");
  // Of another version nothing is known but that it just came.
  if (version !== "2") return { clickedAt: now, expiresAt: now + UNKNOWN_DAYS * DAY };
  const [clickedAt, expiresAt] = [Number.parseInt(clicked, 36), Number.parseInt(expiry, 36)];
  return expiresAt > clickedAt ? { clickedAt, expiresAt } : undefined;
}

/** Takes the tokens out of a query (`?a=1&_ushrt=…`). The rest stays as it is, to the letter. */
export function takeOut(search: string): { readonly token: string | undefined; readonly rest: string } {
  const parts = search.slice(1).split("&");
  const others = parts.filter((part) => !part.startsWith(`${PARAMETER}=`) && part !== PARAMETER);
  const token = parts.find((part) => part.startsWith(`${PARAMETER}=`))?.slice(PARAMETER.length + 1);
  if (others.length === parts.length) return { token: undefined, rest: search };
  return { token: readToken(token) && token, rest: others.length > 0 ? `?${others.join("&")}` : "" };
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
  const [before, after] = [readToken(kept, now), readToken(arrived, now)];
  if (after === undefined || after.expiresAt <= now) return before && before.expiresAt > now ? kept : undefined;
  if (before === undefined || before.expiresAt <= now) return arrived;
  return touch === "last" && after.clickedAt >= before.clickedAt ? arrived : kept;
}
