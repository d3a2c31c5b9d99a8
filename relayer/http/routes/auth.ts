/** Signing in with a wallet, and out again. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { readBrought } from "@partner-programs/protocol/passkeyAccount";
import { generateNonce } from "siwe";
import { Problem, problems } from "#service/problem.ts";
import { hashSecret, newSecret } from "../../secrets.ts";
import { holdPushes } from "../../store/pushes.ts";
import { insertNonce, insertSession } from "../../store/sessions.ts";
import { endSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { noteNetwork } from "../network.ts";
import { body, json } from "../schemas.ts";
import { PURPOSE, requireSignedMessage, signedMessage } from "../signedMessage.ts";

const NONCE_MINUTES = 10;
const SESSION_HOURS = 24;

const session = z.object({ token: z.string(), address: z.string(), expiresAt: z.string() }).openapi("Session");

/** Sign-in with a wallet (EIP-4361). */
export function authRoutes(services: Services) {
  const { database, chain, config } = services;
  const app = new OpenAPIHono();
  const [own, ...portals] = [config.PUBLIC_URL, ...(config.PORTAL_URLS ?? [])].map((url) => new URL(url));
  const home = (own as URL).host;
  const domains = [...new Set([home, ...portals.map(({ host }) => host)])];

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/auth/nonces",
      summary: "Ask for a nonce",
      description: "`domain` is the page's own host, if it is a portal of this relayer's; else the relayer's.",
      responses: {
        201: json(
          z.object({ nonce: z.string(), domain: z.string(), chainId: z.int() }),
          "What an EIP-4361 message has to contain.",
        ),
      },
    }),
    async (c) => {
      const nonce = generateNonce();
      // A wallet compares the message with the page that it is asked on. What no browser sends comes from no page.
      const origin = c.req.header("origin");
      const domain = portals.find((portal) => portal.origin === origin)?.host ?? home;
      await insertNonce(database, nonce, NONCE_MINUTES);
      return c.json({ nonce, domain, chainId: chain.chainId }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/auth/sessions",
      summary: "Sign in with a wallet (EIP-4361)",
      request: { body: body(z.object(signedMessage)) },
      responses: { 201: json(session, `A session of ${SESSION_HOURS} hours.`), ...problems(400, 401) },
    }),
    async (c) => {
      const { message, signature } = c.req.valid("json");
      const siwe = await requireSignedMessage(services, message, signature, (siwe) => {
        if (!domains.includes(siwe.domain) || siwe.resources?.some((resource) => resource.startsWith(PURPOSE)))
          throw new Problem(
            401,
            `The message is for ${siwe.domain}, and not to sign in here. Sign in for ${domains.join(" or ")}; the relayer's operator adds a portal with PORTAL_URLS.`,
          );
      });
      const token = newSecret("us");
      const expiresAt = await insertSession(database, hashSecret(token), siwe.address, SESSION_HOURS);
      await noteNetwork(c, services, siwe.address);
      // What is paid to an account that only a passkey commands takes more than a signature to move on: it waits as credit instead,
      // until its owner says where to.
      if (config.ACCOUNT_FACTORY !== undefined && readBrought(signature)?.factory === config.ACCOUNT_FACTORY)
        await holdPushes(database, siwe.address);
      return c.json({ token, address: siwe.address, expiresAt: expiresAt.toISOString() }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/v1/auth/sessions",
      summary: "Sign out",
      security: [{ session: [] }],
      responses: { 204: { description: "The session has ended." }, ...problems(401) },
    }),
    async (c) => {
      await endSession(c, services);
      return c.body(null, 204);
    },
  );
  return app;
}
