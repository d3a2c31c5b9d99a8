/**
 * The attester's HTTP face: who may ask, how much, and how errors are answered. What a relayer asks is in routes.ts, what
 * everybody may read in publicRoutes.ts.
 */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { MAX_BODY_BYTES } from "@partner-programs/protocol/attesterApi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { bringsToken } from "#service/bearer.ts";
import { Problem, problemResponse } from "#service/problem.ts";
import type { Rotating } from "#service/rotating.ts";
import { addMemory } from "./memoryRoutes.ts";
import { createMetrics } from "./metrics.ts";
import { addLines } from "./publicRoutes.ts";
import { createBatchRoom } from "./receive.ts";
import { addAttestations, addChecks, addReversals, type Services } from "./routes.ts";

/** Asked for an opinion it gives one, asked for a signature it answers with one or with a reason (409). */
export function createAttester(
  given: Omit<Services, "room" | "metrics"> & {
    readonly token: Rotating;
    readonly metricsToken?: Rotating | undefined;
  },
): OpenAPIHono {
  const { signer, token, metricsToken, log, reviewer } = given;
  const metrics = createMetrics(reviewer);
  const services = { ...given, room: createBatchRoom(), metrics };
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success) throw new Problem(400, z.prettifyError(result.error).replaceAll("\n", " ").slice(0, 2_000));
    },
  });
  app.get("/healthz", (c) => c.json({ ok: true, attester: signer.address }));
  app.get("/metrics", async (c) => {
    if (metricsToken !== undefined && !bringsToken(c, metricsToken))
      throw new Problem(401, "Send `Authorization: Bearer …` with the METRICS_TOKEN of the attester's configuration.");
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });

  // Before the door: what was signed is public, and its lines are what a partner needs to be paid.
  addLines(app, services);

  app.use("/v1/*", async (c, next) => {
    if (!bringsToken(c, token)) throw new Problem(401, "Present the attester's token.");
    await next();
  });
  // Batches are bounded as they are read.
  app.use(
    "/v1/reversals",
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => problemResponse(c, 413, `A body has at most ${MAX_BODY_BYTES} bytes.`),
    }),
  );

  addChecks(app, services);
  addAttestations(app, services);
  addReversals(app, services);
  addMemory(app, services);
  const scheme = app.openAPIRegistry.registerComponent("securitySchemes", "relayer", {
    type: "http",
    scheme: "bearer",
    description: "The `ATTESTER_TOKEN` of the attester's configuration, which its relayer has as well.",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Partner Programs attester", version: "1" },
    security: [{ [scheme.name]: [] }],
  });

  app.notFound((c) => problemResponse(c, 404, `There is nothing at ${c.req.method} ${c.req.path}. See /openapi.json.`));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problemResponse(c, error.status as ContentfulStatusCode, error.message);
    log.error({ error: error.stack }, "request failed");
    return problemResponse(c, 500, "Something went wrong here; the attester's log says what.");
  });
  return app;
}
