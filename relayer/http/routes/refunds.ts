/** Refunds: what the customer was given back takes the commission back with it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readConversion } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { requireApiKey } from "../auth.ts";
import type { Services } from "../context.ts";
import { conversion, conversionParameter, decimal, idempotencyKey, text, toConversion } from "../conversion.ts";
import { json } from "../schemas.ts";

const refund = z
  .strictObject({
    volume: decimal
      .refine((value) => /[1-9]/.test(value), "must be above 0")
      .optional()
      .openapi({
        description: "Whole tokens that this refund gives back. Without it: all that is left.",
      }),
    refundId: text(200).optional().openapi({
      description: "The brand's own id of the refund: the same again takes back nothing more.",
    }),
  })
  .openapi("Refund");

const refundConversion = createRoute({
  method: "post",
  path: "/v1/conversions/{id}/refunds",
  request: {
    params: conversionParameter,
    headers: idempotencyKey,
    body: { required: false, content: { "application/json": { schema: refund } } },
  },
  responses: {
    202: json(conversion, "Taken back, or within the hold: on its way to the chain as a reversal."),
    ...problems(400, 401, 404, 409),
  },
});

/** What a refund is known by: without any of these there is one, of all that is left. */
function keyOf(apiKeyId: bigint, refundId: string | undefined, idempotencyKey: string | undefined): string {
  if (refundId !== undefined) return `id ${refundId}`;
  return idempotencyKey !== undefined ? `key ${apiKeyId} ${idempotencyKey}` : "whole";
}

export function refundRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  app.openapi(refundConversion, async (c) => {
    const { id } = c.req.valid("param");
    const { campaignId, apiKeyId } = await requireApiKey(c, services, "report");
    const { volume, refundId } = c.req.valid("json");
    const key = keyOf(apiKeyId, refundId, c.req.valid("header")["idempotency-key"]);
    if (key === "whole" && volume !== undefined)
      throw new Problem(
        400,
        "A refund of a part needs `refundId` or the header Idempotency-Key, so that sending it twice does not take back twice.",
      );
    const conversionId = BigInt(id);
    const asked = { conversionId, volume, key, reason: "refunded" as const };
    if (!(await intake.refund(campaignId, asked, Date.now()))) throw new Problem(404, `You have no conversion ${id}.`);
    const row = await readConversion(database, conversionId);
    return c.json(toConversion(row as ConversionRow, "brand"), 202);
  });
  return app;
}
