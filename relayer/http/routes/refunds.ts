/** Refunds: what the customer was given back takes the commission back with it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { readConversion } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { MAX_WAITING_DAYS } from "../../store/waitingRefunds.ts";
import { requireApiKey, SERVER } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  conversion,
  conversionParameter,
  decimal,
  idempotencyKey,
  notSaid,
  report,
  text,
  toConversion,
} from "../conversion.ts";
import { body, json } from "../schemas.ts";
import { toWaitingRefund, waitingRefund } from "../waitingRefund.ts";

const what = {
  volume: decimal
    .refine((value) => /[1-9]/.test(value), "must be above 0")
    .optional()
    .openapi({ description: "Whole tokens that this refund gives back. Without it: all that is left." }),
  all: z
    .literal(true)
    .optional()
    .openapi({ description: "All that is left, said in so many words; not with `volume`." }),
  refundId: notSaid(text(200)).openapi({
    type: ["string", "null"],
    description: "The brand's own id of the refund: the same again takes back nothing more.",
  }),
};
const refund = z.strictObject(what).openapi("Refund");
const orderRefund = z
  .strictObject({
    orderId: report.shape.orderId.openapi({ description: "The brand's own id of the order." }),
    event: notSaid(report.shape.event).openapi({
      type: ["string", "null"],
      description:
        "Needed where the order was reported with several events, or is not known yet and the campaign has several.",
    }),
    ...what,
  })
  .openapi("OrderRefund");

const ANSWER = json(conversion, "Taken back, or within the hold: on its way to the chain as a reversal.");

const refundConversion = createRoute({
  method: "post",
  path: "/v1/conversions/{id}/refunds",
  security: SERVER,
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
  security: SERVER,
  description: `As POST /v1/conversions/{id}/refunds, for who keeps no ids of conversions. A refund of an order that is not known yet waits for it, at most ${MAX_WAITING_DAYS} days.`,
  request: { headers: idempotencyKey, body: body(orderRefund) },
  responses: {
    202: ANSWER,
    201: json(waitingRefund, "The order is not known yet: the refund waits, and is taken back once it is accepted."),
    200: json(waitingRefund, "The same refund waits already."),
    ...problems(400, 401, 409),
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

  /** @throws Problem 400 */
  function asRefund(apiKeyId: bigint, { volume, all, refundId }: z.output<typeof refund>, idempotencyKey?: string) {
    if (all === true && volume !== undefined)
      throw new Problem(400, `A refund is of ${volume} or of all that is left. Send \`volume\` or \`all\`, not both.`);
    const key = keyOf(apiKeyId, refundId, idempotencyKey);
    if (key === "whole" && volume !== undefined)
      throw new Problem(
        400,
        "A refund of a part needs `refundId` or the header Idempotency-Key, so that sending it twice does not take back twice.",
      );
    return { volume, key, reason: "refunded" as const };
  }

  const show = async (conversionId: bigint) =>
    toConversion((await readConversion(database, conversionId)) as ConversionRow, "brand");

  app.openapi(refundConversion, async (c) => {
    const { id } = c.req.valid("param");
    const { campaignId, apiKeyId } = await requireApiKey(c, services, "report");
    const asked = asRefund(apiKeyId, c.req.valid("json"), c.req.valid("header")["idempotency-key"]);
    if (!(await intake.refund(campaignId, { conversionId: BigInt(id), ...asked }, Date.now())))
      throw new Problem(404, `You have no conversion ${id}.`);
    return c.json(await show(BigInt(id)), 202);
  });

  app.openapi(refundOrder, async (c) => {
    const { campaignId, apiKeyId } = await requireApiKey(c, services, "report");
    const { orderId, event, ...given } = c.req.valid("json");
    const asked = asRefund(apiKeyId, given, c.req.valid("header")["idempotency-key"]);
    const outcome = await intake.refundOrder(campaignId, { orderId, event, ...asked }, Date.now());
    if ("conversionId" in outcome) return c.json(await show(outcome.conversionId), 202);
    return c.json(toWaitingRefund(outcome.waiting), outcome.created ? 201 : 200);
  });
  return app;
}
