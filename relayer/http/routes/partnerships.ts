/** Partners in campaigns, and how they do. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { createLink } from "../../store/links.ts";
import {
  findPartnershipByInvite,
  insertPartnership,
  PARTNER_SORTS,
  type PerformanceRow,
  type Rank,
  readPerformances,
} from "../../store/partnerships.ts";
import { type CardRow, readCards } from "../../store/profiles.ts";
import { requireManager } from "../actor.ts";
import { PARTNER, requireReader, requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { inviteName } from "../conversion.ts";
import { csvAnswer, csvResponse, WHOLE_FILE } from "../exports/csv.ts";
import { partnerLines } from "../exports/partners.ts";
import { noteNetwork } from "../network.ts";
import { noticeFields, toNotice } from "../notice.ts";
import { label, profile } from "../profile.ts";
import { requireCampaign } from "../requireCampaign.ts";
import {
  address,
  amount,
  bytes32,
  campaignParameter,
  json,
  openCursor,
  page,
  pageQuery,
  sortedPageQuery,
  toPage,
  UNKNOWN_CURSOR,
} from "../schemas.ts";

const performance = z
  .object({
    campaignId: bytes32,
    partner: address,
    code: z.string().openapi({ description: "Of the partnership's first link." }),
    link: z.url(),
    clicks: z.int().openapi({ description: "On all its links." }),
    conversions: z.int(),
    rejected: z.int(),
    reversed: z.int(),
    volumeBaseUnits: amount.openapi({ description: "Of conversions that count, without what was refunded." }),
    commission: amount.openapi({ description: "What of these is the partner's own, wherever it is by now." }),
    accepted: amount.openapi({ description: "Commission accepted and not attested yet." }),
    pending: amount.openapi({ description: "Commission in its hold." }),
    released: amount.openapi({ description: "Commission released and not claimed yet." }),
    claimed: amount,
    joinedAt: z.string(),
    profile: profile.nullable().optional().openapi({
      description: "What the partner says of itself; null: nothing. Only the brand's list has it.",
    }),
    label: label.nullable().optional().openapi({
      description: "What the brand notes of the partner; null: nothing. Only the brand's list has it.",
    }),
    ...noticeFields,
  })
  .openapi("Performance");
const performances = page(performance).openapi("Performances");

const search = z.string().trim().min(1).max(100).optional().openapi({
  description: "A part of an address, of the name that a partner gives itself, or of your label and tags.",
});

const listPartners = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/partnerships",
  request: {
    params: campaignParameter,
    query: pageQuery.extend({
      search,
      sort: z.enum(PARTNER_SORTS).default("newest").openapi({
        description: "Which come first: those that joined last or first, or those with the most.",
      }),
    }),
  },
  responses: {
    200: json(performances, "The campaign's partners and their performance, for its brand."),
    ...problems(400, 401, 403, 404),
  },
});

const exportPartners = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/partnerships.csv",
  summary: "Take a campaign's partners home as CSV",
  description: WHOLE_FILE,
  request: { params: campaignParameter, query: z.object({ search }) },
  responses: {
    200: csvAnswer("The campaign's partners in the order in which they joined, and their sums, for its brand."),
    ...problems(400, 401, 403, 404),
  },
});

const listOwn = createRoute({
  method: "get",
  path: "/v1/me/partnerships",
  security: PARTNER,
  request: { query: sortedPageQuery },
  responses: {
    200: json(performances, "The signed-in partner's partnerships and their performance."),
    ...problems(400, 401),
  },
});

/** The last place of a page in a list that is sorted by a number. */
const placeOf = ({ rank, id }: Rank) => `${rank}:${id}`;

/** @throws Problem 400 */
function toRank(list: string, cursor: string | undefined): Rank | undefined {
  if (cursor === undefined) return undefined;
  const [, rank, id] = /^(\d{1,78}):(\d{1,18})$/.exec(openCursor(list, cursor)) ?? [];
  if (rank === undefined || id === undefined) throw new Problem(400, UNKNOWN_CURSOR);
  return { rank: BigInt(rank), id: BigInt(id) };
}

/** What is known of a partner, for the brand. */
function toCard(card: CardRow | undefined): Pick<z.input<typeof performance>, "profile" | "label"> {
  const { label: name = null, note = null, tags = [] } = card ?? {};
  const noted = name !== null || note !== null || tags.length > 0;
  return { profile: card?.profile ?? null, label: noted ? { label: name, note, tags: [...tags] } : null };
}

/** For the partner itself, and for the brand. */
export function partnershipRoutes(services: Services) {
  const { database, config, log } = services;
  const app = new OpenAPIHono();

  const toPerformance = (row: PerformanceRow): z.input<typeof performance> => ({
    campaignId: row.campaign_id,
    partner: row.partner,
    code: row.code,
    link: new URL(`/i/${row.code}`, config.PUBLIC_URL).href,
    clicks: Number(row.clicks),
    conversions: Number(row.conversions),
    rejected: Number(row.rejected),
    reversed: Number(row.reversed),
    volumeBaseUnits: String(row.volume),
    commission: String(row.commission),
    accepted: String(row.accepted),
    pending: String(row.pending),
    released: String(row.released),
    claimed: String(row.claimed),
    joinedAt: row.created_at.toISOString(),
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
      security: WALLET,
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
      const [row] = await readPerformances(database, { campaignId, partner, limit: 1 });
      if (row === undefined) throw new Error(`The partnership of ${partner} in ${campaignId} was not stored.`);
      return c.json(toPerformance(row), 201);
    },
  );

  app.openapi(listPartners, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { cursor, limit, ...query } = c.req.valid("query");
    await requireManager(c, services, campaignId);
    const list = `partners ${campaignId} ${query.sort}`;
    const after = toRank(list, cursor);
    const rows = await readPerformances(database, { campaignId, ...query, after, limit: limit + 1 });
    const cards = await readCards(
      database,
      campaignId,
      rows.map(({ partner }) => partner),
    );
    const toItem = (row: PerformanceRow) => ({ ...toPerformance(row), ...toCard(cards.get(row.partner)) });
    return c.json(toPage(list, rows, limit, toItem, placeOf), 200);
  });

  app.openapi(exportPartners, async (c) => {
    const { campaignId } = c.req.valid("param");
    const now = new Date();
    await requireManager(c, services, campaignId);
    const lines = partnerLines(database, campaignId, c.req.valid("query").search, now);
    return csvResponse(c, log, `partners-${now.toISOString().slice(0, 10)}.csv`, lines);
  });

  app.openapi(listOwn, async (c) => {
    const partner = await requireReader(c, services);
    const { cursor, limit, sort } = c.req.valid("query");
    const list = `partnerships ${partner} ${sort}`;
    const after = toRank(list, cursor);
    const rows = await readPerformances(database, { partner, sort, after, limit: limit + 1 });
    return c.json(toPage(list, rows, limit, toPerformance, placeOf), 200);
  });
  return app;
}
