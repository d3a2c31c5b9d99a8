/** Applications of partners: what a brand asks, who applied, and who is declined. Whom it approves it gives kinds on the chain. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Database } from "#service/database.ts";
import { Problem, problems } from "#service/problem.ts";
import {
  APPLICATION_STATES,
  decideApplication,
  insertApplication,
  readAdmission,
  readApplication,
  readApplications,
  writeQuestions,
} from "../../store/admission.ts";
import { findInvitation } from "../../store/invitations.ts";
import { requireBrand } from "../actor.ts";
import {
  admission,
  answers,
  application,
  invitationCode,
  ownAdmission,
  questions,
  toAdmission,
  toApplication,
  toOwnAdmission,
} from "../application.ts";
import { requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { requireKnown } from "../requireCampaign.ts";
import { body, campaignParameter, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";

const route = { tags: ["Applications"] };
const signed = { ...route, security: [{ session: [] }] };
const FIRST = { sort: "newest", from: 2n ** 63n - 1n, limit: 1 } as const;
const applications = page(application).openapi("Applications");

const showAdmission = createRoute({
  ...route,
  method: "get",
  path: "/v1/campaigns/{campaignId}/admission",
  summary: "Who can be a partner",
  security: [],
  request: { params: campaignParameter },
  responses: { 200: json(admission, "What anybody may know before it joins or applies."), ...problems(404) },
});

const setAdmission = createRoute({
  ...signed,
  method: "put",
  path: "/v1/campaigns/{campaignId}/admission",
  summary: "Ask those who apply",
  request: { params: campaignParameter, body: body(z.strictObject({ questions })) },
  responses: {
    200: json(admission, "As it is now. Who has applied keeps what was asked then."),
    ...problems(401, 403, 404),
  },
});

const showOwn = createRoute({
  ...signed,
  method: "get",
  path: "/v1/me/admissions/{campaignId}",
  summary: "Whether a campaign pays the signed-in wallet",
  request: { params: campaignParameter },
  responses: { 200: json(ownAdmission, "And its application, if there is one."), ...problems(401, 404) },
});

const apply = createRoute({
  ...signed,
  method: "post",
  path: "/v1/campaigns/{campaignId}/applications",
  summary: "Apply, or accept an invitation",
  request: {
    params: campaignParameter,
    body: body(
      z
        .strictObject({
          answers: answers.openapi({ description: "One for each question, in their order; none by an invitation." }),
          invitation: invitationCode.optional(),
        })
        .openapi("ApplicationRequest"),
    ),
  },
  responses: { 201: json(application, "It waits for the brand."), ...problems(400, 401, 403, 404, 409) },
});

const list = createRoute({
  ...signed,
  method: "get",
  path: "/v1/campaigns/{campaignId}/applications",
  summary: "Who applied",
  request: {
    params: campaignParameter,
    query: sortedPageQuery.extend({ state: z.enum(APPLICATION_STATES).optional() }),
  },
  responses: { 200: json(applications, "For the brand."), ...problems(400, 401, 403, 404) },
});

const listOwn = createRoute({
  ...signed,
  method: "get",
  path: "/v1/me/applications",
  summary: "Where the signed-in wallet applied",
  request: { query: sortedPageQuery },
  responses: { 200: json(applications, "Its applications."), ...problems(400, 401) },
});

const decide = createRoute({
  ...signed,
  method: "post",
  path: "/v1/applications/{id}/decisions",
  summary: "Decline an application, or take that back",
  description: "To approve one is a transaction of the brand's: `setKinds`, for as many partners as it likes.",
  request: {
    params: z.object({ id: rowId }),
    body: body(
      z.discriminatedUnion("decision", [
        z.strictObject({
          decision: z.literal("decline"),
          reason: z.string().trim().min(1).max(1_000).openapi({ description: "The partner reads it." }),
        }),
        z.strictObject({ decision: z.literal("reconsider") }),
      ]),
    ),
  },
  responses: { 200: json(application, "As it is now."), ...problems(400, 401, 403, 404, 409) },
});

interface Applying {
  readonly campaignId: string;
  readonly partner: string;
  readonly given: readonly string[];
  readonly code: string | undefined;
}

/** @returns the application's id @throws Problem */
async function writeApplication(database: Database, { campaignId, partner, given, code }: Applying): Promise<bigint> {
  const asked = requireKnown(campaignId, await readAdmission(database, campaignId, partner));
  if (asked.brand === partner) throw new Problem(403, "A brand cannot be a partner in its own campaign.");
  if (asked.payable && code === undefined)
    throw new Problem(409, `Campaign ${campaignId} pays ${partner} already: join it, without an application.`);
  if (code === undefined && given.length !== asked.questions.length)
    throw new Problem(
      400,
      `The brand asks ${asked.questions.length} questions now, and ${given.length} answers came. Read the questions again.`,
    );
  const written = asked.questions.slice(0, given.length).map((question, i) => ({ question, answer: given[i] ?? "" }));
  return database.transaction(async (sql) => {
    const invitation = code === undefined ? undefined : await findInvitation(sql, code, { forUse: true });
    if (code !== undefined) {
      if (invitation === undefined || invitation.campaign_id !== campaignId)
        throw new Problem(404, `Campaign ${campaignId} has no invitation ${code}.`);
      if (invitation.revoked_at !== null) throw new Problem(409, "The brand has taken this invitation back. Ask it.");
      if (invitation.partner !== null && invitation.partner !== partner)
        throw new Problem(
          409,
          "Somebody else has used this invitation: it is for one partner. Ask the brand for another.",
        );
    }
    const id = await insertApplication(sql, { campaignId, partner, answers: written, invitationId: invitation?.id });
    if (id === undefined)
      throw new Problem(
        409,
        `${partner} has applied to campaign ${campaignId} already. Its state is in GET /v1/me/applications.`,
      );
    return id;
  });
}

export function applicationRoutes(services: Services) {
  const { database } = services;
  const app = new OpenAPIHono();
  const shown = async (id: bigint) => {
    const row = await readApplication(database, id);
    if (row === undefined) throw new Error(`Application ${id} was not stored.`);
    return toApplication(row) as z.output<typeof application>;
  };

  app.openapi(showAdmission, async (c) => {
    const { campaignId } = c.req.valid("param");
    const row = requireKnown(campaignId, await readAdmission(database, campaignId, undefined));
    return c.json(toAdmission(row) as z.output<typeof admission>, 200);
  });

  app.openapi(setAdmission, async (c) => {
    const { campaignId } = c.req.valid("param");
    const { note } = await requireBrand(c, services, campaignId);
    await database.transaction(async (sql) => {
      await note(sql);
      await writeQuestions(sql, campaignId, c.req.valid("json").questions);
    });
    const row = requireKnown(campaignId, await readAdmission(database, campaignId, undefined));
    return c.json(toAdmission(row) as z.output<typeof admission>, 200);
  });

  app.openapi(showOwn, async (c) => {
    const { campaignId } = c.req.valid("param");
    const partner = await requireSession(c, services);
    const row = requireKnown(campaignId, await readAdmission(database, campaignId, partner));
    const [mine] = await readApplications(database, { campaignId, partner }, FIRST);
    return c.json(toOwnAdmission(row, mine) as z.output<typeof ownAdmission>, 200);
  });

  app.openapi(apply, async (c) => {
    const { campaignId } = c.req.valid("param");
    const partner = await requireSession(c, services);
    const { answers: given, invitation: code } = c.req.valid("json");
    const id = await writeApplication(database, { campaignId, partner, given, code });
    return c.json(await shown(id), 201);
  });

  app.openapi(list, async (c) => {
    const { campaignId } = c.req.valid("param");
    const query = c.req.valid("query");
    await requireBrand(c, services, campaignId);
    const place = placeIn(`applications ${campaignId} ${query.state ?? ""}`, query);
    const rows = await readApplications(database, { campaignId, state: query.state }, place);
    return c.json(toPage(place.list, rows, query.limit, toApplication) as z.output<typeof applications>, 200);
  });

  app.openapi(listOwn, async (c) => {
    const query = c.req.valid("query");
    const partner = await requireSession(c, services);
    const place = placeIn("own applications", query);
    const rows = await readApplications(database, { partner }, place);
    return c.json(toPage(place.list, rows, query.limit, toApplication) as z.output<typeof applications>, 200);
  });

  app.openapi(decide, async (c) => {
    const id = BigInt(c.req.valid("param").id);
    await requireSession(c, services);
    const none = new Problem(404, `You are the brand of no application ${id}.`);
    const row = await readApplication(database, id);
    if (row === undefined) throw none;
    const { note } = await requireBrand(c, services, row.campaign_id, none);
    if (row.state === "approved")
      throw new Problem(
        409,
        `${row.partner} has kinds in campaign ${row.campaign_id} already. Take them away by setKinds.`,
      );
    const decision = c.req.valid("json");
    await database.transaction(async (sql) => {
      await note(sql, { application: String(id), decision: decision.decision, partner: row.partner });
      await decideApplication(sql, id, decision.decision === "decline" ? decision.reason : null);
    });
    return c.json(await shown(id), 200);
  });
  return app;
}
