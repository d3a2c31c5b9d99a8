/** What has to be known of a campaign, its offers and its partners, so that reports can be judged. */
import type { ListedKinds } from "@partner-programs/protocol/kinds";
import type { Sql } from "#service/database.ts";
import type { CampaignTerms, TimedOffer } from "../domain/ledger.ts";
import type { InviteLink, Partnership } from "../domain/partners.ts";
import type { CountWindow, CustomerCount, PartnerCount } from "../domain/usage.ts";
import { fromColumn } from "./masks.ts";

interface CampaignRow {
  id: string;
  brand: string;
  token_decimals: number;
  unit_exponent: number;
  fee_bps: number;
  open_kinds: bigint;
  available: bigint;
  promised: bigint;
  withdrawal_amount: bigint;
  withdrawable_at: bigint;
  suspended_until: bigint;
  closes_at: bigint;
  body: string | null;
}

/**
 * The campaign, locked (see `lockCampaign`), with its description in force as it was published, as far as it is known here.
 * @throws Error if there is no such campaign
 */
export async function lockTerms(
  sql: Sql,
  campaignId: string,
): Promise<{ readonly campaign: CampaignTerms; readonly description: string | undefined }> {
  const [row] = await sql.query<CampaignRow>(
    `SELECT id, brand, token_decimals, unit_exponent, fee_bps, open_kinds, available, promised,
       withdrawal_amount, withdrawable_at, suspended_until, closes_at,
       (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS body
     FROM campaigns WHERE id = $1 FOR UPDATE`,
    [campaignId],
  );
  if (row === undefined) throw new Error(`There is no campaign ${campaignId}.`);
  const campaign: CampaignTerms = {
    id: row.id,
    brand: row.brand,
    tokenDecimals: row.token_decimals,
    unitExponent: row.unit_exponent,
    feeBps: row.fee_bps,
    openKinds: fromColumn(row.open_kinds),
    available: row.available,
    promised: row.promised,
    withdrawalAmount: row.withdrawal_amount,
    withdrawableAt: Number(row.withdrawable_at),
    suspendedUntil: Number(row.suspended_until),
    closesAt: Number(row.closes_at),
  };
  return { campaign, description: row.body ?? undefined };
}

/** The offers that end after `second`; for these events, if some are given. */
export async function readOffers(
  sql: Sql,
  campaignId: string,
  events?: readonly string[],
  second = Math.floor(Date.now() / 1000),
): Promise<TimedOffer[]> {
  if (events?.length === 0) return [];
  const rows = await sql.query<{
    offer_id: number;
    event: string;
    kind: number;
    partner: string | null;
    flat_amount: bigint;
    rate_bps: number;
    cap_units: bigint;
    valid_from: bigint;
    valid_to: bigint;
  }>(
    `SELECT offer_id, event, kind, partner, flat_amount, rate_bps, cap_units, valid_from, valid_to FROM offers
     WHERE campaign_id = $1 AND ($2::text[] IS NULL OR event = ANY($2)) AND valid_to > $3 ORDER BY offer_id`,
    [campaignId, events ?? null, second],
  );
  return rows.map((row) => ({
    offerId: row.offer_id,
    event: row.event,
    kind: row.kind,
    partner: row.partner ?? undefined,
    flatAmount: row.flat_amount,
    rateBps: row.rate_bps,
    capUnits: row.cap_units,
    validFrom: Number(row.valid_from),
    validTo: Number(row.valid_to),
  }));
}

/** Links by their names ($2), or by what they sound like ($3). */
const NAMED = `(code = ANY($2::text[]) OR alias = ANY($2::text[])
  OR spoken(code) = ANY($3::text[]) OR spoken(alias) = ANY($3::text[]))`;

/** What links and codes are found by: a link's code or alias as it is written, or what somebody said or typed, in its one spelling. */
interface InviteNames {
  readonly names?: readonly string[];
  readonly spoken?: readonly string[];
}

/** The campaign's links with one of these names, the oldest first. */
export async function readLinksByName(
  sql: Sql,
  campaignId: string,
  { names = [], spoken = [] }: InviteNames,
): Promise<InviteLink[]> {
  if (names.length === 0 && spoken.length === 0) return [];
  const rows = await sql.query<{ id: bigint; partnership_id: bigint; code: string; alias: string | null }>(
    `SELECT links.id, partnership_id, code, alias
     FROM links JOIN partnerships ON partnerships.id = partnership_id
     WHERE campaign_id = $1 AND ${NAMED} ORDER BY links.id`,
    [campaignId, names, spoken],
  );
  return rows.map(({ id, partnership_id, code, alias }) => ({
    id,
    partnershipId: partnership_id,
    code,
    alias: alias ?? undefined,
  }));
}

interface PartnershipRow {
  id: bigint;
  partner: string;
  payouts: string[];
  network: string | null;
  created_at: Date;
  recruiter: string | null;
  mask: bigint | null;
  mask_before: bigint;
  effective_at: bigint;
  recruiter_mask: bigint | null;
  recruiter_mask_before: bigint;
  recruiter_effective_at: bigint;
}

/** The partnerships that links lead to by their names, those that customers are bound to, and these. */
export async function readPartnerships(
  sql: Sql,
  campaignId: string,
  {
    names = [],
    spoken = [],
    customers = [],
    ids = [],
  }: InviteNames & { readonly customers?: readonly string[]; readonly ids?: readonly bigint[] },
): Promise<Partnership[]> {
  if (names.length + spoken.length + customers.length + ids.length === 0) return [];
  const rows = await sql.query<PartnershipRow>(
    `SELECT p.id, p.partner, p.network, p.created_at,
       ARRAY(SELECT receiver FROM payouts WHERE owner = p.partner) AS payouts,
       kinds.mask, kinds.mask_before, kinds.effective_at, recruiters.partner AS recruiter,
       their.mask AS recruiter_mask, their.mask_before AS recruiter_mask_before,
       their.effective_at AS recruiter_effective_at
     FROM partnerships p
     LEFT JOIN kinds ON kinds.campaign_id = p.campaign_id AND kinds.partner = p.partner
     LEFT JOIN partnerships recruiters ON recruiters.id = p.recruiter_id
     LEFT JOIN kinds their ON their.campaign_id = p.campaign_id AND their.partner = recruiters.partner
     WHERE p.campaign_id = $1 AND p.id IN (
       SELECT partnership_id FROM links WHERE ${NAMED}
       UNION SELECT partnership_id FROM codes WHERE campaign_id = $1 AND name = ANY($3::text[])
       UNION SELECT partnership_id FROM bindings WHERE campaign_id = $1 AND customer = ANY($4::text[])
       UNION SELECT unnest($5::bigint[])
     )`,
    [campaignId, names, spoken, customers, ids],
  );
  return rows.map((row) => ({
    id: row.id,
    partner: row.partner,
    payouts: row.payouts,
    network: row.network ?? undefined,
    since: row.created_at.getTime(),
    kinds: toKinds(row.mask, row.mask_before, row.effective_at),
    recruiter:
      row.recruiter === null
        ? undefined
        : {
            wallet: row.recruiter,
            kinds: toKinds(row.recruiter_mask, row.recruiter_mask_before, row.recruiter_effective_at),
          },
  }));
}

function toKinds(mask: bigint | null, before: bigint, effectiveAt: bigint): ListedKinds | undefined {
  if (mask === null) return undefined;
  return { mask: fromColumn(mask), before: fromColumn(before), effectiveAt: Number(effectiveAt) };
}

/** The kinds of wallets that have others than every wallet has. */
export async function readKinds(
  sql: Sql,
  campaignId: string,
  wallets: readonly string[],
): Promise<Map<string, ListedKinds>> {
  if (wallets.length === 0) return new Map();
  const rows = await sql.query<{ partner: string; mask: bigint; mask_before: bigint; effective_at: bigint }>(
    `SELECT partner, mask, mask_before, effective_at FROM kinds
     WHERE campaign_id = $1 AND partner = ANY($2::text[])`,
    [campaignId, wallets],
  );
  return new Map(
    rows.flatMap(({ partner, mask, mask_before, effective_at }) => {
      const listed = toKinds(mask, mask_before, effective_at);
      return listed === undefined ? [] : [[partner, listed] as const];
    }),
  );
}

/** How often each customer counted for each event, and since when: with what was reported of those that were merged into it. */
export async function readCustomerCounts(
  sql: Sql,
  campaignId: string,
  customers: readonly string[],
  events: readonly string[],
): Promise<CustomerCount[]> {
  if (customers.length === 0 || events.length === 0) return [];
  const rows = await sql.query<{ event: string; customer: string; count: bigint; first_at: Date }>(
    `SELECT event, names.customer, count(*) AS count, min(received_at) AS first_at
     FROM (
       SELECT given AS key, given AS customer FROM unnest($3::text[]) AS given
       UNION ALL SELECT customer, merged_into FROM merged_customers
         WHERE campaign_id = $1 AND merged_into = ANY($3::text[])
     ) AS names JOIN conversions ON conversions.customer = names.key
     WHERE campaign_id = $1 AND event = ANY($2::text[]) AND state NOT IN ('rejected', 'reversed')
     GROUP BY event, names.customer`,
    [campaignId, events, customers],
  );
  return rows.map(({ event, customer, count, first_at }) => ({
    event,
    customer,
    conversions: Number(count),
    firstAt: first_at.getTime(),
  }));
}

/** What counted for each partnership within each window. */
export async function readPartnerCounts(
  sql: Sql,
  partnershipIds: readonly bigint[],
  windows: readonly CountWindow[],
): Promise<PartnerCount[]> {
  if (partnershipIds.length === 0 || windows.length === 0) return [];
  const rows = await sql.query<{ partnership_id: bigint; key: string; conversions: bigint; volume: bigint }>(
    `SELECT c.partnership_id, w.key, count(*) AS conversions, sum(c.volume - c.refunded) AS volume
     FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS w (key, event, since)
     JOIN conversions c ON c.partnership_id = ANY($1::bigint[]) AND c.received_at > w.since
       AND (w.event IS NULL OR c.event = w.event) AND c.state NOT IN ('rejected', 'reversed')
     GROUP BY c.partnership_id, w.key`,
    [
      partnershipIds.map(String),
      windows.map(({ key }) => key),
      windows.map(({ event }) => event),
      windows.map(({ since }) => new Date(since).toISOString()),
    ],
  );
  return rows.map(({ partnership_id, key, conversions, volume }) => ({
    partnershipId: partnership_id,
    key,
    conversions: Number(conversions),
    volume,
  }));
}
