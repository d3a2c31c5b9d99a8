/** Personal invitations of a brand: a link for one partner, with the kinds that it is to have. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { kindMask, kindsIn } from "@partner-programs/protocol/kinds";
import { Problem, problems } from "#service/problem.ts";
import { newInviteCode } from "../../domain/inviteCode.ts";
import { findInvitation, insertInvitation, readInvitations, revokeInvitation } from "../../store/invitations.ts";
import { fromColumn, toColumn } from "../../store/masks.ts";
import { requireManager } from "../actor.ts";
import { invitation, invitationCode, kinds, toInvitation } from "../application.ts";
import type { Services } from "../context.ts";
import { body, bytes32, campaignParameter, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";

/** Invitations of one campaign that nobody has used. */
const MAX_INVITATIONS = 1_000;

const route = { tags: ["Applications"] };
const invitations = page(invitation).openapi("Invitations");

const create = createRoute({
  ...route,
  method: "post",
  path: "/v1/campaigns/{campaignId}/invitations",
  summary: "Invite a partner",
  request: {
    params: campaignParameter,
    body: body(
      z
        .strictObject({
          label: z.string().trim().min(1).max(100).openapi({ description: "Who it is for, in the brand's words." }),
          kinds,
        })
        .openapi("InvitationRequest"),
    ),
  },
  responses: { 201: json(invitation, "Give its code to one partner."), ...problems(400, 401, 403, 404, 409) },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/v1/campaigns/{campaignId}/invitations",
  summary: "List the invitations",
  request: { params: campaignParameter, query: sortedPageQuery },
  responses: { 200: json(invitations, "Used and revoked ones too."), ...problems(400, 401, 403, 404) },
});

const show = createRoute({
  ...route,
  method: "get",
  path: "/v1/invitations/{invitation}",
  summary: "Look at an invitation",
  security: [],
  request: { params: z.object({ invitation: invitationCode }) },
  responses: {
    200: json(
      z
        .object({ campaignId: bytes32, kinds: z.array(z.int()), state: invitation.shape.state })
        .openapi("InvitationShown"),
      "What somebody who has the link may know.",
    ),
    ...problems(400, 404),
  },
});

const revoke = createRoute({
  ...route,
  method: "delete",
  path: "/v1/campaigns/{campaignId}/invitations/{id}",
  summary: "Take an invitation back",
  request: { params: campaignParameter.extend({ id: rowId }) },
  responses: {
    204: { description: "Nobody can use it any more; who has is not touched." },
    ...problems(400, 401, 403, 404),
  },
});

export function invitationRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(create, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { note } = await requireManager(c, services, campaignId);
    const { label, kinds: given } = c.req.valid("json");
    const made = {
      campaignId,
      label,
      // Whoever guesses it is invited: twice as long as a link's.
      code: newInviteCode() + newInviteCode(),
      kinds: toColumn(kindMask(...given)),
    };
    const row = await database.transaction(async (sql) => {
      const one = await insertInvitation(sql, made, MAX_INVITATIONS);
      if (one !== undefined) await note(sql, { invitation: String(one.id), label });
      return one;
    });
    if (row === undefined)
      throw new Problem(
        409,
        `The campaign has ${MAX_INVITATIONS} invitations that nobody has used. Take one back first.`,
      );
    return c.json(toInvitation(row) as z.output<typeof invitation>, 201);
  });

  app.openapi(list, async (c) => {
    const { campaignId } = c.req.valid("param");
    const query = c.req.valid("query");
    await requireManager(c, services, campaignId);
    const place = placeIn(`invitations ${campaignId}`, query);
    const rows = await readInvitations(database, campaignId, place);
    return c.json(toPage(place.list, rows, query.limit, toInvitation) as z.output<typeof invitations>, 200);
  });

  app.openapi(show, async (c) => {
    const { invitation: code } = c.req.valid("param");
    const row = await findInvitation(database, code);
    if (row === undefined) throw new Problem(404, `There is no invitation ${code}. Look whether the link is whole.`);
    const { campaignId, state } = toInvitation(row) as z.output<typeof invitation>;
    return c.json({ campaignId, kinds: kindsIn(fromColumn(row.kinds)), state }, 200);
  });

  app.openapi(revoke, async (c) => {
    const { campaignId, id } = c.req.valid("param");
    const { note } = await requireManager(c, services, campaignId);
    const revoked = await database.transaction(async (sql) => {
      const done = await revokeInvitation(sql, campaignId, BigInt(id));
      if (done) await note(sql, { invitation: id });
      return done;
    });
    if (!revoked) throw new Problem(404, `Campaign ${campaignId} has no invitation ${id}.`);
    return c.body(null, 204);
  });
  return app;
}
