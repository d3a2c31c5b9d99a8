/** Opens the ledger of a campaign for some reports: reads what they name, behind the campaign's lock. */
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import type { Sql } from "#service/database.ts";
import { type JudgedReport, type Ledger, type LedgerFacts, openLedger } from "../domain/ledger.ts";
import type { Introduction } from "../domain/partners.ts";
import { type ReferralSecrets, readReferral } from "../domain/referralSecrets.ts";
import { typedName } from "../domain/spokenCode.ts";
import { countedEvents, countWindows } from "../domain/usage.ts";
import { customerKey, networkKey, walletKey } from "../secrets.ts";
import { readSpokenCodes } from "../store/codes.ts";
import { insertWallets, readBindings, readWallets, upsertBindings } from "../store/customers.ts";
import {
  lockTerms,
  readCustomerCounts,
  readKinds,
  readLinksByName,
  readOffers,
  readPartnerCounts,
  readPartnerships,
} from "../store/ledger.ts";
import { readMerged } from "../store/mergedCustomers.ts";
import { MissingDescription, requireNotSetAside } from "./errors.ts";
import type { PendingReport, Person } from "./report.ts";

/** A report may have waited so long for its turn: offers that ended since still count for it. */
const GRACE_SECONDS = 60;

/** What a person says, with what the relayer's secret makes of it. */
export function introduce(
  secret: string,
  campaignId: string,
  person: Person,
  receivedAt: number,
  signedBy: ReferralSecrets = { current: secret, retired: [] },
): Introduction {
  const { referralToken, code, customerId, customerEmail, customerWallet: wallet, customerIp } = person;
  // An address is a name as any other from here on; of it alone what stands after the @ is looked at.
  const name = customerId ?? customerEmail;
  return {
    customerId,
    idKey: name === undefined ? undefined : customerKey(secret, campaignId, name),
    wallet,
    walletKey: wallet === undefined ? undefined : walletKey(secret, campaignId, wallet),
    emailDomain: customerEmail?.split("@").at(-1) ?? person.customerEmailDomain,
    network: customerIp === undefined ? undefined : networkKey(secret, campaignId, customerIp),
    referral: referralToken === undefined ? undefined : (readReferral(signedBy, referralToken) ?? "unknown"),
    code: code && typedName(code),
    receivedAt,
  };
}

export function introduceReport(
  secret: string,
  campaignId: string,
  pending: PendingReport,
  signedBy: ReferralSecrets,
): JudgedReport {
  const { report, receivedAt, lookedUp } = pending;
  const { event, volume, currency, attributes, bonus } = report;
  const sale = currency === undefined ? undefined : { currency, lookedUp };
  return { ...introduce(secret, campaignId, report, receivedAt, signedBy), event, volume, sale, attributes, bonus };
}

/**
 * The campaign is locked, and all that is known of these customers, of whom they came by, and of these events is read. What does
 * not need each other's answer is asked for at once: behind the lock, so that it is as the last one who had it left it.
 * @param since when the first of them came, where they are judged again: offers that ended since are read as well
 * @throws MissingDescription
 */
export async function readLedger(
  sql: Sql,
  campaignId: string,
  introductions: readonly Introduction[],
  reported: readonly string[],
  now: number,
  since = now,
): Promise<{ readonly ledger: Ledger; readonly facts: LedgerFacts }> {
  const events = [...new Set(reported)];
  const given = distinct(introductions, ({ wallet }) => wallet);
  const idKeys = distinct(introductions, ({ idKey }) => idKey);
  const named = new Set([...idKeys, ...distinct(introductions, ({ walletKey }) => walletKey)]);
  const names = distinct(introductions, ({ referral }) => (typeof referral === "object" ? referral.code : undefined));
  const spoken = distinct(introductions, ({ code }) => code);
  const ids = distinct(introductions, ({ lead, bonus }) => (lead ?? bonus)?.partnershipId);
  const [{ campaign, description: text }, , merged, theirWallets, theirBindings, links, codes, byName, offers] =
    await Promise.all([
      lockTerms(sql, campaignId),
      requireNotSetAside(sql, campaignId),
      readMerged(sql, campaignId, idKeys),
      readWallets(sql, campaignId, { wallets: given, customers: idKeys }),
      readBindings(sql, campaignId, [...named]),
      readLinksByName(sql, campaignId, { names, spoken }),
      readSpokenCodes(sql, campaignId, spoken),
      readPartnerships(sql, campaignId, { names, spoken, customers: [...named], ids }),
      readOffers(sql, campaignId, events, Math.floor(since / 1000) - GRACE_SECONDS),
    ]);
  const description = requireDescription(campaignId, text);
  const ofMerged = await readWallets(sql, campaignId, { wallets: [], customers: [...merged.values()] });
  const wallets = [...new Map([...theirWallets, ...ofMerged].map((one) => [one.wallet, one])).values()];
  // A wallet that came without a name may be one of a customer that has one.
  const owners = new Map(wallets.map(({ wallet, customer }) => [wallet, customer]));
  const customers = distinct(introductions, ({ idKey, wallet, walletKey }) =>
    idKey === undefined && wallet !== undefined
      ? (owners.get(wallet) ?? walletKey)
      : idKey && (merged.get(idKey) ?? idKey),
  );
  const [ownerBindings, customerCounts, kinds] = await Promise.all([
    readBindings(
      sql,
      campaignId,
      customers.filter((customer) => !named.has(customer)),
    ),
    readCustomerCounts(sql, campaignId, customers, countedEvents(description, events)),
    readKinds(sql, campaignId, [...new Set([...wallets.map(({ wallet }) => wallet), ...given])]),
  ]);
  const ofOwners = await readPartnerships(sql, campaignId, { customers: [...ownerBindings.keys()] });
  const partnerships = [...byName, ...ofOwners];
  const windows = countWindows(description, events, now);
  const known = [...new Set(partnerships.map(({ id }) => id))];
  const facts: LedgerFacts = {
    campaign,
    description,
    offers,
    links,
    codes,
    partnerships,
    wallets,
    merged,
    bindings: new Map([...theirBindings, ...ownerBindings]),
    kinds,
    windows,
    customerCounts,
    partnerCounts: await readPartnerCounts(sql, known, windows),
  };
  return { ledger: openLedger(facts), facts };
}

/** Writes down the bindings and wallets that came or changed. */
export async function writeChanges(sql: Sql, campaignId: string, ledger: Ledger): Promise<void> {
  const { wallets, bindings } = ledger.changes();
  await Promise.all([upsertBindings(sql, campaignId, bindings), insertWallets(sql, campaignId, wallets)]);
}

function distinct<T, K>(items: readonly T[], pick: (item: T) => K | undefined): K[] {
  return [...new Set(items.flatMap((item) => pick(item) ?? []))] as K[];
}

/** @throws MissingDescription */
export function requireDescription(campaignId: string, text: string | undefined): CampaignDescription {
  if (text === undefined)
    throw new MissingDescription(
      `The description of campaign ${campaignId} is not known here. Upload it with POST /v1/descriptions.`,
    );
  const { description, problem } = readDescription(text);
  if (description === undefined)
    throw new MissingDescription(
      `The description of campaign ${campaignId} is not one that this relayer understands: ${problem}`,
    );
  return description;
}
