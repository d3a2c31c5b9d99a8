/** What a relayer asks an attester: its opinion, its signature of an attestation, its signature of a reversal. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  attestationRecord,
  conversionRecord,
  opinion,
  type Refusal,
  refusal as refusalSchema,
  reversalRequest,
  signature as signatureSchema,
  writeRefusal,
} from "@partner-programs/protocol/attesterApi";
import { NDJSON } from "@partner-programs/protocol/ndjson";
import { attestationTypedData, digestOf, reversalTypedData } from "@partner-programs/protocol/typedData";
import type { Context } from "hono";
import type { Logger } from "pino";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { describeError } from "#service/errors.ts";
import { Problem, problemSchema, problems } from "#service/problem.ts";
import type { AttesterMetrics } from "./metrics.ts";
import { withBatch } from "./receive.ts";
import { digestFor, noteBatch, type Reviewer, reviewBatch } from "./review.ts";
import { reviewReversal } from "./reviewReversal.ts";
import type { Room } from "./room.ts";
import { insertReversal } from "./store/reversals.ts";

type TypedData = ReturnType<typeof attestationTypedData> | ReturnType<typeof reversalTypedData>;

/** Signs with the attester's key, wherever that is. */
export interface Signer {
  readonly address: string;
  signTypedData(
    domain: ProgramsChain["domain"],
    types: TypedData["types"],
    message: Record<string, unknown>,
  ): Promise<string>;
}

/** What the routes work with. */
export interface Services {
  readonly reviewer: Reviewer;
  readonly signer: Signer;
  readonly log: Logger;
  /** For the batches that are in memory. */
  readonly room: Room;
  readonly metrics: Pick<AttesterMetrics, "countAnswer" | "countSignerFailure">;
}

/** @returns what notes that an answer about a batch broke off on its way, when its status was said long ago */
export const noteBroken = (log: Pick<Logger, "error">, digest: string) => (error: unknown) =>
  log.error({ batch: digest, ...describeError(error) }, "answer broke off");

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
/** Lines of JSON are read by `withBatch`; what each of them is stands among the schemas. */
const batchBody = {
  body: {
    required: true,
    description: "The attestation, and behind it its conversions: one JSON value a line.",
    content: { [NDJSON]: { schema: z.union([attestationRecord, conversionRecord]) } },
  },
};
const refused = {
  409: {
    description: "Refused.",
    content: { "application/problem+json": { schema: z.object({ ...problemSchema.shape, ...refusalSchema.shape }) } },
  },
};

export function addChecks(app: OpenAPIHono, { reviewer, log, room, metrics }: Services): void {
  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/checks",
      description: "Whether the attester would sign. It signs nothing and remembers nothing.",
      request: batchBody,
      responses: { 200: json(opinion, "Its opinion."), ...problems(400, 401, 413, 415) },
    }),
    (c) =>
      withBatch(c, room, async (batch) => {
        const review = await reviewBatch(reviewer, batch);
        metrics.countAnswer("check", "refusal" in review ? review.refusal : undefined);
        if (!("refusal" in review)) return c.json({ ok: true as const }, 200);
        const digest = digestFor(reviewer.chain, batch.attestation);
        logRefusal(log, "would refuse an attestation", { digest }, review.refusal);
        return c.json({ ok: false as const, ...writeRefusal(review.refusal) } as never, 200);
      }),
  );
}

export function addAttestations(app: OpenAPIHono, services: Services): void {
  const { reviewer, log, room, metrics } = services;
  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/attestations",
      description: "Checks, remembers, signs. The same attestation again gets the same signature.",
      request: batchBody,
      responses: { 200: json(signatureSchema, "Signed."), ...refused, ...problems(400, 401, 413, 415, 503) },
    }),
    (c) =>
      withBatch(c, room, async (batch) => {
        const { attestation } = batch;
        const digest = digestFor(reviewer.chain, attestation);
        const review = await reviewBatch(reviewer, batch);
        const refusal = "refusal" in review ? review.refusal : await noteBatch(reviewer, batch, review);
        metrics.countAnswer("attestation", refusal);
        if (refusal !== undefined) {
          logRefusal(log, "attestation refused", { digest }, refusal);
          return refusedResponse(c, refusal) as never;
        }
        const signature = await sign(services, attestationTypedData(attestation));
        const { conversions, lineCount: lines } = attestation;
        log.info({ digest, conversions, lines }, "attestation signed");
        return c.json({ signature }, 200);
      }),
  );
}

export function addReversals(app: OpenAPIHono, services: Services): void {
  const { reviewer, log, metrics } = services;
  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/reversals",
      description: "Signs a reversal of an attestation that was signed here.",
      request: body(reversalRequest),
      responses: { 200: json(signatureSchema, "Signed."), ...refused, ...problems(400, 401, 413, 503) },
    }),
    async (c) => {
      const { conversions, ...reversal } = c.req.valid("json");
      const keys = [...new Set(conversions.map(({ key }) => key))];
      const refusal = await reviewReversal(reviewer, reversal, keys);
      metrics.countAnswer("reversal", refusal);
      if (refusal !== undefined) {
        logRefusal(log, "reversal refused", { attestation: reversal.attestation }, refusal);
        return refusedResponse(c, refusal) as never;
      }
      const typed = reversalTypedData(reversal);
      const digest = digestOf(reviewer.chain.domain, typed);
      await reviewer.database.transaction((sql) => insertReversal(sql, digest, reversal, keys));
      const signature = await sign(services, typed);
      log.info({ attestation: reversal.attestation, lines: reversal.targets.length }, "reversal signed");
      return c.json({ signature }, 200);
    },
  );
}

async function sign({ reviewer, signer, log, metrics }: Services, { types, message }: TypedData): Promise<string> {
  try {
    return await signer.signTypedData(reviewer.chain.domain, types, message);
  } catch (error) {
    metrics.countSignerFailure();
    // A key may be in another process; what it says may hold where.
    log.error({ error: error instanceof Error ? error.message : String(error) }, "the signer failed");
    throw new Problem(503, "The attester's signer does not sign now. Ask again.");
  }
}

function logRefusal(log: Logger, what: string, about: object, { reason, transient, conversions }: Refusal): void {
  log.info({ ...about, reason, transient, conversions: conversions.length }, what);
}

function refusedResponse(c: Context, refusal: Refusal): Response {
  const problem = { type: "about:blank", title: "Refused", status: 409, detail: refusal.reason };
  return c.json({ ...problem, ...writeRefusal(refusal) }, 409, { "content-type": "application/problem+json" });
}
