import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { destinationOf, type Grounds, normalisePath } from "../../domain/destination.ts";
import { aliasProblem } from "../../domain/inviteCode.ts";
import { changeLink, createLink, type LinkRow, readLinks } from "../../store/links.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, amount, body, bytes32, campaignParameter, day, json } from "../schemas.ts";
import { explain, noticeFields } from "./partnerships.ts";

/** Archived ones included: nothing that is in the world is ever forgotten. */
const LINKS_PER_PARTNERSHIP = 100;
const MOST_DAYS = 366;

const label = z
  .string()
  .max(100)
  .regex(/^\P{Cc}*$/u, "must not have control characters")
  .openapi({ description: "The partner's own name for the link: a post, a video, a newsletter." });
const path = z.string().min(1).max(4_000).nullable().openapi({
  description:
    "Where on the brand's site the link leads: a path with its query from the destination's /, or an address on one of the origins that the campaign allows. null: the campaign's destination.",
  example: "/pricing?plan=team",
});

const newLink = z
  .strictObject({
    label: label.default(""),
    path: path.default(null),
    alias: z
      .string()
      .max(32)
      .toLowerCase()
      .superRefine((alias, context) => {
        const problem = aliasProblem(alias);
        if (problem !== undefined) context.addIssue({ code: "custom", message: `"${alias}" ${problem}` });
      })
      .nullable()
      .default(null)
      .openapi({
        description: "A name instead of the code: /i/ada. It cannot be changed or given back.",
        example: "ada",
      }),
  })
  .openapi("NewLink");

const change = z
  .strictObject({ label: label.optional(), path: path.optional(), archived: z.boolean().optional() })
  .refine((given) => Object.values(given).some((value) => value !== undefined), "give label, path or archived")
  .openapi("LinkChange");

const link = z
  .object({
    campaignId: bytes32,
    partner: address,
    code: z.string(),
    alias: z.string().nullable(),
    url: z.url().openapi({ description: "What is shared." }),
    label: z.string(),
    path: z.string().nullable(),
    leadsTo: z.url().nullable().openapi({
      description:
        "Where it leads now: the campaign's destination if the path is not allowed any more. null: not known here.",
    }),
    archived: z.boolean().openapi({ description: "Not listed any more; it still leads on and counts." }),
    createdAt: z.string(),
    clicks: z.int().openapi({ description: "By people." }),
    bots: z.int().openapi({ description: "Link previews, crawlers, prefetches." }),
    conversions: z.int().openapi({ description: "That came with this link's referral token." }),
    rejected: z.int(),
    commission: amount,
    ...noticeFields,
  })
  .openapi("Link");

const one = campaignParameter.extend({ code: z.string().regex(/^[0-9a-z]{4,32}$/) });

/** A partner's invite links. */
export function linkRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  /** What the links of a campaign have in common. */
  async function readCampaign(campaignId: string) {
    const [row] = await database.query<{ brand: string; notice: NotAccepting | null; body: string | null }>(
      `SELECT brand, notice, (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS body
       FROM campaigns JOIN campaign_notices ON campaign_id = campaigns.id WHERE campaigns.id = $1`,
      [campaignId],
    );
    if (row === undefined) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
    return { id: campaignId, brand: row.brand, notice: row.notice, grounds: groundsOf(row.body) };
  }
  type Campaign = Awaited<ReturnType<typeof readCampaign>>;

  const toLink = (campaign: Campaign, row: LinkRow): z.input<typeof link> => ({
    campaignId: campaign.id,
    partner: row.partner,
    code: row.code,
    alias: row.alias,
    url: new URL(`/i/${row.alias ?? row.code}`, config.PUBLIC_URL).href,
    label: row.label,
    path: row.path,
    leadsTo: campaign.grounds === undefined ? null : destinationOf(row.path, campaign.grounds).href,
    archived: row.archived_at !== null,
    createdAt: row.created_at.toISOString(),
    clicks: Number(row.clicks),
    bots: Number(row.bots),
    conversions: Number(row.conversions),
    rejected: Number(row.rejected),
    commission: String(row.commission),
    ...explain(campaign.notice),
  });

  async function readOne(campaign: Campaign, code: string, partner: string | undefined) {
    const [row] = await readLinks(database, campaign.id, { partner, code, archived: true, limit: 1 });
    if (row === undefined) throw new Problem(404, `You have no link ${code} in this campaign.`);
    return toLink(campaign, row);
  }

  /** Whose links the signed-in wallet sees: as the brand everybody's, otherwise its own. */
  async function viewer(c: Context, campaign: Campaign): Promise<string | undefined> {
    const signedIn = await requireSession(c, services);
    return signedIn === campaign.brand ? undefined : signedIn;
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/campaigns/{campaignId}/links",
      request: { params: campaignParameter, body: body(newLink) },
      responses: {
        201: json(link, "A new link of the signed-in partner."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const partner = await requireSession(c, services);
      const campaign = await readCampaign(c.req.valid("param").campaignId);
      const given = c.req.valid("json");
      const place = checkPath(given.path, campaign.grounds);
      const code = await database.transaction(async (sql) => {
        // Under the partnership's lock, so that two requests cannot both take the last place.
        const [partnership] = await sql.query<{ id: bigint }>(
          "SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $2 FOR UPDATE",
          [campaign.id, partner],
        );
        if (partnership === undefined)
          throw new Problem(403, `${partner} is not a partner here. Join first: POST /v1/campaigns/{id}/partnerships.`);
        const [links] = await sql.query<{ count: bigint }>(
          "SELECT count(*) AS count FROM links WHERE partnership_id = $1",
          [partnership.id],
        );
        if (Number(links?.count) >= LINKS_PER_PARTNERSHIP)
          throw new Problem(
            409,
            `A partnership has at most ${LINKS_PER_PARTNERSHIP} links, archived ones included. Change one instead: PATCH its label and path.`,
          );
        return createLink(sql, {
          partnershipId: partnership.id,
          alias: given.alias,
          label: given.label,
          path: place,
        });
      });
      return c.json(await readOne(campaign, code, partner), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/links",
      request: {
        params: campaignParameter,
        query: z.object({
          archived: z.enum(["true", "false"]).default("false").openapi({ description: "Archived ones, too." }),
          partner: address.optional().openapi({ description: "For the brand: of this partner only." }),
          after: one.shape.code.optional().openapi({ description: "The `code` of the last link of the page before." }),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
      },
      responses: {
        200: json(
          z.array(link),
          "The signed-in partner's links; for the brand, those of all its partners. Oldest first.",
        ),
        ...problems(400, 401, 404),
      },
    }),
    async (c) => {
      const { archived, partner, after, limit } = c.req.valid("query");
      const campaign = await readCampaign(c.req.valid("param").campaignId);
      const own = await viewer(c, campaign);
      const rows = await readLinks(database, campaign.id, {
        partner: own ?? partner,
        archived: archived === "true",
        after,
        limit,
      });
      return c.json(
        rows.map((row) => toLink(campaign, row)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "patch",
      path: "/v1/campaigns/{campaignId}/links/{code}",
      request: { params: one, body: body(change) },
      responses: {
        200: json(link, "The link as it is now. Visitors are sent on accordingly within five seconds."),
        ...problems(400, 401, 404, 409),
      },
    }),
    async (c) => {
      const partner = await requireSession(c, services);
      const { campaignId, code } = c.req.valid("param");
      const campaign = await readCampaign(campaignId);
      const given = c.req.valid("json");
      const place = given.path === undefined ? undefined : checkPath(given.path, campaign.grounds);
      if (!(await changeLink(database, { campaignId, partner, code }, { ...given, path: place })))
        throw new Problem(404, `You have no link ${code} in this campaign.`);
      return c.json(await readOne(campaign, code, partner), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/links/{code}/clicks",
      request: {
        params: one,
        query: z
          .object({ from: day.optional(), to: day.optional() })
          .openapi({ description: "Days in UTC, both included." }),
      },
      responses: {
        200: json(
          z.array(z.object({ day, clicks: z.int(), bots: z.int() })),
          `The link's clicks by day (UTC), oldest first; days without any are left out. At most the last ${MOST_DAYS} of them.`,
        ),
        ...problems(400, 401, 404),
      },
    }),
    async (c) => {
      const { campaignId, code } = c.req.valid("param");
      const { from, to } = c.req.valid("query");
      const campaign = await readCampaign(campaignId);
      await readOne(campaign, code, await viewer(c, campaign));
      const rows = await database.query<{ day: string; clicks: bigint; bots: bigint }>(
        `SELECT to_char(day, 'YYYY-MM-DD') AS day, link_clicks.clicks, bots FROM link_clicks
         WHERE link_id = (SELECT id FROM links WHERE code = $1) AND ($2::date IS NULL OR link_clicks.day >= $2) AND ($3::date IS NULL OR link_clicks.day <= $3)
         ORDER BY link_clicks.day DESC LIMIT ${MOST_DAYS}`,
        [code, from ?? null, to ?? null],
      );
      return c.json(
        rows.reverse().map((row) => ({ day: row.day, clicks: Number(row.clicks), bots: Number(row.bots) })),
        200,
      );
    },
  );
  return app;
}

function groundsOf(description: string | null): Grounds | undefined {
  if (description === null) return undefined;
  const { destination, ...rest }: CampaignDescription & { allowedOrigins?: string[] } = JSON.parse(description);
  return { destination, allowedOrigins: rest.allowedOrigins ?? [] };
}

/** A partner's path as it is kept. */
function checkPath(given: string | null, grounds: Grounds | undefined): string | null {
  if (given === null) return null;
  if (grounds === undefined)
    throw new Problem(
      409,
      "The campaign's description is not known here. Its brand uploads it with POST /v1/descriptions.",
    );
  return normalisePath(given, grounds);
}
