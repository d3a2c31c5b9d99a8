/** A partner's postbacks: addresses that are called on moves of its own conversions. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem, problems } from "#service/problem.ts";
import { describeWrong, fillUrl, MACROS, SAMPLE } from "../../domain/postbackUrl.ts";
import { postbackSecret } from "../../secrets.ts";
import type { ConversionState } from "../../store/conversionRow.ts";
import { DELIVERY_STATES } from "../../store/deliveries.ts";
import {
  type CallRow,
  changePostback,
  deletePostback,
  insertPostback,
  insertTry,
  type PostbackRow,
  readCalls,
  readPostback,
  readPostbacks,
} from "../../store/postbacks.ts";
import { requireSession, WALLET } from "../auth.ts";
import type { Services } from "../context.ts";
import { requireCampaign } from "../requireCampaign.ts";
import { body, bytes32, json, page, placeIn, rowId, sortedPageQuery, toPage } from "../schemas.ts";
import { checkUrl, newSeed } from "../webhook.ts";

const MAX_POSTBACKS = 10;
const MAX_URL = 2_000;
const STATES = ["accepted", "rejected", "review", "batched", "attested", "released", "reversed"] as const;

const states = z
  .array(z.enum(STATES))
  .min(1)
  .max(STATES.length)
  .transform((given) => [...new Set(given)]);
const url = z
  .string()
  .min(1)
  .max(MAX_URL)
  .openapi({
    description: `https, at a public address, with macros in its path or query: ${Object.keys(MACROS)
      .map((name) => `{${name}}`)
      .join(", ")}. Redirects are not followed.`,
    example: "https://tracker.example/postback?cid={conversion_id}&status={status}&payout={commission}&cur={currency}",
  });

const postback = z
  .object({
    id: z.string(),
    campaignId: bytes32
      .nullable()
      .openapi({ description: "null: of all the campaigns that the wallet is a partner of." }),
    url: z.string(),
    states: z.array(z.enum(STATES)).openapi({ description: "On which moves it is called." }),
    enabled: z.boolean(),
    disabledBy: z.string().nullable().openapi({ description: "`partner`, `failing`, or what was answered." }),
    failingSince: z.string().nullable().openapi({ description: "Since when no call was answered well." }),
    createdAt: z.string(),
  })
  .openapi("Postback");
const withSecret = postback
  .extend({ secret: z.string().openapi({ description: "`whsec_…`, to verify calls with. Shown this once." }) })
  .openapi("NewPostback");
const call = z
  .object({
    id: z.string(),
    conversionId: z.string().nullable().openapi({ description: "null: a test with made-up values." }),
    moveId: z.string().nullable(),
    status: z.enum(STATES).nullable(),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    dueAt: z.string().nullable().openapi({ description: "Of a pending one: when it is to be made next." }),
    lastAttemptAt: z.string().nullable(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    createdAt: z.string(),
  })
  .openapi("PostbackCall");

const toPostback = (row: PostbackRow): z.output<typeof postback> => ({
  id: String(row.id),
  campaignId: row.campaign_id,
  url: row.url,
  states: row.states as (typeof STATES)[number][],
  enabled: row.disabled_at === null,
  disabledBy: row.disabled_by,
  failingSince: row.failing_since?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});

const toCall = (row: CallRow): z.output<typeof call> => ({
  id: String(row.id),
  conversionId: row.conversion_id === null ? null : String(row.conversion_id),
  moveId: row.move_id === null ? null : String(row.move_id),
  status: row.move_state as (typeof STATES)[number] | null,
  state: row.state,
  attempts: row.attempts,
  dueAt: row.state === "pending" ? row.due_at.toISOString() : null,
  lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
  createdAt: row.created_at.toISOString(),
});

const route = { tags: ["Postbacks"], security: WALLET };
const parameter = z.object({ postbackId: rowId });
const none = (id: string) => new Problem(404, `You have no postback ${id}.`);

const list = createRoute({
  ...route,
  method: "get",
  path: "/v1/me/postbacks",
  summary: "List the signed-in partner's postbacks",
  responses: { 200: json(z.object({ items: z.array(postback) }).openapi("Postbacks"), "All."), ...problems(401) },
});
const make = createRoute({
  ...route,
  method: "post",
  path: "/v1/me/postbacks",
  summary: "Make a postback",
  request: {
    body: body(
      z
        .strictObject({
          url,
          states: states.default(["accepted", "rejected", "released", "reversed"]),
          campaignId: bytes32.optional().openapi({ description: "Of this one alone." }),
        })
        .openapi("PostbackRequest"),
    ),
  },
  responses: {
    201: json(withSecret, "It is called on moves from now on."),
    ...problems(400, 401, 404, 409),
  },
});
const change = createRoute({
  ...route,
  method: "patch",
  path: "/v1/me/postbacks/{postbackId}",
  summary: "Change a postback",
  description: "One that is off is called on nothing. What waited for it is called when it is on again.",
  request: {
    params: parameter,
    body: body(
      z
        .strictObject({ url: url.optional(), states: states.optional(), enabled: z.boolean().optional() })
        .openapi("PostbackChange"),
    ),
  },
  responses: { 200: json(postback, "As it is now."), ...problems(400, 401, 404) },
});
const remove = createRoute({
  ...route,
  method: "delete",
  path: "/v1/me/postbacks/{postbackId}",
  summary: "Delete a postback and its calls",
  request: { params: parameter },
  responses: { 204: { description: "It is gone." }, ...problems(401, 404) },
});
const test = createRoute({
  ...route,
  method: "post",
  path: "/v1/me/postbacks/{postbackId}/tests",
  summary: "Call it once with made-up values",
  description: "As a real call is made, but not again by itself. What came of it is among its calls in a moment.",
  request: { params: parameter },
  responses: { 202: { description: "It is under way." }, ...problems(401, 404, 409) },
});
const calls = createRoute({
  ...route,
  method: "get",
  path: "/v1/me/postbacks/{postbackId}/calls",
  summary: "List a postback's calls",
  description: "Kept for 30 days.",
  request: { params: parameter, query: sortedPageQuery },
  responses: {
    200: json(page(call).openapi("PostbackCalls"), "The newest first unless `sort` says otherwise."),
    ...problems(400, 401, 404),
  },
});

export function postbackRoutes(services: Services) {
  const { database, config } = services;
  const app = new OpenAPIHono();

  /** With its macros, as it is kept. @throws Problem 400 */
  function checkTemplate(given: string): string {
    const wrong = describeWrong(given);
    if (wrong !== undefined) throw new Problem(400, wrong);
    const sample = URL.canParse(given) ? fillUrl(given, SAMPLE) : undefined;
    if (sample === undefined)
      throw new Problem(400, `url is ${JSON.stringify(given.slice(0, 100))}, which is no address. Correct it.`);
    checkUrl(services, sample);
    return given;
  }

  app.openapi(list, async (c) =>
    c.json({ items: (await readPostbacks(database, await requireSession(c, services))).map(toPostback) }, 200),
  );

  app.openapi(make, async (c) => {
    const partner = await requireSession(c, services);
    const { campaignId, ...given } = c.req.valid("json");
    if (campaignId !== undefined) await requireCampaign(database, campaignId);
    const one = {
      partner,
      campaign_id: campaignId ?? null,
      url: checkTemplate(given.url),
      states: given.states as ConversionState[],
      seed: newSeed(),
    };
    const row = await database.transaction((sql) => insertPostback(sql, one, MAX_POSTBACKS));
    if (row === undefined) throw new Problem(409, `You have ${MAX_POSTBACKS} postbacks. Delete one first.`);
    return c.json({ ...toPostback(row), secret: postbackSecret(config.RELAYER_SECRET, row.seed) }, 201);
  });

  app.openapi(change, async (c) => {
    const partner = await requireSession(c, services);
    const { postbackId } = c.req.valid("param");
    const given = c.req.valid("json");
    const template = given.url === undefined ? undefined : checkTemplate(given.url);
    const row = await changePostback(database, partner, postbackId, { ...given, url: template });
    if (row === undefined) throw none(postbackId);
    return c.json(toPostback(row), 200);
  });

  app.openapi(remove, async (c) => {
    const partner = await requireSession(c, services);
    const { postbackId } = c.req.valid("param");
    if (!(await deletePostback(database, partner, postbackId))) throw none(postbackId);
    return c.body(null, 204);
  });

  app.openapi(test, async (c) => {
    const partner = await requireSession(c, services);
    const { postbackId } = c.req.valid("param");
    const row = await readPostback(database, partner, postbackId);
    if (row === undefined) throw none(postbackId);
    if (row.disabled_at !== null) throw new Problem(409, "The postback is off. Turn it on first.");
    if (!(await insertTry(database, row.id))) throw new Problem(409, "A test is under way already. Look at its calls.");
    return c.body(null, 202);
  });

  app.openapi(calls, async (c) => {
    const partner = await requireSession(c, services);
    const { postbackId } = c.req.valid("param");
    const row = await readPostback(database, partner, postbackId);
    if (row === undefined) throw none(postbackId);
    const query = c.req.valid("query");
    const place = placeIn(`postback ${row.id}`, query);
    const rows = await readCalls(database, row.id, place);
    return c.json(toPage(place.list, rows, query.limit, toCall), 200);
  });
  return app;
}
