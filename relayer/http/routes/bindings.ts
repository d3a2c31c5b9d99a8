/** Customers and the partners that brought them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem, problems } from "#service/problem.ts";
import type { Binding } from "../../domain/judge.ts";
import type { CustomerBinding } from "../../intake.ts";
import { customerKey } from "../../secrets.ts";
import type { Scope } from "../../store/apiKeys.ts";
import { readBindingChanges } from "../../store/bindingChanges.ts";
import { readBindings, readPartnerAndCode } from "../../store/customers.ts";
import { comesWithKey, requireApiKey, requireBrand, requireSession } from "../auth.ts";
import type { Services } from "../context.ts";
import { inviteName, notSaid, person, text } from "../conversion.ts";
import { address, body, bytes32, json } from "../schemas.ts";

const request = z
  .strictObject({
    ...person,
    customerId: text(200).openapi({ description: "The brand's own id of the customer; kept only as a keyed hash." }),
    code: notSaid(inviteName).openapi({
      type: ["string", "null"],
      description: "The invite code or alias that the customer gave, where there was no click.",
    }),
  })
  .refine(
    ({ referralToken, code }) => (referralToken === undefined) !== (code === undefined),
    "send either `referralToken` or `code`",
  )
  .openapi("BindingRequest");

export const binding = z
  .object({
    partner: address,
    code: z.string(),
    boundAt: z.string(),
    boundUntil: z.string().nullable().openapi({ description: "null: for life." }),
  })
  .openapi("Binding");

export function toBinding({ partner, code, boundAt, until }: CustomerBinding): z.output<typeof binding> {
  const view: z.input<typeof binding> = {
    partner,
    code,
    boundAt: new Date(boundAt).toISOString(),
    boundUntil: until === null ? null : new Date(until).toISOString(),
  };
  return view as z.output<typeof binding>;
}

const boundCustomer = binding
  .extend({
    changes: z
      .array(
        z.object({
          from: address,
          to: address,
          reason: z.string(),
          by: z.string().openapi({ description: "The brand's wallet, or `key` and the id of an API key." }),
          at: z.string(),
        }),
      )
      .openapi({ description: "What the brand changed, the first change first." }),
  })
  .openapi("BoundCustomer");

const named = z.object({
  customerId: text(200).openapi({ description: "The brand's own id of the customer." }),
  campaignId: bytes32.optional().openapi({ description: "For a session: which campaign. A key has its own." }),
});

const move = z
  .strictObject({
    customerId: text(200).openapi({ description: "The brand's own id of the customer." }),
    campaignId: notSaid(bytes32).openapi({
      type: ["string", "null"],
      description: "For a session: which campaign. A key has its own.",
    }),
    code: inviteName.openapi({ description: "A code or alias of the partner whose the customer is from now on." }),
    reason: text(500).openapi({ description: "Why, in words. It is kept." }),
  })
  .openapi("BindingMove");

/** For the brand's servers, with an API key; reading and moving for its wallet, too. */
export function bindingRoutes(services: Services) {
  const app = new OpenAPIHono();

  /** Which campaign, and who asks. @throws Problem 400, 401, 403 */
  async function requireBrandOrKey(c: Context, scope: Scope, campaignId: string | undefined) {
    if (comesWithKey(c)) {
      const key = await requireApiKey(c, services, scope);
      if (campaignId !== undefined && campaignId !== key.campaignId)
        throw new Problem(403, `The key is of another campaign than ${campaignId}.`);
      return { campaignId: key.campaignId, by: `key ${key.apiKeyId}` };
    }
    if (campaignId === undefined) {
      await requireSession(c, services);
      throw new Problem(400, "A session is not of one campaign. Send `campaignId`.");
    }
    return { campaignId, by: await requireBrand(c, services, campaignId) };
  }

  const keyOf = (campaignId: string, customerId: string) =>
    customerKey(services.config.RELAYER_SECRET, campaignId, customerId);

  /** @throws Problem 404 */
  async function show(campaignId: string, customerId: string): Promise<z.output<typeof boundCustomer>> {
    const customer = keyOf(campaignId, customerId);
    const bound = (await readBindings(services.database, campaignId, [customer])).get(customer);
    const partner = bound && (await readPartnerAndCode(services.database, bound.partnershipId));
    if (partner === undefined)
      throw new Problem(404, `Customer ${customerId} is bound to no partner. Bind it with POST /v1/bindings.`);
    const changes = await readBindingChanges(services.database, campaignId, customer);
    const { boundAt, until } = bound as Binding;
    return {
      ...toBinding({ ...partner, boundAt, until, created: false }),
      changes: changes.map(({ from, to, reason, changed_by, changed_at }) => ({
        from: from as z.output<typeof address>,
        to: to as z.output<typeof address>,
        reason,
        by: changed_by,
        at: changed_at.toISOString(),
      })),
    };
  }

  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/bindings",
      summary: "Read a customer's binding",
      request: { query: named },
      responses: {
        200: json(boundCustomer, "Whose the customer is, and what the brand changed of that."),
        ...problems(400, 401, 403, 404),
      },
    }),
    async (c) => {
      const { customerId, ...asked } = c.req.valid("query");
      const { campaignId } = await requireBrandOrKey(c, "read", asked.campaignId);
      return c.json(await show(campaignId, customerId), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/binding-moves",
      summary: "Give a customer to another partner",
      description:
        "By the brand's word, with its reason on record. It counts from now on, and for as long as the customer was bound; what was accepted before stays whose it is.",
      request: { body: body(move) },
      responses: {
        201: json(boundCustomer, "The customer is that partner's from now on."),
        200: json(boundCustomer, "It was that partner's before."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { customerId, code, reason, ...asked } = c.req.valid("json");
      const { campaignId, by } = await requireBrandOrKey(c, "report", asked.campaignId);
      const change = { customer: keyOf(campaignId, customerId), code, reason, by };
      const moved = await services.intake.moveBinding(campaignId, change, Date.now());
      return c.json(await show(campaignId, customerId), moved === "moved" ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/bindings",
      request: { body: body(request) },
      responses: {
        201: json(binding, "The customer is bound."),
        200: json(binding, "The customer was bound before, and by the campaign's rule stays so."),
        ...problems(400, 401, 409),
      },
    }),
    async (c) => {
      const { campaignId } = await requireApiKey(c, services, "report");
      const given = c.req.valid("json");
      const bound = await services.intake.bind(
        campaignId,
        { ...given, referralToken: given.referralToken, customerWallet: given.customerWallet },
        Date.now(),
      );
      return c.json(toBinding(bound), bound.created ? 201 : 200);
    },
  );
  return app;
}
