/** What an attester tells of what it signed before, to whoever has its token: its relayer, and an attester that forgot. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { number } from "@partner-programs/protocol/attesterApi";
import { MAX_SIGNED, memory, rememberedRecord, writeRemembered } from "@partner-programs/protocol/attesterMemory";
import { bytes32 } from "@partner-programs/protocol/bytes32";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import { Problem, problems } from "#service/problem.ts";
import { streamOf } from "#service/stream.ts";
import { findForgotten } from "./chain/forgotten.ts";
import { refuseForNow } from "./chain/trouble.ts";
import { noteBroken, type Services } from "./routes.ts";
import { readRemembered, readSignedFrom } from "./store/memory.ts";
import { readSigned } from "./store/signed.ts";

/** Behind no digest. */
const NONE = "";

export function addMemory(app: OpenAPIHono, { reviewer, log }: Pick<Services, "reviewer" | "log">): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/signed",
      description:
        "What was signed for the campaign from a number on, and what is on the chain with this attester's signature and not known here.",
      request: {
        params: z.object({ campaignId: bytes32 }),
        query: z.object({ from: number, after: bytes32.default(NONE) }),
      },
      responses: {
        200: { description: "What it remembers.", content: { "application/json": { schema: memory } } },
        ...problems(400, 401, 503),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const { from, after } = c.req.valid("query");
      const forgotten = await findForgotten(reviewer, campaignId).catch((error: unknown) => {
        throw new Problem(503, refuseForNow(reviewer.chain, error).reason);
      });
      const signed = await readSignedFrom(reviewer.database, campaignId, from, after, MAX_SIGNED + 1);
      const answer: z.input<typeof memory> = {
        forgotten: forgotten.map(({ digest }) => digest),
        signed: signed
          .slice(0, MAX_SIGNED)
          .map(({ firstConversion, ...one }) => ({ ...one, firstConversion: firstConversion.toString() })),
        more: signed.length > MAX_SIGNED,
      };
      return c.json(answer as never, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/attestations/{digest}",
      description:
        "A batch that was signed here: the attestation, and behind it its conversions, one JSON value a line.",
      request: { params: z.object({ digest: bytes32 }) },
      responses: {
        200: { description: "The batch.", content: { [NDJSON]: { schema: rememberedRecord } } },
        ...problems(400, 401, 404),
      },
    }),
    async (c) => {
      const { digest } = c.req.valid("param");
      const signed = await readSigned(reviewer.database, digest);
      if (signed === undefined)
        throw new Problem(404, `Attestation ${digest} was not signed here. Ask its other attesters, or its relayer.`);
      const pieces = writeRemembered(signed.attestation, readRemembered(reviewer.database, digest));
      return c.body(streamOf(pieces, noteBroken(log, digest)), 200, { "content-type": NDJSON }) as never;
    },
  );
}
