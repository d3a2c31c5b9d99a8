/** Whether an order pays the partner that its source says brought it: by its code, or as its customer's orders before. */
import type { GivenConversion, Refusal } from "@partner-programs/protocol/attesterApi";
import { kindMask } from "@partner-programs/protocol/kinds";
import type { Line } from "@partner-programs/protocol/line";
import type { SourceAnswer } from "../source/source.ts";
import type { Offers } from "./offers.ts";
import { refuseSome } from "./refusals.ts";

/** Under which name a source knows who brought an order, and whom it was paid to. */
export interface Brought {
  /** `code …`, `customer …`, or `partner …` where the source names the wallet itself. */
  readonly name: string;
  /** An address in small letters. */
  readonly partner: string;
}

const NAMED = "partner ";

export const namesOf = (answer: SourceAnswer | undefined): string[] => {
  const brought = answer !== undefined && "order" in answer ? answer.order.brought : undefined;
  return [
    ...(brought?.partner === undefined ? [] : [`partner ${brought.partner.toLowerCase()}`]),
    ...(brought?.code === undefined ? [] : [`code ${brought.code}`]),
    ...(brought?.customer === undefined ? [] : [`customer ${brought.customer}`]),
  ];
};

/** Who is paid beside the partner, for having bought or for having recruited. */
const BESIDE = kindMask("customer") | kindMask("recruiter");

/** The entry of whoever brought the customer. */
export const ownEntry = (entries: readonly Line[], offers: Offers): Line | undefined =>
  entries.find(({ offerId }) => {
    const kind = offers.get(offerId)?.kind;
    return kind !== undefined && (kind >= 64 || (BESIDE & (1n << BigInt(kind))) === 0n);
  });

/** Who is paid for having brought the customer, in small letters. */
export const partnerOf = (entries: readonly Line[], offers: Offers): string | undefined =>
  ownEntry(entries, offers)?.partner.toLowerCase();

/**
 * An order that carries the code of one partner, and whose customer bought by the same or nobody before, is not another's. What is
 * heard of for the first time is learned.
 * @param known whom each name was paid to before, or belongs to by the rules; what this batch teaches is added
 */
export function checkPartners(
  conversions: readonly GivenConversion[],
  found: readonly (SourceAnswer | undefined)[],
  offers: Offers,
  known: Map<string, Set<string>>,
): { readonly refusal: Refusal | undefined; readonly learned: readonly Brought[] } {
  const refused: { number: bigint; reason: string }[] = [];
  const learned: Brought[] = [];
  for (const [i, { number, entries, order }] of conversions.entries()) {
    const partner = partnerOf(entries, offers);
    const names = namesOf(found[i]);
    if (partner === undefined || names.length === 0) continue;
    const owners = names.map((name) =>
      name.startsWith(NAMED) ? new Set([name.slice(NAMED.length)]) : known.get(name),
    );
    const knows = owners.filter((one) => one !== undefined);
    // A code that nobody came by before may be another partner's click, which counts by last touch.
    const isNew = names[0]?.startsWith("code ") === true && owners[0] === undefined;
    if (knows.length > 0 && !isNew && !knows.some((one) => one.has(partner))) {
      const [owner] = knows[0] ?? [];
      const name = names[owners.indexOf(knows[0])];
      refused.push({
        number,
        reason: `order "${order?.orderId}" was brought by ${name} in the attester's source, which is ${owner}'s and not ${partner}'s.`,
      });
      continue;
    }
    for (const [at, name] of names.entries()) {
      const of = owners[at] ?? new Set();
      // A code is one partner's, and nobody's by an order that is explained without it. A customer may have come by several.
      const isExplained = of.size > 0 || knows.some((one) => one.has(partner));
      if (name.startsWith(NAMED) || of.has(partner) || (name.startsWith("code ") && isExplained)) continue;
      known.set(name, of.add(partner));
      learned.push({ name, partner });
    }
  }
  return { refusal: refuseSome(refused), learned };
}
