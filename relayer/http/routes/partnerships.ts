import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NOT_ACCEPTING, type NotAccepting } from "@partner-programs/protocol/notAccepting";
import { Problem, problems } from "#service/problem.ts";
import { createLink } from "../../store/links.ts";
import { requireBrand, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { inviteName } from "../conversion.ts";
import { noteNetwork } from "../network.ts";
import { address, amount, bytes32, campaignParameter, json } from "../schemas.ts";

/** Why nothing that a link's visitors do is accepted now. */
export const noticeFields = {
  notice: z
    .enum(Object.keys(NOT_ACCEPTING) as [NotAccepting, ...NotAccepting[]])
    .nullable()
    .openapi({ description: "Why the campaign accepts no conversion now; its links lead on all the same." }),
  noticeText: z.string().nullable(),
};

/** `notice` with its sentence. */
export function explain(notice: NotAccepting | null) {
  return { notice, noticeText: notice === null ? null : NOT_ACCEPTING[notice] };
}

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
    ...noticeFields,
  })
  .openapi("Performance");

/** A partnership with its numbers; `WHERE` is to follow. */
const PERFORMANCE = `
  SELECT p.campaign_id, p.partner,
    (SELECT code FROM links WHERE links.partnership_id = p.id ORDER BY links.id LIMIT 1) AS code,
    (SELECT coalesce(sum(k.clicks), 0) FROM links JOIN link_clicks k ON k.link_id = links.id WHERE links.partnership_id = p.id) AS clicks,
    (SELECT count(*) FROM conversions c WHERE c.partnership_id = p.id AND c.state NOT IN ('rejected', 'reversed')) AS conversions,
    (SELECT count(*) FROM conversions c WHERE c.partnership_id = p.id AND c.state = 'rejected') AS rejected,
    (SELECT coalesce(sum(c.partner_commission), 0) FROM conversions c WHERE c.partnership_id = p.id AND c.state IN ('accepted', 'review', 'batched')) AS accepted,
    coalesce(l.pending, 0) AS pending, coalesce(l.released, 0) AS released, coalesce(l.claimed, 0) AS claimed, n.notice
  FROM partnerships p LEFT JOIN LATERAL (
    SELECT sum(commission) FILTER (WHERE batch_lines.state = 'held') AS pending,
      sum(commission) FILTER (WHERE batch_lines.state = 'released') AS released,
      sum(commission) FILTER (WHERE batch_lines.state = 'claimed') AS claimed
    FROM batch_lines JOIN batches USING (digest) WHERE batches.campaign_id = p.campaign_id AND batch_lines.partner = p.partner
  ) l ON true JOIN campaign_notices n ON n.campaign_id = p.campaign_id`;

/** Partners in campaigns, and how they do. */
export function partnershipRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  // biome-ignore lint/suspicious/noExplicitAny: a row of PERFORMANCE; what leaves it is checked against the schema's type
  const toPerformance = (row: any): z.input<typeof performance> => ({
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
    ...explain(row.notice),
  });

  /** The partner's partnership, new or as it is. A new one has a link. */
  async function join(campaignId: string, partner: string, recruiter: string | undefined): Promise<void> {
    await database.transaction(async (sql) => {
      const [recruiting] = await sql.query<{ id: bigint }>(
        "SELECT p.id FROM partnerships p JOIN links ON links.partnership_id = p.id WHERE p.campaign_id = $1 AND (links.code = $2 OR links.alias = $2)",
        [campaignId, recruiter ?? null],
      );
      if (recruiter !== undefined && recruiting === undefined)
        throw new Problem(404, `Campaign ${campaignId} has no partner with the invite code ${recruiter}.`);
      const [joined] = await sql.query<{ id: bigint }>(
        "INSERT INTO partnerships (campaign_id, partner, recruiter_id) VALUES ($1, $2, $3) ON CONFLICT (campaign_id, partner) DO NOTHING RETURNING id",
        [campaignId, partner, recruiting?.id ?? null],
      );
      if (joined !== undefined) await createLink(sql, { partnershipId: joined.id, alias: null, label: "", path: null });
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
      const [known] = await database.query<{ brand: string }>("SELECT brand FROM campaigns WHERE id = $1", [
        campaignId,
      ]);
      if (known === undefined) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
      if (known.brand === partner) throw new Problem(403, "A brand cannot be a partner in its own campaign.");
      await join(campaignId, partner, c.req.valid("json").recruiter);
      await noteNetwork(c, services, partner);
      const [row] = await database.query(`${PERFORMANCE} WHERE p.campaign_id = $1 AND p.partner = $2`, [
        campaignId,
        partner,
      ]);
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
      const rows = await database.query(`${PERFORMANCE} WHERE p.campaign_id = $1 ORDER BY p.id LIMIT 10000`, [
        campaignId,
      ]);
      return c.json(rows.map(toPerformance), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/me/partnerships",
      responses: {
        200: json(z.array(performance), "The signed-in partner's partnerships and their performance."),
        ...problems(401),
      },
    }),
    async (c) => {
      const partner = await requireSession(c, services);
      return c.json(
        (await database.query(`${PERFORMANCE} WHERE p.partner = $1 ORDER BY p.id LIMIT 1000`, [partner])).map(
          toPerformance,
        ),
        200,
      );
    },
  );
  return app;
}
