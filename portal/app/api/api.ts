/** The relayer's HTTP API by name. Amounts are base units as decimal strings, as they travel. */

import type { WebhookEvent } from "../text/webhooks.ts";
import { complete } from "./campaign.ts";
import { answer, as, relayer } from "./client.ts";
import type {
  ClaimOrder,
  ConversionReport,
  LinkChange,
  NewCode,
  NewLink,
  NoticeChoice,
  operations,
  PartnerLabelRequest,
  PayoutOrder,
  PostbackChange,
  ProfileRequest,
  PushChoice,
  WebhookEndpointChange,
} from "./schema.d.ts";

type QueryOf<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;

export type ReportQuery = QueryOf<"getV1CampaignsCampaignIdReports">;
export type ReportBy = ReportQuery["by"];

export type DiscoverQuery = QueryOf<"getV1Discover">;

export type PartnersQuery = QueryOf<"getV1CampaignsCampaignIdPartnerships">;
export type ConversionsQuery = QueryOf<"getV1Conversions">;

/** What one answer has at most, and how many ids one question. */
const MAX_ITEMS = 200;
const MAX_NAMED = 50;

/** All pages of a list that is short, or needed whole. */
async function everyItem<Item>(
  ask: (cursor: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await ask(cursor);
    all.push(...items);
    if (next === null) return all;
    cursor = next;
  }
}

const ofCampaign = (campaignId: string) => ({ path: { campaignId } });

/** With a session's token where one is needed. */
export const api = {
  status: () => answer(relayer().GET("/v1/status")),
  nonce: () => answer(relayer().POST("/v1/auth/nonces")),
  signIn: (message: string, signature: string) =>
    answer(relayer().POST("/v1/auth/sessions", { body: { message, signature } })),
  signOut: (token: string) => answer(relayer().DELETE("/v1/auth/sessions", { headers: as(token) })),

  discover: (query: DiscoverQuery) => answer(relayer().GET("/v1/discover", { params: { query } })),
  someCampaigns: async () =>
    (await answer(relayer().GET("/v1/campaigns", { params: { query: { limit: MAX_ITEMS } } }))).items.map(complete),
  /** All of a brand's. */
  campaigns: async (brand: string) => {
    const items = await everyItem((cursor) =>
      answer(relayer().GET("/v1/campaigns", { params: { query: { limit: MAX_ITEMS, brand, cursor } } })),
    );
    return items.map(complete);
  },
  /** Those of these ids, as many requests as they take. */
  campaignsNamed: async (ids: readonly string[]) => {
    const parts = Array.from({ length: Math.ceil(ids.length / MAX_NAMED) }, (_, i) =>
      ids.slice(i * MAX_NAMED, (i + 1) * MAX_NAMED).join(","),
    );
    const pages = await Promise.all(
      parts.map((part) =>
        answer(relayer().GET("/v1/campaigns", { params: { query: { ids: part, limit: MAX_ITEMS } } })),
      ),
    );
    return pages.flatMap(({ items }) => items.map(complete));
  },
  campaign: async (id: string) =>
    complete(await answer(relayer().GET("/v1/campaigns/{campaignId}", { params: ofCampaign(id) }))),
  /** The text travels as it is: its hash is on the chain. */
  publishDescription: (token: string, text: string) =>
    answer(
      relayer().POST("/v1/descriptions", { headers: as(token), body: JSON.parse(text), bodySerializer: () => text }),
    ),
  description: (hash: string) =>
    answer(relayer().GET("/v1/descriptions/{hash}", { params: { path: { hash } }, parseAs: "text" })),
  health: (id: string) => answer(relayer().GET("/v1/campaigns/{campaignId}/health", { params: ofCampaign(id) })),

  join: (token: string, id: string, recruiter?: string) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/partnerships", {
        headers: as(token),
        params: ofCampaign(id),
        body: recruiter === undefined ? {} : { recruiter },
      }),
    ),
  partners: (token: string, campaignId: string, query: PartnersQuery) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/partnerships", {
        headers: as(token),
        params: { path: { campaignId }, query },
      }),
    ),
  partnersFile: (token: string, campaignId: string, query: Pick<PartnersQuery, "search">) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/partnerships.csv", {
        headers: as(token),
        params: { path: { campaignId }, query },
        parseAs: "blob",
      }),
    ),
  /** What the brand calls a partner, and notes of it. */
  labelPartner: (token: string, campaignId: string, partner: string, body: PartnerLabelRequest) =>
    answer(
      relayer().PUT("/v1/campaigns/{campaignId}/partnerships/{partner}/label", {
        headers: as(token),
        params: { path: { campaignId, partner } },
        body,
      }),
    ),
  profile: (token: string) => answer(relayer().GET("/v1/me/profile", { headers: as(token) })),
  saveProfile: (token: string, body: ProfileRequest) =>
    answer(relayer().PUT("/v1/me/profile", { headers: as(token), body })),
  payouts: (token: string) => answer(relayer().GET("/v1/me/payouts", { headers: as(token) })),
  choosePayouts: (token: string, body: PushChoice) =>
    answer(relayer().PUT("/v1/me/payouts", { headers: as(token), body })),
  notices: (token: string) => answer(relayer().GET("/v1/me/notices", { headers: as(token) })),
  muteNotices: (token: string, muted: NoticeChoice["muted"]) =>
    answer(relayer().PATCH("/v1/me/notices", { headers: as(token), body: { muted } })),
  giveEmail: (token: string, email: string) =>
    answer(relayer().PUT("/v1/me/email", { headers: as(token), body: { email } })),
  deleteEmail: (token: string) => answer(relayer().DELETE("/v1/me/email", { headers: as(token) })),
  /** All of the wallet's. */
  partnerships: (token: string) =>
    everyItem((cursor) =>
      answer(
        relayer().GET("/v1/me/partnerships", {
          headers: as(token),
          params: { query: { limit: MAX_ITEMS, cursor, sort: "oldest" } },
        }),
      ),
    ),

  links: (token: string, id: string) =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/links", { headers: as(token), params: ofCampaign(id) })),
  createLink: (token: string, id: string, body: NewLink) =>
    answer(relayer().POST("/v1/campaigns/{campaignId}/links", { headers: as(token), params: ofCampaign(id), body })),
  changeLink: (token: string, campaignId: string, code: string, body: LinkChange) =>
    answer(
      relayer().PATCH("/v1/campaigns/{campaignId}/links/{code}", {
        headers: as(token),
        params: { path: { campaignId, code } },
        body,
      }),
    ),

  /** The newest 200, which are more than a partner makes by itself. */
  codes: async (token: string, campaignId: string) => {
    const params = { path: { campaignId }, query: { limit: 200 } };
    return (await answer(relayer().GET("/v1/campaigns/{campaignId}/codes", { headers: as(token), params }))).items;
  },
  createCode: (token: string, id: string, body: NewCode) =>
    answer(relayer().POST("/v1/campaigns/{campaignId}/codes", { headers: as(token), params: ofCampaign(id), body })),
  retireCode: (token: string, campaignId: string, code: string) =>
    answer(
      relayer().PATCH("/v1/campaigns/{campaignId}/codes/{code}", {
        headers: as(token),
        params: { path: { campaignId, code } },
        body: { retired: true },
      }),
    ),

  conversions: (token: string, query: ConversionsQuery) =>
    answer(relayer().GET("/v1/conversions", { headers: as(token), params: { query } })),
  /** All that matches, written as it is read. */
  conversionsFile: (token: string, query: Omit<ConversionsQuery, "cursor" | "limit">) =>
    answer(relayer().GET("/v1/conversions.csv", { headers: as(token), params: { query }, parseAs: "blob" })),
  conversion: (token: string, id: string) =>
    answer(relayer().GET("/v1/conversions/{id}", { headers: as(token), params: { path: { id } } })),
  reviews: (token: string, campaignId: string, query: QueryOf<"getV1CampaignsCampaignIdReviews"> = {}) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/reviews", {
        headers: as(token),
        params: { path: { campaignId }, query },
      }),
    ),
  /** Fifty at most; what became of each. */
  reviewMany: async (token: string, campaignId: string, decision: "release" | "confirm", conversionIds: string[]) => {
    const params = { path: { campaignId } };
    const body = { decision, conversionIds };
    const asked = relayer().POST("/v1/campaigns/{campaignId}/reviews", { headers: as(token), params, body });
    return (await answer(asked)).outcomes;
  },
  batch: (digest: string) => answer(relayer().GET("/v1/batches/{digest}", { params: { path: { digest } } })),
  /** The lines as they were signed, side by side: `packedLines` takes them apart. */
  lines: async (digest: string): Promise<Uint8Array> => {
    const asked = relayer().GET("/v1/batches/{digest}/lines", { params: { path: { digest } }, parseAs: "arrayBuffer" });
    return new Uint8Array(await answer(asked));
  },
  partnerLines: (partner: string, query: QueryOf<"getV1PartnersPartnerLines">) =>
    answer(relayer().GET("/v1/partners/{partner}/lines", { params: { path: { partner }, query } })),
  /** What `pull` takes, for what is due in a campaign. */
  pull: (partner: string, campaignId: string) =>
    answer(relayer().GET("/v1/partners/{partner}/pull", { params: { path: { partner }, query: { campaignId } } })),

  report: (token: string, campaignId: string, query: ReportQuery) =>
    answer(
      relayer().GET("/v1/campaigns/{campaignId}/reports", {
        headers: as(token),
        params: { path: { campaignId }, query },
      }),
    ),
  earnings: (token: string, query: QueryOf<"getV1MeEarnings">) =>
    answer(relayer().GET("/v1/me/earnings", { headers: as(token), params: { query } })),
  statement: (token: string, query: QueryOf<"getV1MeStatementCsv">) =>
    answer(relayer().GET("/v1/me/statement.csv", { headers: as(token), params: { query }, parseAs: "blob" })),

  claimWithoutGas: (order: ClaimOrder) => answer(relayer().POST("/v1/claims", { body: order })),
  setPayoutWithoutGas: (order: PayoutOrder) => answer(relayer().POST("/v1/payout-orders", { body: order })),
  claim: (id: string) => answer(relayer().GET("/v1/claims/{id}", { params: { path: { id } } })),

  partnerKeys: (token: string) => answer(relayer().GET("/v1/me/keys", { headers: as(token) })),
  createPartnerKey: (token: string, label: string, scopes: ("read" | "refer")[]) =>
    answer(relayer().POST("/v1/me/keys", { headers: as(token), body: { label, scopes } })),
  deletePartnerKey: (token: string, keyId: string) =>
    answer(relayer().DELETE("/v1/me/keys/{keyId}", { headers: as(token), params: { path: { keyId } } })),

  keys: (token: string, id: string) =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/keys", { headers: as(token), params: ofCampaign(id) })),
  createKey: (token: string, id: string, label: string) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/keys", {
        headers: as(token),
        params: ofCampaign(id),
        body: { label },
      }),
    ),
  rotateKey: (token: string, campaignId: string, keyId: string) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/keys/{keyId}/rotations", {
        headers: as(token),
        params: { path: { campaignId, keyId } },
        body: { graceSeconds: 86_400 },
      }),
    ),
  revokeKey: (token: string, campaignId: string, keyId: string) =>
    answer(
      relayer().DELETE("/v1/campaigns/{campaignId}/keys/{keyId}", {
        headers: as(token),
        params: { path: { campaignId, keyId } },
      }),
    ),

  webhooks: (token: string, id: string) =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/webhooks", { headers: as(token), params: ofCampaign(id) })),
  createWebhook: (token: string, id: string, url: string, events?: readonly WebhookEvent[]) =>
    answer(
      relayer().POST("/v1/campaigns/{campaignId}/webhooks", {
        headers: as(token),
        params: ofCampaign(id),
        body: { url, ...(events === undefined ? {} : { events: [...events] }) },
      }),
    ),
  changeWebhook: (token: string, webhookId: string, body: WebhookEndpointChange) =>
    answer(
      relayer().PATCH("/v1/webhooks/{webhookId}", {
        headers: as(token),
        params: { path: { webhookId } },
        body,
      }),
    ),
  deleteWebhook: (token: string, webhookId: string) =>
    answer(relayer().DELETE("/v1/webhooks/{webhookId}", { headers: as(token), params: { path: { webhookId } } })),
  deliveries: (token: string, webhookId: string, query: QueryOf<"getV1WebhooksWebhookIdDeliveries">) =>
    answer(
      relayer().GET("/v1/webhooks/{webhookId}/deliveries", {
        headers: as(token),
        params: { path: { webhookId }, query },
      }),
    ),
  redeliver: (token: string, deliveryId: string) =>
    answer(
      relayer().POST("/v1/webhooks/deliveries/{deliveryId}/redeliveries", {
        headers: as(token),
        params: { path: { deliveryId } },
      }),
    ),

  postbacks: (token: string) => answer(relayer().GET("/v1/me/postbacks", { headers: as(token) })),
  createPostback: (token: string, url: string) =>
    answer(relayer().POST("/v1/me/postbacks", { headers: as(token), body: { url } })),
  changePostback: (token: string, postbackId: string, body: PostbackChange) =>
    answer(
      relayer().PATCH("/v1/me/postbacks/{postbackId}", { headers: as(token), params: { path: { postbackId } }, body }),
    ),
  deletePostback: (token: string, postbackId: string) =>
    answer(relayer().DELETE("/v1/me/postbacks/{postbackId}", { headers: as(token), params: { path: { postbackId } } })),
  testPostback: (token: string, postbackId: string) =>
    answer(
      relayer().POST("/v1/me/postbacks/{postbackId}/tests", { headers: as(token), params: { path: { postbackId } } }),
    ),
  postbackCalls: (token: string, postbackId: string) =>
    answer(
      relayer().GET("/v1/me/postbacks/{postbackId}/calls", {
        headers: as(token),
        params: { path: { postbackId }, query: { limit: 10 } },
      }),
    ),

  promotions: (token: string, id: string) =>
    answer(relayer().GET("/v1/campaigns/{campaignId}/promotions", { headers: as(token), params: ofCampaign(id) })),

  /** As the brand's server does, with a secret key; the demo shop of the local stack alone calls it from a page. */
  reportConversion: (secretKey: string, body: ConversionReport) =>
    answer(relayer().POST("/v1/conversions", { headers: as(secretKey), body })),
};
