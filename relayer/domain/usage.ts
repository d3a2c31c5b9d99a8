/** What a campaign's limits count: conversions by customer and by partner, and the budget that they use up. */
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

/** What is used up, kept up as reports are judged. */
export interface Usage {
  /** How often the customer counted for the event; undefined: the report names no customer. */
  ofCustomer(event: string, customer: string | undefined): number | undefined;
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
  }): void;
}

export function createUsage(
  windows: readonly CountWindow[],
  customerCounts: readonly CustomerCount[],
  partnerCounts: readonly PartnerCount[],
): Usage {
  const none: Count = { conversions: 0, volume: 0n };
  const byCustomer = new Map(
    customerCounts.map(({ event, customer, conversions }) => [`${event} ${customer}`, conversions]),
  );
  const byPartner = new Map<string, Count>(
    partnerCounts.map((count) => [`${count.partnershipId} ${count.key}`, count]),
  );
  const windowsOf = Map.groupBy(windows, ({ event }) => event);
  let promised = 0n;

  return {
    ofCustomer: (event, customer) =>
      customer === undefined ? undefined : (byCustomer.get(`${event} ${customer}`) ?? 0),
    ofPartner: (partnershipId, event) =>
      (event === undefined ? [] : (windowsOf.get(event) ?? [])).map(
        ({ key }) => byPartner.get(`${partnershipId} ${key}`) ?? none,
      ),
    lastHour: (partnershipId) => (byPartner.get(`${partnershipId} ${LAST_HOUR}`) ?? none).conversions,
    promised: () => promised,

    add({ event, customer, partnershipId, volume, promise }) {
      promised += promise;
      const name = `${event} ${customer}`;
      byCustomer.set(name, (byCustomer.get(name) ?? 0) + 1);
      for (const { key } of [...(windowsOf.get(event) ?? []), ...(windowsOf.get(null) ?? [])]) {
        const place = `${partnershipId} ${key}`;
        const before = byPartner.get(place) ?? none;
        byPartner.set(place, { conversions: before.conversions + 1, volume: before.volume + volume });
      }
    },
  };
}
