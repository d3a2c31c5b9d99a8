/** Whether the offers that paid conversions could, by the conditions of the description in force and by what is shown of each conversion. */
import {
  type Attributes,
  type JudgedHistory,
  type OfferCondition,
  whyNot,
} from "@partner-programs/protocol/conditions";
import { readDescription } from "@partner-programs/protocol/description";
import type { Findings } from "./findings.ts";
import { readPacked } from "./packed.ts";

/** A description that was announced, and from when on it is in force (Unix seconds). */
export interface Announced {
  readonly hash: string;
  readonly effectiveAt: number;
}

/** The descriptions of a campaign: those that were announced, and the text of each that is served as announced. */
export interface Descriptions {
  readonly announced: readonly Announced[];
  readonly texts: ReadonlyMap<string, string>;
}

/** A sale in its own currency, with what one of that was in whole tokens and where that stands. */
export interface ShownSale {
  readonly currency: string;
  readonly volume: string;
  readonly rate: {
    readonly numerator: string;
    readonly denominator: string;
    readonly observedAt: number;
    readonly sources: readonly (
      | { readonly feed: string; readonly round: string }
      | { readonly file: string; readonly day: string }
    )[];
  } | null;
  readonly nonce: string | null;
}

/** What is shown of a conversion that its conditions ask for. */
export interface Shown {
  readonly event: string;
  readonly attributes: Attributes;
  /** null: it was judged by no conditions. */
  readonly history: JudgedHistory | null;
  /** Of a sale in its own currency that, and how it was converted; null, undefined: it is in tokens, or it is not shown. */
  readonly sale?: ShownSale | null | undefined;
  /** When it was made, as the brand alone is shown. Unix seconds. */
  readonly occurredAt?: number | undefined;
}

/** An attested conversion. Times are Unix seconds. */
export interface Paid {
  readonly number: string;
  readonly salt: string;
  readonly entries: readonly string[];
  readonly receivedAt: number;
  readonly attestedAt: number;
  readonly shown: Shown;
}

/** What each description that is served and can be read has of conditions, by its hash. Read once, however many conversions there are. */
export const conditionsIn = ({ texts }: Descriptions): ReadonlyMap<string, readonly OfferCondition[]> =>
  new Map(
    [...texts].flatMap(([hash, text]) => {
      const { description } = readDescription(text);
      return description === undefined ? [] : [[hash, description.conditions] as const];
    }),
  );

/** @param conditions by description: what is missing may have had any, so that nothing is decided by the others */
export function checkConditions(
  findings: Findings,
  paid: Paid,
  announced: readonly Announced[],
  conditions: ReadonlyMap<string, readonly OfferCondition[]>,
): void {
  const { number, entries, receivedAt: at, attestedAt, shown } = paid;
  const read = judgedBy(announced, at, attestedAt).map((one) => one && conditions.get(one.hash));
  const known = read.filter((one) => one !== undefined);
  const { event, attributes, history } = shown;
  const facts = { event, at, attributes, customer: history?.customer, partnerSince: history?.partnerSince };
  for (const { offerId } of entries.map(readPacked)) {
    const failing = known.map((one) => whyNot(one, offerId, facts));
    // That a description is not served is said by itself.
    if (known.length < read.length && !failing.includes(undefined)) continue;
    findings.expect(
      "conditions",
      failing.includes(undefined),
      () => `Conversion ${number} was paid by offer ${offerId}, whose conditions do not hold: ${failing[0]}.`,
    );
  }
}

/**
 * By which descriptions a conversion may have been judged: by what was in force when it was received, undefined if nothing was; and, where it
 * was judged again later, by what was in force then.
 */
export const judgedBy = <T extends Announced>(
  announced: readonly T[],
  receivedAt: number,
  attestedAt: number,
): (T | undefined)[] => [
  inForceAt(announced, receivedAt),
  ...announced.filter(({ effectiveAt }) => effectiveAt > receivedAt && effectiveAt <= attestedAt),
];

/** The description in force at a time; of several from the same second on, the last announced. */
export const inForceAt = <T extends Announced>(announced: readonly T[], at: number): T | undefined =>
  announced
    .filter(({ effectiveAt }) => effectiveAt <= at)
    .reduce<T | undefined>(
      (best, one) => (best === undefined || one.effectiveAt >= best.effectiveAt ? one : best),
      undefined,
    );
