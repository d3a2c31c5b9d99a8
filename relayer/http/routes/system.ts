/** The process itself: whether it runs and is ready, what it measures, and what it can be asked. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { atMostEvery } from "#service/atMostEvery.ts";
import { bringsToken } from "#service/bearer.ts";
import { Problem, problems } from "#service/problem.ts";
import { ADVICE, HEAD_MILLISECONDS, readiness } from "../../health.ts";
import type { Metrics } from "../../metrics.ts";
import type { Services } from "../context.ts";
import { DOCS_POLICY, docsPage } from "../docsPage.ts";
import { json } from "../schemas.ts";

/** How often the database and the chain are asked, however often somebody asks here. */
const PROBE_MILLISECONDS = 1_000;
const COUNT_MILLISECONDS = 5_000;
const BALANCE_MILLISECONDS = 60_000;

const ready = z
  .object({
    database: z.string(),
    chain: z.string(),
    nodes: z.string(),
    indexer: z.string(),
    worker: z.string(),
    campaigns: z.string(),
    refunds: z.string(),
    memory: z.string(),
    clock: z.string(),
  })
  .openapi("Readiness", {
    description:
      "Of each part: ok, or what is wrong with it. `nodes`: which of the chain's nodes are set aside, and why; `campaigns`: how many are set aside, and why the first; `refunds`: those that attesters refuse or that came too late; `memory`: what attesters signed and the database does not know, after it was restored; `clock`: by how much the chain's time is ahead. These make the relayer no less ready.",
  });

const text = (type: string, description: string) => ({ description, content: { [type]: { schema: z.string() } } });

const isAlive = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the process runs",
  responses: { 200: json(z.object({ ok: z.literal(true) }), "The process runs.") },
});

const isReady = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Whether everything that the process needs is there",
  responses: {
    200: json(ready, "Database and chain answer, the indexer is near the head, the worker works."),
    ...problems(503),
  },
});

const showMetrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics for Prometheus",
  description: "With METRICS_TOKEN configured it is to be sent as `Authorization: Bearer …`.",
  security: [],
  responses: { 200: text("text/plain", "In the text format of Prometheus."), ...problems(401) },
});

const showDocument = createRoute({
  method: "get",
  path: "/v1/openapi.json",
  summary: "This document",
  responses: { 200: json(z.record(z.string(), z.unknown()), "OpenAPI 3.1.") },
});

const showDocsPage = createRoute({
  method: "get",
  path: "/docs",
  summary: "This document as a page",
  responses: { 200: text("text/html", "Every route, for people.") },
});

export function systemRoutes(
  { database, chain, config, pulse, attesters, relayerAddress }: Services,
  metrics: Metrics,
  document: () => Parameters<typeof docsPage>[0],
) {
  const app = new OpenAPIHono();
  const limits = { lagBlocks: config.READY_LAG_BLOCKS ?? 120, silenceSeconds: config.READY_SILENCE_SECONDS ?? 120 };
  const checked = atMostEvery(PROBE_MILLISECONDS, () => readiness(database, chain, pulse, limits));
  const balanceNow = atMostEvery(BALANCE_MILLISECONDS, () => chain.provider.getBalance(relayerAddress));
  const counted = atMostEvery(COUNT_MILLISECONDS, async () => {
    const head = await chain.newest(HEAD_MILLISECONDS).catch(() => undefined);
    // Of a node that does not answer nothing is said that was true a while ago.
    const balance = head === undefined ? undefined : await balanceNow().catch(() => undefined);
    await Promise.all([
      metrics.readState(database, head),
      metrics.readAlarms(database, balance, config.GAS_COINS_A_DAY),
    ]);
  });

  app.openapi(isAlive, (c) => c.json({ ok: true as const }, 200));

  app.openapi(isReady, async (c) => {
    const parts = await checked();
    const wrong = Object.entries(parts).filter(([part, state]) => !ADVICE.has(part) && state !== "ok");
    if (wrong.length > 0) throw new Problem(503, wrong.map(([part, state]) => `${part}: ${state}`).join("; "));
    return c.json(parts, 200);
  });

  app.openapi(showMetrics, async (c) => {
    const token = config.METRICS_TOKEN;
    if (token !== undefined && !bringsToken(c, token))
      throw new Problem(401, "Send `Authorization: Bearer …` with the METRICS_TOKEN of the relayer's configuration.");
    metrics.setNodes(chain.nodes());
    metrics.setAttesters(attesters?.states() ?? new Map());
    await counted();
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });

  app.openapi(showDocument, (c) => c.json(document() as unknown as Record<string, unknown>, 200));

  app.openapi(showDocsPage, async (c) => {
    c.header("content-security-policy", DOCS_POLICY);
    return c.html(await docsPage(document()), 200);
  });
  return app;
}
