/** Leads: registered by partners, listed for them and for the brand, decided by the brand or its CRM. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { LEAD_STATES } from "@partner-programs/protocol/leads";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { openProspect } from "../../intake/leads.ts";
import { type LeadRow, readLead, readLeads } from "../../store/leads.ts";
import { brandOrWallet, requireBrandOrKey } from "../actor.ts";
import { comesWithKey, requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { lead, leadDecision, newLead, toLead } from "../lead.ts";
import { requireCampaign } from "../requireCampaign.ts";
import {
  address,
  body,
  campaignParameter,
  json,
  moment,
  page,
  placeIn,
  rowId,
  sortedPageQuery,
  toPage,
} from "../schemas.ts";

const leadParameter = campaignParameter.extend({ id: rowId });
const leads = page(lead).openapi("Leads");

const register = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/leads",
  security: WALLET,
  summary: "Register a lead",
  description:
    "For a partner of the campaign, before the brand knows the prospect. First come: a company or an e-mail address is one partner's at a time. `lead_taken` (409) says until when it is another's, and neither whose nor which of the fields.",
  request: { params: campaignParameter, body: body(newLead) },
  responses: {
    201: json(lead, "It is the signed-in partner's, with a signed receipt."),
    200: json(lead, "It was the partner's before, and is as it was."),
    ...problems(400, 401, 404, 409, 429),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/leads",
  summary: "List leads",
  request: {
    params: campaignParameter,
    query: sortedPageQuery.extend({
      state: z.enum(LEAD_STATES).optional(),
      partner: address.optional().openapi({ description: "For the brand: of this partner." }),
      since: moment.optional().openapi({ description: "Registered, or moved, at this time or later." }),
    }),
  },
  responses: {
    200: json(leads, "The signed-in partner's; for the brand, by its session or a key, those of all partners."),
    ...problems(400, 401, 403, 404),
  },
});

const showOne = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/leads/{id}",
  summary: "Read a lead",
  request: { params: leadParameter },
  responses: { 200: json(lead, "The lead."), ...problems(401, 403, 404) },
});

const decide = createRoute({
  method: "post",
  path: "/v1/campaigns/{campaignId}/leads/{id}/decisions",
  summary: "Qualify, reject, win or lose a lead",
  description:
    "By the brand's word. With `customerId` or `customerEmail` the customer is bound to the lead's partner, as the campaign's rule has it, from when the lead was registered: its sales are the partner's from then on. The first of them wins the lead by itself.",
  request: { params: leadParameter, body: body(leadDecision) },
  responses: { 200: json(lead, "As it is now."), ...problems(400, 401, 403, 404, 409) },
});

export function leadRoutes(services: Services) {
  const { database, intake, config } = services;
  const app = new OpenAPIHono();

  /** Who may see leads: the brand all of them, a partner its own (`partner`). */
  async function viewerOf(c: Context, campaignId: string): Promise<{ readonly partner: string | undefined }> {
    if (comesWithKey(c)) {
      await requireCampaign(database, campaignId);
      await requireBrandOrKey(c, services, "read", campaignId);
      return { partner: undefined };
    }
    const { wallet, actor } = await brandOrWallet(c, services, campaignId);
    return { partner: actor === undefined ? wallet : undefined };
  }

  const shown = (row: LeadRow, partner: string | undefined) => {
    const prospect = row.prospect === null ? null : openProspect(config.RELAYER_SECRET, row.prospect);
    return toLead(row, prospect, partner === undefined ? "brand" : "partner") as z.output<typeof lead>;
  };

  async function show(campaignId: string, id: bigint, partner: string | undefined): Promise<z.output<typeof lead>> {
    const row = await readLead(database, campaignId, id);
    if (row === undefined || (partner !== undefined && row.partner !== partner))
      throw new Problem(404, `Campaign ${campaignId} has no lead ${id}, or it is another partner's.`);
    return shown(row, partner);
  }

  app.openapi(register, async (c) => {
    const { campaignId } = c.req.valid("param");
    const partner = await requireSession(c, services);
    await requireCampaign(database, campaignId);
    const registration = await intake.registerLead(campaignId, partner, c.req.valid("json"), Date.now());
    if ("takenUntil" in registration)
      throw new Problem(
        409,
        `lead_taken: This company or contact is another partner's until ${new Date(registration.takenUntil).toISOString()}.`,
      );
    return c.json(await show(campaignId, registration.id, partner), registration.created ? 201 : 200);
  });

  app.openapi(list, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { state, since, ...query } = c.req.valid("query");
    const viewer = await viewerOf(c, campaignId);
    const partner = viewer.partner ?? query.partner;
    const place = placeIn(`leads ${campaignId} ${state ?? ""}`, query);
    const rows = await readLeads(database, campaignId, { partner, state, since }, place);
    return c.json(
      toPage(place.list, rows, query.limit, (row) => shown(row, viewer.partner)),
      200,
    );
  });

  app.openapi(showOne, async (c) => {
    const { campaignId, id } = c.req.valid("param");
    const { partner } = await viewerOf(c, campaignId);
    return c.json(await show(campaignId, BigInt(id), partner), 200);
  });

  app.openapi(decide, async (c) => {
    const { campaignId, id } = c.req.valid("param");
    const { by, note } = await requireBrandOrKey(c, services, "report", campaignId);
    const { decision, customerId, customerEmail, reason, comment } = c.req.valid("json");
    const word = { decision, customerId, customerEmail, reason, comment, by };
    if (!(await intake.decideLead(campaignId, BigInt(id), word, Date.now(), note)))
      throw new Problem(404, `Campaign ${campaignId} has no lead ${id}.`);
    return c.json(await show(campaignId, BigInt(id), undefined), 200);
  });
  return app;
}
