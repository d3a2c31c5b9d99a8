/** What everybody may read of an attester: the lines of the batches that it signed, as it signed them. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { LINE_BYTES } from "@partner-programs/protocol/line";
import { cors } from "hono/cors";
import { Problem, problems } from "#service/problem.ts";
import { streamOf } from "#service/stream.ts";
import { noteBroken, type Services } from "./routes.ts";
import { readLineCount, readLinePieces } from "./store/lines.ts";

/** Nobody has to believe it: the attestation on the chain has the root and the sum of these lines. */
export function addLines(app: OpenAPIHono, { reviewer: { database }, log }: Pick<Services, "reviewer" | "log">): void {
  app.use("/v1/batches/*", cors({ origin: "*", allowMethods: ["GET"] }));
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/batches/{digest}/lines",
      security: [],
      description:
        "The lines of a batch that was signed here, in their order, 32 bytes each. What reversals lowered since is on the chain.",
      request: { params: z.object({ digest: bytes32 }) },
      responses: {
        200: {
          description: "The lines.",
          content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
        },
        ...problems(400, 404),
      },
    }),
    async (c) => {
      const { digest } = c.req.valid("param");
      const count = await readLineCount(database, digest);
      if (count === undefined) throw new Problem(404, `Batch ${digest} was not signed here. Ask its other attesters.`);
      return c.body(streamOf(readLinePieces(database, digest), noteBroken(log, digest)), 200, {
        "content-type": "application/octet-stream",
        "content-length": String(LINE_BYTES * count),
        "cache-control": "public, max-age=31536000, immutable",
      });
    },
  );
}
