/** The relayer's HTTP face: what every request passes, and the routes. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { Problem, problemResponse } from "#service/problem.ts";
import { createMetrics } from "../metrics.ts";
import { createTrees } from "../trees.ts";
import type { Services } from "./context.ts";
import { decompressBody } from "./decompressBody.ts";
import { describeIssues } from "./describeIssues.ts";
import { limitRates } from "./limits.ts";
import { observe } from "./observe.ts";
import { describe, methodsAt } from "./openapi.ts";
import { answerError } from "./problems.ts";
import { revalidate } from "./revalidate.ts";
import { agentRoutes } from "./routes/agents.ts";
import { agentTokenRoutes } from "./routes/agentTokens.ts";
import { applicationRoutes } from "./routes/applications.ts";
import { attestationRoutes } from "./routes/attestations.ts";
import { authRoutes } from "./routes/auth.ts";
import { batchRoutes } from "./routes/batches.ts";
import { bindingRoutes } from "./routes/bindings.ts";
import { bonusRoutes } from "./routes/bonuses.ts";
import { campaignRoutes } from "./routes/campaigns.ts";
import { claimRoutes } from "./routes/claims.ts";
import { clickRoutes } from "./routes/clicks.ts";
import { codeRoutes } from "./routes/codes.ts";
import { conversionRoutes } from "./routes/conversions.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { descriptionRoutes } from "./routes/descriptions.ts";
import { discoverRoutes } from "./routes/discover.ts";
import { earningRoutes } from "./routes/earnings.ts";
import { IMPORTS_PATH, importRoutes } from "./routes/imports.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { inviteRoutes, isInvite, pathOf } from "./routes/invites.ts";
import { invoiceRoutes } from "./routes/invoices.ts";
import { judgementRoutes } from "./routes/judgements.ts";
import { keyRoutes } from "./routes/keys.ts";
import { leaderboardRoutes } from "./routes/leaderboard.ts";
import { leadRoutes } from "./routes/leads.ts";
import { linkRoutes } from "./routes/links.ts";
import { mailPageRoutes } from "./routes/mailPages.ts";
import { membershipRoutes } from "./routes/memberships.ts";
import { noticeRoutes } from "./routes/notices.ts";
import { partnerKeyRoutes } from "./routes/partnerKeys.ts";
import { partnerRoutes } from "./routes/partners.ts";
import { partnershipRoutes } from "./routes/partnerships.ts";
import { payoutRoutes } from "./routes/payouts.ts";
import { postbackRoutes } from "./routes/postbacks.ts";
import { profileRoutes } from "./routes/profiles.ts";
import { promotionRoutes } from "./routes/promotions.ts";
import { rateFileRoutes } from "./routes/rateFiles.ts";
import { refundRoutes } from "./routes/refunds.ts";
import { reportRoutes } from "./routes/reports.ts";
import { reviewRoutes } from "./routes/reviews.ts";
import { shopRoutes } from "./routes/shops.ts";
import { answerTrial, shopWebhookRoutes } from "./routes/shopWebhook.ts";
import { sourceEventRoutes } from "./routes/sourceEvents.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { statusRoutes } from "./routes/status.ts";
import { stripeWebhookRoutes } from "./routes/stripeWebhook.ts";
import { systemRoutes } from "./routes/system.ts";
import { teamRoutes } from "./routes/team.ts";
import { waitingRefundRoutes } from "./routes/waitingRefunds.ts";
import { walletBindingRoutes } from "./routes/walletBindings.ts";
import { oneWebhookRoutes } from "./routes/webhook.ts";
import { webhookSourceRoutes } from "./routes/webhookSource.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { validateBody } from "./validateBody.ts";
import { validateQuery } from "./validateQuery.ts";

const MAX_BYTES = 256 * 1024;
/** What a shop sends has every item of an order in it. */
const MAX_SOURCE_BYTES = 2 * 1024 * 1024;
const SOURCES_PATH = "/v1/sources/";
const MAX_ADDRESS_CHARACTERS = 4_096;
const MAX_REQUEST_ID_CHARACTERS = 64;
const EXPOSED = ["x-request-id", "content-disposition", "retry-after", "ratelimit", "ratelimit-policy"];

/** What is served, in this order, beside the system itself and agents. */
const ROUTES = [
  statusRoutes,
  inviteRoutes,
  authRoutes,
  descriptionRoutes,
  rateFileRoutes,
  campaignRoutes,
  discoverRoutes,
  keyRoutes,
  teamRoutes,
  membershipRoutes,
  partnershipRoutes,
  applicationRoutes,
  invitationRoutes,
  linkRoutes,
  agentTokenRoutes,
  clickRoutes,
  codeRoutes,
  leadRoutes,
  bonusRoutes,
  leaderboardRoutes,
  bindingRoutes,
  walletBindingRoutes,
  conversionRoutes,
  refundRoutes,
  waitingRefundRoutes,
  importRoutes,
  reviewRoutes,
  judgementRoutes,
  promotionRoutes,
  reportRoutes,
  earningRoutes,
  batchRoutes,
  attestationRoutes,
  partnerRoutes,
  claimRoutes,
  profileRoutes,
  invoiceRoutes,
  partnerKeyRoutes,
  payoutRoutes,
  noticeRoutes,
  postbackRoutes,
  mailPageRoutes,
  webhookRoutes,
  oneWebhookRoutes,
  deliveryRoutes,
  sourceRoutes,
  webhookSourceRoutes,
  shopRoutes,
  sourceEventRoutes,
  stripeWebhookRoutes,
  shopWebhookRoutes,
];

/** The relayer's HTTP face. Input is validated by the same schemas that /v1/openapi.json documents. */
export function createApp(services: Services): OpenAPIHono {
  const { config, log } = services;
  const { metrics = createMetrics(), trees = createTrees(services.database) } = services;
  const app = new OpenAPIHono({
    getPath: pathOf,
    defaultHook(result) {
      if (!result.success) throw new Problem(400, `${result.target}: ${describeIssues(result.error)}`);
    },
  });
  app.use(requestId({ limitLength: MAX_REQUEST_ID_CHARACTERS }));
  app.use(observe(log, metrics));
  app.use(secureHeaders());
  app.use(async (c, next) => {
    await next();
    // What is a page says itself what it needs.
    if (!c.res.headers.has("content-security-policy"))
      c.res.headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  });
  // Sessions are bearer tokens, never cookies, so any page may call. Invite links and probes are not limited, and have no body.
  const preflight = cors({ origin: "*", exposeHeaders: EXPOSED, maxAge: 86_400 });
  const limited = limitRates(
    {
      signIn: config.RATE_SIGN_IN ?? 0,
      address: config.RATE_ADDRESS ?? 0,
      session: config.RATE_SESSION ?? 0,
      key: config.RATE_KEY ?? 0,
    },
    config,
  );
  app.use("/v1/*", (c, next) => (c.req.method === "OPTIONS" ? preflight(c, next) : anyOrigin(c, next)), limited);
  app.use("/mcp", limited);
  app.use(async (c, next) => {
    // Who follows an invite is led on, however much somebody hung on to it.
    if (c.req.url.length > MAX_ADDRESS_CHARACTERS && !isInvite(c.req.path))
      throw new Problem(414, `An address has at most ${MAX_ADDRESS_CHARACTERS} characters.`);
    await next();
  });
  app.use("/v1/*", decompressBody);
  app.use("/v1/*", revalidate);
  // An import is read as it arrives, and bounded and checked there.
  app.use((c, next) => (c.req.path === IMPORTS_PATH ? next() : limitBody(c, next)));
  app.use("/v1/sources/:campaignId/woocommerce", answerTrial);
  app.use("/v1/*", validateBody(IMPORTS_PATH));

  let described: ReturnType<typeof describe> | undefined;
  const document = () => {
    described ??= describe(app, config.PUBLIC_URL);
    return described;
  };
  app.use("/v1/*", validateQuery(document));
  app.route("/", systemRoutes(services, metrics, document));
  app.route(
    "/",
    agentRoutes(services, document, (request, env) => app.fetch(request, env)),
  );
  for (const routes of ROUTES) app.route("/", routes({ ...services, trees }));

  app.notFound((c) => {
    const allowed = methodsAt(document(), c.req.path);
    return allowed.length === 0
      ? problemResponse(c, 404, `There is nothing at ${c.req.method} ${c.req.path}. See /v1/openapi.json.`)
      : problemResponse(c, 405, `${c.req.path} answers to ${allowed.join(", ")}, not to ${c.req.method}.`, {
          allow: allowed.join(", "),
        });
  });
  app.onError((error, c) => answerError(c, error, log));
  return app;
}

/** What `cors` does, once there is a response: before, it would make one only to have it copied. */
const anyOrigin: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set("access-control-allow-origin", "*");
  c.res.headers.set("access-control-expose-headers", EXPOSED.join(","));
};

const maxBytes = (c: Context) => (c.req.path.startsWith(SOURCES_PATH) ? MAX_SOURCE_BYTES : MAX_BYTES);
const tooLong = (c: Context) => problemResponse(c, 413, `A body has at most ${maxBytes(c)} bytes.`);
const limitUnannounced = new Map(
  [MAX_BYTES, MAX_SOURCE_BYTES].map((maxSize) => [maxSize, bodyLimit({ maxSize, onError: tooLong })]),
);

/** Where a body says how long it is, or there is none, Hono's limit would have a whole Request made to look at it. */
const limitBody: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") return next();
  const length = c.req.header("content-length");
  const most = maxBytes(c);
  if (length === undefined || c.req.header("transfer-encoding") !== undefined)
    return limitUnannounced.get(most)?.(c, next);
  return Number(length) > most ? tooLong(c) : next();
};
