import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { atMostEvery, readiness } from "../../health.ts";
import { attesterMetrics, type RequestMetrics, stateMetrics } from "../../metrics.ts";
import { sameSecret } from "../../secrets.ts";
import type { Services } from "../context.ts";
import { DOCS_POLICY, docsPage } from "../docsPage.ts";
import { address, json } from "../schemas.ts";

const status = z
  .object({
    chainId: z.int(),
    programs: z.string(),
    relayer: z.string(),
    indexedBlock: z.int().nullable(),
    /** Accepted conversions that are not attested yet, attested ones that are not released yet, open refunds. */
    waiting: z.object({ conversions: z.int(), batches: z.int(), refunds: z.int() }),
    /** Claims whose gas the relayer pays: null: of none; otherwise of these tokens, or of all. */
    gaslessClaims: z
      .object({ tokens: z.array(z.object({ token: address, minimum: z.string() })).nullable() })
      .nullable()
      .openapi({
        description:
          "null: none is carried. `tokens`: those that are, from a credit of so many whole tokens on; null: all are.",
      }),
  })
  .openapi("Status");

const transaction = z
  .object({
    purpose: z.string(),
    hash: z.string(),
    state: z.enum(["sent", "mined", "reverted", "lost"]),
    gasUsed: z.int().nullable(),
    block: z.int().nullable(),
  })
  .openapi("Transaction");

const ready = z
  .object({ database: z.string(), chain: z.string(), indexer: z.string(), worker: z.string() })
  .openapi("Readiness", { description: "Of each part: ok, or what is wrong with it." });

/** How often the database and the chain are asked, however often somebody asks here. */
const PROBE_MILLISECONDS = 1_000;
const COUNT_MILLISECONDS = 5_000;

const text = (type: string, description: string) => ({ description, content: { [type]: { schema: z.string() } } });

/** Health, what the relayer is doing, and what it can be asked. */
export function systemRoutes(
  { database, chain, relayerAddress, config, pulse, attesters }: Services,
  requests: RequestMetrics,
  document: () => Parameters<typeof docsPage>[0],
) {
  const app = new OpenAPIHono();
  const limits = { lagBlocks: config.READY_LAG_BLOCKS ?? 120, silenceSeconds: config.READY_SILENCE_SECONDS ?? 120 };
  const checked = atMostEvery(PROBE_MILLISECONDS, () => readiness(database, chain, pulse, limits));
  const carried = config.GASLESS_CLAIMS ?? "off";
  const gaslessClaims =
    carried === "off"
      ? null
      : { tokens: carried === "any" ? null : [...carried].map(([token, minimum]) => ({ token, minimum })) };
  const counted = atMostEvery(COUNT_MILLISECONDS, async () =>
    stateMetrics(database, (await chain.block("latest").catch(() => undefined))?.number),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/healthz",
      summary: "Whether the process runs",
      responses: { 200: json(z.object({ ok: z.literal(true) }), "The process runs.") },
    }),
    (c) => c.json({ ok: true as const }, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/readyz",
      summary: "Whether everything that the process needs is there",
      responses: {
        200: json(ready, "Database and chain answer, the indexer is near the head, the worker works."),
        ...problems(503),
      },
    }),
    async (c) => {
      const parts = await checked();
      const wrong = Object.entries(parts).filter(([, state]) => state !== "ok");
      if (wrong.length > 0) throw new Problem(503, wrong.map(([part, state]) => `${part}: ${state}`).join("; "));
      return c.json(parts, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      summary: "Metrics for Prometheus",
      description: "With METRICS_TOKEN configured it is to be sent as `Authorization: Bearer …`.",
      security: [],
      responses: { 200: text("text/plain", "In the text format of Prometheus."), ...problems(401) },
    }),
    async (c) => {
      const token = config.METRICS_TOKEN;
      if (token !== undefined && !sameSecret(c.req.header("authorization") ?? "", `Bearer ${token}`))
        throw new Problem(401, "Send `Authorization: Bearer …` with the METRICS_TOKEN of the relayer's configuration.");
      return c.text(`${requests.text()}${attesterMetrics(attesters?.states() ?? new Map())}${await counted()}`, 200, {
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
      });
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/openapi.json",
      summary: "This document",
      responses: { 200: json(z.record(z.string(), z.unknown()), "OpenAPI 3.1.") },
    }),
    (c) => c.json(document() as unknown as Record<string, unknown>, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/docs",
      summary: "This document as a page",
      responses: { 200: text("text/html", "Every route, for people.") },
    }),
    async (c) => {
      c.header("content-security-policy", DOCS_POLICY);
      return c.html(await docsPage(document()), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/status",
      summary: "What the relayer is doing",
      responses: { 200: json(status, "Database and chain answer."), ...problems(503) },
    }),
    async (c) => {
      const [row] = await database.query<{
        block: bigint | null;
        conversions: bigint;
        batches: bigint;
        refunds: bigint;
      }>(
        `SELECT (SELECT block FROM chain_cursor) AS block,
           (SELECT count(*) FROM conversions WHERE state IN ('accepted', 'batched', 'review')) AS conversions,
           (SELECT count(*) FROM batches WHERE state = 'attested') AS batches,
           (SELECT count(*) FROM reversals WHERE state IN ('requested', 'sent')) AS refunds`,
      );
      if (row === undefined) throw new Problem(503, "The database does not answer.");
      return c.json(
        {
          chainId: chain.chainId,
          programs: chain.address,
          relayer: relayerAddress,
          indexedBlock: row.block === null ? null : Number(row.block),
          gaslessClaims,
          waiting: { conversions: Number(row.conversions), batches: Number(row.batches), refunds: Number(row.refunds) },
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/transactions",
      summary: "What the relayer sent",
      responses: { 200: json(z.array(transaction), "The relayer's last 1,000 transactions, newest first.") },
    }),
    async (c) => {
      const rows = await database.query<{
        purpose: string;
        hash: string;
        state: "sent" | "mined" | "reverted" | "lost";
        gas_used: bigint | null;
        block: bigint | null;
      }>(
        "SELECT purpose, coalesce(hash, (SELECT hash FROM attempts WHERE attempts.sender = transactions.sender AND attempts.nonce = transactions.nonce ORDER BY max_fee DESC LIMIT 1)) AS hash, state, gas_used, block FROM transactions ORDER BY created_at DESC LIMIT 1000",
      );
      return c.json(
        rows.map(({ gas_used, block, ...row }) => ({
          ...row,
          gasUsed: gas_used === null ? null : Number(gas_used),
          block: block === null ? null : Number(block),
        })),
        200,
      );
    },
  );
  return app;
}
