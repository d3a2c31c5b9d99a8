import { createHash, timingSafeEqual } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { DECIMAL } from "@partner-programs/protocol/amount";
import { MAX_LINES } from "@partner-programs/protocol/limits";
import { unpackLine } from "@partner-programs/protocol/line";
import { attestationTypedData, digestOf, reversalTypedData } from "@partner-programs/protocol/typedData";
import type { TypedDataDomain, TypedDataField } from "ethers";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";
import { Problem, problemResponse, problemSchema, problems } from "#service/problem.ts";
import type { Refusal } from "./check.ts";
import { claim, digestFor, examine, type Judge } from "./examine.ts";
import { rememberReversal } from "./memory.ts";
import { examineReversal } from "./reversals.ts";
import { time } from "./source/source.ts";

/** 512 lines and 100,000 conversions or so. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_CONVERSIONS = 100_000;

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 lower-case hexadecimal digits");
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40 - 1);
const line = bytes32.transform(unpackLine).openapi({ type: "string", description: "A packed line." });
const number = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 63n, "must be below 2^63")
  .openapi({ type: "string" });

const order = z
  .strictObject({
    event: z.string().min(1).max(24),
    orderId: z.string().min(1).max(200),
    volume: z.string().regex(DECIMAL, "must be a decimal number of whole tokens, such as 49.90"),
    occurredAt: time.optional(),
    receivedAt: time,
  })
  .openapi({
    description: "The order as the brand reported it. It goes from the relayer to its attesters, and no further.",
  });

const request = z
  .strictObject({
    attestation: z.strictObject({
      campaignId: bytes32,
      firstConversion: number,
      conversions: z
        .int()
        .min(1)
        .max(2 ** 32 - 1),
      periodFrom: seconds,
      periodTo: seconds,
      deadline: seconds,
      conversionsRoot: bytes32,
      lines: z.array(line).min(1).max(MAX_LINES),
    }),
    conversions: z
      .array(
        z.strictObject({
          number,
          key: bytes32,
          salt: bytes32,
          entries: z.array(line).min(1).max(16),
          order: order.optional(),
        }),
      )
      .min(1)
      .max(MOST_CONVERSIONS),
  })
  .openapi("AttestationRequest");

const reversalRequest = z
  .strictObject({
    campaignId: bytes32,
    attestation: bytes32,
    targets: z.array(line).min(1).max(MAX_LINES),
    reasonHash: bytes32,
    conversions: z
      .array(z.strictObject({ key: bytes32 }))
      .max(MOST_CONVERSIONS)
      .default([])
      .openapi({ description: "The conversions that are taken back." }),
  })
  .openapi("ReversalRequest");

const refusal = z
  .object({
    reason: z.string(),
    transient: z.boolean().openapi({ description: "The same request may be granted later." }),
    conversions: z
      .array(z.object({ number: z.string(), reason: z.string() }))
      .openapi({ description: "The conversions that the reason is about; none: it is about the whole batch." }),
  })
  .openapi("Refusal");
const opinion = z
  .union([z.object({ ok: z.literal(true) }), refusal.extend({ ok: z.literal(false) })])
  .openapi("Opinion");
const signature = z.object({ signature: z.string() }).openapi("Signature");

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const refused = {
  409: {
    description: "Refused.",
    content: { "application/problem+json": { schema: z.object({ ...problemSchema.shape, ...refusal.shape }) } },
  },
};

/** Signs with the attester's key, wherever that is. */
export interface Signer {
  readonly address: string;
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    message: Record<string, unknown>,
  ): Promise<string>;
}

interface Services {
  readonly judge: Judge;
  readonly signer: Signer;
  readonly token: string;
  readonly log: Logger;
}

/** The attester's HTTP face: asked for an opinion it gives one, asked for a signature it answers with one or with a reason (409). */
export function createAttester({ judge, signer, token, log }: Services): OpenAPIHono {
  const { chain, database } = judge;
  const app = new OpenAPIHono({
    defaultHook(result) {
      if (!result.success) throw new Problem(400, z.prettifyError(result.error).replaceAll("\n", " ").slice(0, 2_000));
    },
  });
  app.get("/healthz", (c) => c.json({ ok: true, attester: signer.address }));

  const sha256 = (text: string) => createHash("sha256").update(text).digest();
  const expected = sha256(`Bearer ${token}`);
  app.use("/v1/*", async (c, next) => {
    if (!timingSafeEqual(sha256(c.req.header("authorization") ?? ""), expected))
      throw new Problem(401, "Present the attester's token.");
    await next();
  });
  app.use(
    "/v1/*",
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: (c) => problemResponse(c, 413, `A body has at most ${MOST_BYTES} bytes.`),
    }),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/checks",
      description: "Whether the attester would sign. It signs nothing and remembers nothing.",
      request: body(request),
      responses: { 200: json(opinion, "Its opinion."), ...problems(400, 401, 413) },
    }),
    async (c) => {
      const asked = c.req.valid("json");
      const answer = await examine(judge, asked);
      if (!("refusal" in answer)) return c.json({ ok: true as const }, 200);
      note("would refuse an attestation", { digest: digestFor(chain, asked.attestation) }, answer.refusal);
      return c.json({ ok: false as const, ...toJson(answer.refusal) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/attestations",
      description: "Checks, remembers, signs. The same attestation again gets the same signature.",
      request: body(request),
      responses: { 200: json(signature, "Signed."), ...refused, ...problems(400, 401, 413, 503) },
    }),
    async (c) => {
      const asked = c.req.valid("json");
      const { attestation } = asked;
      const digest = digestFor(chain, attestation);
      const answer = await examine(judge, asked);
      const refusal = "refusal" in answer ? answer.refusal : await claim(judge, asked, answer);
      if (refusal !== undefined) {
        note("attestation refused", { digest }, refusal);
        return refusedResponse(c, refusal) as never;
      }
      const typed = attestationTypedData(attestation);
      const signature = await sign(typed.types, typed.message);
      log.info({ digest, conversions: attestation.conversions, lines: attestation.lines.length }, "attestation signed");
      return c.json({ signature }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/reversals",
      description: "Signs a reversal of an attestation that was signed here.",
      request: body(reversalRequest),
      responses: { 200: json(signature, "Signed."), ...refused, ...problems(400, 401, 413, 503) },
    }),
    async (c) => {
      const { conversions, ...reversal } = c.req.valid("json");
      const keys = [...new Set(conversions.map(({ key }) => key))];
      const refusal = await examineReversal(judge, reversal, keys);
      if (refusal !== undefined) {
        note("reversal refused", { attestation: reversal.attestation }, refusal);
        return refusedResponse(c, refusal) as never;
      }
      const typed = reversalTypedData(reversal);
      await rememberReversal(database, digestOf(chain.domain, typed), reversal, keys);
      const signature = await sign(typed.types, typed.message);
      log.info({ attestation: reversal.attestation, lines: reversal.targets.length }, "reversal signed");
      return c.json({ signature }, 200);
    },
  );
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "Partner Programs attester", version: "1" } });

  app.notFound((c) => problemResponse(c, 404, `There is nothing at ${c.req.method} ${c.req.path}. See /openapi.json.`));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problemResponse(c, error.status as ContentfulStatusCode, error.message);
    log.error({ error: error.stack }, "request failed");
    return problemResponse(c, 500, "Something went wrong here; the attester's log says what.");
  });
  return app;

  async function sign(types: Record<string, TypedDataField[]>, message: Record<string, unknown>): Promise<string> {
    try {
      return await signer.signTypedData(chain.domain, types, message);
    } catch (error) {
      // A key may be in another process; what it says may hold where.
      log.error({ error: error instanceof Error ? error.message : String(error) }, "the signer failed");
      throw new Problem(503, "The attester's signer does not sign now. Ask again.");
    }
  }

  function note(what: string, about: object, { reason, transient, conversions }: Refusal): void {
    log.info({ ...about, reason, transient, conversions: conversions.length }, what);
  }
}

function toJson({ reason, transient, conversions }: Refusal): z.output<typeof refusal> {
  return {
    reason,
    transient,
    conversions: conversions.map((one) => ({ number: one.number.toString(), reason: one.reason })),
  };
}

function refusedResponse(c: Context, refusal: Refusal): Response {
  return c.json(
    { type: "about:blank", title: "Refused", status: 409, detail: refusal.reason, ...toJson(refusal) },
    409,
    {
      "content-type": "application/problem+json",
    },
  );
}
