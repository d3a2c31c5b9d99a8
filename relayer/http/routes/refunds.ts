/** Refunds: what the customer was given back takes the commission back with it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readConversion } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { findOfOrder } from "../../store/refunds.ts";
import { requireApiKey } from "../auth.ts";
import type { Services } from "../context.ts";
import { conversion, conversionParameter, decimal, idempotencyKey, report, text, toConversion } from "../conversion.ts";
import { body, json } from "../schemas.ts";

const what = {
  volume: decimal
    .refine((value) => /[1-9]/.test(value), "must be above 0")
    .optional()
    .openapi({ description: "Whole tokens that this refund gives back. Without it: all that is left." }),
  all: z
    .literal(true)
    .optional()
    .openapi({ description: "All that is left, said in so many words; not with `volume`." }),
  refundId: text(200).optional().openapi({
    description: "The brand's own id of the refund: the same again takes back nothing more.",
  }),
};
const refund = z.strictObject(what).openapi("Refund");
const orderRefund = z
  .strictObject({
    orderId: report.shape.orderId.openapi({ description: "The brand's own id of the order." }),
    event: report.shape.event
      .optional()
      .openapi({ description: "Needed where the order was reported with several events." }),
    ...what,
  })
  .openapi("OrderRefund");

const ANSWER = json(conversion, "Taken back, or within the hold: on its way to the chain as a reversal.");

const refundConversion = createRoute({
  method: "post",
  path: "/v1/conversions/{id}/refunds",
  request: {
    params: conversionParameter,
    headers: idempotencyKey,
    body: { required: false, content: { "application/json": { schema: refund } } },
  },
  responses: { 202: ANSWER, ...problems(400, 401, 404, 409) },
});

const refundOrder = createRoute({
  method: "post",
  path: "/v1/refunds",
  description: "As POST /v1/conversions/{id}/refunds, for who keeps no ids of conversions.",
  request: { headers: idempotencyKey, body: body(orderRefund) },
  responses: { 202: ANSWER, ...problems(400, 401, 404, 409) },
});

/** What a refund is known by: without any of these there is one, of all that is left. */
function keyOf(apiKeyId: bigint, refundId: string | undefined, idempotencyKey: string | undefined): string {
  if (refundId !== undefined) return `id ${refundId}`;
  return idempotencyKey !== undefined ? `key ${apiKeyId} ${idempotencyKey}` : "whole";
}

export function refundRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  /** Takes back what was asked for. @returns undefined: the campaign has no such conversion */
  async function takeBack(
    conversionId: bigint,
    { campaignId, apiKeyId }: { readonly campaignId: string; readonly apiKeyId: bigint },
    { volume, all, refundId }: z.output<typeof refund>,
    idempotencyKey: string | undefined,
  ) {
    if (all === true && volume !== undefined)
      throw new Problem(400, `A refund is of ${volume} or of all that is left. Send \`volume\` or \`all\`, not both.`);
    const key = keyOf(apiKeyId, refundId, idempotencyKey);
    if (key === "whole" && volume !== undefined)
      throw new Problem(
        400,
        "A refund of a part needs `refundId` or the header Idempotency-Key, so that sending it twice does not take back twice.",
      );
    const asked = { conversionId, volume, key, reason: "refunded" as const };
    if (!(await intake.refund(campaignId, asked, Date.now()))) return undefined;
    return toConversion((await readConversion(database, conversionId)) as ConversionRow, "brand");
  }

  app.openapi(refundConversion, async (c) => {
    const { id } = c.req.valid("param");
    const key = await requireApiKey(c, services, "report");
    const taken = await takeBack(BigInt(id), key, c.req.valid("json"), c.req.valid("header")["idempotency-key"]);
    if (taken === undefined) throw new Problem(404, `You have no conversion ${id}.`);
    return c.json(taken, 202);
  });

  app.openapi(refundOrder, async (c) => {
    const key = await requireApiKey(c, services, "report");
    const { orderId, event, ...asked } = c.req.valid("json");
    const ofOrder = await findOfOrder(database, key.campaignId, orderId);
    const [found, another] = ofOrder.filter((one) => event === undefined || one.event === event);
    if (found === undefined)
      throw new Problem(
        404,
        `You have no conversion of order ${orderId}${event === undefined ? "" : ` and event ${event}`}.`,
      );
    if (another !== undefined)
      throw new Problem(
        409,
        `Order ${orderId} was reported with the events ${ofOrder.map((one) => one.event).join(", ")}. Say which \`event\` is refunded.`,
      );
    const taken = await takeBack(found.id, key, asked, c.req.valid("header")["idempotency-key"]);
    if (taken === undefined) throw new Error(`Conversion ${found.id} is gone.`);
    return c.json(taken, 202);
  });
  return app;
}
