import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import { payableKinds } from "@partner-programs/protocol/kinds";
import type { Sql } from "#service/database.ts";
import { isDisposable } from "../domain/disposableDomains.ts";
import {
  type Binding,
  bindingAfter,
  type Candidate,
  type Facts,
  type Judgement,
  type Offer,
  type Payee,
  type Touches,
} from "../domain/judge.ts";
import { verifyReferral } from "../domain/referralToken.ts";
import { customerKey, networkKey, walletKey } from "../secrets.ts";
import { MissingDescription } from "./errors.ts";

const WITHDRAWAL_WINDOW_SECONDS = 7 * 86_400;
const HOUR_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** What a brand's server says of a customer and of who brought it. */
export interface Person {
  readonly referralToken: string | undefined;
  /** An invite code that the customer gave, without a click. */
  readonly code?: string | undefined;
  readonly customerId: string | undefined;
  readonly customerWallet: string | undefined;
  readonly customerEmailDomain?: string | undefined;
  readonly customerIp?: string | undefined;
}

/** Of a report, what its judgement depends on. */
export interface Occurrence extends Person {
  readonly event: string;
  /** A decimal number of whole tokens. */
  readonly volume: string;
}

export interface Campaign {
  readonly id: string;
  readonly brand: string;
  readonly token_decimals: number;
  readonly unit_exponent: number;
  readonly fee_bps: number;
  readonly open_kinds: number;
  readonly available: bigint;
  readonly promised: bigint;
  readonly withdrawal_amount: bigint;
  readonly withdrawable_at: bigint;
  readonly suspended_until: bigint;
  readonly closes_at: bigint;
  readonly description: CampaignDescription;
}

/**
 * The campaign, locked: whatever uses its budget, its keys or its bindings does so one after the other, in this process and
 * in others. @throws MissingDescription
 */
async function lockCampaign(sql: Sql, campaignId: string): Promise<Campaign> {
  const [row] = await sql.query<Omit<Campaign, "description"> & { body: string | null }>(
    `SELECT campaigns.*, (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS body FROM campaigns
     WHERE campaigns.id = $1 FOR UPDATE`,
    [campaignId],
  );
  if (row === undefined) throw new Error(`There is no campaign ${campaignId}.`);
  if (row.body === null) {
    throw new MissingDescription(
      `The description of campaign ${campaignId} is not known here. Upload it with POST /v1/descriptions.`,
    );
  }
  return { ...row, description: parseDescription(campaignId, row.body) };
}

function parseDescription(campaignId: string, body: string): CampaignDescription {
  const { description, problem } = readDescription(body);
  if (description === undefined) {
    throw new MissingDescription(
      `The description of campaign ${campaignId} is not one that this relayer understands: ${problem}`,
    );
  }
  return description;
}

/**
 * The campaign, locked, and all that is known for judging some reports of one campaign, read at once and then kept up by hand as they are judged one
 * after the other: the second report sees what the first one used up.
 */
export interface Books {
  readonly campaign: Campaign;
  /** Who the person is in the database; undefined: the report names no customer. */
  customerOf(person: Person): string | undefined;
  /** The link by which the person came, if it is this partnership's. */
  linkOf(person: Person, partnershipId: bigint | undefined): bigint | undefined;
  /** The wallet of a partner who could be paid. */
  partnerOf(partnershipId: bigint | undefined): string | undefined;
  touches(person: Person, receivedAt: number, event?: string): Touches;
  facts(asked: Occurrence, receivedAt: number): Facts;
  /** Notes what an accepted report used up, and binds its customer. */
  accept(
    asked: Occurrence,
    judgement: Extract<Judgement, { accepted: true }>,
    receivedAt: number,
    volume: bigint,
  ): void;
  /** Binds the person to a candidate, as the campaign's rule has it, and remembers its wallet. */
  bind(
    person: Person,
    candidate: Candidate,
    receivedAt: number,
  ): { readonly binding: Binding | undefined; readonly created: boolean };
  /** Writes down the bindings and wallets that came or changed. */
  write(sql: Sql): Promise<void>;
}

interface PartnershipRow {
  id: bigint;
  partner: string;
  payouts: string[];
  network: string | null;
  recruiter: string | null;
  mask: number | null;
  previous_mask: number;
  effective_at: bigint;
  recruiter_mask: number | null;
  recruiter_previous_mask: number;
  recruiter_effective_at: bigint;
}

interface Kinds {
  readonly mask: number | null;
  readonly previous_mask: number;
  readonly effective_at: bigint;
}

interface Counted {
  conversions: number;
  volume: bigint;
}

/** What does not need each other's answer is read at once: behind the lock, so that it is as the last one who had it left it. */
export async function openBooks(
  sql: Sql,
  secret: string,
  campaignId: string,
  asked: readonly (Person & { readonly event?: string })[],
  now: number,
): Promise<Books> {
  const idKeys = new Map(
    asked.flatMap(({ customerId: id }) =>
      id === undefined ? [] : [[id, customerKey(secret, campaignId, id)] as const],
    ),
  );
  const events = [...new Set(asked.flatMap(({ event }) => event ?? []))];

  // -------------------------------------------------------------------------------------------------- customers
  const referrals = new Map(
    asked.flatMap(({ referralToken }) =>
      referralToken === undefined ? [] : [[referralToken, verifyReferral(secret, referralToken)] as const],
    ),
  );
  const codes = new Set([...referrals.values()].flatMap((referral) => referral?.code ?? []));
  for (const { code } of asked) if (code !== undefined) codes.add(code);
  const byWallet = (wallet: string) => walletKey(secret, campaignId, wallet);
  const walletKeys = asked.flatMap(({ customerWallet }) =>
    customerWallet === undefined ? [] : byWallet(customerWallet),
  );
  const named = new Set([...idKeys.values(), ...walletKeys]);
  const [campaign, wallets, bindings, links, partnerships, offers] = await Promise.all([
    lockCampaign(sql, campaignId),
    readWallets(sql, campaignId, {
      wallets: [...new Set(asked.flatMap(({ customerWallet }) => customerWallet ?? []))],
      customers: [...idKeys.values()],
    }),
    readBindings(sql, campaignId, [...named]),
    readLinks(sql, campaignId, [...codes]),
    readPartnerships(sql, campaignId, { names: [...codes], customers: [...named] }),
    readOffers(sql, campaignId, events, now),
  ]);
  const { description } = campaign;
  const ownerOf = new Map(wallets.map(({ wallet, customer }) => [wallet, customer]));
  const walletsOf = Map.groupBy(wallets, ({ customer }) => customer);
  const newWallets = new Map<string, { customer: string; seenAt: number }>();
  const customerOf = ({ customerId, customerWallet }: Person): string | undefined => {
    if (customerId !== undefined) return idKeys.get(customerId);
    if (customerWallet === undefined) return undefined;
    return ownerOf.get(customerWallet) ?? walletKey(secret, campaignId, customerWallet);
  };
  const customers = [...new Set(asked.flatMap((person) => customerOf(person) ?? []))];
  const [ofOwners, counts, customerKinds] = await Promise.all([
    readBindings(
      sql,
      campaignId,
      customers.filter((customer) => !named.has(customer)),
    ),
    readCounts(
      sql,
      campaignId,
      customers,
      events.filter((event) =>
        description.events.some(({ name, perCustomer }) => name === event && perCustomer !== null),
      ),
    ),
    readKinds(sql, campaignId, [
      ...new Set(wallets.map(({ wallet }) => wallet)),
      ...asked.flatMap(({ customerWallet }) => customerWallet ?? []),
    ]),
  ]);
  for (const [customer, binding] of ofOwners) bindings.set(customer, binding);
  /** The person's binding; while it has none, that of its wallet, which may have been bound before it had another name. */
  const bindingOf = (person: Person): Binding | undefined => {
    const { customerWallet: wallet } = person;
    const customer = customerOf(person) ?? "";
    const own = bindings.get(customer);
    if (own !== undefined || wallet === undefined) return own;
    return (ownerOf.get(wallet) ?? customer) === customer ? bindings.get(byWallet(wallet)) : undefined;
  };
  const changedBindings = new Set<string>();

  // --------------------------------------------------------------------------------------------------- partners
  const linkByName = new Map(
    links.flatMap((link) => [
      [link.code, link] as const,
      ...(link.alias === null ? [] : [[link.alias, link] as const]),
    ]),
  );
  const linkOf = ({ referralToken, code }: Person): LinkRow | undefined =>
    linkByName.get((referralToken === undefined ? code : referrals.get(referralToken)?.code) ?? "");
  const limits = description.events
    .filter(({ name }) => events.includes(name))
    .flatMap(({ name, perPartner }) =>
      perPartner.map(({ days }, index) => ({
        key: `${name} ${index}`,
        event: name,
        since: now - days * DAY_MILLISECONDS,
      })),
    );
  const windows =
    description.fraud.velocityPerHour === null
      ? limits
      : [...limits, { key: "hour", event: null, since: now - HOUR_MILLISECONDS }];
  const ofTheirs = await readPartnerships(sql, campaignId, { names: [], customers: [...ofOwners.keys()] });
  const byId = new Map([...partnerships, ...ofTheirs].map((row) => [row.id, row]));
  const counted = await readCounted(sql, [...byId.keys()], windows);
  let spent = 0n;

  const payable = (kinds: Kinds | undefined, at: number): number =>
    payableKinds(
      kinds === undefined || kinds.mask === null
        ? undefined
        : { mask: kinds.mask, previousMask: kinds.previous_mask, effectiveAt: Number(kinds.effective_at) },
      campaign.open_kinds,
      // The shortest period with this moment in it.
      Math.floor(at / 1000) + 1,
    );

  const candidate = (row: PartnershipRow, touchedAt: number, at: number, event: string | undefined): Candidate => ({
    partnershipId: row.id,
    wallet: row.partner,
    payableKinds: payable(row, at),
    payouts: row.payouts,
    network: row.network ?? undefined,
    recruiter:
      row.recruiter === null
        ? undefined
        : {
            wallet: row.recruiter,
            payableKinds: payable(
              {
                mask: row.recruiter_mask,
                previous_mask: row.recruiter_previous_mask,
                effective_at: row.recruiter_effective_at,
              },
              at,
            ),
          },
    touchedAt,
    lastHour: counted.get(`${row.id} hour`)?.conversions ?? 0,
    counted: limits
      .filter((limit) => limit.event === event)
      .map(({ key }) => counted.get(`${row.id} ${key}`) ?? { conversions: 0, volume: 0n }),
  });

  const touchOf = (person: Person, at: number, event: string | undefined): Touches["touch"] => {
    const { referralToken, code } = person;
    if (referralToken === undefined && code === undefined) return undefined;
    const referral = referralToken === undefined ? undefined : referrals.get(referralToken);
    const row = byId.get(linkOf(person)?.partnership_id ?? 0n);
    if (row === undefined) return referralToken === undefined ? "unknown_code" : "unknown_token";
    // A code that was given without a click counts from now.
    const [touchedAt, until] = referral === undefined ? [at, at] : [referral.clickedAt, referral.expiresAt];
    return { ...candidate(row, touchedAt, at, event), until };
  };

  const walletsKnown = (person: Person): string[] => {
    const known = (walletsOf.get(customerOf(person) ?? "") ?? []).map(({ wallet }) => wallet);
    const given = person.customerWallet;
    return given === undefined ? known : [...known.filter((wallet) => wallet !== given), given];
  };

  const touches: Books["touches"] = (person, receivedAt, event) => {
    const customer = customerOf(person);
    const bound = bindingOf(person);
    const row = bound && byId.get(bound.partnershipId);
    const owner = person.customerWallet === undefined ? undefined : ownerOf.get(person.customerWallet);
    return {
      receivedAt,
      touch: touchOf(person, receivedAt, event),
      binding: row && bound && { ...candidate(row, bound.touchedAt, receivedAt, event), until: bound.until },
      customer: {
        id: person.customerId,
        wallets: walletsKnown(person),
        walletOfAnother: owner !== undefined && owner !== customer,
        emailDomain: person.customerEmailDomain,
        network: person.customerIp === undefined ? undefined : networkKey(secret, campaignId, person.customerIp),
      },
      isDisposable,
    };
  };

  const bind: Books["bind"] = (person, chosen, receivedAt) => {
    const customer = customerOf(person);
    if (customer === undefined) return { binding: undefined, created: false };
    const { customerId, customerWallet } = person;
    if (customerId !== undefined && customerWallet !== undefined && !ownerOf.has(customerWallet)) {
      ownerOf.set(customerWallet, customer);
      walletsOf.set(customer, [...(walletsOf.get(customer) ?? []), { wallet: customerWallet, customer }]);
      newWallets.set(customerWallet, { customer, seenAt: receivedAt });
    }
    const before = bindingOf(person);
    const after = bindingAfter(before, chosen, receivedAt, description.attribution);
    if (after === undefined || after === bindings.get(customer)) return { binding: before, created: false };
    bindings.set(customer, after);
    changedBindings.add(customer);
    return { binding: after, created: after.boundAt !== before?.boundAt };
  };

  return {
    campaign,
    customerOf,
    touches,
    bind,
    partnerOf: (partnershipId) => (partnershipId === undefined ? undefined : byId.get(partnershipId)?.partner),

    linkOf(person, partnershipId) {
      const link = linkOf(person);
      return link?.partnership_id === partnershipId ? link?.id : undefined;
    },

    facts(given, receivedAt) {
      const now = Math.floor(receivedAt / 1000);
      const customer = customerOf(given);
      const known = touches(given, receivedAt, given.event);
      const wallet = known.customer.wallets.at(-1);
      const customerPayee: Payee | undefined =
        wallet === undefined ? undefined : { wallet, payableKinds: payable(customerKinds.get(wallet), receivedAt) };
      return {
        ...known,
        campaign: {
          feeBps: campaign.fee_bps,
          unitExponent: campaign.unit_exponent,
          tokenDecimals: campaign.token_decimals,
          suspended: now < Number(campaign.suspended_until),
          closed: campaign.closes_at !== 0n && now >= Number(campaign.closes_at),
          spendable: campaign.available - withdrawing(campaign, now) - campaign.promised - spent,
        },
        description,
        offers: offers
          .filter((offer) => offer.event === given.event && now >= offer.validFrom && now < offer.validTo)
          .map(({ event: _, validFrom: __, validTo: ___, ...offer }) => offer),
        event: given.event,
        volume: given.volume,
        customerPayee,
        countedForCustomer: customer === undefined ? undefined : (counts.get(`${given.event} ${customer}`) ?? 0),
      };
    },

    accept(given, judgement, receivedAt, volume) {
      spent += judgement.commission + judgement.fee;
      const customer = customerOf(given);
      const key = `${given.event} ${customer}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      for (const window of windows) {
        if (window.event !== null && window.event !== given.event) continue;
        const name = `${judgement.partnershipId} ${window.key}`;
        const before = counted.get(name) ?? { conversions: 0, volume: 0n };
        counted.set(name, { conversions: before.conversions + 1, volume: before.volume + volume });
      }
      bind(given, judgement.candidate, receivedAt);
    },

    async write(sql) {
      const written: Promise<unknown>[] = [];
      if (changedBindings.size > 0) {
        const rows = [...changedBindings].map((customer) => {
          const { partnershipId, boundAt, touchedAt, until } = bindings.get(customer) as Binding;
          return {
            customer,
            partnership_id: String(partnershipId),
            bound_at: new Date(boundAt),
            touched_at: new Date(touchedAt),
            bound_until: until === null ? null : new Date(until),
          };
        });
        written.push(
          sql.query(
            `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at, bound_until)
             SELECT $1, given.* FROM jsonb_to_recordset($2::jsonb)
               AS given (customer text, partnership_id bigint, bound_at timestamptz, touched_at timestamptz, bound_until timestamptz)
             ON CONFLICT (campaign_id, customer) DO UPDATE SET partnership_id = excluded.partnership_id,
               bound_at = excluded.bound_at, touched_at = excluded.touched_at, bound_until = excluded.bound_until`,
            [campaignId, JSON.stringify(rows)],
          ),
        );
      }
      if (newWallets.size > 0) {
        const rows = [...newWallets].map(([wallet, { customer, seenAt }]) => ({
          wallet,
          customer,
          seen_at: new Date(seenAt),
        }));
        written.push(
          sql.query(
            `INSERT INTO customer_wallets (campaign_id, wallet, customer, seen_at)
             SELECT $1, given.* FROM jsonb_to_recordset($2::jsonb) AS given (wallet text, customer text, seen_at timestamptz)`,
            [campaignId, JSON.stringify(rows)],
          ),
        );
      }
      await Promise.all(written);
    },
  };
}

/** What a withdrawal may still take: it lapses some days after its time. */
function withdrawing(campaign: Campaign, now: number): bigint {
  const pending = campaign.withdrawable_at !== 0n && now < Number(campaign.withdrawable_at) + WITHDRAWAL_WINDOW_SECONDS;
  return pending ? campaign.withdrawal_amount : 0n;
}

async function readWallets(
  sql: Sql,
  campaignId: string,
  of: { readonly wallets: readonly string[]; readonly customers: readonly string[] },
): Promise<{ wallet: string; customer: string }[]> {
  if (of.wallets.length === 0 && of.customers.length === 0) return [];
  return sql.query(
    // Each half by its index; one condition for both would read all wallets of the campaign.
    `SELECT wallet, customer, seen_at FROM customer_wallets WHERE campaign_id = $1 AND customer = ANY($3::text[])
     UNION
     SELECT theirs.wallet, customer, theirs.seen_at FROM customer_wallets given JOIN customer_wallets theirs USING (campaign_id, customer)
       WHERE campaign_id = $1 AND given.wallet = ANY($2::text[])
     ORDER BY seen_at`,
    [campaignId, of.wallets, of.customers],
  );
}

async function readBindings(sql: Sql, campaignId: string, customers: readonly string[]): Promise<Map<string, Binding>> {
  if (customers.length === 0) return new Map();
  const rows = await sql.query<{
    customer: string;
    partnership_id: bigint;
    bound_at: Date;
    touched_at: Date;
    bound_until: Date | null;
  }>(
    "SELECT customer, partnership_id, bound_at, touched_at, bound_until FROM bindings WHERE campaign_id = $1 AND customer = ANY($2::text[])",
    [campaignId, customers],
  );
  return new Map(
    rows.map((row) => [
      row.customer,
      {
        partnershipId: row.partnership_id,
        boundAt: row.bound_at.getTime(),
        touchedAt: row.touched_at.getTime(),
        until: row.bound_until?.getTime() ?? null,
      },
    ]),
  );
}

/** How often each customer counted for each event. */
async function readCounts(
  sql: Sql,
  campaignId: string,
  customers: readonly string[],
  events: readonly string[],
): Promise<Map<string, number>> {
  if (customers.length === 0 || events.length === 0) return new Map();
  const rows = await sql.query<{ event: string; customer: string; count: bigint }>(
    `SELECT event, customer, count(*) AS count FROM conversions
     WHERE campaign_id = $1 AND event = ANY($2::text[]) AND customer = ANY($3::text[]) AND state NOT IN ('rejected', 'reversed')
     GROUP BY event, customer`,
    [campaignId, events, customers],
  );
  return new Map(rows.map(({ event, customer, count }) => [`${event} ${customer}`, Number(count)]));
}

interface LinkRow {
  id: bigint;
  partnership_id: bigint;
  code: string;
  alias: string | null;
}

async function readLinks(sql: Sql, campaignId: string, names: readonly string[]): Promise<LinkRow[]> {
  if (names.length === 0) return [];
  return sql.query(
    `SELECT links.id, partnership_id, code, alias FROM links JOIN partnerships ON partnerships.id = partnership_id
     WHERE campaign_id = $1 AND (code = ANY($2::text[]) OR alias = ANY($2::text[]))`,
    [campaignId, names],
  );
}

/** The partnerships that links lead to by their names, and those that customers are bound to. */
async function readPartnerships(
  sql: Sql,
  campaignId: string,
  by: { readonly names: readonly string[]; readonly customers: readonly string[] },
): Promise<PartnershipRow[]> {
  if (by.names.length === 0 && by.customers.length === 0) return [];
  return sql.query(
    `SELECT p.id, p.partner, ARRAY(SELECT receiver FROM payouts WHERE owner = p.partner) AS payouts, p.network, kinds.mask, kinds.previous_mask, kinds.effective_at,
       recruiters.partner AS recruiter, their.mask AS recruiter_mask,
       their.previous_mask AS recruiter_previous_mask, their.effective_at AS recruiter_effective_at
     FROM partnerships p
     LEFT JOIN kinds ON kinds.campaign_id = p.campaign_id AND kinds.partner = p.partner
     LEFT JOIN partnerships recruiters ON recruiters.id = p.recruiter_id
     LEFT JOIN kinds their ON their.campaign_id = p.campaign_id AND their.partner = recruiters.partner
     WHERE p.campaign_id = $1 AND p.id IN (
       SELECT partnership_id FROM links WHERE code = ANY($2::text[]) OR alias = ANY($2::text[])
       UNION SELECT partnership_id FROM bindings WHERE campaign_id = $1 AND customer = ANY($3::text[])
     )`,
    [campaignId, by.names, by.customers],
  );
}

/** What counted for each partnership within each window; a window without an event is of all events. */
async function readCounted(
  sql: Sql,
  partnershipIds: readonly bigint[],
  windows: readonly { readonly key: string; readonly event: string | null; readonly since: number }[],
): Promise<Map<string, Counted>> {
  if (partnershipIds.length === 0 || windows.length === 0) return new Map();
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
  return new Map(
    rows.map(({ partnership_id, key, conversions, volume }) => [
      `${partnership_id} ${key}`,
      { conversions: Number(conversions), volume },
    ]),
  );
}

async function readKinds(sql: Sql, campaignId: string, wallets: readonly string[]): Promise<Map<string, Kinds>> {
  if (wallets.length === 0) return new Map();
  const rows = await sql.query<Kinds & { partner: string }>(
    "SELECT partner, mask, previous_mask, effective_at FROM kinds WHERE campaign_id = $1 AND partner = ANY($2::text[])",
    [campaignId, wallets],
  );
  return new Map(rows.map((row) => [row.partner, row]));
}

async function readOffers(
  sql: Sql,
  campaignId: string,
  events: readonly string[],
  now: number,
): Promise<(Offer & { event: string; validFrom: number; validTo: number })[]> {
  if (events.length === 0) return [];
  const rows = await sql.query<{
    offer_id: number;
    event: string;
    kind: number;
    flat_amount: bigint;
    rate_bps: number;
    cap_units: bigint;
    valid_from: bigint;
    valid_to: bigint;
  }>(
    `SELECT offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to FROM offers
     WHERE campaign_id = $1 AND event = ANY($2::text[]) AND valid_to > $3 ORDER BY offer_id`,
    // A minute's grace: a report may have waited for its turn.
    [campaignId, events, Math.floor(now / 1000) - 60],
  );
  return rows.map((row) => ({
    offerId: row.offer_id,
    event: row.event,
    kind: row.kind,
    flatAmount: row.flat_amount,
    rateBps: row.rate_bps,
    capUnits: row.cap_units,
    validFrom: Number(row.valid_from),
    validTo: Number(row.valid_to),
  }));
}
