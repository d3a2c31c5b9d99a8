/** Customers and the partners that brought them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problems } from "#service/problem.ts";
import type { CustomerBinding } from "../../intake.ts";
import { requireApiKey } from "../auth.ts";
import type { Services } from "../context.ts";
import { inviteName, notSaid, person, text } from "../conversion.ts";
import { address, body, json } from "../schemas.ts";

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

/** For the brand's servers, with an API key. */
export function bindingRoutes(services: Services) {
  const app = new OpenAPIHono();
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
