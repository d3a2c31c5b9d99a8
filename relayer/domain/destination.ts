/** Where an invite link may lead, and does. */

/** The query parameter that carries the referral token to the brand's site. */
const TOKEN_PARAMETER = "_ushrt";
/** Its name as a site may read it: a list of it, too, and in PHP a space or full stop for the first character. */
const LIKE_A_TOKEN = /^\s*[_ .]ushrt(?![\w-])/i;
const MAX_CHARACTERS = 1_000;
/** Of a visitor's own query: with the link's place and the token it fits into the 4 kB that proxies have for an answer's head. */
const MAX_CARRIED_CHARACTERS = 2_000;

/** Where a campaign's links may lead: from its published description. */
export interface Grounds {
  readonly destination: string;
  /** Origins besides the destination's own. */
  readonly allowedOrigins: readonly string[];
}

/** A partner's path that its campaign's links may not lead to. */
export class PathRefused extends Error {
  override readonly name = "PathRefused";
}

/** A URL cut where its referral token goes, so that a click costs no parsing. */
export interface Way {
  /** Without a token: for those who only look. */
  readonly plain: string;
  readonly before: string;
  readonly after: string;
  /** The names in its query. */
  readonly own: ReadonlySet<string>;
}

/**
 * A partner's path as it is kept: from its `/` on the destination's origin, so that it follows the brand to another one; absolute
 * on the other allowed origins. @throws PathRefused
 */
export function normalisePath(path: string, grounds: Grounds): string {
  const url = locate(path, grounds);
  return url.origin === new URL(grounds.destination).origin ? `${url.pathname}${url.search}${url.hash}` : url.href;
}

/** Where a link leads: to its path, or to the destination if it has none or the description allows it no more. */
export function destinationOf(path: string | null, grounds: Grounds): URL {
  if (path !== null) {
    try {
      return locate(path, grounds);
    } catch (error) {
      if (!(error instanceof PathRefused)) throw error;
    }
  }
  const url = new URL(grounds.destination);
  if (!isWeb(url)) throw new Error(`The campaign's destination ${grounds.destination} is not an http(s) address.`);
  return bare(url);
}

/** @throws PathRefused unless `path` is a place on one of the origins that the campaign allows. */
function locate(path: string, { destination, allowedOrigins }: Grounds): URL {
  const refuse = (rule: string) => new PathRefused(`path: "${path.slice(0, 100)}" ${rule}`);
  // The URL parser would drop tabs and line ends and turn backslashes into slashes: "/\evil" and "/<tab>/evil" are "//evil".
  if (/[\s\\\p{Cc}]/u.test(path)) throw refuse("has a space, a backslash or a control character: percent-encode it.");
  if (!/^(\/(?!\/)|https?:\/\/)/i.test(path)) throw refuse("has to start with one /, or be an http(s) address.");
  const home = new URL(destination).origin;
  if (!URL.canParse(path, home)) throw refuse("is not a valid address.");
  const url = new URL(path, home);
  if (url.username !== "" || url.password !== "") throw refuse("has a user name in it: leave it out.");
  const allowed = [home, ...allowedOrigins.flatMap((origin) => (URL.canParse(origin) ? [new URL(origin).origin] : []))];
  if (!isWeb(url) || !allowed.includes(url.origin))
    throw refuse(`leads to ${url.origin}; this campaign's links lead to ${allowed.join(", ")}.`);
  // "/.//evil" is the path "//evil": taken from its / it would be another host.
  if (url.pathname.startsWith("//")) throw refuse("has an empty first segment: write one /.");
  // As it is kept, so that what was allowed once is not too long the next time.
  const { length } = url.pathname + url.search + url.hash;
  if (length > MAX_CHARACTERS) throw refuse(`has ${length} characters; at most ${MAX_CHARACTERS} are allowed.`);
  return bare(url);
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** Without a token, which would be found before the click's own, and without a user name. The rest stays to the letter. */
function bare(url: URL): URL {
  const parts = url.search.slice(1).split("&");
  const others = parts.filter((part) => !LIKE_A_TOKEN.test(nameOf(part)));
  if (others.length < parts.length) url.search = others.length === 0 ? "" : `?${others.join("&")}`;
  url.username = "";
  url.password = "";
  return url;
}

/** Cuts a URL where its token goes: at the end of the query, before the fragment. */
export function wayTo(url: URL): Way {
  const own = new Set(url.search === "" ? [] : url.search.slice(1).split("&").map(nameOf));
  return cut(`${url.origin}${url.pathname}${url.search}`, url.search !== "", url.hash, own);
}

function cut(page: string, hasQuery: boolean, hash: string, own: ReadonlySet<string>): Way {
  return {
    plain: `${page}${hash}`,
    before: `${page}${hasQuery ? "&" : "?"}${TOKEN_PARAMETER}=`,
    after: hash,
    own,
  };
}

/**
 * The way with the query that a visitor came with (`a=1&b=2`) carried on, to the letter. What the link says itself wins, tokens are
 * left out, and so is what does not fit.
 */
export function carryOn(way: Way, query: string): Way {
  let room = MAX_CARRIED_CHARACTERS;
  const carried: string[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const sendable = part.replace(/[^\x21-\x7e]/gu, percentEncode);
    if (sendable.length >= room) continue;
    const name = nameOf(sendable);
    if (way.own.has(name) || LIKE_A_TOKEN.test(name)) continue;
    carried.push(sendable);
    room -= sendable.length + 1;
  }
  if (carried.length === 0) return way;
  const page = way.plain.slice(0, way.plain.length - way.after.length);
  return cut(`${page}${way.own.size > 0 ? "&" : "?"}${carried.join("&")}`, true, way.after, way.own);
}

/** The name of a part of a query, as a site reads it. */
function nameOf(part: string): string {
  const [name = ""] = part.split("=", 1);
  const spaced = name.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** A byte above ASCII as it came, in a character; of what is more than a byte its UTF-8. */
function percentEncode(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `%${code.toString(16).toUpperCase().padStart(2, "0")}`
    : encodeURIComponent(character.toWellFormed());
}
