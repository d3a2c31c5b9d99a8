/** Every request in the metrics and in the log. */
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Logger } from "pino";
import { describeError } from "#service/errors.ts";
import type { Metrics } from "../metrics.ts";

/**
 * Notes each request: in the metrics, and in the log. The route stands there as it is written in the code, so that no code, token
 * or query that somebody sent does.
 */
export function observe(log: Logger, metrics: Metrics): MiddlewareHandler {
  return async (c, next) => {
    const begun = performance.now();
    await next();
    const ms = performance.now() - begun;
    const route = routeOf(c);
    metrics.observeRequest(c.req.method, route, c.res.status, ms / 1000);
    const level = c.res.status >= 500 ? "error" : route.startsWith("/i/") ? "debug" : "info";
    log[level](
      {
        requestId: c.get("requestId"),
        method: c.req.method,
        route,
        status: c.res.status,
        ms: Math.round(ms * 10) / 10,
      },
      "request",
    );
  };
}

/** @returns what notes that an answer broke off on its way, when its status was said long ago */
export function noteBroken(c: Context, log: Pick<Logger, "error">): (error: unknown) => void {
  const [requestId, route] = [c.get("requestId"), routeOf(c)];
  return (error) => log.error({ requestId, route, ...describeError(error) }, "answer broke off");
}

export function routeOf(c: Context): string {
  return matchedRoutes(c).findLast(({ method }) => method !== "ALL")?.path ?? "none";
}
