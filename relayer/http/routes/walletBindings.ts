/** Wallets and the partners that brought them, by the word of the wallet itself. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { readDescription } from "@partner-programs/protocol/description";
import { Problem, problems } from "#service/problem.ts";
import { readDescriptionBody } from "../../store/campaigns.ts";
import { binding, toBinding } from "../boundCustomer.ts";
import type { Services } from "../context.ts";
import { requireKnown } from "../requireCampaign.ts";
import { address, body, bytes32, json } from "../schemas.ts";
import { PURPOSE, requireSignedMessage, signedMessage } from "../signedMessage.ts";

const request = z
  .strictObject({
    campaignId: bytes32,
    referralToken: z
      .string()
      .min(1)
      .max(200)
      .openapi({ description: "The `_ushrt` that the wallet's owner arrived with." }),
    wallet: address,
    ...signedMessage,
  })
  .openapi("WalletBindingRequest");

/**
 * Wallets and the partners that brought them: for campaigns whose customers leave no other name. Anyone may ask, with no key, so
 * nothing is bound but by the word of the wallet itself, given on a site of the campaign's own.
 */
export function walletBindingRoutes(services: Services) {
  const { intake } = services;
  const app = new OpenAPIHono();

  /** The sites on which a visitor can have arrived by an invite of the campaign. */
  async function sitesOf(campaignId: string): Promise<Set<string>> {
    const body = requireKnown(campaignId, await readDescriptionBody(services.database, campaignId));
    const described = body === null ? undefined : readDescription(body).description;
    if (described === undefined)
      throw new Problem(409, `The description of campaign ${campaignId} is not known here. Its brand uploads it.`);
    return new Set([described.destination, ...described.allowedOrigins].map((site) => new URL(site).origin));
  }

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/wallet-bindings",
      summary: "Bind a wallet to the invite that it came by",
      description: `The message (EIP-4361) is signed by \`wallet\`, on an origin of the campaign's \`destination\` or \`allowedOrigins\`, with a nonce
of \`POST /v1/auth/nonces\`, and has the resources \`${PURPOSE}campaign:<campaignId>\` and \`${PURPOSE}referral:<referralToken>\`.`,
      security: [],
      request: { body: body(request) },
      responses: {
        201: json(binding, "The wallet is bound: a conversion that names it counts for this partner."),
        200: json(binding, "The wallet was bound before, and by the campaign's rule stays so."),
        ...problems(400, 401, 404, 409),
      },
    }),
    async (c) => {
      const { campaignId, referralToken, wallet, message, signature } = c.req.valid("json");
      const sites = await sitesOf(campaignId);
      await requireSignedMessage(services, message, signature, (siwe) => {
        if (siwe.address !== wallet) throw new Problem(400, `The message is by ${siwe.address}, not by ${wallet}.`);
        for (const named of [`${PURPOSE}campaign:${campaignId}`, `${PURPOSE}referral:${referralToken}`])
          if (!siwe.resources?.includes(named)) throw new Problem(400, `The message has not the resource ${named}.`);
        const origin = URL.canParse(siwe.uri) ? new URL(siwe.uri).origin : siwe.uri;
        if (!sites.has(origin) || new URL(origin).host !== siwe.domain)
          throw new Problem(
            401,
            `The message is for ${siwe.domain}, ${siwe.uri}. The campaign's sites are ${[...sites].join(", ")}.`,
          );
      });
      const person = { referralToken, customerId: undefined, customerWallet: wallet };
      const bound = await intake.bind(campaignId, person, Date.now());
      return c.json(toBinding(bound), bound.created ? 201 : 200);
    },
  );
  return app;
}
