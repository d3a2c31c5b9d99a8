import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { Problem, problemResponse } from "../../server/problem.ts";
import type { Services } from "./context.ts";
import { authRoutes } from "./routes/auth.ts";
import { batchRoutes } from "./routes/batches.ts";
import { bindingRoutes } from "./routes/bindings.ts";
import { campaignRoutes } from "./routes/campaigns.ts";
import { conversionRoutes } from "./routes/conversions.ts";
import { IMPORTS_PATH, importRoutes } from "./routes/imports.ts";
import { inviteRoutes, rememberedInvites } from "./routes/invites.ts";
import { linkRoutes } from "./routes/links.ts";
import { partnershipRoutes } from "./routes/partnerships.ts";
import { reportRoutes } from "./routes/reports.ts";
import { reviewRoutes } from "./routes/reviews.ts";
import { systemRoutes } from "./routes/system.ts";

const MOST_BYTES = 256 * 1024;

/** The relayer's HTTP face. Input is validated by the same schemas that /v1/openapi.json documents. */
export function createApp(services: Services): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success)
        throw new Problem(400, `${result.target}: ${z.prettifyError(result.error).replaceAll("\n", " ")}`);
    },
  });
  app.get(...rememberedInvites(services));
  app.use(requestId());
  app.use(secureHeaders());
  // Sessions are bearer tokens, never cookies, so any page may call.
  app.use("/v1/*", cors());
  const limited = bodyLimit({
    maxSize: MOST_BYTES,
    onError: (c) => problemResponse(c, 413, `A body has at most ${MOST_BYTES} bytes.`),
  });
  app.use((c, next) => (c.req.path === IMPORTS_PATH ? next() : limited(c, next)));

  for (const routes of [
    systemRoutes,
    inviteRoutes,
    authRoutes,
    campaignRoutes,
    partnershipRoutes,
    linkRoutes,
    bindingRoutes,
    conversionRoutes,
    importRoutes,
    reviewRoutes,
    reportRoutes,
    batchRoutes,
  ]) {
    const part = routes(services);
    part.defaultHook = app.defaultHook;
    app.route("/", part);
  }
  app.doc31("/v1/openapi.json", { openapi: "3.1.0", info: { title: "Partner Programs relayer", version: "1" } });

  app.notFound((c) =>
    problemResponse(c, 404, `There is nothing at ${c.req.method} ${c.req.path}. See /v1/openapi.json.`),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problemResponse(c, error.status as ContentfulStatusCode, error.message);
    services.log.error(
      { requestId: c.get("requestId"), method: c.req.method, path: c.req.path, error: error.stack },
      "request failed",
    );
    return problemResponse(c, 500, `Something went wrong here. Request ${c.get("requestId")}.`);
  });
  return app;
}
