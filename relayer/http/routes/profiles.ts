/** What partners say of themselves, and what brands call them. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { deleteProfile, readProfile, writeLabel, writeProfile } from "../../store/profiles.ts";
import { requireBrand } from "../actor.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { label, labelRequest, ownProfile, profileRequest } from "../profile.ts";
import { address, body, campaignParameter, json } from "../schemas.ts";

const mine = { tags: ["Profiles"], path: "/v1/me/profile", security: [{ session: [] }] };

const showProfile = createRoute({
  ...mine,
  method: "get",
  summary: "Read one's own profile",
  responses: { 200: json(ownProfile.nullable(), "It; null: none was given."), ...problems(401) },
});

const putProfile = createRoute({
  ...mine,
  method: "put",
  summary: "Say who one is",
  description:
    "One profile for all campaigns of the signed-in wallet. It is shown to their brands, and to nobody else; its name also stands on leaderboards where `onLeaderboards` says so.",
  request: { body: body(profileRequest) },
  responses: { 200: json(ownProfile, "As it is kept."), ...problems(401) },
});

const removeProfile = createRoute({
  ...mine,
  method: "delete",
  summary: "Delete one's profile",
  responses: { 204: { description: "It is gone: brands see the address alone." }, ...problems(401) },
});

const putLabel = createRoute({
  tags: ["Profiles"],
  method: "put",
  path: "/v1/campaigns/{campaignId}/partnerships/{partner}/label",
  security: [{ session: [] }],
  summary: "Call a partner something",
  description: "The brand's own label, note and tags. Whoever takes the campaign over has none of it.",
  request: { params: campaignParameter.extend({ partner: address }), body: body(labelRequest) },
  responses: { 200: json(label, "As it is kept."), ...problems(401, 403, 404) },
});

export function profileRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(showProfile, async (c) => {
    const wallet = await requireSession(c, services);
    return c.json((await readProfile(database, wallet)) ?? null, 200);
  });

  app.openapi(putProfile, async (c) => {
    const wallet = await requireSession(c, services);
    const given = c.req.valid("json");
    await writeProfile(database, wallet, given);
    return c.json(given, 200);
  });

  app.openapi(removeProfile, async (c) => {
    await deleteProfile(database, await requireSession(c, services));
    return c.body(null, 204);
  });

  app.openapi(putLabel, async (c) => {
    const { campaignId, partner } = c.req.valid("param");
    const { brand, note } = await requireBrand(c, services, campaignId);
    const given = c.req.valid("json");
    const written = await database.transaction(async (sql) => {
      const done = await writeLabel(sql, { campaignId, partner, brand }, given);
      if (done) await note(sql, { partner });
      return done;
    });
    if (!written) throw new Problem(404, `${partner} is no partner of campaign ${campaignId}.`);
    return c.json(given, 200);
  });
  return app;
}
