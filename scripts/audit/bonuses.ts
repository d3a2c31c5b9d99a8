/**
 * Whether the bonuses that were attested are those that the published targets make, from what lines paid for good, and whether each
 * that was earned is there. Which step a bonus is for does not stand in a leaf: its partner, its amount and its time do, and each
 * step pays once.
 */
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import type { Batch } from "./batch.ts";
import { type Announced, type Descriptions, judgedBy } from "./conditions.ts";
import type { Findings } from "./findings.ts";
import { type BatchLine, readPacked } from "./packed.ts";
import type { PublicLeaf } from "./publicBatch.ts";
import type { Replay } from "./replay.ts";
import { FOR_ONE_PARTNER, kindFaultOf, type Offer } from "./rules.ts";
import {
  baseUnits,
  bonusOf,
  eventsOfBonuses,
  isNamed,
  PERIODS,
  type Period,
  periodOf,
  sayStep,
  stepsIn,
  type Target,
  targetsFor,
  tokens,
} from "./targets.ts";

/** From when a step is reached until its bonus is attested: a relayer promises a day, and somebody has to release before. */
const GRACE_SECONDS = 2 * 86_400;
const DAY = 86_400;
/** Customer and recruiter, who are paid beside a partner: a recruiter's share of a sale is no sale of the recruiter. */
const BESIDE: readonly number[] = [3, 4];

/** What a partner was paid for of one event. Times are Unix seconds. */
interface Paid {
  readonly event: string;
  /** The period of its attestations: when they were received is within. */
  readonly from: number;
  readonly to: number;
  /** The first and the last end of a hold. */
  first: number;
  last: number;
  conversions: number;
  volume: bigint;
}

/** A bonus as it was attested. */
interface Bonus {
  readonly number: string;
  readonly event: string;
  readonly partner: string;
  readonly offer: Offer;
  readonly units: bigint;
  /** The period of its attestation, and when that was. */
  readonly from: number;
  readonly to: number;
  readonly attestedAt: number;
}

/** A step that a partner reached. */
interface Step {
  readonly target: Target;
  readonly period: string;
  readonly step: number;
  readonly amount: bigint;
  /** When at the earliest, and when for certain: of a batch that two periods share it is not known what is of which. */
  readonly earliest: number;
  readonly certain: number | undefined;
}

/** What a description that was in force has of bonuses. */
interface Rules extends Announced {
  readonly targets: readonly Target[];
  readonly bonuses: CampaignDescription["bonuses"];
}

/** What of a campaign bonuses are judged by. */
interface Judged {
  readonly findings: Findings;
  readonly replay: Replay;
  readonly decimals: number;
  readonly unit: bigint;
  /** What of the brand's word is used, by month. */
  readonly given: Map<string, bigint>;
  /** In the order in which they came into force. */
  readonly history: readonly Rules[];
}

export class Bonuses {
  readonly #findings: Findings;
  readonly #paid = new Map<string, Map<string, Paid>>();
  readonly #bonuses: Bonus[] = [];
  /** Events that descriptions so far have as those of bonuses. */
  readonly #events = new Set<string>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Takes the text of a description that was announced: which events are those of bonuses is known from then on. */
  description(text: string): void {
    const { description } = readDescription(text);
    for (const event of eventsOfBonuses(description ?? {})) this.#events.add(event);
  }

  /** Takes a line that paid, as it stood. */
  line({ body: { periodFrom: from, periodTo: to }, releaseAt }: Batch, line: BatchLine, replay: Replay): void {
    const offer = replay.offers.get(line.offerId);
    if (offer === undefined || line.count === 0 || isBeside(offer)) return;
    const { event } = offer;
    const volume = line.volumeUnits * 10n ** BigInt(replay.terms.unitExponent);
    const own = this.#paid.get(line.partner) ?? new Map<string, Paid>();
    this.#paid.set(line.partner, own);
    const months = [from, to - 1].map((second) => periodOf("month", second).name);
    // By the day on which holds end: a campaign of years is no list of its batches.
    const key = [event, ...months, Math.floor(releaseAt / DAY)].join(" ");
    const before = own.get(key);
    if (before === undefined) {
      own.set(key, { event, from, to, first: releaseAt, last: releaseAt, conversions: line.count, volume });
      return;
    }
    own.set(key, {
      event,
      from: Math.min(before.from, from),
      to: Math.max(before.to, to),
      first: Math.min(before.first, releaseAt),
      last: Math.max(before.last, releaseAt),
      conversions: before.conversions + line.count,
      volume: before.volume + volume,
    });
  }

  /** Of a batch: what takes its bonuses, and is told at the end whether its conversions were proven. */
  collect({ body: { periodFrom: from, periodTo: to } }: Batch, attestedAt: number, offers: Replay["offers"]) {
    const seen: Bonus[] = [];
    return {
      leaf: ({ number, entries }: PublicLeaf): void => {
        for (const { offerId, partner, volumeUnits: units } of entries.map(readPacked)) {
          const offer = offers.get(offerId);
          if (offer === undefined || isBeside(offer) || !this.#events.has(offer.event)) continue;
          seen.push({ number, event: offer.event, partner, offer, units, from, to, attestedAt });
        }
      },
      end: (proven: boolean): void => {
        if (proven) this.#bonuses.push(...seen);
      },
    };
  }

  /** Compares what was earned, as of `now` (Unix seconds), with what was attested. */
  finish(now: number, descriptions: Descriptions, replay: Replay, decimals: number): void {
    const history = readHistory(now, descriptions);
    const batches = [...replay.batches.values()];
    // Of what is not served it is told by itself: nothing is decided without it.
    if (history === undefined || batches.some(({ signedHash }) => signedHash === undefined)) return;
    if (history.every((rules) => eventsOfBonuses(rules).size === 0)) return;
    for (const batch of batches)
      if (batch.releaseAt <= now)
        for (const index of batch.in("held")) {
          const line = batch.line(index);
          if (line !== undefined && replay.fault(batch, index, line) === 0) this.line(batch, line, replay);
        }
    const unit = 10n ** BigInt(replay.terms.unitExponent);
    const judged: Judged = { findings: this.#findings, replay, decimals, unit, given: new Map(), history };
    const bonuses = Map.groupBy(this.#bonuses, ({ partner }) => partner);
    for (const partner of new Set([...this.#paid.keys(), ...bonuses.keys()])) {
      const steps = stepsOf([...(this.#paid.get(partner)?.values() ?? [])], judged);
      checkPartner(judged, partner, steps, bonuses.get(partner) ?? [], now);
    }
  }
}

const isBeside = ({ kind }: Offer) => BESIDE.includes(kind);

/** The descriptions in the order in which they came into force; undefined: one is not served. */
function readHistory(now: number, { announced, texts }: Descriptions): Judged["history"] | undefined {
  const inForce = announced
    .filter(({ effectiveAt }) => effectiveAt <= now)
    .sort((a, b) => a.effectiveAt - b.effectiveAt);
  if (inForce.some(({ hash }) => !texts.has(hash))) return undefined;
  return inForce.map(({ hash, effectiveAt }) => {
    // What cannot be read promises nothing.
    const { targets = [], bonuses } = readDescription(texts.get(hash) ?? "").description ?? {};
    return { hash, effectiveAt, targets, bonuses };
  });
}

/** The steps that a partner reached. */
function stepsOf(paid: readonly Paid[], { history, decimals }: Judged): Step[] {
  return PERIODS.flatMap((kind) =>
    periodsOf(kind, paid).flatMap((period) =>
      targetsFor(history, kind, period).flatMap((target) => {
        const counts = paid.filter(
          ({ event, from, to }) => target.counts.includes(event) && from < period.to && to > period.from,
        );
        const within = counts.filter(({ from, to }) => from >= period.from && to <= period.to);
        const earliest = whenReached(target, counts, "first", decimals);
        const certain = whenReached(target, within, "last", decimals);
        const published = history.find(({ targets }) => targets.some((one) => one.name === target.name));
        return earliest.map((at, i): Step => {
          const amount = bonusOf(target, i + 1, decimals);
          const surely = certain[i];
          return {
            target,
            period: period.name,
            step: i + 1,
            amount,
            earliest: at,
            certain: surely === undefined ? undefined : Math.max(surely, published?.effectiveAt ?? 0),
          };
        });
      }),
    ),
  );
}

function periodsOf(kind: Target["period"], paid: readonly Paid[]): Period[] {
  const periods = new Map<string, Period>();
  for (const { from, to } of paid)
    for (let at = from; at < to; ) {
      const period = periodOf(kind, at);
      periods.set(period.name, period);
      at = period.to;
    }
  return [...periods.values()];
}

/** When each step was reached, those that were. */
function whenReached(target: Target, paid: readonly Paid[], when: "first" | "last", decimals: number): number[] {
  const times: number[] = [];
  let sum = { conversions: 0, volume: 0n };
  for (const one of paid.toSorted((a, b) => a[when] - b[when])) {
    sum = { conversions: sum.conversions + one.conversions, volume: sum.volume + one.volume };
    const steps = stepsIn(target, sum, decimals);
    while (times.length < steps) times.push(one[when]);
  }
  return times;
}

/** Each bonus is of one step, and each step has one. */
function checkPartner(judged: Judged, partner: string, steps: readonly Step[], bonuses: readonly Bonus[], now: number) {
  const { findings } = judged;
  findings.count("bonuses", steps.length);
  const open = new Set(steps);
  const left: Bonus[] = [];
  for (const bonus of bonuses.toSorted((a, b) => a.to - b.to)) {
    const fitting = [...open].filter((step) => couldPay(bonus, step) && pays(bonus, step, judged));
    // What is certain must be there: a step that only may be reached is taken last.
    const step = fitting.find(({ certain }) => certain !== undefined) ?? fitting[0];
    if (step === undefined) left.push(bonus);
    else open.delete(step);
  }
  findings.count("bonuses", left.length);
  for (const bonus of left) {
    if (isOrdinary(bonus, judged) || isTheBrandsWord(bonus, judged)) continue;
    const { number, units, event } = bonus;
    const says = `Conversion ${number} pays ${partner} a bonus of ${said(units * judged.unit, judged)}`;
    const other = [...open].find((step) => couldPay(bonus, step));
    if (other === undefined)
      findings.differ(
        "bonuses",
        `${says} that nobody earned: no step of a target that it had reached by then and was not paid for is of event "${event}".`,
      );
    else {
      open.delete(other);
      findings.differ("bonuses", `${says}; ${nameOf(other)} is ${said(other.amount, judged)}.`);
    }
  }
  for (const step of open) {
    const { certain, target, amount } = step;
    if (certain === undefined || !canBePaid(judged, partner, step, certain, now)) continue;
    const { available } = judged.replay;
    const why = available < amount ? ` The campaign has ${said(available, judged)} left.` : "";
    findings.differ(
      "bonuses",
      `${partner} reached ${sayStep(target, step.step)}, ${nameOf(step)}, at ${new Date(1000 * certain).toISOString()}: its bonus of ${said(amount, judged)} is missing.${why}`,
    );
  }
}

const said = (amount: bigint, { decimals }: Judged) => tokens(amount, decimals);
const nameOf = ({ target, period, step }: Step) => `step ${step} of target "${target.name}" in ${period}`;

/** Whether it is of the step's event and kind, and was received after the step was reached. */
function couldPay({ event, offer, to }: Bonus, { target, earliest }: Step): boolean {
  return event === target.event && earliest < to && isForKind(offer, target);
}

const isForKind = ({ kind }: Offer, { kinds }: Target): boolean => kind === FOR_ONE_PARTNER || isNamed(kinds, kind);

function pays({ units, offer: { capUnits } }: Bonus, { amount }: Step, { unit }: Judged): boolean {
  const full = amount / unit;
  return units === (full < capUnits ? full : capUnits);
}

/** The descriptions by which a bonus may have been judged. */
const inForceFor = ({ from, attestedAt }: Bonus, { history }: Judged): Judged["history"] =>
  judgedBy(history, from, attestedAt).filter((one) => one !== undefined);

/** Whether its event was none of bonuses then: somebody reported it. */
const isOrdinary = (bonus: Bonus, judged: Judged): boolean => {
  const inForce = inForceFor(bonus, judged);
  return inForce.length === 0 || inForce.some((rules) => !eventsOfBonuses(rules).has(bonus.event));
};

/** Whether it fits into what the brand may give by its own word, and takes it from that. */
function isTheBrandsWord(bonus: Bonus, judged: Judged): boolean {
  const { decimals, unit, given } = judged;
  const amount = bonus.units * unit;
  for (const { bonuses: rule } of inForceFor(bonus, judged)) {
    if (rule === undefined || rule.event !== bonus.event || amount > baseUnits(rule.most, decimals)) continue;
    for (const second of [bonus.from, bonus.to - 1]) {
      const month = periodOf("month", second).name;
      const before = given.get(month) ?? 0n;
      if (before + amount > baseUnits(rule.mostPerMonth, decimals)) continue;
      given.set(month, before + amount);
      return true;
    }
  }
  return false;
}

/** Whether an offer could have paid it for as long as a relayer may take. */
function canBePaid({ replay }: Judged, partner: string, { target }: Step, certain: number, now: number): boolean {
  const line = { offerId: 0, partner, count: 1, volumeUnits: 0n };
  return [...replay.offers.values()].some((offer) => {
    if (offer.event !== target.event || isBeside(offer) || !isForKind(offer, target)) return false;
    const [from, to] = [Math.max(offer.validFrom, certain), Math.min(offer.validTo, now)];
    if (to - from <= GRACE_SECONDS) return false;
    const checkpoints = replay.kinds.get(partner) ?? [];
    return kindFaultOf(line, offer, checkpoints, replay.terms, { periodTo: to }) === 0;
  });
}
