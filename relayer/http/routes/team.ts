/** A brand's team: who is in it, who is invited, and what they did. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sql } from "#service/database.ts";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, newSecret } from "../../secrets.ts";
import { readActs } from "../../store/acts.ts";
import { SOURCES } from "../../store/sources.ts";
import {
  changeRole,
  deleteMember,
  insertTeamInvitation,
  lockTeam,
  readInvited,
  readKeysKnownTo,
  readMembers,
  readOpenInvitations,
  readRole,
  readSourcesKnownTo,
  readWebhooksKnownTo,
  revokeInvitationsOf,
  revokeTeamInvitation,
} from "../../store/team.ts";
import { requireTeam } from "../actor.ts";
import { WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { actLines } from "../exports/acts.ts";
import { csvAnswer, csvResponse, WHOLE_FILE } from "../exports/csv.ts";
import { address, body, bytes32, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";
import { act, member, role, team, teamInvitation, toAct, toMember, toTeamInvitation } from "../team.ts";

const MAX_INVITATIONS = 50;
/** Those taken back and used included: each lies in somebody's list, or in the table. */
const MAX_INVITATIONS_A_DAY = 200;
/** For so long an invitation can be accepted. */
const INVITATION_DAYS = 7;

const route = { tags: ["Teams"], security: WALLET };
const PATH = "/v1/brands/{brand}";
const params = z.object({ brand: address });
const acts = page(act).openapi("Acts");

const show = createRoute({
  ...route,
  method: "get",
  path: `${PATH}/team`,
  summary: "Read a brand's team",
  request: { params },
  responses: { 200: json(team, "Its members and its open invitations."), ...problems(401, 403) },
});

const invite = createRoute({
  ...route,
  method: "post",
  path: `${PATH}/team/invitations`,
  summary: "Invite somebody into the team",
  description: `One wallet, or whoever has the link first. It is good once, for ${INVITATION_DAYS} days. A brand without a campaign names no wallet: who is named finds it among its own.`,
  request: {
    params,
    body: body(
      z
        .strictObject({
          role,
          label: z.string().trim().min(1).max(100).openapi({ description: "Who it is for, in your words." }),
          wallet: address.optional().openapi({ description: "Only this wallet can accept it." }),
        })
        .openapi("TeamInvitationRequest"),
    ),
  },
  responses: {
    201: json(
      teamInvitation
        .extend({
          token: z.string().openapi({
            description: "`ti_…`, to be handed to whom it is for. Shown this once; only its hash is kept.",
          }),
        })
        .openapi("NewTeamInvitation"),
      "The invitation, with its token.",
    ),
    ...problems(400, 401, 403, 409),
  },
});

const uninvite = createRoute({
  ...route,
  method: "delete",
  path: `${PATH}/team/invitations/{id}`,
  summary: "Take an invitation into the team back",
  request: { params: params.extend({ id: rowId }) },
  responses: { 204: { description: "Nobody can accept it any more." }, ...problems(400, 401, 403, 404) },
});

const memberParameter = params.extend({ wallet: address });

const change = createRoute({
  ...route,
  method: "put",
  path: `${PATH}/team/members/{wallet}`,
  summary: "Give a member another role",
  request: { params: memberParameter, body: body(z.strictObject({ role })) },
  responses: { 200: json(member, "The member as it is now."), ...problems(400, 401, 403, 404, 409) },
});

const known = z
  .object({ campaignId: bytes32, id: z.string(), label: z.string() })
  .openapi("KnownSecret", { description: "A secret that somebody may know." });

const remove = createRoute({
  ...route,
  method: "delete",
  path: `${PATH}/team/members/{wallet}`,
  summary: "Remove a member, or leave",
  description:
    "Rights are looked up with every request: none of its sessions is good for the brand any more, and open invitations that it made are void.",
  request: { params: memberParameter },
  responses: {
    200: json(
      z
        .object({
          keys: z.array(known).openapi({
            description:
              "API keys that it made or gave a new secret, and that are still good: it may know them. Revoke or rotate them.",
          }),
          webhooks: z.array(known).openapi({
            description:
              "Webhook endpoints that it made or gave a new secret, by the host they are told at: it may know what your server believes. Rotate them.",
          }),
          sources: z.array(z.object({ campaignId: bytes32, source: z.enum(SOURCES) })).openapi({
            description:
              "Sources that it connected, and that are connected still: it may know the secrets of their webhooks, and the key that they are read with. Make new ones there, and connect them again.",
          }),
        })
        .openapi("MemberRemoved"),
      "It is no member any more.",
    ),
    ...problems(400, 401, 403, 404, 409),
  },
});

const filters = {
  campaignId: bytes32.optional(),
  actor: z.string().max(60).optional().openapi({ description: "A wallet, or `key` and the id of an API key." }),
};

const listActs = createRoute({
  ...route,
  method: "get",
  path: `${PATH}/acts`,
  summary: "Who did what",
  description:
    "What was done for the brand over this API, by whom and when. Kept for two years. Transactions are on the chain.",
  request: { params, query: sortedPageQuery.extend(filters) },
  responses: { 200: json(acts, "Newest first unless `sort` says otherwise."), ...problems(400, 401, 403) },
});

const exportActs = createRoute({
  ...route,
  method: "get",
  path: `${PATH}/acts.csv`,
  summary: "Take the list of acts home as CSV",
  description: WHOLE_FILE,
  request: { params, query: z.object(filters) },
  responses: { 200: csvAnswer("The acts, the first on top."), ...problems(400, 401, 403) },
});

const brandStays = (brand: string) =>
  new Problem(
    409,
    `${brand} is the brand's wallet: its owner always, and no member. What it owns it hands over on the chain.`,
  );

/** Whoever signs in is a brand: what it may send strangers without a campaign, which costs something, is nothing. @throws Problem 409 */
function refuseTooMany({ open, lately, campaign }: Awaited<ReturnType<typeof readInvited>>, wallet: string | null) {
  if (open >= MAX_INVITATIONS)
    throw new Problem(409, `The brand has ${open} open invitations into its team. Take one back first.`);
  if (lately >= MAX_INVITATIONS_A_DAY)
    throw new Problem(409, `The brand has made ${lately} invitations into its team within a day. Make more tomorrow.`);
  if (wallet !== null && !campaign)
    throw new Problem(
      409,
      `The brand has no campaign here, and names no wallet until it has: ${wallet} would find the invitation among its own. Leave \`wallet\` out, and hand the link over.`,
    );
}

/** The secrets that somebody may know who worked for the brand. */
async function knownTo(sql: Sql, brand: string, wallet: string) {
  const keys = await readKeysKnownTo(sql, brand, wallet);
  const webhooks = await readWebhooksKnownTo(sql, brand, wallet);
  const sources = await readSourcesKnownTo(sql, brand, wallet);
  return {
    keys: keys.map(({ id, campaign_id, label }) => ({ campaignId: campaign_id, id: String(id), label })),
    webhooks: webhooks.map(({ id, campaign_id, url }) => ({
      campaignId: campaign_id,
      id: String(id),
      label: new URL(url).host,
    })),
    sources: sources.map(({ campaign_id, source }) => ({ campaignId: campaign_id, source })),
  };
}

export function teamRoutes(services: Services) {
  const { database, log } = services;
  const app = new OpenAPIHono();
  const noMember = (brand: string, wallet: string) => new Problem(404, `${wallet} is not in the team of ${brand}.`);

  app.openapi(show, async (c) => {
    const { brand } = c.req.valid("param");
    const { by } = await requireTeam(c, services, brand);
    const [members, invitations, yours] = await Promise.all([
      readMembers(database, brand),
      readOpenInvitations(database, brand),
      readRole(database, brand, by),
    ]);
    const shown = {
      brand,
      yours: yours ?? ("brand" as const),
      members: members.map(toMember),
      invitations: invitations.map(toTeamInvitation),
    };
    return c.json(shown as z.output<typeof team>, 200);
  });

  app.openapi(invite, async (c) => {
    const { brand } = c.req.valid("param");
    const { by, note } = await requireTeam(c, services, brand);
    const { role: as, label, wallet = null } = c.req.valid("json");
    if (wallet === brand) throw brandStays(brand);
    const token = newSecret("ti");
    const made = { brand, role: as, wallet, label, tokenHash: hashSecret(token), madeBy: by, days: INVITATION_DAYS };
    const row = await database.transaction(async (sql) => {
      await lockTeam(sql, brand);
      if (wallet !== null && (await readRole(sql, brand, wallet)) !== undefined)
        throw new Problem(409, `${wallet} is in the team already. Give it another role with PUT …/members/${wallet}.`);
      refuseTooMany(await readInvited(sql, brand), wallet);
      const one = await insertTeamInvitation(sql, made);
      await note(sql, { invitation: String(one.id), role: as, label, ...(wallet === null ? {} : { wallet }) });
      return one;
    });
    return c.json({ ...(toTeamInvitation(row) as z.output<typeof teamInvitation>), token }, 201);
  });

  app.openapi(uninvite, async (c) => {
    const { brand, id } = c.req.valid("param");
    const { note } = await requireTeam(c, services, brand);
    await database.transaction(async (sql) => {
      if (!(await revokeTeamInvitation(sql, brand, BigInt(id))))
        throw new Problem(404, `The brand has no open invitation ${id}.`);
      await note(sql, { invitation: id });
    });
    return c.body(null, 204);
  });

  app.openapi(change, async (c) => {
    const { brand, wallet } = c.req.valid("param");
    const { note } = await requireTeam(c, services, brand);
    if (wallet === brand) throw brandStays(brand);
    const { role: as } = c.req.valid("json");
    await database.transaction(async (sql) => {
      await lockTeam(sql, brand);
      await note(sql, { wallet, role: as });
      if (!(await changeRole(sql, brand, wallet, as))) throw noMember(brand, wallet);
      if (as !== "owner") await revokeInvitationsOf(sql, brand, wallet);
    });
    const row = (await readMembers(database, brand)).find((one) => one.wallet === wallet);
    if (row === undefined) throw noMember(brand, wallet);
    return c.json(toMember(row) as z.output<typeof member>, 200);
  });

  app.openapi(remove, async (c) => {
    const { brand, wallet } = c.req.valid("param");
    const { note } = await requireTeam(c, services, brand, wallet);
    if (wallet === brand) throw brandStays(brand);
    const shown = await database.transaction(async (sql) => {
      await lockTeam(sql, brand);
      await note(sql, { wallet });
      if (!(await deleteMember(sql, brand, wallet))) throw noMember(brand, wallet);
      await revokeInvitationsOf(sql, brand, wallet);
      return knownTo(sql, brand, wallet);
    });
    return c.json(shown, 200);
  });

  app.openapi(listActs, async (c) => {
    const { brand } = c.req.valid("param");
    const { campaignId, actor, ...query } = c.req.valid("query");
    await requireTeam(c, services, brand);
    const place = placeIn(`acts ${brand}`, query);
    const rows = await readActs(database, { brand, campaignId, actor }, place);
    return c.json(toPage(place.list, rows, query.limit, toAct) as z.output<typeof acts>, 200);
  });

  app.openapi(exportActs, async (c) => {
    const { brand } = c.req.valid("param");
    await requireTeam(c, services, brand);
    const now = new Date();
    const lines = actLines(database, { brand, ...c.req.valid("query") }, now);
    return csvResponse(c, log, `acts-${now.toISOString().slice(0, 10)}.csv`, lines);
  });
  return app;
}
