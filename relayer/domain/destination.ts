/** Where an invite link may lead, and does. */

/** The query parameter that carries the referral token to the brand's site. */
const TOKEN_PARAMETER = "_ushrt";
const MAX_CHARACTERS = 1_000;

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

/** Without a token, which would be found before the click's own, and without a user name. */
function bare(url: URL): URL {
  if (url.searchParams.has(TOKEN_PARAMETER)) url.searchParams.delete(TOKEN_PARAMETER);
  url.username = "";
  url.password = "";
  return url;
}

/** Cuts a URL where its token goes: at the end of the query, before the fragment. */
export function wayTo(url: URL): Way {
  const page = `${url.origin}${url.pathname}${url.search}`;
  return {
    plain: `${page}${url.hash}`,
    before: `${page}${url.search === "" ? "?" : "&"}${TOKEN_PARAMETER}=`,
    after: url.hash,
  };
}
