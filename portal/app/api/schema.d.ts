/** The relayer's HTTP API. Written by scripts/api-types.ts from the relayer's /v1/openapi.json: not edited, but run again. */

export interface paths {
  "/healthz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process runs */
    get: operations["getHealthz"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/readyz": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether everything that the process needs is there */
    get: operations["getReadyz"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Metrics for Prometheus
     * @description With METRICS_TOKEN configured it is to be sent as `Authorization: Bearer …`.
     */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document */
    get: operations["getV1OpenapiJson"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/docs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document as a page */
    get: operations["getDocs"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/llms.txt": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What is here, for a language model */
    get: operations["getLlmsTxt"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/status": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the relayer is doing */
    get: operations["getV1Status"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/transactions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the relayer sent */
    get: operations["getV1Transactions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/i/{name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * To the link's place on the brand's site, with the query that the visitor came with and a referral token as `_ushrt`; without a token for bots and for HEAD. Also when the campaign is suspended, closed or without budget.
     * @description Follows an invite link, by its code or its alias. A person's visit is counted; bots and prefetches are counted apart, HEAD is not.
     */
    get: operations["getIName"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/nonces": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask for a nonce
     * @description `domain` is the page's own host, if it is a portal of this relayer's; else the relayer's.
     */
    post: operations["postV1AuthNonces"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auth/sessions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sign in with a wallet (EIP-4361) */
    post: operations["postV1AuthSessions"];
    /** Sign out */
    delete: operations["deleteV1AuthSessions"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/descriptions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Store a description */
    post: operations["postV1Descriptions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/schemas/description": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The JSON Schema of a description. */
    get: operations["getV1SchemasDescription"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/descriptions/{hash}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The bytes as published. */
    get: operations["getV1DescriptionsHash"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rate-files/{digest}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The file as it came.
     * @description By the digest that a conversion's rate names. Who signed it, and that it is that file, its text shows.
     */
    get: operations["getV1RateFilesDigest"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Campaigns, in the order of their ids. */
    get: operations["getV1Campaigns"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The campaign. */
    get: operations["getV1CampaignsCampaignId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/discover": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Find a campaign to join */
    get: operations["getV1Discover"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the keys */
    get: operations["getV1CampaignsCampaignIdKeys"];
    put?: never;
    /** Make a key */
    post: operations["postV1CampaignsCampaignIdKeys"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/keys/{keyId}/rotations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a key a new secret
     * @description The secret before is good for the grace period. A second rotation within it ends the oldest secret at once.
     */
    post: operations["postV1CampaignsCampaignIdKeysKeyIdRotations"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/keys/{keyId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a key */
    delete: operations["deleteV1CampaignsCampaignIdKeysKeyId"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/team": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a brand's team */
    get: operations["getV1BrandsBrandTeam"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/team/invitations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Invite somebody into the team
     * @description One wallet, or whoever has the link first. It is good once, for 7 days. A brand without a campaign names no wallet: who is named finds it among its own.
     */
    post: operations["postV1BrandsBrandTeamInvitations"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/team/invitations/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Take an invitation into the team back */
    delete: operations["deleteV1BrandsBrandTeamInvitationsId"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/team/members/{wallet}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Give a member another role */
    put: operations["putV1BrandsBrandTeamMembersWallet"];
    post?: never;
    /**
     * Remove a member, or leave
     * @description Rights are looked up with every request: none of its sessions is good for the brand any more, and open invitations that it made are void.
     */
    delete: operations["deleteV1BrandsBrandTeamMembersWallet"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/acts": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who did what
     * @description What was done for the brand over this API, by whom and when. Kept for two years. Transactions are on the chain.
     */
    get: operations["getV1BrandsBrandActs"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/acts.csv": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Take the list of acts home as CSV
     * @description All that matches, written as it is read; times are in UTC. The last line, one for each token, begins with `total` and has the sums of what stands above it. Without it the file broke off.
     */
    get: operations["getV1BrandsBrandActsCsv"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/teams": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The teams that one is in */
    get: operations["getV1MeTeams"];
    put?: never;
    /**
     * Accept an invitation into a team
     * @description By the token of its link; or by its id, where it names the signed-in wallet. Sent again it changes nothing.
     */
    post: operations["postV1MeTeams"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/team-invitations/lookups": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Look at an invitation into a team
     * @description The token is in the body, where nothing logs it.
     */
    post: operations["postV1TeamInvitationsLookups"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/partnerships": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The campaign's partners and their performance, for its brand. */
    get: operations["getV1CampaignsCampaignIdPartnerships"];
    put?: never;
    /** The signed-in partner's partnership, new or as it is. */
    post: operations["postV1CampaignsCampaignIdPartnerships"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/partnerships.csv": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Take a campaign's partners home as CSV
     * @description All that matches, written as it is read; times are in UTC. The last line, one for each token, begins with `total` and has the sums of what stands above it. Without it the file broke off.
     */
    get: operations["getV1CampaignsCampaignIdPartnershipsCsv"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/partnerships": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The signed-in partner's partnerships and their performance. */
    get: operations["getV1MePartnerships"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/admission": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who can be a partner */
    get: operations["getV1CampaignsCampaignIdAdmission"];
    /** Ask those who apply */
    put: operations["putV1CampaignsCampaignIdAdmission"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/admissions/{campaignId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether a campaign pays the signed-in wallet */
    get: operations["getV1MeAdmissionsCampaignId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/applications": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who applied */
    get: operations["getV1CampaignsCampaignIdApplications"];
    put?: never;
    /** Apply, or accept an invitation */
    post: operations["postV1CampaignsCampaignIdApplications"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/applications": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where the signed-in wallet applied */
    get: operations["getV1MeApplications"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/applications/{id}/decisions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Decline an application, or take that back
     * @description To approve one is a transaction of the brand's: `setKinds`, for as many partners as it likes.
     */
    post: operations["postV1ApplicationsIdDecisions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/invitations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the invitations */
    get: operations["getV1CampaignsCampaignIdInvitations"];
    put?: never;
    /** Invite a partner */
    post: operations["postV1CampaignsCampaignIdInvitations"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/invitations/{invitation}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Look at an invitation */
    get: operations["getV1InvitationsInvitation"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/invitations/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Take an invitation back */
    delete: operations["deleteV1CampaignsCampaignIdInvitationsId"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/links": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The signed-in partner's links; for the brand, those of all its partners. Oldest first. */
    get: operations["getV1CampaignsCampaignIdLinks"];
    put?: never;
    /** A new link of the signed-in partner. */
    post: operations["postV1CampaignsCampaignIdLinks"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/links/{code}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** The link as it is now. Visitors are sent on accordingly within five seconds. */
    patch: operations["patchV1CampaignsCampaignIdLinksCode"];
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/links/{code}/tokens": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Get a referral token without a click
     * @description For the agent of a customer who follows no link. The partner's session, or its key with the scope `refer`; as many a day as the campaign's `attribution.agentTokensPerDay`, for all its links together.
     */
    post: operations["postV1CampaignsCampaignIdLinksCodeTokens"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/links/{code}/clicks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The link's clicks by day (UTC), oldest first; days without any are left out. At most the last 366 of them. */
    get: operations["getV1CampaignsCampaignIdLinksCodeClicks"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/codes": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List codes with their numbers */
    get: operations["getV1CampaignsCampaignIdCodes"];
    put?: never;
    /** Make a code of one's own */
    post: operations["postV1CampaignsCampaignIdCodes"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/code-grants": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give partners codes
     * @description For the brand, by its session or a key with the scope `admin`. All of them are given, or none.
     */
    post: operations["postV1CampaignsCampaignIdCodeGrants"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/codes/{code}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Look a code up
     * @description For a checkout: whether there is such a code, however it was typed, and what the customer gets. Nobody has to sign in.
     */
    get: operations["getV1CampaignsCampaignIdCodesCode"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Retire a code, or say what its customers get */
    patch: operations["patchV1CampaignsCampaignIdCodesCode"];
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/leads": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List leads */
    get: operations["getV1CampaignsCampaignIdLeads"];
    put?: never;
    /**
     * Register a lead
     * @description For a partner of the campaign, before the brand knows the prospect. First come: a company or an e-mail address is one partner's at a time. `lead_taken` (409) says until when it is another's, and neither whose nor which of the fields.
     */
    post: operations["postV1CampaignsCampaignIdLeads"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/leads/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a lead */
    get: operations["getV1CampaignsCampaignIdLeadsId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/leads/{id}/decisions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Qualify, reject, win or lose a lead
     * @description By the brand's word. With `customerId` or `customerEmail` the customer is bound to the lead's partner, as the campaign's rule has it, from when the lead was registered: its sales are the partner's from then on. The first of them wins the lead by itself.
     */
    post: operations["postV1CampaignsCampaignIdLeadsIdDecisions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/targets": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How far a partner is in the campaign's targets
     * @description Of the signed-in partner; for the brand, of the partner that it names.
     */
    get: operations["getV1CampaignsCampaignIdTargets"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/bonuses": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List bonuses by the brand's own word */
    get: operations["getV1CampaignsCampaignIdBonuses"];
    put?: never;
    /**
     * Give a partner a bonus
     * @description By the brand's own word, as far as the description's `bonuses` allow it. It is a conversion of that event, which attesters sign for within their own rules.
     */
    post: operations["postV1CampaignsCampaignIdBonuses"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/leaderboard": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a campaign's leaderboard
     * @description Where the campaign's description has one: for its partners and its brand, signed in, or for everybody. What is paid for good counts, as for targets.
     */
    get: operations["getV1CampaignsCampaignIdLeaderboard"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/bindings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a customer's binding */
    get: operations["getV1Bindings"];
    put?: never;
    /** The customer was bound before, and by the campaign's rule stays so. */
    post: operations["postV1Bindings"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/binding-moves": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a customer to another partner
     * @description By the brand's word, with its reason on record. It counts from now on, and for as long as the customer was bound; what was accepted before stays whose it is.
     */
    post: operations["postV1BindingMoves"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/customer-merges": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Say that two customers are one
     * @description Two accounts of one person, by the brand's word, with its reason on record. They are counted together, and of their bindings the one stays that the campaign's rule prefers: by first touch the earlier, by last touch that of the later touch. It counts from now on and is not undone; what was accepted before stays whose it is.
     */
    post: operations["postV1CustomerMerges"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/wallet-bindings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Bind a wallet to the invite that it came by
     * @description The message (EIP-4361) is signed by `wallet`, on an origin of the campaign's `destination` or `allowedOrigins`, with a nonce
     *     of `POST /v1/auth/nonces`, and has the resources `urn:partner-programs:campaign:<campaignId>` and `urn:partner-programs:referral:<referralToken>`.
     */
    post: operations["postV1WalletBindings"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Conversions, the newest first unless `sort` says otherwise: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of. */
    get: operations["getV1Conversions"];
    put?: never;
    /** The same report was taken in before; this is its conversion now. */
    post: operations["postV1Conversions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions.csv": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Take conversions home as CSV
     * @description All that matches, written as it is read; times are in UTC. The last line, one for each token, begins with `total` and has the sums of what stands above it. Without it the file broke off.
     */
    get: operations["getV1ConversionsCsv"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The conversion, its refunds and its moves. */
    get: operations["getV1ConversionsId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions/{id}/refunds": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Taken back, or within the hold: on its way to the chain as a reversal. */
    post: operations["postV1ConversionsIdRefunds"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/refunds": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * The same refund waits already.
     * @description As POST /v1/conversions/{id}/refunds, for who keeps no ids of conversions. A refund of an order that is not known yet waits for it, at most 400 days.
     */
    post: operations["postV1Refunds"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/waiting-refunds": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Refunds that were reported before a sale that they take back, the newest first unless `sort` says otherwise. */
    get: operations["getV1WaitingRefunds"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/waiting-refunds/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The refund, and what became of it. */
    get: operations["getV1WaitingRefundsId"];
    put?: never;
    post?: never;
    /**
     * Withdraw a refund that waits
     * @description Its order will not be taken back by it. It stays on record, and the same refund again is refused. What is taken back already cannot be withdrawn.
     */
    delete: operations["deleteV1WaitingRefundsId"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/imports": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The campaign's last 100 imports. */
    get: operations["getV1Imports"];
    put?: never;
    /**
     * The file was read to its end; the results say what became of each row. `failed` if no row of it is a report.
     * @description Reports as POST /v1/conversions takes them, judged in their order: one JSON object a line, or CSV whose first line names the fields (attribute:plan is the attribute plan), separated by commas, semicolons or tabs. In UTF-8, UTF-16 or the charset that the Content-Type names. At most 104857600 bytes.
     */
    post: operations["postV1Imports"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/imports/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The import and how far it is. */
    get: operations["getV1ImportsId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/imports/{id}/results": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What became of each row, one JSON object a line. */
    get: operations["getV1ImportsIdResults"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/reviews": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Flagged conversions that can still be taken back, and refused ones, the newest first unless `sort` says otherwise. */
    get: operations["getV1CampaignsCampaignIdReviews"];
    put?: never;
    /**
     * Review many conversions at once
     * @description One decision on 50 conversions at most. Each is reviewed by itself: one that cannot be does not keep the others from it. Sent again it changes nothing.
     */
    post: operations["postV1CampaignsCampaignIdReviews"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions/{id}/reviews": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** The flags are gone; or the conversion is taken back, within the hold by a reversal. */
    post: operations["postV1ConversionsIdReviews"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/conversions/{id}/judgements": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Judge a rejected conversion again
     * @description What stood against it may be gone: the budget is funded, the customer is bound, the description knows the event. First as of when it was reported, then as of now. What is not rejected stays as it is.
     */
    post: operations["postV1ConversionsIdJudgements"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/promotions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who is to be promoted, and the transactions that would do it. */
    get: operations["getV1CampaignsCampaignIdPromotions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/reports": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read numbers over time */
    get: operations["getV1CampaignsCampaignIdReports"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how fast and how sure a campaign pays */
    get: operations["getV1CampaignsCampaignIdHealth"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/earnings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what a partner earned */
    get: operations["getV1MeEarnings"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/statement.csv": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Take the earnings home as CSV
     * @description All that matches, written as it is read; times are in UTC. The last line, one for each token, begins with `total` and has the sums of what stands above it. Without it the file broke off.
     */
    get: operations["getV1MeStatementCsv"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/batches/{digest}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A batch with its lines and leaves */
    get: operations["getV1BatchesDigest"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/batches/{digest}/lines": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The lines of a batch, as they were signed
     * @description Words of 32 bytes in the order of the tree. Whoever reads them checks them against `linesRoot`; attesters serve the same.
     */
    get: operations["getV1BatchesDigestLines"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/batches/{digest}/lines/{index}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A line of a batch, with its way to the root */
    get: operations["getV1BatchesDigestLinesIndex"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/attestations/{digest}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A batch with its orders, for an attester that forgot it
     * @description Between relayer and attesters, with their token: the attestation, and behind it its conversions, one JSON value a line.
     */
    get: operations["getV1AttestationsDigest"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/partners/{partner}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where a partner is paid */
    get: operations["getV1PartnersPartner"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/partners/{partner}/lines": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The lines that pay a partner */
    get: operations["getV1PartnersPartnerLines"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/partners/{partner}/pull": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What pays a partner now
     * @description The partner's due lines of one campaign, out of 20 batches at most, with their proofs: the arguments of `pull`.
     */
    get: operations["getV1PartnersPartnerPull"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/claims": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Have a signed claim carried, without gas of one's own
     * @description The order (EIP-712 `ClaimOrder`) is signed by `owner`; a contract signs by ERC-1271. The same order sent again is answered with the
     *     same claim. `/v1/status` says which tokens are carried. A relayer that carries nothing answers 403. Of a passkey account that is not on the
     *     chain yet the relayer makes the account first, if it is of the factory that `/v1/status` names, once, for a credit that is worth that too.
     */
    post: operations["postV1Claims"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/payout-orders": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Have it carried where one is paid, without gas of one's own
     * @description The order (EIP-712 `PayoutOrder`) is signed by `owner`, who has a credit that is worth the gas of a claim; it counts as one claim of the
     *     owner's, and is taken, made and followed as one.
     */
    post: operations["postV1PayoutOrders"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/claims/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What became of a claim */
    get: operations["getV1ClaimsId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/profile": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one's own profile */
    get: operations["getV1MeProfile"];
    /**
     * Say who one is
     * @description One profile for all campaigns of the signed-in wallet. It is shown to their brands, and to nobody else; its name also stands on leaderboards where `onLeaderboards` says so.
     */
    put: operations["putV1MeProfile"];
    post?: never;
    /** Delete one's profile */
    delete: operations["deleteV1MeProfile"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/partnerships/{partner}/label": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Call a partner something
     * @description The brand's own label, note and tags. Whoever takes the campaign over has none of it.
     */
    put: operations["putV1CampaignsCampaignIdPartnershipsPartnerLabel"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/invoice-details": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who one is on invoices, and whose one agreed to */
    get: operations["getV1MeInvoiceDetails"];
    /**
     * Say who one is on invoices as a partner, and how one is taxed
     * @description Brands that write one's invoices have it on them. Invoices that were written stay as they are.
     */
    put: operations["putV1MeInvoiceDetails"];
    post?: never;
    /**
     * Delete who one is on invoices
     * @description No invoice is written any more. Those that were stay: whoever wrote one has to keep it.
     */
    delete: operations["deleteV1MeInvoiceDetails"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/self-billing/{brand}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Agree that a brand writes one's invoices
     * @description By agreeing the partner accepts each invoice that the brand writes for what it paid, and writes none for that itself.
     */
    put: operations["putV1MeSelfBillingBrand"];
    post?: never;
    /** End the agreement that a brand writes one's invoices */
    delete: operations["deleteV1MeSelfBillingBrand"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/invoices": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List one's invoices as a partner */
    get: operations["getV1MeInvoices"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/invoices/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an invoice */
    get: operations["getV1InvoicesId"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/invoice-details": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who a brand is on invoices */
    get: operations["getV1BrandsBrandInvoiceDetails"];
    /** Say who a brand is on invoices */
    put: operations["putV1BrandsBrandInvoiceDetails"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/brands/{brand}/invoices": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the invoices that a brand wrote */
    get: operations["getV1BrandsBrandInvoices"];
    put?: never;
    /**
     * Write a partner's invoice
     * @description Of all that was paid to the partner by the end of a day, whose hold is over, and that is on no invoice yet. The partner has to have agreed. An invoice is never changed.
     */
    post: operations["postV1BrandsBrandInvoices"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the signed-in partner's read keys */
    get: operations["getV1MeKeys"];
    put?: never;
    /**
     * Make a read key
     * @description With the scope `read` it reads `/v1/me/partnerships`, `/v1/me/earnings` and `/v1/me/statement.csv`; with `refer` it gets tokens for the partner's agents. It does nothing else: it changes nothing and makes no other keys.
     */
    post: operations["postV1MeKeys"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/keys/{keyId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Delete a read key */
    delete: operations["deleteV1MeKeysKeyId"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/payouts": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What is pushed to the signed-in wallet */
    get: operations["getV1MePayouts"];
    /**
     * Choose what is pushed
     * @description Costs no gas, and binds this relayer alone: anybody may push unless the wallet says no on the chain (`setPayOutOptOut`). Where to is on the chain as well (`setPayout`).
     */
    put: operations["putV1MePayouts"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/notices": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the signed-in wallet is told, and where to */
    get: operations["getV1MeNotices"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Choose what is told */
    patch: operations["patchV1MeNotices"];
    trace?: never;
  };
  "/v1/me/email": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Say where notices go
     * @description A question is sent there, with a link that is good for 48 hours; nothing else before it is answered. The address before is deleted at once.
     */
    put: operations["putV1MeEmail"];
    post?: never;
    /** Delete the address */
    delete: operations["deleteV1MeEmail"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/postbacks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the signed-in partner's postbacks */
    get: operations["getV1MePostbacks"];
    put?: never;
    /** Make a postback */
    post: operations["postV1MePostbacks"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/postbacks/{postbackId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Delete a postback and its calls */
    delete: operations["deleteV1MePostbacksPostbackId"];
    options?: never;
    head?: never;
    /**
     * Change a postback
     * @description One that is off is called on nothing. What waited for it is called when it is on again.
     */
    patch: operations["patchV1MePostbacksPostbackId"];
    trace?: never;
  };
  "/v1/me/postbacks/{postbackId}/tests": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Call it once with made-up values
     * @description As a real call is made, but not again by itself. What came of it is among its calls in a moment.
     */
    post: operations["postV1MePostbacksPostbackIdTests"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/me/postbacks/{postbackId}/calls": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List a postback's calls
     * @description Kept for 30 days.
     */
    get: operations["getV1MePostbacksPostbackIdCalls"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/mail/confirm/{token}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The page of a mail's link to confirm */
    get: operations["getMailConfirmToken"];
    put?: never;
    /** What its button does: confirm */
    post: operations["postMailConfirmToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/mail/unsubscribe/{token}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The page of a mail's link to unsubscribe */
    get: operations["getMailUnsubscribeToken"];
    put?: never;
    /**
     * What its button does: unsubscribe
     * @description One click in a mail program does the same (RFC 8058).
     */
    post: operations["postMailUnsubscribeToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/webhooks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the endpoints */
    get: operations["getV1CampaignsCampaignIdWebhooks"];
    put?: never;
    /** Make an endpoint */
    post: operations["postV1CampaignsCampaignIdWebhooks"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/webhooks/{webhookId}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an endpoint */
    get: operations["getV1WebhooksWebhookId"];
    put?: never;
    post?: never;
    /** Delete an endpoint and its deliveries */
    delete: operations["deleteV1WebhooksWebhookId"];
    options?: never;
    head?: never;
    /**
     * Change an endpoint
     * @description A disabled endpoint is told of nothing. What waited for it is sent when it is enabled again.
     */
    patch: operations["patchV1WebhooksWebhookId"];
    trace?: never;
  };
  "/v1/webhooks/{webhookId}/rotations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give an endpoint a new secret
     * @description For the grace period messages are signed with both. A second rotation within it ends the oldest secret at once.
     */
    post: operations["postV1WebhooksWebhookIdRotations"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/webhooks/{webhookId}/deliveries": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List an endpoint's deliveries
     * @description With `state=dead` those that were given up. Kept for 30 days.
     */
    get: operations["getV1WebhooksWebhookIdDeliveries"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/webhooks/deliveries/{deliveryId}/redeliveries": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a delivery again
     * @description One that was delivered or given up: with the same `webhook-id`, and a first attempt of all again.
     */
    post: operations["postV1WebhooksDeliveriesDeliveryIdRedeliveries"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/sources/stripe": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how Stripe is connected */
    get: operations["getV1CampaignsCampaignIdSourcesStripe"];
    /**
     * Connect Stripe
     * @description Connects it, or replaces what it is connected with. What it sends is reported under a key of its own, which stands among the campaign's keys as `Stripe`; revoking that disconnects it.
     */
    put: operations["putV1CampaignsCampaignIdSourcesStripe"];
    post?: never;
    /**
     * Disconnect Stripe
     * @description Nothing that it sends is taken in any more. What was reported stays reported.
     */
    delete: operations["deleteV1CampaignsCampaignIdSourcesStripe"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/sources/webhook": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how webhooks are connected */
    get: operations["getV1CampaignsCampaignIdSourcesWebhook"];
    /**
     * Connect webhooks of any sender
     * @description Sets what they are signed with. What of them counts is in the campaign's description, `sources.webhook`. They are reported under a key of their own, which stands among the campaign's keys as `Webhooks`; revoking that disconnects them.
     */
    put: operations["putV1CampaignsCampaignIdSourcesWebhook"];
    post?: never;
    /**
     * Disconnect webhooks
     * @description Nothing that they say is taken in any more. What was reported stays reported.
     */
    delete: operations["deleteV1CampaignsCampaignIdSourcesWebhook"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sources/{campaignId}/webhook": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Receive a webhook of any sender
     * @description It is believed for its signature, by one of the secrets that the brand set, in the way that the campaign's description names; the same body again is not kept twice.
     */
    post: operations["postV1SourcesCampaignIdWebhook"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/sources/{shop}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how a shop is connected */
    get: operations["getV1CampaignsCampaignIdSourcesShop"];
    /**
     * Connect a shop
     * @description Connects it, or replaces what it is connected with. What it sends is reported under a key of its own, which stands among the campaign's keys by the shop's name; revoking that disconnects it.
     */
    put: operations["putV1CampaignsCampaignIdSourcesShop"];
    post?: never;
    /**
     * Disconnect a shop
     * @description Nothing that it sends is taken in any more. What was reported stays reported.
     */
    delete: operations["deleteV1CampaignsCampaignIdSourcesShop"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/sources/{source}/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what a source sent
     * @description With what became of each. Applied ones are kept for 30 days, refused ones for good.
     */
    get: operations["getV1CampaignsCampaignIdSourcesSourceEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/campaigns/{campaignId}/sources/{source}/events/{id}/retries": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Have an event applied again
     * @description One that was refused, once what stood against it is mended; or one that waits, at once.
     */
    post: operations["postV1CampaignsCampaignIdSourcesSourceEventsIdRetries"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sources/{campaignId}/stripe": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Receive an event of Stripe
     * @description The URL of a webhook endpoint at Stripe, snapshot or thin. Its signature is what it is believed for: `Stripe-Signature`, by one of the secrets that the brand set.
     */
    post: operations["postV1SourcesCampaignIdStripe"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/sources/{campaignId}/{shop}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Receive a webhook of a shop
     * @description The URL of a webhook at Shopify or WooCommerce. It is believed for the signature of its body, by one of the secrets that the brand set; the same body again is not kept twice.
     */
    post: operations["postV1SourcesCampaignIdShop"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description Of each part: ok, or what is wrong with it. `nodes`: which of the chain's nodes are set aside, and why; `campaigns`: how many are set aside, and why the first; `refunds`: those that attesters refuse or that came too late; `memory`: what attesters signed and the database does not know, after it was restored; `clock`: by how much the chain's time is ahead. These make the relayer no less ready. */
    Readiness: {
      database: string;
      chain: string;
      nodes: string;
      indexer: string;
      worker: string;
      campaigns: string;
      refunds: string;
      memory: string;
      clock: string;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
    };
    Status: {
      chainId: number;
      programs: string;
      relayer: string;
      /** @description Whose signatures receipts have, the first first: the relayer's own, and those of keys that it had before. `since` null: from the first receipt on; `until` null: the key of now; otherwise when it was used last, to the minute. A receipt of a key from before is as good, if its conversion was received until then. */
      receiptSigners: {
        address: string;
        /** Format: date-time */
        since: string | null;
        /** Format: date-time */
        until: string | null;
      }[];
      indexedBlock: number | null;
      waiting: {
        conversions: number;
        batches: number;
        refunds: number;
      };
      /** @description Batches that attesters signed for this relayer and that its database does not know, because it was restored from a backup: `open` ones may still be attested, and their campaigns get no numbers meanwhile; of `attested` ones so many orders are to be reported again. The newest 100. */
      forgotten: {
        digest: string;
        campaignId: string;
        firstConversion: string;
        conversions: number;
        deadline: number;
        /** @enum {string} */
        state: "open" | "attested";
        ordersMissing: number;
      }[];
      /** @description null: none is carried. `tokens`: those that are, from a credit of so many whole tokens on; null: all are. */
      gaslessClaims: {
        tokens:
          | {
              token: string;
              minimum: string;
            }[]
          | null;
      } | null;
      /** @description What makes passkey accounts: one of its accounts that is not on the chain yet is put there with its first order that is carried. null: none is. */
      passkeyFactory: string;
    };
    Transaction: {
      sender: string;
      purpose: string;
      hash: string;
      /** @enum {string} */
      state: "sent" | "mined" | "reverted" | "lost";
      gasUsed: number | null;
      block: number | null;
    };
    Session: {
      token: string;
      address: string;
      expiresAt: string;
    };
    /** @description What a campaign publishes. */
    Description: {
      /** @enum {number} */
      version: 1;
      name: string;
      summary: string;
      /** Format: uri */
      destination: string;
      /** @default [] */
      allowedOrigins?: string[];
      attribution: {
        /** @enum {string} */
        touch: "first" | "last";
        windowSeconds: number;
        /**
         * @default code
         * @enum {string}
         */
        codeOrClick?: "code" | "click";
        agentTokensPerDay?: number;
        bindingSeconds: number | null;
      };
      events: {
        name: string;
        title: string;
        perCustomer: number | null;
        minimumVolume?: string;
        /** @default [] */
        perPartner?: {
          conversions?: number;
          volume?: string;
          days: number;
        }[];
        contract?: {
          address: string;
          abi: string;
          customer: string;
          volume?: string;
          partner?: string;
          suffix?: string;
        };
        attributes?: {
          [key: string]:
            | {
                /** @enum {string} */
                type: "text";
                oneOf?: string[];
              }
            | {
                /** @enum {string} */
                type: "integer";
              }
            | {
                /** @enum {string} */
                type: "boolean";
              };
        };
      }[];
      /** @default [] */
      objectives?: string[];
      /** @default {} */
      expectations?: {
        [key: string]: string;
      };
      /** @default [] */
      resources?: {
        title: string;
        /** Format: uri */
        url?: string;
        text?: string;
        kinds?: (("affiliate" | "referral" | "reseller" | "customer" | "recruiter") | number)[];
      }[];
      /** @default [] */
      promotions?: {
        kind: number;
        conversions?: number;
        volume?: string;
        days: number;
      }[];
      /**
       * @default {
       *       "velocityPerHour": null
       *     }
       */
      fraud?: {
        /** @default null */
        velocityPerHour?: number | null;
      };
      leads?: {
        protectedDays: number;
        answerDays: number;
        /**
         * @default [
         *       "company"
         *     ]
         */
        asks?: ("company" | "email" | "name" | "note")[];
        kinds?: (("affiliate" | "referral" | "reseller" | "customer" | "recruiter") | number)[];
        /** @default 50 */
        openPerPartner?: number;
      };
      sources?: {
        stripe?: {
          currency: string;
          /**
           * @default excluded
           * @enum {string}
           */
          taxes?: "excluded" | "included";
          events: {
            checkout?: string;
            subscription?: string;
            trial?: string;
            renewal?: string;
            change?: string;
            invoice?: string;
          };
        };
        shopify?: {
          currency: string;
          /**
           * @default excluded
           * @enum {string}
           */
          taxes?: "excluded" | "included";
          /**
           * @default excluded
           * @enum {string}
           */
          shipping?: "excluded" | "included";
          events: {
            order?: string;
            renewal?: string;
          };
        };
        woocommerce?: {
          currency: string;
          /**
           * @default excluded
           * @enum {string}
           */
          taxes?: "excluded" | "included";
          /**
           * @default excluded
           * @enum {string}
           */
          shipping?: "excluded" | "included";
          events: {
            order?: string;
            renewal?: string;
          };
        };
        webhook?: {
          signature:
            | "standard-webhooks"
            | {
                header: string;
                /** @enum {string} */
                algorithm: "sha1" | "sha256" | "sha512";
                /** @enum {string} */
                encoding: "hex" | "base64";
                /** @default  */
                prefix?: string;
              };
          rules: (
            | {
                event: string;
                /** @default {} */
                when?: {
                  [key: string]: string | number | boolean | (string | number | boolean)[];
                };
                orderId: string;
                volume: string;
                /** @default 0 */
                decimals?: number | "currency";
                currency?: string;
                at?: string;
                customerId?: string;
                customerEmail?: string;
                referralToken?: string;
                code?: string;
                attributes?: {
                  [key: string]: string;
                };
              }
            | {
                refundOf: string;
                /** @default {} */
                when?: {
                  [key: string]: string | number | boolean | (string | number | boolean)[];
                };
                refundId?: string;
                volume?: string;
                /** @default 0 */
                decimals?: number | "currency";
                currency?: string;
              }
          )[];
        };
      };
      currencies?: {
        accepted: string[];
        token: string;
        rates:
          | {
              /** @enum {string} */
              kind: "feeds";
              feeds: {
                [key: string]: string;
              };
              token?: string;
              maxAgeSeconds: number;
              sequencer?: {
                feed: string;
                /** @default 3600 */
                graceSeconds?: number;
              };
            }
          | {
              /** @enum {string} */
              kind: "file";
              /** Format: uri */
              url: string;
              signer: string;
              /** @default 5 */
              maxAgeDays?: number;
            };
        lateAfterSeconds?: number;
      };
      /** @default [] */
      conditions?: {
        offers: number[];
        attributes?: {
          [key: string]:
            | {
                oneOf: string[];
              }
            | {
                noneOf: string[];
              }
            | {
                min?: number;
                max?: number;
              }
            | {
                is: boolean;
              };
        };
        customer?: {
          event?: string;
          /** @enum {string} */
          purchase?: "first" | "renewal";
          months?: {
            from?: number;
            below?: number;
          };
        };
        partner?: {
          firstDays: number;
        };
      }[];
      /** @default [] */
      targets?: {
        name: string;
        title: string;
        /** @enum {string} */
        period: "month" | "quarter" | "year" | "once";
        counts: string[];
        kinds?: (("affiliate" | "referral" | "reseller" | "customer" | "recruiter") | number)[];
        /** @default bonus */
        event?: string;
        /**
         * @default each
         * @enum {string}
         */
        pays?: "each" | "highest";
        steps: {
          conversions?: number;
          volume?: string;
          bonus: string;
        }[];
      }[];
      bonuses?: {
        /** @default bonus */
        event?: string;
        most: string;
        mostPerMonth: string;
      };
      leaderboard?: {
        title: string;
        /** @enum {string} */
        period: "month" | "quarter" | "year";
        event: string;
        /** @enum {string} */
        by: "conversions" | "volume";
        /** @default 10 */
        places?: number;
        /**
         * @default partners
         * @enum {string}
         */
        shownTo?: "partners" | "everybody";
      };
    };
    Campaigns: {
      items: components["schemas"]["Campaign"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Campaign: {
      id: string;
      brand: string;
      token: string;
      tokenSymbol: string;
      tokenDecimals: number;
      holdSeconds: number;
      noticeSeconds: number;
      feeBps: number;
      operator: string;
      /** @description Base units of the campaign's token. */
      funded: string;
      /** @description Base units of the campaign's token. */
      available: string;
      /** @description Base units of the campaign's token. */
      reserved: string;
      /** @description Commissions released to partners, claimed or not. */
      released: string;
      /** @description Base units of the campaign's token. */
      fees: string;
      /** @description Base units of the campaign's token. */
      withdrawn: string;
      /** @description Commissions and fees of accepted conversions that are not attested yet. */
      promised: string;
      /** @description Of the released commissions, what is not claimed yet. */
      credits: string;
      /** @description Of the released commissions, what is claimed, or was paid at once. */
      paid: string;
      /** @description Of the released commissions, those of batches whose lines are not known here: whether they are claimed is not known. */
      unexplained: string;
      /** @description Whether the chain has the lines of its batches; otherwise the relayer and the attesters keep them. */
      linesOnChain: boolean;
      /** @description Most commissions and fees that are attested in a day (UTC). null: no limit. */
      dailyLimit: string | null;
      nextDailyLimit: {
        /** @description Base units of the campaign's token. */
        amount: string | null;
        effectiveAt: number;
      } | null;
      /** @description Who may take the campaign over, from then on. */
      pendingBrand: {
        brand: string;
        effectiveAt: number;
      } | null;
      pendingWithdrawal: {
        /** @description Base units of the campaign's token. */
        amount: string;
        effectiveAt: number;
      } | null;
      suspendedUntil: number | null;
      closesAt: number | null;
      /** @description From then on nothing is attested any more. */
      finalAt: number | null;
      nextConversion: string;
      /** @description As it was published; null: it was not uploaded here. */
      description: components["schemas"]["Description"] | null;
      /** @description Not null: this event of the campaign could not be read, or (`event` is null) what is known of it is not what the contract has at this block. Its money is shown as it was before, and nothing is accepted until that is mended. */
      setAside: {
        block: number;
        event: string | null;
        reason: string;
      } | null;
    };
    DiscoveredPage: {
      items: components["schemas"]["Discovered"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Discovered: {
      id: string;
      brand: string;
      /** @description null: its description is not known here. */
      name: string | null;
      summary: string | null;
      tokenSymbol: string;
      tokenDecimals: number;
      holdSeconds: number;
      /** @description Base units of the campaign's token. */
      available: string;
      /** @description Whether there was ever money in it. */
      funded: boolean;
      closesAt: number | null;
      /** @description Whether everybody can be paid; otherwise partners apply. */
      open: boolean;
      /** @description What it pays partners now, the best rate first. `cap`: the most volume that counts. */
      offers: {
        event: string;
        kind: number;
        /** @description Base units of the campaign's token. */
        flatAmount: string;
        rateBps: number;
        /** @description Base units of the campaign's token. */
        cap: string;
      }[];
      /** @description Until then no budget is withdrawn and the campaign does not close, whatever is announced; null: no guarantee is left. */
      guaranteedUntil: number | null;
      /** @description Of the last 30 days, neither rejected nor reversed. */
      conversions: number;
      /** @description Of the last 30 days. */
      reversed: number;
      /** @description How long the budget lasts as the last 30 days were; null: nothing was spent. */
      lastsSeconds: string | null;
      /** @description Median of the latest batches, from their sales to the end of their hold, by the chain's own times; null: nothing was attested. */
      secondsToCredit: number | null;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      noticeText: string | null;
    };
    NewApiKey: components["schemas"]["ApiKey"] & {
      /** @description `sk_…`. Shown this once; only its hash is kept. */
      secret: string;
    };
    ApiKey: {
      id: string;
      label: string;
      scopes: ("read" | "report" | "admin")[];
      /** @description The last four characters of the secret. */
      last4: string | null;
      createdAt: string;
      /** @description To the minute. */
      lastUsedAt: string | null;
      /** @description Until when the secret before the rotation is good. */
      previousUntil: string | null;
      revokedAt: string | null;
    };
    KeyRequest: {
      label: string;
      /**
       * @default [
       *       "read",
       *       "report"
       *     ]
       */
      scopes?: ("read" | "report" | "admin")[];
    };
    ApiKeys: {
      items: components["schemas"]["ApiKey"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Rotation: {
      /** @description For so long the secret before is good too; 0: not at all. At most seven days. */
      graceSeconds: number;
    };
    Team: {
      brand: string;
      /**
       * @description As what the signed-in wallet asks: `brand` is the brand's wallet itself.
       * @enum {string}
       */
      yours: "brand" | "viewer" | "manager" | "owner";
      members: components["schemas"]["TeamMember"][];
      /** @description Those that can still be used. */
      invitations: components["schemas"]["TeamInvitation"][];
    };
    TeamMember: {
      wallet: string;
      /**
       * @description `viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.
       * @enum {string}
       */
      role: "viewer" | "manager" | "owner";
      addedBy: string;
      since: string;
    };
    TeamInvitation: {
      id: string;
      brand: string;
      /**
       * @description `viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.
       * @enum {string}
       */
      role: "viewer" | "manager" | "owner";
      /** @description Whom it is for; null: whoever has the link, once. */
      wallet: string;
      /** @description Who it is for, in the brand's words. */
      label: string;
      /** @enum {string} */
      state: "open" | "used" | "revoked" | "expired";
      madeBy: string;
      madeAt: string;
      expiresAt: string;
    };
    NewTeamInvitation: components["schemas"]["TeamInvitation"] & {
      /** @description `ti_…`, to be handed to whom it is for. Shown this once; only its hash is kept. */
      token: string;
    };
    TeamInvitationRequest: {
      /**
       * @description `viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.
       * @enum {string}
       */
      role: "viewer" | "manager" | "owner";
      /** @description Who it is for, in your words. */
      label: string;
      /** @description Only this wallet can accept it. */
      wallet?: string;
    };
    MemberRemoved: {
      /** @description API keys that it made or gave a new secret, and that are still good: it may know them. Revoke or rotate them. */
      keys: components["schemas"]["KnownSecret"][];
      /** @description Webhook endpoints that it made or gave a new secret, by the host they are told at: it may know what your server believes. Rotate them. */
      webhooks: components["schemas"]["KnownSecret"][];
      /** @description Sources that it connected, and that are connected still: it may know the secrets of their webhooks, and the key that they are read with. Make new ones there, and connect them again. */
      sources: {
        campaignId: string;
        /** @enum {string} */
        source: "stripe" | "shopify" | "woocommerce" | "webhook";
      }[];
    };
    /** @description A secret that somebody may know. */
    KnownSecret: {
      campaignId: string;
      id: string;
      label: string;
    };
    Acts: {
      items: components["schemas"]["Act"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Act: {
      id: string;
      at: string;
      /** @description A wallet, or `key` and the id of an API key. */
      actor: string;
      /** @description As what it acted: `brand`, `key`, or its role in the team. */
      role: string;
      act: string;
      /** @description null: it was about the team. */
      campaignId: string | null;
      /** @description What it was done to, in short. */
      facts: {
        [key: string]: string;
      };
    };
    OwnTeams: {
      memberships: components["schemas"]["TeamMembership"][];
      /** @description Open ones that name the signed-in wallet. */
      invitations: components["schemas"]["TeamInvitation"][];
    };
    TeamMembership: {
      brand: string;
      /**
       * @description `viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.
       * @enum {string}
       */
      role: "viewer" | "manager" | "owner";
      since: string;
    };
    Performance: {
      campaignId: string;
      partner: string;
      /** @description Of the partnership's first link. */
      code: string;
      /** Format: uri */
      link: string;
      /** @description On all its links. */
      clicks: number;
      conversions: number;
      rejected: number;
      reversed: number;
      /** @description Of conversions that count, without what was refunded. */
      volumeBaseUnits: string;
      /** @description What of these is the partner's own, wherever it is by now. */
      commission: string;
      /** @description Commission accepted and not attested yet. */
      accepted: string;
      /** @description Commission in its hold. */
      pending: string;
      /** @description Commission released and not claimed yet. */
      released: string;
      /** @description Base units of the campaign's token. */
      claimed: string;
      joinedAt: string;
      /** @description What the partner says of itself; null: nothing. Only the brand's list has it. */
      profile?: {
        name: string;
        picture: string | null;
        site: string | null;
        audience: string | null;
        country: string | null;
      } | null;
      /** @description What the brand notes of the partner; null: nothing. Only the brand's list has it. */
      label?: {
        label: string | null;
        note: string | null;
        tags: string[];
      } | null;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      noticeText: string | null;
    };
    Performances: {
      items: components["schemas"]["Performance"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Admission: {
      /** @description Whether everybody can be paid here, and joins by itself. */
      open: boolean;
      /** @description What the brand asks of those who apply. */
      questions: string[];
      /** @description Whether there was ever money in it. */
      funded: boolean;
      closesAt: number | null;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      noticeText: string | null;
    };
    OwnAdmission: components["schemas"]["Admission"] & {
      /** @description Whether an offer pays the signed-in wallet. */
      payable: boolean;
      /** @description Its kinds in this campaign from now on. */
      kinds: number[];
      application: components["schemas"]["Application"] | null;
    };
    Application: {
      id: string;
      campaignId: string;
      partner: string;
      /**
       * @description waiting: for the brand. approved: the brand gave it kinds, by `setKinds` of the contract. declined: for `reason`.
       * @enum {string}
       */
      state: "waiting" | "approved" | "declined";
      answers: {
        question: string;
        answer: string;
      }[];
      invitation: {
        label: string;
        kinds: number[];
      } | null;
      appliedAt: string;
      declinedAt: string | null;
      reason: string | null;
    };
    ApplicationRequest: {
      /** @description One for each question, in their order; none by an invitation. */
      answers: string[];
      invitation?: string;
    };
    Applications: {
      items: components["schemas"]["Application"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Invitation: {
      id: string;
      campaignId: string;
      /** @description The portal takes it as `/campaigns/{campaignId}?invitation={code}`. */
      code: string;
      label: string;
      kinds: number[];
      /** @enum {string} */
      state: "open" | "used" | "revoked";
      /** @description Who used it. */
      partner: string;
      createdAt: string;
    };
    InvitationRequest: {
      /** @description Who it is for, in the brand's words. */
      label: string;
      /** @description 0 to 4: affiliate, referral, reseller, customer, recruiter; 5 to 63: the campaign's groups. */
      kinds: number[];
    };
    Invitations: {
      items: components["schemas"]["Invitation"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    InvitationShown: {
      campaignId: string;
      kinds: number[];
      /** @enum {string} */
      state: "open" | "used" | "revoked";
    };
    Link: {
      campaignId: string;
      partner: string;
      code: string;
      alias: string | null;
      /**
       * Format: uri
       * @description What is shared.
       */
      url: string;
      label: string;
      path: string | null;
      /**
       * Format: uri
       * @description Where it leads now: the campaign's destination if the path is not allowed any more. null: not known here.
       */
      leadsTo: string | null;
      /** @description Not listed any more; it still leads on and counts. */
      archived: boolean;
      createdAt: string;
      /** @description By people. */
      clicks: number;
      /** @description Link previews, crawlers, prefetches. */
      bots: number;
      /** @description That came with this link's referral token. */
      conversions: number;
      rejected: number;
      /** @description Base units of the campaign's token. */
      commission: string;
      /**
       * @description Why the campaign accepts no conversion now; its links lead on all the same.
       * @enum {string|null}
       */
      notice: "campaign_closed" | "campaign_suspended" | "budget_exhausted" | null;
      noticeText: string | null;
    };
    NewLink: {
      /**
       * @description The partner's own name for the link: a post, a video, a newsletter.
       * @default
       */
      label?: string;
      /**
       * @description Where on the brand's site the link leads: a path with its query from the destination's /, or an address on one of the origins that the campaign allows. null: the campaign's destination.
       * @default null
       * @example /pricing?plan=team
       */
      path?: string | null;
      /**
       * @description A name instead of the code: /i/ada. It cannot be changed or given back.
       * @default null
       * @example ada
       */
      alias?: string | null;
    };
    LinkChange: {
      /** @description The partner's own name for the link: a post, a video, a newsletter. */
      label?: string;
      /**
       * @description Where on the brand's site the link leads: a path with its query from the destination's /, or an address on one of the origins that the campaign allows. null: the campaign's destination.
       * @example /pricing?plan=team
       */
      path?: string | null;
      archived?: boolean;
    };
    AgentToken: {
      /** @description What a report takes as `referralToken`. */
      token: string;
      /** @description Whose token it is, for `affiliate_attribution.provider` of an agent's checkout: the relayer's host. */
      provider: string;
      /** @description The end of the campaign's attribution window. */
      expiresAt: string;
      /** @description How many more there are today (UTC). */
      left: number;
    };
    Code: {
      /** @description As it is shown. Capitals, blanks and hyphens do not count, O is 0, I and L are 1. */
      code: string;
      partner: string;
      /** @enum {string} */
      givenBy: "partner" | "brand";
      /** @description The offer that pays what comes by it, where that offer can; null: the best, as by a link. */
      offerId: number | null;
      /**
       * @description What the customer gets for it, in the brand's words.
       * @example 10 % off
       */
      customerGets: string | null;
      createdAt: string;
      /** @description From then on it counts no more. It is given to nobody else. */
      retiredAt: string | null;
      conversions: number;
      rejected: number;
      /** @description Base units of the campaign's token. */
      commission: string;
    };
    NewCode: {
      /**
       * @description Without it one is made.
       * @example SPRING-24
       */
      code?: string;
    };
    CodeGrants: {
      codes: {
        partner: string;
        /**
         * @description Without it one is made.
         * @example SPRING-24
         */
        code?: string;
        /** @default null */
        offerId?: number | null;
        /**
         * @description What the customer gets for it, in the brand's words.
         * @default null
         * @example 10 % off
         */
        customerGets?: string | null;
      }[];
    };
    Codes: {
      items: components["schemas"]["Code"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    PublicCode: {
      code: string;
      /**
       * @description What the customer gets for it, in the brand's words.
       * @example 10 % off
       */
      customerGets: string | null;
      retired: boolean;
    };
    CodeChange: {
      /**
       * @description For good.
       * @enum {boolean}
       */
      retired?: true;
      /**
       * @description The brand's to say.
       * @example 10 % off
       */
      customerGets?: string | null;
    };
    Lead: {
      id: string;
      campaignId: string;
      partner: string;
      /**
       * @description registered: it waits for the brand. lapsed: it was protected until `protectedUntil`, and is nobody's now. won: it bought.
       * @enum {string}
       */
      state: "registered" | "qualified" | "won" | "lost" | "rejected" | "lapsed";
      company: string | null;
      email: string | null;
      name: string | null;
      note: string | null;
      /** @description Who it was is not kept any more: it ended 30 days ago. */
      erased: boolean;
      registeredAt: string;
      /** @description Until then the brand can reject it. */
      answerBy: string;
      protectedUntil: string;
      /** @description The customer that it became is bound to the partner. */
      isCustomer: boolean;
      /** @description The first sale to it. */
      conversionId: string | null;
      /** @enum {string|null} */
      reason: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other" | null;
      reasonText: string | null;
      comment: string | null;
      /** @description The relayer's signed word for who came first (EIP-712 `LeadReceipt`). */
      receipt: {
        leadHash: string;
        /** @description With it, `leadHash` shows who it is. null: erased. */
        salt: string | null;
        registeredAt: number;
        protectedUntil: number;
        signature: string;
      };
      moves: {
        /** @enum {string} */
        state: "registered" | "qualified" | "won" | "lost" | "rejected" | "lapsed";
        /** @enum {string|null} */
        reason: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other" | null;
        comment: string | null;
        /** @description The brand's wallet, or `key` and an API key's id; null: time or a sale. Only the brand sees it. */
        by?: string | null;
        at: string;
      }[];
    };
    NewLead: {
      /**
       * @description The domain that the company has registered, or an address of its site: `acme.com`.
       * @example acme.com
       */
      company?: string | null;
      /** @description The contact's e-mail address. It says nothing of a company: many share a provider. */
      email?: string | null;
      /** @description The contact's name. */
      name?: string | null;
      /** @description What the brand should know. */
      note?: string | null;
    };
    Leads: {
      items: components["schemas"]["Lead"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    LeadDecision: {
      /**
       * @description qualify: it is a prospect, and this partner's. reject: until `answerBy`, with a `reason`. win: it bought. lose: it was qualified, and did not buy.
       * @enum {string}
       */
      decision: "qualify" | "reject" | "win" | "lose";
      /** @description The brand's own id of the customer; or `customerEmail`. */
      customerId?: string | null;
      /** @description The customer's e-mail address, where that is its name. */
      customerEmail?: string;
      /** @enum {string} */
      reason?: "known_already" | "no_fit" | "not_reached" | "not_interested" | "other";
      /** @description What the partner reads beside it. Kept. */
      comment?: string | null;
    };
    TargetProgress: {
      name: string;
      title: string;
      period: {
        /** @enum {string} */
        kind: "month" | "quarter" | "year" | "once";
        name: string;
        from: number;
        to: number;
      };
      counts: string[];
      /** @enum {string} */
      pays: "each" | "highest";
      /** @description Whose hold is over for good: these count. */
      conversions: number;
      /** @description Base units of the campaign's token. */
      volumeBaseUnits: string;
      /** @description Conversions of the period that count once their hold is over. */
      waiting: number;
      steps: {
        conversions: number | null;
        volume: string | null;
        /** @description What this step pays, in base units. */
        bonus: string;
        reached: boolean;
      }[];
    };
    Bonus: {
      bonusId: string;
      partner: string;
      /** @description Base units. */
      amount: string;
      reason: string;
      givenAt: string;
      conversionId: string | null;
      state: string | null;
      /** @description Why it was rejected or taken back. */
      stateReason: string | null;
    };
    NewBonus: {
      /** @description As the brand calls it: sent again, it gives nothing more. */
      bonusId: string;
      partner: string;
      amount: string;
      /** @description The partner reads it. */
      reason: string;
    };
    Bonuses: {
      items: components["schemas"]["Bonus"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Leaderboard: {
      title: string;
      event: string;
      /** @enum {string} */
      by: "conversions" | "volume";
      period: {
        name: string;
        from: number;
        to: number;
      };
      places: {
        /** @description Who reached the same has the same. */
        rank: number;
        /** @description As in the partner's profile, where it says so; else null. */
        name: string | null;
        conversions: number | null;
        /** @description Base units of the campaign's token. */
        volumeBaseUnits: string | null;
        /** @description It is the place of whoever asks. */
        own: boolean;
      }[];
      /** @description Of whoever asks, as a partner that reached something. */
      own: {
        /** @description null: far behind. */
        rank: number | null;
        conversions: number | null;
        /** @description Base units of the campaign's token. */
        volumeBaseUnits: string | null;
      } | null;
    };
    BoundCustomer: components["schemas"]["Binding"] & {
      /** @description What the brand changed, the first change first. */
      changes: {
        /**
         * @description `moved`: to another partner. `merged`: another customer is this one, and of both bindings `from`'s was given up; equal to `to`: none was.
         * @enum {string}
         */
        what: "moved" | "merged";
        from: string;
        to: string;
        reason: string;
        /** @description The brand's wallet, or `key` and the id of an API key. */
        by: string;
        at: string;
      }[];
    };
    Binding: {
      partner: string;
      code: string;
      boundAt: string;
      /** @description null: for life. */
      boundUntil: string | null;
    };
    BindingMove: {
      /** @description The brand's own id of the customer; or `customerEmail`. */
      customerId?: string | null;
      /** @description The customer's e-mail address, where that is its name. */
      customerEmail?: string;
      /** @description For a session: which campaign. A key has its own. */
      campaignId?: string | null;
      /** @description A code of the partner whose the customer is from now on. */
      code: string;
      /** @description Why, in words. It is kept. */
      reason: string;
    };
    CustomerMerge: {
      /** @description The brand's own id of the customer; or `customerEmail`. */
      customerId?: string | null;
      /** @description The customer's e-mail address, where that is its name. */
      customerEmail?: string;
      /** @description Which customer it is, by the brand's own id. */
      into: string;
      /** @description For a session: which campaign. A key has its own. */
      campaignId?: string | null;
      /** @description Why, in words. It is kept. */
      reason: string;
    };
    BindingRequest: {
      /** @description The `_ushrt` that the customer arrived with. */
      referralToken?: string | null;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      customerId?: string | null;
      /** @description Instead of `customerId`, where customers are known by their e-mail addresses: in one spelling, and then the same customer as one with that `customerId`. Kept only as a keyed hash. */
      customerEmail?: string | null;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      customerWallet?: string | null;
      /** @description Compared with providers of throw-away addresses; not kept. What is no domain is left out. */
      customerEmailDomain?: string | null;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. A port is cut, and what is no address left out. */
      customerIp?: string | null;
      /** @description The code, or the code or alias of a link, that the customer gave where there was no click. */
      code?: string | null;
    };
    WalletBindingRequest: {
      campaignId: string;
      /** @description The `_ushrt` that the wallet's owner arrived with. */
      referralToken: string;
      wallet: string;
      message: string;
      signature: string;
    };
    Conversion: {
      id: string;
      campaignId: string;
      event: string;
      orderId: string;
      /** @enum {string} */
      state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
      reason: string | null;
      reasonText: string | null;
      /** @description What the attesters said against it, or which conditions of which offers did not hold. Only the brand sees it. */
      note?: string;
      partner: string | null;
      /** @description What the brand calls the partner, or else what it says of itself, where either is known. Only the brand sees it. */
      partnerName?: string;
      /** @description The reported `volume`, in base units of the campaign's token. */
      volumeBaseUnits: string;
      /** @description Of the volume, what the customer was given back. */
      refunded: string;
      /** @description Of a sale in its own currency that, and the rate that it was converted by; null: it is in tokens. */
      sale: {
        currency: string;
        /** @description A decimal number of the currency. */
        volume: string;
        /** @description Of that, what the customer was given back. */
        refunded: string;
        /** @description What one of the currency is in whole tokens, as a fraction, and where that stands: rounds of feeds on the campaign's chain, or a day's signed file (GET /v1/rate-files/{digest}). null: there is none yet. */
        rate: {
          numerator: string;
          denominator: string;
          observedAt: number;
          sources: (
            | {
                feed: string;
                round: string;
              }
            | {
                file: string;
                /** Format: date */
                day: string;
              }
          )[];
        } | null;
        /** @description With it the receipt's salt is the hash of this sale and its rate: neither can be told otherwise later. */
        nonce: string | null;
      } | null;
      /** @description The partner's; 0 of what is rejected or reversed. */
      commission: string;
      /** @description With what its recruiter and the customer get. */
      totalCommission: string;
      /** @description What was reported of what was sold, as the campaign's description has it. */
      attributes: {
        [key: string]: string | number | boolean;
      };
      /** @description By what else the conditions on the campaign's offers were judged: by event what its customer counted for before, and when its partner joined (Unix seconds); null: they have none, or it was rejected. */
      history: {
        customer?: {
          [key: string]: {
            conversions: number;
            firstAt?: number;
          };
        };
        partnerSince?: number;
      } | null;
      receivedAt: string;
      /** @description The code of the link that brought it; null: it came without one. */
      link: string | null;
      /** @description The partner's code that the customer said; null: none. */
      code: string | null;
      /** @description When it happened, as it was reported. Only the brand sees it. */
      occurredAt?: string | null;
      /** @description The customer as the relayer knows it: a keyed hash, the same in all conversions of one customer of the campaign. Only the brand sees it; by its own id it asks with `customerId`. */
      customer?: string | null;
      number: string | null;
      batch: string | null;
      releaseAt: number | null;
      /** @description The relayer's signed promise (EIP-712 `Receipt`). */
      receipt: {
        conversionKey: string;
        salt: string;
        receivedAt: number;
        attestBy: number;
        entries: string[];
        signature: string;
      } | null;
      /** @description What the brand should look at. Only the brand sees it. */
      flags?: {
        flag: string;
        text: string;
      }[];
      refunds: {
        id: string;
        /** @description Base units of the campaign's token. */
        volumeBaseUnits: string;
        /** @description The same in the sale's own currency. */
        saleVolume: string | null;
        whole: boolean;
        reason: string;
        /** @enum {string} */
        state: "requested" | "sent" | "done" | "late";
        at: string;
        /** @description Why it was not carried to the chain yet: what the attesters or the contract say. `late`: the hold was over before. */
        problem: string | null;
      }[];
      moves: {
        state: string;
        reason: string | null;
        transaction: string | null;
        at: string;
      }[];
    };
    ConversionReport: {
      event: string;
      /** @description The brand's own id of the order. With the event it is the conversion's key, for ever. */
      orderId: string;
      /**
       * @description Whole tokens; or, of a sale in its own currency, whole units of that: 49.90.
       * @default 0
       */
      volume?: string | null;
      /** @description Instead of `volume`, with a `currency`: its smallest units, as ISO 4217 has them. 4990 of EUR are 49.90, of JPY 4990, of KWD 4.990. */
      volumeMinor?: string | number | null;
      /** @description Of a sale in its own currency its code by ISO 4217. It is converted by the rate that the campaign's description names; left out: the volume is in whole tokens. */
      currency?: string | null;
      /** @description The `_ushrt` that the customer arrived with. */
      referralToken?: string | null;
      /** @description The brand's own id of the customer; kept only as a keyed hash. */
      customerId?: string | null;
      /** @description Instead of `customerId`, where customers are known by their e-mail addresses: in one spelling, and then the same customer as one with that `customerId`. Kept only as a keyed hash. */
      customerEmail?: string | null;
      /** @description Where the customer gets a reward of its own, if an offer of kind `customer` pays one. */
      customerWallet?: string | null;
      /** @description Compared with providers of throw-away addresses; not kept. What is no domain is left out. */
      customerEmailDomain?: string | null;
      /** @description Compared, as a keyed hash, with the partner's own network; not kept. A port is cut, and what is no address left out. */
      customerIp?: string | null;
      /** @description A code that the customer said: a partner's code, or the code or alias of a link. Without capitals, blanks and hyphens, O as 0, I and L as 1. */
      code?: string | null;
      /** @description What was sold, by the names that the campaign's description has for the event: texts, whole numbers, true or false. Conditions on offers ask for it. */
      attributes?: {
        [key: string]: string | number | boolean | null;
      } | null;
      /**
       * Format: date-time
       * @description When the order was made. A sale in its own currency that is reported late has the rate of then; otherwise it is noted alone. What is no moment with its offset is left out.
       */
      occurredAt?: string | null;
    };
    Refund: {
      /** @description Whole tokens that this refund gives back. Without it: all that is left. */
      volume?: string;
      /**
       * @description All that is left, said in so many words; not with `volume`.
       * @enum {boolean}
       */
      all?: true;
      /** @description The brand's own id of the refund: the same again takes back nothing more. */
      refundId?: string | null;
    };
    WaitingRefund: {
      id: string;
      event: string;
      orderId: string;
      /** @description As it was reported; null: it came without. */
      refundId: string | null;
      /** @description Whole tokens, as reported; null: all that is left. */
      volume: string | null;
      /**
       * @description `waiting`: its order is not known yet. `nothing_due`: the order was rejected, so that nothing is to be taken back; should it be accepted after all, it is. `done`: taken back. `refused`: it could not be, and `problem` says why. `expired`: the order did not come within 400 days. `withdrawn`: by who reported it, before it was taken back.
       * @enum {string}
       */
      state: "waiting" | "nothing_due" | "done" | "refused" | "expired" | "withdrawn";
      problem: string | null;
      /** @description The order's conversion; null: not known yet. */
      conversionId: string | null;
      createdAt: string;
      settledAt: string | null;
    };
    OrderRefund: {
      /** @description The brand's own id of the order. */
      orderId: string;
      /** @description Needed where the order was reported with several events, or is not known yet and the campaign has several. */
      event?: string | null;
      /** @description Whole tokens that this refund gives back. Without it: all that is left. */
      volume?: string;
      /**
       * @description All that is left, said in so many words; not with `volume`.
       * @enum {boolean}
       */
      all?: true;
      /** @description The brand's own id of the refund: the same again takes back nothing more. */
      refundId?: string | null;
    };
    WaitingRefunds: {
      items: components["schemas"]["WaitingRefund"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Import: {
      id: string;
      /** @enum {string} */
      state: "running" | "done" | "failed" | "interrupted";
      problem: string | null;
      rows: number;
      accepted: number;
      rejected: number;
      /** @description Taken in before, by an earlier import or a single report. */
      known: number;
      /** @description The order was reported before with another content. */
      conflicting: number;
      invalid: number;
      createdAt: string;
      progressedAt: string;
    };
    PromotionProposal: {
      promotions: components["schemas"]["Promotion"][];
      /** @description `setKinds`, to be sent from the brand's wallet: one call for each mask. */
      calls: {
        partners: string[];
        /** @description All their kinds, those they have and the new ones: 64 bits, as a decimal number. */
        mask: string;
        to: string;
        data: string;
      }[];
    };
    Promotion: {
      partner: string;
      /** @description The group that the partner has reached and is not in. */
      kind: number;
      kindName: string;
      days: number;
      conversions: number;
      /** @description Base units of the campaign's token. */
      volumeBaseUnits: string;
    };
    ReportRow: {
      /** @description In UTC; empty where all days are summed. */
      day: string;
      /** @description A partner's address, an offer's number, a kind, an event; or `campaign`. */
      group: string;
      /** @description By partner: what the brand calls it, or else what it says of itself. Only the brand sees it. */
      groupName?: string;
      /** @description 0 by offer, kind and event: a click has none of them. */
      clicks: number;
      /** @description Reported that day, and neither rejected nor taken back. */
      conversions: number;
      rejected: number;
      /** @description Of those reported that day, taken back since. */
      reversed: number;
      /** @description Base units of the campaign's token. */
      volumeBaseUnits: string;
      /** @description Base units of the campaign's token. */
      commission: string;
      /** @description Base units of the campaign's token. */
      fees: string;
      /** @description Base units of the campaign's token. */
      reversedCommission: string;
    };
    Health: {
      /** @description Of the latest 2000: accepted, taken back later or not. */
      conversions: number;
      /** @description Their commissions. */
      attested: string;
      /** @description Of these commissions, those of conversions that were taken back. */
      reversed: string;
      /** @description Median, from the report to the chain. */
      secondsToAttest: number | null;
      /** @description Median, from the report to the partner's credit. */
      secondsToRelease: number | null;
      waiting: number;
      oldestWaiting: string | null;
    };
    Earnings: {
      items: components["schemas"]["Earning"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    Earning: {
      conversionId: string;
      campaignId: string;
      event: string;
      receivedAt: string;
      /** @enum {string} */
      state: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
      /** @enum {string} */
      paid: "no" | "claimable" | "claimed";
      reasonText: string | null;
      /** @description Without what the customer was given back. */
      volumeBaseUnits: string;
      /** @description Of a sale in its own currency that, and the rate that it was converted by; null: it is in tokens. */
      sale: {
        currency: string;
        /** @description Without what the customer was given back. */
        volume: string;
        rate: {
          numerator: string;
          denominator: string;
          observedAt: number;
          sources: (
            | {
                feed: string;
                round: string;
              }
            | {
                file: string;
                /** Format: date */
                day: string;
              }
          )[];
        } | null;
      } | null;
      /** @description The signed-in partner's own commission. */
      earned: string;
      attestBy: number | null;
      releaseAt: number | null;
      /** @description Of a partner that this one recruited. */
      recruited: boolean;
    };
    Batch: {
      digest: string;
      campaignId: string;
      firstConversion: string;
      conversions: number;
      periodFrom: number;
      periodTo: number;
      deadline: number;
      conversionsRoot: string;
      linesRoot: string;
      lineCount: number;
      /** @description What all lines are worth: commissions and fees. */
      total: string;
      /** @description Of the tree as reversals left it. */
      currentRoot: string;
      /** @description Base units of the campaign's token. */
      currentTotal: string;
      state: string;
      releaseAt: number | null;
      problem: string | null;
      /** @description Whether the lines are known here. If not, `lines` is empty: somebody else attested the batch, and its attesters were not reached yet. */
      linesKnown: boolean;
      lines: {
        /** @description As it was signed. */
        attested: string;
        /** @description As reversals left it. */
        current: string;
        /** @enum {string} */
        state: "signed" | "held" | "pullable" | "credited" | "claimed" | "pulled" | "refused";
        /** @enum {string|null} */
        fault:
          | "unknown_offer"
          | "period_outside_offer"
          | "partner_is_zero"
          | "volume_exceeds_cap"
          | "count_exceeds_conversions"
          | "kind_not_payable"
          | "offer_for_other_partner"
          | null;
      }[];
      /** @description Its conversions, as far as they were reported here. */
      leaves: {
        number: string;
        key: string;
        salt: string;
        entries: string[];
      }[];
    };
    /** @description A line of a batch as it stands: what `pull` of the contract takes. */
    BatchLine: {
      attestation: components["schemas"]["Attestation"];
      proof: components["schemas"]["LineProof"];
      /** @description Base units of the campaign's token. */
      commission: string;
      /** @enum {string} */
      state: "signed" | "held" | "pullable" | "credited" | "claimed" | "pulled" | "refused";
    };
    /** @description A batch as it was signed, and as every operation on it takes it. */
    Attestation: {
      campaignId: string;
      firstConversion: string;
      conversions: number;
      periodFrom: number;
      periodTo: number;
      deadline: number;
      conversionsRoot: string;
      linesRoot: string;
      lineCount: number;
      /** @description Base units of the campaign's token. */
      total: string;
    };
    LineProof: {
      index: number;
      line: string;
      /** @description The siblings on the way to the root, from the leaf up: 48 bytes each, hash and sum. */
      path: string;
    };
    Partner: {
      partner: string;
      /** @description Where pushes are paid, and, while a lock is in force, claims as well. */
      payout: {
        /** @description null: the wallet itself. */
        receiver: string;
        lockSeconds: number;
        /** @description What is announced. */
        next: {
          /** @description null: the wallet itself. */
          receiver: string;
          lockSeconds: number;
          effectiveAt: number;
        } | null;
        /** @description Pushes by others are not wanted; while a lock is in force they are open. */
        optedOut: boolean;
      };
      /** @description Since its orders were revoked last they begin with this nonce, and those before are void. null: never revoked. */
      ordersFrom: string | null;
    };
    PartnerLines: {
      items: components["schemas"]["PartnerLine"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    PartnerLine: {
      batch: string;
      campaignId: string;
      index: number;
      line: string;
      /** @description A reversal took a part of it back. */
      lowered: boolean;
      /** @description Base units of the campaign's token. */
      commission: string;
      /**
       * @description signed: not on the chain yet. held: it can still be reversed. pullable: due, and paid by a `pull` or released with its batch. credited: to be claimed. claimed, pulled: paid. refused: the contract pays nobody.
       * @enum {string}
       */
      state: "signed" | "held" | "pullable" | "credited" | "claimed" | "pulled" | "refused";
      releaseAt: number | null;
      /** @enum {string|null} */
      fault:
        | "unknown_offer"
        | "period_outside_offer"
        | "partner_is_zero"
        | "volume_exceeds_cap"
        | "count_exceeds_conversions"
        | "kind_not_payable"
        | "offer_for_other_partner"
        | null;
      faultText: string | null;
    };
    Pull: {
      /** @description What it pays. */
      commission: string;
      to: string;
      /** @description The call `pull`, ready to be sent by anybody. */
      data: string;
      attestations: components["schemas"]["Attestation"][];
      lines: components["schemas"]["LineProof"][];
      /** @description More is due than one call has room for: ask again when this is mined. */
      more: boolean;
    };
    Claim: {
      /** @description The order's digest (EIP-712). */
      id: string;
      owner: string;
      receiver: string;
      tokens: string[];
      /** @description null: a claim. Otherwise an order where the owner is paid, of no tokens, so locked. */
      lockSeconds: number | null;
      nonce: string;
      deadline: number;
      /**
       * @description `accepted`: written down, and about to be sent. `sent`: on its way. `paid`: in a block. `failed`: given up, for `problem`.
       * @enum {string}
       */
      state: "accepted" | "sent" | "paid" | "failed";
      transaction: string | null;
      problem: string | null;
      /** Format: date-time */
      createdAt: string;
    };
    ClaimOrder: {
      owner: string;
      receiver: string;
      tokens: string[];
      /** @description `nonces(owner)` of the contract. */
      nonce: string;
      /** @description Unix seconds: at most a day ahead. */
      deadline: number;
      /** @description The owner's (EIP-712); a contract's by ERC-1271. Of a passkey account that is not on the chain yet it brings along what makes it (ERC-6492). */
      signature: string;
    };
    PayoutOrder: {
      owner: string;
      /** @description The zero address: the owner itself. */
      receiver: string;
      lockSeconds: number;
      /** @description `nonces(owner)` of the contract. */
      nonce: string;
      /** @description Unix seconds: at most a day ahead. */
      deadline: number;
      /** @description The owner's (EIP-712); a contract's by ERC-1271. Of a passkey account that is not on the chain yet it brings along what makes it (ERC-6492). */
      signature: string;
    };
    /** @description What a partner says of itself. */
    OwnProfile: components["schemas"]["Profile"] &
      ({
        onLeaderboards: boolean;
      } | null);
    /** @description What the partner says of itself. Nobody has checked it. */
    Profile: {
      name: string;
      picture: string | null;
      site: string | null;
      audience: string | null;
      country: string | null;
    };
    ProfileRequest: {
      /** @description At most 60 characters, in one line. */
      name: string;
      /**
       * Format: uri
       * @default null
       */
      picture?: string | null;
      /**
       * Format: uri
       * @default null
       */
      site?: string | null;
      /** @description At most 300 characters, in one line. */
      audience?: string | null;
      /** @default null */
      country?: string | null;
      /**
       * @description Whether the name stands on leaderboards of campaigns that have one.
       * @default false
       */
      onLeaderboards?: boolean;
    };
    /** @description The brand's own: the partner does not see it. */
    PartnerLabel: {
      label: string | null;
      note: string | null;
      tags: string[];
    };
    PartnerLabelRequest: {
      /** @description At most 60 characters, in one line. */
      label?: string | null;
      /** @default null */
      note?: string | null;
      /** @default [] */
      tags?: string[];
    };
    OwnInvoicing: {
      details: components["schemas"]["InvoiceDetails"];
      agreed: components["schemas"]["SelfBillingAgreement"][];
    };
    /** @description Who it is on invoices, as it says itself. */
    InvoiceDetails: {
      name: string;
      address: string[];
      country: string;
      taxId: string | null;
      tax:
        | {
            /** @enum {string} */
            kind: "included";
            name: string;
            percent: string;
          }
        | {
            /** @enum {string} */
            kind: "reverse_charge" | "none";
            note: string | null;
          }
        | null;
    } | null;
    SelfBillingAgreement: {
      brand: string;
      agreedAt: string;
    };
    SellerDetails: {
      /** @description At most 120 characters, in one line. */
      name: string;
      /** @description In lines. */
      address: string[];
      country: string;
      /** @description The number that its tax office knows it by. */
      taxId?: string | null;
      /** @description How what it earns is taxed: `included` in what is paid, owed by the brand (`reverse_charge`), or `none` and why. */
      tax:
        | {
            /** @enum {string} */
            kind: "included";
            /** @description What the tax is called: VAT. */
            name: string;
            /** @description Of the rest: what is paid has it in it. */
            percent: string;
          }
        | {
            /** @enum {string} */
            kind: "reverse_charge";
            /** @description Said on the invoice: the paragraph of the law, mostly. */
            note?: string;
          }
        | {
            /** @enum {string} */
            kind: "none";
            /** @description Said on the invoice: the paragraph of the law, mostly. */
            note: string;
          };
    };
    Invoices: {
      items: components["schemas"]["InvoiceHead"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    InvoiceHead: {
      id: string;
      /** @description Its number: who is buyer and seller, and which of that brand's invoices for that partner it is. None is left out. */
      name: string;
      brand: string;
      partner: string;
      issuedAt: string;
      /** @description Days in UTC, both included. */
      period: {
        from: string;
        to: string;
      };
      /** @description By token. */
      paid: {
        token: string;
        tokenSymbol: string;
        tokenDecimals: number;
        /** @description Base units of the campaign's token. */
        amountBaseUnits: string;
      }[];
      currency: string | null;
      /** @description What that was worth in `currency`: decimal numbers. null: no currency was asked for. */
      value: {
        gross: string;
        net: string;
        tax: string;
      } | null;
    };
    Invoice: {
      id: string;
      /** @description Its number: who is buyer and seller, and which of that brand's invoices for that partner it is. None is left out. */
      name: string;
      brand: string;
      partner: string;
      issuedAt: string;
      /** @description Days in UTC, both included. */
      period: {
        from: string;
        to: string;
      };
      /** @description By token. */
      paid: {
        token: string;
        tokenSymbol: string;
        tokenDecimals: number;
        /** @description Base units of the campaign's token. */
        amountBaseUnits: string;
      }[];
      currency: string | null;
      /** @description What that was worth in `currency`: decimal numbers. null: no currency was asked for. */
      value: {
        gross: string;
        net: string;
        tax: string;
      } | null;
      seller: {
        name: string;
        address: string[];
        country: string;
        taxId: string | null;
        tax:
          | {
              /** @enum {string} */
              kind: "included";
              name: string;
              percent: string;
            }
          | {
              /** @enum {string} */
              kind: "reverse_charge" | "none";
              note: string | null;
            }
          | null;
        wallet: string;
      };
      buyer: {
        name: string;
        address: string[];
        country: string;
        taxId: string | null;
        tax:
          | {
              /** @enum {string} */
              kind: "included";
              name: string;
              percent: string;
            }
          | {
              /** @enum {string} */
              kind: "reverse_charge" | "none";
              note: string | null;
            }
          | null;
        wallet: string;
      };
      /** @description When the seller agreed that the buyer writes its invoices. */
      agreedAt: string;
      /** @description What the law wants to be said: self-billing, reverse charge. */
      notes: string[];
      /** @description What was paid, batch by batch. */
      items: {
        campaignId: string;
        campaign: string;
        batch: string;
        /** @description When the hold of the batch ended. */
        dueAt: string;
        conversions: number;
        token: string;
        tokenSymbol: string;
        tokenDecimals: number;
        /** @description Base units of the campaign's token. */
        amountBaseUnits: string;
        value: string | null;
        /** @description What one of the currency was in whole tokens then. */
        rate: {
          numerator: string;
          denominator: string;
          observedAt: number;
          sources: (
            | {
                feed: string;
                round: string;
              }
            | {
                file: string;
                /** Format: date */
                day: string;
              }
          )[];
        } | null;
      }[];
    };
    BuyerDetails: {
      /** @description At most 120 characters, in one line. */
      name: string;
      /** @description In lines. */
      address: string[];
      country: string;
      /** @description The number that its tax office knows it by. */
      taxId?: string | null;
    };
    InvoiceRequest: {
      partner: string;
      /**
       * Format: date
       * @description The last day of its period, in UTC: yesterday at the latest.
       */
      to: string;
      /** @description Of one campaign alone; left out: of all of the brand's. */
      campaignId?: string;
      /** @description In which currency it says what was paid was worth when its hold ended, by the rates of the campaigns' descriptions. Left out: in none. */
      currency?: string;
    };
    PartnerKey: {
      id: string;
      label: string;
      /** @description `read`: what the partner earns; `refer`: referral tokens of its links without a click. */
      scopes: ("read" | "refer")[];
      /** @description The last four characters of the secret. */
      last4: string;
      createdAt: string;
      /** @description To the minute. */
      lastUsedAt: string | null;
    };
    NewPartnerKey: components["schemas"]["PartnerKey"] & {
      /** @description `pk_…`. Shown this once; only its hash is kept. */
      secret: string;
    };
    PartnerKeyRequest: {
      label: string;
      /**
       * @description `read`: what the partner earns; `refer`: referral tokens of its links without a click.
       * @default [
       *       "read"
       *     ]
       */
      scopes?: ("read" | "refer")[];
    };
    PushSettings: {
      /** @description null: this relayer pushes nothing. `tokens`: what it pushes, from so much on; null: all. */
      carried: {
        tokens:
          | {
              token: string;
              /** @description Whole tokens: the least credit that is pushed. */
              minimum: string;
            }[]
          | null;
      } | null;
      wanted: boolean;
      /** @description The wallet's own: where one is lower than the relayer's, that counts. */
      minimums: {
        token: string;
        /** @description Whole tokens: the least credit that is pushed. */
        minimum: string;
      }[];
      /** @description The last 50, newest first. */
      pushes: components["schemas"]["Push"][];
    };
    Push: {
      id: string;
      tokens: string[];
      /**
       * @description `accepted`: written down. `sent`: on its way. `paid`: in a block. `failed`: given up, for `problem`.
       * @enum {string}
       */
      state: "accepted" | "sent" | "paid" | "failed";
      transaction: string | null;
      problem: string | null;
      /** Format: date-time */
      createdAt: string;
    };
    PushChoice: {
      /** @default true */
      wanted?: boolean;
      /** @default [] */
      minimums?: {
        token: string;
        /** @description Whole tokens: the least credit that is pushed. */
        minimum: string;
      }[];
    };
    NoticeSettings: {
      /** @description Whether this relayer sends mail. */
      available: boolean;
      /** @description Where to, with most of it hidden. null: nowhere. */
      email: string | null;
      /** @description Whoever reads the mail there said yes; before, nothing else is sent. */
      confirmed: boolean;
      /** @description What the mail server said when it refused the address for good: give it again, or another. */
      refused: string | null;
      /** @description The kinds that are not wanted. */
      muted: (
        | "partner.approved"
        | "partner.first_sale"
        | "partner.rejected"
        | "partner.released"
        | "partner.paid"
        | "partner.terms"
        | "partner.lead"
        | "partner.postback"
        | "partner.month"
        | "brand.review"
        | "brand.lead"
        | "brand.budget"
        | "brand.attesters"
        | "brand.change"
      )[];
      kinds: {
        /** @enum {string} */
        kind:
          | "partner.approved"
          | "partner.first_sale"
          | "partner.rejected"
          | "partner.released"
          | "partner.paid"
          | "partner.terms"
          | "partner.lead"
          | "partner.postback"
          | "partner.month"
          | "brand.review"
          | "brand.lead"
          | "brand.budget"
          | "brand.attesters"
          | "brand.change";
        text: string;
      }[];
    };
    NoticeChoice: {
      muted: (
        | "partner.approved"
        | "partner.first_sale"
        | "partner.rejected"
        | "partner.released"
        | "partner.paid"
        | "partner.terms"
        | "partner.lead"
        | "partner.postback"
        | "partner.month"
        | "brand.review"
        | "brand.lead"
        | "brand.budget"
        | "brand.attesters"
        | "brand.change"
      )[];
    };
    NoticeAddress: {
      /** Format: email */
      email: string;
    };
    Postbacks: {
      items: components["schemas"]["Postback"][];
    };
    Postback: {
      id: string;
      /** @description null: of all the campaigns that the wallet is a partner of. */
      campaignId: string | null;
      url: string;
      /** @description On which moves it is called. */
      states: ("accepted" | "rejected" | "review" | "batched" | "attested" | "released" | "reversed")[];
      enabled: boolean;
      /** @description `partner`, `failing`, or what was answered. */
      disabledBy: string | null;
      /** @description Since when no call was answered well. */
      failingSince: string | null;
      createdAt: string;
    };
    NewPostback: components["schemas"]["Postback"] & {
      /** @description `whsec_…`, to verify calls with. Shown this once. */
      secret: string;
    };
    PostbackRequest: {
      /**
       * @description https, at a public address, with macros in its path or query: {conversion_id}, {order_id}, {campaign_id}, {event}, {status}, {reason}, {commission}, {commission_base_units}, {token}, {currency}, {link}, {subid}, {code}, {click_time}, {conversion_time}, {move_id}. Redirects are not followed.
       * @example https://tracker.example/postback?cid={conversion_id}&status={status}&payout={commission}&cur={currency}
       */
      url: string;
      /**
       * @default [
       *       "accepted",
       *       "rejected",
       *       "released",
       *       "reversed"
       *     ]
       */
      states?: ("accepted" | "rejected" | "review" | "batched" | "attested" | "released" | "reversed")[];
      /** @description Of this one alone. */
      campaignId?: string;
    };
    PostbackChange: {
      /**
       * @description https, at a public address, with macros in its path or query: {conversion_id}, {order_id}, {campaign_id}, {event}, {status}, {reason}, {commission}, {commission_base_units}, {token}, {currency}, {link}, {subid}, {code}, {click_time}, {conversion_time}, {move_id}. Redirects are not followed.
       * @example https://tracker.example/postback?cid={conversion_id}&status={status}&payout={commission}&cur={currency}
       */
      url?: string;
      states?: ("accepted" | "rejected" | "review" | "batched" | "attested" | "released" | "reversed")[];
      enabled?: boolean;
    };
    PostbackCalls: {
      items: components["schemas"]["PostbackCall"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    PostbackCall: {
      id: string;
      /** @description null: a test with made-up values. */
      conversionId: string | null;
      moveId: string | null;
      /** @enum {string|null} */
      status: "accepted" | "rejected" | "review" | "batched" | "attested" | "released" | "reversed" | null;
      /** @enum {string} */
      state: "pending" | "delivered" | "dead";
      attempts: number;
      /** @description Of a pending one: when it is to be made next. */
      dueAt: string | null;
      lastAttemptAt: string | null;
      lastStatus: number | null;
      lastError: string | null;
      createdAt: string;
    };
    NewWebhookEndpoint: components["schemas"]["WebhookEndpoint"] & {
      /** @description `whsec_…`, to verify messages with. Shown this once. */
      secret: string;
    };
    WebhookEndpoint: {
      id: string;
      campaignId: string;
      url: string;
      /** @description The types that it is told of. */
      events: string[];
      /** @description Also of those that come later. */
      allEvents: boolean;
      enabled: boolean;
      /** @description `brand`, or what the endpoint answered. */
      disabledBy: string | null;
      /** @description Until when the secret before the rotation signs too. */
      previousUntil: string | null;
      createdAt: string;
    };
    WebhookEndpointRequest: {
      /**
       * Format: uri
       * @description https, at a public address. Redirects are not followed.
       */
      url: string;
      /** @description The types to tell of; all, also those that come later, if there are none given. */
      events?: (
        | "conversion.accepted"
        | "conversion.rejected"
        | "conversion.review"
        | "conversion.batched"
        | "conversion.attested"
        | "conversion.released"
        | "conversion.reversed"
        | "lead.registered"
        | "lead.qualified"
        | "lead.rejected"
        | "lead.lapsed"
        | "lead.won"
        | "lead.lost"
        | "target.reached"
        | "application.received"
        | "partner.joined"
        | "campaign.budget_low"
        | "campaign.set_aside"
        | "review.waiting"
      )[];
    };
    WebhookEndpoints: {
      items: components["schemas"]["WebhookEndpoint"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    WebhookEndpointChange: {
      /**
       * Format: uri
       * @description https, at a public address. Redirects are not followed.
       */
      url?: string;
      events?:
        | (
            | "conversion.accepted"
            | "conversion.rejected"
            | "conversion.review"
            | "conversion.batched"
            | "conversion.attested"
            | "conversion.released"
            | "conversion.reversed"
            | "lead.registered"
            | "lead.qualified"
            | "lead.rejected"
            | "lead.lapsed"
            | "lead.won"
            | "lead.lost"
            | "target.reached"
            | "application.received"
            | "partner.joined"
            | "campaign.budget_low"
            | "campaign.set_aside"
            | "review.waiting"
          )[]
        | null;
      enabled?: boolean;
    };
    WebhookDeliveries: {
      items: components["schemas"]["WebhookDelivery"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    WebhookDelivery: {
      id: string;
      endpointId: string;
      /** @description Of a conversion's move; null: it tells other news. */
      moveId: string | null;
      conversionId: string | null;
      newsId: string | null;
      /** @description What the news are about, `lead:17`. */
      subject: string | null;
      type: string;
      /** @enum {string} */
      state: "pending" | "delivered" | "dead";
      attempts: number;
      /** @description Of a pending one: when it is to be sent next. */
      dueAt: string | null;
      lastAttemptAt: string | null;
      lastStatus: number | null;
      /** @description Why there was no answer at all. RELAYER_FAULT: the relayer could not make the message; its operator sees why. */
      lastError: string | null;
      createdAt: string;
    };
    StripeSource: {
      /** @description Where Stripe sends its events: the endpoint's URL. */
      url: string;
      /** @description The events to choose. */
      events: string[];
      /** @description The last four characters of each. */
      webhookSecrets: string[];
      /** @description Its last four characters; null: there is none. */
      restrictedKey: string | null;
      testMode: boolean;
      /** @description What counts, by the campaign's description in force; null: it says nothing of Stripe. */
      mapping: Record<string, never> | null;
      changedBy: string;
      changedAt: string;
    };
    StripeSourceRequest: {
      /** @description Signing secrets of the endpoint, each as good as the other: while one is rolled, both. */
      webhookSecrets: string[];
      /** @description Reads what thin events only name. Give it the permission to read and nothing else; null takes it away, and without the field it stays. */
      restrictedKey?: string | null;
      /**
       * @description true: events of Stripe's test mode count, and those of real payments do not.
       * @default false
       */
      testMode?: boolean;
    };
    WebhookSource: {
      /** @description Where the sender sends its webhooks. */
      url: string;
      /** @description The last four characters of each. */
      webhookSecrets: string[];
      /** @description What counts, by the campaign's description in force; null: it says nothing of webhooks. */
      mapping: Record<string, never> | null;
      changedBy: string;
      changedAt: string;
    };
    WebhookSourceRequest: {
      /** @description What the sender signs with, each as good as the other: while one is changed, both. */
      webhookSecrets: string[];
    };
    ReceivedEvent: {
      /** @enum {boolean} */
      received: true;
      /** @description It was received before, and is not kept twice. */
      again: boolean;
    };
    ShopSource: {
      /** @description Where the shop sends its webhooks. */
      url: string;
      /** @description The webhooks to choose. */
      topics: string[];
      /** @description The last four characters of each. */
      webhookSecrets: string[];
      testMode: boolean;
      /** @description What counts, by the campaign's description in force; null: it says nothing of this shop. */
      mapping: Record<string, never> | null;
      changedBy: string;
      changedAt: string;
    };
    ShopSourceRequest: {
      /** @description What the shop signs its webhooks with, each as good as the other: while one is changed, both. */
      webhookSecrets: string[];
      /**
       * @description true: test orders of Shopify count, and those that are really paid do not. WooCommerce has none.
       * @default false
       */
      testMode?: boolean;
    };
    SourceEvents: {
      items: components["schemas"]["SourceEvent"][];
      /** @description The next page's `cursor`. */
      next: string | null;
    };
    SourceEvent: {
      id: string;
      /** @description The source's own id of it. */
      eventId: string;
      type: string;
      objectId: string | null;
      /**
       * @description `waiting`: it is tried, or tried again. `applied`: something came of it. `noted`: it may count with others that come. `ignored`: nothing of it counts. `refused`: `note` says why, and what is mended can be applied again.
       * @enum {string}
       */
      state: "waiting" | "applied" | "noted" | "ignored" | "refused";
      note: string | null;
      /** @description Of the sale that it is about. */
      orderId: string | null;
      attempts: number;
      dueAt: string | null;
      receivedAt: string;
    };
  };
  responses: {
    /** @description What is wrong (RFC 9457) */
    Problem: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/problem+json": components["schemas"]["Problem"];
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
export type Campaigns = components["schemas"]["Campaigns"];
export type Campaign = components["schemas"]["Campaign"];
export type DiscoveredPage = components["schemas"]["DiscoveredPage"];
export type Discovered = components["schemas"]["Discovered"];
export type NewApiKey = components["schemas"]["NewApiKey"];
export type ApiKey = components["schemas"]["ApiKey"];
export type KeyRequest = components["schemas"]["KeyRequest"];
export type ApiKeys = components["schemas"]["ApiKeys"];
export type Rotation = components["schemas"]["Rotation"];
export type Team = components["schemas"]["Team"];
export type TeamMember = components["schemas"]["TeamMember"];
export type TeamInvitation = components["schemas"]["TeamInvitation"];
export type NewTeamInvitation = components["schemas"]["NewTeamInvitation"];
export type TeamInvitationRequest = components["schemas"]["TeamInvitationRequest"];
export type MemberRemoved = components["schemas"]["MemberRemoved"];
export type KnownSecret = components["schemas"]["KnownSecret"];
export type Acts = components["schemas"]["Acts"];
export type Act = components["schemas"]["Act"];
export type OwnTeams = components["schemas"]["OwnTeams"];
export type TeamMembership = components["schemas"]["TeamMembership"];
export type Performance = components["schemas"]["Performance"];
export type Performances = components["schemas"]["Performances"];
export type Admission = components["schemas"]["Admission"];
export type OwnAdmission = components["schemas"]["OwnAdmission"];
export type Application = components["schemas"]["Application"];
export type ApplicationRequest = components["schemas"]["ApplicationRequest"];
export type Applications = components["schemas"]["Applications"];
export type Invitation = components["schemas"]["Invitation"];
export type InvitationRequest = components["schemas"]["InvitationRequest"];
export type Invitations = components["schemas"]["Invitations"];
export type InvitationShown = components["schemas"]["InvitationShown"];
export type Link = components["schemas"]["Link"];
export type NewLink = components["schemas"]["NewLink"];
export type LinkChange = components["schemas"]["LinkChange"];
export type AgentToken = components["schemas"]["AgentToken"];
export type Code = components["schemas"]["Code"];
export type NewCode = components["schemas"]["NewCode"];
export type CodeGrants = components["schemas"]["CodeGrants"];
export type Codes = components["schemas"]["Codes"];
export type PublicCode = components["schemas"]["PublicCode"];
export type CodeChange = components["schemas"]["CodeChange"];
export type Lead = components["schemas"]["Lead"];
export type NewLead = components["schemas"]["NewLead"];
export type Leads = components["schemas"]["Leads"];
export type LeadDecision = components["schemas"]["LeadDecision"];
export type TargetProgress = components["schemas"]["TargetProgress"];
export type Bonus = components["schemas"]["Bonus"];
export type NewBonus = components["schemas"]["NewBonus"];
export type Bonuses = components["schemas"]["Bonuses"];
export type Leaderboard = components["schemas"]["Leaderboard"];
export type BoundCustomer = components["schemas"]["BoundCustomer"];
export type Binding = components["schemas"]["Binding"];
export type BindingMove = components["schemas"]["BindingMove"];
export type CustomerMerge = components["schemas"]["CustomerMerge"];
export type BindingRequest = components["schemas"]["BindingRequest"];
export type WalletBindingRequest = components["schemas"]["WalletBindingRequest"];
export type Conversion = components["schemas"]["Conversion"];
export type ConversionReport = components["schemas"]["ConversionReport"];
export type Refund = components["schemas"]["Refund"];
export type WaitingRefund = components["schemas"]["WaitingRefund"];
export type OrderRefund = components["schemas"]["OrderRefund"];
export type WaitingRefunds = components["schemas"]["WaitingRefunds"];
export type Import = components["schemas"]["Import"];
export type PromotionProposal = components["schemas"]["PromotionProposal"];
export type Promotion = components["schemas"]["Promotion"];
export type ReportRow = components["schemas"]["ReportRow"];
export type Health = components["schemas"]["Health"];
export type Earnings = components["schemas"]["Earnings"];
export type Earning = components["schemas"]["Earning"];
export type Batch = components["schemas"]["Batch"];
export type BatchLine = components["schemas"]["BatchLine"];
export type Attestation = components["schemas"]["Attestation"];
export type LineProof = components["schemas"]["LineProof"];
export type Partner = components["schemas"]["Partner"];
export type PartnerLines = components["schemas"]["PartnerLines"];
export type PartnerLine = components["schemas"]["PartnerLine"];
export type Pull = components["schemas"]["Pull"];
export type Claim = components["schemas"]["Claim"];
export type ClaimOrder = components["schemas"]["ClaimOrder"];
export type PayoutOrder = components["schemas"]["PayoutOrder"];
export type OwnProfile = components["schemas"]["OwnProfile"];
export type Profile = components["schemas"]["Profile"];
export type ProfileRequest = components["schemas"]["ProfileRequest"];
export type PartnerLabel = components["schemas"]["PartnerLabel"];
export type PartnerLabelRequest = components["schemas"]["PartnerLabelRequest"];
export type OwnInvoicing = components["schemas"]["OwnInvoicing"];
export type InvoiceDetails = components["schemas"]["InvoiceDetails"];
export type SelfBillingAgreement = components["schemas"]["SelfBillingAgreement"];
export type SellerDetails = components["schemas"]["SellerDetails"];
export type Invoices = components["schemas"]["Invoices"];
export type InvoiceHead = components["schemas"]["InvoiceHead"];
export type Invoice = components["schemas"]["Invoice"];
export type BuyerDetails = components["schemas"]["BuyerDetails"];
export type InvoiceRequest = components["schemas"]["InvoiceRequest"];
export type PartnerKey = components["schemas"]["PartnerKey"];
export type NewPartnerKey = components["schemas"]["NewPartnerKey"];
export type PartnerKeyRequest = components["schemas"]["PartnerKeyRequest"];
export type PushSettings = components["schemas"]["PushSettings"];
export type Push = components["schemas"]["Push"];
export type PushChoice = components["schemas"]["PushChoice"];
export type NoticeSettings = components["schemas"]["NoticeSettings"];
export type NoticeChoice = components["schemas"]["NoticeChoice"];
export type NoticeAddress = components["schemas"]["NoticeAddress"];
export type Postbacks = components["schemas"]["Postbacks"];
export type Postback = components["schemas"]["Postback"];
export type NewPostback = components["schemas"]["NewPostback"];
export type PostbackRequest = components["schemas"]["PostbackRequest"];
export type PostbackChange = components["schemas"]["PostbackChange"];
export type PostbackCalls = components["schemas"]["PostbackCalls"];
export type PostbackCall = components["schemas"]["PostbackCall"];
export type NewWebhookEndpoint = components["schemas"]["NewWebhookEndpoint"];
export type WebhookEndpoint = components["schemas"]["WebhookEndpoint"];
export type WebhookEndpointRequest = components["schemas"]["WebhookEndpointRequest"];
export type WebhookEndpoints = components["schemas"]["WebhookEndpoints"];
export type WebhookEndpointChange = components["schemas"]["WebhookEndpointChange"];
export type WebhookDeliveries = components["schemas"]["WebhookDeliveries"];
export type WebhookDelivery = components["schemas"]["WebhookDelivery"];
export type StripeSource = components["schemas"]["StripeSource"];
export type StripeSourceRequest = components["schemas"]["StripeSourceRequest"];
export type WebhookSource = components["schemas"]["WebhookSource"];
export type WebhookSourceRequest = components["schemas"]["WebhookSourceRequest"];
export type ReceivedEvent = components["schemas"]["ReceivedEvent"];
export type ShopSource = components["schemas"]["ShopSource"];
export type ShopSourceRequest = components["schemas"]["ShopSourceRequest"];
export type SourceEvents = components["schemas"]["SourceEvents"];
export type SourceEvent = components["schemas"]["SourceEvent"];
export type ResponseProblem = components["responses"]["Problem"];
export type $defs = Record<string, never>;
export interface operations {
  getHealthz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process runs. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getReadyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Database and chain answer, the indexer is near the head, the worker works. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Readiness"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description In the text format of Prometheus. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1OpenapiJson: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OpenAPI 3.1. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            [key: string]: unknown;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getDocs: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Every route, for people. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/html": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getLlmsTxt: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Markdown, as llmstxt.org has it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Status: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Database and chain answer. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Status"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Transactions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The relayer's last 1,000 transactions, newest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Transaction"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getIName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description To the link's place on the brand's site, with the query that the visitor came with and a referral token as `_ushrt`; without a token for bots and for HEAD. Also when the campaign is suspended, closed or without budget. */
      302: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1AuthNonces: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What an EIP-4361 message has to contain. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            nonce: string;
            domain: string;
            chainId: number;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1AuthSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          message: string;
          signature: string;
        };
      };
    };
    responses: {
      /** @description A session of 24 hours. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1AuthSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The session has ended. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Descriptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Description"];
      };
    };
    responses: {
      /** @description Stored under the hash of its bytes: what `createCampaign` takes. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            hash: string;
            /** Format: uri */
            uri: string;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1SchemasDescription: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The JSON Schema of a description. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            [key: string]: unknown;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1DescriptionsHash: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        hash: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The bytes as published. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1RateFilesDigest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        digest: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The file as it came. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Campaigns: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Whose they are. */
        brand?: string;
        /** @description These, by their ids with commas between; at most 50. */
        ids?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Campaigns, in the order of their ids. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Campaigns"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The campaign. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Campaign"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Discover: {
    parameters: {
      query?: {
        /** @description In name, summary, brand or token. */
        search?: string;
        /** @description `true`: only where everybody can be paid. */
        open?: "true" | "false";
        /** @description `true`: only what accepts conversions now. */
        paying?: "true" | "false";
        /** @description What pays now comes first in any; then by what was sold lately, the highest rate, or the shortest hold. */
        sort?: "recommended" | "rate" | "hold";
        /** @description `next` of the page before. */
        cursor?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Campaigns. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DiscoveredPage"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdKeys: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys that the campaign's brand made, newest first unless `sort` says otherwise, revoked ones too. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ApiKeys"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdKeys: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["KeyRequest"];
      };
    };
    responses: {
      /** @description The key, with its secret. Shown this once. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewApiKey"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdKeysKeyIdRotations: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        keyId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Rotation"];
      };
    };
    responses: {
      /** @description The key, with its new secret. Shown this once. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewApiKey"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1CampaignsCampaignIdKeysKeyId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The key. Neither of its secrets is good any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ApiKey"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BrandsBrandTeam: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its members and its open invitations. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Team"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1BrandsBrandTeamInvitations: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TeamInvitationRequest"];
      };
    };
    responses: {
      /** @description The invitation, with its token. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewTeamInvitation"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1BrandsBrandTeamInvitationsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nobody can accept it any more. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1BrandsBrandTeamMembersWallet: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
        wallet: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /**
           * @description `viewer` sees what the brand sees; `manager` decides, and makes keys, too; `owner` says who is in the team, too. What costs money is a transaction of the brand's wallet.
           * @enum {string}
           */
          role: "viewer" | "manager" | "owner";
        };
      };
    };
    responses: {
      /** @description The member as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TeamMember"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1BrandsBrandTeamMembersWallet: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
        wallet: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is no member any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MemberRemoved"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BrandsBrandActs: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        campaignId?: string;
        /** @description A wallet, or `key` and the id of an API key. */
        actor?: string;
      };
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Acts"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BrandsBrandActsCsv: {
    parameters: {
      query?: {
        campaignId?: string;
        /** @description A wallet, or `key` and the id of an API key. */
        actor?: string;
      };
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The acts, the first on top. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeTeams: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in wallet's. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OwnTeams"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1MeTeams: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json":
          | {
              /** @description Of the link. */
              token: string;
            }
          | {
              invitation: string;
            };
      };
    };
    responses: {
      /** @description The signed-in wallet is in the team. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TeamMembership"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1TeamInvitationsLookups: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Of the link. */
          token: string;
        };
      };
    };
    responses: {
      /** @description What somebody who has the link may know. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TeamInvitation"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdPartnerships: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description A part of an address, of the name that a partner gives itself, or of your label and tags. */
        search?: string;
        /** @description Which come first: those that joined last or first, or those with the most. */
        sort?: "newest" | "oldest" | "commission" | "conversions" | "clicks";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The campaign's partners and their performance, for its brand. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Performances"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdPartnerships: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Invite code of the partner who recruited this one. Counts when joining. */
          recruiter?: string;
        };
      };
    };
    responses: {
      /** @description The signed-in partner's partnership, new or as it is. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Performance"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdPartnershipsCsv: {
    parameters: {
      query?: {
        /** @description A part of an address, of the name that a partner gives itself, or of your label and tags. */
        search?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The campaign's partners in the order in which they joined, and their sums, for its brand. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MePartnerships: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's partnerships and their performance. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Performances"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdAdmission: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What anybody may know before it joins or applies. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Admission"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1CampaignsCampaignIdAdmission: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          questions: string[];
        };
      };
    };
    responses: {
      /** @description As it is now. Who has applied keeps what was asked then. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Admission"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeAdmissionsCampaignId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description And its application, if there is one. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OwnAdmission"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdApplications: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        state?: "waiting" | "approved" | "declined";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description For the brand. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Applications"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdApplications: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ApplicationRequest"];
      };
    };
    responses: {
      /** @description It waits for the brand. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Application"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeApplications: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its applications. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Applications"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1ApplicationsIdDecisions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json":
          | {
              /** @enum {string} */
              decision: "decline";
              /** @description The partner reads it. */
              reason: string;
            }
          | {
              /** @enum {string} */
              decision: "reconsider";
            };
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Application"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdInvitations: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Used and revoked ones too. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invitations"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdInvitations: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationRequest"];
      };
    };
    responses: {
      /** @description Give its code to one partner. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invitation"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1InvitationsInvitation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        invitation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What somebody who has the link may know. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["InvitationShown"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1CampaignsCampaignIdInvitationsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nobody can use it any more; who has is not touched. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdLinks: {
    parameters: {
      query?: {
        /** @description Archived ones, too. */
        archived?: "true" | "false";
        /** @description For the brand: of this partner only. */
        partner?: string;
        /** @description The `code` of the last link of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's links; for the brand, those of all its partners. Oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Link"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdLinks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewLink"];
      };
    };
    responses: {
      /** @description A new link of the signed-in partner. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Link"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  patchV1CampaignsCampaignIdLinksCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        code: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["LinkChange"];
      };
    };
    responses: {
      /** @description The link as it is now. Visitors are sent on accordingly within five seconds. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Link"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdLinksCodeTokens: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        code: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A token of this link, made now. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AgentToken"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdLinksCodeClicks: {
    parameters: {
      query?: {
        from?: string;
        to?: string;
      };
      header?: never;
      path: {
        campaignId: string;
        code: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The link's clicks by day (UTC), oldest first; days without any are left out. At most the last 366 of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** Format: date */
            day: string;
            clicks: number;
            bots: number;
          }[];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdCodes: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        /** @description For the brand: of this partner. */
        partner?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's codes; for the brand, those of all its partners. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Codes"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdCodes: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewCode"];
      };
    };
    responses: {
      /** @description A new code of the signed-in partner. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Code"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdCodeGrants: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CodeGrants"];
      };
    };
    responses: {
      /** @description The new codes, in the order in which they were asked for. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            codes: components["schemas"]["Code"][];
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdCodesCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        code: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The code. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PublicCode"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  patchV1CampaignsCampaignIdCodesCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        code: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CodeChange"];
      };
    };
    responses: {
      /** @description The code as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Code"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdLeads: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        state?: "registered" | "qualified" | "won" | "lost" | "rejected" | "lapsed";
        /** @description For the brand: of this partner. */
        partner?: string;
        /** @description Registered, or moved, at this time or later. */
        since?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's; for the brand, by its session or a key, those of all partners. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Leads"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdLeads: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewLead"];
      };
    };
    responses: {
      /** @description It was the partner's before, and is as it was. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Lead"];
        };
      };
      /** @description It is the signed-in partner's, with a signed receipt. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Lead"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdLeadsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The lead. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Lead"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdLeadsIdDecisions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["LeadDecision"];
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Lead"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdTargets: {
    parameters: {
      query?: {
        partner?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Of the periods that are now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TargetProgress"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdBonuses: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's; for the brand, all. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bonuses"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdBonuses: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewBonus"];
      };
    };
    responses: {
      /** @description It was given before. One that was rejected was judged again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bonus"];
        };
      };
      /** @description It is given, or was rejected, as its state says. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Bonus"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdLeaderboard: {
    parameters: {
      query?: {
        /** @description Without it the present one. */
        period?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The first places, and one's own. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Leaderboard"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Bindings: {
    parameters: {
      query: {
        /** @description The brand's own id of the customer. */
        customerId: string;
        /** @description For a session: which campaign. A key has its own. */
        campaignId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whose the customer is, and what the brand changed of that. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BoundCustomer"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Bindings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BindingRequest"];
      };
    };
    responses: {
      /** @description The customer was bound before, and by the campaign's rule stays so. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Binding"];
        };
      };
      /** @description The customer is bound. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Binding"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1BindingMoves: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BindingMove"];
      };
    };
    responses: {
      /** @description It was that partner's before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BoundCustomer"];
        };
      };
      /** @description The customer is that partner's from now on. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BoundCustomer"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CustomerMerges: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CustomerMerge"];
      };
    };
    responses: {
      /** @description They were one before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BoundCustomer"];
        };
      };
      /** @description They are one customer from now on. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BoundCustomer"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1WalletBindings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WalletBindingRequest"];
      };
    };
    responses: {
      /** @description The wallet was bound before, and by the campaign's rule stays so. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Binding"];
        };
      };
      /** @description The wallet is bound: a conversion that names it counts for this partner. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Binding"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Conversions: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        campaignId?: string;
        state?: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
        /** @description Why it is in its state, by its code. */
        reason?:
          | "unknown_token"
          | "unknown_code"
          | "retired_code"
          | "no_referral"
          | "window_expired"
          | "binding_expired"
          | "self_referral"
          | "duplicate_customer"
          | "disposable_domain"
          | "no_binding"
          | "unknown_event"
          | "unknown_currency"
          | "no_rate"
          | "no_offer"
          | "conditions_not_met"
          | "below_minimum"
          | "unknown_customer"
          | "customer_limit"
          | "partner_limit"
          | "budget_exhausted"
          | "campaign_suspended"
          | "campaign_closed"
          | "attesters_refused"
          | "attested_too_late"
          | "unknown_offer"
          | "period_outside_offer"
          | "partner_is_zero"
          | "volume_exceeds_cap"
          | "count_exceeds_conversions"
          | "kind_not_payable"
          | "offer_for_other_partner"
          | "refunded"
          | "partly_refunded"
          | "refund_late"
          | "fraud_confirmed"
          | "review_released";
        event?: string;
        /** @description One order of the brand; there is one for each event. */
        orderId?: string;
        /** @description What the order's id begins with. More than 200 conversions are a 400: type more of it. */
        search?: string;
        partner?: string;
        /** @description The code or alias of the link that brought it. */
        link?: string;
        /** @description The code that the customer said. */
        code?: string;
        /** @description The brand's own id of a customer. For the brand alone: its session has to name `campaignId`. */
        customerId?: string;
        /** @description Received at this time or later. */
        from?: string;
        /** @description Received before this time. */
        to?: string;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Conversions, the newest first unless `sort` says otherwise: of the API key's campaign, or those that the signed-in wallet is the brand or the partner of. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            items: components["schemas"]["Conversion"][];
            next: string | null;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Conversions: {
    parameters: {
      query?: never;
      header?: {
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConversionReport"];
      };
    };
    responses: {
      /** @description The same report was taken in before; this is its conversion now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      /** @description Taken in: accepted with a receipt, or rejected with a reason. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1ConversionsCsv: {
    parameters: {
      query?: {
        campaignId?: string;
        state?: "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";
        /** @description Why it is in its state, by its code. */
        reason?:
          | "unknown_token"
          | "unknown_code"
          | "retired_code"
          | "no_referral"
          | "window_expired"
          | "binding_expired"
          | "self_referral"
          | "duplicate_customer"
          | "disposable_domain"
          | "no_binding"
          | "unknown_event"
          | "unknown_currency"
          | "no_rate"
          | "no_offer"
          | "conditions_not_met"
          | "below_minimum"
          | "unknown_customer"
          | "customer_limit"
          | "partner_limit"
          | "budget_exhausted"
          | "campaign_suspended"
          | "campaign_closed"
          | "attesters_refused"
          | "attested_too_late"
          | "unknown_offer"
          | "period_outside_offer"
          | "partner_is_zero"
          | "volume_exceeds_cap"
          | "count_exceeds_conversions"
          | "kind_not_payable"
          | "offer_for_other_partner"
          | "refunded"
          | "partly_refunded"
          | "refund_late"
          | "fraud_confirmed"
          | "review_released";
        event?: string;
        /** @description One order of the brand; there is one for each event. */
        orderId?: string;
        /** @description What the order's id begins with. More than 200 conversions are a 400: type more of it. */
        search?: string;
        partner?: string;
        /** @description The code or alias of the link that brought it. */
        link?: string;
        /** @description The code that the customer said. */
        code?: string;
        /** @description The brand's own id of a customer. For the brand alone: its session has to name `campaignId`. */
        customerId?: string;
        /** @description Received at this time or later. */
        from?: string;
        /** @description Received before this time. */
        to?: string;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The conversions of `GET /v1/conversions`, all of them, and their sums. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1ConversionsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The conversion, its refunds and its moves. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1ConversionsIdRefunds: {
    parameters: {
      query?: never;
      header?: {
        "idempotency-key"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Refund"];
      };
    };
    responses: {
      /** @description Taken back, or within the hold: on its way to the chain as a reversal. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Refunds: {
    parameters: {
      query?: never;
      header?: {
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["OrderRefund"];
      };
    };
    responses: {
      /** @description The same refund waits already. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WaitingRefund"];
        };
      };
      /** @description The order is not known yet: the refund waits, and is taken back once it is accepted. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WaitingRefund"];
        };
      };
      /** @description Taken back, or within the hold: on its way to the chain as a reversal. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1WaitingRefunds: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        orderId?: string;
        event?: string;
        state?: "waiting" | "nothing_due" | "done" | "refused" | "expired" | "withdrawn";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refunds that were reported before a sale that they take back, the newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WaitingRefunds"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1WaitingRefundsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The refund, and what became of it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WaitingRefund"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1WaitingRefundsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The refund is withdrawn, now or before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WaitingRefund"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1Imports: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The campaign's last 100 imports. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Import"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Imports: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/x-ndjson": string;
        "text/csv": string;
      };
    };
    responses: {
      /** @description The file was read to its end; the results say what became of each row. `failed` if no row of it is a report. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1ImportsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The import and how far it is. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1ImportsIdResults: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What became of each row, one JSON object a line. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdReviews: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Flagged conversions that can still be taken back, and refused ones, the newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            items: components["schemas"]["Conversion"][];
            next: string | null;
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdReviews: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /**
           * @description `release`: nothing is wrong; the flags go, and what the attesters refused is shown to them again. `confirm`: it is not genuine, and is taken back.
           * @enum {string}
           */
          decision: "release" | "confirm";
          conversionIds: string[];
        };
      };
    };
    responses: {
      /** @description What became of each, in the order of the request. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            outcomes: {
              conversionId: string;
              done: boolean;
              /** @description Why it was not done; null: it was. */
              detail: string | null;
            }[];
          };
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1ConversionsIdReviews: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /**
           * @description `release`: nothing is wrong; the flags go, and what the attesters refused is shown to them again. `confirm`: it is not genuine, and is taken back.
           * @enum {string}
           */
          decision: "release" | "confirm";
        };
      };
    };
    responses: {
      /** @description The flags are gone; or the conversion is taken back, within the hold by a reversal. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1ConversionsIdJudgements: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The conversion as it is now, with both outcomes among its moves. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Conversion"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdPromotions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Who is to be promoted, and the transactions that would do it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PromotionProposal"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdReports: {
    parameters: {
      query?: {
        by?: "campaign" | "partner" | "event" | "offer" | "kind";
        /** @description all: one sum over all the days. */
        per?: "day" | "all";
        from?: string;
        to?: string;
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By day (UTC), oldest first; days without anything are left out. To the brand the whole campaign's, to a partner its own. Without `from`: the last 30 days. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ReportRow"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdHealth: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How fast and how sure the campaign pays. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeEarnings: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        campaignId?: string;
        from?: string;
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What the signed-in partner earned by each conversion, the newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Earnings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeStatementCsv: {
    parameters: {
      query?: {
        from?: string;
        to?: string;
        campaignId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The signed-in partner's earnings, conversion by conversion, and their sums. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/csv": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BatchesDigest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        digest: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The batch, its lines and its leaves. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Batch"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BatchesDigestLines: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        digest: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All lines. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/octet-stream": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BatchesDigestLinesIndex: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        digest: string;
        index: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The line and its proof. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BatchLine"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1AttestationsDigest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        digest: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The batch. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/x-ndjson": string;
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1PartnersPartner: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        partner: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As the chain has it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Partner"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1PartnersPartnerLines: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        campaignId?: string;
        state?: "signed" | "held" | "pullable" | "credited" | "claimed" | "pulled" | "refused";
      };
      header?: never;
      path: {
        partner: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its lines of all batches that are known here. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PartnerLines"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1PartnersPartnerPull: {
    parameters: {
      query: {
        campaignId: string;
      };
      header?: never;
      path: {
        partner: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What to send. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Pull"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1Claims: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ClaimOrder"];
      };
    };
    responses: {
      /** @description Written down: follow it at `/v1/claims/{id}`. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Claim"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1PayoutOrders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PayoutOrder"];
      };
    };
    responses: {
      /** @description Written down: follow it at `/v1/claims/{id}`. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Claim"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1ClaimsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The claim. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Claim"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeProfile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It; null: none was given. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OwnProfile"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1MeProfile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ProfileRequest"];
      };
    };
    responses: {
      /** @description As it is kept. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OwnProfile"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MeProfile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone: brands see the address alone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1CampaignsCampaignIdPartnershipsPartnerLabel: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        partner: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PartnerLabelRequest"];
      };
    };
    responses: {
      /** @description As it is kept. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PartnerLabel"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeInvoiceDetails: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description null: nothing was said. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OwnInvoicing"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1MeInvoiceDetails: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SellerDetails"];
      };
    };
    responses: {
      /** @description As it is kept. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["InvoiceDetails"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MeInvoiceDetails: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1MeSelfBillingBrand: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It may. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MeSelfBillingBrand: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It may not any more. What it wrote stays written. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeInvoices: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invoices"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1InvoicesId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As it was written, for its partner and its brand. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invoice"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BrandsBrandInvoiceDetails: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description null: it has not said. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["InvoiceDetails"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1BrandsBrandInvoiceDetails: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BuyerDetails"];
      };
    };
    responses: {
      /** @description As it is kept. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["InvoiceDetails"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1BrandsBrandInvoices: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        partner?: string;
      };
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invoices"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1BrandsBrandInvoices: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        brand: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvoiceRequest"];
      };
    };
    responses: {
      /** @description It is written. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Invoice"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its keys. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PartnerKey"][];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1MeKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PartnerKeyRequest"];
      };
    };
    responses: {
      /** @description The key, with its secret. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewPartnerKey"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MeKeysKeyId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is good for nothing from now on. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MePayouts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its settings, and what was pushed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PushSettings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1MePayouts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PushChoice"];
      };
    };
    responses: {
      /** @description Its settings. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PushSettings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MeNotices: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its settings. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NoticeSettings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  patchV1MeNotices: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NoticeChoice"];
      };
    };
    responses: {
      /** @description Its settings. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NoticeSettings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1MeEmail: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NoticeAddress"];
      };
    };
    responses: {
      /** @description The question is on its way; or the address was confirmed before. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NoticeSettings"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MeEmail: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is deleted, with all that was noted for it. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MePostbacks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Postbacks"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1MePostbacks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PostbackRequest"];
      };
    };
    responses: {
      /** @description It is called on moves from now on. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewPostback"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1MePostbacksPostbackId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        postbackId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  patchV1MePostbacksPostbackId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        postbackId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PostbackChange"];
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Postback"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1MePostbacksPostbackIdTests: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        postbackId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is under way. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1MePostbacksPostbackIdCalls: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        postbackId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PostbackCalls"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getMailConfirmToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  postMailConfirmToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getMailUnsubscribeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  postMailUnsubscribeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdWebhooks: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
      };
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoints that the campaign's brand made, newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookEndpoints"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdWebhooks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookEndpointRequest"];
      };
    };
    responses: {
      /** @description The endpoint, with its secret. It is told of what happens from now on. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewWebhookEndpoint"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1WebhooksWebhookId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookEndpoint"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1WebhooksWebhookId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  patchV1WebhooksWebhookId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookEndpointChange"];
      };
    };
    responses: {
      /** @description The endpoint as it is now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookEndpoint"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1WebhooksWebhookIdRotations: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["Rotation"];
      };
    };
    responses: {
      /** @description The endpoint, with its new secret. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["NewWebhookEndpoint"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1WebhooksWebhookIdDeliveries: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        state?: "pending" | "delivered" | "dead";
        type?:
          | "conversion.accepted"
          | "conversion.rejected"
          | "conversion.review"
          | "conversion.batched"
          | "conversion.attested"
          | "conversion.released"
          | "conversion.reversed"
          | "lead.registered"
          | "lead.qualified"
          | "lead.rejected"
          | "lead.lapsed"
          | "lead.won"
          | "lead.lost"
          | "target.reached"
          | "application.received"
          | "partner.joined"
          | "campaign.budget_low"
          | "campaign.set_aside"
          | "review.waiting";
      };
      header?: never;
      path: {
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The deliveries, the newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookDeliveries"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1WebhooksDeliveriesDeliveryIdRedeliveries: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is due now. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookDelivery"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdSourcesStripe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As it is connected. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["StripeSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1CampaignsCampaignIdSourcesStripe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["StripeSourceRequest"];
      };
    };
    responses: {
      /** @description As it is connected now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["StripeSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1CampaignsCampaignIdSourcesStripe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is not connected. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdSourcesWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As they are connected. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1CampaignsCampaignIdSourcesWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookSourceRequest"];
      };
    };
    responses: {
      /** @description As they are connected now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1CampaignsCampaignIdSourcesWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description They are not connected. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1SourcesCampaignIdWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description It is stored, and applied soon. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ReceivedEvent"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdSourcesShop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        shop: "shopify" | "woocommerce";
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As it is connected. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ShopSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  putV1CampaignsCampaignIdSourcesShop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        shop: "shopify" | "woocommerce";
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ShopSourceRequest"];
      };
    };
    responses: {
      /** @description As it is connected now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ShopSource"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  deleteV1CampaignsCampaignIdSourcesShop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        shop: "shopify" | "woocommerce";
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is not connected. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components["responses"]["Problem"];
    };
  };
  getV1CampaignsCampaignIdSourcesSourceEvents: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        cursor?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description Which come first. A cursor goes on in the direction in which it was given out. */
        sort?: "newest" | "oldest";
        state?: "waiting" | "applied" | "noted" | "ignored" | "refused";
      };
      header?: never;
      path: {
        campaignId: string;
        source: "stripe" | "shopify" | "woocommerce" | "webhook";
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The events, newest first unless `sort` says otherwise. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SourceEvents"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1CampaignsCampaignIdSourcesSourceEventsIdRetries: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        campaignId: string;
        source: "stripe" | "shopify" | "woocommerce" | "webhook";
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is due now. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SourceEvent"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1SourcesCampaignIdStripe: {
    parameters: {
      query?: never;
      header: {
        "stripe-signature": string;
      };
      path: {
        campaignId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description It is stored, and applied soon. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ReceivedEvent"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
  postV1SourcesCampaignIdShop: {
    parameters: {
      query?: never;
      header?: {
        /** @description The signature, of Shopify's. */
        "x-shopify-hmac-sha256"?: string;
        /** @description What it is about, at Shopify. */
        "x-shopify-topic"?: string;
        /** @description The signature, of WooCommerce's. */
        "x-wc-webhook-signature"?: string;
        /** @description What it is about, at WooCommerce. */
        "x-wc-webhook-topic"?: string;
      };
      path: {
        campaignId: string;
        shop: "shopify" | "woocommerce";
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description It is stored, and applied soon. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ReceivedEvent"];
        };
      };
      default: components["responses"]["Problem"];
    };
  };
}
