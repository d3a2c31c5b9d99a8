/** Partners in campaigns, and how they do. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { createLink } from "../../store/links.ts";
import {
  findPartnershipByInvite,
  insertPartnership,
  type PerformanceRow,
  readPerformances,
} from "../../store/partnerships.ts";
import { type CardRow, readCards } from "../../store/profiles.ts";
import { PARTNER, requireBrand, requireReader, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { inviteName } from "../conversion.ts";
import { noteNetwork } from "../network.ts";
import { noticeFields, toNotice } from "../notice.ts";
import { label, profile } from "../profile.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { address, amount, bytes32, campaignParameter, json } from "../schemas.ts";

/** Listed for a brand, and for a partner. */
const MAX_PARTNERS = 10_000;
const MAX_PARTNERSHIPS = 1_000;

const performance = z
  .object({
    campaignId: bytes32,
    partner: address,
    code: z.string().openapi({ description: "Of the partnership's first link." }),
    link: z.url(),
    clicks: z.int().openapi({ description: "On all its links." }),
    conversions: z.int(),
    rejected: z.int(),
    accepted: amount.openapi({ description: "Commission accepted and not attested yet." }),
    pending: amount.openapi({ description: "Commission in its hold." }),
    released: amount.openapi({ description: "Commission released and not claimed yet." }),
    claimed: amount,
    profile: profile.nullable().optional().openapi({
      description: "What the partner says of itself; null: nothing. Only the brand's list has it.",
    }),
    label: label.nullable().optional().openapi({
      description: "What the brand notes of the partner; null: nothing. Only the brand's list has it.",
    }),
    ...noticeFields,
  })
  .openapi("Performance");

/** What is known of a partner, for the brand. */
function toCard(card: CardRow | undefined): Pick<z.input<typeof performance>, "profile" | "label"> {
  const { label: name = null, note = null, tags = [] } = card ?? {};
  const noted = name !== null || note !== null || tags.length > 0;
  return { profile: card?.profile ?? null, label: noted ? { label: name, note, tags: [...tags] } : null };
}

/** For the partner itself, and for the brand. */
export function partnershipRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  const toPerformance = (row: PerformanceRow): z.input<typeof performance> => ({
    campaignId: row.campaign_id,
    partner: row.partner,
    code: row.code,
    link: new URL(`/i/${row.code}`, config.PUBLIC_URL).href,
    clicks: Number(row.clicks),
    conversions: Number(row.conversions),
    rejected: Number(row.rejected),
    accepted: String(row.accepted),
    pending: String(row.pending),
    released: String(row.released),
    claimed: String(row.claimed),
    ...toNotice(row.notice),
  });

  /** The partner's partnership, new or as it is. A new one has a link. */
  async function join(campaignId: string, partner: string, recruiter: string | undefined): Promise<void> {
    await database.transaction(async (sql) => {
      const recruiterId =
        recruiter === undefined ? undefined : await findPartnershipByInvite(sql, campaignId, recruiter);
      if (recruiter !== undefined && recruiterId === undefined)
        throw new Problem(404, `Campaign ${campaignId} has no partner with the invite code ${recruiter}.`);
      const partnershipId = await insertPartnership(sql, campaignId, partner, recruiterId);
      if (partnershipId !== undefined) await createLink(sql, { partnershipId, alias: null, label: "", path: null });
    });
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/campaigns/{campaignId}/partnerships",
      request: {
        params: campaignParameter,
        body: {
          required: false,
          content: {
            "application/json": {
              schema: z.strictObject({
                recruiter: inviteName
                  .optional()
                  .openapi({ description: "Invite code of the partner who recruited this one. Counts when joining." }),
              }),
            },
          },
        },
      },
      responses: {
        201: json(performance, "The signed-in partner's partnership, new or as it is."),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      const partner = await requireSession(c, services);
      if ((await requireCampaign(database, campaignId)) === partner)
        throw new Problem(403, "A brand cannot be a partner in its own campaign.");
      await join(campaignId, partner, c.req.valid("json").recruiter);
      await noteNetwork(c, services, partner);
      const [row] = await readPerformances(database, { campaignId, partner }, 1);
      if (row === undefined) throw new Error(`The partnership of ${partner} in ${campaignId} was not stored.`);
      return c.json(toPerformance(row), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/partnerships",
      request: { params: campaignParameter },
      responses: {
        200: json(z.array(performance), "The campaign's partners and their performance, for its brand."),
        ...problems(401, 403, 404),
      },
    }),
    async (c) => {
      const { campaignId } = c.req.valid("param");
      await requireBrand(c, services, campaignId);
      const [rows, cards] = await Promise.all([
        readPerformances(database, { campaignId }, MAX_PARTNERS),
        readCards(database, campaignId),
      ]);
      return c.json(
        rows.map((row) => ({ ...toPerformance(row), ...toCard(cards.get(row.partner)) })),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/me/partnerships",
      security: PARTNER,
      responses: {
        200: json(z.array(performance), "The signed-in partner's partnerships and their performance."),
        ...problems(401),
      },
    }),
    async (c) => {
      const partner = await requireReader(c, services);
      const rows = await readPerformances(database, { partner }, MAX_PARTNERSHIPS);
      return c.json(rows.map(toPerformance), 200);
    },
  );
  return app;
}
