/** A partner's invite links: made, listed, changed. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { Problem, problems } from "#service/problem.ts";
import { normalisePath } from "../../domain/destination.ts";
import { aliasProblem } from "../../domain/inviteCode.ts";
import { isSpokenByAnother } from "../../store/codes.ts";
import { AliasTaken, changeLink, countLinks, createLink, readLinks } from "../../store/links.ts";
import { lockPartnership } from "../../store/partnerships.ts";
import { requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { link, linkParameter, noLink, requireLink, requireLinkCampaign, toLink, viewerOf } from "../link.ts";
import { address, body, campaignParameter, json } from "../schemas.ts";

/** Archived ones included: nothing that is in the world is ever forgotten. */
const LINKS_PER_PARTNERSHIP = 100;

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

/** A partner's invite links. */
export function linkRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/campaigns/{campaignId}/links",
      security: WALLET,
      request: { params: campaignParameter, body: body(newLink) },
      responses: {
        201: json(link, "A new link of the signed-in partner."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const partner = await requireSession(c, services);
      const campaign = await requireLinkCampaign(services, c.req.valid("param").campaignId);
      const given = c.req.valid("json");
      const place = checkPath(given.path, campaign.description);
      const code = await database.transaction(async (sql) => {
        // So that two requests cannot both take the last place.
        const partnershipId = await lockPartnership(sql, campaign.id, partner);
        if (partnershipId === undefined)
          throw new Problem(403, `${partner} is not a partner here. Join first: POST /v1/campaigns/{id}/partnerships.`);
        if ((await countLinks(sql, partnershipId)) >= LINKS_PER_PARTNERSHIP)
          throw new Problem(
            409,
            `A partnership has at most ${LINKS_PER_PARTNERSHIP} links, archived ones included. Change one instead: PATCH its label and path.`,
          );
        if (given.alias !== null && (await isSpokenByAnother(sql, partnershipId, given.alias)))
          throw new AliasTaken(`The alias "${given.alias}" sounds like another partner's code. Choose another one.`);
        return createLink(sql, { partnershipId, alias: given.alias, label: given.label, path: place });
      });
      return c.json(await requireLink(services, campaign, code, partner), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/campaigns/{campaignId}/links",
      security: WALLET,
      request: {
        params: campaignParameter,
        query: z.object({
          archived: z.enum(["true", "false"]).default("false").openapi({ description: "Archived ones, too." }),
          partner: address.optional().openapi({ description: "For the brand: of this partner only." }),
          after: linkParameter.shape.code
            .optional()
            .openapi({ description: "The `code` of the last link of the page before." }),
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
      const campaign = await requireLinkCampaign(services, c.req.valid("param").campaignId);
      const own = await viewerOf(c, services, campaign);
      const rows = await readLinks(database, campaign.id, {
        partner: own ?? partner,
        archived: archived === "true",
        after,
        limit,
      });
      return c.json(
        rows.map((row) => toLink(services, campaign, row)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: "patch",
      path: "/v1/campaigns/{campaignId}/links/{code}",
      security: WALLET,
      request: { params: linkParameter, body: body(change) },
      responses: {
        200: json(link, "The link as it is now. Visitors are sent on accordingly within five seconds."),
        ...problems(400, 401, 404, 409),
      },
    }),
    async (c) => {
      const partner = await requireSession(c, services);
      const { campaignId, code } = c.req.valid("param");
      const campaign = await requireLinkCampaign(services, campaignId);
      const given = c.req.valid("json");
      const place = given.path === undefined ? undefined : checkPath(given.path, campaign.description);
      if (!(await changeLink(database, { campaignId, partner, code }, { ...given, path: place }))) throw noLink(code);
      return c.json(await requireLink(services, campaign, code, partner), 200);
    },
  );
  return app;
}

/** A partner's path as it is kept. */
function checkPath(given: string | null, grounds: CampaignDescription | undefined): string | null {
  if (given === null) return null;
  if (grounds === undefined)
    throw new Problem(
      409,
      "The campaign's description is not known here. Its brand uploads it with POST /v1/descriptions.",
    );
  return normalisePath(given, grounds);
}
