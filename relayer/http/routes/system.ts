import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "../../../server/problem.ts";
import type { Services } from "../context.ts";
import { json } from "../schemas.ts";

const status = z
  .object({
    chainId: z.int(),
    programs: z.string(),
    relayer: z.string(),
    indexedBlock: z.int().nullable(),
    /** Accepted conversions that are not attested yet, attested ones that are not released yet, open refunds. */
    waiting: z.object({ conversions: z.int(), batches: z.int(), refunds: z.int() }),
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

/** Health and what the relayer is doing. */
export function systemRoutes({ database, chain, relayerAddress }: Services) {
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "get",
      path: "/healthz",
      responses: { 200: json(z.object({ ok: z.literal(true) }), "The process runs.") },
    }),
    (c) => c.json({ ok: true as const }, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/status",
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
