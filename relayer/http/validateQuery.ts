/**
 * Refuses what a query asks for that the route does not know. Ignored, a filter would answer with what was not asked for, and
 * `?dryRun=true` would report a sale.
 */
import type { Context, MiddlewareHandler } from "hono";
import { Problem } from "#service/problem.ts";
import { routeOf } from "./observe.ts";
import type { describe } from "./openapi.ts";

/** Which names the queries of the document's routes have is read once, when the first query comes. */
export function validateQuery(document: () => ReturnType<typeof describe>): MiddlewareHandler {
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  return async (c, next) => {
    if (c.req.url.includes("?")) {
      known ??= queriesOf(document());
      requireKnownNames(c, known);
    }
    await next();
  };
}

function requireKnownNames(c: Context, known: ReadonlyMap<string, readonly string[]>): void {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const names = known.get(`${method} ${routeOf(c)}`);
  // There is no such route.
  if (names === undefined) return;
  const given = c.req.queries();
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => `"${name.slice(0, 100)}"`).join(", ");
    throw new Problem(
      400,
      `query: ${quoted} is not known here. ${names.length === 0 ? "This route takes no query" : `It takes ${names.join(", ")}`}.`,
    );
  }
  const twice = Object.keys(given).find((name) => (given[name]?.length ?? 0) > 1);
  if (twice !== undefined)
    throw new Problem(400, `query: "${twice}" is there ${given[twice]?.length} times. Send it once.`);
}

/** The names by method and path, as Hono writes the path. */
function queriesOf({ paths = {} }: ReturnType<typeof describe>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations as Record<string, { parameters?: readonly { in?: string; name?: string }[] }>).map(
        ([method, { parameters = [] }]) => [
          `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`,
          parameters.flatMap((parameter) => (parameter.in === "query" ? (parameter.name ?? []) : [])),
        ],
      ),
    ),
  );
}
