/** The way of a click: from an invite link to the brand's site. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { getPath } from "hono/utils/url";
import { Problem, problems } from "#service/problem.ts";
import { visitorOf } from "../../domain/bots.ts";
import { carryOn } from "../../domain/destination.ts";
import { readInvite } from "../../domain/inviteCode.ts";
import type { Invite, Invites } from "../../invites.ts";
import type { Services } from "../context.ts";
import { isBrowser } from "../isBrowser.ts";

const PATH = "/i/:name";
const PREFIX = "/i/";
/** The same in capitals, and with slashes too many or too few. */
const LIKE_PATH = /^\/+i(?:\/+|$)(.*)$/is;

/** A request's path, as Hono has it; of an invite as the routes know it, however somebody typed it or put it together. */
export function pathOf(request: Request): string {
  const path = getPath(request);
  // Nearly every click: nothing to look for.
  if (path.startsWith(PREFIX) && path.length > PREFIX.length && path.indexOf("/", PREFIX.length) < 0) return path;
  const name = LIKE_PATH.exec(path)?.[1];
  // A name of nothing, or with slashes, is one that no link has: it is to be answered by the same route.
  return name === undefined ? path : PREFIX + (name.replaceAll("/", "%2F") || "%2F");
}

/** Whether `path`, as `pathOf` gives it, is an invite's. */
export const isInvite = (path: string) => path.startsWith(PREFIX);

/** The invite links. */
export function inviteRoutes({ invites }: Services) {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/i/{name}",
    description:
      "Follows an invite link, by its code or its alias. A person's visit is counted; bots and prefetches are counted apart, HEAD is not.",
    request: { params: z.object({ name: z.string().regex(/^[A-Za-z0-9-]{3,32}$/) }) },
    responses: {
      302: {
        description:
          "To the link's place on the brand's site, with the query that the visitor came with and a referral token as `_ushrt`; without a token for bots and for HEAD. Also when the campaign is suspended, closed or without budget.",
      },
      ...problems(404, 503),
    },
  });

  app.get(PATH, async (c) => {
    const given = c.req.param("name");
    const name = readInvite(given);
    const now = Date.now();
    const invite = name === undefined ? undefined : await invites.find(name, now);
    if (invite !== undefined) {
      const header = (of: string) => c.req.header(of);
      const location = leadOn(invites, invite, c.req.method, queryOf(c.req.url), header, now);
      return new Response(null, { status: 302, headers: { location, ...VISIT_HEADERS } });
    }
    c.header("cache-control", "no-store");
    c.header("x-robots-tag", "noindex");
    if (!isBrowser(c))
      throw new Problem(404, `There is no invite "${given.slice(0, 40)}". Ask for the link again where you found it.`);
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    return c.html(UNKNOWN, 404);
  });
  return app;
}

/** The query of a request, to the letter. */
function queryOf(url: string): string {
  const begin = url.indexOf("?");
  if (begin < 0) return "";
  const end = url.indexOf("#", begin);
  return url.slice(begin + 1, end < 0 ? undefined : end);
}

/** Where a visit leads that asks for `invite` with a query, to the letter; anything but HEAD is counted. */
export function leadOn(
  invites: Invites,
  invite: Invite,
  method: string,
  query: string,
  header: (name: string) => string | undefined,
  now: number,
): string {
  if (method === "HEAD") return carryOn(invite, query).plain;
  return invites.lead(invite, visitorOf(header), now, query);
}

/**
 * What the answer to a visit says besides where it leads. Each visit is another one, and where it came from is nobody's business. Of
 * the usual security headers only the last one means anything without a body.
 */
export const VISIT_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
  "content-length": "0",
  "strict-transport-security": "max-age=15552000; includeSubDomains",
} as const;

/** Says nothing of what was asked for, loads nothing and leads nowhere. */
const UNKNOWN = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unknown invite link</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem; color-scheme: light dark }</style>
</head>
<body>
<h1>This invite link is not known</h1>
<p>The address has a mistake in it, or was cut short. What usually helps:</p>
<ul>
<li>Look at the link again where you found it. Often its last characters went astray, where a line ended.</li>
<li>Copy it instead of typing it. What comes last in it has letters, digits and hyphens only.</li>
<li>Ask whoever gave it to you for it again.</li>
</ul>
<p>Or go to the shop directly: everything there is as it would be by the link. It will only not know who recommended it.</p>
</body>
</html>
`;
