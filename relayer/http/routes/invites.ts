/** The way of a click: from an invite link to the brand's site. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { visitorOf } from "../../domain/bots.ts";
import { readInvite } from "../../domain/inviteCode.ts";
import type { Invite, Invites } from "../../invites.ts";
import type { Services } from "../context.ts";

const PATH = "/i/:name";

/** The way of nearly every click: a link that was just followed is answered before anything else is set up for the request. */
export function rememberedInvites({ invites }: Services): [path: string, handler: MiddlewareHandler] {
  return [
    PATH,
    async (c, next) => {
      const name = readInvite(c.req.param("name") ?? "");
      const now = Date.now();
      const invite = name === undefined ? undefined : invites.recall(name, now);
      return invite === undefined ? next() : lead(c, invites, invite, now);
    },
  ];
}

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
          "To the link's place on the brand's site, with a referral token as `_ushrt`; without one for bots and for HEAD. Also when the campaign is suspended, closed or without budget.",
      },
      ...problems(404, 503),
    },
  });

  app.get(PATH, async (c) => {
    const given = c.req.param("name");
    const name = readInvite(given);
    const now = Date.now();
    const invite = name === undefined ? undefined : await invites.find(name, now);
    if (invite !== undefined) return lead(c, invites, invite, now);
    c.header("cache-control", "no-store");
    c.header("x-robots-tag", "noindex");
    if (c.req.header("accept")?.includes("text/html") !== true) {
      throw new Problem(404, `There is no invite "${given.slice(0, 40)}". Ask for the link again where you found it.`);
    }
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    return c.html(UNKNOWN, 404);
  });
  return app;
}

function lead(c: Context, invites: Invites, invite: Invite, now: number): Response {
  const location =
    c.req.method === "HEAD"
      ? invite.plain
      : invites.lead(
          invite,
          visitorOf((header) => c.req.header(header)),
          now,
        );
  // Each visit is another one, and where it came from is nobody's business. Of the usual security headers only the last one
  // means anything without a body.
  return new Response(null, {
    status: 302,
    headers: {
      location,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex",
      "content-length": "0",
      "strict-transport-security": "max-age=15552000; includeSubDomains",
    },
  });
}

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
<p>Perhaps a character is missing. Look at the link again where you found it, or ask whoever gave it to you.</p>
</body>
</html>
`;
