/** Customers that are bound to a partner, as the API shows them and as those ask for them who may. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem } from "#service/problem.ts";
import type { Binding } from "../domain/judge.ts";
import type { CustomerBinding } from "../intake.ts";
import { customerKey } from "../secrets.ts";
import type { Scope } from "../store/apiKeys.ts";
import { readBindingChanges } from "../store/bindingChanges.ts";
import { readBindings, readPartnerAndCode } from "../store/customers.ts";
import { readKeysOfCustomer } from "../store/mergedCustomers.ts";
import { type Actor, keyActor, requireBrand } from "./actor.ts";
import { comesWithKey, requireApiKey, requireSession } from "./auth.ts";
import type { Services } from "./context.ts";
import { address } from "./schemas.ts";

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

export const boundCustomer = binding
  .extend({
    changes: z
      .array(
        z.object({
          what: z.enum(["moved", "merged"]).openapi({
            description:
              "`moved`: to another partner. `merged`: another customer is this one, and of both bindings `from`'s was given up; equal to `to`: none was.",
          }),
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

/** Which campaign, and who asks. @throws Problem 400, 401, 403 */
export async function requireCampaignActor(
  c: Context,
  services: Services,
  scope: Scope,
  campaignId: string | undefined,
): Promise<Actor & { readonly campaignId: string }> {
  if (comesWithKey(c)) {
    const key = await requireApiKey(c, services, scope);
    if (campaignId !== undefined && campaignId !== key.campaignId)
      throw new Problem(403, `The key is of another campaign than ${campaignId}.`);
    return { campaignId: key.campaignId, ...keyActor(c, key) };
  }
  if (campaignId === undefined) {
    await requireSession(c, services);
    throw new Problem(400, "A session is not of one campaign. Send `campaignId`.");
  }
  return { campaignId, ...(await requireBrand(c, services, campaignId)) };
}

/** Customers by the brand's own ids. */
export function boundCustomers(services: Services) {
  const keyOf = (campaignId: string, customerId: string) =>
    customerKey(services.config.RELAYER_SECRET, campaignId, customerId);

  /** @throws Problem 404 */
  async function show(campaignId: string, customerId: string): Promise<z.output<typeof boundCustomer>> {
    const keys = await readKeysOfCustomer(services.database, campaignId, keyOf(campaignId, customerId));
    const [customer = ""] = keys;
    const bound = (await readBindings(services.database, campaignId, [customer])).get(customer);
    const partner = bound && (await readPartnerAndCode(services.database, bound.partnershipId));
    if (partner === undefined)
      throw new Problem(404, `Customer ${customerId} is bound to no partner. Bind it with POST /v1/bindings.`);
    const changes = await readBindingChanges(services.database, campaignId, keys);
    const { boundAt, until } = bound as Binding;
    return {
      ...toBinding({ ...partner, boundAt, until, created: false }),
      changes: changes.map(({ change, from, to, reason, changed_by, changed_at }) => ({
        what: change,
        from: from as z.output<typeof address>,
        to: to as z.output<typeof address>,
        reason,
        by: changed_by,
        at: changed_at.toISOString(),
      })),
    };
  }

  return { keyOf, show };
}
