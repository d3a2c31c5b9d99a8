import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { kindName } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import { type Receipt, receiptTypedData } from "@partner-programs/protocol/typedData";
import { keccak256, verifyTypedData } from "ethers";

/** One event of the campaign, as ethers decodes it. */
export interface HistoryEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments; the contract's ABI says what they are
  readonly args: any;
}

/** The public data of a batch: what GET /v1/batches/{digest} serves, or a file saved of it. */
export interface PublicBatch {
  readonly lines?: readonly { readonly attested: string; readonly current: string }[] | undefined;
  readonly leaves: readonly {
    readonly number: string;
    readonly key: string;
    readonly salt: string;
    readonly entries: readonly string[];
  }[];
}

/** A receipt that somebody holds. */
export interface HeldReceipt extends Receipt {
  readonly signature: string;
  /** Taken back before it was attested, as its holder says. */
  readonly takenBack: boolean;
}

/** What the contract says of the campaign at the last block. */
export interface ContractState {
  readonly available: bigint;
  readonly reserved: bigint;
  readonly nextConversion: bigint;
}

/** What was checked, how often, and what is not as it should be. */
export interface Finding {
  readonly name: CheckName;
  readonly title: string;
  readonly checked: number;
  readonly failed: number;
  /** The first of them, in words. */
  readonly differences: readonly string[];
}

export const CHECKS = {
  numbers: "Conversion numbers run from 1 without a gap",
  leaves: "Every conversion is in its batch's root",
  lines: "Every line is the sum of its conversions",
  keys: "No conversion key stands under two numbers",
  offers: "Every commission follows the published offers",
  kinds: "Every partner paid had a payable kind",
  periods: "Every period is within its offers' validity",
  reversals: "Every reversal only lowers, by what it says",
  releases: "Every release pays what the lines say",
  balances: "The contract's balances are what the events add up to",
  descriptions: "Every announced description is served as announced",
  receipts: "Every receipt was kept, or is still in time",
} as const;
export type CheckName = keyof typeof CHECKS;

/** More differences of one check than these are counted, not kept. */
const KEPT = 1_000;

interface Offer {
  readonly flatAmount: bigint;
  readonly rateBps: number;
  readonly capUnits: bigint;
  readonly kind: number;
  readonly validFrom: number;
  readonly validTo: number;
}

interface Batch {
  readonly releaseAt: number;
  /** As they stand after reversals. */
  readonly lines: Line[];
  readonly settled: boolean[];
}

interface Campaign {
  readonly holdSeconds: number;
  readonly openKinds: number;
  readonly feeBps: number;
  readonly unitExponent: number;
}

/** What is still to be looked at when an event was applied. */
export type Wanted =
  | {
      readonly batch: string;
      readonly root: string;
      readonly first: bigint;
      readonly conversions: number;
      readonly lines: readonly Line[];
      readonly time: number;
    }
  | { readonly description: string };

/** Replays a campaign's history and compares everything in it that can be recomputed. Pure: what it needs is given to it. */
export function createAudit(receipts: readonly HeldReceipt[] = []) {
  const findings = new Map(
    (Object.keys(CHECKS) as CheckName[]).map((name) => [name, { checked: 0, failed: 0, differences: [] as string[] }]),
  );
  const differ = (name: CheckName, difference: string) => {
    const finding = findings.get(name) as { failed: number; differences: string[] };
    finding.failed++;
    if (finding.differences.length < KEPT) finding.differences.push(difference);
  };
  const count = (name: CheckName, times = 1) => {
    (findings.get(name) as { checked: number }).checked += times;
  };
  /** Counts one check, and a difference if there is one. */
  const expect = (name: CheckName, right: boolean, difference: () => string) => {
    count(name);
    if (!right) differ(name, difference());
  };

  let campaign: Campaign | undefined;
  const offers = new Map<number, Offer>();
  const kinds = new Map<string, { mask: number; previousMask: number; effectiveAt: number }>();
  const batches = new Map<string, Batch>();
  const numberOf = new Map<string, bigint>();
  const held = Map.groupBy(receipts, ({ conversionKey }) => conversionKey);
  const settledReceipts = new Set<HeldReceipt>();
  let next = 1n;
  let [available, reserved] = [0n, 0n];

  const terms = () => {
    if (campaign === undefined)
      throw new Error("The campaign's history does not begin with its creation. Is --campaign right?");
    return campaign;
  };
  const worth = (lines: readonly Line[]) => {
    const sum = { commission: 0n, fee: 0n };
    for (const line of lines) {
      const offer = offers.get(line.offerId);
      if (offer === undefined) continue;
      const { commission, fee } = commissionOfLineDown(line, offer, terms());
      sum.commission += commission;
      sum.fee += fee;
    }
    return sum;
  };
  const sameWorth = (
    name: CheckName,
    what: string,
    counted: { commission: bigint; fee: bigint },
    said: { commission: bigint; fee: bigint },
  ) =>
    expect(
      name,
      counted.commission === said.commission && counted.fee === said.fee,
      () =>
        `${what} says commission ${said.commission} and fee ${said.fee}; it is ${counted.commission} and ${counted.fee}.`,
    );

  /** Applies one event, in the order of the chain; returns what is to be fetched and handed to `batch` or `description`. */
  function apply({ name, args }: HistoryEvent): Wanted | undefined {
    switch (name) {
      case "CampaignCreated":
        campaign = {
          holdSeconds: Number(args.terms.holdSeconds),
          openKinds: Number(args.terms.openKinds),
          feeBps: Number(args.terms.feeBps),
          unitExponent: Number(args.terms.unitExponent),
        };
        return undefined;
      case "DescriptionAnnounced":
        return { description: args.contentHash };
      case "OfferAppended":
        offers.set(Number(args.offerId), {
          flatAmount: args.offer.flatAmount,
          rateBps: Number(args.offer.rateBps),
          capUnits: args.offer.capUnits,
          kind: Number(args.offer.kind),
          validFrom: Number(args.offer.validFrom),
          validTo: Number(args.offer.validTo),
        });
        return undefined;
      case "OfferRetirementAnnounced": {
        const offer = offers.get(Number(args.offerId));
        if (offer !== undefined) offers.set(Number(args.offerId), { ...offer, validTo: Number(args.effectiveAt) });
        return undefined;
      }
      case "KindsSet":
        kinds.set(args.partner, {
          mask: Number(args.mask),
          previousMask: Number(args.previousMask),
          effectiveAt: Number(args.effectiveAt),
        });
        return undefined;
      case "Funded":
        available += args.amount;
        return undefined;
      case "Withdrawn":
        available -= args.amount;
        return undefined;
      case "Attested":
        return applyAttested(args);
      case "Reversed":
        applyReversed(args);
        return undefined;
      case "Released":
        applyReleased(args);
        return undefined;
      case "Pulled":
        applyPulled(args);
        return undefined;
      default:
        return undefined;
    }
  }

  function applyAttested(args: HistoryEvent["args"]): Wanted {
    const { body, attestation: digest } = args;
    const lines = [...body.lines].map(unpackLine);
    const [first, conversions] = [BigInt(body.firstConversion), Number(body.conversions)];
    const [from, to] = [Number(body.periodFrom), Number(body.periodTo)];
    expect("numbers", first === next, () => `Batch ${digest} begins with number ${first}; the next was ${next}.`);
    next = first + BigInt(conversions);

    for (const line of lines) {
      const offer = offers.get(line.offerId);
      const where = `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}`;
      count("offers");
      if (offer === undefined) {
        differ("offers", `${where}: the campaign never published such an offer.`);
        continue;
      }
      const most = BigInt(line.count) * offer.capUnits;
      if (line.volumeUnits > most)
        differ("offers", `${where}: volume ${line.volumeUnits} is above the offer's cap, ${most}.`);
      expect(
        "periods",
        from >= offer.validFrom && to <= offer.validTo,
        () =>
          `${where}: the period [${from}, ${to}) is not within the offer's validity, [${offer.validFrom}, ${offer.validTo}).`,
      );
      const mask = payableKinds(line.partner, to);
      expect(
        "kinds",
        (mask & (1 << offer.kind)) !== 0,
        () =>
          `${where}: the offer is for the kind "${kindName(offer.kind)}", which the partner did not have (mask ${mask}).`,
      );
    }
    sameWorth("offers", `Batch ${digest}`, worth(lines), args);

    const total: bigint = args.commission + args.fee;
    available -= total;
    const { holdSeconds } = terms();
    if (holdSeconds > 0) reserved += total;
    const releaseAt = Number(args.releaseAt);
    batches.set(digest, { releaseAt, lines: [...lines], settled: lines.map(() => holdSeconds === 0) });
    return { batch: digest, root: body.conversionsRoot, first, conversions, lines, time: releaseAt - holdSeconds };
  }

  function payableKinds(partner: string, periodTo: number): number {
    const listed = kinds.get(partner);
    if (listed === undefined) return terms().openKinds;
    return listed.mask | (periodTo <= listed.effectiveAt ? listed.previousMask : 0);
  }

  function applyReversed(args: HistoryEvent["args"]): void {
    const batch = batches.get(args.attestation);
    const lost = { commission: 0n, fee: 0n };
    for (const line of [...args.lines].map(unpackLine)) {
      const index = batch?.lines.findIndex((one) => lineKey(one) === lineKey(line)) ?? -1;
      const before = batch?.lines[index];
      const where = `A reversal of ${args.attestation}, the line of offer ${line.offerId} for ${line.partner}`;
      count("reversals");
      if (batch === undefined || before === undefined) {
        differ("reversals", `${where}: the batch has no such line.`);
        continue;
      }
      if (line.count > before.count || line.volumeUnits > before.volumeUnits)
        differ(
          "reversals",
          `${where} raises it: from ${before.count} and ${before.volumeUnits} to ${line.count} and ${line.volumeUnits}.`,
        );
      if (batch.settled[index]) differ("reversals", `${where}: it was released before.`);
      const [had, has] = [worth([before]), worth([line])];
      lost.commission += had.commission - has.commission;
      lost.fee += had.fee - has.fee;
      batch.lines[index] = line;
    }
    sameWorth("reversals", `A reversal of ${args.attestation}`, lost, args);
    available += args.commission + args.fee;
    reserved -= args.commission + args.fee;
  }

  function applyReleased(args: HistoryEvent["args"]): void {
    const batch = batches.get(args.attestation);
    const marked = (batch?.lines ?? []).filter(
      (_, i) => (((args.lines[i >> 8] as bigint) >> BigInt(i & 255)) & 1n) === 1n,
    );
    sameWorth("releases", `A release of ${args.attestation}`, worth(marked), args);
    for (const line of marked) settle(args.attestation, batch as Batch, (batch as Batch).lines.indexOf(line));
    reserved -= args.commission + args.fee;
  }

  function applyPulled(args: HistoryEvent["args"]): void {
    const batch = batches.get(args.attestation);
    const index = Number(args.index);
    const line = batch?.lines[index];
    const what = `A pull of line ${index} of ${args.attestation}`;
    sameWorth("releases", what, worth(line === undefined ? [] : [line]), args);
    if (line !== undefined && line.partner !== args.partner)
      differ("releases", `${what} paid ${args.partner}; the line is ${line.partner}'s.`);
    if (batch !== undefined && line !== undefined) settle(args.attestation, batch, index);
    reserved -= args.commission + args.fee;
  }

  function settle(digest: string, batch: Batch, index: number): void {
    if (batch.settled[index]) differ("releases", `Line ${index} of ${digest} was released twice.`);
    batch.settled[index] = true;
  }

  /** Compares the public data of a batch with its attestation. `data` undefined: nobody serves it; a text: why it cannot be read. */
  function batch(wanted: Extract<Wanted, { batch: string }>, data: PublicBatch | string | undefined): void {
    const { batch: digest, root, first, conversions, lines } = wanted;
    count("leaves", conversions);
    count("lines", lines.length);
    if (data === undefined || typeof data === "string") {
      const why = data === undefined ? "is not served" : `cannot be read: ${data}`;
      differ(
        "leaves",
        `The public data of batch ${digest}, conversions ${first} to ${first + BigInt(conversions) - 1n}, ${why}.`,
      );
      return;
    }
    const leaves = data.leaves.map((leaf) => ({
      ...leaf,
      number: BigInt(leaf.number),
      entries: leaf.entries.map(unpackLine),
    }));
    if (leaves.length !== conversions)
      differ(
        "leaves",
        `Batch ${digest} has ${conversions} conversions on the chain, ${leaves.length} in the public data.`,
      );
    for (const [i, { number }] of leaves.entries()) {
      if (number !== first + BigInt(i)) {
        differ("leaves", `Batch ${digest}: conversion ${i} has number ${number} instead of ${first + BigInt(i)}.`);
        break;
      }
    }
    const proven = leaves.length > 0 && conversionTree(leaves).root === root;
    if (!proven)
      differ(
        "leaves",
        `Batch ${digest}: the conversions of the public data do not have the root ${root} that was signed: one was changed, left out or added, or the root was wrong from the beginning.`,
      );

    compareLines(digest, lines, sumToLines(leaves.flatMap(({ entries }) => entries)));
    if (data.lines !== undefined && data.lines.map(({ attested }) => attested).join() !== lines.map(packLine).join())
      differ("lines", `Batch ${digest}: the lines of the public data are not those on the chain.`);

    for (const { number, key, entries } of leaves) {
      const before = numberOf.get(key);
      expect(
        "keys",
        before === undefined,
        () => `Conversion key ${key} stands under number ${before} and under ${number}.`,
      );
      if (before === undefined) numberOf.set(key, number);
      for (const entry of entries) {
        const cap = offers.get(entry.offerId)?.capUnits;
        if (entry.count !== 1) differ("offers", `Conversion ${number}: an entry counts ${entry.count} times.`);
        if (cap !== undefined && entry.volumeUnits > cap)
          differ(
            "offers",
            `Conversion ${number}: volume ${entry.volumeUnits} is above the cap of offer ${entry.offerId}, ${cap}.`,
          );
      }
    }
    for (const leaf of data.leaves)
      for (const receipt of held.get(leaf.key) ?? []) redeem(receipt, leaf, { digest, proven, time: wanted.time });
  }

  function compareLines(digest: string, onChain: readonly Line[], summed: readonly Line[]): void {
    const sums = new Map(summed.map((line) => [lineKey(line), line]));
    for (const line of onChain) {
      const sum = sums.get(lineKey(line));
      sums.delete(lineKey(line));
      if (sum?.count !== line.count || sum.volumeUnits !== line.volumeUnits)
        differ(
          "lines",
          `Batch ${digest}, the line of offer ${line.offerId} for ${line.partner}: ${line.count} conversions and volume ${line.volumeUnits} on the chain, ${sum?.count ?? 0} and ${sum?.volumeUnits ?? 0n} by the conversions.`,
        );
    }
    for (const { offerId, partner } of sums.values())
      differ("lines", `Batch ${digest}: conversions of offer ${offerId} for ${partner} are in no line.`);
  }

  /** Compares a receipt with the conversion that was attested under its key. */
  function redeem(
    receipt: HeldReceipt,
    leaf: PublicBatch["leaves"][number],
    { digest, proven, time }: { digest: string; proven: boolean; time: number },
  ): void {
    settledReceipts.add(receipt);
    const of = `The receipt of ${receipt.conversionKey}`;
    const promised = receipt.entries.map(packLine).join();
    if (!proven) differ("receipts", `${of}: its batch ${digest} does not prove its conversions.`);
    else if (leaf.salt !== receipt.salt || leaf.entries.join() !== promised)
      differ("receipts", `${of} promised other entries than number ${leaf.number} was attested with.`);
    else if (time > receipt.attestBy)
      differ(
        "receipts",
        `${of} promised attestation until ${receipt.attestBy}; number ${leaf.number} was attested at ${time}.`,
      );
  }

  /** Compares the bytes that are served as a description with the hash that was announced. */
  function description(hash: string, bytes: Uint8Array | undefined): void {
    expect("descriptions", bytes !== undefined, () => `The description ${hash} is not served.`);
    if (bytes !== undefined && keccak256(bytes) !== hash)
      differ("descriptions", `What is served as description ${hash} has the hash ${keccak256(bytes)}.`);
  }

  /** Ends the replay at a block of time `now`, and compares with what the contract says there. */
  function finish(
    now: number,
    contract: ContractState,
    signed: { readonly domain: Parameters<typeof verifyTypedData>[0]; readonly signer: string | undefined },
  ): Finding[] {
    terms();
    expect(
      "numbers",
      contract.nextConversion === next,
      () => `The contract's next number is ${contract.nextConversion}, the events lead to ${next}.`,
    );
    expect(
      "balances",
      contract.available === available,
      () => `The contract has ${contract.available} available, the events add up to ${available}.`,
    );
    expect(
      "balances",
      contract.reserved === reserved,
      () => `The contract has ${contract.reserved} reserved, the events add up to ${reserved}.`,
    );
    for (const receipt of receipts) {
      const of = `The receipt of ${receipt.conversionKey}`;
      const by = recover(receipt, signed.domain);
      expect("receipts", by !== undefined && (signed.signer === undefined || by === signed.signer), () =>
        by === undefined
          ? `${of} has no signature that can be read.`
          : `${of} is signed by ${by}, not by the relayer ${signed.signer}.`,
      );
      if (settledReceipts.has(receipt) || receipt.takenBack || now <= receipt.attestBy) continue;
      differ("receipts", `${of} promised attestation until ${receipt.attestBy}; it was never attested.`);
    }
    return [...findings].map(([name, finding]) => ({ name, title: CHECKS[name], ...finding }));
  }

  return { apply, batch, description, finish };
}

function recover(receipt: HeldReceipt, domain: Parameters<typeof verifyTypedData>[0]): string | undefined {
  const { signature, takenBack: _, ...promised } = receipt;
  const { types, message } = receiptTypedData(promised);
  try {
    return verifyTypedData(domain, types, message, signature);
  } catch {
    // Malformed, or of no key: not a receipt.
    return undefined;
  }
}
