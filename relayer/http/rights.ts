/** What each route that takes a session asks of whoever is signed in. This table decides; a test sees that no route is missing. */
import type { Context } from "hono";
import type { Role } from "../domain/team.ts";
import { routeOf } from "./observe.ts";

export interface Right {
  /** The least of a brand's team that may; its wallet may always. */
  readonly role: Role;
  /** What it is called in the list of acts; a route that only reads has none. */
  readonly act?: string;
}

/** Whoever is signed in does it for itself: no team is asked. */
export const OWN = "own";

const viewer: Right = { role: "viewer" };
const manager = (act: string): Right => ({ role: "manager", act });
const owner = (act: string): Right => ({ role: "owner", act });

const CAMPAIGN = "/v1/campaigns/{campaignId}";
const BRAND = "/v1/brands/{brand}";

export const RIGHTS: Readonly<Record<string, Right | typeof OWN>> = {
  "POST /v1/auth/sessions": OWN,
  "DELETE /v1/auth/sessions": OWN,
  "POST /v1/descriptions": OWN,

  // What a brand's servers may. Whoever makes a key knows its secret, so looking on is not enough to see one made.
  [`POST ${CAMPAIGN}/keys`]: manager("key.made"),
  [`GET ${CAMPAIGN}/keys`]: viewer,
  [`POST ${CAMPAIGN}/keys/{keyId}/rotations`]: manager("key.rotated"),
  [`DELETE ${CAMPAIGN}/keys/{keyId}`]: manager("key.revoked"),

  // Partners, and who would be one.
  [`POST ${CAMPAIGN}/partnerships`]: OWN,
  [`GET ${CAMPAIGN}/partnerships`]: viewer,
  [`GET ${CAMPAIGN}/partnerships.csv`]: viewer,
  [`PUT ${CAMPAIGN}/partnerships/{partner}/label`]: manager("partner.labelled"),
  [`GET ${CAMPAIGN}/promotions`]: viewer,
  [`GET ${CAMPAIGN}/targets`]: viewer,
  [`GET ${CAMPAIGN}/bonuses`]: viewer,
  [`GET ${CAMPAIGN}/leaderboard`]: viewer,
  [`POST ${CAMPAIGN}/bonuses`]: manager("bonus.given"),
  [`PUT ${CAMPAIGN}/admission`]: manager("questions.set"),
  [`POST ${CAMPAIGN}/applications`]: OWN,
  [`GET ${CAMPAIGN}/applications`]: viewer,
  "POST /v1/applications/{id}/decisions": manager("application.decided"),
  [`POST ${CAMPAIGN}/invitations`]: manager("partner.invited"),
  [`GET ${CAMPAIGN}/invitations`]: viewer,
  [`DELETE ${CAMPAIGN}/invitations/{id}`]: manager("invitation.revoked"),

  // Links and codes: a partner's own, or all of them for the brand.
  [`POST ${CAMPAIGN}/links`]: OWN,
  [`GET ${CAMPAIGN}/links`]: viewer,
  [`PATCH ${CAMPAIGN}/links/{code}`]: OWN,
  [`POST ${CAMPAIGN}/links/{code}/tokens`]: OWN,
  [`GET ${CAMPAIGN}/links/{code}/clicks`]: viewer,
  [`POST ${CAMPAIGN}/codes`]: OWN,
  [`GET ${CAMPAIGN}/codes`]: viewer,
  [`POST ${CAMPAIGN}/code-grants`]: manager("codes.given"),
  [`PATCH ${CAMPAIGN}/codes/{code}`]: manager("code.changed"),

  // Customers: leads, and whose they are.
  [`POST ${CAMPAIGN}/leads`]: OWN,
  [`GET ${CAMPAIGN}/leads`]: viewer,
  [`GET ${CAMPAIGN}/leads/{id}`]: viewer,
  [`POST ${CAMPAIGN}/leads/{id}/decisions`]: manager("lead.decided"),
  "GET /v1/bindings": viewer,
  // A key's alone.
  "POST /v1/bindings": OWN,
  "POST /v1/binding-moves": manager("customer.moved"),
  "POST /v1/customer-merges": manager("customers.merged"),

  // Conversions.
  "GET /v1/conversions": viewer,
  "GET /v1/conversions.csv": viewer,
  "GET /v1/conversions/{id}": viewer,
  [`GET ${CAMPAIGN}/reviews`]: viewer,
  [`POST ${CAMPAIGN}/reviews`]: manager("conversion.reviewed"),
  "POST /v1/conversions/{id}/reviews": manager("conversion.reviewed"),
  "POST /v1/conversions/{id}/judgements": manager("conversion.judged"),
  [`GET ${CAMPAIGN}/reports`]: viewer,

  // Where a brand is told, and what tells it.
  [`POST ${CAMPAIGN}/webhooks`]: manager("webhook.made"),
  [`GET ${CAMPAIGN}/webhooks`]: viewer,
  "GET /v1/webhooks/{webhookId}": viewer,
  "PATCH /v1/webhooks/{webhookId}": manager("webhook.changed"),
  "DELETE /v1/webhooks/{webhookId}": manager("webhook.deleted"),
  "POST /v1/webhooks/{webhookId}/rotations": manager("webhook.rotated"),
  "GET /v1/webhooks/{webhookId}/deliveries": viewer,
  "POST /v1/webhooks/deliveries/{deliveryId}/redeliveries": manager("delivery.repeated"),
  [`PUT ${CAMPAIGN}/sources/stripe`]: manager("source.connected"),
  [`GET ${CAMPAIGN}/sources/stripe`]: viewer,
  [`DELETE ${CAMPAIGN}/sources/stripe`]: manager("source.disconnected"),
  [`PUT ${CAMPAIGN}/sources/webhook`]: manager("source.connected"),
  [`GET ${CAMPAIGN}/sources/webhook`]: viewer,
  [`DELETE ${CAMPAIGN}/sources/webhook`]: manager("source.disconnected"),
  [`PUT ${CAMPAIGN}/sources/{shop}`]: manager("source.connected"),
  [`GET ${CAMPAIGN}/sources/{shop}`]: viewer,
  [`DELETE ${CAMPAIGN}/sources/{shop}`]: manager("source.disconnected"),
  [`GET ${CAMPAIGN}/sources/{source}/events`]: viewer,
  [`POST ${CAMPAIGN}/sources/{source}/events/{id}/retries`]: manager("source.retried"),

  // Invoices in a partner's name: who the brand is on them is what its owners say.
  "GET /v1/me/invoice-details": OWN,
  "PUT /v1/me/invoice-details": OWN,
  "DELETE /v1/me/invoice-details": OWN,
  "PUT /v1/me/self-billing/{brand}": OWN,
  "DELETE /v1/me/self-billing/{brand}": OWN,
  "GET /v1/me/invoices": OWN,
  "GET /v1/invoices/{id}": viewer,
  [`GET ${BRAND}/invoice-details`]: viewer,
  [`PUT ${BRAND}/invoice-details`]: owner("invoices.addressed"),
  [`POST ${BRAND}/invoices`]: manager("invoice.issued"),
  [`GET ${BRAND}/invoices`]: viewer,

  // The team itself: nobody makes somebody who may more than itself, because only owners make anybody.
  [`GET ${BRAND}/team`]: viewer,
  [`POST ${BRAND}/team/invitations`]: owner("member.invited"),
  [`DELETE ${BRAND}/team/invitations/{id}`]: owner("member.uninvited"),
  [`PUT ${BRAND}/team/members/{wallet}`]: owner("member.changed"),
  // Oneself at any time.
  [`DELETE ${BRAND}/team/members/{wallet}`]: owner("member.removed"),
  [`GET ${BRAND}/acts`]: viewer,
  [`GET ${BRAND}/acts.csv`]: viewer,

  // A wallet's own.
  "GET /v1/me/teams": OWN,
  "POST /v1/me/teams": OWN,
  "GET /v1/me/partnerships": OWN,
  "GET /v1/me/admissions/{campaignId}": OWN,
  "GET /v1/me/applications": OWN,
  "GET /v1/me/earnings": OWN,
  "GET /v1/me/statement.csv": OWN,
  "GET /v1/me/profile": OWN,
  "PUT /v1/me/profile": OWN,
  "DELETE /v1/me/profile": OWN,
  "GET /v1/me/keys": OWN,
  "POST /v1/me/keys": OWN,
  "DELETE /v1/me/keys/{keyId}": OWN,
  "GET /v1/me/payouts": OWN,
  "PUT /v1/me/payouts": OWN,
  "GET /v1/me/notices": OWN,
  "PATCH /v1/me/notices": OWN,
  "GET /v1/me/postbacks": OWN,
  "POST /v1/me/postbacks": OWN,
  "PATCH /v1/me/postbacks/{postbackId}": OWN,
  "DELETE /v1/me/postbacks/{postbackId}": OWN,
  "POST /v1/me/postbacks/{postbackId}/tests": OWN,
  "GET /v1/me/postbacks/{postbackId}/calls": OWN,
  "PUT /v1/me/email": OWN,
  "DELETE /v1/me/email": OWN,
};

/** The right that the route of a request asks for; undefined: it is nobody's but the brand's wallet's. */
export function rightOf(c: Context): Right | undefined {
  const right = RIGHTS[`${c.req.method} ${routeOf(c).replace(/:(\w+)/g, "{$1}")}`];
  return right === OWN ? undefined : right;
}
