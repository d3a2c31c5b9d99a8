/** Every read of the relayer's store, as it is asked of a database with a history: for what measures them. */
import * as acts from "#relayer/store/acts.ts";
import * as admission from "#relayer/store/admission.ts";
import * as agentTokens from "#relayer/store/agentTokens.ts";
import * as agreement from "#relayer/store/agreement.ts";
import * as alarms from "#relayer/store/alarms.ts";
import * as apiKeys from "#relayer/store/apiKeys.ts";
import * as batches from "#relayer/store/batches.ts";
import * as batchViews from "#relayer/store/batchViews.ts";
import * as bindingChanges from "#relayer/store/bindingChanges.ts";
import * as bonuses from "#relayer/store/bonuses.ts";
import * as campaigns from "#relayer/store/campaigns.ts";
import * as claims from "#relayer/store/claims.ts";
import * as clicks from "#relayer/store/clicks.ts";
import * as codes from "#relayer/store/codes.ts";
import * as conversionList from "#relayer/store/conversionList.ts";
import * as counts from "#relayer/store/counts.ts";
import * as cursor from "#relayer/store/cursor.ts";
import * as customers from "#relayer/store/customers.ts";
import * as deadBatches from "#relayer/store/deadBatches.ts";
import * as deliveries from "#relayer/store/deliveries.ts";
import * as descriptions from "#relayer/store/descriptions.ts";
import * as discover from "#relayer/store/discover.ts";
import * as earnings from "#relayer/store/earnings.ts";
import * as forgotten from "#relayer/store/forgotten.ts";
import * as imports from "#relayer/store/imports.ts";
import * as invitations from "#relayer/store/invitations.ts";
import * as invoices from "#relayer/store/invoices.ts";
import * as knownReports from "#relayer/store/knownReports.ts";
import * as leads from "#relayer/store/leads.ts";
import * as ledger from "#relayer/store/ledger.ts";
import * as lines from "#relayer/store/lines.ts";
import * as links from "#relayer/store/links.ts";
import * as mailAddresses from "#relayer/store/mailAddresses.ts";
import * as mails from "#relayer/store/mails.ts";
import * as mergedCustomers from "#relayer/store/mergedCustomers.ts";
import * as news from "#relayer/store/news.ts";
import * as numbering from "#relayer/store/numbering.ts";
import * as outbox from "#relayer/store/outbox.ts";
import * as owners from "#relayer/store/owners.ts";
import * as partnerKeys from "#relayer/store/partnerKeys.ts";
import * as partnerLines from "#relayer/store/partnerLines.ts";
import * as partnerships from "#relayer/store/partnerships.ts";
import * as postbacks from "#relayer/store/postbacks.ts";
import * as profiles from "#relayer/store/profiles.ts";
import * as promotions from "#relayer/store/promotions.ts";
import * as pushes from "#relayer/store/pushes.ts";
import * as rateFiles from "#relayer/store/rateFiles.ts";
import * as receiptSigners from "#relayer/store/receiptSigners.ts";
import * as refunds from "#relayer/store/refunds.ts";
import * as rejected from "#relayer/store/rejected.ts";
import * as reports from "#relayer/store/reports.ts";
import * as reversals from "#relayer/store/reversals.ts";
import * as sessions from "#relayer/store/sessions.ts";
import * as setAside from "#relayer/store/setAside.ts";
import * as sourceEvents from "#relayer/store/sourceEvents.ts";
import * as sourceObjects from "#relayer/store/sourceObjects.ts";
import * as sources from "#relayer/store/sources.ts";
import * as standings from "#relayer/store/standings.ts";
import * as status from "#relayer/store/status.ts";
import * as targets from "#relayer/store/targets.ts";
import * as team from "#relayer/store/team.ts";
import * as waitingRefunds from "#relayer/store/waitingRefunds.ts";
import * as watchedContracts from "#relayer/store/watchedContracts.ts";
import * as webhooks from "#relayer/store/webhooks.ts";
import type { Sql } from "#service/database.ts";
import type { History } from "./history.ts";

const PAGE = 50;
const NEWEST = { from: 10n ** 15n, limit: PAGE, sort: "newest" } as const;
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
/** As many as are asked for where nothing is said. */
const DAYS = { from: day(29), to: day(-1) };
const NOBODY = "0x0000000000000000000000000000000000009999";
async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

export type Read = (sql: Sql, history: History) => unknown;

/** Every read of the store, as it is asked: a room and a name, and for some in which way. */
export const READS: Readonly<Record<string, Read>> = {
  "acts.readActs": (sql, { brand }) => acts.readActs(sql, { brand }, NEWEST),
  "acts.readActs of a campaign": (sql, { brand, campaignId }) => acts.readActs(sql, { brand, campaignId }, NEWEST),
  "team.readStanding": (sql, { campaignId, partner }) => team.readStanding(sql, campaignId, partner),
  "team.readRole": (sql, { brand, partner }) => team.readRole(sql, brand, partner),
  "team.readMembers": (sql, { brand }) => team.readMembers(sql, brand),
  "team.readMemberships": (sql, { partner }) => team.readMemberships(sql, partner),
  "team.readOpenInvitations": (sql, { brand }) => team.readOpenInvitations(sql, brand),
  "team.readInvitationsOf": (sql, { partner }) => team.readInvitationsOf(sql, partner, PAGE),
  "team.findTeamInvitation": (sql) => team.findTeamInvitation(sql, { tokenHash: "hash" }),
  "invoices.readParty": (sql, { partner }) => invoices.readParty(sql, partner),
  "invoices.readAgreement": (sql, { brand, partner }) => invoices.readAgreement(sql, brand, partner),
  "invoices.readAgreements": (sql, { partner }) => invoices.readAgreements(sql, partner),
  "invoices.readBillable": (sql, { brand, partner, campaignId }) =>
    invoices.readBillable(sql, { brand, partner, campaignId }, 2 ** 40, PAGE),
  "invoices.readLastInvoice": (sql, { brand, partner }) => invoices.readLastInvoice(sql, brand, partner),
  "invoices.readInvoices": (sql, { brand }) => invoices.readInvoices(sql, { brand }, NEWEST),
  "invoices.readInvoices of a partner": (sql, { partner }) => invoices.readInvoices(sql, { partner }, NEWEST),
  "invoices.readInvoice": (sql) => invoices.readInvoice(sql, 1n),
  "team.readInvited": (sql, { brand }) => team.readInvited(sql, brand),
  "team.readKeysKnownTo": (sql, { brand, partner }) => team.readKeysKnownTo(sql, brand, partner),
  "team.readWebhooksKnownTo": (sql, { brand, partner }) => team.readWebhooksKnownTo(sql, brand, partner),
  "team.readSourcesKnownTo": (sql, { brand, partner }) => team.readSourcesKnownTo(sql, brand, partner),
  "admission.readAdmission": (sql, { campaignId, partner }) => admission.readAdmission(sql, campaignId, partner),
  "admission.readApplication": (sql) => admission.readApplication(sql, 1n),
  "admission.readApplications": (sql, { campaignId }) => admission.readApplications(sql, { campaignId }, NEWEST),
  "admission.readApplications of a partner": (sql, { partner }) => admission.readApplications(sql, { partner }, NEWEST),
  "agentTokens.countAgentToken": (sql, { campaignId, partner }) =>
    agentTokens.countAgentToken(sql, { campaignId, partner, code: "sale1" }, 10),
  "agreement.readKept": (sql, { campaignId }) => agreement.readKept(sql, [campaignId]),
  "agreement.findToCompare": (sql) => agreement.findToCompare(sql, 50),
  "agreement.isStillRead": (sql) => agreement.isStillRead(sql, { number: 5, hash: "0x", time: 0 }),
  "agreement.readAgreedBlock": (sql, { campaignId }) => agreement.readAgreedBlock(sql, campaignId),
  "alarms.readAlarms": (sql) => alarms.readAlarms(sql),
  "alarms.countAnnounced": (sql) => alarms.countAnnounced(sql),
  "apiKeys.readApiKeys": (sql, { campaignId }) => apiKeys.readApiKeys(sql, campaignId, NEWEST),
  "apiKeys.hasApiKey": (sql, { campaignId }) => apiKeys.hasApiKey(sql, "1", campaignId),
  "apiKeys.findApiKeys": (sql, { campaignId }) => apiKeys.findApiKeys(sql, [`hash-${campaignId}`]),
  "batchViews.readBatchView": (sql, { digest }) => batchViews.readBatchView(sql, digest),
  "batchViews.readTreeName": (sql, { digest }) => batchViews.readTreeName(sql, digest),
  "batches.shownConversions": async (sql, { digest }) => {
    for await (const _ of batches.shownConversions(sql, digest));
  },
  "batches.readLeaves": (sql, { digest }) => all(batches.readLeaves(sql, digest)),
  "batches.readAttestation": (sql, { digest }) => batches.readAttestation(sql, digest),
  "batches.findBatchesToSign": (sql) => batches.findBatchesToSign(sql),
  "batches.findBatchesToSubmit": (sql) => batches.findBatchesToSubmit(sql, Math.floor(Date.now() / 1000)),
  "batches.findBatchesToRelease": (sql) =>
    batches.findBatchesToRelease(sql, Math.floor(Date.now() / 1000) + 864_000, 8),
  "batches.findBatchesWithoutLines": (sql) => batches.findBatchesWithoutLines(sql, 3),
  "bonuses.readBonus": (sql, { campaignId }) => bonuses.readBonus(sql, campaignId, "7"),
  "bonuses.readBonuses": (sql, { campaignId }) => bonuses.readBonuses(sql, campaignId, undefined, NEWEST),
  "bonuses.readBonuses of a partner": (sql, { campaignId, partner }) =>
    bonuses.readBonuses(sql, campaignId, partner, NEWEST),
  "bonuses.readGiven": (sql, { campaignId }) =>
    bonuses.readGiven(sql, campaignId, { name: "2026-11", from: 0, to: 2 ** 40 - 1 }),
  "bindingChanges.readBindingChanges": (sql, { campaignId }) =>
    bindingChanges.readBindingChanges(sql, campaignId, ["customer-7"]),
  "campaigns.readBrand": (sql, { campaignId }) => campaigns.readBrand(sql, campaignId),
  "campaigns.readDescriptionBody": (sql, { campaignId }) => campaigns.readDescriptionBody(sql, campaignId),
  "campaigns.readCampaigns": (sql) => campaigns.readCampaigns(sql, { limit: PAGE }),
  "campaigns.readCampaigns of a brand": (sql, { brand, campaignId }) =>
    campaigns.readCampaigns(sql, { brand, after: campaignId, limit: PAGE }),
  "campaigns.readCampaigns by their ids": (sql, { campaignId }) =>
    campaigns.readCampaigns(sql, { ids: [campaignId], limit: PAGE }),
  "campaigns.readCurrencies": (sql, { campaignId }) => campaigns.readCurrencies(sql, [campaignId]),
  "campaigns.readCampaign": (sql, { campaignId }) => campaigns.readCampaign(sql, campaignId),
  "claims.readClaim": (sql) => claims.readClaim(sql, "0x"),
  "claims.readWaiting": (sql) => claims.readWaiting(sql),
  "clicks.readClickDays": (sql) => clicks.readClickDays(sql, "code1", {}, PAGE),
  "codes.readNamedCodes": (sql, { campaignId }) => codes.readNamedCodes(sql, campaignId, ["C0DE1"]),
  "codes.readCodes": (sql, { campaignId }) => codes.readCodes(sql, campaignId, undefined, NEWEST),
  "codes.readCodes of a partner": (sql, { campaignId, partner }) => codes.readCodes(sql, campaignId, partner, NEWEST),
  "codes.readSpokenCodes": (sql, { campaignId }) => codes.readSpokenCodes(sql, campaignId, ["C0DE1"]),
  "codes.countOwnCodes": (sql) => codes.countOwnCodes(sql, 1n),
  "codes.isSpokenByAnother": (sql) => codes.isSpokenByAnother(sql, 1n, "ada"),
  "conversionList.readConversions by code": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, code: "SALE1" }, PAGE),
  "conversionList.readConversion": (sql) => conversionList.readConversion(sql, 77n),
  "conversionList.readConversions by campaign": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId }, PAGE),
  "conversionList.readConversions of a page behind": (sql, { campaignId, conversions }) =>
    conversionList.readConversions(sql, { campaignId, before: BigInt(conversions / 2) }, PAGE),
  "conversionList.readConversions by order": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, orderId: "order-5-1" }, PAGE),
  "conversionList.readConversions by ids of a wallet's": (sql, { partner, conversions }) =>
    conversionList.readConversions(sql, { ids: [BigInt(conversions / 2)], brandOrPartner: partner }, PAGE),
  "conversionList.readConversions by customer": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, customer: ["customer-30"] }, PAGE),
  "conversionList.readConversions by link": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, link: "code1" }, PAGE),
  "conversionList.readConversions by partner": (sql, { campaignId, partner }) =>
    conversionList.readConversions(sql, { campaignId, partner }, PAGE),
  "conversionList.readConversions by a partner without any": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, partner: NOBODY }, PAGE),
  "conversionList.readConversions by brand or partner": (sql, { partner }) =>
    conversionList.readConversions(sql, { brandOrPartner: partner }, PAGE),
  "conversionList.readConversions by brand or partner, who is none": (sql) =>
    conversionList.readConversions(sql, { brandOrPartner: NOBODY }, PAGE),
  "conversionList.readConversions by brand": (sql, { brand }) => conversionList.readConversions(sql, { brand }, PAGE),
  "conversionList.readConversions by state": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, state: "review" }, PAGE),
  "conversionList.readConversions by time": (sql, { campaignId }) =>
    conversionList.readConversions(
      sql,
      { campaignId, from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date().toISOString() },
      PAGE,
    ),
  "conversionList.readConversions to review": (sql, { campaignId }) =>
    conversionList.readConversions(sql, { campaignId, reviewable: true }, PAGE),
  "counts.countConversions": (sql) => counts.countConversions(sql),
  "counts.countBatches": (sql) => counts.countBatches(sql),
  "counts.countDeliveries": (sql) => counts.countDeliveries(sql),
  "counts.countReversals": (sql) => counts.countReversals(sql),
  "counts.readBacklog": (sql) => counts.readBacklog(sql),
  "counts.countMails": (sql) => counts.countMails(sql),
  "cursor.readCursor": (sql) => cursor.readCursor(sql, { chainId: 1, address: "" }),
  "cursor.readFinalBlock": (sql) => cursor.readFinalBlock(sql),
  "cursor.readOldestMark": (sql) => cursor.readOldestMark(sql),
  "cursor.readBlocksUpTo": (sql) => cursor.readBlocksUpTo(sql, 10),
  "customers.readWallets": (sql, { campaignId }) =>
    customers.readWallets(sql, campaignId, { wallets: [NOBODY], customers: ["customer-3"] }),
  "customers.readBindings": (sql, { campaignId }) => customers.readBindings(sql, campaignId, ["customer-3"]),
  "customers.readPartnerAndCode": (sql) => customers.readPartnerAndCode(sql, 1n),
  "deadBatches.findCampaignsWithDeadBatches": (sql) => deadBatches.findCampaignsWithDeadBatches(sql),
  "deliveries.readDeliveries": (sql) => deliveries.readDeliveries(sql, 1n, {}, NEWEST),
  "deliveries.readDeliveries of a type": (sql) =>
    deliveries.readDeliveries(sql, 1n, { type: "conversion.attested" }, NEWEST),
  "deliveries.readDeliveries from the oldest on": (sql) =>
    deliveries.readDeliveries(sql, 1n, {}, { sort: "oldest", from: 0n, limit: PAGE }),
  "deliveries.readDeliveries in a state": (sql) => deliveries.readDeliveries(sql, 1n, { state: "dead" }, NEWEST),
  "deliveries.readDelivery": (sql) => deliveries.readDelivery(sql, "7"),
  "deliveries.leaseDeliveries": (sql) =>
    deliveries.leaseDeliveries(sql, { max: PAGE, maxPerEndpoint: 5, busy: [] }, 60),
  "deliveries.readMove": (sql) => deliveries.readMove(sql, 7n),
  "descriptions.readDescriptionText": (sql) => descriptions.readDescriptionText(sql, "0x"),
  "discover.readDiscovered": (sql) =>
    discover.readDiscovered(sql, {
      search: undefined,
      open: true,
      paying: true,
      sort: "recommended",
      offset: 0,
      limit: PAGE,
    }),
  "earnings.readEarnings": (sql, { partner }) => earnings.readEarnings(sql, partner, NEWEST),
  "earnings.readEarnings of who has none": (sql) => earnings.readEarnings(sql, NOBODY, NEWEST),
  "earnings.readEarnings of a campaign": (sql, { partner, campaignId }) =>
    earnings.readEarnings(sql, partner, { ...NEWEST, campaignId }),
  "earnings.readEarnings of a page behind": (sql, { partner, conversions }) =>
    earnings.readEarnings(sql, partner, { ...NEWEST, from: BigInt(conversions / 2) }),
  "earnings.readEarnings the oldest": (sql, { partner }) =>
    earnings.readEarnings(sql, partner, { ...NEWEST, from: 0n, sort: "oldest" }),
  "earnings.readEarnings of days": (sql, { partner }) => earnings.readEarnings(sql, partner, { ...NEWEST, days: DAYS }),
  "imports.readImports": (sql, { campaignId }) => imports.readImports(sql, campaignId),
  "imports.readImportedRows": (sql) => imports.readImportedRows(sql, 1n, 0n, PAGE),
  "invitations.findInvitation": (sql) => invitations.findInvitation(sql, "code"),
  "invitations.readInvitations": (sql, { campaignId }) => invitations.readInvitations(sql, campaignId, NEWEST),
  "knownReports.readKnownReports": (sql, { campaignId }) =>
    knownReports.readKnownReports(sql, campaignId, [
      { event: "sale", orderId: "order-5-1", apiKeyId: 1n, idempotencyKey: "order-10-1" },
    ]),
  "leads.readLeads": (sql, { campaignId }) => leads.readLeads(sql, campaignId, {}, NEWEST),
  "leads.readLeads of a partner": (sql, { campaignId, partner }) =>
    leads.readLeads(sql, campaignId, { partner }, NEWEST),
  "leads.readLead": (sql, { campaignId }) => leads.readLead(sql, campaignId, 1n),
  "leads.readHeldNames": (sql, { campaignId }) => leads.readHeldNames(sql, campaignId, ["name 3"]),
  "leads.readFirstSale": (sql) => leads.readFirstSale(sql, ["customer 7"]),
  "leads.countAttempt": (sql) => leads.countAttempt(sql, 1n, Date.now()),
  "leads.countOpenLeads": (sql) => leads.countOpenLeads(sql, 1n),
  "leads.findCampaignsWithDueLeads": (sql) => leads.findCampaignsWithDueLeads(sql, Date.now()),
  "ledger.readOffers": (sql, { campaignId }) => ledger.readOffers(sql, campaignId, ["sale"], 5),
  "ledger.readLinksByName": (sql, { campaignId }) =>
    ledger.readLinksByName(sql, campaignId, { names: ["code1"], spoken: ["C0DE1"] }),
  "ledger.readPartnerships": (sql, { campaignId }) =>
    ledger.readPartnerships(sql, campaignId, { names: ["code1"], spoken: ["C0DE1"], customers: ["customer-3"] }),
  "ledger.readKinds": (sql, { campaignId, partner }) => ledger.readKinds(sql, campaignId, [partner]),
  "ledger.readCustomerCounts": (sql, { campaignId }) =>
    ledger.readCustomerCounts(sql, campaignId, ["customer-30"], ["sale"]),
  "ledger.readPartnerCounts": (sql) =>
    ledger.readPartnerCounts(sql, [1n], [{ key: "k", event: "sale", since: Date.now() - 3_600_000 }]),
  "lines.readPrices": (sql, { campaignId }) => lines.readPrices(sql, campaignId, { periodFrom: 0, periodTo: 1 }),
  "lines.readSignedLines": (sql, { digest }) => all(lines.readSignedLines(sql, digest)),
  "lines.readAllSignedLines": (sql, { digest }) => lines.readAllSignedLines(sql, digest),
  "lines.readLineRows": (sql, { digest }) => all(lines.readLineRows(sql, digest)),
  "lines.readLineTree": (sql, { digest }) => lines.readLineTree(sql, digest).catch(() => "its root is made up"),
  "lines.readLinesOf": (sql, { digest, partner }) => lines.readLinesOf(sql, digest, [partner]),
  "lines.findDueChunks": (sql, { digest }) => lines.findDueChunks(sql, digest, 4),
  "lines.readLine": (sql, { digest }) => lines.readLine(sql, digest, 1),
  "links.countLinks": (sql) => links.countLinks(sql, 1n),
  "links.findLink": (sql) => links.findLink(sql, "code1"),
  "links.readFirstLinkCodes": (sql, { campaignId, partner }) => links.readFirstLinkCodes(sql, campaignId, [partner]),
  "links.readLinkCampaign": (sql, { campaignId }) => links.readLinkCampaign(sql, campaignId),
  "links.readLinks": (sql, { campaignId }) =>
    links.readLinks(sql, campaignId, { partner: undefined, archived: true, limit: PAGE }),
  "links.readLinks of a partner": (sql, { campaignId, partner }) =>
    links.readLinks(sql, campaignId, { partner, archived: true, limit: PAGE }),
  "mailAddresses.readMailAddress": (sql, { partner }) => mailAddresses.readMailAddress(sql, partner),
  "mails.leaseMails": (sql) => mails.leaseMails(sql, { atOnce: PAGE, perMinute: 100 }, 60),
  "mails.readNotices": (sql) => mails.readNotices(sql, 1n, PAGE),
  "mergedCustomers.readMerged": (sql, { campaignId }) => mergedCustomers.readMerged(sql, campaignId, ["customer-3"]),
  "mergedCustomers.readKeysOfCustomer": (sql, { campaignId }) =>
    mergedCustomers.readKeysOfCustomer(sql, campaignId, "customer-3"),
  "news.readNews": (sql) => news.readNews(sql, 7n),
  "numbering.findCampaignsToNumber": (sql) => numbering.findCampaignsToNumber(sql, new Date(), 10),
  "numbering.readWaiting": (sql, { campaignId }) => all(numbering.readWaiting(sql, campaignId, new Date(), 100)),
  "numbering.readValidity": (sql, { campaignId }) => numbering.readValidity(sql, campaignId),
  "numbering.readKindsEnd": (sql, { campaignId }) => numbering.readKindsEnd(sql, campaignId),
  "outbox.isUnderWay": (sql) => outbox.isUnderWay(sql, "attest:0x"),
  "outbox.readAttempts": (sql, { brand }) => outbox.readAttempts(sql, brand, 5n, 60),
  "outbox.readUnderWay": (sql) => outbox.readUnderWay(sql),
  "outbox.readSendersUnderWay": (sql) => outbox.readSendersUnderWay(sql),
  "outbox.readSpending": (sql) => outbox.readSpending(sql),
  "outbox.readPaidByKind": (sql) => outbox.readPaidByKind(sql),
  "owners.readPayout": (sql, { partner }) => owners.readPayout(sql, partner),
  "partnerKeys.readPartnerKeys": (sql, { partner }) => partnerKeys.readPartnerKeys(sql, partner),
  "partnerLines.readPartnerLines": (sql, { partner }) => partnerLines.readPartnerLines(sql, partner, { limit: PAGE }),
  "partnerLines.readPartnerLines in a state": (sql, { partner, campaignId }) =>
    partnerLines.readPartnerLines(sql, partner, { limit: PAGE, state: "held", campaignId }),
  "partnerLines.readPartnerLines credited": (sql, { partner }) =>
    partnerLines.readPartnerLines(sql, partner, { limit: PAGE, state: "credited" }),
  "partnerLines.readPullable": (sql, { partner, campaignId }) =>
    partnerLines.readPullable(sql, campaignId, partner, PAGE),
  "partnerships.readPerformances of a campaign": (sql, { campaignId }) =>
    partnerships.readPerformances(sql, { campaignId, limit: PAGE }),
  "partnerships.readPerformances of a page behind": (sql, { campaignId }) =>
    partnerships.readPerformances(sql, { campaignId, sort: "oldest", after: { rank: 0n, id: 20n }, limit: PAGE }),
  "partnerships.readPerformances of a partner": (sql, { partner }) =>
    partnerships.readPerformances(sql, { partner, limit: PAGE }),
  "partnerships.readPerformances searched": (sql, { campaignId }) =>
    partnerships.readPerformances(sql, { campaignId, search: "ada", limit: PAGE }),
  ...Object.fromEntries(
    (["commission", "conversions", "clicks"] as const).map((sort) => [
      `partnerships.readPerformances by ${sort}`,
      (sql: Sql, { campaignId }: History) =>
        partnerships.readPerformances(sql, { campaignId, sort, after: { rank: 10n ** 12n, id: 1n }, limit: PAGE }),
    ]),
  ),
  "partnerships.findPartnership": (sql, { campaignId, partner }) =>
    partnerships.findPartnership(sql, campaignId, partner),
  "partnerships.readPartnershipIds": (sql, { campaignId, partner }) =>
    partnerships.readPartnershipIds(sql, campaignId, [partner]),
  "partnerships.findPartnershipByInvite": (sql, { campaignId }) =>
    partnerships.findPartnershipByInvite(sql, campaignId, "code1"),
  "postbacks.readPostbacks": (sql, { partner }) => postbacks.readPostbacks(sql, partner),
  "postbacks.readPostback": (sql, { partner }) => postbacks.readPostback(sql, partner, "1"),
  "postbacks.readCalls": (sql) => postbacks.readCalls(sql, 1n, NEWEST),
  "postbacks.leaseCalls": (sql) => postbacks.leaseCalls(sql, { max: PAGE, maxPerEndpoint: 5, busy: [] }, 60),
  "postbacks.readMoveFacts": (sql) => postbacks.readMoveFacts(sql, 7n),
  "profiles.readProfile": (sql, { partner }) => profiles.readProfile(sql, partner),
  "profiles.readCards": (sql, { campaignId, partner }) => profiles.readCards(sql, campaignId, [partner]),
  "profiles.readNames": (sql, { campaignId, partner }) => profiles.readNames(sql, [{ campaignId, partner }]),
  "promotions.readPromotionTerms": (sql, { campaignId }) => promotions.readPromotionTerms(sql, campaignId),
  "promotions.readReached": (sql, { campaignId }) =>
    promotions.readReached(sql, campaignId, { kind: 5, days: 30, conversions: 1, volume: 0n, openKinds: 1n }),
  "pushes.readDuePushes": (sql) => pushes.readDuePushes(sql, undefined, PAGE),
  "pushes.readPushSettings": (sql, { partner }) => pushes.readPushSettings(sql, partner),
  "pushes.readPushes": (sql, { partner }) => pushes.readPushes(sql, partner, PAGE),
  "pushes.readWaitingPushes": (sql) => pushes.readWaitingPushes(sql),
  "receiptSigners.readReceiptSigners": (sql) => receiptSigners.readReceiptSigners(sql),
  "refunds.readRefundable": (sql, { campaignId }) => refunds.readRefundable(sql, campaignId, 7n),
  "refunds.readRefunds": (sql) => refunds.readRefunds(sql, 7n),
  "refunds.findOrdersBeginning": (sql, { campaignId }) =>
    refunds.findOrdersBeginning(sql, { campaignId }, "order-5", PAGE),
  "refunds.findOrdersBeginning of a partner's": (sql, { campaignId, partner }) =>
    refunds.findOrdersBeginning(sql, { campaignId, partner }, "order-5", PAGE),
  "refunds.findOfOrder": (sql, { campaignId }) => refunds.findOfOrder(sql, campaignId, "order-5-1"),
  "refunds.isConfirmedFraud": (sql) => refunds.isConfirmedFraud(sql, 7n),
  "refunds.isUpForReview": (sql, { campaignId }) => refunds.isUpForReview(sql, campaignId, 7n),
  "refunds.readRates": (sql, { campaignId }) => refunds.readRates(sql, campaignId),
  "rateFiles.findWithoutRate": (sql) => rateFiles.findWithoutRate(sql, new Date(0), 2_000),
  "rateFiles.readRateFileText": (sql) => rateFiles.readRateFileText(sql, `0x${"5".padStart(64, "0")}`),
  "rateFiles.readRateFilesOf": (sql, { brand }) => rateFiles.readRateFilesOf(sql, brand, "2026-11-28"),
  "rejected.readRejected": (sql, { campaignId }) => rejected.readRejected(sql, campaignId, 7n),
  ...Object.fromEntries(
    reports.REPORT_GROUPS.flatMap((by) =>
      [true, false].map((own): [string, Read] => [
        `reports.readReport by ${by}${own ? ", a partner's" : ""}`,
        (sql, { campaignId, partner }) =>
          reports.readReport(sql, {
            campaignId,
            ...DAYS,
            partner: own ? partner : null,
            by,
            // A thousand partners by day are more rows than the API answers.
            perDay: own || by !== "partner",
            limit: 5_000,
          }),
      ]),
    ),
  ),
  "forgotten.findToReconcile": (sql) => forgotten.findToReconcile(sql, [], 200),
  "forgotten.readRememberedUpTo": (sql, { campaignId }) => forgotten.readRememberedUpTo(sql, campaignId),
  "forgotten.readKnownBatches": (sql, { digest }) => forgotten.readKnownBatches(sql, [digest]),
  "forgotten.readFate": (sql, { campaignId, digest }) =>
    forgotten.readFate(sql, campaignId, { digest, firstConversion: 5n, conversions: 1, deadline: 1 }),
  "forgotten.isForgottenOpen": (sql, { campaignId }) => forgotten.isForgottenOpen(sql, campaignId),
  "forgotten.findForgottenToCompare": (sql) => forgotten.findForgottenToCompare(sql),
  "forgotten.readForgotten": (sql) => forgotten.readForgotten(sql, PAGE),
  "forgotten.countForgotten": (sql) => forgotten.countForgotten(sql),
  "batches.readNumberedHere": (sql, { digest }) => batches.readNumberedHere(sql, digest),
  "reports.readHealth": (sql, { campaignId }) => reports.readHealth(sql, campaignId, 100),
  "reversals.findBatchesToReverse": (sql) => reversals.findBatchesToReverse(sql),
  "reversals.readOpenReversals": (sql, { digest }) => reversals.readOpenReversals(sql, digest, "refunded"),
  "reversals.readTakenBack": (sql, { digest }) => reversals.readTakenBack(sql, digest),
  "reversals.readRefundTrouble": (sql) => reversals.readRefundTrouble(sql),
  "sessions.findSession": (sql) => sessions.findSession(sql, "hash"),
  "setAside.readSetAside": (sql) => setAside.readSetAside(sql),
  "setAside.countSetAside": (sql) => setAside.countSetAside(sql),
  "sourceEvents.readDueEvents": (sql) => sourceEvents.readDueEvents(sql, PAGE),
  "sourceEvents.readSourceEvent": (sql, { campaignId }) => sourceEvents.readSourceEvent(sql, campaignId, "stripe", "7"),
  "sourceEvents.readSourceEvents": (sql, { campaignId }) =>
    sourceEvents.readSourceEvents(sql, campaignId, "stripe", undefined, NEWEST),
  "sourceObjects.readLinkedObjects": (sql, { campaignId }) =>
    sourceObjects.readLinkedObjects(sql, campaignId, "stripe", ["ch_5"]),
  "sourceObjects.readSourceObjects": (sql, { campaignId }) =>
    sourceObjects.readSourceObjects(sql, campaignId, "stripe", ["in_5"]),
  "sourceObjects.readSourceOrder": (sql, { campaignId }) =>
    sourceObjects.readSourceOrder(sql, campaignId, "stripe", "in_5"),
  "sources.readSource": (sql, { campaignId }) => sources.readSource(sql, campaignId, "stripe"),
  "status.readIndexedBlock": (sql) => status.readIndexedBlock(sql),
  "status.readWaitingWork": (sql) => status.readWaitingWork(sql),
  "status.readTransactions": (sql) => status.readTransactions(sql, PAGE),
  "targets.findBatchesToCount": (sql) => targets.findBatchesToCount(sql, 50),
  "targets.readDueRewards": (sql) => targets.readDueRewards(sql, 500),
  "targets.readDescriptionsInForce": (sql, { campaignId }) => targets.readDescriptionsInForce(sql, campaignId),
  "standings.readPlaces": (sql, { campaignId }) =>
    standings.readPlaces(sql, { campaignId, period: "2026-11", event: "sale", by: "conversions" }, 100),
  "standings.readPlaces by volume": (sql, { campaignId }) =>
    standings.readPlaces(sql, { campaignId, period: "2026", event: "sale", by: "volume" }, 100),
  "standings.readOwnPlace": (sql, { campaignId, partner }) =>
    standings.readOwnPlace(sql, { campaignId, period: "2026-Q4", event: "sale", by: "volume" }, partner),
  "targets.readReachedFor": (sql) => targets.readReachedFor(sql, [1n], ["sale"], { from: 0, to: 2 ** 40 - 1 }),
  "targets.readPartnerReached": (sql, { campaignId, partner }) =>
    targets.readPartnerReached(sql, campaignId, partner, ["sale"], { from: 0, to: 2 ** 40 - 1 }),
  "targets.readKnownOrders": (sql, { campaignId }) => targets.readKnownOrders(sql, campaignId, "sale", ["order-7"]),
  "targets.findUnpaidBonuses": (sql) => targets.findUnpaidBonuses(sql, ["self_referral"], 200),
  "waitingRefunds.findWaitingRefund": (sql, { campaignId }) =>
    waitingRefunds.findWaitingRefund(sql, { campaignId, event: "sale", orderId: "o", key: "r" }),
  "waitingRefunds.countWaitingRefunds": (sql, { campaignId }) =>
    waitingRefunds.countWaitingRefunds(sql, campaignId, "sale", "o"),
  "waitingRefunds.readDueRefunds": (sql, { campaignId }) =>
    waitingRefunds.readDueRefunds(sql, campaignId, [{ event: "sale", orderId: "o" }]),
  "waitingRefunds.readWaitingRefund": (sql, { campaignId }) => waitingRefunds.readWaitingRefund(sql, campaignId, 1n),
  "waitingRefunds.readWaitingRefunds": (sql, { campaignId }) =>
    waitingRefunds.readWaitingRefunds(sql, campaignId, {}, NEWEST),
  "watchedContracts.readDescriptionsWithContracts": (sql) => watchedContracts.readDescriptionsWithContracts(sql),
  "watchedContracts.readWatchedBlock": (sql, { campaignId }) =>
    watchedContracts.readWatchedBlock(sql, campaignId, "sale", "s"),
  "webhooks.readEndpoints": (sql, { campaignId }) => webhooks.readEndpoints(sql, campaignId, NEWEST),
  "webhooks.findEndpoint": (sql) => webhooks.findEndpoint(sql, "1"),
};
