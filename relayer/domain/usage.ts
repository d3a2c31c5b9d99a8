/** What a campaign's limits count: conversions by customer and by partner, and the budget that they use up. */
import type { CustomerHistory } from "@partner-programs/protocol/conditions";
import type { CampaignDescription } from "@partner-programs/protocol/description";

const HOUR_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
const LAST_HOUR = "hour";

/** A time up to now within which a partner's conversions are counted. */
export interface CountWindow {
  readonly key: string;
  /** null: conversions of all events count. */
  readonly event: string | null;
  /** Milliseconds since 1970; what was received later counts. */
  readonly since: number;
}

export interface Count {
  readonly conversions: number;
  /** In base units, without what was refunded. */
  readonly volume: bigint;
}

export interface CustomerCount {
  readonly event: string;
  readonly customer: string;
  readonly conversions: number;
  /** Milliseconds since 1970 of the first of them. */
  readonly firstAt: number;
}

export interface PartnerCount extends Count {
  readonly partnershipId: bigint;
  /** Of the window. */
  readonly key: string;
}

/** What has to be counted for each partner, so that reports of these events can be judged. */
export function countWindows(
  { events, fraud }: Pick<CampaignDescription, "events" | "fraud">,
  reported: readonly string[],
  now: number,
): CountWindow[] {
  const windows: CountWindow[] = events
    .filter(({ name }) => reported.includes(name))
    .flatMap(({ name, perPartner }) =>
      perPartner.map(({ days }, i) => ({ key: `${name} ${i}`, event: name, since: now - days * DAY_MILLISECONDS })),
    );
  if (fraud.velocityPerHour !== null) windows.push({ key: LAST_HOUR, event: null, since: now - HOUR_MILLISECONDS });
  return windows;
}

/** Events of which the campaign's conditions ask how often a customer came before, where this event is reported. */
export const askedOfCustomer = (
  { conditions }: Pick<CampaignDescription, "conditions">,
  reported: string,
): ReadonlySet<string> =>
  new Set(conditions.flatMap(({ customer }) => (customer === undefined ? [] : [customer.event ?? reported])));

/** Events of which it has to be counted for each customer, so that these can be judged: by their limits, or by conditions. */
export function countedEvents(
  description: Pick<CampaignDescription, "events" | "conditions">,
  reported: readonly string[],
): string[] {
  const asked = new Set(reported.flatMap((event) => [...askedOfCustomer(description, event)]));
  const isLimited = new Set(description.events.flatMap((one) => (one.perCustomer === null ? [] : [one.name])));
  return [...new Set([...asked, ...reported.filter((event) => isLimited.has(event))])];
}

/** What is used up, kept up as reports are judged. */
export interface Usage {
  /** How often the customer counted for the event; undefined: the report names no customer. */
  ofCustomer(event: string, customer: string | undefined): number | undefined;
  /** What the customer counted for, by event, of these; undefined: the report names no customer. */
  historyOf(
    customer: string | undefined,
    events: ReadonlySet<string>,
  ): Readonly<Record<string, CustomerHistory>> | undefined;
  /** What counted for the partner, for each of the event's limits in their order. */
  ofPartner(partnershipId: bigint, event: string | undefined): Count[];
  lastHour(partnershipId: bigint): number;
  /** Base units of the budget that were promised since. */
  promised(): bigint;
  /** Counts an accepted conversion. */
  add(conversion: {
    readonly event: string;
    readonly customer: string | undefined;
    readonly partnershipId: bigint;
    readonly volume: bigint;
    /** Commission and fee. */
    readonly promise: bigint;
    /** Milliseconds since 1970. */
    readonly receivedAt: number;
  }): void;
}

export function createUsage(
  windows: readonly CountWindow[],
  customerCounts: readonly CustomerCount[],
  partnerCounts: readonly PartnerCount[],
): Usage {
  const none: Count = { conversions: 0, volume: 0n };
  const byCustomer = new Map<string, Map<string, { readonly conversions: number; readonly firstAt: number }>>();
  for (const { event, customer, ...count } of customerCounts) ofCustomer(customer).set(event, count);
  const byPartner = new Map<string, Count>(
    partnerCounts.map((count) => [`${count.partnershipId} ${count.key}`, count]),
  );
  const windowsOf = Map.groupBy(windows, ({ event }) => event);
  let promised = 0n;

  function ofCustomer(customer: string) {
    const known = byCustomer.get(customer) ?? new Map();
    byCustomer.set(customer, known);
    return known;
  }

  return {
    ofCustomer: (event, customer) =>
      customer === undefined ? undefined : (byCustomer.get(customer)?.get(event)?.conversions ?? 0),
    historyOf: (customer, events) => {
      if (customer === undefined) return undefined;
      const counted = [...ofCustomer(customer)].filter(
        ([event, { conversions }]) => events.has(event) && conversions > 0,
      );
      return Object.fromEntries(
        counted.map(([event, { conversions, firstAt }]) => [
          event,
          { conversions, firstAt: Math.floor(firstAt / 1000) },
        ]),
      );
    },
    ofPartner: (partnershipId, event) =>
      (event === undefined ? [] : (windowsOf.get(event) ?? [])).map(
        ({ key }) => byPartner.get(`${partnershipId} ${key}`) ?? none,
      ),
    lastHour: (partnershipId) => (byPartner.get(`${partnershipId} ${LAST_HOUR}`) ?? none).conversions,
    promised: () => promised,

    add({ event, customer, partnershipId, volume, promise, receivedAt }) {
      promised += promise;
      if (customer !== undefined) {
        const { conversions, firstAt } = ofCustomer(customer).get(event) ?? { conversions: 0, firstAt: receivedAt };
        ofCustomer(customer).set(event, { conversions: conversions + 1, firstAt: Math.min(firstAt, receivedAt) });
      }
      for (const { key } of [...(windowsOf.get(event) ?? []), ...(windowsOf.get(null) ?? [])]) {
        const place = `${partnershipId} ${key}`;
        const before = byPartner.get(place) ?? none;
        byPartner.set(place, { conversions: before.conversions + 1, volume: before.volume + volume });
      }
    },
  };
}
