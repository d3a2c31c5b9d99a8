/** The public data of batches: with the chain, enough to check every conversion. Nothing of a customer is in it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { packLine } from "@partner-programs/protocol/line";
import { Problem, problems } from "#service/problem.ts";
import { readLeaves } from "../../store/batches.ts";
import { readBatchView } from "../../store/batchViews.ts";
import { readLines } from "../../store/lines.ts";
import type { Services } from "../context.ts";
import { bytes32, json } from "../schemas.ts";

const batch = z
  .object({
    digest: bytes32,
    campaignId: bytes32,
    firstConversion: z.string(),
    conversions: z.int(),
    conversionsRoot: bytes32,
    state: z.string(),
    /** Why it is not further yet, if something is in the way: the contract's error, or who refused what. */
    problem: z.string().nullable(),
    lines: z.array(z.object({ attested: bytes32, current: bytes32 })),
    leaves: z.array(z.object({ number: z.string(), key: bytes32, salt: bytes32, entries: z.array(bytes32) })),
  })
  .openapi("Batch");

export function batchRoutes({ database }: Services) {
  const app = new OpenAPIHono();
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/batches/{digest}",
      request: { params: z.object({ digest: bytes32 }) },
      responses: { 200: json(batch, "The batch, its lines and its leaves."), ...problems(404) },
    }),
    async (c) => {
      const { digest } = c.req.valid("param");
      const row = await readBatchView(database, digest);
      if (row === undefined) throw new Problem(404, `There is no batch ${digest}.`);
      const { attested, current } = await readLines(database, digest);
      const leaves = await readLeaves(database, digest);
      return c.json(
        {
          digest,
          campaignId: row.campaign_id,
          firstConversion: String(row.first_conversion),
          conversions: row.conversions,
          conversionsRoot: row.conversions_root,
          state: row.state,
          problem: row.problem,
          lines: attested.map((line, i) => ({ attested: packLine(line), current: packLine(current[i] ?? line) })),
          leaves: leaves.map((leaf) => ({ ...leaf, number: String(leaf.number), entries: leaf.entries.map(packLine) })),
        },
        200,
      );
    },
  );
  return app;
}
