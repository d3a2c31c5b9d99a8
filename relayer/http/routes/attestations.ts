/** What attesters ask of the relayer: a batch that one of them signed and forgot. It names orders, so it takes their token. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { writeRemembered } from "@partner-programs/protocol/attesterMemory";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import { bringsToken } from "#service/bearer.ts";
import { Problem, problems } from "#service/problem.ts";
import { streamOf } from "#service/stream.ts";
import { readNumberedHere, rememberedConversions } from "../../store/batches.ts";
import { ATTESTERS } from "../auth.ts";
import type { Services } from "../context.ts";
import { noteBroken } from "../observe.ts";
import { bytes32 } from "../schemas.ts";

const showAttestation = createRoute({
  method: "get",
  path: "/v1/attestations/{digest}",
  security: ATTESTERS,
  summary: "A batch with its orders, for an attester that forgot it",
  description:
    "Between relayer and attesters, with their token: the attestation, and behind it its conversions, one JSON value a line.",
  request: { params: z.object({ digest: bytes32 }) },
  responses: {
    200: { description: "The batch.", content: { [NDJSON]: { schema: z.string() } } },
    ...problems(400, 401, 404),
  },
});

export function attestationRoutes({ database, config, log }: Services) {
  const app = new OpenAPIHono();
  app.openapi(showAttestation, async (c) => {
    const { ATTESTER_TOKEN } = config;
    if (ATTESTER_TOKEN === undefined || !bringsToken(c, ATTESTER_TOKEN))
      throw new Problem(401, "Present the attesters' token.");
    const { digest } = c.req.valid("param");
    const attestation = await readNumberedHere(database, digest);
    if (attestation === undefined)
      throw new Problem(404, `Attestation ${digest} was not numbered here. Ask the attesters that signed it.`);
    const pieces = writeRemembered(attestation, rememberedConversions(database, digest));
    return c.body(streamOf(pieces, noteBroken(c, log)), 200, { "content-type": NDJSON }) as never;
  });
  return app;
}
