/**
 * Replays a campaign's events, in the order of the chain: where its money is, what each line of each batch is, and whether every
 * event follows from the ones before it. The audit and the recount of the local world both stand on it.
 */
import { getBytes } from "ethers";
import { Batch } from "./batch.ts";
import type { CheckName, Findings } from "./findings.ts";
import { type BatchLine, lineIn, WORD } from "./packed.ts";
import {
  FAULTS,
  faultOf,
  type KindsCheckpoint,
  kindFaultOf,
  type Offer,
  type Terms,
  type Worth,
  worthOf,
} from "./rules.ts";

/** One event of the campaign, as ethers decodes it. */
export interface HistoryEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments; the contract's ABI says what they are
  readonly args: any;
  /** Of its block, in Unix seconds. */
  readonly time: number;
}
type Args = HistoryEvent["args"];

/** A batch as its attestation has it, for whoever looks up its lines and compares it with the public data. */
export interface AttestedBatch {
  readonly batch: Batch;
  /** Whether the lines came with it. */
  readonly linesGiven: boolean;
  /** Those that came with it and are right, as they were signed: without a hold they are settled already. */
  readonly lines: Uint8Array | undefined;
  /** When it was attested, in Unix seconds. */
  readonly time: number;
}

/** What a partner earned: released and not yet known to be claimed, and paid. */
export interface Earned {
  released: bigint;
  paid: bigint;
}

/** A campaign while its events are replayed. Amounts are base units; addresses are lower case. */
export class Replay {
  readonly findings: Findings;
  readonly offers = new Map<number, Offer>();
  readonly kinds = new Map<string, KindsCheckpoint[]>();
  readonly batches = new Map<string, Batch>();
  readonly earned = new Map<string, Earned>();
  next = 1n;
  funded = 0n;
  available = 0n;
  reserved = 0n;
  /** The operator's, of lines that were released or pulled. */
  fees = 0n;
  withdrawn = 0n;
  /** Commissions of lines that were released or pulled. */
  released = 0n;
  /** Every description that was announced, and from when on it is in force. */
  readonly descriptions: { readonly hash: string; readonly effectiveAt: number }[] = [];
  /** Whom lines of the campaign pay. Lower case. */
  readonly partners = new Set<string>();
  /** How many events there were. */
  events = 0;
  /** Of owners of credit: their last claim in the campaign's token, as the event that it was. Lower case. */
  readonly claims = new Map<string, number>();
  /** Of owners of credit: since their orders were revoked last, they begin with this nonce. Lower case. */
  readonly revoked = new Map<string, bigint>();
  /** Lines that the events just before refused: the release that refused them names them as well. */
  refusedNow = new Set<string>();
  /** Is told of each line that pays, as it stands. */
  readonly paid: (batch: Batch, line: BatchLine, replay: Replay) => void;
  #terms: Terms | undefined;

  constructor(findings: Findings, paid: Replay["paid"] = () => {}) {
    this.findings = findings;
    this.paid = paid;
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

  /** Applies one event. @returns the batch, if it attests one: what is still missing of it is given before the next event */
  apply({ name, args, time }: HistoryEvent): AttestedBatch | undefined {
    this.events++;
    if (name === "Attested") return attested(this, args, time);
    EVENTS[name]?.(this, args, time);
    if (name !== "LineRefused") this.refusedNow.clear();
    return undefined;
  }

  /** Takes lines that somebody gave for a batch. @returns whether they have the root and the sum that were signed */
  takeLines(batch: Batch, lines: Uint8Array): boolean {
    if (!batch.take(lines, (line) => total(this.worth(batch, line)))) return false;
    for (let i = 0; i < batch.body.lineCount; i++) {
      const line = lineIn(lines, i);
      const checkpoints = this.kinds.get(line.partner) ?? [];
      this.partners.add(line.partner);
      batch.setKindFault(i, kindFaultOf(line, this.offers.get(line.offerId), checkpoints, this.terms, batch.body));
    }
    return true;
  }

  worth(batch: Batch, line: BatchLine): Worth {
    return worthOf(line, this.offers.get(line.offerId), this.terms, batch.body);
  }

  fault(batch: Batch, index: number, line: BatchLine): number {
    return faultOf(line, this.offers.get(line.offerId), batch.body, batch.kindFault(index));
  }

  /** The lines that wait for the end of their hold, or for somebody to settle them, and what they are worth. */
  *held(): Generator<{ partner: string; commission: bigint }> {
    for (const batch of this.batches.values())
      for (const index of batch.in("held")) {
        const line = batch.line(index);
        if (line !== undefined && this.fault(batch, index, line) === 0)
          yield { partner: line.partner, commission: this.worth(batch, line).commission };
      }
  }
}

/** What each event but `Attested` does. */
const EVENTS: Readonly<Record<string, (replay: Replay, args: Args, time: number) => void>> = {
  CampaignCreated: (replay, { token, terms }) => {
    replay.terms = {
      token,
      operator: terms.operator,
      holdSeconds: Number(terms.holdSeconds),
      linesOnChain: terms.linesOnChain,
      openKinds: BigInt(terms.openKinds),
      feeBps: Number(terms.feeBps),
      unitExponent: Number(terms.unitExponent),
    };
  },
  OfferAppended: ({ offers }, { offerId, offer }) => {
    offers.set(Number(offerId), {
      event: nameIn(offer.eventName),
      flatAmount: offer.flatAmount,
      rateBps: Number(offer.rateBps),
      capUnits: offer.capUnits,
      kind: Number(offer.kind),
      validFrom: Number(offer.validFrom),
      validTo: Number(offer.validTo),
      partner: offer.partner.toLowerCase(),
    });
  },
  OfferRetirementAnnounced: ({ offers }, { offerId, effectiveAt }) => {
    const offer = offers.get(Number(offerId));
    if (offer !== undefined) offers.set(Number(offerId), { ...offer, validTo: Number(effectiveAt) });
  },
  KindsSet: ({ kinds }, { partner, mask, before, effectiveAt }, since) => {
    const owner = partner.toLowerCase();
    const set = { since, before: BigInt(before), until: Number(effectiveAt), mask: BigInt(mask) };
    kinds.set(owner, [...(kinds.get(owner) ?? []), set]);
  },
  DescriptionAnnounced: ({ descriptions }, { contentHash, effectiveAt }) => {
    descriptions.push({ hash: contentHash, effectiveAt: Number(effectiveAt) });
  },
  Claimed: ({ claims, events, earned }, { owner: given }) => {
    const owner = given.toLowerCase();
    claims.set(owner, events);
    // A claim pays all that an owner has.
    const sums = earned.get(owner);
    if (sums !== undefined) earned.set(owner, { released: 0n, paid: sums.paid + sums.released });
  },
  OrdersRevoked: ({ revoked }, { owner, nonce }) => {
    revoked.set(owner.toLowerCase(), nonce);
  },
  Funded: (replay, { amount }) => {
    replay.funded += amount;
    replay.available += amount;
  },
  Withdrawn: (replay, { amount }) => {
    replay.available -= amount;
    replay.withdrawn += amount;
  },
  LineLowered: lowered,
  Reversed: reversed,
  LineRefused: refused,
  Released: released,
  Pulled: pulled,
};

/** The contract takes printable ASCII and pads it with zeros; whatever else stands there is another name. */
const nameIn = (bytes: string) => Buffer.from(getBytes(bytes)).toString("latin1").replace(/\0+$/, "");

function attested(replay: Replay, { body: signed, attestation: digest, lines }: Args, time: number): AttestedBatch {
  const body = {
    firstConversion: BigInt(signed.firstConversion),
    conversions: Number(signed.conversions),
    periodFrom: Number(signed.periodFrom),
    periodTo: Number(signed.periodTo),
    deadline: Number(signed.deadline),
    conversionsRoot: signed.conversionsRoot,
    linesRoot: signed.linesRoot,
    lineCount: Number(signed.lineCount),
    total: BigInt(signed.total),
  };
  const batch = new Batch(digest, body, time + replay.terms.holdSeconds);
  const { firstConversion: first, conversions, total: sum, lineCount } = batch.body;
  replay.findings.expect(
    "numbers",
    first === replay.next,
    () => `Batch ${digest} begins with number ${first}; the next was ${replay.next}.`,
  );
  replay.next = first + BigInt(conversions);
  replay.batches.set(digest, batch);
  const { holdSeconds, linesOnChain } = replay.terms;
  const linesGiven = linesOnChain || holdSeconds === 0;
  let given: Uint8Array | undefined;
  if (linesGiven) {
    const packed = new Uint8Array(WORD * lines.length);
    for (const [i, line] of lines.entries()) packed.set(getBytes(line), WORD * i);
    const right = replay.takeLines(batch, packed);
    if (right) given = packed;
    const difference = `Batch ${digest}: its ${lines.length} lines on the chain do not have the root and the sum of the ${lineCount} that were signed.`;
    replay.findings.expect("roots", right, () => difference);
  }
  if (holdSeconds > 0) {
    replay.available -= sum;
    replay.reserved += sum;
  } else creditAll(replay, batch);
  return { batch, linesGiven, lines: given, time };
}

/** Without a hold there is nothing to wait for: what holds is credited, and what does not is not taken at all. */
function creditAll(replay: Replay, batch: Batch): void {
  for (let index = 0; index < batch.body.lineCount; index++) {
    const line = batch.line(index);
    if (line === undefined) continue;
    if (replay.fault(batch, index, line) !== 0) {
      batch.settle(index, "due", replay.events);
      continue;
    }
    const worth = replay.worth(batch, line);
    count(replay.findings);
    batch.settle(index, "credited", replay.events);
    replay.paid(batch, line, replay);
    earn(replay, line.partner, "released", worth.commission);
    replay.available -= total(worth);
    replay.released += worth.commission;
    replay.fees += worth.fee;
  }
}

function lowered(replay: Replay, { attestation: digest, index: place, line: packed }: Args): void {
  const { findings, batches } = replay;
  const index = Number(place);
  const batch = batches.get(digest);
  const before = batch?.line(index);
  findings.count("reversals");
  if (batch === undefined || before === undefined) {
    findings.differ("reversals", `A reversal of ${digest} lowers line ${index}, of which nothing is known.`);
    return;
  }
  const bytes = getBytes(packed);
  const after = lineIn(bytes, 0);
  const where = `A reversal of ${digest}, line ${index}, of offer ${before.offerId} for ${before.partner},`;
  if (after.offerId !== before.offerId || after.partner !== before.partner)
    findings.differ("reversals", `${where} makes it one of offer ${after.offerId} for ${after.partner}.`);
  if (after.count > before.count || after.volumeUnits > before.volumeUnits)
    findings.differ(
      "reversals",
      `${where} raises it: from ${before.count} and ${before.volumeUnits} to ${after.count} and ${after.volumeUnits}.`,
    );
  if (replay.terms.holdSeconds === 0) findings.differ("reversals", `${where} comes to a batch without a hold.`);
  else if (batch.state(index) !== "held") findings.differ("reversals", `${where} comes after it was settled.`);
  batch.lowered += total(replay.worth(batch, before)) - total(replay.worth(batch, after));
  batch.lower(index, bytes, (line) => total(replay.worth(batch, line)));
}

function reversed(replay: Replay, { attestation: digest, returned, linesRoot, total: sum }: Args): void {
  const { findings } = replay;
  const batch = replay.batches.get(digest);
  findings.count("reversals");
  batch?.heads.push({ root: linesRoot, total: sum });
  if (batch?.tree !== undefined) {
    const { root, total: has } = batch.tree;
    if (batch.lowered !== returned)
      findings.differ("reversals", `A reversal of ${digest} returns ${returned}; its lines lost ${batch.lowered}.`);
    findings.expect(
      "roots",
      root === linesRoot && has === sum,
      () =>
        `A reversal of ${digest} says that its lines have root ${linesRoot} and are worth ${sum}; it is ${root} and ${has}.`,
    );
    batch.lowered = 0n;
  } else findings.differ("reversals", `A reversal of ${digest} cannot be recounted: its lines are not known.`);
  replay.available += returned;
  replay.reserved -= returned;
}

function refused(replay: Replay, args: Args): void {
  const { findings } = replay;
  const [digest, index, fault, returned] = [args.attestation, Number(args.index), Number(args.fault), args.returned];
  const batch = replay.batches.get(digest);
  const line = batch?.line(index);
  const where = `Line ${index} of ${digest}`;
  findings.count("refusals");
  if (replay.terms.holdSeconds > 0) {
    replay.available += returned;
    replay.reserved -= returned;
  }
  if (batch === undefined || line === undefined) {
    findings.differ("refusals", `${where} was refused, of which nothing is known.`);
    // What is said of it further on is said of it once.
    if (batch?.state(index) === "held") batch.settle(index, "refused", replay.events);
    replay.refusedNow.add(`${digest}:${index}`);
    return;
  }
  const found = replay.fault(batch, index, line);
  if (found !== fault)
    findings.differ("refusals", `${where} was refused: ${FAULTS[fault] ?? fault}. By the events: ${FAULTS[found]}.`);
  const worth = total(replay.worth(batch, line));
  if (worth !== returned) findings.differ("refusals", `${where} was worth ${worth}, and ${returned} was given back.`);
  if (!batch.settle(index, "refused", replay.events)) findings.differ("releases", `${where} was settled twice.`);
  batch.faults.set(index, fault);
  replay.refusedNow.add(`${digest}:${index}`);
}

function released(replay: Replay, args: Args): void {
  const { attestation: digest, word, lines: mask } = args;
  const batch = replay.batches.get(digest);
  const [sum, first] = [{ commission: 0n, fee: 0n }, 256 * Number(word)];
  for (let i = 0; i < 256; i++) {
    if (((mask >> BigInt(i)) & 1n) === 0n) continue;
    const index = first + i;
    const line = batch?.line(index);
    const where = `Line ${index} of ${digest}`;
    // It was refused by this very release, and its worth is on its way back.
    if (replay.refusedNow.has(`${digest}:${index}`)) continue;
    if (batch === undefined || line === undefined) {
      const why = batch !== undefined && batch.state(index) !== "held" ? "was settled twice" : "is not known";
      replay.findings.differ("releases", `${where} was released, and ${why}.`);
      batch?.settle(index, "credited", replay.events);
      continue;
    }
    const worth = replay.worth(batch, line);
    sum.commission += worth.commission;
    sum.fee += worth.fee;
    settle(replay, batch, index, line, "credited");
    earn(replay, line.partner, "released", worth.commission);
  }
  sameWorth(replay, `A release of lines ${first} to ${first + 255} of ${digest}`, sum, args);
  replay.reserved -= args.commission + args.fee;
  replay.released += args.commission;
  replay.fees += args.fee;
}

function pulled(replay: Replay, { attestation: digest, partner, index: place, commission }: Args): void {
  const index = Number(place);
  const batch = replay.batches.get(digest);
  const line = batch?.line(index);
  const what = `A pull of line ${index} of ${digest}`;
  const fee = (commission * BigInt(replay.terms.feeBps)) / 10_000n;
  if (batch === undefined || line === undefined) {
    const why = batch !== undefined && batch.state(index) !== "held" ? "was settled before" : "is not known";
    replay.findings.differ("releases", `${what} paid ${commission}; the line ${why}.`);
    batch?.settle(index, "paid", replay.events);
  } else {
    sameWorth(replay, what, replay.worth(batch, line), { commission, fee });
    if (line.partner !== partner.toLowerCase())
      replay.findings.differ("releases", `${what} paid ${partner}; the line is ${line.partner}'s.`);
    settle(replay, batch, index, line, "paid");
  }
  earn(replay, partner.toLowerCase(), "paid", commission);
  replay.reserved -= commission + fee;
  replay.released += commission;
  replay.fees += fee;
}

/** A line that is paid has to hold, and is paid once. */
function settle(replay: Replay, batch: Batch, index: number, line: BatchLine, state: "credited" | "paid"): void {
  const { findings } = replay;
  const where = `Line ${index} of ${batch.digest}, of offer ${line.offerId} for ${line.partner},`;
  const fault = replay.fault(batch, index, line);
  count(findings);
  if (fault !== 0) findings.differ(CHECK_OF_FAULT[fault] ?? "offers", `${where} was paid, but ${FAULTS[fault]}.`);
  if (!batch.settle(index, state, replay.events)) findings.differ("releases", `${where} was settled twice.`);
  else replay.paid(batch, line, replay);
}

const CHECK_OF_FAULT: Readonly<Record<number, CheckName>> = { 2: "periods", 6: "kinds", 7: "kinds" };

function count(findings: Findings): void {
  for (const name of ["offers", "kinds", "periods"] as const) findings.count(name);
}

function earn({ earned }: Replay, partner: string, what: keyof Earned, amount: bigint): void {
  const sums = earned.get(partner) ?? { released: 0n, paid: 0n };
  sums[what] += amount;
  earned.set(partner, sums);
}

function sameWorth({ findings }: Replay, what: string, counted: Worth, said: Worth): void {
  const difference = () =>
    `${what} says commission ${said.commission} and fee ${said.fee}; it is ${counted.commission} and ${counted.fee}.`;
  findings.expect("releases", counted.commission === said.commission && counted.fee === said.fee, difference);
}

const total = ({ commission, fee }: Worth): bigint => commission + fee;
