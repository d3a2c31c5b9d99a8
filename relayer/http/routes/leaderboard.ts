/** A campaign's leaderboard, where its description has one: who reached most in a period, for its partners or for everybody. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { readDescription } from "@partner-programs/protocol/description";
import { periodAt, periodNamed } from "@partner-programs/protocol/targets";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import { readDescriptionBody } from "../../store/campaigns.ts";
import { findPartnership } from "../../store/partnerships.ts";
import { type Board, type PlaceRow, readOwnPlace, readPlaces } from "../../store/standings.ts";
import { brandOrWallet } from "../actor.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { requireKnown } from "../requireCampaign.ts";
import { amount, campaignParameter, json } from "../schemas.ts";

const place = z.object({
  rank: z.int().openapi({ description: "Who reached the same has the same." }),
  name: z.string().nullable().openapi({ description: "As in the partner's profile, where it says so; else null." }),
  conversions: z.int().nullable(),
  volumeBaseUnits: amount.nullable(),
  own: z.boolean().openapi({ description: "It is the place of whoever asks." }),
});

const leaderboard = z
  .object({
    title: z.string(),
    event: z.string(),
    by: z.enum(["conversions", "volume"]),
    period: z.object({ name: z.string(), from: z.int(), to: z.int() }),
    places: z.array(place),
    own: place
      .omit({ name: true, own: true })
      .extend({ rank: z.int().nullable().openapi({ description: "null: far behind." }) })
      .nullable()
      .openapi({ description: "Of whoever asks, as a partner that reached something." }),
  })
  .openapi("Leaderboard");

/** What is for everybody needs no session. */
const SESSION_OR_NOBODY: Record<string, string[]>[] = [{ session: [] }, {}];

const show = createRoute({
  method: "get",
  path: "/v1/campaigns/{campaignId}/leaderboard",
  security: SESSION_OR_NOBODY,
  summary: "Read a campaign's leaderboard",
  description:
    "Where the campaign's description has one: for its partners and its brand, signed in, or for everybody. What is paid for good counts, as for targets.",
  request: {
    params: campaignParameter,
    query: z.object({
      period: z
        .string()
        .regex(
          /^\d{4}(-Q[1-4]|-\d\d)?$/,
          "must be a period such as 2026-11, 2026-Q4 or 2026, as the description has them",
        )
        .optional()
        .openapi({ description: "Without it the present one." }),
    }),
  },
  responses: { 200: json(leaderboard, "The first places, and one's own."), ...problems(400, 401, 403, 404) },
});

export function leaderboardRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  /** Who comes with a session: its wallet, and whether it looks on for the brand. @throws Problem 401, 404 */
  const whoAsks = (c: Context, campaignId: string) =>
    c.req.header("authorization") === undefined ? undefined : brandOrWallet(c, services, campaignId);

  app.openapi(show, async (c) => {
    const { campaignId } = c.req.valid("param");
    const asking = await whoAsks(c, campaignId);
    const body = requireKnown(campaignId, await readDescriptionBody(database, campaignId));
    const rules = body === null ? undefined : readDescription(body).description?.leaderboard;
    if (rules === undefined) throw new Problem(404, `Campaign ${campaignId} has no leaderboard in its description.`);
    if (asking === undefined && rules.shownTo === "partners") await requireSession(c, services);
    const isPartner = asking && (await findPartnership(database, campaignId, asking.wallet)) !== undefined;
    if (rules.shownTo === "partners" && !isPartner && asking?.actor === undefined)
      throw new Problem(403, `The leaderboard of campaign ${campaignId} is for its partners; join it first.`);
    const partner = isPartner ? asking?.wallet : undefined;
    const named = c.req.valid("query").period;
    const period =
      named === undefined ? periodAt(rules.period, Math.floor(Date.now() / 1000)) : periodNamed(rules.period, named);
    if (period === undefined) throw new Problem(400, `The leaderboard is by ${rules.period}, and "${named}" is none.`);
    const board: Board = { campaignId, period: period.name, event: rules.event, by: rules.by };
    const [places, own] = await Promise.all([
      readPlaces(database, board, rules.places),
      partner === undefined ? undefined : readOwnPlace(database, board, partner),
    ]);
    const reached = ({ value }: Pick<PlaceRow, "value">) => ({
      conversions: rules.by === "conversions" ? Number(value) : null,
      volumeBaseUnits: rules.by === "volume" ? String(value) : null,
    });
    const shown = places.map((row) => ({
      rank: row.rank,
      name: row.name,
      ...reached(row),
      own: row.partner === partner,
    }));
    const { title, event, by } = rules;
    return c.json(
      { title, event, by, period, places: shown, own: own === undefined ? null : { rank: own.rank, ...reached(own) } },
      200,
    );
  });
  return app;
}
