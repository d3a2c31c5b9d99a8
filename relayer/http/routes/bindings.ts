/** Customers and the partners that brought them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import { requireApiKey } from "../auth.ts";
import { binding, boundCustomer, boundCustomers, requireCampaignActor, toBinding } from "../boundCustomer.ts";
import type { Services } from "../context.ts";
import { isNamed, notSaid, ONE_OF_BOTH, person, text, typedCode, whichCustomer } from "../conversion.ts";
import { body, bytes32, json } from "../schemas.ts";

const request = z
  .strictObject({
    ...person,
    code: notSaid(typedCode).openapi({
      type: ["string", "null"],
      description: "The code, or the code or alias of a link, that the customer gave where there was no click.",
    }),
  })
  .refine(
    ({ referralToken, code }) => (referralToken === undefined) !== (code === undefined),
    "send either `referralToken` or `code`",
  )
  .refine(isNamed, ONE_OF_BOTH)
  .openapi("BindingRequest");

const named = z.object({
  customerId: text(200).openapi({ description: "The brand's own id of the customer." }),
  campaignId: bytes32.optional().openapi({ description: "For a session: which campaign. A key has its own." }),
});

const move = z
  .strictObject({
    ...whichCustomer,
    campaignId: notSaid(bytes32).openapi({
      type: ["string", "null"],
      description: "For a session: which campaign. A key has its own.",
    }),
    code: typedCode.openapi({ description: "A code of the partner whose the customer is from now on." }),
    reason: text(500).openapi({ description: "Why, in words. It is kept." }),
  })
  .refine(isNamed, ONE_OF_BOTH)
  .openapi("BindingMove");

const merge = z
  .strictObject({
    ...whichCustomer,
    into: text(200).openapi({ description: "Which customer it is, by the brand's own id." }),
    campaignId: notSaid(bytes32).openapi({
      type: ["string", "null"],
      description: "For a session: which campaign. A key has its own.",
    }),
    reason: text(500).openapi({ description: "Why, in words. It is kept." }),
  })
  .refine(isNamed, ONE_OF_BOTH)
  .refine(({ customerId, customerEmail, into }) => (customerId ?? customerEmail) !== into, {
    path: ["into"],
    error: "is the customer itself",
  })
  .openapi("CustomerMerge");

/** For the brand's servers, with an API key; reading and moving for its wallet, too. */
export function bindingRoutes(services: Services) {
  const app = new OpenAPIHono();
  const { keyOf, show } = boundCustomers(services);

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
      const { campaignId } = await requireCampaignActor(c, services, "read", asked.campaignId);
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
      const { customerId: id, customerEmail, code, reason, ...asked } = c.req.valid("json");
      const customerId = (id ?? customerEmail) as string;
      const { campaignId, by, note } = await requireCampaignActor(c, services, "report", asked.campaignId);
      const change = { customer: keyOf(campaignId, customerId), code, reason, by };
      const moved = await services.intake.moveBinding(campaignId, change, Date.now(), note);
      return c.json(await show(campaignId, customerId), moved === "moved" ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/v1/customer-merges",
      summary: "Say that two customers are one",
      description:
        "Two accounts of one person, by the brand's word, with its reason on record. They are counted together, and of their bindings the one stays that the campaign's rule prefers: by first touch the earlier, by last touch that of the later touch. It counts from now on and is not undone; what was accepted before stays whose it is.",
      request: { body: body(merge) },
      responses: {
        201: json(boundCustomer, "They are one customer from now on."),
        200: json(boundCustomer, "They were one before."),
        ...problems(400, 401, 403, 404, 409),
      },
    }),
    async (c) => {
      const { customerId: id, customerEmail, into, reason, ...asked } = c.req.valid("json");
      const { campaignId, by, note } = await requireCampaignActor(c, services, "report", asked.campaignId);
      const two = { customer: keyOf(campaignId, (id ?? customerEmail) as string), into: keyOf(campaignId, into) };
      const merged = await services.intake.mergeCustomers(campaignId, { ...two, reason, by }, Date.now(), note);
      return c.json(await show(campaignId, into), merged === "merged" ? 201 : 200);
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
        {
          ...given,
          customerId: given.customerId,
          referralToken: given.referralToken,
          customerWallet: given.customerWallet,
        },
        Date.now(),
      );
      return c.json(toBinding(bound), bound.created ? 201 : 200);
    },
  );
  return app;
}
