/** Reports of conversions, and what became of them. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import type { Viewer } from "../../conversionView.ts";
import { customerKey } from "../../secrets.ts";
import { readConversion, readConversions } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { readKeysOfCustomer } from "../../store/mergedCustomers.ts";
import { readNames } from "../../store/profiles.ts";
import { findOfOrder } from "../../store/refunds.ts";
import { comesWithKey, requireApiKey, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import {
  conversion,
  conversionPage,
  conversionPageQuery,
  conversionParameter,
  idempotencyKey,
  inviteName,
  placesOf,
  reasons,
  report,
  states,
  text,
  toConversion,
  toConversionPage,
  toNamedConversion,
  toReport,
  typedCode,
} from "../conversion.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { address, body, bytes32, json, moment, sort, toId } from "../schemas.ts";

const reportConversion = createRoute({
  method: "post",
  path: "/v1/conversions",
  security: [{ apiKey: [] }],
  request: { headers: idempotencyKey, body: body(report) },
  responses: {
    201: json(conversion, "Taken in: accepted with a receipt, or rejected with a reason."),
    200: json(conversion, "The same report was taken in before; this is its conversion now."),
    ...problems(400, 401, 409, 503),
  },
});

const listConversions = createRoute({
  method: "get",
  path: "/v1/conversions",
  request: {
    query: conversionPageQuery.extend({
      campaignId: bytes32.optional(),
      state: states.optional(),
      reason: reasons.optional().openapi({ description: "Why it is in its state, by its code." }),
      event: text(24).optional(),
      orderId: text(200).optional().openapi({ description: "One order of the brand; there is one for each event." }),
      partner: address.optional(),
      link: inviteName.optional().openapi({ description: "The code or alias of the link that brought it." }),
      code: typedCode.optional().openapi({ description: "The code that the customer said." }),
      customerId: text(200).optional().openapi({
        description: "The brand's own id of a customer. For the brand alone: its session has to name `campaignId`.",
      }),
      from: moment.optional().openapi({ description: "Received at this time or later." }),
      to: moment.optional().openapi({ description: "Received before this time." }),
      sort,
    }),
  },
  responses: {
    200: json(
      conversionPage,
      "Conversions, the newest first unless `sort` says otherwise: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of.",
    ),
    ...problems(400, 401, 403, 404),
  },
});

const showConversion = createRoute({
  method: "get",
  path: "/v1/conversions/{id}",
  request: { params: conversionParameter },
  responses: { 200: json(conversion, "The conversion, its refunds and its moves."), ...problems(401, 404) },
});

/** Who asks: a brand's server, or a signed-in wallet, which may be a partner's, a brand's or both. */
type Asker = { readonly campaignId: string } | { readonly wallet: string };

async function requireAsker(c: Context, services: Services): Promise<Asker> {
  if (comesWithKey(c)) return { campaignId: (await requireApiKey(c, services, "read")).campaignId };
  return { wallet: await requireSession(c, services) };
}

/** As whom the asker sees a conversion; undefined: not at all. */
function viewerOf(asker: Asker, row: ConversionRow): Viewer | undefined {
  if ("campaignId" in asker) return asker.campaignId === row.campaign_id ? "brand" : undefined;
  if (asker.wallet === row.brand) return "brand";
  return asker.wallet === row.partner ? "partner" : undefined;
}

export function conversionRoutes(services: Services) {
  const { database, intake, config } = services;
  const app = new OpenAPIHono();

  /** Customers are known by another name in each campaign; partners are not told who is behind one. @throws Problem 400, 403 */
  async function customerOf(asker: Asker, named: string | undefined, customerId: string): Promise<string[]> {
    const campaignId = "campaignId" in asker ? asker.campaignId : named;
    if (campaignId === undefined)
      throw new Problem(400, "query: `customerId` is one of a campaign's customers. Send `campaignId` with it.");
    if ("wallet" in asker && (await requireCampaign(database, campaignId)) !== asker.wallet)
      throw new Problem(403, `Only the campaign's brand may ask by customerId; ${asker.wallet} is signed in.`);
    return readKeysOfCustomer(database, campaignId, customerKey(config.RELAYER_SECRET, campaignId, customerId));
  }

  /** An order's conversions are found by event and order: without an event by each that the campaign has, not by reading all of it. */
  async function idsOfOrder(
    campaignId: string | undefined,
    { orderId, event }: { readonly orderId?: string | undefined; readonly event?: string | undefined },
  ): Promise<bigint[] | undefined> {
    if (campaignId === undefined || orderId === undefined || event !== undefined) return undefined;
    return (await findOfOrder(database, campaignId, orderId)).map(({ id }) => id);
  }

  app.openapi(reportConversion, async (c) => {
    const { apiKeyId, campaignId } = await requireApiKey(c, services, "report");
    const request = { apiKeyId, idempotencyKey: c.req.valid("header")["idempotency-key"] };
    const acceptance = await intake.accept(campaignId, toReport(c.req.valid("json")), request, Date.now());
    return c.json(toConversion(acceptance.conversion, "brand"), acceptance.created ? 201 : 200);
  });

  app.openapi(listConversions, async (c) => {
    const asker = await requireAsker(c, services);
    const { cursor, limit, campaignId, customerId, sort, ...rest } = c.req.valid("query");
    const customer = customerId === undefined ? undefined : await customerOf(asker, campaignId, customerId);
    const theirs = "wallet" in asker ? { brandOrPartner: asker.wallet, campaignId } : { campaignId: asker.campaignId };
    // A key sees its own campaign, whichever is asked for.
    const nothing = "campaignId" in asker && campaignId !== undefined && campaignId !== asker.campaignId;
    const ids = nothing ? [] : await idsOfOrder(theirs.campaignId, rest);
    const place = { [sort === "newest" ? "before" : "after"]: toId(cursor) };
    const rows =
      ids?.length === 0
        ? []
        : await readConversions(database, { ...theirs, ...rest, ids, customer, ...place }, limit + 1, sort);
    return c.json(
      toConversionPage(
        rows,
        limit,
        (row) => viewerOf(asker, row) ?? "partner",
        await readNames(database, placesOf(rows)),
      ),
      200,
    );
  });

  app.openapi(showConversion, async (c) => {
    const { id } = c.req.valid("param");
    const asker = await requireAsker(c, services);
    const row = await readConversion(database, BigInt(id));
    const viewer = row && viewerOf(asker, row);
    if (row === undefined || viewer === undefined) throw new Problem(404, `You have no conversion ${id}.`);
    return c.json(toNamedConversion(row, viewer, await readNames(database, placesOf([row]))), 200);
  });
  return app;
}
