/** Reports of conversions, and what became of them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import type { Viewer } from "../../conversionView.ts";
import { customerKey } from "../../secrets.ts";
import { readBrand, readCurrencies } from "../../store/campaigns.ts";
import { type ConversionFilter, readConversion, readConversions } from "../../store/conversionList.ts";
import type { ConversionRow } from "../../store/conversionRow.ts";
import { readKeysOfCustomer } from "../../store/mergedCustomers.ts";
import { readNames } from "../../store/profiles.ts";
import { findOfOrder, findOrdersBeginning } from "../../store/refunds.ts";
import { brandOrWallet } from "../actor.ts";
import { comesWithKey, requireApiKey, requireSession, SERVER } from "../auth.ts";
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
import { conversionLines } from "../exports/conversions.ts";
import { csvAnswer, csvResponse, WHOLE_FILE } from "../exports/csv.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { address, body, bytes32, json, moment, sort, toId } from "../schemas.ts";

/** Conversions whose orders begin with what was typed. */
const MAX_FOUND = 200;

const reportConversion = createRoute({
  method: "post",
  path: "/v1/conversions",
  security: SERVER,
  request: { headers: idempotencyKey, body: body(report) },
  responses: {
    201: json(conversion, "Taken in: accepted with a receipt, or rejected with a reason."),
    200: json(conversion, "The same report was taken in before; this is its conversion now."),
    ...problems(400, 401, 409, 503),
  },
});

/** Which conversions; all that is given holds for those that are meant. */
const filters = {
  campaignId: bytes32.optional(),
  state: states.optional(),
  reason: reasons.optional().openapi({ description: "Why it is in its state, by its code." }),
  event: text(24).optional(),
  orderId: text(200).optional().openapi({ description: "One order of the brand; there is one for each event." }),
  search: text(200)
    .optional()
    .openapi({
      description: `What the order's id begins with. More than ${MAX_FOUND} conversions are a 400: type more of it.`,
    }),
  partner: address.optional(),
  link: inviteName.optional().openapi({ description: "The code or alias of the link that brought it." }),
  code: typedCode.optional().openapi({ description: "The code that the customer said." }),
  customerId: text(200).optional().openapi({
    description: "The brand's own id of a customer. For the brand alone: its session has to name `campaignId`.",
  }),
  from: moment.optional().openapi({ description: "Received at this time or later." }),
  to: moment.optional().openapi({ description: "Received before this time." }),
};
const anyConversions = z.object({ ...filters, sort });
type Filters = Omit<z.output<typeof anyConversions>, "sort">;

const listConversions = createRoute({
  method: "get",
  path: "/v1/conversions",
  request: { query: conversionPageQuery.extend({ ...filters, sort }) },
  responses: {
    200: json(
      conversionPage,
      "Conversions, the newest first unless `sort` says otherwise: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of.",
    ),
    ...problems(400, 401, 403, 404),
  },
});

const exportConversions = createRoute({
  method: "get",
  path: "/v1/conversions.csv",
  summary: "Take conversions home as CSV",
  description: WHOLE_FILE,
  request: { query: anyConversions },
  responses: {
    200: csvAnswer("The conversions of `GET /v1/conversions`, all of them, and their sums."),
    ...problems(400, 401, 403, 404),
  },
});

const showConversion = createRoute({
  method: "get",
  path: "/v1/conversions/{id}",
  request: { params: conversionParameter },
  responses: { 200: json(conversion, "The conversion, its refunds and its moves."), ...problems(401, 404) },
});

/**
 * Who asks: for a brand, of the campaign that it names, its server, its wallet or its team; or a signed-in wallet, which sees what it is the
 * partner of, and of all campaigns together what it is itself the brand of.
 */
type Asker = { readonly campaignId: string } | { readonly wallet: string };

async function requireAsker(c: Context, services: Services, named: string | undefined): Promise<Asker> {
  if (comesWithKey(c)) return { campaignId: (await requireApiKey(c, services, "read")).campaignId };
  const wallet = await requireSession(c, services);
  if (named === undefined || (await readBrand(services.database, named)) === undefined) return { wallet };
  const { actor } = await brandOrWallet(c, services, named);
  return actor === undefined ? { wallet } : { campaignId: named };
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
    if ("wallet" in asker) {
      await requireCampaign(database, campaignId);
      throw new Problem(403, `Only the campaign's brand may ask by customerId; ${asker.wallet} is signed in.`);
    }
    return readKeysOfCustomer(database, campaignId, customerKey(config.RELAYER_SECRET, campaignId, customerId));
  }

  /**
   * An order's conversions are found by event and order: without an event by each that the campaign has, not by reading all of it. So
   * are those of orders that begin alike, among what the asker may see. @throws Problem 400, 404
   */
  async function idsOfOrders(
    asker: Asker,
    campaignId: string | undefined,
    { orderId, search, event }: Pick<Filters, "orderId" | "search" | "event">,
  ): Promise<bigint[] | undefined> {
    if (search !== undefined) {
      if (campaignId === undefined)
        throw new Problem(400, "query: `search` is in one campaign's orders. Send `campaignId` with it.");
      const isBrand = "campaignId" in asker || (await requireCampaign(database, campaignId)) === asker.wallet;
      const whose = { campaignId, partner: isBrand ? undefined : asker.wallet };
      const found = await findOrdersBeginning(database, whose, search, MAX_FOUND + 1);
      if (found.length > MAX_FOUND)
        throw new Problem(
          400,
          `query: more than ${MAX_FOUND} conversions have orders that begin with "${search}". Type more of it.`,
        );
      return found;
    }
    if (campaignId === undefined || orderId === undefined || event !== undefined) return undefined;
    return (await findOfOrder(database, campaignId, orderId)).map(({ id }) => id);
  }

  /** What the store is asked for; undefined: nothing can match. @throws Problem 400, 403, 404 */
  async function toFilter(asker: Asker, filters: Filters): Promise<ConversionFilter | undefined> {
    const { campaignId, customerId, search, ...rest } = filters;
    const customer = customerId === undefined ? undefined : await customerOf(asker, campaignId, customerId);
    const theirs = "wallet" in asker ? { brandOrPartner: asker.wallet, campaignId } : { campaignId: asker.campaignId };
    // A key sees its own campaign, whichever is asked for.
    if ("campaignId" in asker && campaignId !== undefined && campaignId !== asker.campaignId) return undefined;
    const ids = await idsOfOrders(asker, theirs.campaignId, { ...rest, search });
    return ids?.length === 0 ? undefined : { ...theirs, ...rest, ids, customer };
  }

  app.openapi(reportConversion, async (c) => {
    const { apiKeyId, campaignId } = await requireApiKey(c, services, "report");
    const request = { apiKeyId, idempotencyKey: c.req.valid("header")["idempotency-key"] };
    const acceptance = await intake.accept(campaignId, toReport(c.req.valid("json")), request, Date.now());
    return c.json(toConversion(acceptance.conversion, "brand"), acceptance.created ? 201 : 200);
  });

  app.openapi(listConversions, async (c) => {
    const { cursor, limit, sort, ...asked } = c.req.valid("query");
    const asker = await requireAsker(c, services, asked.campaignId);
    const filter = await toFilter(asker, asked);
    const place = { [sort === "newest" ? "before" : "after"]: toId(cursor) };
    const rows = filter === undefined ? [] : await readConversions(database, { ...filter, ...place }, limit + 1, sort);
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

  app.openapi(exportConversions, async (c) => {
    const now = new Date().toISOString();
    const { sort, ...asked } = c.req.valid("query");
    const asker = await requireAsker(c, services, asked.campaignId);
    const filter = await toFilter(asker, asked);
    const of = filter?.campaignId;
    const [token] = of === undefined ? [] : await readCurrencies(database, [of]);
    const to = asked.to === undefined || asked.to > now ? now : asked.to;
    const viewers = (row: ConversionRow) => viewerOf(asker, row) ?? "partner";
    const lines = conversionLines(database, { filter, sort, viewerOf: viewers, token, from: asked.from, to });
    return csvResponse(c, services.log, `conversions-${to.slice(0, 10)}.csv`, lines);
  });

  app.openapi(showConversion, async (c) => {
    const { id } = c.req.valid("param");
    const row = await readConversion(database, BigInt(id));
    const asker = await requireAsker(c, services, row?.campaign_id);
    const viewer = row && viewerOf(asker, row);
    if (row === undefined || viewer === undefined) throw new Problem(404, `You have no conversion ${id}.`);
    return c.json(toNamedConversion(row, viewer, await readNames(database, placesOf([row]))), 200);
  });
  return app;
}
