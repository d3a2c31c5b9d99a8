import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { type ConversionRow, readConversions } from "../../store/conversions.ts";
import { requireApiKey, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  conversion,
  conversionPageQuery,
  decimal,
  report,
  states,
  text,
  toConversion,
  toReport,
} from "../conversion.ts";
import { address, body, bytes32, json, moment } from "../schemas.ts";

export const conversionParameter = z.object({ id: z.string().regex(/^\d{1,18}$/) });
const idempotencyKey = z.object({ "idempotency-key": z.string().min(1).max(200).optional() });

const filter = conversionPageQuery.extend({
  campaignId: bytes32.optional(),
  state: states.optional(),
  partner: address.optional(),
  from: moment.optional().openapi({ description: "Received at this time or later." }),
  to: moment.optional().openapi({ description: "Received before this time." }),
});

/** Reports of conversions, their state, and refunds. */
export function conversionRoutes(services: Services) {
  const { database, intake } = services;
  const app = new OpenAPIHono();

  /** Who asks: a brand's server, or a signed-in wallet, which may be a partner's, a brand's or both. */
  async function viewerOf(c: Context): Promise<{ campaignId: string } | { wallet: string }> {
    if (c.req.header("authorization")?.startsWith("Bearer sk_") === true)
      return { campaignId: (await requireApiKey(c, services, "read")).campaignId };
    return { wallet: await requireSession(c, services) };
  }
  type Viewer = Awaited<ReturnType<typeof viewerOf>>;

  function roleOf(viewer: Viewer, row: ConversionRow): "brand" | "partner" | undefined {
    if ("campaignId" in viewer) return viewer.campaignId === row.campaign_id ? "brand" : undefined;
    if (viewer.wallet === row.brand) return "brand";
    return viewer.wallet === row.partner ? "partner" : undefined;
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions",
      request: { headers: idempotencyKey, body: body(report) },
      responses: {
        201: json(conversion, "Taken in: accepted with a receipt, or rejected with a reason."),
        200: json(conversion, "The same report was taken in before; this is its conversion now."),
        ...problems(400, 401, 409, 503),
      },
    }),
    async (c) => {
      const { apiKeyId, campaignId } = await requireApiKey(c, services, "report");
      const request = { apiKeyId, idempotencyKey: c.req.valid("header")["idempotency-key"] };
      const acceptance = await intake.accept(campaignId, toReport(c.req.valid("json")), request, Date.now());
      return c.json(toConversion(acceptance.conversion, "brand"), acceptance.created ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/conversions",
      request: { query: filter },
      responses: {
        200: json(
          z.object({ items: z.array(conversion), next: z.string().nullable() }),
          "Conversions, the newest first: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of.",
        ),
        ...problems(400, 401),
      },
    }),
    async (c) => {
      const viewer = await viewerOf(c);
      const { campaignId, state, partner, from, to, cursor, limit } = c.req.valid("query");
      const parameters: unknown[] = [];
      const given = (condition: (place: string) => string, value: unknown): string[] => {
        if (value === undefined) return [];
        parameters.push(value);
        return [condition(`$${parameters.length}`)];
      };
      const mine =
        "campaignId" in viewer
          ? given((place) => `c.campaign_id = ${place}`, viewer.campaignId)
          : given(
              (place) => `(c.partnership_id IN (SELECT id FROM partnerships WHERE partner = ${place})
                OR c.campaign_id IN (SELECT id FROM campaigns WHERE brand = ${place}))`,
              viewer.wallet,
            );
      const conditions = [
        ...mine,
        ...given((place) => `c.campaign_id = ${place}`, campaignId),
        ...given((place) => `c.state = ${place}`, state),
        ...given((place) => `partnerships.partner = ${place}`, partner),
        ...given((place) => `c.received_at >= ${place}::timestamptz`, from),
        ...given((place) => `c.received_at < ${place}::timestamptz`, to),
        ...given((place) => `c.id < ${place}::bigint`, cursor),
      ];
      const rows = await readConversions(database, conditions.join(" AND "), parameters, limit + 1);
      const items = rows.slice(0, limit);
      return c.json(
        {
          items: items.map((row) => toConversion(row, roleOf(viewer, row) ?? "partner")),
          next: rows.length > limit ? String(items.at(-1)?.id) : null,
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/conversions/{id}",
      request: { params: conversionParameter },
      responses: { 200: json(conversion, "The conversion, its refunds and its moves."), ...problems(401, 404) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const viewer = await viewerOf(c);
      const [row] = await readConversions(database, "c.id = $1", [id]);
      const role = row && roleOf(viewer, row);
      if (row === undefined || role === undefined) throw new Problem(404, `You have no conversion ${id}.`);
      return c.json(toConversion(row, role), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/conversions/{id}/refunds",
      request: {
        params: conversionParameter,
        headers: idempotencyKey,
        body: {
          required: false,
          content: {
            "application/json": {
              schema: z
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
                .openapi("Refund"),
            },
          },
        },
      },
      responses: {
        202: json(conversion, "Taken back, or within the hold: on its way to the chain as a reversal."),
        ...problems(400, 401, 404, 409),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const { campaignId, apiKeyId } = await requireApiKey(c, services, "report");
      const { volume, refundId } = c.req.valid("json");
      const header = c.req.valid("header")["idempotency-key"];
      const key =
        refundId !== undefined ? `id ${refundId}` : header !== undefined ? `key ${apiKeyId} ${header}` : "whole";
      if (key === "whole" && volume !== undefined)
        throw new Problem(
          400,
          "A refund of a part needs `refundId` or the header Idempotency-Key, so that sending it twice does not take back twice.",
        );
      const asked = { conversionId: BigInt(id), volume, key, reason: "refunded" as const };
      if (!(await intake.refund(campaignId, asked, Date.now())))
        throw new Problem(404, `You have no conversion ${id}.`);
      const [row] = await readConversions(database, "c.id = $1", [id]);
      return c.json(toConversion(row as ConversionRow, "brand"), 202);
    },
  );
  return app;
}
