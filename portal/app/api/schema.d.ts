/** The relayer's HTTP API. Written by scripts/api-types.ts from the relayer's /v1/openapi.json: not edited, but run again. */

export interface paths {
  readonly "/healthz": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Whether the process runs */
    readonly get: operations["getHealthz"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/readyz": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Whether everything that the process needs is there */
    readonly get: operations["getReadyz"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/metrics": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Metrics for Prometheus
     * @description With METRICS_TOKEN configured it is to be sent as `Authorization: Bearer …`.
     */
    readonly get: operations["getMetrics"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/openapi.json": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** This document */
    readonly get: operations["getV1OpenapiJson"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/docs": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** This document as a page */
    readonly get: operations["getDocs"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/status": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** What the relayer is doing */
    readonly get: operations["getV1Status"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/transactions": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** What the relayer sent */
    readonly get: operations["getV1Transactions"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/i/{name}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * To the link's place on the brand's site, with a referral token as `_ushrt`; without one for bots and for HEAD. Also when the campaign is suspended, closed or without budget.
     * @description Follows an invite link, by its code or its alias. A person's visit is counted; bots and prefetches are counted apart, HEAD is not.
     */
    readonly get: operations["getIName"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/auth/nonces": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Ask for a nonce
     * @description `domain` is the page's own host, if it is a portal of this relayer's; else the relayer's.
     */
    readonly post: operations["postV1AuthNonces"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/auth/sessions": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /** Sign in with a wallet (EIP-4361) */
    readonly post: operations["postV1AuthSessions"];
    /** Sign out */
    readonly delete: operations["deleteV1AuthSessions"];
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/descriptions": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /** Store a description */
    readonly post: operations["postV1Descriptions"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/schemas/description": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The JSON Schema of a description. */
    readonly get: operations["getV1SchemasDescription"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/descriptions/{hash}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The bytes as published. */
    readonly get: operations["getV1DescriptionsHash"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** All campaigns. */
    readonly get: operations["getV1Campaigns"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The campaign. */
    readonly get: operations["getV1CampaignsCampaignId"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/keys": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List the keys */
    readonly get: operations["getV1CampaignsCampaignIdKeys"];
    readonly put?: never;
    /** Make a key */
    readonly post: operations["postV1CampaignsCampaignIdKeys"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/keys/{keyId}/rotations": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Give a key a new secret
     * @description The secret before is good for the grace period. A second rotation within it ends the oldest secret at once.
     */
    readonly post: operations["postV1CampaignsCampaignIdKeysKeyIdRotations"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/keys/{keyId}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    /** Revoke a key */
    readonly delete: operations["deleteV1CampaignsCampaignIdKeysKeyId"];
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/partnerships": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The campaign's partners and their performance, for its brand. */
    readonly get: operations["getV1CampaignsCampaignIdPartnerships"];
    readonly put?: never;
    /** The signed-in partner's partnership, new or as it is. */
    readonly post: operations["postV1CampaignsCampaignIdPartnerships"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/me/partnerships": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The signed-in partner's partnerships and their performance. */
    readonly get: operations["getV1MePartnerships"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/links": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The signed-in partner's links; for the brand, those of all its partners. Oldest first. */
    readonly get: operations["getV1CampaignsCampaignIdLinks"];
    readonly put?: never;
    /** A new link of the signed-in partner. */
    readonly post: operations["postV1CampaignsCampaignIdLinks"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/links/{code}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    /** The link as it is now. Visitors are sent on accordingly within five seconds. */
    readonly patch: operations["patchV1CampaignsCampaignIdLinksCode"];
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/links/{code}/clicks": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The link's clicks by day (UTC), oldest first; days without any are left out. At most the last 366 of them. */
    readonly get: operations["getV1CampaignsCampaignIdLinksCodeClicks"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/bindings": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /** The customer was bound before, and by the campaign's rule stays so. */
    readonly post: operations["postV1Bindings"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/wallet-bindings": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Bind a wallet to the invite that it came by
     * @description The message (EIP-4361) is signed by `wallet`, on an origin of the campaign's `destination` or `allowedOrigins`, with a nonce
     *     of `POST /v1/auth/nonces`, and has the resources `urn:partner-programs:campaign:<campaignId>` and `urn:partner-programs:referral:<referralToken>`.
     */
    readonly post: operations["postV1WalletBindings"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/conversions": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Conversions, the newest first: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of. */
    readonly get: operations["getV1Conversions"];
    readonly put?: never;
    /** The same report was taken in before; this is its conversion now. */
    readonly post: operations["postV1Conversions"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/conversions/{id}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The conversion, its refunds and its moves. */
    readonly get: operations["getV1ConversionsId"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/conversions/{id}/refunds": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /** Taken back, or within the hold: on its way to the chain as a reversal. */
    readonly post: operations["postV1ConversionsIdRefunds"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/imports": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The campaign's last 100 imports. */
    readonly get: operations["getV1Imports"];
    readonly put?: never;
    /**
     * The file was read to its end; the results say what became of each row.
     * @description Reports as POST /v1/conversions takes them, judged in their order: one JSON object a line, or CSV whose first line names the fields. At most 104857600 bytes.
     */
    readonly post: operations["postV1Imports"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/imports/{id}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The import and how far it is. */
    readonly get: operations["getV1ImportsId"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/imports/{id}/results": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** What became of each row, one JSON object a line. */
    readonly get: operations["getV1ImportsIdResults"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/reviews": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Flagged conversions that can still be taken back, and refused ones, the newest first. */
    readonly get: operations["getV1CampaignsCampaignIdReviews"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/conversions/{id}/reviews": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /** The flags are gone; or the conversion is taken back, within the hold by a reversal. */
    readonly post: operations["postV1ConversionsIdReviews"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/promotions": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Who is to be promoted, and the transactions that would do it. */
    readonly get: operations["getV1CampaignsCampaignIdPromotions"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/reports": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Read numbers over time */
    readonly get: operations["getV1CampaignsCampaignIdReports"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/health": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Read how fast and how sure a campaign pays */
    readonly get: operations["getV1CampaignsCampaignIdHealth"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/me/earnings": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List what a partner earned */
    readonly get: operations["getV1MeEarnings"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/me/statement.csv": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Take the earnings home as CSV */
    readonly get: operations["getV1MeStatementCsv"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/batches/{digest}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The batch, its lines and its leaves. */
    readonly get: operations["getV1BatchesDigest"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/claims": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Have a signed claim carried, without gas of one's own
     * @description The order (EIP-712 `ClaimOrder`) is signed by `owner`; a contract signs by ERC-1271. The same order sent again is answered with the
     *     same claim. `/v1/status` says which tokens are carried. A relayer that carries nothing answers 403.
     */
    readonly post: operations["postV1Claims"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/claims/{id}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** What became of a claim */
    readonly get: operations["getV1ClaimsId"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/campaigns/{campaignId}/webhooks": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List the endpoints */
    readonly get: operations["getV1CampaignsCampaignIdWebhooks"];
    readonly put?: never;
    /** Make an endpoint */
    readonly post: operations["postV1CampaignsCampaignIdWebhooks"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/webhooks/{webhookId}": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Read an endpoint */
    readonly get: operations["getV1WebhooksWebhookId"];
    readonly put?: never;
    readonly post?: never;
    /** Delete an endpoint and its deliveries */
    readonly delete: operations["deleteV1WebhooksWebhookId"];
    readonly options?: never;
    readonly head?: never;
    /**
     * Change an endpoint
     * @description A disabled endpoint is told of nothing. What waited for it is sent when it is enabled again.
     */
    readonly patch: operations["patchV1WebhooksWebhookId"];
    readonly trace?: never;
  };
  readonly "/v1/webhooks/{webhookId}/rotations": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Give an endpoint a new secret
     * @description For the grace period messages are signed with both. A second rotation within it ends the oldest secret at once.
     */
    readonly post: operations["postV1WebhooksWebhookIdRotations"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/webhooks/{webhookId}/deliveries": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * List an endpoint's deliveries
     * @description With `state=dead` those that were given up. Kept for 30 days.
     */
    readonly get: operations["getV1WebhooksWebhookIdDeliveries"];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly "/v1/webhooks/deliveries/{deliveryId}/redeliveries": {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Send a delivery again
     * @description One that was delivered or given up: with the same `webhook-id`, and a first attempt of all again.
     */
    readonly post: operations["postV1WebhooksDeliveriesDeliveryIdRedeliveries"];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description Of each part: ok, or what is wrong with it. */
    readonly Readiness: {
      readonly database: string;
      readonly chain: string;
      readonly indexer: string;
      readonly worker: string;
    };
    readonly Problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail: string;
    };
    readonly Status: {
      readonly chainId: number;
      readonly programs: string;
      readonly relayer: string;
      readonly indexedBlock: number | null;
      readonly waiting: {
        readonly conversions: number;
        readonly batches: number;
        readonly refunds: number;
      };
      /** @description null: none is carried. `tokens`: those that are, from a credit of so many whole tokens on; null: all are. */
      readonly gaslessClaims: {
        readonly tokens:
          | readonly {
              readonly token: string;
              readonly minimum: string;
            }[]
          | null;
      } | null;
    };
    readonly Transaction: {
      readonly purpose: string;
      readonly hash: string;
      /** @enum {string} */
      readonly state: "sent" | "mined" | "reverted" | "lost";
      readonly gasUsed: number | null;
      readonly block: number | null;
    };
    readonly Session: {
      readonly token: string;
      readonly address: string;
      readonly expiresAt: string;
    };
    /** @description What a campaign publishes. */
    readonly Description: {
      /** @enum {number} */
      readonly version: 1;
      readonly name: string;
      readonly summary: string;
      /** Format: uri */
      readonly destination: string;
      /** @default [] */
      readonly allowedOrigins?: readonly string[];
      readonly attribution: {
        /** @enum {string} */
        readonly touch: "first" | "last";
        readonly windowSeconds: number;
        readonly bindingSeconds: number | null;
      };
      readonly events: readonly {
        readonly name: string;
        readonly title: string;
        readonly perCustomer: number | null;
        readonly minimumVolume?: string;
        /** @default [] */
        readonly perPartner?: readonly {
          readonly conversions?: number;
          readonly volume?: string;
          readonly days: number;
        }[];
        readonly contract?: {
          readonly address: string;
          readonly abi: string;
          readonly customer: string;
          readonly volume?: string;
        };
      }[];
      /** @default [] */
      readonly objectives?: readonly string[];
      /** @default {} */
      readonly expectations?: {
        readonly [key: string]: string;
      };
      /** @default [] */
      readonly resources?: readonly {
        readonly title: string;
        /** Format: uri */
        readonly url?: string;
        readonly text?: string;
        readonly kinds?: readonly (("affiliate" | "referral" | "reseller" | "customer" | "recruiter") | number)[];
      }[];
      /** @default [] */
      readonly promotions?: readonly {
        readonly kind: number;
        readonly conversions?: number;
        readonly volume?: string;
        readonly days: number;
      }[];
      /**
       * @default {
       *       "velocityPerHour": null
       *     }
       */
      readonly fraud?: {
        /** @default null */
        readonly velocityPerHour?: number | null;
      };
    };
    readonly Campaign: {
      readonly id: string;
      readonly brand: string;
      readonly token: string;
      readonly tokenSymbol: string;
      readonly tokenDecimals: number;
      readonly holdSeconds: number;
      readonly noticeSeconds: number;
      readonly feeBps: number;
      readonly operator: string;
      /** @description Base units of the campaign's token. */
      readonly funded: string;
      /** @description Base units of the campaign's token. */
      readonly available: string;
      /** @description Base units of the campaign's token. */
      readonly reserved: string;
      /** @description Commissions released to partners, claimed or not. */
      readonly released: string;
      /** @description Base units of the campaign's token. */
      readonly fees: string;
      /** @description Base units of the campaign's token. */
      readonly withdrawn: string;
      /** @description Commissions and fees of accepted conversions that are not attested yet. */
      readonly promised: string;
      /** @description Of the released commissions, what is not claimed yet. */
      readonly credits: string;
      /** @description Of the released commissions, what is claimed. */
      readonly paid: string;
      readonly nextConversion: string;
      /** @description The published description, if it was uploaded here. */
      readonly description?: unknown;
    };
    readonly NewApiKey: components["schemas"]["ApiKey"] & {
      /** @description `sk_…`. Shown this once; only its hash is kept. */
      readonly secret: string;
    };
    readonly ApiKey: {
      readonly id: string;
      readonly label: string;
      readonly scopes: readonly ("read" | "report" | "admin")[];
      /** @description The last four characters of the secret. */
      readonly last4: string | null;
      readonly createdAt: string;
      /** @description To the minute. */
      readonly lastUsedAt: string | null;
      /** @description Until when the secret before the rotation is good. */
      readonly previousUntil: string | null;
      readonly revokedAt: string | null;
    };
    readonly KeyRequest: {
      readonly label: string;
      /**
       * @default [
       *       "read",
       *       "report"
       *     ]
       */
      readonly scopes?: readonly ("read" | "report" | "admin")[];
    };
    readonly ApiKeys: {
      readonly items: readonly components["schemas"]["ApiKey"][];
      /** @description The next page's `cursor`. */
      readonly next: string | null;
    };
    readonly Rotation: {
      /** @description For so long the secret before is good too; 0: not at all. At most seven days. */
      readonly graceSeconds: number;
    };
    readonly Performance: {
      readonly campaignId: string;
      readonly partner: string;
      /** @description Of the partnership's first link. */
      readonly code: string;
      /** Format: uri */
      readonly link: string;
      /** @description On all its links. */
      readonly clicks: number;
      readonly conversions: number;
      readonly rejected: number;
      /** @description Commission accepted and not attested yet. */
      readonly accepted: string;
      /** @description Commission in its hold. */
      readonly pending: string;
      /** @description Commission released and not claimed yet. */
      readonly released: string;
      /** @description Base units of the campaign's token. */
      readonly claimed: string;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      readonly notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      readonly noticeText: string | null;
    };
    readonly Link: {
      readonly campaignId: string;
      readonly partner: string;
      readonly code: string;
      readonly alias: string | null;
      /**
       * Format: uri
       * @description What is shared.
       */
      readonly url: string;
      readonly label: string;
      readonly path: string | null;
      /**
       * Format: uri
       * @description Where it leads now: the campaign's destination if the path is not allowed any more. null: not known here.
       */
      readonly leadsTo: string | null;
      /** @description Not listed any more; it still leads on and counts. */
      readonly archived: boolean;
      readonly createdAt: string;
      /** @description By people. */
      readonly clicks: number;
      /** @description Link previews, crawlers, prefetches. */
      readonly bots: number;
      /** @description That came with this link's referral token. */
      readonly conversions: number;
      readonly rejected: number;
      /** @description Base units of the campaign's token. */
      readonly commission: string;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      readonly notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      readonly noticeText: string | null;
    };
    readonly NewLink: {
      /**
       * @description The partner's own name for the link: a post, a video, a newsletter.
       * @default
       */
      readonly label?: string;
      /**
       * @description Where on the brand's site the link leads: a path with its query from the destination's /, or an address on one of the origins that the campaign allows. null: the campaign's destination.
       * @default null
       * @example /pricing?plan=team
       */
      readonly path?: string | null;
      /**
       * @description A name instead of the code: /i/ada. It cannot be changed or given back.
       * @default null
       * @example ada
       */
      readonly alias?: string | null;
    };
    readonly LinkChange: {
      /** @description The partner's own name for the link: a post, a video, a newsletter. */
      readonly label?: string;
      /**
       * @description Where on the brand's site the link leads: a path with its query from the destination's /, or an address on one of the origins that the campaign allows. null: the campaign's destination.
       * @example /pricing?plan=team
       */
      readonly path?: string | null;
      readonly archived?: boolean;
    };
    readonly Binding: {
      readonly partner: string;
      readonly code: string;
      readonly boundAt: string;
      /** @description null: for life. */
      readonly boundUntil: string | null;
    };
    readonly BindingRequest: {
      /** @description The `_ushrt` that the customer arrived with. */
      readonly referralToken?: string;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      readonly customerId: string;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      readonly customerWallet?: string;
      /** @description Compared with providers of throw-away addresses; not kept. */
      readonly customerEmailDomain?: string;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. */
      readonly customerIp?: string;
      /** @description The invite code or alias that the customer gave, where there was no click. */
      readonly code?: string;
    };
    readonly WalletBindingRequest: {
      readonly campaignId: string;
      /** @description The `_ushrt` that the wallet's owner arrived with. */
      readonly referralToken: string;
      readonly wallet: string;
      readonly message: string;
      readonly signature: string;
    };
    readonly Conversion: {
      readonly id: string;
      readonly campaignId: string;
      readonly event: string;
      readonly orderId: string;
      /** @enum {string} */
      readonly state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
      readonly reason: string | null;
      readonly reasonText: string | null;
      /** @description What the attesters said against it. Only the brand sees it. */
      readonly note?: string;
      readonly partner: string | null;
      /** @description Base units of the campaign's token. */
      readonly volume: string;
      /** @description Of the volume, what the customer was given back. */
      readonly refunded: string;
      /** @description The partner's. */
      readonly commission: string;
      /** @description With what its recruiter and the customer get. */
      readonly totalCommission: string;
      readonly receivedAt: string;
      readonly number: string | null;
      readonly batch: string | null;
      readonly releaseAt: number | null;
      /** @description The relayer's signed promise (EIP-712 `Receipt`). */
      readonly receipt: {
        readonly conversionKey: string;
        readonly salt: string;
        readonly receivedAt: number;
        readonly attestBy: number;
        readonly entries: readonly string[];
        readonly signature: string;
      } | null;
      /** @description What the brand should look at. Only the brand sees it. */
      readonly flags?: readonly {
        readonly flag: string;
        readonly text: string;
      }[];
      readonly refunds: readonly {
        readonly id: string;
        /** @description Base units of the campaign's token. */
        readonly volume: string;
        readonly whole: boolean;
        readonly reason: string;
        /** @enum {string} */
        readonly state: "requested" | "sent" | "done" | "late";
        readonly at: string;
      }[];
      readonly moves: readonly {
        readonly state: string;
        readonly reason: string | null;
        readonly transaction: string | null;
        readonly at: string;
      }[];
    };
    readonly ConversionReport: {
      readonly event: string;
      /** @description The brand's own id of the order. With the event it is the conversion's key, for ever. */
      readonly orderId: string;
      /**
       * @description Whole tokens.
       * @default 0
       */
      readonly volume?: string;
      /** @description The `_ushrt` that the customer arrived with. */
      readonly referralToken?: string;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      readonly customerId?: string;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      readonly customerWallet?: string;
      /** @description Compared with providers of throw-away addresses; not kept. */
      readonly customerEmailDomain?: string;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. */
      readonly customerIp?: string;
      /** Format: date-time */
      readonly occurredAt?: string;
    };
    readonly Refund: {
      /** @description Whole tokens that this refund gives back. Without it: all that is left. */
      readonly volume?: string;
      /** @description The brand's own id of the refund: the same again takes back nothing more. */
      readonly refundId?: string;
    };
    readonly Import: {
      readonly id: string;
      /** @enum {string} */
      readonly state: "running" | "done" | "failed" | "interrupted";
      readonly problem: string | null;
      readonly rows: number;
      readonly accepted: number;
      readonly rejected: number;
      /** @description Taken in before, by an earlier import or a single report. */
      readonly known: number;
      /** @description The order was reported before with another content. */
      readonly conflicting: number;
      readonly invalid: number;
      readonly createdAt: string;
      readonly progressedAt: string;
    };
    readonly PromotionProposal: {
      readonly promotions: readonly components["schemas"]["Promotion"][];
      /** @description `setKinds`, to be sent from the brand's wallet: one call for each mask. */
      readonly calls: readonly {
        readonly partners: readonly string[];
        /** @description All their kinds, those they have and the new ones. */
        readonly mask: number;
        readonly to: string;
        readonly data: string;
      }[];
    };
    readonly Promotion: {
      readonly partner: string;
      /** @description The group that the partner has reached and is not in. */
      readonly kind: number;
      readonly kindName: string;
      readonly days: number;
      readonly conversions: number;
      /** @description Base units of the campaign's token. */
      readonly volume: string;
    };
    readonly ReportRow: {
      /** @description In UTC; empty where all days are summed. */
      readonly day: string;
      /** @description A partner's address, an offer's number, a kind, an event; or `campaign`. */
      readonly group: string;
      /** @description 0 by offer, kind and event: a click has none of them. */
      readonly clicks: number;
      /** @description Reported that day, and neither rejected nor taken back. */
      readonly conversions: number;
      readonly rejected: number;
      /** @description Of those reported that day, taken back since. */
      readonly reversed: number;
      /** @description Base units of the campaign's token. */
      readonly volume: string;
      /** @description Base units of the campaign's token. */
      readonly commission: string;
      /** @description Base units of the campaign's token. */
      readonly fees: string;
      /** @description Base units of the campaign's token. */
      readonly reversedCommission: string;
    };
    readonly Health: {
      /** @description Of the latest 2000: accepted, taken back later or not. */
      readonly conversions: number;
      /** @description Their commissions. */
      readonly attested: string;
      /** @description Of these commissions, those of conversions that were taken back. */
      readonly reversed: string;
      /** @description Median, from the report to the chain. */
      readonly secondsToAttest: number | null;
      /** @description Median, from the report to the partner's credit. */
      readonly secondsToRelease: number | null;
      readonly waiting: number;
      readonly oldestWaiting: string | null;
    };
    readonly Earnings: {
      readonly items: readonly components["schemas"]["Earning"][];
      /** @description The next page's `cursor`. */
      readonly next: string | null;
    };
    readonly Earning: {
      readonly conversionId: string;
      readonly campaignId: string;
      readonly event: string;
      readonly receivedAt: string;
      /** @enum {string} */
      readonly state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
      /** @enum {string} */
      readonly paid: "no" | "claimable" | "claimed";
      readonly reasonText: string | null;
      /** @description Without what the customer was given back. */
      readonly volume: string;
      /** @description The signed-in partner's own commission. */
      readonly earned: string;
      readonly attestBy: number | null;
      readonly releaseAt: number | null;
      /** @description Of a partner that this one recruited. */
      readonly recruited: boolean;
    };
    readonly Batch: {
      readonly digest: string;
      readonly campaignId: string;
      readonly firstConversion: string;
      readonly conversions: number;
      readonly conversionsRoot: string;
      readonly state: string;
      readonly problem: string | null;
      readonly lines: readonly {
        readonly attested: string;
        readonly current: string;
      }[];
      readonly leaves: readonly {
        readonly number: string;
        readonly key: string;
        readonly salt: string;
        readonly entries: readonly string[];
      }[];
    };
    readonly Claim: {
      /** @description The order's digest (EIP-712). */
      readonly id: string;
      readonly owner: string;
      readonly receiver: string;
      readonly tokens: readonly string[];
      readonly nonce: string;
      readonly deadline: number;
      /**
       * @description `accepted`: written down, and about to be sent. `sent`: on its way. `paid`: in a block. `failed`: given up, for `problem`.
       * @enum {string}
       */
      readonly state: "accepted" | "sent" | "paid" | "failed";
      readonly transaction: string | null;
      readonly problem: string | null;
      /** Format: date-time */
      readonly createdAt: string;
    };
    readonly ClaimOrder: {
      readonly owner: string;
      readonly receiver: string;
      readonly tokens: readonly string[];
      /** @description `nonces(owner)` of the contract. */
      readonly nonce: string;
      /** @description Unix seconds: at most a day ahead. */
      readonly deadline: number;
      readonly signature: string;
    };
    readonly NewWebhookEndpoint: components["schemas"]["WebhookEndpoint"] & {
      /** @description `whsec_…`, to verify messages with. Shown this once. */
      readonly secret: string;
    };
    readonly WebhookEndpoint: {
      readonly id: string;
      readonly campaignId: string;
      readonly url: string;
      /** @description The types that it is told of. */
      readonly events: readonly string[];
      readonly enabled: boolean;
      /** @description `brand`, or what the endpoint answered. */
      readonly disabledBy: string | null;
      /** @description Until when the secret before the rotation signs too. */
      readonly previousUntil: string | null;
      readonly createdAt: string;
    };
    readonly WebhookEndpointRequest: {
      /**
       * Format: uri
       * @description https, at a public address. Redirects are not followed.
       */
      readonly url: string;
      /** @description The types to tell of; all, if there are none given. */
      readonly events?: readonly (
        | "conversion.accepted"
        | "conversion.rejected"
        | "conversion.review"
        | "conversion.batched"
        | "conversion.attested"
        | "conversion.released"
        | "conversion.reversed"
      )[];
    };
    readonly WebhookEndpoints: {
      readonly items: readonly components["schemas"]["WebhookEndpoint"][];
      /** @description The next page's `cursor`. */
      readonly next: string | null;
    };
    readonly WebhookEndpointChange: {
      /**
       * Format: uri
       * @description https, at a public address. Redirects are not followed.
       */
      readonly url?: string;
      readonly events?:
        | readonly (
            | "conversion.accepted"
            | "conversion.rejected"
            | "conversion.review"
            | "conversion.batched"
            | "conversion.attested"
            | "conversion.released"
            | "conversion.reversed"
          )[]
        | null;
      readonly enabled?: boolean;
    };
    readonly WebhookDeliveries: {
      readonly items: readonly components["schemas"]["WebhookDelivery"][];
      /** @description The next page's `cursor`. */
      readonly next: string | null;
    };
    readonly WebhookDelivery: {
      readonly id: string;
      readonly endpointId: string;
      readonly moveId: string;
      readonly conversionId: string;
      readonly type: string;
      /** @enum {string} */
      readonly state: "pending" | "delivered" | "dead";
      readonly attempts: number;
      /** @description Of a pending one: when it is to be sent next. */
      readonly dueAt: string | null;
      readonly lastAttemptAt: string | null;
      readonly lastStatus: number | null;
      /** @description Why there was no answer at all. */
      readonly lastError: string | null;
      readonly createdAt: string;
    };
  };
  responses: {
    /** @description What is wrong (RFC 9457) */
    readonly Problem: {
      headers: {
        readonly [name: string]: unknown;
      };
      content: {
        readonly "application/problem+json": components["schemas"]["Problem"];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type Readiness = components["schemas"]["Readiness"];
export type Problem = components["schemas"]["Problem"];
export type Status = components["schemas"]["Status"];
export type Transaction = components["schemas"]["Transaction"];
export type Session = components["schemas"]["Session"];
export type Description = components["schemas"]["Description"];
export type Campaign = components["schemas"]["Campaign"];
export type NewApiKey = components["schemas"]["NewApiKey"];
export type ApiKey = components["schemas"]["ApiKey"];
export type KeyRequest = components["schemas"]["KeyRequest"];
export type ApiKeys = components["schemas"]["ApiKeys"];
export type Rotation = components["schemas"]["Rotation"];
export type Performance = components["schemas"]["Performance"];
export type Link = components["schemas"]["Link"];
export type NewLink = components["schemas"]["NewLink"];
export type LinkChange = components["schemas"]["LinkChange"];
export type Binding = components["schemas"]["Binding"];
export type BindingRequest = components["schemas"]["BindingRequest"];
export type WalletBindingRequest = components["schemas"]["WalletBindingRequest"];
export type Conversion = components["schemas"]["Conversion"];
export type ConversionReport = components["schemas"]["ConversionReport"];
export type Refund = components["schemas"]["Refund"];
export type Import = components["schemas"]["Import"];
export type PromotionProposal = components["schemas"]["PromotionProposal"];
export type Promotion = components["schemas"]["Promotion"];
export type ReportRow = components["schemas"]["ReportRow"];
export type Health = components["schemas"]["Health"];
export type Earnings = components["schemas"]["Earnings"];
export type Earning = components["schemas"]["Earning"];
export type Batch = components["schemas"]["Batch"];
export type Claim = components["schemas"]["Claim"];
export type ClaimOrder = components["schemas"]["ClaimOrder"];
export type NewWebhookEndpoint = components["schemas"]["NewWebhookEndpoint"];
export type WebhookEndpoint = components["schemas"]["WebhookEndpoint"];
export type WebhookEndpointRequest = components["schemas"]["WebhookEndpointRequest"];
export type WebhookEndpoints = components["schemas"]["WebhookEndpoints"];
export type WebhookEndpointChange = components["schemas"]["WebhookEndpointChange"];
export type WebhookDeliveries = components["schemas"]["WebhookDeliveries"];
export type WebhookDelivery = components["schemas"]["WebhookDelivery"];
export type ResponseProblem = components["responses"]["Problem"];
export type $defs = Record<string, never>;
export interface operations {
  readonly getHealthz: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The process runs. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            /** @enum {boolean} */
            readonly ok: true;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getReadyz: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Database and chain answer, the indexer is near the head, the worker works. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Readiness"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getMetrics: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description In the text format of Prometheus. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "text/plain": string;
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1OpenapiJson: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description OpenAPI 3.1. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly [key: string]: unknown;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getDocs: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Every route, for people. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "text/html": string;
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1Status: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Database and chain answer. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Status"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1Transactions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The relayer's last 1,000 transactions, newest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Transaction"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getIName: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly name: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description To the link's place on the brand's site, with a referral token as `_ushrt`; without one for bots and for HEAD. Also when the campaign is suspended, closed or without budget. */
      readonly 302: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1AuthNonces: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description What an EIP-4361 message has to contain. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly nonce: string;
            readonly domain: string;
            readonly chainId: number;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1AuthSessions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": {
          readonly message: string;
          readonly signature: string;
        };
      };
    };
    readonly responses: {
      /** @description A session of 24 hours. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Session"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly deleteV1AuthSessions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The session has ended. */
      readonly 204: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1Descriptions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["Description"];
      };
    };
    readonly responses: {
      /** @description Stored under the hash of its bytes: what `createCampaign` takes. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly hash: string;
            /** Format: uri */
            readonly uri: string;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1SchemasDescription: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The JSON Schema of a description. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly [key: string]: unknown;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1DescriptionsHash: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly hash: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The bytes as published. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1Campaigns: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description All campaigns. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Campaign"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The campaign. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Campaign"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdKeys: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The keys that the campaign's brand made, newest first, revoked ones too. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["ApiKeys"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1CampaignsCampaignIdKeys: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["KeyRequest"];
      };
    };
    readonly responses: {
      /** @description The key, with its secret. Shown this once. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["NewApiKey"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1CampaignsCampaignIdKeysKeyIdRotations: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
        readonly keyId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["Rotation"];
      };
    };
    readonly responses: {
      /** @description The key, with its new secret. Shown this once. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["NewApiKey"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly deleteV1CampaignsCampaignIdKeysKeyId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
        readonly keyId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The key. Neither of its secrets is good any more. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["ApiKey"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdPartnerships: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The campaign's partners and their performance, for its brand. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Performance"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1CampaignsCampaignIdPartnerships: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: {
      readonly content: {
        readonly "application/json": {
          /** @description Invite code of the partner who recruited this one. Counts when joining. */
          readonly recruiter?: string;
        };
      };
    };
    readonly responses: {
      /** @description The signed-in partner's partnership, new or as it is. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Performance"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1MePartnerships: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The signed-in partner's partnerships and their performance. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Performance"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdLinks: {
    readonly parameters: {
      readonly query?: {
        /** @description Archived ones, too. */
        readonly archived?: "true" | "false";
        /** @description For the brand: of this partner only. */
        readonly partner?: string;
        /** @description The `code` of the last link of the page before. */
        readonly after?: string;
        readonly limit?: number;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The signed-in partner's links; for the brand, those of all its partners. Oldest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Link"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1CampaignsCampaignIdLinks: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["NewLink"];
      };
    };
    readonly responses: {
      /** @description A new link of the signed-in partner. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Link"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly patchV1CampaignsCampaignIdLinksCode: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
        readonly code: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["LinkChange"];
      };
    };
    readonly responses: {
      /** @description The link as it is now. Visitors are sent on accordingly within five seconds. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Link"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdLinksCodeClicks: {
    readonly parameters: {
      readonly query?: {
        readonly from?: string;
        readonly to?: string;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
        readonly code: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The link's clicks by day (UTC), oldest first; days without any are left out. At most the last 366 of them. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly {
            /** Format: date */
            readonly day: string;
            readonly clicks: number;
            readonly bots: number;
          }[];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1Bindings: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["BindingRequest"];
      };
    };
    readonly responses: {
      /** @description The customer was bound before, and by the campaign's rule stays so. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Binding"];
        };
      };
      /** @description The customer is bound. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Binding"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1WalletBindings: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["WalletBindingRequest"];
      };
    };
    readonly responses: {
      /** @description The wallet was bound before, and by the campaign's rule stays so. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Binding"];
        };
      };
      /** @description The wallet is bound: a conversion that names it counts for this partner. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Binding"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1Conversions: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
        readonly campaignId?: string;
        readonly state?: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
        readonly partner?: string;
        /** @description Received at this time or later. */
        readonly from?: string;
        /** @description Received before this time. */
        readonly to?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Conversions, the newest first: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly items: readonly components["schemas"]["Conversion"][];
            readonly next: string | null;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1Conversions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: {
        readonly "idempotency-key"?: string;
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["ConversionReport"];
      };
    };
    readonly responses: {
      /** @description The same report was taken in before; this is its conversion now. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Conversion"];
        };
      };
      /** @description Taken in: accepted with a receipt, or rejected with a reason. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Conversion"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1ConversionsId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The conversion, its refunds and its moves. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Conversion"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1ConversionsIdRefunds: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: {
        readonly "idempotency-key"?: string;
      };
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: {
      readonly content: {
        readonly "application/json": components["schemas"]["Refund"];
      };
    };
    readonly responses: {
      /** @description Taken back, or within the hold: on its way to the chain as a reversal. */
      readonly 202: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Conversion"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1Imports: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The campaign's last 100 imports. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["Import"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1Imports: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/x-ndjson": string;
        readonly "text/csv": string;
      };
    };
    readonly responses: {
      /** @description The file was read to its end; the results say what became of each row. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Import"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1ImportsId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The import and how far it is. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Import"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1ImportsIdResults: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description What became of each row, one JSON object a line. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdReviews: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Flagged conversions that can still be taken back, and refused ones, the newest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": {
            readonly items: readonly components["schemas"]["Conversion"][];
            readonly next: string | null;
          };
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1ConversionsIdReviews: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": {
          /**
           * @description `release`: nothing is wrong; the flags go, and what the attesters refused is shown to them again. `confirm`: it is not genuine, and is taken back.
           * @enum {string}
           */
          readonly decision: "release" | "confirm";
        };
      };
    };
    readonly responses: {
      /** @description The flags are gone; or the conversion is taken back, within the hold by a reversal. */
      readonly 202: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Conversion"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdPromotions: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Who is to be promoted, and the transactions that would do it. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["PromotionProposal"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdReports: {
    readonly parameters: {
      readonly query?: {
        readonly by?: "campaign" | "partner" | "event" | "offer" | "kind";
        /** @description all: one sum over all the days. */
        readonly per?: "day" | "all";
        readonly from?: string;
        readonly to?: string;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description By day (UTC), oldest first; days without anything are left out. To the brand the whole campaign's, to a partner its own. Without `from`: the last 30 days. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": readonly components["schemas"]["ReportRow"][];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdHealth: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description How fast and how sure the campaign pays. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Health"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1MeEarnings: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
        readonly campaignId?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description What the signed-in partner earned by each conversion, the newest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Earnings"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1MeStatementCsv: {
    readonly parameters: {
      readonly query?: {
        readonly from?: string;
        readonly to?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The signed-in partner's earnings, conversion by conversion, as CSV. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "text/csv": string;
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1BatchesDigest: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly digest: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The batch, its lines and its leaves. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Batch"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1Claims: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["ClaimOrder"];
      };
    };
    readonly responses: {
      /** @description Written down: follow it at `/v1/claims/{id}`. */
      readonly 202: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Claim"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1ClaimsId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The claim. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["Claim"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1CampaignsCampaignIdWebhooks: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
      };
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The endpoints that the campaign's brand made, newest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["WebhookEndpoints"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1CampaignsCampaignIdWebhooks: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly campaignId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["WebhookEndpointRequest"];
      };
    };
    readonly responses: {
      /** @description The endpoint, with its secret. It is told of moves from now on. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["NewWebhookEndpoint"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1WebhooksWebhookId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly webhookId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The endpoint. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["WebhookEndpoint"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly deleteV1WebhooksWebhookId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly webhookId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is gone. */
      readonly 204: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly patchV1WebhooksWebhookId: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly webhookId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["WebhookEndpointChange"];
      };
    };
    readonly responses: {
      /** @description The endpoint as it is now. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["WebhookEndpoint"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1WebhooksWebhookIdRotations: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly webhookId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly "application/json": components["schemas"]["Rotation"];
      };
    };
    readonly responses: {
      /** @description The endpoint, with its new secret. */
      readonly 201: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["NewWebhookEndpoint"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly getV1WebhooksWebhookIdDeliveries: {
    readonly parameters: {
      readonly query?: {
        /** @description `next` of the page before. */
        readonly cursor?: string;
        /** @description How many at most. */
        readonly limit?: number;
        readonly state?: "pending" | "delivered" | "dead";
      };
      readonly header?: never;
      readonly path: {
        readonly webhookId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The deliveries, newest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["WebhookDeliveries"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
  readonly postV1WebhooksDeliveriesDeliveryIdRedeliveries: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly deliveryId: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is due now. */
      readonly 202: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly "application/json": components["schemas"]["WebhookDelivery"];
        };
      };
      readonly default: components["responses"]["Problem"];
    };
  };
}
