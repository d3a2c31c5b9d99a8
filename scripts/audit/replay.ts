/**
 * Replays a campaign's events, in the order of the chain: where its money is, what each line of each batch is, and whether every
 * event follows from the ones before it. The audit and the recount of the local world both stand on it.
 */
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { hasKind, kindName, type ListedKinds, payableKinds } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, unpackLine } from "@partner-programs/protocol/line";
import { releasedIndices } from "@partner-programs/protocol/releasedLines";
import type { CheckName, Findings } from "./findings.ts";

/** One event of the campaign, as ethers decodes it. */
export interface HistoryEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments; the contract's ABI says what they are
  readonly args: any;
}
type Args = HistoryEvent["args"];

/** What a line or some lines are worth, in base units. */
export interface Worth {
  readonly commission: bigint;
  readonly fee: bigint;
}

export interface Offer {
  readonly flatAmount: bigint;
  readonly rateBps: number;
  readonly capUnits: bigint;
  readonly kind: number;
  readonly validFrom: number;
  readonly validTo: number;
}

/** A line as it stands after reversals, and where its commission is. */
export interface StandingLine {
  line: Line;
  state: "held" | "credited" | "paid";
}

interface Terms {
  readonly token: string;
  readonly operator: string;
  readonly holdSeconds: number;
  readonly openKinds: number;
  readonly feeBps: number;
  readonly unitExponent: number;
}

/** A batch as its attestation has it, for whoever compares it with the public data. */
export interface AttestedBatch {
  readonly batch: string;
  readonly root: string;
  readonly first: bigint;
  readonly conversions: number;
  readonly lines: readonly Line[];
  /** When it was attested, in Unix seconds. */
  readonly time: number;
}

/** A campaign while its events are replayed. Amounts are base units. */
export class Replay {
  readonly findings: Findings;
  readonly offers = new Map<number, Offer>();
  readonly kinds = new Map<string, ListedKinds>();
  readonly batches = new Map<string, StandingLine[]>();
  next = 1n;
  funded = 0n;
  available = 0n;
  reserved = 0n;
  /** The operator's, of lines that were released or pulled. */
  fees = 0n;
  withdrawn = 0n;
  #terms: Terms | undefined;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  /** @throws Error if no event has created the campaign yet */
  get terms(): Terms {
    if (this.#terms === undefined)
      throw new Error("The campaign's history does not begin with its creation. Is --campaign right?");
    return this.#terms;
  }
  set terms(terms: Terms) {
    this.#terms = terms;
  }

  /** Applies one event. @returns the batch, if it attests one */
  apply({ name, args }: HistoryEvent): AttestedBatch | undefined {
    if (name === "Attested") return attested(this, args);
    EVENTS[name]?.(this, args);
    return undefined;
  }

  worth(lines: readonly Line[]): Worth {
    let [commission, fee] = [0n, 0n];
    for (const line of lines) {
      const offer = this.offers.get(line.offerId);
      if (offer === undefined) continue;
      const worth = commissionOfLineDown(line, offer, this.terms);
      commission += worth.commission;
      fee += worth.fee;
    }
    return { commission, fee };
  }
}

/** What each event but `Attested` does. */
const EVENTS: Readonly<Record<string, (replay: Replay, args: Args) => void>> = {
  CampaignCreated: (replay, { token, terms }) => {
    replay.terms = {
      token,
      operator: terms.operator,
      holdSeconds: Number(terms.holdSeconds),
      openKinds: Number(terms.openKinds),
      feeBps: Number(terms.feeBps),
      unitExponent: Number(terms.unitExponent),
    };
  },
  OfferAppended: ({ offers }, { offerId, offer }) => {
    offers.set(Number(offerId), {
      flatAmount: offer.flatAmount,
      rateBps: Number(offer.rateBps),
      capUnits: offer.capUnits,
      kind: Number(offer.kind),
      validFrom: Number(offer.validFrom),
      validTo: Number(offer.validTo),
    });
  },
  OfferRetirementAnnounced: ({ offers }, { offerId, effectiveAt }) => {
    const offer = offers.get(Number(offerId));
    if (offer !== undefined) offers.set(Number(offerId), { ...offer, validTo: Number(effectiveAt) });
  },
  KindsSet: ({ kinds }, { partner, mask, previousMask, effectiveAt }) => {
    kinds.set(partner, {
      mask: Number(mask),
      previousMask: Number(previousMask),
      effectiveAt: Number(effectiveAt),
    });
  },
  Funded: (replay, { amount }) => {
    replay.funded += amount;
    replay.available += amount;
  },
  Withdrawn: (replay, { amount }) => {
    replay.available -= amount;
    replay.withdrawn += amount;
  },
  Reversed: reversed,
  Released: released,
  Pulled: pulled,
};

function attested(replay: Replay, args: Args): AttestedBatch {
  const { body, attestation: digest } = args;
  const lines = [...body.lines].map(unpackLine);
  const [first, conversions] = [BigInt(body.firstConversion), Number(body.conversions)];
  replay.findings.expect(
    "numbers",
    first === replay.next,
    () => `Batch ${digest} begins with number ${first}; the next was ${replay.next}.`,
  );
  replay.next = first + BigInt(conversions);
  const period = { from: Number(body.periodFrom), to: Number(body.periodTo) };
  for (const line of lines) checkLine(replay, digest, line, period);
  sameWorth(replay, "offers", `Batch ${digest}`, replay.worth(lines), args);

  const { holdSeconds } = replay.terms;
  replay.available -= args.commission + args.fee;
  // Without a hold there is nothing to wait for.
  if (holdSeconds > 0) replay.reserved += args.commission + args.fee;
  else replay.fees += args.fee;
  const state = holdSeconds > 0 ? "held" : "credited";
  replay.batches.set(
    digest,
    lines.map((line) => ({ line, state })),
  );
  const time = Number(args.releaseAt) - holdSeconds;
  return { batch: digest, root: body.conversionsRoot, first, conversions, lines, time };
}

/** Compares a line with its offer, as that was when the line was attested. */
function checkLine(
  { findings, offers, kinds, terms }: Replay,
  digest: string,
  line: Line,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const offer = offers.get(line.offerId);
  const where = `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}`;
  findings.count("offers");
  if (offer === undefined) {
    findings.differ("offers", `${where}: the campaign never published such an offer.`);
    return;
  }
  const max = BigInt(line.count) * offer.capUnits;
  if (line.volumeUnits > max)
    findings.differ("offers", `${where}: volume ${line.volumeUnits} is above the offer's cap, ${max}.`);
  const validity = `[${offer.validFrom}, ${offer.validTo})`;
  findings.expect(
    "periods",
    from >= offer.validFrom && to <= offer.validTo,
    () => `${where}: the period [${from}, ${to}) is not within the offer's validity, ${validity}.`,
  );
  const mask = payableKinds(kinds.get(line.partner), terms.openKinds, to);
  const kind = kindName(offer.kind);
  findings.expect(
    "kinds",
    hasKind(mask, offer.kind),
    () => `${where}: the offer is for the kind "${kind}", which the partner did not have (mask ${mask}).`,
  );
}

function reversed(replay: Replay, args: Args): void {
  const { findings, batches } = replay;
  const batch = batches.get(args.attestation);
  const lost = { commission: 0n, fee: 0n };
  for (const line of [...args.lines].map(unpackLine)) {
    const standing = batch?.find((one) => lineKey(one.line) === lineKey(line));
    const where = `A reversal of ${args.attestation}, the line of offer ${line.offerId} for ${line.partner}`;
    findings.count("reversals");
    if (standing === undefined) {
      findings.differ("reversals", `${where}: the batch has no such line.`);
      continue;
    }
    const before = standing.line;
    if (line.count > before.count || line.volumeUnits > before.volumeUnits) {
      const change = `from ${before.count} and ${before.volumeUnits} to ${line.count} and ${line.volumeUnits}`;
      findings.differ("reversals", `${where} raises it: ${change}.`);
    }
    if (standing.state !== "held") findings.differ("reversals", `${where}: it was released before.`);
    const [had, has] = [replay.worth([before]), replay.worth([line])];
    lost.commission += had.commission - has.commission;
    lost.fee += had.fee - has.fee;
    standing.line = line;
  }
  sameWorth(replay, "reversals", `A reversal of ${args.attestation}`, lost, args);
  replay.available += args.commission + args.fee;
  replay.reserved -= args.commission + args.fee;
}

function released(replay: Replay, args: Args): void {
  const batch = replay.batches.get(args.attestation) ?? [];
  const indices = releasedIndices(args.lines, batch.length);
  const lines = indices.map((index) => (batch[index] as StandingLine).line);
  sameWorth(replay, "releases", `A release of ${args.attestation}`, replay.worth(lines), args);
  for (const index of indices) settle(replay, args.attestation, index, "credited");
  replay.reserved -= args.commission + args.fee;
  replay.fees += args.fee;
}

function pulled(replay: Replay, args: Args): void {
  const index = Number(args.index);
  const line = replay.batches.get(args.attestation)?.[index]?.line;
  const what = `A pull of line ${index} of ${args.attestation}`;
  sameWorth(replay, "releases", what, replay.worth(line === undefined ? [] : [line]), args);
  if (line !== undefined && line.partner !== args.partner)
    replay.findings.differ("releases", `${what} paid ${args.partner}; the line is ${line.partner}'s.`);
  settle(replay, args.attestation, index, "paid");
  replay.reserved -= args.commission + args.fee;
  replay.fees += args.fee;
}

function settle({ findings, batches }: Replay, digest: string, index: number, state: "credited" | "paid"): void {
  const standing = batches.get(digest)?.[index];
  if (standing === undefined) return;
  if (standing.state !== "held") findings.differ("releases", `Line ${index} of ${digest} was released twice.`);
  standing.state = state;
}

function sameWorth({ findings }: Replay, name: CheckName, what: string, counted: Worth, said: Worth): void {
  const difference = () =>
    `${what} says commission ${said.commission} and fee ${said.fee}; it is ${counted.commission} and ${counted.fee}.`;
  findings.expect(name, counted.commission === said.commission && counted.fee === said.fee, difference);
}
