/**
 * The way of nearly every click: a link that was just followed is answered by Node's own server, before a framework makes a request
 * and a response of it, which costs as much again. Whatever is less than plain is the app's.
 */
import { type IncomingMessage, type RequestListener, createServer as serverOf } from "node:http";
import type { Invites } from "../invites.ts";
import { leadOn, VISIT_HEADERS } from "./routes/invites.ts";

/** A code or alias as it is kept, and a query: what anybody mistyped or garnished is read by the route. */
const PLAIN = /^\/i\/([a-z0-9][a-z0-9-]{1,30}[a-z0-9])(?:\?([\x21-\x22\x24-\x7e]*))?$/;
const HEADERS = Object.entries(VISIT_HEADERS).flat();

/** For `serve`: a server on which `app` answers all but the plain visits of links that `invites` remembers. */
export function invitesFirst(invites: Invites): typeof serverOf {
  const first =
    (app: RequestListener): RequestListener =>
    (request, response) => {
      const location = placeOf(request, invites);
      if (location === undefined) return app(request, response);
      response.writeHead(302, ["location", location, ...HEADERS]).end();
    };
  return ((options: object, app: RequestListener) => serverOf(options, first(app))) as typeof serverOf;
}

function placeOf(request: IncomingMessage, invites: Invites): string | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const asked = PLAIN.exec(request.url ?? "");
  if (asked === null) return undefined;
  const [, name = "", query = ""] = asked;
  const now = Date.now();
  const invite = invites.recall(name, now);
  if (invite === undefined) return undefined;
  const { headers } = request;
  return leadOn(invites, invite, request.method, query, (header) => headers[header] as string | undefined, now);
}
