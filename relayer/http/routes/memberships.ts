/** The teams that a wallet is in, and how it comes into one: by an invitation, signed in as itself. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret } from "../../secrets.ts";
import { insertAct } from "../../store/acts.ts";
import {
  findTeamInvitation,
  insertMember,
  lockTeam,
  readInvitationsOf,
  readMemberships,
  readRole,
  spendTeamInvitation,
  type TeamInvitationRow,
} from "../../store/team.ts";
import { requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { address, body, json, rowId } from "../schemas.ts";
import { role, teamInvitation, toTeamInvitation } from "../team.ts";

const MAX_MEMBERS = 100;
const MAX_TEAMS = 50;
const MAX_SHOWN = 50;

const token = z
  .string()
  .regex(/^ti_[\w-]{43}$/, "must be ti_ and 43 characters: look whether the link is whole")
  .openapi({ description: "Of the link." });
const membership = z.object({ brand: address, role, since: z.string() }).openapi("TeamMembership");

const list = createRoute({
  tags: ["Teams"],
  security: WALLET,
  method: "get",
  path: "/v1/me/teams",
  summary: "The teams that one is in",
  responses: {
    200: json(
      z
        .object({
          memberships: z.array(membership),
          invitations: z.array(teamInvitation).openapi({ description: "Open ones that name the signed-in wallet." }),
        })
        .openapi("OwnTeams"),
      "The signed-in wallet's.",
    ),
    ...problems(401),
  },
});

const look = createRoute({
  tags: ["Teams"],
  security: [],
  method: "post",
  path: "/v1/team-invitations/lookups",
  summary: "Look at an invitation into a team",
  description: "The token is in the body, where nothing logs it.",
  request: { body: body(z.strictObject({ token })) },
  responses: { 200: json(teamInvitation, "What somebody who has the link may know."), ...problems(400, 404) },
});

const accept = createRoute({
  tags: ["Teams"],
  security: WALLET,
  method: "post",
  path: "/v1/me/teams",
  summary: "Accept an invitation into a team",
  description:
    "By the token of its link; or by its id, where it names the signed-in wallet. Sent again it changes nothing.",
  request: {
    body: body(z.union([z.strictObject({ token }), z.strictObject({ invitation: rowId })])),
  },
  responses: { 201: json(membership, "The signed-in wallet is in the team."), ...problems(400, 401, 403, 404, 409) },
});

/** @throws Problem */
function requireUsable(row: TeamInvitationRow, wallet: string): void {
  if (row.wallet !== null && row.wallet !== wallet)
    throw new Problem(
      403,
      `This invitation is for ${row.wallet}; ${wallet} is signed in. Sign in with the other wallet.`,
    );
  if (row.brand === wallet) throw new Problem(409, `${wallet} is the brand's wallet: its owner already.`);
  if (row.state === "used")
    throw new Problem(409, "Somebody has used this invitation: it is good once. Ask the brand for another.");
  if (row.state !== "open")
    throw new Problem(
      409,
      row.state === "expired"
        ? `This invitation was good until ${row.expires_at.toISOString()}. Ask the brand for another.`
        : "The brand has taken this invitation back. Ask it.",
    );
}

export function membershipRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();

  app.openapi(list, async (c) => {
    const wallet = await requireSession(c, services);
    const [memberships, invitations] = await Promise.all([
      readMemberships(database, wallet),
      readInvitationsOf(database, wallet, MAX_SHOWN),
    ]);
    const shown = {
      memberships: memberships.map(({ brand, role: as, since }) => ({ brand, role: as, since: since.toISOString() })),
      invitations: invitations.map(toTeamInvitation),
    };
    return c.json(
      shown as { memberships: z.output<typeof membership>[]; invitations: z.output<typeof teamInvitation>[] },
      200,
    );
  });

  app.openapi(look, async (c) => {
    const row = await findTeamInvitation(database, { tokenHash: hashSecret(c.req.valid("json").token) });
    if (row === undefined) throw noInvitation();
    return c.json(toTeamInvitation(row) as z.output<typeof teamInvitation>, 200);
  });

  app.openapi(accept, async (c) => {
    const wallet = await requireSession(c, services);
    const given = c.req.valid("json");
    const by = "token" in given ? { tokenHash: hashSecret(given.token) } : { id: BigInt(given.invitation) };
    const brand = await database.transaction(async (sql) => {
      const named = await findTeamInvitation(sql, by);
      if (named === undefined) throw noInvitation();
      // A number is guessed: by it there are only those that name the wallet.
      if ("id" in by && named.wallet !== wallet) throw noInvitation();
      await lockTeam(sql, named.brand);
      const row = (await findTeamInvitation(sql, by, { forUse: true })) ?? named;
      const before = await readRole(sql, row.brand, wallet);
      if (row.used_by === wallet && before !== undefined) return row.brand;
      requireUsable(row, wallet);
      if (before !== undefined)
        throw new Problem(
          409,
          `${wallet} is in the team of ${row.brand} already, as ${before}. Its owners give it another role.`,
        );
      const one = { brand: row.brand, wallet, role: row.role, addedBy: row.made_by };
      if (!(await insertMember(sql, one, { members: MAX_MEMBERS, teams: MAX_TEAMS })))
        throw new Problem(
          409,
          `A team has at most ${MAX_MEMBERS} members, and a wallet is in at most ${MAX_TEAMS} teams.`,
        );
      await spendTeamInvitation(sql, row.id, wallet);
      const joined = { brand: row.brand, campaignId: null, actor: wallet, role: row.role, act: "member.joined" };
      if (!(await insertAct(sql, { ...joined, facts: { invitation: String(row.id), invitedBy: row.made_by } })))
        throw new Error(`The membership of ${wallet} in the team of ${row.brand} was not stored.`);
      return row.brand;
    });
    const mine = (await readMemberships(database, wallet)).find((one) => one.brand === brand);
    if (mine === undefined) throw new Problem(409, `${wallet} was removed from the team of ${brand} just now.`);
    const shown = { brand, role: mine.role, since: mine.since.toISOString() };
    return c.json(shown as z.output<typeof membership>, 201);
  });
  return app;
}

const noInvitation = () => new Problem(404, "There is no such invitation. Look whether the link is whole.");
